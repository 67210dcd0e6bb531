"""Claude's "export data": the zip, a bare `conversations.json`, or one conversation.

One conversation is held at a time. Of a turn only what was said is its text: thinking, tool calls
and tool results are outcomes of their own, attachments and project files are documents.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    MAX_TOTAL_BYTES,
    EntryError,
    entry_problem,
    is_zip,
    open_archive,
    open_entry,
    refuse_encrypted,
)
from memassist.ingest.readers.claude_content import conversation_outcomes, project_outcomes
from memassist.ingest.readers.containers import is_junk, kind_of_zip
from memassist.ingest.readers.json_array import Damage, elements
from memassist.ingest.readers.opening import open_or_refuse, strip_mark
from memassist.ingest.readers.times import zone_of
from memassist.ingest.readers.values import BrokenJsonError, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_CONVERSATIONS = re.compile(r"(?:^|.*/)conversations(?:-\d+)?\.json$", re.IGNORECASE)
_PROJECTS = re.compile(r"(?:^|.*/)(?:projects\.json|projects/[^/]+\.json)$", re.IGNORECASE)
_AGAIN = "export your data again if you miss it"


class ClaudeReader:
    """Reads what claude.ai gives as an export."""

    name = "claude"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the list of messages near the beginning; a zip by the same in its conversations."""
        if is_zip(file.head):
            return 0.95 if kind_of_zip(file) == "claude" else 0.0
        body = strip_mark(file.head).lstrip()
        return 0.95 if body[:1] in (b"[", b"{") and b'"chat_messages"' in body else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield outcomes for each message, each of its blocks that is no text, each attachment.

        Of a zip also one for each file in it that is neither conversations nor projects.
        """
        zone = zone_of(options.timezone)
        if is_zip(file.head):
            yield from _read_zip(file, options, zone)
            return
        is_empty = True
        with open_or_refuse(file.path) as stream:
            try:
                for outcome in _read_json(stream.read, "", conversation_outcomes, options, zone):
                    is_empty = False
                    yield outcome
            except OSError as error:
                is_empty = False
                yield Problem(file.name, f"reading failed: {error.strerror}")
        if is_empty:
            yield Skipped(file.name, "no conversations")


def _read_zip(file: SourceFile, options: ReadOptions, zone: tzinfo | None) -> Iterator[ReadOutcome]:
    with open_archive(file.path) as archive:
        refuse_encrypted(archive)
        if not any(_CONVERSATIONS.match(name) for name in archive.namelist()):
            raise UnreadableFileError(
                "no conversations.json in the zip", "export your data from Claude again"
            )
        left_bytes = MAX_TOTAL_BYTES
        for entry in archive.infolist():
            name = entry.filename
            problem = entry_problem(entry)
            if problem is not None:
                yield problem
                continue
            if is_junk(name):
                continue
            if _CONVERSATIONS.match(name):
                read_one, noun = conversation_outcomes, "conversation"
            elif _PROJECTS.match(name):
                read_one, noun = project_outcomes, "project"
            else:
                yield Skipped(name, "other file of the export")
                continue
            try:
                with open_entry(archive, entry, left_bytes) as counted:
                    yield from _read_json(counted.read, f"{name}: ", read_one, options, zone, noun)
                    # Only at its end is the checksum of the entry looked at.
                    counted.read_to_end()
                    left_bytes -= counted.read_bytes
            except EntryError as error:
                yield Problem(name, str(error), _AGAIN)


def _read_json(
    read: Callable[[int], bytes],
    prefix: str,
    read_one: Callable[[JsonValue, str, ReadOptions, tzinfo | None], Iterator[ReadOutcome]],
    options: ReadOptions,
    zone: tzinfo | None,
    noun: str = "conversation",
) -> Iterator[ReadOutcome]:
    for number, piece in enumerate(elements(read), 1):
        place = f"{prefix}{noun} {number}"
        if isinstance(piece, Damage):
            yield Problem(f"{place} (byte {piece.offset_bytes:,})", piece.reason, _AGAIN)
            continue
        try:
            value = parse_json(piece.content)
        except BrokenJsonError as error:
            yield Problem(f"{place} (byte {piece.offset_bytes:,})", str(error), _AGAIN)
            continue
        yield from read_one(value, place, options, zone)
