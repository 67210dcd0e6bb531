"""What a summary is made of: some of the period's memories, its calendar, and what was talked of.

Each line has the words it rests on. Titles of conversations are only told beside something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Literal

from memassist.store import reflections, times

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from memassist.assistant.reflect.periods import Period
    from memassist.store.database import Connection
    from memassist.store.memories import Evidence
    from memassist.store.reflections import Part, Titled

MOST_OF_DAY, MOST_OF_WEEK = 7, 9
MOST_TOLD = 4
"""Of what was told in the period without having happened in it."""
MOST_CONVERSATIONS = 3
LEAST_OF_DAY, LEAST_OF_WEEK = 2, 4
"""Fewer say no more together than each by itself."""
LEAST_DAYS_OF_WEEK = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a summary."""

    text: str
    """A statement without full stop, and without the day where the summary names it; or a title."""
    evidence: Evidence
    """What it rests on: the first words that say it."""
    trust: int
    confidence: float
    moment: datetime
    """When it happened, or was told first; aware, in the owner's zone."""
    kind: Literal["fact", "happened", "told", "conversation"]
    """`told`: it need not have happened then. `fact`: of an entity, what holds now."""
    updated_at: int
    """When the memory changed last, in milliseconds since 1970, UTC."""


def entries_of(connection: Connection, period: Period, zone: tzinfo | None) -> list[Entry]:
    """Return what happened in a period, what was told in it, and where; too little is nothing.

    Of more than fit, those are taken that rest on the most trusted and the most evidence. What
    happened is in order of time.
    """
    start, stop = (times.to_ms(moment) for moment in period.interval(zone))
    parts = reflections.of_interval(connection, start, stop)
    most = MOST_OF_WEEK if period.is_week else MOST_OF_DAY
    events = _best([one for one in parts if one.has_happened], most)
    told = _widest([one for one in parts if not one.has_happened])
    chosen = [*events, *_best(told, min(MOST_TOLD, most - len(events)))]
    found = [_entry(one, period, zone) for one in chosen]
    found += [
        _titled(one, "happened", period, zone)
        for one in reflections.calendar_entries(connection, start, stop)[: most - len(found)]
    ]
    found.sort(key=lambda one: (one.kind != "happened", one.moment))
    if not found:
        return []
    limit = min(MOST_CONVERSATIONS, most - len(found))
    talks = reflections.conversations(connection, start, stop, limit)
    found += [_titled(one, "conversation", period, zone) for one in talks]
    days = {one.moment.date() for one in found}
    if period.is_week:
        return found if len(found) >= LEAST_OF_WEEK and len(days) >= LEAST_DAYS_OF_WEEK else []
    return found if len(found) >= LEAST_OF_DAY else []


def _widest(parts: Sequence[Part]) -> list[Part]:
    """Return those that no other one tells with more words of the same place."""
    spans = [one.memory.state.evidence[0] for one in parts]
    return [
        part
        for part, span in zip(parts, spans, strict=True)
        if not any(
            span.item_id == other.item_id
            and other.start <= span.start
            and span.stop <= other.stop
            and other.stop - other.start > span.stop - span.start
            for other in spans
        )
    ]


def _best(parts: Sequence[Part], count: int) -> list[Part]:
    """Return so many of them, in their order; of two that say the same the first."""
    by_text = {one.memory.state.text.casefold(): one for one in reversed(parts)}
    ranked = sorted(
        by_text.values(),
        key=lambda one: (
            one.memory.state.is_pinned,
            one.memory.state.trust,
            len(one.memory.state.evidence),
            one.memory.state.confidence,
            -one.moment,
        ),
        reverse=True,
    )
    kept = {one.memory.id for one in ranked[:count]}
    return [one for one in parts if one.memory.id in kept]


def _entry(part: Part, period: Period, zone: tzinfo | None) -> Entry:
    state = part.memory.state
    moment = _local(part.moment, zone)
    text = state.text
    # The date as rules write it, in the writer's zone or ours.
    for day in {moment.date(), moment.astimezone(UTC).date()}:
        date = f"{day.day} {day:%B %Y}"
        text = text.removeprefix(f"On {date}, ").replace(f" on {date}", "", 1)
    text = text.rstrip(" .")
    if period.is_week:
        text = f"{moment:%A}: {text}"
    return Entry(
        text=text,
        evidence=state.evidence[0],
        trust=state.trust,
        confidence=state.confidence,
        moment=moment,
        kind="happened" if part.has_happened else "told",
        updated_at=part.memory.updated_at,
    )


def _titled(
    one: Titled, kind: Literal["happened", "conversation"], period: Period, zone: tzinfo | None
) -> Entry:
    moment = _local(one.moment, zone)
    is_dated = period.is_week and kind == "happened"
    text = f"{moment:%A}: {one.title}" if is_dated else one.title
    return Entry(text, one.evidence, one.trust, 1.0, moment, kind, one.captured_at)


def _local(moment_ms: int, zone: tzinfo | None) -> datetime:
    moment = times.from_ms(moment_ms)
    return moment.astimezone(zone) if zone is not None else moment.astimezone()
