"""Calendar dates in words: the names of months, and which day a date without a year means."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Direction: TypeAlias = Literal["past", "future"]
"""Whether what has no year lies before or after the day it was written."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?"


def month_number(name: str) -> int:
    """Return the number of a month, 1 to 12, from its name or the beginning of it."""
    return next(n for n, full in enumerate(MONTHS, 1) if full.startswith(name[:3].lower()))


_PLAIN_DATE = re.compile(
    rf"(?:the )?(?:(?P<first_day>{DAY})(?: of)? (?P<month>{MONTH})|(?P<month_first>{MONTH}) "
    rf"(?:the )?(?P<day>{DAY}))(?:,? (?P<year>\d{{4}}))?|"
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
        month = month_number(found["month"] or found["month_first"])
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
def parse_date(words: str, today: datetime, direction: Direction) -> datetime | None:
    """Return the day that words mean to one who writes them on `today`, None where there is none.

    `today` is naive midnight.
    """
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
