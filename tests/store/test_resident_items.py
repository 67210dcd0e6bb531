"""Outlines held in memory answer as the table does, whatever was committed in between."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import database as databases
from memassist.store import doctor, resident_items, schema
from memassist.store.forget import forget_items
from memassist.store.outline import LAST_SEQUENCE
from memassist.store.resident_items import HeldOutline, ResidentItems
from memassist.store.sketches import StoredOutline
from tests.store.outlines import assert_alike, told

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from tests.store.conftest import Bench

AT = datetime(2025, 3, 1, 12, tzinfo=UTC)


def talk(name: str, count: int, *, start: int = 0) -> list[Record]:
    return [
        Record(
            text=f"{name} says {number}{'?' if number % 3 else ' yesterday'}",
            place="",
            conversation=name,
            sequence=number,
            author=("Ann", "Bo", None)[number % 3],
            occurred_at=AT if number % 2 else None,
            native_id=f"{name}-{number}",
        )
        for number in range(start, start + count)
    ]


class Rig:
    """A store, and its outlines held."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.held = ResidentItems()
        self.held.expects_more = True

    def check(self, connection: Connection | None = None) -> HeldOutline:
        """Compare what is held with what the table says."""
        connection = connection or self.bench.database.read()
        outline = self.held.outline(connection)
        assert isinstance(outline, HeldOutline)
        assert_alike(connection, outline)
        return outline

    def uid(self, text: str) -> str:
        row = self.bench.database.read().execute("SELECT uid FROM item WHERE text = ?", (text,))
        return str(row.fetchone()[0])


@pytest.fixture
def rig(bench: Bench) -> Rig:
    return Rig(bench)


def test_an_empty_store_has_no_outlines(rig: Rig) -> None:
    outline = rig.check()
    none = np.zeros(0, np.int64)
    assert len(outline.sketches(none)) == 0
    assert len(outline.around(np.array([1, 2]), 2)[0]) == 0


def test_what_is_held_says_what_the_table_says(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 9), *talk("bo", 4), "alone", "A long note. " * 900)
    outline = rig.check()
    sketch = told(outline.sketches(np.array([2])))[2]
    assert sketch["talk"] == [2]
    assert (sketch["sequence"], sketch["author"], sketch["asks"]) == (1, "Bo", True)
    assert sketch["at"] == AT.timestamp() * 1000


def test_later_items_come_where_they_belong(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 4), *talk("bo", 4))
    rig.check()
    rig.bench.put(*talk("ann", 3, start=4), *talk("eve", 2), "alone")
    rig.check()
    rig.bench.put(Record(text="in between", place="", conversation="ann", sequence=2))
    rig.check()


def test_the_next_version_takes_the_place_of_the_one_before(rig: Rig) -> None:
    before = talk("ann", 5)
    rig.bench.put(*before)
    rig.check()
    rig.bench.put(replace(before[2], text="ann says something else"))
    outline = rig.check()
    assert len(outline.rows) == 5


def test_passages_that_go_over_to_the_next_version_belong_to_it(rig: Rig) -> None:
    parts = [f"# Part {number}\n\n" + f"word{number} " * 250 for number in range(6)]
    note = Record(text="\n\n".join(parts), place="", native_id="note", kind="document")
    rig.bench.put(note, *talk("ann", 3))
    rig.check()
    rig.bench.put(replace(note, text="\n\n".join([*parts[:5], "# New\n\nquite another end"])))
    outline = rig.check()
    owners = set(outline.owners(outline.passages)[1].tolist())
    assert owners == {2, 3, 4, 5}


def test_what_was_forgotten_is_held_no_longer(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6), "alone")
    rig.check()
    forget_items(rig.bench.database, [rig.uid("alone"), rig.uid("ann says 4?")])
    assert len(rig.check().rows) == 5
    rig.bench.put(*talk("ann", 2, start=6))
    assert len(rig.check().rows) == 7


def test_as_many_gone_as_came_is_seen_too(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6))
    rig.check()
    forget_items(rig.bench.database, [rig.uid("ann says 4?")])
    rig.bench.put("alone")
    rig.check()


def test_passages_made_anew_are_seen(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6), "A long note. " * 900)
    rig.check()
    doctor.rebuild(rig.bench.database, split)
    rig.check()


def test_another_connections_commits_are_seen(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6))
    rig.check()
    other = databases.Database(rig.bench.database.path, rig.bench.database.key)
    with other.write() as connection:
        connection.execute("DELETE FROM passage WHERE item_id = 3")
        connection.execute("DELETE FROM outline WHERE item_id = 3")
    other.close()
    assert len(rig.check().rows) == 5


def test_huge_and_negative_sequences_are_no_places_in_a_conversation(rig: Rig) -> None:
    numbers = [-5, -4, 0, 1, LAST_SEQUENCE - 1, LAST_SEQUENCE, 1 << 40, (1 << 40) + 1, None]
    rig.bench.put(
        *(
            Record(text=f"turn {number}", place="", conversation="c", sequence=number)
            for number in numbers
        ),
        *talk("next", 3),
    )
    outline = rig.check()
    near = outline.around(np.array([5]), 2)
    assert near[1].tolist() == [6]
    assert len(outline.around(np.array([1, 2, 7, 8, 9]), 2)[1]) == 0


def test_one_query_alone_loads_nothing_and_the_second_does(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6))
    held, connection = ResidentItems(), rig.bench.database.read()
    assert isinstance(held.outline(connection), StoredOutline)
    assert held.held_items == 0
    assert isinstance(held.outline(connection), HeldOutline)
    assert held.held_items == 6
    held.clear()
    assert held.held_items == 0


def test_what_has_to_be_fast_loads_nothing_and_uses_what_is_there(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6))
    connection = rig.bench.database.read()
    assert isinstance(rig.held.outline(connection, may_load=False), StoredOutline)
    rig.check()
    rig.bench.put("alone")
    outline = rig.held.outline(connection, may_load=False)
    assert isinstance(outline, HeldOutline)
    assert_alike(connection, outline)


def test_nobody_waits_for_another_threads_loading(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.bench.put(*talk("ann", 6))
    is_loading, may_end = threading.Event(), threading.Event()
    count = resident_items._stamp

    def slow(connection: Connection) -> resident_items._Stamp:
        is_loading.set()
        assert may_end.wait(30)
        return count(connection)

    monkeypatch.setattr(resident_items, "_stamp", slow)
    thread = threading.Thread(target=lambda: rig.held.outline(rig.bench.database.read()))
    thread.start()
    assert is_loading.wait(30)
    outline = rig.held.outline(rig.bench.database.read())
    may_end.set()
    thread.join()
    assert isinstance(outline, StoredOutline)
    rig.check()


def test_too_many_stay_on_the_disk(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6))
    held = ResidentItems(most_passages=5)
    held.expects_more = True
    assert isinstance(held.outline(rig.bench.database.read()), StoredOutline)


def test_threads_look_while_items_come_and_go(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 40))
    failures: list[BaseException] = []
    is_over = threading.Event()

    def look() -> None:
        try:
            connection = rig.bench.database.read()
            while not is_over.is_set():
                outline = rig.held.outline(connection)
                passages, owners = outline.owners(np.arange(1, 30))
                assert len(passages) == 29
                assert len(outline.sketches(np.unique(owners))) == 29
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for number in range(12):
            rig.bench.put(*talk(f"more {number}", 5))
            forget_items(rig.bench.database, [rig.uid(f"more {number} says 1?")])
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert not failures
    rig.check()


def test_a_home_from_before_gets_its_outlines(rig: Rig) -> None:
    rig.bench.put(*talk("ann", 6), "A long note. " * 900)
    rig.bench.put(replace(talk("ann", 3)[2], text="ann says something else"))
    connection = rig.bench.database.read()
    rows = "SELECT * FROM outline ORDER BY item_id"
    before = [tuple(row) for row in connection.execute(rows)]
    with rig.bench.database.write() as writing:
        writing.execute("DROP TABLE outline")
        dict(schema.MIGRATIONS)["0012_outlines"](writing.execute)
    assert [tuple(row) for row in connection.execute(rows)] == before
    assert len(before) == 7


def test_reading_many_rows_goes_on_over_the_ends_of_a_batch(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident_items, "_FETCHED_ROWS", 4)
    rig.bench.put(*talk("ann", 6), *talk("bo", 5))
    rig.check()
    rig.bench.put(*talk("bo", 9, start=5))
    rig.check()


def test_where_too_many_are_there_they_are_counted_once_for_each_commit(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.bench.put(*talk("ann", 6))
    held, connection = ResidentItems(most_passages=5), rig.bench.database.read()
    held.expects_more = True
    counted = 0
    count = resident_items._stamp

    def counting(connection: Connection) -> resident_items._Stamp:
        nonlocal counted
        counted += 1
        return count(connection)

    monkeypatch.setattr(resident_items, "_stamp", counting)
    for _ in range(3):
        held.outline(connection)
    assert counted == 1
    rig.bench.put("alone")
    held.outline(connection)
    assert counted == 2
