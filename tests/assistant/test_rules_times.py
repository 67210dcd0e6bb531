"""Time expressions against the time of writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memassist.assistant.extract.rules.times import find_times

if TYPE_CHECKING:
    from memassist.assistant.extract.rules.calendar_dates import Direction

SATURDAY = datetime(2023, 5, 20, 7, 47, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "direction", "start", "stop", "precision"),
    [
        ("today", "past", "2023-05-20", "2023-05-21", "day"),
        ("last night", "past", "2023-05-19", "2023-05-20", "day"),
        ("tomorrow", "future", "2023-05-21", "2023-05-22", "day"),
        ("three days ago", "past", "2023-05-17", "2023-05-18", "day"),
        ("two weeks ago", "past", "2023-05-03", "2023-05-10", "day"),
        ("about 3 months ago", "past", "2023-02-01", "2023-03-01", "month"),
        ("a year ago", "past", "2022-01-01", "2023-01-01", "year"),
        ("last week", "past", "2023-05-08", "2023-05-15", "day"),
        ("last weekend", "past", "2023-05-13", "2023-05-15", "day"),
        ("next weekend", "future", "2023-05-27", "2023-05-29", "day"),
        ("last month", "past", "2023-04-01", "2023-05-01", "month"),
        ("next month", "future", "2023-06-01", "2023-07-01", "month"),
        ("last summer", "past", "2022-06-01", "2022-09-01", "month"),
        ("last Saturday", "past", "2023-05-13", "2023-05-14", "day"),
        ("on Saturday", "past", "2023-05-20", "2023-05-21", "day"),
        ("on Monday", "past", "2023-05-15", "2023-05-16", "day"),
        ("on Monday", "future", "2023-05-22", "2023-05-23", "day"),
        ("next Friday", "future", "2023-05-26", "2023-05-27", "day"),
        ("on 3 May", "past", "2023-05-03", "2023-05-04", "day"),
        ("on December 24th", "past", "2022-12-24", "2022-12-25", "day"),
        ("on 3 May", "future", "2024-05-03", "2024-05-04", "day"),
        ("on the 3rd of June", "future", "2023-06-03", "2023-06-04", "day"),
        ("on March 5th, 2021", "past", "2021-03-05", "2021-03-06", "day"),
        ("2023-04-01", "past", "2023-04-01", "2023-04-02", "day"),
        ("in January", "past", "2023-01-01", "2023-02-01", "month"),
        ("in October", "past", "2022-10-01", "2022-11-01", "month"),
        ("in May 2016", "past", "2016-05-01", "2016-06-01", "month"),
        ("in 2019", "past", "2019-01-01", "2020-01-01", "year"),
        ("back on Valentine's Day", "past", "2023-02-14", "2023-02-15", "day"),
    ],
)
def test_expressions_are_placed(
    words: str, direction: Direction, start: str, stop: str, precision: str
) -> None:
    (told,) = find_times(f"We met {words}.", SATURDAY, direction)
    when = told.when
    assert (f"{when.start:%Y-%m-%d}", f"{when.stop:%Y-%m-%d}", when.precision) == (
        start,
        stop,
        precision,
    )


@pytest.mark.parametrize("words", ["on 30 February", "99999 days", "in a may", "at 25:61", "soon"])
def test_what_no_calendar_holds_is_left_out(words: str) -> None:
    assert find_times(f"We met {words}.", SATURDAY, "past") == []


def test_a_clock_time_makes_it_a_minute_in_the_writers_own_zone() -> None:
    written = SATURDAY.replace(tzinfo=timezone(timedelta(hours=2)))
    (told,) = find_times("tomorrow at 7:30 pm", written, "future")
    assert told.when.start == datetime(2023, 5, 21, 17, 30, tzinfo=UTC)
    assert told.when.precision == "minute"


def test_the_phrase_stays_true_without_the_time_of_writing() -> None:
    (told,) = find_times("We met last weekend.", SATURDAY, "past")
    assert told.phrase == "on the weekend of 13 May 2023"


def test_a_feast_that_only_names_something_is_no_time() -> None:
    assert find_times("We saw the Halloween market.", SATURDAY, "past") == []


@settings(deadline=None)
@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.sampled_from(
        ["today", "last week", "two months ago", "last summer", "next Friday", "in March",
         "next weekend", "a few years ago", "on Christmas", "last month", "5 years ago"]
    ),
    st.sampled_from(["past", "future"]),
)  # fmt: skip
def test_every_interval_is_half_open_and_aware(
    written_at: datetime, words: str, direction: Direction
) -> None:
    for told in find_times(words, written_at, direction):
        assert told.when.start < told.when.stop
        assert told.when.start.tzinfo is UTC
