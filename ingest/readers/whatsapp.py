"""WhatsApp's "export chat": a text file, or the zip it comes in.

A message begins with its date; lines without one go on with the message before. Whether 6/7 is in
June or July is told by the whole file: by a number above 12, else by the order of the messages.
Every message gives one outcome.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.ingest.readers.archive import EntryError, entry_problem, is_zip, open_archive
from memassist.ingest.readers.containers import WHATSAPP_NAME, is_junk, kind_of_zip
from memassist.ingest.readers.opening import is_text, strip_mark, too_long
from memassist.ingest.readers.sources import MAX_ENTRY_BYTES, open_source
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import clean
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Record, Skipped, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from typing import BinaryIO

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome

DateOrder: TypeAlias = Literal["day first", "month first", "year first"]

_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
_START = re.compile(
    _MARKS + r"*\[?(?P<first>\d{1,4})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{2,4})"
    r",?\s{1,2}(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<seconds>\d\d))?"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?:\]\s?|\s-\s)(?P<rest>.*)",
    re.DOTALL,
)
_MEDIA = re.compile(
    r"""^(?:<(?:Media\ omitted|Medien\ ausgeschlossen|Multimedia\ omitido|M\u00e9dias?\ omis
    |Media\ omessi|M\u00eddia\ oculta|Media\ weggelaten|attached:\ [^>]*|Anhang:\ [^>]*
    |adjunto:\ [^>]*|pi\u00e8ce\ jointe\s?:\ [^>]*)>
    |(?:image|video|audio|sticker|GIF|document|Contact\ card|video\ note)\ omitted
    |(?:Bild|Video|Audio|Sticker|GIF|Dokument)\ weggelassen
    |.{1,200}\.\w{2,5}\ (?:\(file\ attached\)|\(Datei\ angeh\u00e4ngt\)|\(archivo\ adjunto\)))$""",
    re.VERBOSE | re.IGNORECASE,
)
_DELETED = re.compile(
    r"^(?:This message was deleted|You deleted this message|Diese Nachricht wurde gel\u00f6scht"
    r"|Du hast diese Nachricht gel\u00f6scht|null)\.?$"
)
_EDITED = re.compile(r"\s*<(?:This message was edited|Diese Nachricht wurde bearbeitet\.?)>\s*$")
_SYSTEM_TEXT = re.compile(r"end-to-end encrypted|Ende-zu-Ende-verschl\u00fcsselt")
_NEEDED_STARTS = 2
_NAMED_TIMES = 4
"""Messages that must go on with the same words before these count as part of a name."""
_MAX_LINE_BYTES = 1 << 20


@dataclass(slots=True)
class _Message:
    line: int
    parts: tuple[int, int, int]
    """The three numbers of the date as written."""
    clock: tuple[int, int, int]
    author: str | None
    lines: list[str]


class WhatsAppReader:
    """Reads exported WhatsApp chats of Android and iOS."""

    name = "whatsapp"
    version = 2

    def recognises(self, file: SourceFile) -> float:
        """By two lines at the beginning that start as messages do."""
        if is_zip(file.head):
            return 0.95 if kind_of_zip(file) == "whatsapp" else 0.0
        return 0.95 if looks_like_whatsapp(file.head) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one outcome for each message; of a zip also one for each other file."""
        zone = zone_of(options.timezone)
        if not is_zip(file.head):
            with open_source(file) as stream:
                yield from _read_chat(stream, file.name, options, zone)
            return
        chats: list[str] = []
        with open_archive(file.path) as archive:
            for entry in archive.infolist():
                problem = entry_problem(entry)
                if problem is not None:
                    yield problem
                elif WHATSAPP_NAME.search(entry.filename):
                    chats.append(entry.filename)
                elif not is_junk(entry.filename):
                    yield Skipped(entry.filename, "other file of the export")
        if not chats:
            raise UnreadableFileError("no chat in the zip", "export the chat again")
        for name in chats:
            inner = SourceFile(file.path, file.name, MAX_ENTRY_BYTES, b"", name)
            try:
                with open_source(inner) as stream:
                    yield from _read_chat(stream, file.name, options, zone)
            except (UnreadableFileError, EntryError) as error:
                yield Problem(name, str(error), "export the chat again")


def looks_like_whatsapp(head: bytes) -> bool:
    """Whether the first bytes of a file are of an exported chat."""
    if not is_text(head):
        return False
    text = strip_mark(head).decode("utf-8", errors="replace")
    return sum(_START.match(line) is not None for line in text.split("\n")) >= _NEEDED_STARTS


def _read_chat(
    stream: BinaryIO, name: str, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    order, colon_names = _habits(stream)
    stream.seek(0)
    title = _title(name)
    conversation: str | None = None
    sequence = 0
    for message in _messages(stream, colon_names):
        if isinstance(message, Problem):
            yield message
            continue
        if conversation is None:
            # An export begins where the chat did, whatever the file is called.
            first = repr((message.parts, message.author, message.lines[:1]))
            conversation = hashlib.sha256(first.encode("utf-8", "replace")).hexdigest()[:24]
        outcome = _outcome(message, order, options, zone)
        if isinstance(outcome, Record):
            yield Record(
                text=outcome.text,
                place=outcome.place,
                author=outcome.author,
                account="whatsapp",
                conversation=conversation,
                title=title,
                sequence=sequence,
                occurred_at=outcome.occurred_at,
                metadata=outcome.metadata,
            )
            sequence += 1
        else:
            yield outcome
    if conversation is None:
        yield Skipped(name, "no messages in the chat")


def _messages(stream: BinaryIO, colon_names: dict[str, str]) -> Iterator[_Message | Problem]:
    current: _Message | None = None
    number = 0
    while line := stream.readline(_MAX_LINE_BYTES):
        number += 1
        text = clean(strip_mark(line).decode("utf-8", errors="replace")).rstrip("\r\n")
        match = _START.match(text)
        if match is None:
            if current is not None:
                current.lines.append(re.sub(_MARKS, "", text))
            elif text.strip():
                yield Problem(f"line {number}", "text before the first message")
            continue
        if current is not None:
            yield current
        author, rest = _author_and_text(re.sub(_MARKS, "", match["rest"]))
        if author in colon_names:
            author, rest = colon_names[author], rest.partition(": ")[2]
        current = _Message(
            number,
            (int(match["first"]), int(match["second"]), int(match["third"])),
            _clock(match),
            author,
            [rest],
        )
    if current is not None:
        yield current


def _author_and_text(rest: str) -> tuple[str | None, str]:
    """Return who speaks, None for a line of the program itself, and what."""
    author, mark, text = rest.partition(": ")
    if not mark and rest.endswith(":"):
        author, mark, text = rest[:-1], ":", ""
    # `Ann changed the subject to "Trip: Bergen"` names nobody before its colon.
    if not mark or '"' in author or "\u201c" in author or len(author) > 100:
        return None, rest
    return author.strip(), text


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    return hour, int(match["minute"]), int(match["seconds"] or 0)


def _habits(stream: BinaryIO) -> tuple[DateOrder, dict[str, str]]:
    """How the file writes its dates, and whose names have a colon: by what stands before it."""
    names = _ColonNames()
    order = _date_order(stream, names)
    return order, names.found()


class _ColonNames:
    """Tells `Dr: Bo`, who is called so, from `Bo`, who often writes `Note: ...`.

    A name is followed by the same words each time.
    """

    def __init__(self) -> None:
        self._met: dict[str, tuple[int, str | None]] = {}

    def note(self, rest: str) -> None:
        """Look at what stands behind the date of one line."""
        author, text = _author_and_text(rest)
        if author is None:
            return
        more = text.partition(": ")[0] if ": " in text else None
        count, before = self._met.get(author, (0, more))
        self._met[author] = (count + 1, more if more == before else None)

    def found(self) -> dict[str, str]:
        """Return the whole name by its first part."""
        return {
            author: f"{author}: {more}"
            for author, (count, more) in self._met.items()
            if count >= _NAMED_TIMES and more is not None
        }


def _date_order(stream: BinaryIO, names: _ColonNames) -> DateOrder:
    most = [0, 0]
    disorder = {"day first": 0, "month first": 0}
    before: dict[str, tuple[int, int, int]] = {}
    has_half = is_year_first = False
    mark = ""
    while line := stream.readline(_MAX_LINE_BYTES):
        match = _START.match(strip_mark(line).decode("utf-8", errors="replace"))
        if match is None:
            continue
        names.note(re.sub(_MARKS, "", match["rest"].rstrip("\r\n")))
        first, second, third = int(match["first"]), int(match["second"]), int(match["third"])
        is_year_first = is_year_first or len(match["first"]) == 4
        has_half = has_half or match["half"] is not None
        mark = match["mark"]
        most = [max(most[0], first), max(most[1], second)]
        for name, day in (
            ("day first", (third, second, first)),
            ("month first", (third, first, second)),
        ):
            disorder[name] += day < before.get(name, day)
            before[name] = day
    if is_year_first:
        return "year first"
    if most[0] > 12 or most[1] > 12:
        return "day first" if most[0] > most[1] else "month first"
    if disorder["day first"] != disorder["month first"]:
        return "day first" if disorder["day first"] < disorder["month first"] else "month first"
    # Nothing in the file tells. Only the United States write 6/23 and count to twelve.
    return "month first" if mark == "/" and has_half else "day first"


def _outcome(
    message: _Message, order: DateOrder, options: ReadOptions, zone: tzinfo | None
) -> ReadOutcome:
    place = f"line {message.line}"
    text = "\n".join(message.lines).strip()
    if message.author is None or _SYSTEM_TEXT.search(message.lines[0]):
        return Skipped(place, "system line")
    metadata: dict[str, FieldValue] = {}
    if _EDITED.search(text):
        text = _EDITED.sub("", text)
        metadata["edited"] = True
    if _MEDIA.match(message.lines[0].strip()):
        # What stands below it is the caption.
        text = "\n".join(message.lines[1:]).strip()
        if not text:
            return Skipped(place, "media without text")
    if _DELETED.match(text):
        return Skipped(place, "deleted message")
    if not text:
        return Skipped(place, "blank text")
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    first, second, third = message.parts
    if order == "year first":
        year, month, day = first, second, third
    elif order == "day first":
        year, month, day = third, second, first
    else:
        year, month, day = third, first, second
    try:
        moment = datetime(year + 2000 if year < 100 else year, month, day, *message.clock)  # noqa: DTZ001 - made aware below
        occurred_at = parse_time(moment, zone)
    except ValueError:
        return Problem(place, "a date that does not exist", "correct it in the file")
    return Record(
        text=text,
        place=place,
        author=message.author,
        occurred_at=occurred_at,
        metadata=metadata,
    )


def _title(name: str) -> str | None:
    """The other one's name or the group's, from what the file is called; None for `_chat.txt`."""
    base = name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    match = re.match(
        r"WhatsApp[ -]+Chat(?: with| mit| con| avec| -)?[ -]+(.+)$", base, re.IGNORECASE
    )
    if match is not None:
        return match[1].strip()
    return None if base == "_chat" else base or None
