"""Summaries of days and weeks: what they tell, when they change, and what they are kept out of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.assistant.config import set_value
from memassist.assistant.errors import QueryError
from memassist.assistant.reflect import nightly
from memassist.assistant.reflect.periods import (
    day_period,
    parse_day,
    parse_week,
    recent_periods,
    week_period,
)
from memassist.assistant.work import work
from memassist.plugins.types import Record, Trust
from memassist.store import consolidation, doctor, memories, times
from memassist.store.memories import Entity, Evidence, MemoryState
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.assistant.reflect.summary import Summary
    from memassist.store.memories import Memory as StoredMemory
    from tests.assistant.conftest import ScriptedServer

FRIDAY = date(2026, 5, 1)
DENTIST = "Ann went to the dentist on 1 May 2026."
CONCERT = "On 1 May 2026, Ann heard the Leeds choir."
SUMMARY = "Friday 1 May 2026: Ann went to the dentist; Ann heard the Leeds choir."


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    set_value(asking_home, "timezone", ("UTC",))
    with Memory.open(asking_home) as memory:
        yield memory


def at(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def say(memory: Memory, text: str, day: date, **values: Any) -> str:
    """Store what Ann wrote on a day and return the item's id; no rule looks at it."""
    record = Record(
        text=text,
        place=text,
        author="Ann",
        is_owner=True,
        occurred_at=at(day, 9),
        **values,
    )
    memory.add_items([record], source="test")
    return next(item.id for item in memory.timeline(limit=1000) if item.text == text)


def happened(
    memory: Memory, text: str, day: date = FRIDAY, hour: int = 0, **values: Any
) -> StoredMemory:
    """Store a memory of something on a day, resting on words of its own."""
    item = say(memory, f"Dear diary: {text}", day)
    defaults: dict[str, Any] = {"type": "episodic", "trust": Trust.OWNER, "extractor": "rules@1"}
    values = defaults | values
    if values["type"] == "episodic":
        values["precision"] = "minute" if hour else "day"
        values["occurred_from"] = times.to_ms(at(day, hour))
        values["occurred_to"] = times.to_ms(at(day, hour) + timedelta(days=0 if hour else 1))
    evidence = (Evidence(item, 12, 12 + len(text), text),)
    with memory.wiring.database.write() as connection:
        return memories.add(connection, MemoryState(text=text, evidence=evidence, **values), "rule")


def sum_up(memory: Memory, day: date = FRIDAY, **how: Any) -> Summary:
    (found,) = memory.reflection.summarise([day_period(day)], with_model=False, **how)
    assert all(check.ok for check in doctor.check(memory.wiring.database))
    return found


@pytest.fixture
def friday(memory: Memory) -> tuple[StoredMemory, StoredMemory]:
    return happened(memory, DENTIST), happened(memory, CONCERT)


@pytest.mark.usefixtures("friday")
def test_a_day_is_summed_up_from_its_events_and_rests_on_their_evidence(memory: Memory) -> None:
    found = sum_up(memory)
    assert (found.outcome, found.text) == ("written", SUMMARY)
    stored = memory.memories.get(found.memory_id or "")
    assert stored.state.text == SUMMARY
    assert [one.quote for one in stored.state.evidence] == [DENTIST, CONCERT]
    assert stored.state.occurred_from == times.to_ms(at(FRIDAY))


@pytest.mark.usefixtures("friday")
def test_the_same_day_twice_changes_nothing(memory: Memory) -> None:
    sum_up(memory)
    changes = len(memory.history())
    assert sum_up(memory).outcome == "known"
    assert len(memory.history()) == changes


@pytest.mark.usefixtures("friday")
def test_a_trial_changes_nothing_and_tells_what_would_be(memory: Memory) -> None:
    changes = len(memory.history())
    found = sum_up(memory, is_trial=True)
    assert (found.outcome, found.text) == ("written", SUMMARY)
    assert len(memory.history()) == changes


def test_a_summary_never_goes_into_what_it_repeats(
    memory: Memory, friday: tuple[StoredMemory, StoredMemory]
) -> None:
    sum_up(memory)
    standing = consolidation.standing(memory.wiring.database.read())
    assert {one.id for one in standing} == {one.id for one in friday}


def test_no_page_and_no_kinship_comes_from_a_summary(memory: Memory) -> None:
    happened(memory, "Maria is Ann's sister.", type="semantic")
    happened(memory, "Ann met Maria at the choir.", entities=(Entity("person", "Maria"),))
    assert "Maria is Ann's sister" in sum_up(memory).text
    for _ in range(2):
        page = memory.entities.page("Maria")
        assert [one.state.text for one in page.events] == ["Ann met Maria at the choir."]
        assert [one.state.text for one in page.facts] == ["Maria is Ann's sister."]
        (sister,) = [one for one in memory.entities.list() if one.name == "Maria"]
        assert sister.memories == 2
        memory.maintenance.rebuild()


def test_one_event_is_no_summary(memory: Memory) -> None:
    happened(memory, DENTIST)
    assert sum_up(memory).outcome == "too little"
    assert len(memory.memories.list()) == 1


@pytest.mark.usefixtures("friday")
def test_a_summary_is_no_part_of_another_one(memory: Memory) -> None:
    sum_up(memory)
    happened(memory, "Ann flew to Oslo on 2 May 2026.", FRIDAY + timedelta(days=1))
    happened(memory, "Ann saw the fjord on 2 May 2026.", FRIDAY + timedelta(days=1))
    (week,) = memory.reflection.summarise([week_period(FRIDAY)], with_model=False)
    assert week.text == (
        "Week of 27 April 2026: Friday: Ann went to the dentist; Friday: Ann heard the Leeds choir;"
        " Saturday: Ann flew to Oslo; Saturday: Ann saw the fjord."
    )
    assert len(week.evidence) == 4


@pytest.mark.usefixtures("friday")
def test_a_week_of_one_day_says_no_more_than_the_day(memory: Memory) -> None:
    happened(memory, "Ann ate at the Corner House.")
    happened(memory, "Ann met Priya Nair.")
    (week,) = memory.reflection.summarise([week_period(FRIDAY)], with_model=False)
    assert week.outcome == "too little"


@pytest.mark.usefixtures("friday")
def test_what_comes_in_later_is_told_too_and_can_be_undone(memory: Memory) -> None:
    sum_up(memory)
    happened(memory, "Ann bought a kayak.", hour=15)
    found = sum_up(memory)
    assert found.outcome == "rewritten"
    assert found.text.endswith("; Ann bought a kayak.")
    newest = memory.history(found.memory_id, limit=1)[0]
    assert (newest.actor, newest.action) == ("reflection", "replace")
    memory.undo(newest.id)
    assert memory.memories.get(found.memory_id or "").state.text == SUMMARY


def test_an_edited_event_is_told_as_it_is_now(
    memory: Memory, friday: tuple[StoredMemory, StoredMemory]
) -> None:
    sum_up(memory)
    memory.memories.edit(friday[0].id, text="Ann went to Dr Moss.")
    assert sum_up(memory).text == SUMMARY.replace("the dentist", "Dr Moss")


def test_a_summary_of_which_nothing_is_left_is_archived(
    memory: Memory, friday: tuple[StoredMemory, StoredMemory]
) -> None:
    identifier = sum_up(memory).memory_id or ""
    memory.memories.edit(friday[0].id, is_archived=True)
    assert sum_up(memory).outcome == "archived"
    assert memory.memories.get(identifier).state.is_archived
    memory.memories.edit(friday[0].id, is_archived=False)
    assert sum_up(memory).outcome == "written"
    assert not memory.memories.get(identifier).state.is_archived


@pytest.mark.usefixtures("friday")
def test_what_a_person_undid_stays_undone(memory: Memory) -> None:
    identifier = sum_up(memory).memory_id
    memory.undo(memory.history(identifier, limit=1)[0].id)
    assert sum_up(memory).outcome == "yours"
    assert len(memory.memories.list()) == 2


@pytest.mark.usefixtures("friday")
def test_what_a_person_edited_stays_as_it_is(memory: Memory) -> None:
    identifier = sum_up(memory).memory_id or ""
    memory.memories.edit(identifier, text="A fine Friday.")
    happened(memory, "Ann bought a kayak.")
    assert sum_up(memory).outcome == "yours"
    assert memory.memories.get(identifier).state.text == "A fine Friday."


@pytest.mark.usefixtures("friday")
def test_a_forgotten_summary_is_not_written_again(memory: Memory) -> None:
    memory.forget(memory_id=sum_up(memory).memory_id)
    happened(memory, "Ann bought a kayak.")
    assert sum_up(memory).outcome == "yours"


def test_forgetting_an_item_takes_it_out_of_the_summary_which_is_made_anew(
    memory: Memory, friday: tuple[StoredMemory, StoredMemory]
) -> None:
    happened(memory, "Ann bought a kayak.")
    sum_up(memory)
    done = memory.forget(item_ids=[friday[0].state.evidence[0].item_id])
    assert (done.memories, done.to_review) == (1, 0)
    assert memory.inbox.list() == []
    (job,) = [job for job in memory.maintenance.jobs() if job.kind == "reflect"]
    assert job.first_item == job.last_item == FRIDAY.toordinal()
    assert memory.work().became["summary written"] == 1
    (found,) = [one for one in memory.memories.list() if "summary" in str(one.state.fields)]
    assert found.state.text == "Friday 1 May 2026: Ann heard the Leeds choir; Ann bought a kayak."


def test_facts_told_that_day_come_after_its_events_and_conversations_last(memory: Memory) -> None:
    happened(memory, DENTIST)
    happened(memory, "Maria is moving to Leeds.", type="semantic")
    say(memory, "What does a heat pump cost?", FRIDAY, conversation="c1", title="Heat pump offer")
    assert sum_up(memory).text == (
        "Friday 1 May 2026: Ann went to the dentist. Told: Maria is moving to Leeds."
        " Conversations: Heat pump offer."
    )


def test_what_stands_within_the_words_of_another_is_not_told_twice(memory: Memory) -> None:
    happened(memory, DENTIST)
    whole = happened(memory, "Ann's sister Maria lives in Leeds.", type="semantic")
    (span,) = whole.state.evidence
    part = Evidence(span.item_id, span.start, span.start + 18, span.quote[:18])
    state = replace(whole.state, text="Maria is Ann's sister.", evidence=(part,))
    with memory.wiring.database.write() as connection:
        memories.add(connection, state, "rule")
    assert sum_up(memory).text.endswith("Told: Ann's sister Maria lives in Leeds.")


def test_a_fact_that_was_known_before_is_not_told_again(memory: Memory) -> None:
    happened(memory, DENTIST)
    fact = happened(memory, "Maria is moving to Leeds.", type="semantic")
    before = say(memory, "Maria moves to Leeds!", FRIDAY - timedelta(days=9))
    evidence = (*fact.state.evidence, Evidence(before, 0, 5, "Maria"))
    with memory.wiring.database.write() as connection:
        state = memories.get(connection, fact.id).state
        memories.edit(connection, fact.id, replace(state, evidence=evidence), "rule")
    assert sum_up(memory).outcome == "too little"


def test_conversations_alone_are_no_summary(memory: Memory) -> None:
    for number in range(3):
        say(memory, f"Hello {number}", FRIDAY, conversation=f"c{number}", title=f"Talk {number}")
    assert sum_up(memory).outcome == "too little"


def test_words_of_programs_and_archived_memories_are_left_out(memory: Memory) -> None:
    happened(memory, DENTIST)
    happened(memory, "Ann was told of by a program.", trust=Trust.MCP)
    happened(memory, "Ann put this away.", is_archived=True)
    assert sum_up(memory).outcome == "too little"


def test_of_many_events_the_best_borne_out_are_told(memory: Memory) -> None:
    for number in range(9):
        happened(memory, f"Event number {number}.", hour=number + 1, confidence=0.5 + number / 20)
    assert (
        sum_up(memory).text
        == "Friday 1 May 2026: "
        + "; ".join(f"Event number {number}" for number in range(2, 9))
        + "."
    )


def test_summaries_are_found_by_their_time_and_never_crowd_other_memories(
    memory: Memory, friday: tuple[StoredMemory, StoredMemory]
) -> None:
    identifier = sum_up(memory).memory_id
    found = memory.search(Query("dentist", kind="memory", asked_at=at(FRIDAY, 20)))
    assert [hit.memory_id for hit in found.hits] == [friday[0].id]
    found = memory.search(Query("dentist on 1 May 2026", kind="memory", asked_at=at(FRIDAY, 20)))
    assert identifier in [hit.memory_id for hit in found.hits]
    found = memory.search(Query("dentist on 3 May 2026", kind="memory", asked_at=at(FRIDAY, 20)))
    assert identifier not in [hit.memory_id for hit in found.hits]
    found = memory.search(Query("tag:reflection", kind="memory"))
    assert [hit.memory_id for hit in found.hits] == [identifier]


@pytest.mark.usefixtures("friday")
def test_no_answer_rests_on_a_summary(memory: Memory) -> None:
    set_value(memory.wiring.home, "model.url", ("",))
    memory.wiring.reload_config()
    sum_up(memory)
    answer = memory.ask("What did Ann do on Friday 1 May 2026?", asked_at=at(FRIDAY, 20))
    assert "Friday 1 May 2026:" not in answer.answer


def proposed(*sentences: tuple[str, list[int]]) -> dict[str, Any]:
    return {"sentences": [{"text": text, "n": numbers} for text, numbers in sentences]}


@pytest.mark.usefixtures("friday")
def test_a_model_writes_prose_of_which_only_what_is_borne_out_stays(
    memory: Memory, model_server: ScriptedServer
) -> None:
    model_server.says(
        proposed(
            ("Ann went to the dentist.", [1]),
            ("She paid 90 pounds there.", [1]),
            ("Afterwards she heard the Leeds choir", [2]),
            ("She met Zoe.", [2]),
            ("She slept well.", [9]),
        )
    )
    (found,) = memory.reflection.summarise([day_period(FRIDAY)])
    assert found.text == (
        "Friday 1 May 2026: Ann went to the dentist. Afterwards she heard the Leeds choir."
    )
    assert memory.history(found.memory_id, limit=1)[0].actor == "model:scripted"
    system, user = model_server.requests[0]["messages"]
    assert "dentist" not in system["content"]
    assert "-----BEGIN NOTES" in user["content"]


@pytest.mark.usefixtures("friday")
def test_prose_follows_the_list_once_and_no_list_replaces_it(
    memory: Memory, model_server: ScriptedServer
) -> None:
    sum_up(memory)
    model_server.says(proposed(("Ann went to the dentist.", [1])))
    (found,) = memory.reflection.summarise([day_period(FRIDAY)])
    assert (found.outcome, found.text) == (
        "rewritten",
        "Friday 1 May 2026: Ann went to the dentist.",
    )
    asked = len(model_server.requests)
    assert memory.reflection.summarise([day_period(FRIDAY)])[0].outcome == "known"
    assert sum_up(memory).outcome == "known"
    assert len(model_server.requests) == asked


@pytest.mark.usefixtures("friday")
@pytest.mark.parametrize("answer", [proposed(("Bob won 3 prizes.", [1])), proposed(), "nonsense"])
def test_a_model_that_says_nothing_of_use_gives_way_to_the_list(
    memory: Memory, model_server: ScriptedServer, answer: Any
) -> None:
    model_server.says(answer)
    (found,) = memory.reflection.summarise([day_period(FRIDAY)])
    assert found.text == SUMMARY
    assert bool(found.note) == (answer == "nonsense")
    changes = len(memory.history())
    assert memory.reflection.summarise([day_period(FRIDAY)])[0].outcome == "known"
    assert len(memory.history()) == changes


def test_a_night_is_queued_once_and_not_before_three(memory: Memory) -> None:
    database = memory.wiring.database
    assert not nightly.queue_nightly(database, at(FRIDAY, 2))
    assert nightly.queue_nightly(database, at(FRIDAY, 3))
    assert not nightly.queue_nightly(database, at(FRIDAY, 23))
    assert nightly.queue_nightly(database, at(FRIDAY + timedelta(days=1), 3))
    assert [job.kind for job in memory.maintenance.jobs()].count("reflect") == 2


def test_the_nights_job_sums_up_what_is_over(memory: Memory) -> None:
    yesterday = memory.reflection.today() - timedelta(days=1)
    for text in (DENTIST, CONCERT):
        happened(memory, text, yesterday)
        happened(memory, f"Today: {text}", yesterday + timedelta(days=1))
    nightly.queue_nightly(memory.wiring.database, at(yesterday + timedelta(days=1), 4))
    assert work(memory.wiring).became["summary written"] == 1
    assert not [job for job in memory.maintenance.jobs() if job.kind == "reflect"]


def test_recent_periods_are_seven_days_and_the_week_before() -> None:
    sunday = date(2026, 5, 10)
    assert [one.title for one in recent_periods(sunday)][::6] == [
        "Sunday 3 May 2026",
        "Saturday 9 May 2026",
    ]
    assert recent_periods(sunday)[-1].title == "Week of 27 April 2026"


def test_days_and_weeks_as_they_are_typed() -> None:
    assert parse_day("yesterday", FRIDAY) == date(2026, 4, 30)
    assert parse_week("2026-W18", FRIDAY) == parse_week("2026-05-03", FRIDAY)
    for wrong in ("2026-13-01", "soon", ""):
        with pytest.raises(QueryError, match="no day"):
            parse_day(wrong, FRIDAY)
    for wrong in ("2026-W60", "W1", "2026-02-30"):
        with pytest.raises(QueryError, match="no week"):
            parse_week(wrong, FRIDAY)


def test_what_comes_up_is_listed_with_birthdays_and_the_calendar(memory: Memory) -> None:
    item = say(memory, "My flight is soon. Ben's birthday is 4 May.", FRIDAY)
    with memory.wiring.database.write() as connection:
        for text, slot, moment in (
            ("Ann flies to Oslo on 9 May 2026 at 14:00.", None, at(date(2026, 5, 9), 14)),
            ("Ben's birthday is 4 May.", "other:ben:birthday", None),
        ):
            state = MemoryState(
                type="episodic" if moment else "semantic",
                text=text,
                slot=slot,
                evidence=(Evidence(item, 0, 9, "My flight"),),
                occurred_from=None if moment is None else times.to_ms(moment),
                occurred_to=None if moment is None else times.to_ms(moment),
                precision=None if moment is None else "minute",
            )
            memories.add(connection, state, "rule")
    calendar = Record(
        text="Choir rehearsal\nWhen: Tuesday, 05 May 2026, 19:00",
        place="entry 1",
        kind="document",
        title="Choir rehearsal",
        occurred_at=at(date(2026, 5, 5), 19),
        metadata={"entry": "vevent"},
    )
    memory.add_items([calendar], source="test")
    found = memory.reflection.upcoming(30, now=at(FRIDAY, 12))
    assert [(one.kind, one.start.day, one.precision) for one in found] == [
        ("birthday", 4, "day"),
        ("calendar", 5, "minute"),
        ("plan", 9, "minute"),
    ]
    assert [one.evidence[0].quote for one in found] == ["My flight", "Choir rehearsal", "My flight"]
    assert [one.kind for one in memory.reflection.upcoming(4, now=at(FRIDAY, 12))] == [
        "birthday",
    ]


def test_what_was_only_told_afterwards_does_not_come_up(memory: Memory) -> None:
    happened(memory, "Ann went to Oslo on 1 May 2026.", FRIDAY, 8)
    assert memory.reflection.upcoming(30, now=at(FRIDAY, 7)) == []


def test_the_command_shows_what_it_would_write_and_then_writes_it(memory: Memory) -> None:
    home = memory.wiring.home
    happened(memory, DENTIST)
    happened(memory, CONCERT)

    def run(*words: str) -> str:
        command = ["--home", str(home), "reflect", "--no-model", *words]
        return CliRunner().invoke(cli, command, catch_exceptions=False).output

    said = run("--day", "2026-05-01", "--dry-run")
    assert said.startswith(
        f"Friday 1 May 2026: would be written\n    {SUMMARY}\n    [1] “{DENTIST}”"
    )
    assert len(memory.memories.list()) == 2
    assert "Friday 1 May 2026: written\n" in run("--day", "2026-05-01", "--week", "2026-W18")
    found = json.loads(run("--day", "2026-05-01", "--json"))
    assert [(one["outcome"], one["text"]) for one in found["summaries"]] == [("known", SUMMARY)]
    assert "Nothing is planned" in run("--upcoming")
    assert "goes with no day" in run("--upcoming", "--day", "2026-05-01")
