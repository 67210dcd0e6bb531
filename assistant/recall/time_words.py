"""Expressions of time in a query, each with its beginning and end.

The extraction rules' own reader (`extract.rules.times`) places what people write in sentences. A
query says more: spans that roll ("the past two weeks"), hours of a day, parts of a month, seasons
and quarters of a year, dates as they are typed, and times without a preposition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.extract.rules.times import find_times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = "|".join(_WEEKDAYS)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?"
_TO = r" ?(?:and|to|until|till|through|-|\u2013) ?"
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "a couple of": 2, "couple of": 2, "three": 3,
    "few": 3, "a few": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_NUMBER = r"(?:\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_HOURS = {"morning": (4, 12), "afternoon": (12, 18), "evening": (17, 24), "night": (18, 30)}
"""From and to which hour of the day, generously; a night ends the day after."""
_LATELY_DAYS = {"the other day": 14}
_LATELY = 30


@dataclass(frozen=True, slots=True)
class Expression:
    """A time, and where in the text it is named."""

    start: int
    stop: int
    begin: datetime
    end: datetime
    """The first moment after it."""
    is_exact: bool = True
    """Whether both ends are named, or follow from the calendar."""
    month: int | None = None
    """Where only a month is named, without a year: it may be any year's, `begin` aside."""
    word: str = ""
    """A preposition that is part of the expression, in lower case."""

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.end - self.begin == timedelta(days=1)


_Place: TypeAlias = "Callable[[re.Match[str], datetime], tuple[datetime, datetime]]"


def month_number(word: str) -> int:
    """Return 1 to 12 for a month's name or its beginning."""
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.casefold()[:3]))


def weekday_number(word: str) -> int:
    """Return 0 for Monday to 6."""
    return _WEEKDAYS.index(word.casefold())


def add_months(day: datetime, count: int) -> datetime:
    """Return the first day of the month that lies so many months after the day's."""
    months = day.year * 12 + day.month - 1 + count
    return day.replace(year=months // 12, month=months % 12 + 1, day=1)


def _count(word: str) -> int:
    return _NUMBERS.get(word.casefold()) or int(word)


def _digits(word: str) -> int:
    return int(re.sub(r"\D", "", word))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _same_day(day: datetime, months: int) -> datetime:
    """Return the day so many months off, or the last of a shorter month."""
    first = add_months(day, months)
    last = (add_months(first, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def _rolling(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    count, unit = _count(found.groupdict().get("count") or "one"), found["unit"].casefold()
    tomorrow = _midnight(now) + timedelta(days=1)
    if unit in ("hour", "minute"):
        return now - timedelta(**{f"{unit}s": count}), now
    if unit in ("day", "week"):
        return _midnight(now) - timedelta(days=count * (7 if unit == "week" else 1)), tomorrow
    return _same_day(_midnight(now), -count * (12 if unit == "year" else 1)), tomorrow


def _short_ago(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    unit = timedelta(**{f"{found['unit'].casefold()}s": 1})
    middle = now - _count(found["count"]) * unit
    return middle - unit / 2, middle + unit / 2


def _hours(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    days = {"yesterday": -1, "last": -1, "tomorrow": 1}.get(found["day"].casefold(), 0)
    return _part_of(_midnight(now) + timedelta(days=days), found["hours"])


def _part_of(day: datetime, hours: str) -> tuple[datetime, datetime]:
    first, last = _HOURS[hours.casefold()]
    return day + timedelta(hours=first), day + timedelta(hours=last)


def _bare_weekday(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    today = _midnight(now)
    back = (today.weekday() - weekday_number(found["weekday"])) % 7
    if (found["which"] or "").casefold() == "last":
        back = back or 7
    day = today - timedelta(days=back)
    return _part_of(day, found["hours"]) if found["hours"] else (day, day + timedelta(days=1))


def _year(now: datetime, year: str | int, month: int = 1, day: int = 1) -> datetime:
    return _midnight(now).replace(year=int(year), month=month, day=day)


def _half(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    is_first = found["half"].casefold() == "first"
    if found["month"]:
        start = _year(now, found["year"], month_number(found["month"]))
        middle = start.replace(day=16)
        return (start, middle) if is_first else (middle, add_months(start, 1))
    start = _year(now, found["year"], 1 if is_first else 7)
    return start, add_months(start, 6)


def _week_of_month(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    start = _year(now, found["year"], month_number(found["month"]))
    if found["which"].casefold() == "last":
        end = add_months(start, 1)
        return end - timedelta(days=7), end
    weeks = ("first", "second", "third", "fourth").index(found["which"].casefold())
    return start + timedelta(weeks=weeks), start + timedelta(weeks=weeks + 1)


def _part_of_month(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    start = _year(now, found["year"], month_number(found["month"]))
    part = found["part"].casefold().partition(" ")[0]
    if part in ("early", "beginning", "start"):
        return start, start.replace(day=11)
    if part in ("mid", "middle"):
        return start.replace(day=11), start.replace(day=21)
    return start.replace(day=21), add_months(start, 1)


def _season(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    start = _year(now, found["year"], _SEASONS[found["season"].casefold()])
    return start, add_months(start, 3)


def _last_winter(_: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    # The latest that is over: a winter ends with February.
    start = _year(now, now.year - 1 if now.month >= 3 else now.year - 2, 12)
    return start, add_months(start, 3)


def _quarter(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    start = _year(now, found["year"], 3 * int(found["quarter"]) - 2)
    return start, add_months(start, 3)


def _decade(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    return _year(now, found["decade"]), _year(now, int(found["decade"]) + 10)


def _typed_date(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    first, second = int(found["first"]), int(found["second"])
    # Day first, as most of the world writes it, unless the numbers say otherwise.
    if second > 12 or (found["mark"] == "/" and first <= 12 < second):
        first, second = second, first
    day = _year(now, found["year"], second, first)
    return day, day + timedelta(days=1)


def _month_of(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    name = found["month"]
    start = _year(now, found["year"], int(name) if name.isdigit() else month_number(name))
    return start, add_months(start, 1)


def _days_of_month(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    month = month_number(found["month"])
    first, last = _digits(found["first"]), _digits(found["last"])
    year = int(found["year"] or now.year)
    start, end = _year(now, year, month, first), _year(now, year, month, last)
    if not found["year"] and start > now:
        start, end = _year(now, year - 1, month, first), _year(now, year - 1, month, last)
    return start, end + timedelta(days=1)


def _week_of(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    told = find_times(f"on {found['date']}", now, "past")
    if not told:
        raise ValueError(found["date"])
    day = _midnight(told[0].when.start.astimezone(now.tzinfo))
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def _christmas(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    start = _year(now, found["year"] or now.year, 12, 24)
    if not found["year"] and start > now:
        start = start.replace(year=now.year - 1)
    return start, start + timedelta(days=3)


def _whole_year(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    return _year(now, found["year"]), _year(now, int(found["year"]) + 1)


def _lately(found: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    days = _LATELY_DAYS.get(found[0].casefold(), _LATELY)
    return _midnight(now) - timedelta(days=days), _midnight(now) + timedelta(days=1)


_IN = r"(?:(?:in|during|over|for|within|at|of|from) )?"
_DATE = rf"(?:{_DAY}(?: of)? {_MONTH}|{_MONTH} (?:the )?{_DAY})(?:,? {_YEAR})?|{_YEAR}-\d\d-\d\d"
_Reading: TypeAlias = "tuple[re.Pattern[str], _Place, bool]"


def _reads(pattern: str, place: _Place, *, is_exact: bool = True) -> _Reading:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.I), place, is_exact


_FIRST = (
    _reads(
        rf"{_IN}(?:the |these |my )?(?:past|last|previous) (?P<count>{_NUMBER}) "
        r"(?P<unit>minute|hour|day|week|month|year)s?",
        _rolling,
    ),
    _reads(rf"{_IN}the past (?P<unit>hour|day|week|month|year)", _rolling),
    _reads(rf"{_IN}(?:the )?last (?P<unit>hour)", _rolling),
    _reads(
        rf"(?:(?:about|around|some) )?(?P<count>{_NUMBER}) (?P<unit>minute|hour)s? ago",
        _short_ago,
        is_exact=False,
    ),
    _reads(
        r"(?P<day>yesterday|this|last|tomorrow) (?P<hours>morning|afternoon|evening|night)", _hours
    ),
    _reads(
        rf"{_IN}(?:the )?(?P<half>first|second) half of (?:(?P<month>{_MONTH}) )?"
        rf"(?P<year>{_YEAR})",
        _half,
    ),
    _reads(
        rf"{_IN}(?:the )?(?P<which>first|second|third|fourth|last) week (?:of|in) "
        rf"(?P<month>{_MONTH}),? (?P<year>{_YEAR})",
        _week_of_month,
        is_exact=False,
    ),
    _reads(
        rf"{_IN}(?:the )?(?P<part>early|mid|late|(?:beginning|start|middle|end) of)[ -]"
        rf"(?P<month>{_MONTH}),? (?P<year>{_YEAR})",
        _part_of_month,
        is_exact=False,
    ),
    _reads(
        rf"{_IN}(?:the )?(?P<season>spring|summer|autumn|fall|winter) (?:of )?(?P<year>{_YEAR})",
        _season,
    ),
    _reads(rf"{_IN}last winter", _last_winter),
    _reads(rf"{_IN}Q(?P<quarter>[1-4])(?: of)?[ /]?(?P<year>{_YEAR})", _quarter),
    _reads(rf"{_IN}(?:the )?(?P<decade>(?:19|20)\d0)s", _decade),
    _reads(
        r"(?:on )?(?P<first>[0-3]?\d)(?P<mark>[./])(?P<second>[0-3]?\d)(?P=mark)"
        rf"(?P<year>{_YEAR})",
        _typed_date,
    ),
    _reads(rf"{_IN}(?P<year>{_YEAR})-(?P<month>[01]\d)(?![\d-])", _month_of),
    _reads(
        rf"(?:(?:between|from) )?(?:the )?(?P<first>{_DAY}){_TO}(?:the )?(?P<last>{_DAY})"
        rf"(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?",
        _days_of_month,
    ),
    _reads(
        rf"(?:(?:between|from) )?(?P<month>{_MONTH}) (?P<first>{_DAY}){_TO}(?P<last>{_DAY})"
        rf"(?! ?:)(?:,? (?P<year>{_YEAR}))?",
        _days_of_month,
    ),
    _reads(rf"{_IN}the week of (?P<date>{_DATE})", _week_of),
    _reads(
        rf"(?:at|over|around|during|since|before|after) christmas(?! (?:eve|day))"
        rf"(?: (?P<year>{_YEAR}))?",
        _christmas,
        is_exact=False,
    ),
    # "Tuesday, 3 May" is a date, and "the Sunday before 3 May" is counted from one.
    _reads(
        rf"(?<!next )(?:(?:on|from|since|until|after|before) )?(?:(?P<which>last|this(?: past)?) )?"
        rf"(?P<weekday>{WEEKDAY})(?: (?P<hours>morning|afternoon|evening|night))?"
        rf"(?!'|,? (?:the )?(?:{_DAY} |{_DAY}$|{_MONTH} {_DAY})"
        r"| (?:before|after|prior to|following) )",
        _bare_weekday,
    ),
    _reads(r"recently|lately|these days|nowadays|the other day", _lately, is_exact=False),
)
"""Looked for in this order, before what the rules' reader finds; a bare month stands apart."""

_THEN = (
    _reads(rf"{_IN}(?P<month>{_MONTH}),? (?P<year>{_YEAR})", _month_of),
    _reads(
        rf"(?:from|of|during|since|before|after|until|for|in) (?P<year>{_YEAR})(?!-)", _whole_year
    ),
)
"""Looked for after it, for it reads a day with its month and year."""


# Capitals: "may" and "march" are other words too, and no one writes a month's name small who asks
# for one in a sentence.
_BARE_MONTH = re.compile(rf"\b({'|'.join(name.capitalize() for name in _MONTHS)})\b")
_WORD = re.compile(r"(?:back )?(before|after|since|until|till|by|from|between|last)\b", re.I)
_ROUGH = re.compile(
    r"\b(?:about|around|roughly|over|few|several|weeks?|months?|years?)\b.* ago", re.I
)


def expressions(text: str, now: datetime) -> list[Expression]:
    """Return the times that a text names, in order; `now` (aware) is what they are counted from."""
    found: list[Expression] = []
    _add(found, _FIRST, text, now)
    for told in find_times(text, now, "past"):
        words = text[told.start : told.stop]
        word = _word(words)
        begin, end = (moment.astimezone(now.tzinfo) for moment in (told.when.start, told.when.stop))
        # "In May" may be any May; "last May" and "since May" are one.
        is_month = told.when.precision == "month" and re.fullmatch(
            rf"(?:back )?in {_MONTH}", words, re.I
        )
        month = begin.month if is_month else None
        is_exact = _ROUGH.search(words) is None and begin <= now
        if not _is_taken(found, told.start, told.stop):
            found.append(Expression(told.start, told.stop, begin, end, is_exact, month, word))
    _add(found, _THEN, text, now)
    for match in _BARE_MONTH.finditer(text):
        if not _is_taken(found, *match.span()):
            month = month_number(match[1])
            start = now.replace(month=month, day=1)
            found.append(Expression(*match.span(), start, start, is_exact=False, month=month))
    return sorted(found, key=lambda one: one.start)


def _add(
    found: list[Expression],
    patterns: Sequence[_Reading],
    text: str,
    now: datetime,
) -> None:
    for pattern, place, is_exact in patterns:
        for match in pattern.finditer(text):
            if _is_taken(found, *match.span()):
                continue
            try:
                begin, end = place(match, now)
            except (OverflowError, ValueError):
                continue  # a date that no calendar has
            found.append(Expression(*match.span(), begin, end, is_exact, word=_word(match[0])))


def _is_taken(found: list[Expression], start: int, stop: int) -> bool:
    return any(one.start < stop and start < one.stop for one in found)


def _word(words: str) -> str:
    opening = _WORD.match(words)
    return opening[1].casefold() if opening else ""
