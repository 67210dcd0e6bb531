"""Sessions of Gemini CLI: one JSON object with the messages, or, since 2026, a record a line.

A line may tell of the session, be a message (written again whenever it grew), change what was told
(`$set`, which may bring all messages anew) or take messages back (`$rewindTo`). So a session is
read whole before its first turn is known to stand. The shape is as the program's public source
writes it (`chatRecordingService.ts`, 2025-10 to 2026-05).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memassist.ingest.readers.json_lines import lines
from memassist.ingest.readers.opening import open_or_refuse, read_bounded, strip_mark
from memassist.ingest.readers.sessions import Session, time_or_none, without_additions
from memassist.ingest.readers.times import zone_of
from memassist.ingest.readers.values import BrokenJsonError, label, parse_json
from memassist.plugins.types import Problem, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

LARGEST_OBJECT_BYTES = 64 << 20
"""Of a session that is one JSON object, which is parsed at once."""
_MARKS = (b'"sessionId"', b'"projectHash"')
_LOG_MARKS = (b'"sessionId"', b'"messageId"', b'"message"')
_TURNS = ("user", "gemini")


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is needed of a message; its tool results are let go at once."""

    place: str
    kind: str | None
    said: str
    moment: JsonValue
    model: str | None
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Told:
    """A session as its lines so far tell it."""

    id: str | None = None
    title: str | None = None
    is_of_person: bool = True
    turns: dict[str, _Turn] = field(default_factory=dict)
    """By the messages' ids, in the order in which each was said first."""

    def tell(self, value: dict[str, JsonValue], place: str) -> Iterator[ReadOutcome]:
        """Take in one record, and yield what of it is counted at once."""
        change = value.get("$set")
        if isinstance(change, dict):
            yield Skipped(place, "record of the program")
            yield from self._about(change, place)
        elif "$rewindTo" in value:
            yield Skipped(place, "record of the program")
            yield from self._take_back(value["$rewindTo"])
        elif "sessionId" in value and "id" not in value:
            yield Skipped(place, "record of the program")
            yield from self._about(value, place)
        elif (name := label(value.get("id"))) is not None:
            if name in self.turns:
                yield Skipped(self.turns[name].place, "written again later")
            self.turns[name] = _turn(value, place)
        else:
            yield Problem(place, "a message without an id")

    def _about(self, value: dict[str, JsonValue], place: str) -> Iterator[ReadOutcome]:
        self.id = label(value.get("sessionId")) or self.id
        self.title = label(value.get("summary")) or self.title
        if value.get("kind") == "subagent":
            self.is_of_person = False
        messages = value.get("messages")
        if not isinstance(messages, list) or not messages:
            return
        for turn in self.turns.values():
            yield Skipped(turn.place, "written again later")
        self.turns.clear()
        for number, message in enumerate(messages, 1):
            where = f"{place}, message {number}" if place else f"message {number}"
            if isinstance(message, dict) and (name := label(message.get("id"))):
                self.turns[name] = _turn(message, where)
            else:
                yield Problem(where, "a message without an id")

    def _take_back(self, to: JsonValue) -> Iterator[ReadOutcome]:
        names = list(self.turns)
        # As the program does: a message that it doesn't know takes all back.
        kept = names.index(to) if isinstance(to, str) and to in self.turns else 0
        for name in names[kept:]:
            yield Skipped(self.turns.pop(name).place, "taken back")


class GeminiReader:
    """Reads sessions that Gemini CLI keeps below `~/.gemini/tmp`."""

    name = "gemini"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the keys it begins with."""
        body = strip_mark(file.head).lstrip()
        is_session = body[:1] == b"{" and all(mark in body for mark in _MARKS)
        # Surer than the reader of Claude Code, whose lines hold a session's id, too.
        return 0.97 if is_session or _is_log(file) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield what is left out and broken as it is met, then the turns in their order."""
        if _is_log(file):
            yield Skipped(file.name, "log of what the sessions beside it hold")
            return
        told = _Told()
        for place, value in _records(file, options):
            if isinstance(value, Problem):
                yield value
            else:
                yield from told.tell(value, place)
        session = Session("gemini", options, zone_of(options.timezone), told.id, told.title)
        for name, turn in told.turns.items():
            if turn.kind not in _TURNS:
                yield Skipped(turn.place, "written by the program")
                continue
            is_person = turn.kind == "user" and told.is_of_person
            session.model = turn.model or session.model or "Gemini"
            if turn.said.strip() or not turn.left_out:
                yield session.record(
                    turn.said,
                    turn.place,
                    "user" if is_person else "assistant",
                    time_or_none(turn.moment, session.zone),
                    name,
                    is_owner=is_person,
                )
            for number, reason in enumerate(turn.left_out, 1):
                yield Skipped(f"{turn.place}, block {number}", reason)


def _is_log(file: SourceFile) -> bool:
    """Whether it is the list of all prompts that lies beside a project's sessions."""
    body = strip_mark(file.head).lstrip()
    return body[:1] == b"[" and all(mark in body for mark in _LOG_MARKS)


def _records(
    file: SourceFile, options: ReadOptions
) -> Iterator[tuple[str, dict[str, JsonValue] | Problem]]:
    """Yield each record with its place: the lines, or the one object that spans them all."""
    limit_bytes = max(8 * options.max_text_characters, LARGEST_OBJECT_BYTES)
    with open_or_refuse(file.path) as stream:
        for number, line in lines(stream, limit_bytes):
            place = f"line {number}"
            if line is None:
                yield place, Problem(place, f"line longer than {limit_bytes:,} bytes")
                continue
            if not line.strip():
                continue
            try:
                value = parse_json(line)
            except BrokenJsonError as error:
                if number == 1:
                    break
                yield place, Problem(place, str(error))
                continue
            yield place, value if isinstance(value, dict) else Problem(place, "not a JSON object")
        else:
            return
    content = read_bounded(file.path, LARGEST_OBJECT_BYTES)
    if content is None:
        yield "", Problem(file.name, f"session longer than {LARGEST_OBJECT_BYTES:,} bytes")
        return
    try:
        whole = parse_json(strip_mark(content))
    except BrokenJsonError as error:
        yield "", Problem(file.name, str(error), "if it is still being written, try again later")
        return
    yield "", whole if isinstance(whole, dict) else Problem(file.name, "not a JSON object")


def _turn(message: dict[str, JsonValue], place: str) -> _Turn:
    kind = label(message.get("type"))
    # Files that a person names with @ are put into the content; what was typed stands beside it.
    said, left_out = _parts(message.get("displayContent") or message.get("content"))
    for key, reason in (("thoughts", "reasoning"), ("toolCalls", "tool call")):
        blocks = message.get(key)
        left_out.extend([reason] * (len(blocks) if isinstance(blocks, list) else 0))
    if kind == "user":
        said = without_additions(said)
    return _Turn(
        place, kind, said, message.get("timestamp"), label(message.get("model")), tuple(left_out)
    )


def _parts(content: JsonValue) -> tuple[str, list[str]]:
    """Return what is said, and why other parts are left out."""
    texts: list[str] = []
    left_out: list[str] = []
    for part in content if isinstance(content, list) else [content]:
        text = part.get("text") if isinstance(part, dict) else part
        if isinstance(text, str):
            is_thought = isinstance(part, dict) and part.get("thought") is True
            (left_out if is_thought else texts).append("reasoning" if is_thought else text)
        elif isinstance(part, dict) and ("functionCall" in part or "functionResponse" in part):
            left_out.append("tool call" if "functionCall" in part else "tool result")
        elif isinstance(part, dict):
            left_out.append("block of another kind")
    return "\n".join(text for text in texts if text.strip()), left_out
