"""The times a query names, as intervals to compare with when things were written.

`time_words.py` finds the expressions; here stands what the words around them make of them ("since
March", "between May and July", "two weeks before 3 May"), and whether the query is about when a
thing was written or seen. Then a time that has exact ends is a filter: nobody who asks "what did I
write last Tuesday" wants Wednesday. A question about what happened then is helped by it only, for
people tell of a thing days after, and those words must not get lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.times import find_times
from memassist.assistant.recall.query_words import LONGEST_QUERY_CHARACTERS
from memassist.assistant.recall.time_words import (
    WEEKDAY,
    Expression,
    add_months,
    expressions,
    weekday_number,
)
from memassist.assistant.recall.weights import AFTERWARDS_DAYS
from memassist.store import times

if TYPE_CHECKING:
    from collections.abc import Sequence

ALWAYS_MS = 1 << 60
"""Beyond every time there is, with a minus before all of them: an open end."""
_AFTERWARDS = 0.3
_CLOSELY_MS = 7 * 86_400_000
_LONGEST_READ_CHARACTERS = 1_500
"""Of a message, for the times that it tells of."""

_SHIFT = re.compile(
    r"(?:(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
    r" (?P<unit>day|week|month|year)s?"
    rf"|(?:the |on the |the last |last )(?P<single>day|weekend|week|month|year|{WEEKDAY}))"
    r" (?P<way>before|after|prior to|following)$",
    re.I,
)
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than|older than)$", re.I)
_UP_TO = re.compile(r"\b(?:until|till|up to|by|as of)(?: the end of)?$", re.I)
_AFTER = re.compile(r"\b(?:after|later than|newer than)$", re.I)
_SINCE = re.compile(r"\b(?:since|starting)(?: the (?:start|beginning) of)?$", re.I)
"""Not "from": notes from last week are of it, and not of all since."""
_BETWEEN = re.compile(r"\b(?:between|from)$", re.I)
_AND = re.compile(r"^(?:and|to|until|till|through|[-\u2013])$", re.I)
_COUNTS = {
    name: number
    for number, name in enumerate(
        "zero one two three four five six seven eight nine ten".split()  # noqa: SIM905 - as a list longer than what it counts
    )
} | {"a": 1, "an": 1}

_KEPT = (
    r"(?:web ?)?pages?|(?:web ?)?sites?|articles?|posts?|messages?|e?-?mails?|chats?|"
    r"conversations?|notes?|documents?|files?|pdfs?|slides?|screens?|screenshots?|"
    r"windows?|tabs?|links?|entry|entries|diary|journal"
)
_ABOUT_WRITING = re.compile(
    # What somebody put into words here. Only in the past: "can you recommend a film for tonight"
    # and "help me write a mail today" ask for no old texts.
    r"\bdid (?:I|we|you)(?: \w+){0,2}? (?:write|note|jot|say|tell|mention|type|save|bookmark|"
    r"capture|browse|google|search|look (?:at|up)|chat|talk about|discuss|recommend|suggest)\b"
    r"|\b(?:I|we|you)(?: \w+){0,2}? (?:wrote|written|noted|jotted|said|told|mentioned|typed|saved|"
    r"bookmarked|captured|browsed|googled|searched|looked (?:at|up)|chatted|talked about|discussed|"
    r"recommended|suggested)\b"
    r"|\bmentioned\b|\bdid \w+ mention\b|\bdid \w+ write (?:to )?(?:me|us)\b"
    r"|\b(?:texted|messaged|e-?mailed)\b|\bwrote (?:to )?(?:me|us)\b"
    # Or what is kept, and was seen.
    rf"|\b(?:{_KEPT})\b.*\b(?:did (?:I|we) (?:\w+ )?(?:see|read|view|open|visit|watch|get|receive|"
    r"send|share|look at)|saw|seen|(?<!d )(?<!can )(?<!do )(?<!may )(?<!ll )(?<!might )(?:I|we) "
    r"read|viewed|opened|visited|watched|got|received|sent|"
    r"shared|looked at)\b"
    rf"|\b(?:saw|seen|viewed|opened|visited|got|received|sent|shared) (?:\w+ ){{0,4}}(?:{_KEPT})\b"
    rf"|\bdid (?:I|we) (?:see|read|view|open|visit|get|receive|send|share)"
    rf" (?:\w+ ){{0,4}}(?:{_KEPT})\b"
    r"|\b(?:was|were) (?:\w+ ){0,4}on (?:my|the|our) (?:screen|display|desktop|monitor)\b"
    r"|\b(?:was|were|is|are) (?:\w+ ){0,4}in (?:my|our|the) (?:notes|diary|journal|mail|inbox|"
    r"messages|chats?)\b",
    re.I,
)
_KEPT_BEFORE = re.compile(
    rf"\b(?:{_KEPT}|screen) (?:from|of|since|before|after|between|until|till|dated)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """A time that a query names."""

    start_ms: int
    """Milliseconds since 1970, UTC; `-ALWAYS_MS` for whatever was before."""
    stop_ms: int
    """The first moment after it; `ALWAYS_MS` for whatever comes."""
    is_exact: bool = True
    """Whether its ends were named, as "last Tuesday" does and "recently" does not."""

    def holds(self, start_ms: int, stop_ms: int) -> bool:
        """Whether a time lies in it; one that is no longer than it, at least in part."""
        if stop_ms - start_ms > self.stop_ms - self.start_ms:
            return False
        return start_ms < self.stop_ms and stop_ms > self.start_ms


@dataclass(frozen=True, slots=True)
class TimesAsked:
    """What a query says about when."""

    intervals: Sequence[Interval] = ()
    months: frozenset[int] = frozenset()
    """Months, 1 to 12, that were named without a year: they may be of any."""
    words: Sequence[tuple[int, int]] = ()
    """Where in the query times stand: offsets of characters."""
    is_about_writing: bool = False
    """Whether the query asks what was written or seen then, not what happened then."""

    @property
    def filter(self) -> Interval | None:
        """The one interval that a hit must be of, None where times only help."""
        exact = [interval for interval in self.intervals if interval.is_exact]
        return exact[0] if self.is_about_writing and len(exact) == 1 and not self.months else None

    def fit(self, moment_ms: int | None, text: str = "") -> float:
        """Return 1 for a moment in the times named, less for shortly after, 0 for others.

        A `text` written at that moment fits too if it tells of a time that is among those named.
        """
        if moment_ms is None or not (self.intervals or self.months):
            return 0.0
        written = self._written(moment_ms)
        return 1.0 if written < 1.0 and text and self._tells(moment_ms, text) else written

    def _written(self, moment_ms: int) -> float:
        fit = 0.0
        later = timedelta(days=AFTERWARDS_DAYS) // timedelta(milliseconds=1)
        for interval in self.intervals:
            if interval.start_ms <= moment_ms < interval.stop_ms:
                return 1.0
            if interval.stop_ms <= moment_ms < interval.stop_ms + later:
                fit = _AFTERWARDS
        if self.months:
            moment = times.from_ms(moment_ms)
            if moment.month in self.months:
                return 1.0
            if moment.day <= AFTERWARDS_DAYS and (moment.month - 2) % 12 + 1 in self.months:
                fit = _AFTERWARDS
        return fit

    def names(self, start_ms: int, stop_ms: int) -> bool:
        """Whether an interval lies in a time named closely: by a week or a part of one."""
        return any(
            one.stop_ms - one.start_ms <= _CLOSELY_MS and one.holds(start_ms, stop_ms)
            for one in self.intervals
        )

    def _tells(self, moment_ms: int, text: str) -> bool:
        told = find_times(text[:_LONGEST_READ_CHARACTERS], times.from_ms(moment_ms), "past")
        return any(
            interval.holds(times.to_ms(one.when.start), times.to_ms(one.when.stop))
            for one in told
            for interval in self.intervals
        )


def times_asked(query: str, asked_at: datetime | None) -> TimesAsked:
    """Return the times that a query names; relative ones count from `asked_at`, None is now."""
    text = query[:LONGEST_QUERY_CHARACTERS]
    now = asked_at or datetime.now(UTC).astimezone()
    if now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    found = expressions(text, now)
    intervals: list[Interval] = []
    months: set[int] = set()
    about = _ABOUT_WRITING.search(text) is not None
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(found):
        one = found[place]
        before = text[: one.start].rstrip()
        said = f"{before} {one.word}".rstrip()
        # "The page of yesterday's game" need not be of yesterday.
        if _KEPT_BEFORE.search(said) and text[one.stop : one.stop + 1] not in ("'", "\u2019"):
            about = True
        place += 1
        if one.month is not None:
            months.add(one.month)
            spans.append((one.start, one.stop))
            continue
        other = found[place] if place < len(found) else None
        between = "" if other is None else text[one.stop : other.start].strip()
        if other is not None and other.month is None and _is_range(before, between, one):
            place += 1
            spans.append((one.start, other.stop))
            intervals.append(_interval(one.begin, other.end, is_exact=one.is_exact))
            continue
        interval, start = _around(before, one)
        if spans and spans[-1][0] >= start and intervals:
            # "Last weekend before 10 April" is counted from April, not from today.
            spans.pop()
            intervals.pop()
        spans.append((start, one.stop))
        intervals.append(interval)
    return TimesAsked(tuple(intervals), frozenset(months), tuple(spans), about)


def _is_range(before: str, between: str, one: Expression) -> bool:
    if not _AND.match(between):
        return False
    return (
        bool(_BETWEEN.search(before))
        or one.word in ("between", "from", "since")
        or between[0] in "-\u2013"
    )


def _around(before: str, one: Expression) -> tuple[Interval, int]:
    """Return what the words before an expression make of it, and where they begin."""
    shift = _SHIFT.search(before)
    if shift is not None and one.is_day:
        begin, end = _shifted(shift, one.begin)
        # Who counts weeks or months means about that long.
        is_exact = one.is_exact and (shift["unit"] or "day").casefold() == "day"
        return _interval(begin, end, is_exact=is_exact), shift.start()
    whole = _interval(one.begin, one.end, is_exact=one.is_exact)
    for pattern, start_ms, stop_ms in (
        (_BEFORE, -ALWAYS_MS, whole.start_ms),
        (_UP_TO, -ALWAYS_MS, whole.stop_ms),
        (_AFTER, whole.stop_ms, ALWAYS_MS),
        (_SINCE, whole.start_ms, ALWAYS_MS),
    ):
        opening = pattern.search(before)
        if opening is not None or pattern.fullmatch(one.word):
            start = one.start if opening is None else opening.start()
            return Interval(start_ms, stop_ms, one.is_exact), start
    return whole, one.start


def _shifted(shift: re.Match[str], begin: datetime) -> tuple[datetime, datetime]:
    """Return the time that lies so long before or after a day."""
    sign = -1 if shift["way"].casefold() in ("before", "prior to") else 1
    single = (shift["single"] or "").casefold()
    if single in ("day", "week", "month", "year", ""):
        unit = single or shift["unit"].casefold()
        count = 1 if single else _COUNTS.get(shift["count"].casefold()) or int(shift["count"])
        if unit == "day":
            day = begin + timedelta(days=sign * count)
            return day, day + timedelta(days=1)
        if unit == "week":
            if single:
                return (
                    (begin - timedelta(days=7), begin)
                    if sign < 0
                    else (begin + timedelta(days=1), begin + timedelta(days=8))
                )
            middle = begin + timedelta(weeks=sign * count)
            return middle - timedelta(days=3), middle + timedelta(days=4)
        if unit == "month":
            start = add_months(begin, sign * count)
            return start, add_months(start, 1)
        return (
            begin.replace(year=begin.year + sign * count, month=1, day=1),
            begin.replace(year=begin.year + sign * count + 1, month=1, day=1),
        )
    weekday = 5 if single == "weekend" else weekday_number(single)
    length = 2 if single == "weekend" else 1
    ahead = (weekday - begin.weekday()) % 7
    days = (ahead or 7) if sign > 0 else (ahead - 7)
    day = begin + timedelta(days=days)
    return day, day + timedelta(days=length)


def _interval(begin: datetime, end: datetime, *, is_exact: bool) -> Interval:
    start, stop = times.to_ms(begin), times.to_ms(end)
    return Interval(min(start, stop), max(start, stop), is_exact)
