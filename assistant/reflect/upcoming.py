"""What is coming up: dated plans, calendar entries and birthdays, with the words they rest on.

Nothing is stored: a list that is always made anew can't be out of date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from memassist.assistant.extract.rules.times import find_times
from memassist.store import reflections, times

if TYPE_CHECKING:
    from memassist.plugins.types import Precision
    from memassist.store.database import Connection
    from memassist.store.memories import Evidence, Memory


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that is coming up."""

    kind: Literal["plan", "calendar", "birthday"]
    text: str
    start: datetime
    """Aware, in the zone of the moment that was asked about."""
    precision: Precision
    """How closely its time is known."""
    memory_id: str | None
    """None for a calendar entry."""
    evidence: tuple[Evidence, ...]


def upcoming(connection: Connection, now: datetime, days: int) -> list[Coming]:
    """Return what comes up within so many days of an aware moment, the next first.

    What began before and has not ended is among it.
    """
    until = now + timedelta(days=days)
    plans = reflections.coming(connection, times.to_ms(now), times.to_ms(until))
    found = [_plan(one, now) for one in plans]
    for entry in reflections.calendar_entries(connection, times.to_ms(now), times.to_ms(until)):
        start = times.from_ms(entry.moment).astimezone(now.tzinfo)
        is_day = (start.hour, start.minute) == (0, 0)
        found.append(
            Coming(
                "calendar",
                entry.title,
                start,
                "day" if is_day else "minute",
                None,
                (entry.evidence,),
            )
        )
    for memory in reflections.birthdays(connection):
        day = _next_birthday(memory.state.text, now)
        if day is not None and day <= until:
            found.append(_coming("birthday", memory, day, "day"))
    return sorted(found, key=lambda one: (one.start, one.text))


def _plan(memory: Memory, now: datetime) -> Coming:
    state = memory.state
    assert state.occurred_from is not None  # `coming` looks for it
    start = times.from_ms(state.occurred_from).astimezone(now.tzinfo)
    return _coming("plan", memory, start, state.precision or "day")


def _coming(
    kind: Literal["plan", "birthday"], memory: Memory, start: datetime, precision: Precision
) -> Coming:
    return Coming(kind, memory.state.text, start, precision, memory.id, memory.state.evidence)


def _next_birthday(text: str, now: datetime) -> datetime | None:
    """Return the day on which the birthday that a statement tells comes next; None for no day."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for told in find_times(text, now, "past"):
        if told.when.stop - told.when.start > timedelta(days=1):
            continue
        day = told.when.start.astimezone(now.tzinfo)
        for year in (now.year, now.year + 1):
            try:
                next_one = midnight.replace(year=year, month=day.month, day=day.day)
            except ValueError:  # 29 February
                next_one = midnight.replace(year=year, month=3, day=1)
            if next_one >= midnight:
                return next_one
    return None
