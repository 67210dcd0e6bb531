"""Memories that say the same become one: which, by whose word, how many, and back again."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memassist.assistant import Memory
from memassist.assistant.extract.alike import cannot_be_same, key_of
from memassist.assistant.extract.consolidate import ACTOR, MOST_MEMORIES, budget, consolidate
from memassist.assistant.model.server import ServerModel
from memassist.plugins.types import Record
from memassist.store import doctor, memories, vectors
from memassist.store.memories import Evidence, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.assistant.conftest import ScriptedServer


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    with Memory.open(asking_home) as memory:
        yield memory


def remember(memory: Memory, text: str, **changes: Any) -> str:
    """Let a machine make a memory of a line of its own, and return its id."""
    number = memory.maintenance.stats().items + 1
    source = f"Line {number}: {text}"
    memory.add_items([Record(text=source, place=str(number), is_owner=True)], source="test")
    with memory.wiring.database.write() as connection:
        row = connection.execute("SELECT uid FROM item ORDER BY id DESC LIMIT 1").fetchone()
        evidence = Evidence(row[0], 0, len(source), source)
        state = MemoryState("semantic", text, trust=5, extractor="rules@1", evidence=(evidence,))
        return memories.add(connection, replace(state, **changes), "rule").id


def texts(memory: Memory) -> list[str]:
    return sorted(one.state.text for one in memory.memories.list())


@pytest.mark.parametrize(
    "other",
    [
        "ann lives in leeds",
        "Ann now lives in Leeds.",
        "Ann is living in Leeds!",
        "Ann resides in Leeds.",
    ],
)
def test_other_wording_of_the_same_goes_into_the_first_with_its_evidence(
    memory: Memory, other: str
) -> None:
    first = remember(memory, "Ann is living in Leeds." if "is" in other else "Ann lives in Leeds.")
    second = remember(memory, other)
    assert memory.memories.consolidate().is_done
    (stays,) = memory.memories.list()
    assert stays.id == first
    assert len(stays.state.evidence) == 2
    gone = memory.memories.get(second).state
    assert (gone.is_archived, gone.superseded_by) == (True, first)
    assert [len(memory.memories.history(uid)) for uid in (first, second)] == [2, 2]
    assert all(check.ok for check in doctor.check(memory.wiring.database))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann has two cats.", "Ann has three cats."),
        ("The code is 4471.", "The code is 4417."),
        ("Ann lives in Leeds.", "Ann lives in York."),
        ("Ann lives in Leeds.", "Bo lives in Leeds."),
        ("Ann likes olives.", "Ann never likes olives."),
        ("Ann called Bo.", "Bo called Ann."),
        ("Ann's sister is a nurse.", "Ann's brother is a nurse."),
        ("Ann is allergic to cats.", "Ann is allergic to dogs."),
    ],
)
def test_what_only_looks_alike_stays(memory: Memory, one: str, other: str) -> None:
    remember(memory, one)
    remember(memory, other)
    outcome = memory.memories.consolidate()
    assert outcome.steps == ()
    assert len(texts(memory)) == 2
    same_key = key_of(one) == key_of(other)
    assert not same_key or cannot_be_same(
        MemoryState("semantic", one), MemoryState("semantic", other)
    )


def test_times_slots_and_types_keep_memories_apart(memory: Memory) -> None:
    remember(memory, "Ann ran.", occurred_from=1, occurred_to=2, precision="day")
    remember(memory, "Ann ran", occurred_from=3, occurred_to=4, precision="day")
    remember(memory, "Ann ran!", type="core")
    remember(memory, "Ann: ran", slot="sport", occurred_from=1, occurred_to=2)
    remember(memory, "Ann - ran", slot="habit", occurred_from=1, occurred_to=2)
    steps = memory.memories.consolidate(allowed=9).steps
    assert {one.goes.state.text for one in steps} == {"Ann ran."}


def test_a_persons_memory_stays_and_two_of_a_persons_both_do(memory: Memory) -> None:
    remember(memory, "Ann lives in Leeds.")
    touched = remember(memory, "Ann lives in Leeds", is_touched=True)
    also = remember(memory, "ann lives in leeds", is_touched=True)
    memory.memories.consolidate()
    assert {one.id for one in memory.memories.list()} == {touched, also}


def test_evidence_of_lower_trust_never_pulls_a_memory_down(memory: Memory) -> None:
    low = remember(memory, "Ann lives in Leeds.", trust=1)
    high = remember(memory, "Ann lives in Leeds")
    memory.memories.consolidate()
    (stays,) = memory.memories.list()
    assert (stays.id, stays.state.trust, len(stays.state.evidence)) == (high, 5, 1)
    assert memory.memories.get(low).state.superseded_by == high


def test_a_second_look_changes_nothing(memory: Memory) -> None:
    remember(memory, "Ann lives in Leeds.")
    remember(memory, "Ann lives in Leeds")
    memory.memories.consolidate()
    before = [one.id for one in memory.history(limit=100)]
    assert memory.memories.consolidate().steps == ()
    assert [one.id for one in memory.history(limit=100)] == before


@pytest.mark.parametrize("target", ["stays", "goes"])
def test_undo_of_either_change_takes_both_back(memory: Memory, target: str) -> None:
    uids = {
        "stays": remember(memory, "Ann lives in Leeds."),
        "goes": remember(memory, "Ann lives in Leeds"),
    }
    before = {one: memory.memories.get(one).state.to_json() for one in uids.values()}
    memory.memories.consolidate()
    memory.undo(memory.memories.history(uids[target])[0].id)
    assert {one: memory.memories.get(one).state.to_json() for one in uids.values()} == before
    assert all(check.ok for check in doctor.check(memory.wiring.database))


def test_a_plan_beyond_the_budget_does_nothing_and_says_so(memory: Memory) -> None:
    for number in range(5):
        remember(memory, "Ann lives in Leeds" + "!" * number)
    assert budget(5) == 3
    outcome = memory.memories.consolidate()
    assert (len(outcome.steps), outcome.is_done) == (4, False)
    assert len(texts(memory)) == 5
    (problem,) = memory.problems.list()
    assert "4 memories" in problem.reason
    assert "--allow 4" in problem.advice
    assert memory.memories.consolidate(allowed=4, is_rehearsal=True).steps == outcome.steps
    assert memory.memories.consolidate(allowed=4).is_done
    assert len(texts(memory)) == 1
    assert memory.problems.list() == []


def test_budget_is_two_percent_and_never_over_ten() -> None:
    assert [budget(count) for count in (0, 100, 200, 500, 100_000)] == [3, 3, 4, 10, 10]
    assert MOST_MEMORIES == 10


def test_learning_consolidates_by_itself(memory: Memory) -> None:
    remember(memory, "Ann lives in Leeds!")
    line = Record(text="I live in Leeds.", place="1", author="Ann", is_owner=True)
    memory.add_items([line], source="test")
    report = memory.work()
    assert report.became["added"] == 1
    assert not any(job.kind == "consolidate" for job in memory.maintenance.jobs())


class Alike:
    """An embedder to which all statements on one town are the same."""

    model_id = "alike@1:4"
    dimensions = 4

    def embed(self, texts: Sequence[str]) -> Any:
        """Return one unit vector for each text."""
        rows = np.zeros((len(texts), 4), np.float32)
        for number, text in enumerate(texts):
            rows[number, 0 if "Leeds" in text else 1] = 1
        return rows


def looked(memory: Memory, server: ScriptedServer) -> Any:
    """Consolidate with the scripted model and vectors of `Alike`."""
    embedder = Alike()
    with memory.wiring.database.write() as connection:
        row = vectors.model_row(connection, embedder.model_id, 4)
        missing = vectors.memories_without(connection, row)
        matrix = embedder.embed([one[2] for one in missing])
        vectors.put_memories(connection, row, [(one[0], one[1]) for one in missing], matrix)
    return consolidate(memory.wiring.database, embedder, ServerModel(server.url, "scripted"))


def test_the_model_decides_where_rules_can_not_tell(
    memory: Memory, model_server: ScriptedServer
) -> None:
    first = remember(memory, "Maria lives in Leeds.")
    remember(memory, "Leeds is home to Maria.")
    remember(memory, "Bo has a dog.")
    assert memory.memories.consolidate().steps == ()
    model_server.says({"relation": "same"})
    (step,) = looked(memory, model_server).steps
    assert step.stays.id == first
    assert len(model_server.requests) == 1
    assert "Leeds" not in model_server.requests[0]["messages"][0]["content"]
    assert looked(memory, model_server).steps == ()
    assert len(model_server.requests) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria pays 900 pounds in Leeds.", "In Leeds Maria pays 800 pounds."),
        ("Maria works in Leeds.", "Leeds is where Bo works."),
        ("Maria works in Leeds.", "Leeds is not where Maria works."),
    ],
)
def test_no_model_makes_one_of_what_differs_in_number_name_or_negation(
    memory: Memory, model_server: ScriptedServer, one: str, other: str
) -> None:
    remember(memory, one)
    remember(memory, other)
    model_server.says({"relation": "same"})
    assert looked(memory, model_server).steps == ()
    assert len(model_server.requests) == 1


def test_an_update_closes_the_earlier_one_and_keeps_it(
    memory: Memory, model_server: ScriptedServer
) -> None:
    old = remember(memory, "Maria rents in Leeds.", valid_from=1_000)
    new = remember(memory, "Maria bought a flat in Leeds.", valid_from=9_000)
    model_server.says({"relation": "update"})
    assert looked(memory, model_server).is_done
    closed = memory.memories.get(old).state
    assert (closed.valid_to, closed.superseded_by, closed.is_archived) == (9_000, new, False)
    memory.undo(memory.memories.history(old)[0].id)
    assert memory.memories.get(old).state.valid_to is None


WORDINGS = ("Ann lives in Leeds.", "ann lives in leeds", "Ann now lives in Leeds", "Ann likes tea.",
            "Ann loves tea", "Bo has 2 cats.", "Bo has 3 cats.", "bo has 2 cats")  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDINGS), st.booleans()), min_size=2, max_size=7))
def test_undoing_all_of_it_gives_every_memory_back_byte_for_byte(
    told: list[tuple[str, bool]],
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Memory.create(Path(folder) / "home", routes=[]) as memory,
    ):
        for text, is_touched in told:
            remember(memory, text, is_touched=is_touched)
        before = {one.id: one.state.to_json() for one in memory.memories.list(with_archived=True)}
        memory.memories.consolidate(allowed=100)
        while True:
            with memory.wiring.database.write() as connection:
                newest = memories.last_holding(connection, None, ACTOR)
                if newest is None:
                    break
                memories.undo(connection, newest.id, "user")
        after = {one.id: one.state.to_json() for one in memory.memories.list(with_archived=True)}
        assert after == before
        assert [check for check in doctor.check(memory.wiring.database) if not check.ok] == []
