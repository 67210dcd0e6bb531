"""Links: read off the memories, or said by a person and undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memassist.store import links, memories, slots
from memassist.store.entities import Names
from memassist.store.errors import CannotUndoError, EntityError
from memassist.store.forget import forget_memory
from memassist.store.memories import Entity

if TYPE_CHECKING:
    from memassist.store.links import Relation
    from memassist.store.memories import Memory
    from tests.store.conftest import Bench

DAY = 86_400_000


def event(bench: Bench, text: str, first_day: float, days: float, *names: str) -> Memory:
    """Store an event in Rome that the named persons were at."""
    bench.put(text)
    mentions = (Entity("place", "Rome"), *(Entity("person", name) for name in names))
    state = replace(
        bench.state(text, text, type_="episodic"),
        entities=mentions if names else mentions[:1],
        occurred_from=int(first_day * DAY),
        occurred_to=int((first_day + days) * DAY),
        precision="day",
    )
    return bench.remember(state)


def linked(bench: Bench, memory: Memory, *, about: bool = False) -> list[tuple[str, str, str]]:
    """Return the links of a memory as from-text, relation, to-text."""
    connection = bench.database.read()
    return [
        (one.from_text, one.relation, one.to_text)
        for one in links.links_of(connection, memory.id, Names(connection))
        if about or one.relation != "about"
    ]


def link(bench: Bench, one: Memory, relation: Relation, other: Memory) -> str:
    with bench.database.write() as connection:
        return links.add(connection, one.id, relation, other.id, "user").id


def unlink(bench: Bench, one: Memory, relation: Relation, other: Memory) -> str:
    with bench.database.write() as connection:
        return links.remove(connection, one.id, relation, other.id, "user").id


def undo(bench: Bench, revision: str | None = None) -> str:
    with bench.database.write() as connection:
        return memories.undo(connection, revision, "user").id


def test_a_memory_is_about_what_it_names_under_its_entitys_name(bench: Bench) -> None:
    bench.remember(bench.state("Helen is my sister.", entities=["Helen"]))
    memory = bench.remember(bench.state("My sister met Tom on Monday.", entities=["Tom", "Monday"]))
    told = linked(bench, memory, about=True)
    assert sorted(one[1:] for one in told) == [
        ("about", "Helen (person)"),
        ("about", "Tom (person)"),
    ]


def test_a_fact_contradicts_the_one_that_it_closed(bench: Bench) -> None:
    old, new = (replace(bench.state(text), slot="home") for text in ("In Leeds.", "In York."))
    with bench.database.write() as connection:
        first, _ = slots.fill(connection, replace(old, valid_from=1), "rule")
        second, _ = slots.fill(connection, replace(new, valid_from=2), "rule")
    told = [("In York.", "contradicts", "In Leeds.")]
    assert linked(bench, first) == linked(bench, second) == told
    undo(
        bench,
        bench.database.read()
        .execute("SELECT uid FROM revision WHERE target = ?", (second.id,))
        .fetchone()[0],
    )
    assert linked(bench, first) == []


def test_events_of_one_entity_follow_each_other_in_time(bench: Bench) -> None:
    late = event(bench, "They left.", 30, 1, "Tom")
    early = event(bench, "They came.", 1, 1, "Tom")
    between = event(bench, "They ate.", 9, 1, "Tom")
    event(bench, "Others ate.", 9.5, 0.1)
    assert ("They ate.", "follows", "They came.") in linked(bench, between)
    assert ("They left.", "follows", "They ate.") in linked(bench, between)
    assert ("They left.", "follows", "They came.") not in linked(bench, late)
    assert linked(bench, early) == [("They ate.", "follows", "They came.")]


def test_events_at_the_same_time_follow_in_no_order(bench: Bench) -> None:
    one = event(bench, "They sang.", 1, 1, "Tom")
    event(bench, "They danced.", 1.5, 1, "Tom")
    assert linked(bench, one) == []


def test_an_event_inside_a_trip_to_the_same_place_is_part_of_it(bench: Bench) -> None:
    trip = event(bench, "Ann's trip to Rome.", 10, 8)
    visit = event(bench, "Ann saw the Forum in Rome.", 12, 1)
    weekend = event(bench, "Ann's weekend trip to Rome.", 40, 2)
    dinner = event(bench, "Ann dined in Rome.", 40, 1)
    part = ("Ann saw the Forum in Rome.", "part-of", "Ann's trip to Rome.")
    assert part in linked(bench, visit)
    assert part in linked(bench, trip)
    # Two days that overlap are not yet one whole and its part.
    assert all(one[1] != "part-of" for one in (*linked(bench, weekend), *linked(bench, dinner)))


def test_what_a_document_says_is_part_of_it(bench: Bench) -> None:
    text = "The boiler is a Vaillant. Serviced in May."
    bench.put(replace(bench.record(text, title="Boiler"), kind="document"))
    fields = {"title": "Boiler", "resource_type": "note"}
    document = bench.remember(
        replace(bench.state("Boiler: notes.", text, type_="resource"), fields=dict(fields))
    )
    fact = bench.remember(bench.state("The boiler is a Vaillant.", text))
    told = [("The boiler is a Vaillant.", "part-of", "Boiler: notes.")]
    assert linked(bench, fact) == linked(bench, document) == told


def test_a_person_links_memories_and_undo_takes_it_back(bench: Bench) -> None:
    one, other = (bench.remember(bench.state(text)) for text in ("It rains.", "It is dry."))
    revision = link(bench, one, "contradicts", other)
    told = [("It rains.", "contradicts", "It is dry.")]
    assert linked(bench, one) == linked(bench, other) == told
    undone = undo(bench, revision)
    assert linked(bench, one) == []
    undo(bench, undone)
    assert linked(bench, other) == told


def test_a_person_denies_a_link_that_code_made(bench: Bench) -> None:
    early = event(bench, "They came.", 1, 1, "Tom")
    late = event(bench, "They left.", 30, 1, "Tom")
    denied = unlink(bench, late, "follows", early)
    assert linked(bench, late) == linked(bench, early) == []
    link(bench, late, "follows", early)
    with pytest.raises(CannotUndoError):
        undo(bench, denied)
    undo(bench)
    undo(bench, denied)
    assert linked(bench, early) == [("They left.", "follows", "They came.")]


def test_links_that_make_no_sense_are_refused(bench: Bench) -> None:
    one, other = (bench.remember(bench.state(text)) for text in ("It rains.", "It is dry."))
    with pytest.raises(EntityError, match="itself"):
        link(bench, one, "follows", one)
    with pytest.raises(EntityError, match="not there"):
        unlink(bench, one, "follows", other)
    with pytest.raises(EntityError, match="can't be linked by about"):
        link(bench, one, "about", other)
    link(bench, one, "follows", other)
    with pytest.raises(EntityError, match="there already"):
        link(bench, one, "follows", other)


def test_links_lead_to_no_archived_and_no_forgotten_memory(bench: Bench) -> None:
    one, other = (bench.remember(bench.state(text)) for text in ("It rains.", "It is dry."))
    said = link(bench, one, "follows", other)
    with bench.database.write() as connection:
        memories.edit(connection, other.id, replace(other.state, is_archived=True), "user")
    assert linked(bench, one) == []
    forget_memory(bench.database, other.id)
    assert bench.count("SELECT count(*) FROM link") == 0
    with pytest.raises(CannotUndoError, match="forgotten"):
        undo(bench, said)
    undo(bench)  # what comes before it is still to be undone
