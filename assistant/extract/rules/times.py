"""Time expressions in a sentence, resolved against the time it was written.

dateparser reads calendar dates. Relative ones ("last weekend", "two weeks ago") are counted here,
because a memory needs the whole interval that was meant and its precision, and dateparser gives a
single point. Intervals are half open, counted in the writer's offset and returned in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.extract.rules.calendar_dates import (
    DAY,
    MONTH,
    Direction,
    month_number,
    parse_date,
)
from memassist.plugins.types import When

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.plugins.types import Precision


_WEEKDAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "a couple of": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_FEASTS = {
    "valentine's day": (2, 14), "christmas eve": (12, 24), "christmas day": (12, 25),
    "christmas": (12, 25), "new year's eve": (12, 31), "new year's day": (1, 1),
    "halloween": (10, 31), "st. patrick's day": (3, 17),
}  # fmt: skip
_SEASONS = {
    "spring": (3, 6), "summer": (6, 9), "fall": (9, 12), "autumn": (9, 12), "winter": (12, 15),
}  # fmt: skip
"""The first month of each and the one after its last: 15 is March of the next year."""
_PARTS = {
    "first week": (1, 8), "second week": (8, 15), "third week": (15, 22), "fourth week": (22, 29),
    "beginning": (1, 11), "start": (1, 11), "middle": (10, 21), "end": (21, 32),
    "last week": (25, 32),
}  # fmt: skip
"""The first day of each part of a month and the one after its last."""
_CLOCK = re.compile(
    r",? (?:at|from|@) ?(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))? ?"
    r"(?P<half>[ap]\.?m\b\.?)?(?![\w:/%])",
    re.I,
)

TIME = re.compile(
    r"\b(?:(?P<ago>(?:(?:about|around|over|almost|nearly|just|roughly|only|exactly) )*(?P<count>a "
    r"couple of|\d{1,3}|(?:a )?few|several|an?|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve) (?P<unit>day|weekend|week|month|year|(?:mon|tues|wednes|thurs|fri|satur|"
    r"sun)day)s? ago)|(?P<day>the day before yesterday|"
    r"yesterday(?: (?:morning|afternoon|evening|night))?|last night|earlier today|today|tonight|"
    r"this (?:morning|afternoon|evening)|the day after tomorrow|tomorrow(?: (?:morning|afternoon|"
    rf"evening|night))?)|(?:from |between |on )?(?P<span>(?:the )?(?P<first>{DAY})(?: (?:to|until|"
    rf"till|and) "
    rf"(?:the )?| ?[-\u2013] ?)(?P<last>{DAY})(?: of)? (?P<span_month>{MONTH})(?:,? "
    rf"(?P<span_year>\d{{4}}))?)"
    r"(?![\d-])|(?:back )?(?:last )?(?:on |by |for |until |this past )?(?P<date>"
    rf"(?:(?:{_WEEKDAY},? )?(?:the )?{DAY}(?: of)? {MONTH}(?:,? \d{{4}})?(?![\d-])"
    rf"|(?:{_WEEKDAY},? )?{MONTH} (?:the )?{DAY}(?:,? \d{{4}})?(?![\d/-])"
    r"|\d{4}-\d\d-\d\d))|"
    r"(?:back )?(?:on |for |by )(?P<feast>" + "|".join(map(re.escape, _FEASTS)) + r")"
    r"(?! (?!and\b|with\b|at\b|when\b|to\b|in\b|but\b|this\b|last\b|we\b)[a-z])|"
    rf"(?:on |for |by )?(?P<which>last|this past|this coming|this|next|on|for) "
    rf"(?P<weekday>{_WEEKDAY})"
    r"(?: (?:morning|afternoon|evening|night))?|(?:for |over |later |earlier )?(?P<near>last|this "
    r"past|this|next|the past) (?P<period>week(?:end)?|month|year|spring|summer|fall|autumn|"
    r"winter)|"
    r"in (?:the )?(?P<season>(?-i:spring|summer|autumn|fall|winter))(?: of)?"
    r"(?: (?P<season_year>(?:19|20)\d\d))?(?! (?!and\b|with\b|at\b|when\b|to\b|in\b|but\b|of\b|"
    r"for\b|we\b|as\b|after\b|before\b|because\b|so\b|from\b|on\b)[a-z])|"
    r"(?:in|at|around|towards|until|by) the (?P<part>(?:first|second|third|fourth|last) week|"
    r"beginning|start|middle|"
    rf"end) of (?P<part_month>{MONTH})(?:,? (?P<part_year>\d{{4}}))?(?! \d)|"
    rf"(?:back |later |earlier )?(?:in|last|this past|next|since) (?:early |mid[- ]|late "
    rf")?(?P<month>{MONTH})"
    r"(?:,? (?P<month_year>\d{4}))?(?! \d)|(?:back )?in (?P<year>(?:19|20)\d\d))(?![\w])",
    re.I,
)
"""Every time expression that `resolve` can place."""


_EXPECTED = re.compile(r"\b(?:expecting|turning|due|will|going to)\b")
"""Words that say that a fact's time is to come."""


@dataclass(frozen=True, slots=True)
class Told:
    """A time expression, where it stands, and what it meant when it was written."""

    start: int
    stop: int
    when: When
    phrase: str
    """The same time in words that stay true: `on 3 May 2023`, `around March 2023`."""


def find_times(text: str, written_at: datetime, direction: Direction) -> list[Told]:
    """Return the time expressions of `text` that can be placed, in order.

    `direction` says whether a date without a year is the one before or after `written_at` (aware).
    """
    told = (_told(found, text, written_at, direction) for found in TIME.finditer(text))
    return [each for each in told if each is not None]


def dated(text: str, written_at: datetime) -> str:
    """Return the text with its times in words that stay true: `in April 2023`."""
    direction: Direction = "future" if _EXPECTED.search(text) else "past"
    for told in reversed(find_times(text, written_at, direction)):
        text = text[: told.start] + told.phrase + text[told.stop :]
    return text


def _told(
    found: re.Match[str], text: str, written_at: datetime, direction: Direction
) -> Told | None:
    try:
        interval = _interval(found, written_at, direction)
        return None if interval is None else _clocked(found, text, interval)
    except (OverflowError, ValueError):
        # A count or date that the calendar cannot hold, such as 30 February.
        return None


def _clocked(found: re.Match[str], text: str, interval: _Interval) -> Told:
    """Return the interval as told, narrowed to a minute where a time of day follows it."""
    start, stop, precision, phrase = interval
    end = found.end()
    clock = _CLOCK.match(text, end) if stop - start == timedelta(days=1) else None
    if clock is not None and (clock["half"] or clock["minute"]):
        hour = int(clock["hour"])
        if clock["half"]:
            hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
        start = start.replace(hour=hour, minute=int(clock["minute"] or 0))
        stop, precision, end = start + timedelta(minutes=1), "minute", clock.end()
        phrase += f" at {start:%H:%M}"
    when = When(start.astimezone(UTC), stop.astimezone(UTC), precision)
    return Told(found.start(), end, when, phrase)


_Interval: TypeAlias = "tuple[datetime, datetime, Precision, str]"


def _interval(found: re.Match[str], written_at: datetime, direction: Direction) -> _Interval | None:
    today = written_at.replace(hour=0, minute=0, second=0, microsecond=0)
    for group, place in _PLACERS.items():
        if found[group]:
            return place(found, today, direction)
    return None


def _day(start: datetime) -> _Interval:
    return start, start + timedelta(days=1), "day", f"on {start.day} {start:%B %Y}"


def _days(start: datetime, count: int, name: str) -> _Interval:
    return start, start + timedelta(days=count), "day", f"{name} {start.day} {start:%B %Y}"


def _month(start: datetime, count: int = 1, name: str = "in") -> _Interval:
    start = start.replace(day=1)
    return start, _add_months(start, count), "month", f"{name} {start:%B %Y}"


def _year(year: int, today: datetime) -> _Interval:
    start = today.replace(year=year, month=1, day=1)
    return start, start.replace(year=year + 1), "year", f"in {year}"


def _add_months(day: datetime, count: int) -> datetime:
    months = day.year * 12 + day.month - 1 + count
    return day.replace(year=months // 12, month=months % 12 + 1, day=1)


def _place_ago(found: re.Match[str], today: datetime, _: Direction) -> _Interval:
    word, unit = found["count"].lower(), found["unit"].lower()
    if word in ("few", "a few", "several"):
        if unit not in ("day", "week", "month", "year"):
            unit = "week"
        # "A few" is two to five; the middle names the time.
        if unit == "day":
            return _days(today - timedelta(days=5), 4, "in the days from")
        if unit == "week":
            start, stop = today - timedelta(weeks=5), today - timedelta(weeks=2)
            return start, stop, "month", f"around {today - timedelta(weeks=3):%B %Y}"
        if unit == "month":
            start, stop = _add_months(today, -5), _add_months(today, -1)
            return start, stop, "month", f"around {_add_months(today, -3):%B %Y}"
        start = today.replace(year=today.year - 5, month=1, day=1)
        return start, start.replace(year=today.year - 1), "year", f"around {today.year - 3}"
    count = _COUNTS.get(word) or int(word)
    if unit == "day":
        return _day(today - timedelta(days=count))
    if unit == "week":
        middle = today - timedelta(weeks=count)
        start = middle - timedelta(days=3)
        return start, start + timedelta(days=7), "day", f"around {middle.day} {middle:%B %Y}"
    if unit == "weekend":
        saturday = today - timedelta(days=today.weekday() - 5)
        return _days(saturday - timedelta(weeks=count), 2, "on the weekend of")
    if unit.endswith("day"):
        past = (today.weekday() - _WEEKDAYS.index(unit)) % 7 or 7
        return _day(today - timedelta(days=past + 7 * (count - 1)))
    if unit == "month":
        return _month(_add_months(today, -count), name="around")
    return _year(today.year - count, today)


def _place_day(found: re.Match[str], today: datetime, _: Direction) -> _Interval:
    word = found["day"].lower()
    shift = 0
    if word.startswith(("yesterday", "last night")):
        shift = -1
    elif word.startswith("tomorrow"):
        shift = 1
    elif "before" in word:
        shift = -2
    elif "after tomorrow" in word:
        shift = 2
    return _day(today + timedelta(days=shift))


def _place_date(found: re.Match[str], today: datetime, direction: Direction) -> _Interval | None:
    day = parse_date(found["date"], today.replace(tzinfo=None), direction)
    return None if day is None else _day(today.replace(year=day.year, month=day.month, day=day.day))


def _place_feast(found: re.Match[str], today: datetime, direction: Direction) -> _Interval:
    month, day = _FEASTS[found["feast"].lower()]
    date = today.replace(month=month, day=day)
    if direction == "past" and date > today:
        date = date.replace(year=date.year - 1)
    elif direction == "future" and date < today:
        date = date.replace(year=date.year + 1)
    return _day(date)


def _place_weekday(found: re.Match[str], today: datetime, direction: Direction) -> _Interval:
    target = _WEEKDAYS.index(found["weekday"].lower())
    which = found["which"].lower()
    ahead = (target - today.weekday()) % 7
    if which in ("last", "this past"):
        return _day(today - timedelta(days=(7 - ahead) if ahead else 7))
    if which == "next":
        # Said on a Monday, "next Friday" is the one of next week; of this week it is "this".
        monday = today - timedelta(days=today.weekday())
        return _day(monday + timedelta(days=7 + target))
    if which in ("this", "this coming") or direction == "future":
        return _day(today + timedelta(days=ahead))
    return _day(today - timedelta(days=(7 - ahead) % 7))


def _place_period(found: re.Match[str], today: datetime, direction: Direction) -> _Interval | None:
    near, period = found["near"].lower(), found["period"].lower()
    if near == "the past":
        return None
    step = {"last": -1, "this past": -1, "this": 0, "next": 1}[near]
    monday = today - timedelta(days=today.weekday())
    if period == "week":
        return _days(monday + timedelta(weeks=step), 7, "in the week of")
    if period == "weekend":
        saturday = monday + timedelta(days=5)
        if step == -1 or (step == 0 and direction == "past" and today < saturday):
            saturday -= timedelta(weeks=1)
        elif step == 1:
            saturday += timedelta(weeks=1)
        return _days(saturday, 2, "on the weekend of")
    if period == "month":
        return _month(_add_months(today, step))
    if period == "year":
        return _year(today.year + step, today)
    first, last = _SEASONS[period]
    year = today.year + step
    if step == -1 and today.month >= last:
        # Once this year's is over, "last summer" is this year's.
        year = today.year
    if step == 1 and today.month < first:
        year = today.year
    return _season(period, year, today)


def _season(name: str, year: int, today: datetime) -> _Interval:
    """Return the season that begins in `year`."""
    start = today.replace(year=year, month=_SEASONS[name][0], day=1)
    start, stop, precision, _phrase = _month(start, 3)
    crosses = stop.year > year and stop.month > 1
    return start, stop, precision, f"in {name} {year}{f'/{year + 1}' if crosses else ''}"


def _place_span(found: re.Match[str], today: datetime, direction: Direction) -> _Interval | None:
    """Return the days of "from 3 to 9 June", both of them included."""
    month = month_number(found["span_month"])
    year = int(found["span_year"] or _year_of(month, today, direction))
    first, last = (int(re.sub(r"\D", "", found[part])) for part in ("first", "last"))
    if first >= last:
        return None
    start = today.replace(year=year, month=month, day=first)
    stop = start.replace(day=last) + timedelta(days=1)
    return start, stop, "day", f"from {first} to {last} {start:%B %Y}"


def _place_season(found: re.Match[str], today: datetime, direction: Direction) -> _Interval:
    name = found["season"].lower()
    first, last = _SEASONS[name]
    year = int(found["season_year"] or today.year)
    if not found["season_year"]:
        if direction == "past" and today.month < first:
            year -= 1
        elif direction == "future" and today.month >= last:
            year += 1
    return _season(name, year, today)


def _place_part(found: re.Match[str], today: datetime, direction: Direction) -> _Interval:
    """Return the days of "the first week of September": some ten days are meant at the most."""
    month = month_number(found["part_month"])
    year = int(found["part_year"] or _year_of(month, today, direction))
    first, after = _PARTS[found["part"].lower()]
    start = today.replace(year=year, month=month, day=1)
    stop = min(start + timedelta(days=after - 1), _add_months(start, 1))
    words = re.sub(r"\s+\d{4}$", "", found.group().split(" of ")[0])
    return start + timedelta(days=first - 1), stop, "day", f"{words} of {start:%B %Y}"


def _year_of(month: int, today: datetime, direction: Direction) -> int:
    """Return the year of a month told without one."""
    if direction == "past" and month > today.month:
        return today.year - 1
    if direction == "future" and month < today.month:
        return today.year + 1
    return today.year


def _place_month(found: re.Match[str], today: datetime, direction: Direction) -> _Interval | None:
    if found["month"].rstrip(".") == "may":
        return None
    month = month_number(found["month"])
    year = int(found["month_year"] or _year_of(month, today, direction))
    name = "since" if "since" in found.group().lower() else "in"
    return _month(today.replace(year=year, month=month, day=1), name=name)


def _place_year(found: re.Match[str], today: datetime, _: Direction) -> _Interval:
    return _year(int(found["year"]), today)


_PLACERS: dict[str, Callable[[re.Match[str], datetime, Direction], _Interval | None]] = {
    "ago": _place_ago,
    "day": _place_day,
    "span": _place_span,
    "date": _place_date,
    "feast": _place_feast,
    "weekday": _place_weekday,
    "period": _place_period,
    "season": _place_season,
    "part": _place_part,
    "month": _place_month,
    "year": _place_year,
}
