"""Summaries of people and projects: what they tell, when they change, and where they show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.assistant.config import set_value
from memassist.assistant.extract.settle import settle
from memassist.assistant.reflect.portraits import LEAST_TOLD
from memassist.assistant.work import work
from memassist.plugins.types import Candidate, Record, Span, Trust, Window, WindowItem
from memassist.store import consolidation, doctor, jobs, memories, times, uses
from memassist.store.errors import NotFoundError
from memassist.store.memories import Entity, Evidence, MemoryState
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.assistant.reflect.summary import Summary
    from memassist.store.memories import Memory as StoredMemory
    from tests.assistant.conftest import ScriptedServer

TOLD = (
    "Helen works as a nurse.",
    "Helen lives in Leeds.",
    "Helen plays the cello.",
)
CONCERT = "Helen played in York on 2 May 2026."


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    set_value(asking_home, "timezone", ("UTC",))
    with Memory.open(asking_home) as memory:
        yield memory


def known(memory: Memory, text: str, **values: Any) -> StoredMemory:
    """Store a memory of Helen that rests on words of its own."""
    quote = f"Noted: {text}"
    record = Record(
        text=quote,
        place=text,
        author="Ann",
        is_owner=True,
        occurred_at=datetime(2026, 5, 3, tzinfo=UTC),
    )
    memory.add_items([record], source="test")
    item = next(one.id for one in memory.timeline(limit=100) if one.text == quote)
    defaults: dict[str, Any] = {
        "type": "semantic",
        "trust": Trust.OWNER,
        "extractor": "rules@1",
        "entities": (Entity("person", "Helen"),),
        "evidence": (Evidence(item, 7, len(quote), text),),
    }
    with memory.wiring.database.write() as connection:
        return memories.add(connection, MemoryState(text=text, **(defaults | values)), "rule")


@pytest.fixture
def helen(memory: Memory) -> list[StoredMemory]:
    day = times.to_ms(datetime(2026, 5, 2, tzinfo=UTC))
    concert = {"occurred_from": day, "occurred_to": day + 86_400_000, "precision": "day"}
    facts = [known(memory, text) for text in TOLD]
    return [*facts, known(memory, CONCERT, type="episodic", **concert)]


def sum_up(memory: Memory, who: str = "Helen", **how: Any) -> Summary:
    (found,) = memory.reflection.summarise(entities=[who], **({"with_model": False} | how))
    assert all(check.ok for check in doctor.check(memory.wiring.database))
    return found


def test_a_person_is_summed_up_from_facts_and_events_and_rests_on_their_evidence(
    memory: Memory, helen: list[StoredMemory]
) -> None:
    found = sum_up(memory)
    assert found.outcome == "written"
    assert found.text == (
        "Helen: Helen plays the cello; Helen lives in Leeds; Helen works as a nurse."
        " Helen played in York on 2 May 2026."
    )
    assert {one.quote for one in found.evidence} == {*TOLD, CONCERT}
    state = memory.memories.get(found.memory_id or "").state
    assert (state.type, state.is_summary, state.trust) == ("semantic", True, Trust.OWNER)
    assert memory.entities.page("Helen").summary is not None
    assert {one.id for one in memory.entities.page("Helen").facts} == {one.id for one in helen[:3]}


@pytest.mark.usefixtures("helen")
def test_the_same_twice_changes_nothing_and_a_trial_nothing_at_all(memory: Memory) -> None:
    assert sum_up(memory, is_trial=True).outcome == "written"
    assert memory.entities.page("Helen").summary is None
    before = sum_up(memory)
    assert sum_up(memory) == replace(before, outcome="known")
    assert len(memory.memories.history(before.memory_id or "")) == 1


@pytest.mark.usefixtures("helen")
def test_what_is_learned_or_corrected_is_told_and_undone(memory: Memory) -> None:
    first = sum_up(memory)
    known(memory, "Helen has a dog.")
    second = sum_up(memory)
    assert second.outcome == "rewritten"
    assert "Helen has a dog" in second.text
    memory.undo(memory.memories.history(second.memory_id or "")[0].id)
    assert memory.memories.get(first.memory_id or "").state.text == first.text
    assert sum_up(memory).outcome == "yours"  # what a person undid stays undone


def test_a_fact_that_is_over_is_no_longer_told(memory: Memory, helen: list[StoredMemory]) -> None:
    known(memory, "Helen has a dog.")
    sum_up(memory)
    with memory.wiring.database.write() as connection:
        over = replace(helen[1].state, valid_to=times.now_ms())
        memories.edit(connection, helen[1].id, over, "rule", "supersede")
    assert "Leeds" not in sum_up(memory).text


def test_too_little_is_no_summary_and_one_of_which_too_little_is_left_goes(
    memory: Memory, helen: list[StoredMemory]
) -> None:
    assert len(helen) == LEAST_TOLD
    known(memory, "Tom is a cook.", entities=(Entity("person", "Tom"),))
    assert sum_up(memory, "Tom").outcome == "too little"
    sum_up(memory)
    memory.memories.edit(helen[0].id, is_archived=True)
    assert sum_up(memory).outcome == "archived"
    assert memory.entities.page("Helen").summary is None


def test_forgetting_an_item_takes_it_out_of_the_summary(
    memory: Memory, helen: list[StoredMemory]
) -> None:
    known(memory, "Helen has a dog.")
    found = sum_up(memory)
    memory.forget(item_ids=[helen[0].state.evidence[0].item_id])
    assert memory.entities.page("Helen").summary is None
    (job,) = (one for one in memory.maintenance.jobs() if one.kind == "reflect")
    work(memory.wiring)
    summary = memory.entities.page("Helen").summary
    assert summary is not None
    assert summary.id == found.memory_id
    assert "nurse" not in summary.state.text
    assert all(one.id != job.id for one in memory.maintenance.jobs())


def test_words_of_programs_are_not_told(memory: Memory, helen: list[StoredMemory]) -> None:
    known(memory, "Helen owes Mallory 900 pounds.", trust=Trust.MCP)
    assert "Mallory" not in sum_up(memory).text
    assert helen


@pytest.mark.usefixtures("helen")
def test_a_merged_name_has_no_summary_of_its_own(memory: Memory) -> None:
    sum_up(memory)
    known(memory, "Nell works at night.", entities=(Entity("person", "Nell"),))
    helen = memory.entities.get("Helen")
    memory.entities.merge("Nell", [helen.id])
    night(memory)
    summaries = [one for one in memory.memories.list() if one.state.is_summary]
    assert len(summaries) == 1
    assert summaries[0].id == getattr(memory.entities.page("Nell").summary, "id", None)


def night(memory: Memory) -> None:
    """Do what the daemon does at night."""
    with memory.wiring.database.write() as connection:
        jobs.enqueue(connection, "reflect", 0, 0)
    assert work(memory.wiring).failed == 0


@pytest.mark.usefixtures("helen")
def test_the_night_sums_up_whom_most_memories_name(memory: Memory) -> None:
    known(memory, "Tom is a cook.", entities=(Entity("person", "Tom"),))
    night(memory)
    assert memory.entities.page("Helen").summary is not None
    assert memory.entities.page("Tom").summary is None
    revisions = len(memory.memories.history(sum_up(memory).memory_id or ""))
    night(memory)
    assert len(memory.memories.history(sum_up(memory).memory_id or "")) == revisions == 1


@pytest.mark.usefixtures("helen")
def test_a_summary_is_no_evidence_and_is_kept_out_of_search_and_answers(memory: Memory) -> None:
    found = sum_up(memory)
    ids = {hit.memory_id for hit in memory.search(Query("Helen nurse cello", kind="memory")).hits}
    assert ids
    assert found.memory_id not in ids
    tagged = memory.search(Query("Helen tag:reflection", kind="memory")).hits
    assert [hit.memory_id for hit in tagged] == [found.memory_id]
    connection = memory.wiring.database.read()
    assert found.memory_id not in {one.id for one in consolidation.standing(connection)}
    assert found.memory_id not in uses.fading(connection, times.now_ms() + 10**12)
    (week,) = memory.reflection.summarise([_week_of_may()], with_model=False)
    assert "Helen: " not in week.text


def test_a_summary_keeps_no_statement_from_being_learned(
    memory: Memory, helen: list[StoredMemory]
) -> None:
    sum_up(memory)
    evidence = helen[0].state.evidence[0]
    item = WindowItem(
        evidence.item_id,
        f"Noted: {TOLD[0]}",
        role="user",
        author="Ann",
        is_owner=True,
        trust=Trust.OWNER,
        occurred_at=None,
    )
    candidate = Candidate(
        type="semantic",
        text="Helen lives with a cello.",  # all but a word of it stands in the summary
        evidence=(Span(evidence.item_id, evidence.start, evidence.stop, evidence.quote),),
        extractor="model:scripted@2",
        confidence=0.7,
        fields={"name": "fact", "summary": "Helen lives with a cello."},
    )
    with memory.wiring.database.write() as connection:
        became = settle(connection, Window((item,), None, ("Ann",)), [candidate], 0.5)
    assert dict(became) == {"added": 1}


def _week_of_may() -> Any:
    from memassist.assistant.reflect.periods import parse_week

    return parse_week("2026-W18", datetime(2026, 5, 4, tzinfo=UTC).date())


@pytest.mark.usefixtures("helen")
def test_a_models_prose_stays_as_far_as_the_notes_bear_it_out(
    memory: Memory, model_server: ScriptedServer
) -> None:
    model_server.says(
        {
            "sentences": [
                {"text": "Helen works as a nurse and lives in Leeds.", "n": [2, 3]},
                {"text": "Helen lives in Paris.", "n": [2]},
            ]
        }
    )
    found = sum_up(memory, with_model=True)
    assert found.text == "Helen: Helen works as a nurse and lives in Leeds."
    asked = model_server.requests[-1]["messages"]
    assert "Helen" not in asked[0]["content"]
    assert json.dumps(CONCERT.rstrip("."))[1:-1] in asked[1]["content"]


@pytest.mark.usefixtures("helen")
def test_the_command_sums_somebody_up_and_the_page_shows_it(memory: Memory) -> None:
    home = ["--home", str(memory.wiring.home)]

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, [*home, *words], catch_exceptions=False).stdout

    assert "Helen: would be written" in run("reflect", "--entity", "Helen", "--dry-run")
    assert "Helen: written\n    Helen: Helen plays the cello" in run("reflect", "--entity", "helen")
    assert "\nHelen: Helen plays the cello; " in run("entities", "show", "Helen")
    shown = json.loads(run("entities", "show", "Helen", "--json"))
    assert shown["summary"]["tags"] == ["reflection"]
    with pytest.raises(NotFoundError):
        run("reflect", "--entity", "Nobody")
