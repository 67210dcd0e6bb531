"""People and places under all their names: found, merged, told apart, and all of it undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memassist.plugins.types import Record
from memassist.store import doctor, entities, entity_changes, items, memories, schema
from memassist.store import home as homes
from memassist.store.entity_names import folded, is_author, is_telling
from memassist.store.entity_page import page_of
from memassist.store.errors import CannotUndoError, EntityError, NotFoundError
from memassist.store.forget import forget_items, forget_memory
from memassist.store.memories import Entity, MemoryState, record

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.store.entities import KnownEntity
    from memassist.store.memories import Memory
    from tests.store.conftest import Bench


def about(bench: Bench, text: str, *names: str | Entity) -> Memory:
    """Store a memory that rests on an item of the same words."""
    bench.put(text)
    state = bench.state(text, text)
    mentions = tuple(one if isinstance(one, Entity) else Entity("person", one) for one in names)
    return bench.remember(replace(state, entities=mentions))


def listed(bench: Bench, *owner_names: str) -> dict[str, tuple[str, ...]]:
    """Return the names of all entities shown, each with its aliases."""
    found = entities.list_entities(bench.database.read(), owner_names=owner_names)
    return {one.name: one.aliases for one in found}


def merge(bench: Bench, kept: str, *others: str) -> KnownEntity:
    with bench.database.write() as connection:
        return entity_changes.merge(connection, kept, others, "user")


def alias(bench: Bench, wanted: str, name: str) -> KnownEntity:
    with bench.database.write() as connection:
        return entity_changes.add_alias(connection, wanted, name, "user")


def split(bench: Bench, wanted: str, name: str, *memory_ids: str) -> KnownEntity:
    with bench.database.write() as connection:
        return entity_changes.split(connection, wanted, name, "user", memory_ids=memory_ids)


def undo(bench: Bench, revision: str | None = None) -> str:
    with bench.database.write() as connection:
        return memories.undo(connection, revision, "user").id


def everything(bench: Bench) -> list[tuple[object, ...]]:
    """Return the names and what was decided of them, and what memories are about."""
    connection = bench.database.read()
    return [
        tuple(row)
        for sql in (
            "SELECT uid, kind, name, merged_into, is_decided FROM entity ORDER BY id",
            "SELECT * FROM memory_entity ORDER BY memory_id, entity_id",
            "SELECT * FROM memory_kin ORDER BY memory_id, alias_id",
        )
        for row in connection.execute(sql).fetchall()
    ]


def test_names_are_listed_with_those_named_most_first(bench: Bench) -> None:
    about(bench, "Tom met Maria.", "Maria", "Tom")
    about(bench, "Maria likes tulips.", "Maria")
    found = entities.list_entities(bench.database.read())
    assert [(one.name, one.memories) for one in found] == [("Maria", 2), ("Tom", 1)]


def test_one_name_of_two_kinds_is_one_entity_of_the_telling_kind(bench: Bench) -> None:
    about(bench, "A card from Maria came.", Entity("thing", "Maria"))
    about(bench, "A letter from Maria came.", Entity("thing", "maria"))
    about(bench, "Ann met Maria.", Entity("person", "Maria"))
    (found,) = entities.list_entities(bench.database.read())
    assert (found.kind, found.name, found.memories) == ("person", "Maria", 3)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("person", "Tomorrow"),
        ("person", "Monday"),
        ("person", "Bachelor"),
        ("person", "First-Class"),
        ("person", "Rachel and Mike"),
        ("person", "Computer Science"),
        ("person", "LGBTQ"),
        ("person", "ann@example.org"),
        ("place", "Data Science"),
        ("place", "Python"),
        ("place", "GPA"),
        ("place", "The"),
        ("place", "Community Yard Sale"),
        ("place", "JAPANTRIP"),
        ("place", "English"),
        ("organisation", "42"),
    ],
)
def test_what_is_no_name(kind: str, name: str) -> None:
    assert not is_telling(kind, name)


def test_what_is_no_name_is_not_shown(bench: Bench) -> None:
    about(bench, "Ann met Maria on Monday.", "Maria", "Monday", Entity("place", "Data Science"))
    assert listed(bench) == {"Maria": ()}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("person", "Maria"),
        ("person", "Jean-Luc O'Neill"),
        ("person", "Dr. Smith"),
        ("person", "José"),
        ("place", "New York City"),
        ("place", "UK"),
        ("place", "Arcadia, California"),
        ("place", "the Lake District"),
        ("organisation", "University of California"),
        ("project", "Kestrel"),
    ],
)
def test_names_are(kind: str, name: str) -> None:
    assert is_telling(kind, name)


@pytest.mark.parametrize(
    ("name", "is_person"),
    [
        ("Caroline", True),
        ("Will", True),
        ("van Gogh", False),
        ("User", False),
        ("support@shop.example", False),
        ("+49 170 1234567", False),
        ("Slackbot", False),
        ("News Bot", False),
    ],
)
def test_which_authors_are_people(name: str, is_person: bool) -> None:
    assert is_author(name) is is_person


def test_authors_of_messages_are_people_and_the_owner_is_not_listed(bench: Bench) -> None:
    records = [
        Record(text=f"Hello {number}", place="x", author=author, native_id=str(number))
        for number, author in enumerate(("Caroline", "Caroline", "Slackbot", "ann@example.org"))
    ]
    with bench.database.write() as connection:
        source = items.source_id(connection, "test", "chat")
        new = [items.NewItem(one, "test@1", False, 3, 0, ()) for one in records]
        items.store_batch(connection, source, new, None)
    about(bench, "Ann met Maria.", "Ann", "Maria")
    assert listed(bench, "Ann") == {"Caroline": (), "Maria": ()}
    caroline = entities.get_entity(bench.database.read(), "caroline")
    assert (caroline.kind, caroline.memories, caroline.items) == ("person", 0, 2)
    merge(bench, "Maria", "Caroline")
    assert listed(bench, "Ann") == {"Maria": ("Caroline",)}
    undo(bench)
    assert listed(bench, "Ann") == {"Caroline": (), "Maria": ()}


def test_somebody_is_found_by_any_name_an_id_or_a_part_of_a_name(bench: Bench) -> None:
    about(bench, "Ann met Maria Weber.", "Maria Weber")
    connection = bench.database.read()
    found = entities.get_entity(connection, "Maria Weber")
    for wanted in ("maria weber", "Weber", "MARIA", found.id, found.id[-8:]):
        assert entities.get_entity(connection, wanted) == found
    with pytest.raises(NotFoundError, match="Mar"):
        entities.get_entity(connection, "Mar")


def test_a_part_of_two_names_finds_neither_and_says_which_there_are(bench: Bench) -> None:
    about(bench, "Ann met Maria Weber and Maria Kern.", "Maria Weber", "Maria Kern")
    with pytest.raises(NotFoundError, match=r"Maria Kern \w{8}; Maria Weber \w{8}"):
        entities.get_entity(bench.database.read(), "Maria")


def test_a_merge_unites_two_and_undo_gives_both_back(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Mia sings.", "Mia")
    before = everything(bench)
    merged = merge(bench, "Maria", "Mia")
    assert (merged.name, merged.aliases, merged.memories) == ("Maria", ("Mia",), 2)
    assert listed(bench) == {"Maria": ("Mia",)}
    undone = undo(bench)
    assert everything(bench) == before
    assert listed(bench) == {"Maria": (), "Mia": ()}
    undo(bench, undone)
    assert listed(bench) == {"Maria": ("Mia",)}


def test_a_merge_changes_no_memory(bench: Bench) -> None:
    memory = about(bench, "Mia sings.", "Mia")
    about(bench, "Ann met Maria.", "Maria")
    merge(bench, "Maria", "Mia")
    assert memories.get(bench.database.read(), memory.id) == memory
    assert all(check.ok for check in doctor.check(bench.database))


def test_merges_in_a_row_keep_all_names_and_are_undone_in_turn(bench: Bench) -> None:
    for name in ("Maria", "Mia", "Mary", "Marie"):
        about(bench, f"{name} sings.", name)
    merge(bench, "Mia", "Mary")
    merge(bench, "Marie", "Maria")
    assert merge(bench, "Marie", "Mary").aliases == ("Maria", "Mary", "Mia")
    first = bench.database.read().execute(
        "SELECT uid FROM revision WHERE action = 'merge' ORDER BY id"
    )
    with pytest.raises(CannotUndoError):
        undo(bench, first.fetchone()[0])
    undo(bench)
    assert listed(bench) == {"Marie": ("Maria",), "Mia": ("Mary",)}
    undo(bench)
    undo(bench)
    assert listed(bench) == {"Maria": (), "Mary": (), "Mia": (), "Marie": ()}


def test_a_later_spelling_of_a_merged_name_joins_the_same_entity(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Mia sings.", "Mia")
    merge(bench, "Maria", "Mia")
    about(bench, "A letter from Mia came.", Entity("thing", "Mia"))
    assert entities.get_entity(bench.database.read(), "Maria").memories == 3


def test_merging_what_is_one_already_is_refused(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    with pytest.raises(EntityError, match="Maria is that already"):
        merge(bench, "Maria", "maria")


def test_an_alias_finds_somebody_and_undo_takes_it_away(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    before = everything(bench)
    assert alias(bench, "Maria", "Mitzi").aliases == ("Mitzi",)
    assert entities.get_entity(bench.database.read(), "mitzi").name == "Maria"
    undo(bench)
    assert everything(bench) == before


def test_an_alias_that_is_somebody_merges_them(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Mia sings.", "Mia")
    assert alias(bench, "Maria", "Mia").memories == 2


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "Maria"])
def test_what_can_be_no_further_name_is_refused(bench: Bench, name: str) -> None:
    about(bench, "Ann met Maria.", "Maria")
    with pytest.raises(EntityError):
        alias(bench, "Maria", name)


def test_a_name_is_split_off_and_undo_brings_it_back(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Mia sings.", "Mia")
    merge(bench, "Maria", "Mia")
    before = everything(bench)
    other = split(bench, "Maria", "Mia")
    assert (other.name, other.memories) == ("Mia", 1)
    assert listed(bench) == {"Maria": (), "Mia": ()}
    undo(bench)
    assert everything(bench) == before


def test_two_of_one_name_are_told_apart_by_their_memories(bench: Bench) -> None:
    kept = about(bench, "Maria sings in a choir.", "Maria")
    moved = about(bench, "Maria runs the bakery.", "Maria", Entity("place", "Leeds"))
    before = everything(bench)
    state = moved.state
    other = split(bench, "Maria", "Maria Weber", moved.id)
    assert (other.name, other.memories) == ("Maria Weber", 1)
    page = page_of(bench.database.read(), "Maria")
    assert [one.id for one in page.facts] == [kept.id]
    assert [one.name for one in page.perhaps_same] == ["Maria Weber"]
    undone = undo(bench)
    assert memories.get(bench.database.read(), moved.id).state == state
    assert everything(bench) == before
    undo(bench, undone)
    assert listed(bench)["Maria Weber"] == ()


def test_a_memory_about_somebody_else_can_not_be_split_off(bench: Bench) -> None:
    about(bench, "Maria sings.", "Maria")
    tom = about(bench, "Tom cooks.", "Tom")
    with pytest.raises(EntityError, match="is not about Maria"):
        split(bench, "Maria", "Maria Weber", tom.id)
    with pytest.raises(EntityError, match="no other name"):
        split(bench, "Maria", "Mia")
    with pytest.raises(EntityError, match="its own name"):
        split(bench, "Maria", "Maria")
    assert listed(bench) == {"Maria": (), "Tom": ()}


def test_a_relation_is_a_name_of_who_holds_it(bench: Bench) -> None:
    about(bench, "Helen is Ann's sister.", "Helen")
    nurse = about(bench, "Ann's sister works as a nurse.")
    assert listed(bench) == {"Helen": ("Ann's sister",)}
    assert nurse.id in {one.id for one in page_of(bench.database.read(), "Helen").facts}
    # The owner's sister is "my sister", whether they are called by name or not.
    for wanted in ("my sister", "Ann's sister"):
        found = entities.get_entity(bench.database.read(), wanted, owner_names=("Ann",))
        assert found.name == "Helen"


def test_two_sisters_are_nobodys_alias(bench: Bench) -> None:
    about(bench, "Helen is my sister.", "Helen")
    second = about(bench, "Ruth is my sister.", "Ruth")
    about(bench, "My sister works as a nurse.")
    assert listed(bench) == {"Helen": (), "Ruth": (), "my sister": ()} or listed(bench) == {
        "Helen": (),
        "Ruth": (),
        "My sister": (),
    }
    with bench.database.write() as connection:
        memories.change(connection, second.id, None, "user", "undo")
    assert listed(bench)["Helen"] == ("my sister",)


def test_undoing_what_told_the_relation_takes_the_alias_away(bench: Bench) -> None:
    told = about(bench, "Helen is my sister.", "Helen")
    about(bench, "Ann met Helen.", "Helen")
    assert listed(bench) == {"Helen": ("my sister",)}
    with bench.database.write() as connection:
        memories.edit(connection, told.id, replace(told.state, is_archived=True), "user")
    assert listed(bench) == {"Helen": ()}


def test_a_relation_can_be_split_off_for_good(bench: Bench) -> None:
    about(bench, "Helen is my sister.", "Helen")
    split(bench, "Helen", "my sister")
    about(bench, "My sister Helen is 34.", "Helen")
    assert listed(bench)["Helen"] == ()


def test_forgetting_takes_names_out_of_decisions_too(open_bench: Bench) -> None:
    bench = open_bench
    about(bench, "Ann met Maria.", "Maria")
    gone = about(bench, "Zebulonia sings.", "Zebulonia")
    merge(bench, "Maria", "Zebulonia")
    alias(bench, "Maria", "Mitzi")
    forget_items(bench.database, [gone.state.evidence[0].item_id])
    assert listed(bench) == {"Maria": ("Mitzi",)}
    assert b"zebulonia" not in bench.everything().lower()
    assert all(check.ok for check in doctor.check(bench.database))


def test_forgetting_the_first_name_leaves_the_others_one_entity(bench: Bench) -> None:
    gone = about(bench, "Zebulonia sings.", "Zebulonia")
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Mia cooks.", "Mia")
    merge(bench, "Zebulonia", "Maria", "Mia")
    forget_memory(bench.database, gone.id)
    assert listed(bench) == {"Maria": ("Mia",)}
    assert all(check.ok for check in doctor.check(bench.database))


def test_a_typed_name_goes_with_the_last_that_is_said(open_bench: Bench) -> None:
    bench = open_bench
    gone = about(bench, "Ann met Maria.", "Maria")
    alias(bench, "Maria", "Zebulonia")
    forget_items(bench.database, [gone.state.evidence[0].item_id])
    assert b"zebulonia" not in bench.everything().lower()


def test_a_page_holds_facts_events_documents_and_who_else_is_there(bench: Bench) -> None:
    bench.put(
        replace(bench.record("Maria Weber paid the plumber.", title="Bills"), kind="document")
    )
    fact = about(bench, "Maria Weber lives in Leeds.", "Maria Weber", Entity("place", "Leeds"))
    typed = about(bench, "Maria Weber likes tulips.")
    about(bench, "Maria Weberstein sings.", "Maria Weberstein")
    past = about(bench, "Maria Weber lived in York.", "Maria Weber")
    event = about(bench, "Maria Weber married in 2020.", "Maria Weber", "Tom")
    with bench.database.write() as connection:
        closed = replace(past.state, valid_to=1)
        memories.edit(connection, past.id, closed, "user")
        dated = replace(event.state, type="episodic", occurred_from=1, occurred_to=2)
        memories.edit(connection, event.id, dated, "user")
    page = page_of(bench.database.read(), "Maria Weber")
    assert [one.id for one in page.facts] == [typed.id, fact.id, past.id]
    assert [one.id for one in page.events] == [event.id]
    assert all(one.state.evidence for one in (*page.facts, *page.events))
    assert [one.title for one in page.documents] == ["Bills"]
    assert {(one.name, one.memories) for one in page.related} == {("Leeds", 1), ("Tom", 1)}
    assert (page.entity.memories, page.mentions) == (3, 1)


def test_list_and_page_count_the_same_memories(bench: Bench) -> None:
    about(bench, "Helen is Ann's sister.", "Helen")
    about(bench, "Ann's sister works as a nurse.")
    about(bench, "Ben is Tom's brother.", "Ben")
    about(bench, "Tom's brother is called Max.", "Max")
    about(bench, "Tom's brother sings.", Entity("person", "Tom's brother"))
    about(bench, "Maria Weber lives in Leeds.", "Maria Weber", Entity("place", "Leeds"))
    about(bench, "Maria Weber likes tulips, and Helen does too.")
    merge(bench, "Maria Weber", "Helen")
    gone = about(bench, "Maria Weber sings in Leeds.", "Maria Weber", Entity("place", "Leeds"))
    with bench.database.write() as connection:
        memories.edit(connection, gone.id, replace(gone.state, is_archived=True), "user")
    connection = bench.database.read()
    found = entities.list_entities(connection)
    assert len(found) >= 2
    for one in found:
        assert page_of(connection, one.id).entity == one


def test_a_first_name_is_offered_as_perhaps_the_same_but_never_merged(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    about(bench, "Maria Weber sings.", "Maria Weber")
    page = page_of(bench.database.read(), "Maria Weber")
    assert [one.name for one in page.perhaps_same] == ["Maria"]
    assert page.entity.memories == 1


def test_rebuild_finds_the_relations_again(bench: Bench) -> None:
    about(bench, "Helen is my sister.", "Helen")
    with bench.database.write() as connection:
        connection.execute("DELETE FROM memory_kin")
    assert listed(bench) == {"Helen": ()}
    doctor.rebuild(bench.database, lambda text, kind, marks: [])
    assert listed(bench) == {"Helen": ("my sister",)}


def test_names_are_looked_up_by_indexes(bench: Bench) -> None:
    about(bench, "Ann met Maria.", "Maria")
    connection = bench.database.read()
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    try:
        page_of(connection, "Maria")
        entities.list_entities(connection)
    finally:
        connection.set_trace_callback(None)
    for sql in asked:
        if not sql.startswith("SELECT"):
            continue
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
        scanned = {step.split()[1] for step in plan if step.startswith("SCAN")}
        # Names themselves are read whole; memories, items and evidence never.
        assert scanned.isdisjoint({"memory", "evidence", "revision", "passage"}), (sql, plan)
        assert not any(step.startswith("SCAN item") and "INDEX" not in step for step in plan)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Ann's mum", "my mother"),
        ("my  Mom", "my mother"),
        ("Tom's dad", "tom's father"),
        ("MARIA", "maria"),
    ],
)
def test_spellings_of_one_name_are_one(name: str, form: str) -> None:
    assert folded(name, ("Ann",)) == form


def test_a_store_from_before_knows_its_people_and_can_still_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [name for name, _ in schema.MIGRATIONS]
    earlier = schema.MIGRATIONS[: names.index("0009_names_of_entities")]
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", earlier)
        old = homes.create(tmp_path / "home", [])
        with old.write() as connection:
            connection.execute(
                "INSERT INTO memory (uid, version, type, text, fields, confidence, trust, tags,"
                " is_pinned, is_archived, is_touched, created_at, updated_at) VALUES"
                " ('m1', 1, 'semantic', 'Helen is my sister.', '{}', 1, 5, '[]', 0, 0, 0, 1, 1)"
            )
            connection.execute(
                "INSERT INTO memory_index (rowid, text) VALUES (1, 'Helen is my sister.')"
            )
            said = MemoryState("semantic", "Helen is my sister.", trust=5)
            record(connection, "memory", "m1", "user", "add", None, said.to_json())
        old.close()
    database = homes.open_home(tmp_path / "home")
    (found,) = entities.list_entities(database.read())
    assert (found.name, found.aliases) == ("Helen", ("my sister",))
    assert all(check.ok for check in doctor.check(database))
    with database.write() as connection:
        memories.undo(connection, None, "user")
    assert entities.list_entities(database.read()) == []
    database.close()
