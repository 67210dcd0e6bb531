"""What a worker tells of a file, as lines of JSON, and how much of it is believed.

A parser that a hostile document has taken over may write anything. So `decode` builds values field
by field, and what decides about trust is not read from the line at all: origin, address, role and
the owner are the parent's to say (`tests/ingest/test_reader_limited.py`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from memassist.ingest.readers.values import clean, label, scalars
from memassist.plugins.types import Box, Mark, Problem, Record, Skipped

if TYPE_CHECKING:
    from memassist.plugins.types import FieldValue, Origin, ReadOutcome

Ending: TypeAlias = Literal["done", "memory", "failed"]
"""How a file ended: read to its end, out of memory, or with an error of the parser."""

_KINDS = ("message", "document", "picture")
_MAX_BOX = 1 << 31


class WireError(ValueError):
    """A line that no honest worker writes."""


def encode(outcome: ReadOutcome) -> bytes:
    """Return one line without its line feed."""
    if isinstance(outcome, Skipped):
        value: list[object] = ["skipped", clean(outcome.place), outcome.reason]
    elif isinstance(outcome, Problem):
        value = ["problem", clean(outcome.place), clean(outcome.reason), outcome.advice]
    else:
        moment = outcome.occurred_at
        value = [
            "record",
            {
                "text": clean(outcome.text),
                "place": clean(outcome.place),
                "kind": outcome.kind,
                "author": outcome.author,
                "conversation": outcome.conversation,
                "title": outcome.title,
                "native_id": outcome.native_id,
                "sequence": outcome.sequence,
                "occurred_at": None if moment is None else moment.isoformat(),
                "boxes": [
                    [box.start, box.stop, box.left, box.top, box.right, box.bottom, box.page]
                    for box in outcome.boxes
                ],
                "marks": [[mark.start, mark.label, mark.counts_lines] for mark in outcome.marks],
                "metadata": outcome.metadata,
            },
        ]
    return json.dumps(value).encode("ascii")


def decode(line: bytes, origin: Origin, uri: str) -> ReadOutcome:
    """Return the outcome of a line, stamped with origin and address.

    Raises `WireError`.
    """
    try:
        value = json.loads(line)
        match value:
            case ["skipped", str(place), str(reason)]:
                return Skipped(place, reason)
            case ["problem", str(place), str(reason), str(advice)]:
                return Problem(place, reason, advice)
            case ["record", dict(fields)]:
                return _record(fields, origin, uri)
    # JSON of any shape: wrong types, missing keys, numbers out of range, endless nesting.
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise WireError("a broken line") from error
    raise WireError("a line of no known kind")


def _record(fields: dict[str, object], origin: Origin, uri: str) -> Record:
    text = _text(fields["text"])
    kind = fields["kind"]
    moment = fields["occurred_at"]
    occurred_at = None if moment is None else datetime.fromisoformat(_text(moment))
    sequence = fields["sequence"]
    if kind not in _KINDS or not (sequence is None or _is_place(sequence)):
        raise WireError("a record of wrong values")
    if occurred_at is not None and occurred_at.utcoffset() is None:
        raise WireError("a time without zone")
    metadata = fields["metadata"]
    return Record(
        text=text,
        place=_text(fields["place"]),
        kind=cast("Literal['message', 'document', 'picture']", kind),
        origin=origin,
        author=label(fields["author"]),
        conversation=label(fields["conversation"]),
        title=label(fields["title"]),
        native_id=label(fields["native_id"]),
        sequence=cast("int | None", sequence),
        occurred_at=occurred_at,
        uri=uri,
        boxes=tuple(_box(row, len(text)) for row in _rows(fields["boxes"])),
        marks=tuple(_mark(row, len(text)) for row in _rows(fields["marks"])),
        metadata=_metadata(metadata),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WireError("not a text")
    return value


def _is_place(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _rows(value: object) -> list[list[object]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise WireError("not a table")
    return value


def _mark(row: list[object], length: int) -> Mark:
    match row:
        case [int(start), str(name), bool(counts_lines)] if 0 <= start <= length and name:
            return Mark(start, name[:300], counts_lines)
    raise WireError("not a mark")


def _box(row: list[object], length: int) -> Box:
    *numbers, page = row
    if len(numbers) != 6 or not (page is None or _is_place(page)):
        raise WireError("not a box")
    start, stop, left, top, right, bottom = (
        number if isinstance(number, int) else -1 for number in numbers
    )
    if not (0 <= start < stop <= length and 0 <= left <= right < _MAX_BOX):
        raise WireError("not a box")
    if not 0 <= top <= bottom < _MAX_BOX:
        raise WireError("not a box")
    return Box(start, stop, left, top, right, bottom, cast("int | None", page))


def _metadata(value: object) -> dict[str, FieldValue]:
    if not isinstance(value, dict):
        raise WireError("no metadata")
    return scalars(value)
