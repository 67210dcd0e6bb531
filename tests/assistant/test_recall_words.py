"""What a query's words say: telling words, the kind of answer wanted, and times."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memassist.assistant.recall.query_times import times_asked
from memassist.assistant.recall.query_words import content_words, wish
from memassist.store import times

ASKED_AT = datetime(2023, 8, 16, 12, 0, tzinfo=UTC)  # a Wednesday


def _fit(query: str, moment: datetime) -> float:
    return times_asked(query, ASKED_AT).fit(times.to_ms(moment))


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=13, tzinfo=UTC)


def test_empty_words_are_left_out_unless_there_are_no_others() -> None:
    assert content_words("Where did Ann's brother go?") == ["Ann's", "brother", "go"]
    assert content_words("who am I?") == ["am"]
    assert content_words("what was it?") == ["what", "was", "it"]
    assert content_words("?!*") == []


@pytest.mark.parametrize(
    ("query", "time", "number", "own_words"),
    [
        ("When did Maria move?", True, False, False),
        ("How long have I lived here?", True, False, True),
        ("How many bikes do I own?", False, True, True),
        ("How many weeks did it take?", True, True, False),
        ("What did you recommend for my garden?", False, False, False),
        ("Remind me of our previous chat about rice", False, False, False),
        ("What is Ann's job?", False, False, False),
    ],
)
def test_a_question_says_what_kind_of_text_would_answer_it(
    query: str, time: bool, number: bool, own_words: bool
) -> None:
    found = wish(query)
    assert (found.time, found.number, found.own_words) == (time, number, own_words)


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("What did we do in June 2023?", "2023-06-20", "2022-06-20"),
        ("What about the June 2021 trip?", "2021-06-01", "2021-05-31"),
        ("Where was Jon on 3 May 2023?", "2023-05-03", "2023-05-02"),
        ("What happened on July 7, 2023?", "2023-07-07", "2023-07-06"),
        ("What did I cook yesterday?", "2023-08-15", "2023-08-14"),
        ("What did I read last week?", "2023-08-09", "2023-08-01"),
        ("What did I read two weeks ago?", "2023-08-02", "2023-06-02"),
        ("Whom did I meet last Friday?", "2023-08-11", "2023-08-10"),
        ("What did I plant in 2020?", "2020-02-02", "2019-12-30"),
        ("What did Ann bake in March?", "2019-03-08", "2023-02-08"),
        ("What did Ann bake in march?", "2023-03-08", "2023-02-08"),
    ],
)
def test_times_in_a_query_are_intervals(query: str, inside: str, outside: str) -> None:
    assert _fit(query, _day(inside)) == 1.0
    assert _fit(query, _day(outside)) == 0.0


def test_shortly_after_counts_in_part_as_people_tell_of_it_then() -> None:
    assert 0.0 < _fit("the trip in June 2023", _day("2023-07-04")) < 1.0
    assert 0.0 < _fit("the trip in June", _day("2022-07-04")) < 1.0
    assert _fit("the trip in June 2023", _day("2023-07-04") + timedelta(days=10)) == 0.0


@pytest.mark.parametrize("query", ["may I march on?", "Who is Ann?", "the second of them", ""])
def test_words_that_are_no_times_name_none(query: str) -> None:
    asked = times_asked(query, ASKED_AT)
    assert not asked.intervals
    assert not asked.months


def test_what_has_no_time_fits_none() -> None:
    assert times_asked("in June 2023", ASKED_AT).fit(None) == 0.0


@given(st.text(max_size=200))
def test_no_query_is_too_strange(query: str) -> None:
    content_words(query)
    wish(query)
    times_asked(query, None).fit(0)


def test_common_dates_need_no_parser_that_takes_half_a_second_to_load() -> None:
    script = (
        "import sys; from datetime import UTC, datetime;"
        "from memassist.assistant.recall.query_times import times_asked;"
        "now = datetime(2023, 8, 16, tzinfo=UTC);"
        "texts = ('on 7 July 2023', 'July 7th, 2023', 'the 3rd of May', '2023-05-03', 'Aug 20');"
        "assert all(times_asked(text, now).intervals for text in texts);"
        "assert 'dateparser' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_day_without_a_year_is_the_last_one() -> None:
    assert _fit("what did I do on August 20?", _day("2022-08-20")) == 1.0
    assert _fit("what did I do on August 3?", _day("2023-08-03")) == 1.0
    assert not times_asked("on February 31", ASKED_AT).intervals
