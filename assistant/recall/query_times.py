"""The times a query names, as intervals to compare with when things were written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.times import TIME, find_times
from memassist.assistant.recall.query_words import LONGEST_QUERY_CHARACTERS
from memassist.assistant.recall.weights import AFTERWARDS_DAYS
from memassist.store import times

if TYPE_CHECKING:
    from collections.abc import Sequence

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
# Capitals: "may" and "march" are other words too, and no one writes a month's name small who asks
# for one in a sentence.
_MONTH = re.compile(
    rf"\b({'|'.join(name.capitalize() for name in _MONTHS)})\b(?:,? ((?:19|20)\d\d))?"
)
_AFTERWARDS = 0.3


@dataclass(frozen=True, slots=True)
class TimesAsked:
    """What a query says about when."""

    intervals: Sequence[tuple[int, int]] = ()
    """Milliseconds since 1970, UTC, half open."""
    months: frozenset[int] = frozenset()
    """Months, 1 to 12, that were named without a year: they may be of any."""

    def fit(self, moment_ms: int | None) -> float:
        """Return 1 for a moment in the times named, less for shortly after, 0 for others."""
        if moment_ms is None or not (self.intervals or self.months):
            return 0.0
        fit = 0.0
        later = timedelta(days=AFTERWARDS_DAYS) // timedelta(milliseconds=1)
        for start, stop in self.intervals:
            if start <= moment_ms < stop:
                return 1.0
            if stop <= moment_ms < stop + later:
                fit = _AFTERWARDS
        if self.months:
            moment = times.from_ms(moment_ms)
            if moment.month in self.months:
                return 1.0
            if moment.day <= AFTERWARDS_DAYS and (moment.month - 2) % 12 + 1 in self.months:
                fit = _AFTERWARDS
        return fit


def times_asked(query: str, asked_at: datetime | None) -> TimesAsked:
    """Return the times that a query names; relative ones count from `asked_at`, None is now."""
    text = query[:LONGEST_QUERY_CHARACTERS]
    now = asked_at or datetime.now(UTC).astimezone()
    if now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    intervals: list[tuple[int, int]] = []
    months: set[int] = set()
    dated: list[tuple[int, int]] = []
    found = {match.span(): match for match in TIME.finditer(text)}
    for told in find_times(text, now, "past"):
        match = found.get((told.start, told.stop))
        dated.append((told.start, told.stop))
        if match is not None and match["month"] and not match["month_year"]:
            months.add(told.when.start.astimezone(now.tzinfo).month)
            continue
        intervals.append((times.to_ms(told.when.start), times.to_ms(told.when.stop)))
    for match in _MONTH.finditer(text):
        if any(start <= match.start() < stop for start, stop in dated):
            continue
        month = _MONTHS.index(match[1].casefold()) + 1
        if match[2] is None:
            months.add(month)
            continue
        start = datetime(int(match[2]), month, 1, tzinfo=now.tzinfo)
        stop = (start + timedelta(days=32)).replace(day=1)
        intervals.append((times.to_ms(start), times.to_ms(stop)))
    return TimesAsked(tuple(intervals), frozenset(months))
