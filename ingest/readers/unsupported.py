"""Formats that are known and not read yet: each such file gives one clear refusal.

Without it a Slack export would come in as a pile of JSON, or a WhatsApp chat as one long note.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    entry_head,
    entry_problem,
    is_zip,
    open_archive,
    refuse_encrypted,
)
from memassist.ingest.readers.chatgpt import is_junk, looks_like_chatgpt
from memassist.ingest.readers.opening import HEAD_BYTES, read_bounded, strip_mark
from memassist.ingest.readers.text import suffix_of
from memassist.ingest.readers.values import BrokenJsonError, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Skipped

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_ADVICE = 'turn it into JSON lines, one {"text": "..."} a line, and import those'
_MAX_CHECKED_BYTES = 32 << 20
_SLACK_DAY = re.compile(r"(?:^|/)[^/]+/\d{4}-\d\d-\d\d\.json$")
_WHATSAPP_LINE = re.compile(
    r"^[\u200e\u200f]?\[?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.]\d\d(?:[:.]\d\d)?"
    r"(?:[ \u202f\u00a0]?[AaPp]\.?[ \u00a0]?[Mm]\.?)?(?:\] | - )",
    re.MULTILINE,
)
_WHATSAPP_LINES = 2
_MAX_PROBLEMS = 20


def known_format(head: bytes, name: str) -> str | None:
    """The name of the format that a file's first bytes show; None for any other."""
    body = strip_mark(head).lstrip()
    first = body[:1]
    if first in (b"[", b"{") and not looks_like_chatgpt(head):
        if b'"chat_messages"' in body:
            return "Claude export"
        if b'"sessionId"' in body or (b'"leafUuid"' in body and b'"type"' in body):
            return "Claude Code session"
        if b'"date_unixtime"' in body or b'"personal_information"' in body:
            return "Telegram export"
        if b'"responses"' in body and b'"conversations"' in body:
            return "Grok export"
    if suffix_of(name) in (".txt", ""):
        text = body.decode("utf-8", errors="replace")
        if len(_WHATSAPP_LINE.findall(text)) >= _WHATSAPP_LINES:
            return "WhatsApp chat"
    return None


class UnsupportedReader:
    """Recognises other programs' exports and refuses them."""

    name = "unsupported"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """Sure of a format it knows; unsure of any other zip or JSON file."""
        if is_zip(file.head):
            if suffix_of(file.name) == ".zip":
                return 0.3
            return 0.0
        if known_format(file.head, file.name) is not None:
            return 0.95
        return 0.1 if suffix_of(file.name) == ".json" else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one skip for JSON of no known format, or the entries that make a zip unsafe.

        Raises `UnreadableFileError` with the format's name, or with what is wrong.
        """
        del options
        if is_zip(file.head):
            yield from _unsafe_entries(file)
            return
        found = known_format(file.head, file.name)
        if found is not None:
            raise _refused(found)
        content = read_bounded(file.path, _MAX_CHECKED_BYTES)
        if content is not None:
            try:
                parse_json(strip_mark(content))
            except BrokenJsonError as error:
                raise UnreadableFileError(
                    str(error), "the file may be cut off: export or download it again"
                ) from error
        yield Skipped(file.name, "JSON of no known format")


def _refused(found: str) -> UnreadableFileError:
    return UnreadableFileError(f"{found}: not supported yet", _ADVICE)


def _unsafe_entries(file: SourceFile) -> Iterator[Problem]:
    with open_archive(file.path) as archive:
        refuse_encrypted(archive)
        problems = [
            problem for entry in archive.infolist() if (problem := entry_problem(entry)) is not None
        ]
        if not problems:
            found = _format_of_zip(archive)
            if found is not None:
                raise _refused(found)
            raise UnreadableFileError("a zip of no known export", "unpack it and import the folder")
        yield from problems[:_MAX_PROBLEMS]


def _format_of_zip(archive: zipfile.ZipFile) -> str | None:
    names = [entry.filename for entry in archive.infolist() if not is_junk(entry.filename)]
    files = {name.rpartition("/")[2] for name in names}
    if "channels.json" in files and ("users.json" in files or any(map(_SLACK_DAY.search, names))):
        return "Slack export"
    for entry in archive.infolist():
        base = entry.filename.rpartition("/")[2]
        if base in ("conversations.json", "result.json", "_chat.txt") or (
            base.startswith("WhatsApp Chat") and base.endswith(".txt")
        ):
            found = known_format(entry_head(archive, entry, HEAD_BYTES) or b"", base)
            if found is not None:
                return found
    return None
