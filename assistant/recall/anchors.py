"""Times that a query names by an event of one's own: "before I moved to Leeds".

The event is a dated memory that holds all the words of the clause. Where there is none the clause
is words like any others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.recall.query_times import ALWAYS_MS, Interval
from memassist.assistant.recall.query_words import LONGEST_QUERY_CHARACTERS, content_words
from memassist.store import search as primitives
from memassist.store import times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.database import Connection

_CLAUSE = re.compile(
    r"\b(?P<way>(?i:before|after|ever since|since|until|till|when|while|by the time|"
    r"around the time)) (?P<clause>(?:(?i:I|we|my|our|the)|[A-Z]\w+)\b[^,?.;!]*)"
)
_LIGHT = frozenset(
    """
    get gets got getting go goes went gone have has had start started begin began become became come
    came make made take took
    """.split()  # noqa: SIM905 - a list would be a column
)
"""Verbs that the name of an event carries: "I got married", "I had the operation"."""
_AROUND_MS = 7 * 86_400_000
"""How long before and after a day people mean by "when"."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an event makes of a query."""

    interval: Interval
    said: str
    """The words of the query, such as "before I moved"."""
    memory: str
    """The text of the memory that they were taken for."""


def anchor(connection: Connection, query: str, taken: Sequence[tuple[int, int]]) -> Anchor | None:
    """Return the time that a clause of a query names, None where no dated memory is about it.

    `taken` is where the query names times by themselves; there is no event in those.
    """
    for found in _CLAUSE.finditer(query[:LONGEST_QUERY_CHARACTERS]):
        if any(start < found.end() and found.start() < stop for start, stop in taken):
            continue
        words = [word for word in content_words(found["clause"]) if word.casefold() not in _LIGHT]
        event = _event(connection, words) if words else None
        if event is not None:
            return Anchor(_interval(found["way"].casefold(), event), found[0].strip(), event.text)
    return None


def _event(connection: Connection, words: Sequence[str]) -> primitives.DatedMemory | None:
    """Return the latest of the dated memories that hold all the words."""
    dated = primitives.dated_memories(connection, words)
    return max(dated, key=lambda one: (one.start_ms, one.row), default=None)


def _interval(way: str, event: primitives.DatedMemory) -> Interval:
    if way in ("before", "until", "till", "by the time"):
        return Interval(-ALWAYS_MS, event.start_ms)
    if way in ("after", "since", "ever since"):
        return Interval(event.stop_ms, ALWAYS_MS)
    return Interval(event.start_ms - _AROUND_MS, event.stop_ms + _AROUND_MS, is_exact=False)


def days(interval: Interval, asked_at: datetime | None) -> str:
    """Return an interval in words: `on 3 May 2023`, `before 3 May 2023`.

    Days are those of the place that `asked_at` is told in, None is here.
    """
    zone = (asked_at or datetime.now(UTC).astimezone()).tzinfo or UTC

    def day(moment_ms: int) -> str:
        moment = times.from_ms(moment_ms).astimezone(zone)
        return f"{moment.day} {moment:%B %Y}"

    if interval.start_ms <= -ALWAYS_MS:
        return f"before {day(interval.stop_ms)}"
    if interval.stop_ms >= ALWAYS_MS:
        return f"from {day(interval.start_ms)} on"
    first, last = day(interval.start_ms), day(interval.stop_ms - 1)
    return f"on {first}" if first == last else f"from {first} to {last}"
