"""What a machine proposes waits once, is decided once, and every decision can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memassist.store import doctor, inbox, memories
from memassist.store.errors import CannotUndoError, NotFoundError

if TYPE_CHECKING:
    from memassist.store.inbox import InboxEntry
    from memassist.store.memories import MemoryState
    from tests.store.conftest import Bench


def propose(bench: Bench, state: MemoryState) -> str | None:
    """Put a candidate into the inbox."""
    with bench.database.write() as connection:
        return inbox.propose(connection, state, "not sure")


def waiting(bench: Bench) -> InboxEntry:
    """Return the one entry that waits."""
    (entry,) = inbox.list_entries(bench.database.read())
    return entry


def approve(bench: Bench, uid: str) -> memories.Memory:
    """Decide for an entry."""
    with bench.database.write() as connection:
        return inbox.approve(connection, uid, "user")


def reject(bench: Bench, uid: str) -> None:
    """Decide against an entry."""
    with bench.database.write() as connection:
        inbox.reject(connection, uid, "user")


def undo(bench: Bench) -> None:
    """Take the latest change back."""
    with bench.database.write() as connection:
        memories.undo(connection, None, "user")


def remembered(bench: Bench) -> list[str]:
    """Return what the memories say."""
    return [one.state.text for one in memories.list_memories(bench.database.read())]


@pytest.fixture
def candidate(bench: Bench) -> MemoryState:
    """Return a candidate that rests on an item."""
    bench.put("I might live in Leeds.")
    return bench.state("Ann lives in Leeds.", "I might live in Leeds.", extractor="rules@1")


def test_a_candidate_waits_once(bench: Bench, candidate: MemoryState) -> None:
    assert propose(bench, candidate) is not None
    assert propose(bench, candidate) is None
    assert propose(bench, replace(candidate, text="ANN LIVES IN LEEDS.")) is None
    assert waiting(bench).candidate == candidate


def test_an_approved_one_is_a_memory_that_a_person_touched(
    bench: Bench, candidate: MemoryState
) -> None:
    propose(bench, candidate)
    memory = approve(bench, waiting(bench).id)
    assert memory.state == replace(candidate, is_touched=True)
    assert inbox.list_entries(bench.database.read()) == []
    (decided,) = inbox.list_entries(bench.database.read(), "approved")
    assert decided.memory_id == memory.id


def test_a_rejected_one_does_not_come_back(bench: Bench, candidate: MemoryState) -> None:
    propose(bench, candidate)
    reject(bench, waiting(bench).id)
    assert propose(bench, candidate) is None
    assert inbox.list_entries(bench.database.read()) == []
    assert remembered(bench) == []


def test_a_rejected_one_can_still_be_approved(bench: Bench, candidate: MemoryState) -> None:
    uid = propose(bench, candidate)
    assert uid is not None
    reject(bench, uid)
    approve(bench, uid)
    assert remembered(bench) == ["Ann lives in Leeds."]


def test_nothing_is_decided_twice(bench: Bench, candidate: MemoryState) -> None:
    uid = propose(bench, candidate)
    assert uid is not None
    approve(bench, uid)
    for decide in (approve, reject):
        with pytest.raises(NotFoundError, match="approved"):
            decide(bench, uid)
    assert remembered(bench) == ["Ann lives in Leeds."]


def test_an_edited_one_is_approved_as_edited(bench: Bench, candidate: MemoryState) -> None:
    uid = propose(bench, candidate)
    assert uid is not None
    with bench.database.write() as connection:
        inbox.edit(connection, uid, replace(candidate, text="Ann lives in York."), "user")
    approve(bench, uid)
    assert remembered(bench) == ["Ann lives in York."]
    undo(bench)
    assert waiting(bench).candidate.text == "Ann lives in York."
    undo(bench)
    assert waiting(bench).candidate == candidate


def test_undo_of_an_approval_takes_the_memory_away_once(
    bench: Bench, candidate: MemoryState
) -> None:
    before = bench.remember(bench.state("made earlier"))
    propose(bench, candidate)
    approve(bench, waiting(bench).id)
    undo(bench)
    assert remembered(bench) == ["made earlier"]
    assert waiting(bench).memory_id is None
    undo(bench)
    assert remembered(bench) == []
    assert memories.revisions(bench.database.read(), before.id)[0].action == "undo"


def test_undo_of_a_rejection_lets_it_wait_again(bench: Bench, candidate: MemoryState) -> None:
    propose(bench, candidate)
    reject(bench, waiting(bench).id)
    undo(bench)
    assert waiting(bench).candidate == candidate


def test_an_approval_is_undone_as_one_thing_and_after_what_stands_on_it(
    bench: Bench, candidate: MemoryState
) -> None:
    propose(bench, candidate)
    memory = approve(bench, waiting(bench).id)
    added = memories.revisions(bench.database.read(), memory.id)[0]
    with bench.database.write() as connection, pytest.raises(CannotUndoError, match="approval"):
        memories.undo(connection, added.id, "user")
    entry = inbox.list_entries(bench.database.read(), "approved")[0]
    approval = memories.revisions(bench.database.read(), entry.id)[0]
    with bench.database.write() as connection:
        state = replace(memory.state, text="changed")
        memories.edit(connection, memory.id, state, "user")
    with bench.database.write() as connection, pytest.raises(CannotUndoError, match="changed"):
        memories.undo(connection, approval.id, "user")
    undo(bench)
    undo(bench)
    assert remembered(bench) == []
    assert waiting(bench).id == entry.id
    assert all(check.ok for check in doctor.check(bench.database))


def test_the_surest_come_first(bench: Bench) -> None:
    for text, confidence in (("low", 0.1), ("high", 0.4), ("middle", 0.3)):
        propose(bench, replace(bench.state(text), confidence=confidence))
    listed = inbox.list_entries(bench.database.read())
    assert [one.candidate.text for one in listed] == ["high", "middle", "low"]
    assert len(inbox.list_entries(bench.database.read(), limit=2)) == 2
    assert inbox.get(bench.database.read(), listed[0].id[-8:]).candidate.text == "high"
    with pytest.raises(NotFoundError):
        inbox.get(bench.database.read(), "ffffffffff")


def test_merging_gives_a_memory_more_evidence_and_is_undone_as_one_thing(
    bench: Bench, candidate: MemoryState
) -> None:
    bench.put("Leeds it is: I live there.")
    known = bench.remember(bench.state("Ann's home is Leeds.", "Leeds it is: I live there."))
    propose(bench, candidate)
    with bench.database.write() as connection:
        merged = inbox.merge(connection, waiting(bench).id, known.id, "user")
    assert merged.state.text == "Ann's home is Leeds."
    assert {one.quote for one in merged.state.evidence} == {
        "Leeds it is: I live there.",
        "I might live in Leeds.",
    }
    assert not inbox.list_entries(bench.database.read())
    undo(bench)
    assert memories.get(bench.database.read(), known.id).state == known.state
    assert waiting(bench).candidate == candidate


def test_a_merge_is_not_undone_under_a_later_change(bench: Bench, candidate: MemoryState) -> None:
    known = bench.remember(bench.state("Ann's home is Leeds."))
    propose(bench, candidate)
    with bench.database.write() as connection:
        merged = inbox.merge(connection, waiting(bench).id, known.id, "user")
        entry = inbox.list_entries(connection, "approved")[0]
        memories.edit(connection, known.id, replace(merged.state, text="changed"), "user")
    merging = memories.revisions(bench.database.read(), entry.id)[0]
    with bench.database.write() as connection, pytest.raises(CannotUndoError, match="changed"):
        memories.undo(connection, merging.id, "user")
    assert not inbox.list_entries(bench.database.read())
