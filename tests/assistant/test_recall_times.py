"""Times in a query: the exact interval each means, and what is found by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, Query
from memassist.assistant.recall.query_times import ALWAYS_MS, times_asked
from memassist.plugins.types import Record
from memassist.store import memories, times
from memassist.store.memories import MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED_AT = datetime(2023, 8, 16, 12, 0, tzinfo=UTC)  # a Wednesday
OPEN = ""

EXACT = [
    ("today", "2023-08-16", "2023-08-17"),
    ("this morning", "2023-08-16 04:00", "2023-08-16 12:00"),
    ("yesterday", "2023-08-15", "2023-08-16"),
    ("yesterday evening", "2023-08-15 17:00", "2023-08-16"),
    ("last night", "2023-08-15 18:00", "2023-08-16 06:00"),
    ("the day before yesterday", "2023-08-14", "2023-08-15"),
    ("three days ago", "2023-08-13", "2023-08-14"),
    ("last Tuesday", "2023-08-15", "2023-08-16"),
    ("last Wednesday", "2023-08-09", "2023-08-10"),
    ("this Tuesday", "2023-08-15", "2023-08-16"),
    ("on Friday", "2023-08-11", "2023-08-12"),
    ("Monday", "2023-08-14", "2023-08-15"),
    ("Tuesday morning", "2023-08-15 04:00", "2023-08-15 12:00"),
    ("last Monday evening", "2023-08-14 17:00", "2023-08-15"),
    ("this week", "2023-08-14", "2023-08-21"),
    ("last week", "2023-08-07", "2023-08-14"),
    ("the past week", "2023-08-09", "2023-08-17"),
    ("in the last 3 days", "2023-08-13", "2023-08-17"),
    ("in the last couple of days", "2023-08-14", "2023-08-17"),
    ("over the past two weeks", "2023-08-02", "2023-08-17"),
    ("the last 30 days", "2023-07-17", "2023-08-17"),
    ("in the past 24 hours", "2023-08-15 12:00", "2023-08-16 12:00"),
    ("in the last hour", "2023-08-16 11:00", "2023-08-16 12:00"),
    ("last weekend", "2023-08-12", "2023-08-14"),
    ("this month", "2023-08-01", "2023-09-01"),
    ("last month", "2023-07-01", "2023-08-01"),
    ("the past month", "2023-07-16", "2023-08-17"),
    ("this year", "2023-01-01", "2024-01-01"),
    ("last year", "2022-01-01", "2023-01-01"),
    ("in 2021", "2021-01-01", "2022-01-01"),
    ("from 2019", "2019-01-01", "2020-01-01"),
    ("in the 1990s", "1990-01-01", "2000-01-01"),
    ("in May 2023", "2023-05-01", "2023-06-01"),
    ("May 2023", "2023-05-01", "2023-06-01"),
    ("in Aug. 2022", "2022-08-01", "2022-09-01"),
    ("last May", "2023-05-01", "2023-06-01"),
    ("in 2023-05", "2023-05-01", "2023-06-01"),
    ("on 2023-05-03", "2023-05-03", "2023-05-04"),
    ("on 3.5.2023", "2023-05-03", "2023-05-04"),
    ("on 12/25/2022", "2022-12-25", "2022-12-26"),
    ("on 25/12/2022", "2022-12-25", "2022-12-26"),
    ("on 3 May 2023", "2023-05-03", "2023-05-04"),
    ("on the 3rd of May", "2023-05-03", "2023-05-04"),
    ("May 3rd, 2023", "2023-05-03", "2023-05-04"),
    ("on Wednesday, May 3, 2023", "2023-05-03", "2023-05-04"),
    ("on December 24", "2022-12-24", "2022-12-25"),
    ("in the week of 3 May 2023", "2023-05-01", "2023-05-08"),
    ("in summer 2022", "2022-06-01", "2022-09-01"),
    ("in the winter of 2021", "2021-12-01", "2022-03-01"),
    ("last summer", "2022-06-01", "2022-09-01"),
    ("last winter", "2022-12-01", "2023-03-01"),
    ("in Q2 2023", "2023-04-01", "2023-07-01"),
    ("in the first half of 2022", "2022-01-01", "2022-07-01"),
    ("in the second half of May 2023", "2023-05-16", "2023-06-01"),
    ("between 3 and 5 May 2023", "2023-05-03", "2023-05-06"),
    ("from May 3 to 7, 2023", "2023-05-03", "2023-05-08"),
    ("between May 2023 and July 2023", "2023-05-01", "2023-08-01"),
    ("from 3 May to 10 June 2023", "2023-05-03", "2023-06-11"),
    ("from Monday to Tuesday", "2023-08-14", "2023-08-16"),
    ("the week before August 3, 2022", "2022-07-27", "2022-08-03"),
    ("three days after 3 May 2023", "2023-05-06", "2023-05-07"),
    ("the day before 3 May 2023", "2023-05-02", "2023-05-03"),
    ("the Sunday before October 25, 2022", "2022-10-23", "2022-10-24"),
    ("the weekend after 3 May 2023", "2023-05-06", "2023-05-08"),
    ("last weekend before April 11, 2023", "2023-04-08", "2023-04-10"),
    ("before May 2023", OPEN, "2023-05-01"),
    ("before 3 May 2023", OPEN, "2023-05-03"),
    ("until June 2022", OPEN, "2022-07-01"),
    ("by July 10, 2022", OPEN, "2022-07-11"),
    ("after 3 May 2023", "2023-05-04", OPEN),
    ("since 3 May 2023", "2023-05-03", OPEN),
    ("since May", "2023-05-01", OPEN),
    ("since last Tuesday", "2023-08-15", OPEN),
    ("since 2021", "2021-01-01", OPEN),
]

VAGUE = [
    ("a week ago", "2023-08-06", "2023-08-13"),
    ("two weeks ago", "2023-07-30", "2023-08-06"),
    ("about two months ago", "2023-06-01", "2023-07-01"),
    ("a year ago", "2022-01-01", "2023-01-01"),
    ("a few days ago", "2023-08-11", "2023-08-15"),
    ("two hours ago", "2023-08-16 09:30", "2023-08-16 10:30"),
    ("in early May 2023", "2023-05-01", "2023-05-11"),
    ("mid-May 2023", "2023-05-11", "2023-05-21"),
    ("at the end of May 2023", "2023-05-21", "2023-06-01"),
    ("in the first week of May 2023", "2023-05-01", "2023-05-08"),
    ("two weeks before August 11, 2022", "2022-07-25", "2022-08-01"),
    ("recently", "2023-07-17", "2023-08-17"),
    ("the other day", "2023-08-02", "2023-08-17"),
    ("around Christmas 2021", "2021-12-24", "2021-12-27"),
]


def _ms(text: str, end: int) -> int:
    if not text:
        return end
    return times.to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(("words", "start", "stop"), EXACT)
def test_a_time_with_named_ends_is_that_interval_and_filters(
    words: str, start: str, stop: str
) -> None:
    asked = times_asked(f"What did I write {words}?", ASKED_AT)
    (interval,) = asked.intervals
    assert (interval.start_ms, interval.stop_ms) == (_ms(start, -ALWAYS_MS), _ms(stop, ALWAYS_MS))
    assert asked.filter == interval
    assert times_asked(f"What happened {words}?", ASKED_AT).filter is None


@pytest.mark.parametrize(("words", "start", "stop"), VAGUE)
def test_a_vague_time_is_an_interval_and_no_filter(words: str, start: str, stop: str) -> None:
    asked = times_asked(f"What did I write {words}?", ASKED_AT)
    (interval,) = asked.intervals
    assert (interval.start_ms, interval.stop_ms) == (_ms(start, -ALWAYS_MS), _ms(stop, ALWAYS_MS))
    assert asked.filter is None


def test_days_are_counted_where_the_question_is_asked() -> None:
    there = timezone(timedelta(hours=9))
    asked = times_asked("What did I write yesterday?", datetime(2023, 8, 16, 1, 0, tzinfo=there))
    (interval,) = asked.intervals
    assert times.from_ms(interval.start_ms) == datetime(2023, 8, 14, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "query",
    [
        "What did I write last Tuesday?",
        "What was that page about heat pumps I saw last Tuesday?",
        "the article I read last Tuesday",
        "mails from last Tuesday",
        "What did you recommend last Tuesday?",
        "What was on my screen last Tuesday?",
        "Which goal did she mention last Tuesday?",
        "Who messaged last Tuesday?",
    ],
)
def test_what_was_written_or_seen_then_is_asked_for_as_a_filter(query: str) -> None:
    assert times_asked(query, ASKED_AT).filter is not None


@pytest.mark.parametrize(
    "query",
    [
        "What happened last Tuesday?",
        "Who did I have lunch with last Tuesday?",
        "heat pumps last Tuesday",
        "Which birds did we see last Tuesday?",
        "What did I write in May?",
        "What did I write on Monday and on Tuesday?",
        "What did I write for next Tuesday?",
        "Can you recommend a film for me to watch tonight?",
        "Help me write a mail today, please.",
        "Can you suggest some events around me this weekend?",
        "Which article should I read today?",
        "I would like to see the page of yesterday's game again",
    ],
)
def test_other_times_only_help(query: str) -> None:
    assert times_asked(query, ASKED_AT).filter is None


DAYS = (10, 14, 15, 16)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Yield a diary of some days of August, and what it tells of June and July."""
    home: Path = tmp_path_factory.mktemp("times") / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
    with Memory.open(home) as opened:
        told = [(f"d{day}", day, f"Notes on the garden pond, page {day}.") for day in DAYS]
        told += [
            ("trip", 9, "The pond trip took place on 3 June 2023, and it rained all day long."),
            ("plain", 12, "The pond trip was long, and it rained on most of the days, I say."),
        ]
        opened.add_items(
            [
                Record(
                    text=text, place="", ref=ref, origin="hand", kind="message", role="user",
                    native_id=ref, conversation=ref, sequence=0,
                    occurred_at=datetime(2023, 8, day, 9, tzinfo=UTC),
                )
                for ref, day, text in told
            ],
            source="diary",
        )  # fmt: skip
        with opened.wiring.database.write() as connection:
            for text, day in (("Ann moved to Leeds.", 12), ("Ann got married to Bob.", 15)):
                when = times.to_ms(datetime(2023, 8, day, tzinfo=UTC))
                stop = when + 86_400_000
                state = MemoryState("episodic", text, occurred_from=when, occurred_to=stop)
                memories.add(connection, state, "user")
        yield opened


def _found(memory: Memory, text: str) -> tuple[list[str | None], str]:
    found = memory.search(
        Query(text, k=20, kind="evidence", asked_at=ASKED_AT, collapse=False), lexical=True
    )
    return [hit.ref for hit in found.hits], " ".join(found.notes)


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("What did I write about the pond last Tuesday?", {"d15"}),
        ("What did I note on the garden in the last 3 days?", {"d14", "d15", "d16"}),
        ("What did I write about the pond before 13 August 2023?", {"d10", "trip", "plain"}),
        ("pond notes from yesterday", {"d15"}),
        ("What did I write yesterday?", {"d15"}),
        ("What did I write about the pond since Monday?", {"d14", "d15", "d16"}),
    ],
)
def test_nothing_of_another_time_is_found_by_a_filter(
    memory: Memory, query: str, refs: set[str]
) -> None:
    found, notes = _found(memory, query)
    assert set(found) == refs
    assert "Only what was written or seen" in notes


def test_a_time_of_which_there_is_nothing_does_not_hide_the_rest(memory: Memory) -> None:
    found, notes = _found(memory, "What did I write about the pond in 1999?")
    assert len(found) == len(DAYS) + 2
    assert "Nothing was written or seen from 1 January 1999 to 31 December 1999" in notes


def test_a_text_that_tells_of_the_time_asked_for_comes_first(memory: Memory) -> None:
    query = Query("What about the pond trip in June 2023?", kind="evidence", asked_at=ASKED_AT)
    hits = memory.search(query, lexical=True).hits
    assert hits[0].ref == "trip"
    assert {hit.ref: hit.signals["time"] > 0 for hit in hits} == {
        hit.ref: hit.ref == "trip" for hit in hits
    }
    assert len(hits) > 1


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("What did I write about the pond before I moved?", {"d10", "trip"}),
        ("What did I write about the pond since I moved to Leeds?", {"d14", "d15", "d16"}),
        ("What did I write about the garden after Ann got married?", {"d16"}),
    ],
)
def test_a_dated_memory_tells_when_an_event_was(memory: Memory, query: str, refs: set[str]) -> None:
    found, notes = _found(memory, query)
    assert set(found) == refs
    assert "was read as" in notes


@pytest.mark.parametrize(
    "query",
    [
        "What did I write about the pond before I moved to Mars?",
        "What did I write about the pond before Bob died?",
        "When did I move the pond?",
    ],
)
def test_an_event_that_no_memory_tells_of_is_words_like_others(memory: Memory, query: str) -> None:
    found, notes = _found(memory, query)
    assert len(found) >= len(DAYS) + 2
    assert "was read as" not in notes


def test_an_event_lifts_what_was_around_it_and_hides_nothing(memory: Memory) -> None:
    found, _ = _found(memory, "How was the garden pond before I moved?")
    assert len(found) >= len(DAYS) + 2
    assert set(found[:2]) <= {"d10", "trip"}
