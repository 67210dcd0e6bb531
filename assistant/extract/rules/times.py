"""Time expressions in a sentence, resolved against the time it was written.

dateparser reads calendar dates. Relative ones ("last weekend", "two weeks ago") are counted here,
because a memory needs the whole interval that was meant and its precision, and dateparser gives a
single point. Intervals are half open, counted in the writer's offset and returned in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.plugins.types import When

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.plugins.types import Precision

Direction: TypeAlias = Literal["past", "future"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
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
_SEASONS = {"spring": (3, 6), "summer": (6, 9), "fall": (9, 12), "autumn": (9, 12)}
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
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
    r"evening|night))?)|(?:back )?(?:last )?(?:on |by |for |until |this past )?(?P<date>"
    rf"(?:(?:{_WEEKDAY},? )?(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?(?![\d-])"
    rf"|(?:{_WEEKDAY},? )?{_MONTH} (?:the )?{_DAY}(?:,? \d{{4}})?(?![\d/-])"
    r"|\d{4}-\d\d-\d\d))|"
    r"(?:back )?(?:on |for |by )(?P<feast>" + "|".join(map(re.escape, _FEASTS)) + r")"
    r"(?! (?!and\b|with\b|at\b|when\b|to\b|in\b|but\b|this\b|last\b|we\b)[a-z])|"
    rf"(?:on |for |by )?(?P<which>last|this past|this coming|this|next|on|for) "
    rf"(?P<weekday>{_WEEKDAY})"
    r"(?: (?:morning|afternoon|evening|night))?|(?:for |over |later |earlier )?(?P<near>last|this "
    r"past|this|next|the past) (?P<period>week(?:end)?|month|year|spring|summer|fall|autumn)|"
    rf"(?:back |later |earlier )?(?:in|last|this past|next|since) (?:early |mid[- ]|late "
    rf")?(?P<month>{_MONTH})"
    r"(?:,? (?P<month_year>\d{4}))?(?! \d)|(?:back )?in (?P<year>(?:19|20)\d\d))(?![\w])",
    re.I,
)
"""Every time expression that `resolve` can place."""


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
    """Return the text with past times in words that stay true: `in April 2023`."""
    for told in reversed(find_times(text, written_at, "past")):
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
    day = _parse_date(found["date"], today.replace(tzinfo=None), direction)
    return None if day is None else _day(today.replace(year=day.year, month=day.month, day=day.day))


_PLAIN_DATE = re.compile(
    rf"(?:the )?(?:(?P<first_day>{_DAY})(?: of)? (?P<month>{_MONTH})|(?P<month_first>{_MONTH}) "
    rf"(?:the )?(?P<day>{_DAY}))(?:,? (?P<year>\d{{4}}))?|"
    r"(?P<iso_year>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)",
    re.I,
)


def _plain_date(words: str, today: datetime, direction: Direction) -> datetime | None:
    """Return the date of words in one of the common forms, None for other forms."""
    found = _PLAIN_DATE.fullmatch(words)
    if found is None:
        return None
    try:
        if found["iso_year"]:
            return datetime(int(found["iso_year"]), int(found["iso_month"]), int(found["iso_day"]))  # noqa: DTZ001 - a calendar date, as `today` is
        name = (found["month"] or found["month_first"]).lower()[:3]
        month = next(n for n, full in enumerate(_MONTHS, 1) if full.startswith(name))
        day = int(re.sub(r"\D", "", found["first_day"] or found["day"]))
        date = today.replace(year=int(found["year"] or today.year), month=month, day=day)
        if not found["year"] and direction == "past" and date > today:
            return date.replace(year=date.year - 1)
        if not found["year"] and direction == "future" and date < today:
            return date.replace(year=date.year + 1)
    except ValueError:
        return None
    return date


@lru_cache(maxsize=4096)
def _parse_date(words: str, today: datetime, direction: Direction) -> datetime | None:
    plain = _plain_date(words, today, direction)
    if plain is not None:
        return plain
    # dateparser costs half a second to import: only a date with more to it pays.
    from dateparser.date import DateDataParser

    parser = _date_parser(DateDataParser, today, direction)
    return parser(re.sub(r"\bthe\b|\bof\b", " ", words.lower()))


def _date_parser(
    parser_class: type, today: datetime, direction: Direction
) -> Callable[[str], datetime | None]:
    parser = parser_class(
        languages=["en"],
        settings={
            "RELATIVE_BASE": today,
            "PREFER_DATES_FROM": direction,
            "REQUIRE_PARTS": ["day", "month"],
            "PARSERS": ["absolute-time"],
        },
    )

    def parse(words: str) -> datetime | None:
        found: datetime | None = parser.get_date_data(words).date_obj
        return found

    return parse


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
    start, _stop, precision, _phrase = _month(today.replace(year=year, month=first, day=1), 3)
    return start, _stop, precision, f"in {period} {year}"


def _place_month(found: re.Match[str], today: datetime, direction: Direction) -> _Interval | None:
    words = found["month"].lower().rstrip(".")
    if words == "may" and not found["month"][0].isupper():
        return None
    month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(words[:3]))
    if found["month_year"]:
        return _month(today.replace(year=int(found["month_year"]), month=month, day=1))
    year = today.year
    if direction == "past" and month > today.month:
        year -= 1
    elif direction == "future" and month < today.month:
        year += 1
    return _month(today.replace(year=year, month=month, day=1))


def _place_year(found: re.Match[str], today: datetime, _: Direction) -> _Interval:
    return _year(int(found["year"]), today)


_PLACERS: dict[str, Callable[[re.Match[str], datetime, Direction], _Interval | None]] = {
    "ago": _place_ago,
    "day": _place_day,
    "date": _place_date,
    "feast": _place_feast,
    "weekday": _place_weekday,
    "period": _place_period,
    "month": _place_month,
    "year": _place_year,
}
