"""Telegram Desktop's `result.json`: one chat, or the chats of a whole account.

Chats are met one after another and their messages one at a time, whatever the size of the file.
Every message gives exactly one outcome.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    MAX_TOTAL_BYTES,
    EntryError,
    entry_problem,
    is_zip,
    open_archive,
    open_entry,
)
from memassist.ingest.readers.containers import is_junk, kind_of_zip
from memassist.ingest.readers.json_array import Damage, nested_arrays
from memassist.ingest.readers.opening import open_or_refuse, strip_mark, too_long
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import BrokenJsonError, clean, label, parse_json
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import tzinfo

    from memassist.ingest.readers.json_array import Piece
    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_OWN_KEYS = re.compile(
    rb'"(?:date_unixtime|personal_information|left_chats|text_entities)"'
    rb'|"type"\s*:\s*"(?:personal_chat|private_(?:group|supergroup|channel)'
    rb'|public_(?:supergroup|channel)|bot_chat|saved_messages)"'
)
_NAME = re.compile(rb'"name"\s*:\s*("(?:[^"\\]|\\.)*")')
_TYPE = re.compile(rb'"type"\s*:\s*("(?:[^"\\]|\\.)*")')
_ID = re.compile(rb'"id"\s*:\s*(\d{1,20})')
_OWNER_ID = re.compile(rb'"personal_information"\s*:\s*\{[^{}]*?"user_id"\s*:\s*(\d{1,20})')
_AGAIN = "export the chat again if you miss it"
_MAX_OFFSET = timedelta(hours=14)


@dataclass(slots=True)
class _Chat:
    options: ReadOptions
    zone: tzinfo | None
    owner: str | None = None
    """The account's own id as messages write it; None in an export of one chat."""
    id: str | None = None
    name: str | None = None
    sequence: Iterator[int] = field(default_factory=itertools.count)
    met: Counter[str] = field(default_factory=Counter)
    """How many times an id came: in a group with topics two messages may have one."""


class TelegramReader:
    """Reads what Telegram Desktop exports as JSON."""

    name = "telegram"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By keys that only Telegram writes; a zip by the same in its `result.json`."""
        if is_zip(file.head):
            return 0.95 if kind_of_zip(file) == "telegram" else 0.0
        body = strip_mark(file.head).lstrip()
        return 0.9 if body[:1] == b"{" and _OWN_KEYS.search(body) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one outcome for each message; of a zip also one for each other file."""
        zone = zone_of(options.timezone)
        if is_zip(file.head):
            yield from _read_zip(file, options, zone)
            return
        with open_or_refuse(file.path) as stream:
            yield from _read_json(stream.read, file.name, options, zone)


def _read_zip(file: SourceFile, options: ReadOptions, zone: tzinfo | None) -> Iterator[ReadOutcome]:
    with open_archive(file.path) as archive:
        chats = []
        for entry in archive.infolist():
            problem = entry_problem(entry)
            if problem is not None:
                yield problem
            elif entry.filename.rpartition("/")[2] == "result.json":
                chats.append(entry)
            elif not is_junk(entry.filename):
                yield Skipped(entry.filename, "other file of the export")
        if not chats:
            raise UnreadableFileError("no result.json in the zip", "export as JSON, not HTML")
        for entry in chats:
            try:
                with open_entry(archive, entry, MAX_TOTAL_BYTES) as counted:
                    yield from _read_json(counted.read, entry.filename, options, zone)
                    counted.read_to_end()
            except EntryError as error:
                yield Problem(entry.filename, str(error), _AGAIN)


def _read_json(
    read: Callable[[int], bytes], name: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    owner: str | None = None
    is_empty = True
    try:
        for header, pieces in nested_arrays(read, "messages"):
            is_empty = False
            match = _OWNER_ID.search(header)
            if match is not None:
                owner = f"user{match[1].decode('ascii')}"
            yield from _chat_outcomes(_chat(header, options, zone, owner), pieces)
    except OSError as error:
        is_empty = False
        yield Problem(name, f"reading failed: {error.strerror}")
    if is_empty:
        raise UnreadableFileError("no messages in it", "export the chat as JSON, not as HTML")


def _chat_outcomes(chat: _Chat, pieces: Iterator[Piece]) -> Iterator[ReadOutcome]:
    is_empty = True
    prefix = f'chat "{(chat.name or chat.id or "")[:40]}"'
    for number, piece in enumerate(pieces, 1):
        is_empty = False
        place = f"{prefix}, message {number}"
        if isinstance(piece, Damage):
            yield Problem(f"{place} (byte {piece.offset_bytes:,})", piece.reason, _AGAIN)
            continue
        try:
            message = parse_json(piece.content)
        except BrokenJsonError as error:
            yield Problem(place, str(error), _AGAIN)
            continue
        if not isinstance(message, dict):
            yield Problem(place, "not a message", _AGAIN)
            continue
        try:
            yield _outcome(message, place, chat)
        except ValueError as error:
            yield Problem(place, str(error))
    if is_empty:
        yield Skipped(prefix, "empty conversation")


def _chat(header: bytes, options: ReadOptions, zone: tzinfo | None, owner: str | None) -> _Chat:
    """What the object says of the chat before its messages."""
    own = header[header.rfind(b"{") :]
    name, kind, chat_id = _NAME.search(own), _TYPE.search(own), _ID.search(own)
    shown = _string(name[1]) if name else None
    if shown is None and kind is not None and _string(kind[1]) == "saved_messages":
        shown = "Saved Messages"
    number = chat_id[1].decode("ascii") if chat_id else None
    return _Chat(options, zone, owner, number or shown, shown)


def _string(quoted: bytes) -> str | None:
    try:
        return label(json.loads(quoted))
    except ValueError:
        return None


def _outcome(message: dict[str, JsonValue], place: str, chat: _Chat) -> ReadOutcome:
    """Raises `ValueError` with a reason for people."""
    if message.get("type") == "service":
        return Skipped(place, "system line")
    text = _text(message.get("text"))
    poll = message.get("poll")
    if isinstance(poll, dict):
        answers = poll.get("answers")
        lines = [poll.get("question"), text]
        for answer in answers if isinstance(answers, list) else []:
            words = answer.get("text") if isinstance(answer, dict) else None
            lines.append(f"- {words}" if isinstance(words, str) else None)
        text = "\n".join(line for line in lines if isinstance(line, str) and line.strip())
    if not text.strip():
        has_media = any(
            name in message
            for name in (
                "media_type",
                "photo",
                "file",
                "location_information",
                "contact_information",
            )
        )
        return Skipped(place, "media without text" if has_media else "blank text")
    if len(text) > chat.options.max_text_characters:
        return too_long(place, chat.options)
    sender = label(message.get("from_id"))
    author = label(message.get("from")) or sender or "deleted account"
    forwarded = label(message.get("forwarded_from"))
    metadata: dict[str, FieldValue] = {}
    if forwarded or "forwarded_from" in message:
        metadata["forwarded_from"] = forwarded or "deleted account"
    is_owner: bool | None = None
    if metadata:
        is_owner = False
    elif chat.owner is not None:
        is_owner = sender == chat.owner
    return Record(
        text=clean(text),
        place=place,
        author=author,
        is_owner=is_owner,
        account="telegram",
        conversation=chat.id,
        title=chat.name,
        native_id=_native_id(message, chat),
        sequence=next(chat.sequence),
        occurred_at=_time(message, chat.zone),
        metadata=metadata,
    )


def _native_id(message: dict[str, JsonValue], chat: _Chat) -> str | None:
    native_id = label(message.get("id"))
    if native_id is None:
        return None
    chat.met[native_id] += 1
    # The same in every export: messages come in one order.
    return native_id if chat.met[native_id] == 1 else f"{native_id}/{chat.met[native_id]}"


def _text(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    parts: list[str] = []
    for part in value if isinstance(value, list) else []:
        words = part.get("text") if isinstance(part, dict) else part
        if isinstance(words, str):
            parts.append(words)
    return "".join(parts)


def _time(message: dict[str, JsonValue], zone: tzinfo | None) -> datetime | None:
    """The moment by its Unix time, with the offset that the local date shows."""
    stamp, local = label(message.get("date_unixtime")), label(message.get("date"))
    if stamp is None:
        return parse_time(local, zone)
    try:
        moment = parse_time(float(stamp), None)
    except ValueError as error:
        raise ValueError(f"no time: {stamp[:40]!r}") from error
    try:
        shown = None if local is None else datetime.fromisoformat(local)
    except ValueError:
        shown = None
    if moment is None or shown is None or shown.tzinfo is not None:
        return moment
    offset = shown - moment.replace(tzinfo=None)
    # Seconds are cut off in one of the two at times; offsets are quarters of hours.
    offset = timedelta(minutes=15 * round(offset / timedelta(minutes=15)))
    return moment if abs(offset) > _MAX_OFFSET else moment.astimezone(timezone(offset))
