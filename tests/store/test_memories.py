"""A memory changes by revisions, and every one of them can be taken back in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memassist.store import doctor, memories, memory_checks
from memassist.store.errors import CannotUndoError, ConflictError, NotFoundError
from memassist.store.memories import Entity, Evidence, MemoryState

if TYPE_CHECKING:
    from tests.store.conftest import Bench


def edit(bench: Bench, uid: str, text: str, expected: int | None = None) -> memories.Memory:
    """Change what a memory says."""
    with bench.database.write() as connection:
        state = replace(memories.get(connection, uid).state, text=text)
        return memories.edit(connection, uid, state, "user", expected_version=expected)


def undo(bench: Bench, revision: str | None = None) -> memories.Revision:
    """Take a change back."""
    with bench.database.write() as connection:
        return memories.undo(connection, revision, "user")


def texts(bench: Bench) -> list[str]:
    """Return what all memories say, in the order they were made."""
    listed = memories.list_memories(bench.database.read(), with_archived=True)
    return sorted(one.state.text for one in listed)


def history(bench: Bench, uid: str) -> list[str]:
    """Return the actions on a memory, newest first."""
    return [one.action for one in memories.revisions(bench.database.read(), uid)]


def found(bench: Bench, word: str) -> int:
    """Return how many memories the index finds for a word."""
    return bench.count("SELECT count(*) FROM memory_index WHERE memory_index MATCH ?", word)


FULL = MemoryState(
    type="episodic",
    text="Ann ran a race.",
    fields={"event_type": "race", "summary": "10 km", "details": None, "place": "Leeds"},
    slot="race",
    confidence=0.75,
    trust=4,
    tags=("sport", "größer"),
    occurred_from=-1_000,
    occurred_to=2_000,
    precision="day",
    valid_from=5,
    valid_to=7,
    superseded_by="x",
    is_pinned=True,
    is_archived=True,
    extractor="rules@1",
    is_touched=True,
    entities=(Entity("person", "Ann"), Entity("place", "Leeds")),
)


def test_a_memory_comes_back_with_every_field(bench: Bench) -> None:
    bench.put("Ann ran a race in Leeds.")
    item = bench.item_id("Ann ran a race in Leeds.")
    state = replace(FULL, evidence=(Evidence(item, 0, 3, "Ann"), Evidence(item, 4, 7, "ran")))
    memory = bench.remember(state)
    assert memory.state == state
    assert memory.version == 1
    assert memories.state_from_json(state.to_json()) == state


def test_an_unknown_field_is_refused_and_nothing_is_kept(bench: Bench) -> None:
    with pytest.raises(ValueError, match="colour"):
        bench.remember(MemoryState("semantic", "x", fields={"colour": "red"}))
    assert texts(bench) == []
    assert bench.count("SELECT count(*) FROM revision") == 0


def test_edits_count_versions_and_reindex(bench: Bench) -> None:
    memory = bench.remember(bench.state("Ann lives in Leeds."))
    changed = edit(bench, memory.id, "Ann lives in York.")
    assert (changed.version, changed.created_at) == (2, memory.created_at)
    assert (found(bench, "Leeds"), found(bench, "York")) == (0, 1)


def test_the_second_of_two_editors_is_told(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    edit(bench, memory.id, "two", expected=1)
    with pytest.raises(ConflictError) as caught:
        edit(bench, memory.id, "lost", expected=1)
    assert (caught.value.expected, caught.value.found) == (1, 2)
    assert texts(bench) == ["two"]


def test_undo_walks_back_through_every_change_and_then_finds_none(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    for text in ("two", "three", "four"):
        edit(bench, memory.id, text)
    seen = []
    for _ in range(4):
        undo(bench)
        seen.extend(texts(bench) or ["-"])
    assert seen == ["three", "two", "one", "-"]
    with pytest.raises(NotFoundError):
        undo(bench)
    assert history(bench, memory.id) == ["undo"] * 4 + ["edit"] * 3 + ["add"]


def test_a_version_is_never_given_twice(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    edit(bench, memory.id, "two")
    undo(bench)
    assert edit(bench, memory.id, "three").version == 4


def test_undoing_an_undo_brings_the_change_back(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    edit(bench, memory.id, "two")
    taken_back = undo(bench)
    assert texts(bench) == ["one"]
    undo(bench, taken_back.id)
    assert texts(bench) == ["two"]
    undo(bench)
    assert texts(bench) == ["one"]
    assert memories.get(bench.database.read(), memory.id).version == 5


def test_only_the_change_on_top_can_be_taken_back(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    edit(bench, memory.id, "two")
    edit(bench, memory.id, "three")
    newest, middle, added = memories.revisions(bench.database.read(), memory.id)
    for earlier in (middle, added):
        with pytest.raises(CannotUndoError, match=newest.id):
            undo(bench, earlier.id)
    undo(bench, newest.id)
    with pytest.raises(CannotUndoError):
        undo(bench, newest.id)
    undo(bench, middle.id)
    assert texts(bench) == ["one"]


def test_undo_of_an_addition_removes_it_and_its_index_row(bench: Bench) -> None:
    memory = bench.remember(bench.state("Ann lives in Leeds.", entities=["Ann"]))
    bench.work()
    undo(bench)
    assert found(bench, "Leeds") == 0
    for table in ("memory", "memory_vector", "memory_entity"):
        assert bench.count(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - names from above
    undo(bench, memories.revisions(bench.database.read(), memory.id)[0].id)
    assert found(bench, "Leeds") == 1


def test_undo_of_a_merge_gives_the_evidence_back(bench: Bench) -> None:
    bench.put("I live in Leeds.", "Leeds is my home.")
    memory = bench.remember(bench.state("Ann lives in Leeds.", "I live in Leeds."))
    merged = bench.state("Ann lives in Leeds.", "I live in Leeds.", "Leeds is my home.")
    with bench.database.write() as connection:
        memories.edit(connection, memory.id, merged, "rule", "merge")
    undo(bench)
    assert memories.get(bench.database.read(), memory.id).state == memory.state


def test_changes_of_one_memory_do_not_block_another(bench: Bench) -> None:
    first, second = bench.remember(bench.state("a")), bench.remember(bench.state("b"))
    edit(bench, first.id, "A")
    edit(bench, second.id, "B")
    undo(bench, memories.revisions(bench.database.read(), first.id)[0].id)
    assert texts(bench) == ["B", "a"]
    undo(bench)
    assert texts(bench) == ["a", "b"]


def test_undo_needs_a_revision(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        undo(bench, "ffffffffff")


def test_the_clock_never_goes_back_even_if_the_machines_does(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([5_000_000, 5_000_000, 1_000_000, 1_000_000, 6_000_000])
    monkeypatch.setattr("memassist.store.times.now_ms", lambda: next(moments))
    for number in range(5):
        with bench.database.write() as connection:
            memories.record(connection, "memory", "m", "user", "edit", None, str(number))
    rows = bench.database.read().execute("SELECT clock FROM revision ORDER BY id").fetchall()
    clocks = [row[0] for row in rows]
    assert clocks == sorted(set(clocks))
    assert clocks[0] == 5_000_000 << 16
    assert clocks[-1] == 6_000_000 << 16


def test_each_revision_names_the_one_before(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    bench.remember(bench.state("other"))
    edit(bench, memory.id, "two")
    rows = bench.database.read().execute(
        "SELECT uid, parent FROM revision WHERE target = ? ORDER BY id", (memory.id,)
    )
    (first, none), (_, parent) = [tuple(row) for row in rows.fetchall()]
    assert none is None
    assert parent == first


def test_ids_may_be_cut_to_an_ending_that_only_one_has(bench: Bench) -> None:
    memory = bench.remember(bench.state("one"))
    bench.remember(bench.state("two"))
    assert memories.get(bench.database.read(), memory.id[-8:]).id == memory.id
    for wrong in (memory.id[-4:], "", "*", "%" * 8, "' OR 1=1 --"):
        with pytest.raises(NotFoundError):
            memories.get(bench.database.read(), wrong)


def test_lists_put_pinned_ones_first_and_leave_archived_ones_out(bench: Bench) -> None:
    bench.remember(replace(bench.state("pinned"), is_pinned=True))
    bench.remember(bench.state("plain"))
    bench.remember(replace(bench.state("archived"), is_archived=True))
    bench.remember(bench.state("core", type_="core"))
    listed = memories.list_memories(bench.database.read())
    assert [one.state.text for one in listed] == ["pinned", "core", "plain"]
    assert len(memories.list_memories(bench.database.read(), limit=1)) == 1
    assert len(memories.list_memories(bench.database.read(), "core")) == 1
    assert len(memories.list_memories(bench.database.read(), with_archived=True)) == 4


def test_what_is_believed_about_a_slot_leaves_closed_facts_out(bench: Bench) -> None:
    bench.remember(replace(bench.state("was"), slot="home", valid_to=5))
    bench.remember(replace(bench.state("is"), slot="home"))
    bench.remember(replace(bench.state("other"), slot="work"))
    believed = memories.in_slot(bench.database.read(), "home")
    assert [one.state.text for one in believed] == ["is"]


def test_the_doctor_sees_a_memory_changed_behind_its_revisions(bench: Bench) -> None:
    bench.put("Ann lives in Leeds.")
    state = bench.state("Ann lives in Leeds.", "Ann lives in Leeds.", entities=["Ann", "ann"])
    bench.remember(replace(state, evidence=(*state.evidence, *state.evidence)))
    gone = bench.remember(bench.state("gone"))
    assert list(memory_checks.differing_from_revisions(bench.database.read())) == []
    with bench.database.write() as connection:
        connection.execute("UPDATE memory SET text = 'lost update' WHERE uid <> ?", (gone.id,))
        connection.execute("DELETE FROM memory WHERE uid = ?", (gone.id,))
    assert len(list(memory_checks.differing_from_revisions(bench.database.read()))) == 2
    failed = [check.name for check in doctor.check(bench.database) if not check.ok]
    assert "every memory is what its newest revision says" in failed


def test_a_wording_is_looked_up_and_not_read_through_all_memories(bench: Bench) -> None:
    plan = bench.database.read().execute(
        "EXPLAIN QUERY PLAN SELECT * FROM memory WHERE type = ? AND text = ? COLLATE NOCASE"
        " ORDER BY id DESC LIMIT 1",
        ("resource", "Some text."),
    )
    assert "memory_text" in " ".join(row["detail"] for row in plan.fetchall())
