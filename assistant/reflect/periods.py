"""Days and weeks to sum up, as the owner's calendar has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from memassist.assistant.errors import QueryError
from memassist.store.identifiers import content_id

if TYPE_CHECKING:
    from datetime import tzinfo

DAYS_BACK = 7
"""So many days before the present one are looked at each night: what comes in late still counts."""
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week from Monday to Sunday."""

    first: date
    last: date

    @property
    def is_week(self) -> bool:
        """Whether it is a week."""
        return self.first != self.last

    @property
    def title(self) -> str:
        """What it is called: `Friday 1 May 2026`, `Week of 27 April 2026`."""
        name = f"{self.first.day} {self.first:%B %Y}"
        return f"Week of {name}" if self.is_week else f"{self.first:%A} {name}"

    @property
    def memory_id(self) -> str:
        """The id of its summary: the same whenever and wherever it is written."""
        return content_id("reflection", "week" if self.is_week else "day", self.first.isoformat())

    def interval(self, zone: tzinfo | None) -> tuple[datetime, datetime]:
        """Return its first moment and the first after it, aware; None is the machine's zone."""
        return _midnight(self.first, zone), _midnight(self.last + timedelta(days=1), zone)


def day_period(day: date) -> Period:
    """Return a day."""
    return Period(day, day)


def week_period(day: date) -> Period:
    """Return the week that a day lies in."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def recent_periods(today: date) -> list[Period]:
    """Return the days and weeks to look at on a day, the earliest first: only what is over."""
    days = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    last_week = week_period(today - timedelta(days=7))
    return [*map(day_period, days), last_week]


def parse_day(text: str, today: date) -> date:
    """Return the day that a person typed: a date, `today` or `yesterday`. Raises `QueryError`."""
    word = text.strip().casefold()
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise QueryError(
            f"{text!r} is no day.", "Write one like 2026-05-01, today or yesterday."
        ) from error


def parse_week(text: str, today: date) -> Period:
    """Return the week that a person typed: `2026-W18`, or a day in it. Raises `QueryError`."""
    found = _WEEK.fullmatch(text.strip())
    try:
        if found is not None:
            return week_period(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        return week_period(parse_day(text, today))
    except (ValueError, QueryError, OverflowError) as error:
        raise QueryError(
            f"{text!r} is no week.", "Write one like 2026-W18, or a day in it."
        ) from error


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    moment = datetime.combine(day, time(), zone)
    return moment if zone is not None else moment.astimezone()
