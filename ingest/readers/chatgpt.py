"""ChatGPT exports: the zip, a bare `conversations.json`, or its numbered shards.

One conversation is held at a time, whatever the size of the export; a zip is read in place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    MAX_TOTAL_BYTES,
    EntryError,
    entry_head,
    entry_problem,
    is_zip,
    open_archive,
    open_entry,
    refuse_encrypted,
)
from memassist.ingest.readers.chatgpt_tree import conversation_outcomes
from memassist.ingest.readers.containers import is_junk
from memassist.ingest.readers.json_array import Damage, elements
from memassist.ingest.readers.opening import HEAD_BYTES, open_or_refuse, strip_mark
from memassist.ingest.readers.times import zone_of
from memassist.ingest.readers.values import BrokenJsonError, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Skipped

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

CONVERSATIONS_NAME = re.compile(r"(?:^|.*/)conversations(?:-(\d+))?\.json$", re.IGNORECASE)

_OWN_MARKS = (b'"mapping"', b'"current_node"', b'"conversation_template_id"')
_FOREIGN_MARKS = (b'"chat_messages"', b'"responses"')
_SCORE_BY_NAME = 0.6
_AGAIN = "export your data again if you miss it"


def looks_like_chatgpt(head: bytes) -> bool:
    """Whether the first bytes of a JSON file are of ChatGPT's conversations."""
    return strip_mark(head).lstrip()[:1] in (b"[", b"{") and any(
        mark in head for mark in _OWN_MARKS
    )


def conversation_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of conversations in a zip, in the order of their numbers."""
    found = [
        (entry.filename.rpartition("/")[0], int(match[1] or -1), entry.filename, entry)
        for entry in archive.infolist()
        if not is_junk(entry.filename) and (match := CONVERSATIONS_NAME.match(entry.filename))
    ]
    return [entry for *_, entry in sorted(found, key=lambda row: row[:3])]


class ChatGptReader:
    """Reads what ChatGPT's "export data" gives."""

    name = "chatgpt"
    version = 2

    def recognises(self, file: SourceFile) -> float:
        """By the tree's keys near the beginning; a zip by the same in its conversations."""
        if is_zip(file.head):
            try:
                with open_archive(file.path) as archive:
                    heads = (
                        entry_head(archive, entry, HEAD_BYTES)
                        for entry in conversation_entries(archive)[:4]
                    )
                    return max((_score(head, is_named=True) for head in heads), default=0.0)
            except UnreadableFileError:
                return 0.0
        return _score(
            file.head, is_named=CONVERSATIONS_NAME.match(file.name.replace("\\", "/")) is not None
        )

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one outcome for each node of each conversation, in reading order.

        Of a zip also one for each file in it that holds no conversations.
        """
        zone = zone_of(options.timezone)
        if is_zip(file.head):
            yield from _read_zip(file, options, zone)
            return
        is_empty = True
        with open_or_refuse(file.path) as stream:
            try:
                for outcome in _read_json(stream.read, "", options, zone):
                    is_empty = False
                    yield outcome
            except OSError as error:
                is_empty = False
                yield Problem(file.name, f"reading failed: {error.strerror}")
        if is_empty:
            yield Skipped(file.name, "no conversations")


def _score(head: bytes | None, *, is_named: bool) -> float:
    if head is None:
        return _SCORE_BY_NAME
    if looks_like_chatgpt(head):
        return 0.95 if is_named else 0.9
    is_foreign = any(mark in head for mark in _FOREIGN_MARKS)
    return _SCORE_BY_NAME if is_named and head.strip() and not is_foreign else 0.0


def _read_json(
    read: Callable[[int], bytes], prefix: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    number = 0
    for piece in elements(read):
        place = f"{prefix}conversation {number + 1}"
        if isinstance(piece, Damage):
            yield Problem(f"{place} (byte {piece.offset_bytes:,})", piece.reason, _AGAIN)
            number += 1
            continue
        try:
            value = parse_json(piece.content)
        except BrokenJsonError as error:
            yield Problem(f"{place} (byte {piece.offset_bytes:,})", str(error), _AGAIN)
            number += 1
            continue
        for conversation in _unwrapped(value):
            number += 1
            place = f"{prefix}conversation {number}"
            yield from conversation_outcomes(conversation, place, options, zone)


def _unwrapped(value: JsonValue) -> list[JsonValue]:
    """The conversations of `{..., "conversations": [...]}`, or the value itself."""
    if isinstance(value, dict) and "mapping" not in value:
        inner = value.get("conversations")
        if isinstance(inner, list):
            return inner
    return [value]


def _read_zip(file: SourceFile, options: ReadOptions, zone: tzinfo | None) -> Iterator[ReadOutcome]:
    with open_archive(file.path) as archive:
        refuse_encrypted(archive)
        entries = conversation_entries(archive)
        if not entries:
            raise UnreadableFileError(
                "no conversations.json in the zip", "export your data from ChatGPT again"
            )
        chosen = {id(entry) for entry in entries}
        for entry in archive.infolist():
            if id(entry) in chosen:
                continue
            problem = entry_problem(entry)
            if problem is not None:
                yield problem
            elif not is_junk(entry.filename):
                yield Skipped(entry.filename, "other file of the export")
        left_bytes = MAX_TOTAL_BYTES
        for entry in entries:
            problem = entry_problem(entry)
            if problem is not None:
                yield problem
                continue
            try:
                with open_entry(archive, entry, left_bytes) as counted:
                    yield from _read_json(counted.read, f"{entry.filename}: ", options, zone)
                    # Only at its end is the checksum of the entry looked at.
                    counted.read_to_end()
                    left_bytes -= counted.read_bytes
            except EntryError as error:
                yield Problem(entry.filename, str(error), _AGAIN)
