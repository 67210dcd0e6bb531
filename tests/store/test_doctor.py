"""Each check fails for the damage it is there for, and a rebuild mends what is derived."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest

from memassist.ingest.split import split
from memassist.store import doctor

if TYPE_CHECKING:
    from tests.store.conftest import Bench


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Return a home with items in two versions, memories by hand and by rules, and vectors."""
    bench.put(*[f"line {number} about apples and pears" for number in range(20)])
    bench.put(bench.record("first draft", native_id="n1", title="Notes"))
    bench.put(bench.record("second draft", native_id="n1", title="Notes"))
    bench.remember(bench.state("Ann likes pears.", "line 1 about apples and pears"))
    bench.remember(
        bench.state("Ann likes apples.", "line 2 about apples and pears", extractor="rules@1")
    )
    bench.work()
    assert failing(bench) == set()
    return bench


def failing(bench: Bench) -> set[str]:
    """Return the names of the checks that fail; each has advice and says what is wrong."""
    wrong = [check for check in doctor.check(bench.database) if not check.ok]
    assert all(check.advice and check.detail for check in wrong)
    return {check.name for check in wrong}


OUTLINES = "every item with passages has an outline, and no other"
DAMAGE = {
    "an item lost its passages": (
        [
            (
                "INSERT INTO passage_index (passage_index, rowid, text, author, title)"
                " SELECT 'delete', id, text, author, title FROM passage_content WHERE id = 1"
            ),
            "DELETE FROM vector WHERE passage_id = 1",
            "DELETE FROM passage WHERE id = 1",
            "DELETE FROM outline WHERE item_id = 1",
        ],
        {"every latest item has passages"},
    ),
    "an item lost its outline": (["DELETE FROM outline WHERE item_id = 1"], {OUTLINES}),
    "an outline stands for nothing": (
        [
            (
                "INSERT INTO outline SELECT id, '', 0, '', 0, 0, 0, 0, 0, 0, 0 FROM item"
                " WHERE NOT is_latest"
            )
        ],
        {OUTLINES},
    ),
    "an old version has a passage": (
        [
            (
                "INSERT INTO passage (item_id, position, start, stop)"
                " SELECT id, 0, 0, 5 FROM item WHERE NOT is_latest"
            ),
            (
                "INSERT INTO passage_index (rowid, text, author, title)"
                " SELECT id, text, author, title FROM passage_content"
                " WHERE id = (SELECT max(id) FROM passage)"
            ),
        ],
        {"no old version has passages", OUTLINES},
    ),
    "a passage reaches out of its item": (
        ["UPDATE passage SET stop = 9999 WHERE id = 1"],
        {"every passage lies inside its item"},
    ),
    "a passage is not indexed": (
        [
            (
                "INSERT INTO passage_index (passage_index, rowid, text, author, title)"
                " SELECT 'delete', id, text, author, title FROM passage_content WHERE id = 1"
            )
        ],
        {"every passage is in the index", "passage_index agrees with the text"},
    ),
    "an index row has no passage": (
        ["INSERT INTO passage_index (rowid, text) VALUES (9999, 'phantom')"],
        {"every index row has a passage", "passage_index agrees with the text"},
    ),
    "a passage says something else than its index row": (
        ["UPDATE item SET text = replace(text, 'line 3 about', 'line 3 above')"],
        {"passage_index agrees with the text"},
    ),
    "a vector has no passage": (
        ["UPDATE vector SET passage_id = 9999 WHERE passage_id = 1"],
        {"every vector has a passage", "all references hold"},
    ),
    "a vector is of another length": (
        ["UPDATE vector SET numbers = x'0102' WHERE passage_id = 1"],
        {"every vector of a passage can be compared"},
    ),
    "a vector lost its signs": (
        ["UPDATE vector SET bits = x'' WHERE passage_id = 1"],
        {"every vector of a passage can be compared"},
    ),
    "a vector is infinite": (
        ["UPDATE vector SET scale = 9e999 WHERE passage_id = 1"],
        {"every vector of a passage can be compared"},
    ),
    "a vector of a memory is of another length": (
        ["UPDATE memory_vector SET numbers = x'0102' WHERE memory_id = 1"],
        {"every vector of a memory can be compared"},
    ),
    "a memory is not indexed": (
        ["DELETE FROM memory_index WHERE rowid = 1"],
        {"every memory is in the index"},
    ),
    "a memory index row has no memory": (
        ["INSERT INTO memory_index (rowid, text) VALUES (9999, 'phantom')"],
        {"every memory index row has a memory"},
    ),
    "the memory index is broken": (
        ["DELETE FROM memory_index_data WHERE id > 10"],
        {"memory_index agrees with the text"},
    ),
    "the passage index is broken": (
        ["DELETE FROM passage_index_data WHERE id > 10"],
        {"passage_index agrees with the text"},
    ),
    "a machine's memory rests on nothing": (
        ["DELETE FROM evidence WHERE memory_id = 2"],
        {
            "every machine-made memory has evidence",
            "every memory is what its newest revision says",
        },
    ),
    "a quote is not what its item says": (
        ["UPDATE evidence SET quote = 'invented' WHERE memory_id = 1"],
        {
            "every quote is what its item says",
            "every memory is what its newest revision says",
        },
    ),
    "a memory changed without a revision": (
        ["UPDATE memory SET confidence = 0.123 WHERE id = 1"],
        {"every memory is what its newest revision says"},
    ),
    "an evidence row points nowhere": (
        [
            (
                "INSERT INTO evidence (memory_id, item_id, start, stop, quote)"
                " VALUES (9999, 9999, 0, 1, 'x')"
            )
        ],
        {"all references hold"},
    ),
}
MENDED_BY_REBUILD = [
    name
    for name in DAMAGE
    if name.startswith(("an item lost", "an old version", "a passage", "an index", "a vector"))
    or "index" in name
]


def damage(bench: Bench, name: str) -> None:
    """Do to the tables what no code of ours does."""
    connection = bench.database.read()
    connection.execute("PRAGMA foreign_keys = OFF")
    with bench.database.write():
        for statement in DAMAGE[name][0]:
            connection.execute(statement)
    connection.execute("PRAGMA foreign_keys = ON")


@pytest.mark.parametrize("name", DAMAGE)
def test_each_damage_is_seen_by_its_check(filled: Bench, name: str) -> None:
    damage(filled, name)
    assert failing(filled) == DAMAGE[name][1]


@pytest.mark.parametrize("name", MENDED_BY_REBUILD)
def test_a_rebuild_mends_what_is_derived(filled: Bench, name: str) -> None:
    damage(filled, name)
    passages = doctor.rebuild(filled.database, split)
    filled.work()
    assert failing(filled) == set()
    assert filled.count("SELECT count(*) FROM passage") == passages == 21
    assert filled.count("SELECT count(*) FROM vector") == passages
    assert filled.count("SELECT count(*) FROM memory_vector") == 2
    found = "SELECT count(*) FROM passage_index WHERE passage_index MATCH 'pears'"
    assert filled.count(found) == 20


def test_a_rebuild_keeps_items_memories_and_history(filled: Bench) -> None:
    kept = "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM revision)"
    before = tuple(filled.database.read().execute(kept).fetchone())
    doctor.rebuild(filled.database, split)
    doctor.rebuild(filled.database, split)
    assert tuple(filled.database.read().execute(kept).fetchone()) == before
    assert filled.count("SELECT count(*) FROM job WHERE kind = 'embed'") == 1
    assert filled.count("SELECT count(*) FROM job WHERE kind = 'embed-memories'") == 1


def test_after_a_rebuild_forgetting_still_empties_the_index(open_bench: Bench) -> None:
    from memassist.store.forget import forget_items

    bench = open_bench
    bench.put("a zqmarkerword to forget", "stays")
    bench.remember(bench.state("Ann said zqmarkerword.", "a zqmarkerword to forget"))
    doctor.rebuild(bench.database, split)
    assert b"zqmarkerword" in bench.everything()
    forget_items(bench.database, [bench.item_id("a zqmarkerword to forget")])
    assert b"zqmarkerw" not in bench.everything()


def test_a_rebuild_of_many_items_queues_them_in_pieces(bench: Bench) -> None:
    for first in range(0, 1200, 400):
        bench.put(*[f"line {number}" for number in range(first, first + 400)])
    doctor.rebuild(bench.database, split)
    rows = bench.database.read().execute(
        "SELECT first_item, last_item FROM job WHERE kind = 'embed' ORDER BY id"
    )
    assert [tuple(row) for row in rows.fetchall()] == [(1, 500), (501, 1000), (1001, 1200)]


def test_vectors_that_are_missing_are_counted(bench: Bench) -> None:
    bench.put("one", "two")
    assert doctor.missing_vectors(bench.database.read(), None) == 2
    bench.work()
    assert doctor.missing_vectors(bench.database.read(), 1) == 0


def test_a_damaged_file_is_reported_and_not_raised(bench: Bench) -> None:
    bench.put(*[f"line {number} " + "word " * 50 for number in range(400)])
    bench.database.close()
    path = bench.database.path
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(secrets.token_bytes(40_960))
        os.fsync(file.fileno())
    checks = doctor.check(bench.database)
    assert not checks[0].ok
    assert checks[0].name == "the file is whole"
    assert "restore" in checks[0].advice


def content(bench: Bench) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    connection = bench.database.read()
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: [tuple(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
        for (name,) in names
    }


def test_a_check_leaves_nothing_behind(filled: Bench) -> None:
    before = content(filled)
    doctor.check(filled.database)
    assert content(filled) == before
