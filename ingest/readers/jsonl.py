"""JSON lines, the generic import: one object a line, of which only `text` is required.

Each line that is not blank comes out exactly once, as a record, a skip or a problem that names
the line. Only a line feed ends a line: U+2028 and its like are text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast, get_args

from memassist.ingest.readers.json_lines import lines
from memassist.ingest.readers.opening import open_or_refuse, strip_mark, too_long
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import BrokenJsonError, label, parse_json, scalars
from memassist.plugins.types import Problem, Record, Role, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from typing import Literal

    from memassist.ingest.readers.values import JsonValue
    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_SUFFIXES = (".jsonl", ".ndjson")
_ROLES: tuple[Role, ...] = get_args(Role)
_KNOWN_KEYS = frozenset(
    {"ref", "conversation", "author", "role", "text", "occurred_at", "id", "native_id", "title"}
    | {"account", "uri", "kind", "sequence"}
)
_KINDS = ("message", "document", "picture")
_MAX_SEQUENCE = 1 << 53


class JsonLinesReader:
    """Reads the generic import format."""

    name = "jsonl"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By a first line that is an object with `text`, or by the name."""
        named = file.name.lower().endswith(_SUFFIXES)
        first, end, _ = strip_mark(file.head).lstrip().partition(b"\n")
        try:
            value = parse_json(first)
        except BrokenJsonError:
            # A first line that is longer than the head, or broken: the others may be good.
            return 0.6 if named else 0.0
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            return 0.9 if named or end else 0.5
        return 0.6 if named else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one outcome for each line that is not blank, in their order."""
        zone = zone_of(options.timezone)
        # A character is at most an escape of six bytes, or twelve for two halves; the rest of the
        # line is its other fields.
        limit_bytes = 8 * options.max_text_characters + (1 << 16)
        sequences: Counter[str | None] = Counter()
        is_empty = True
        with open_or_refuse(file.path) as stream:
            for number, line in lines(stream, limit_bytes):
                place = f"line {number}"
                if line is None:
                    is_empty = False
                    yield Problem(
                        place,
                        f"line longer than {limit_bytes:,} bytes",
                        "split the text into several lines",
                    )
                    continue
                if not line.strip():
                    continue
                is_empty = False
                yield _outcome(line, place, options, zone, sequences)
        if is_empty:
            yield Skipped(file.name, "empty file")


def _outcome(
    line: bytes,
    place: str,
    options: ReadOptions,
    zone: tzinfo | None,
    sequences: Counter[str | None],
) -> ReadOutcome:
    try:
        value = parse_json(line)
        if not isinstance(value, dict):
            return Problem(place, "not a JSON object", 'write {"text": "..."} on each line')
        return _record(value, place, options, zone, sequences)
    except BrokenJsonError as error:
        return Problem(place, str(error))
    except ValueError as error:
        return Problem(place, str(error), "correct the line and import the file again")


def _record(
    value: dict[str, JsonValue],
    place: str,
    options: ReadOptions,
    zone: tzinfo | None,
    sequences: Counter[str | None],
) -> ReadOutcome:
    """Raises `ValueError` with a reason for people."""
    text = value.get("text")
    if text is None:
        raise ValueError("no text")
    if not isinstance(text, str):
        raise ValueError("text is not a string")
    if not text.strip():
        return Skipped(place, "blank text")
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    role = value.get("role")
    if role is None:
        role = "user"
    if role not in _ROLES:
        raise ValueError(f"role is none of {', '.join(_ROLES)}")
    kind = value.get("kind")
    if kind is None:
        kind = "message"
    if kind not in _KINDS:
        raise ValueError(f"kind is none of {', '.join(_KINDS)}")
    occurred_at = parse_time(value.get("occurred_at"), zone)
    conversation = label(value.get("conversation"))
    author = label(value.get("author"))
    sequence = value.get("sequence")
    if sequence is None:
        sequence = sequences[conversation]
    if (
        not isinstance(sequence, int)
        or isinstance(sequence, bool)
        or not 0 <= sequence < _MAX_SEQUENCE
    ):
        raise ValueError("sequence is no whole number from 0")
    sequences[conversation] = sequence + 1
    if role != "user":
        is_owner: bool | None = False
    else:
        # With an author it is for `config me` to tell who that is.
        is_owner = None if author else True
    return Record(
        text=text,
        place=place,
        kind=cast("Literal['message', 'document', 'picture']", kind),
        role=role,
        author=author,
        is_owner=is_owner,
        account=label(value.get("account")) or "",
        conversation=conversation,
        title=label(value.get("title")),
        native_id=label(value.get("native_id")) or label(value.get("id")),
        ref=label(value.get("ref")),
        sequence=sequence,
        occurred_at=occurred_at,
        uri=label(value.get("uri")),
        metadata=scalars({key: item for key, item in value.items() if key not in _KNOWN_KEYS}),
    )
