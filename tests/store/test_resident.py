"""Vectors held in memory answer as the table does, whatever was committed in between."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from memassist.store import database as databases
from memassist.store import vectors
from memassist.store.forget import forget_items
from memassist.store.resident import ResidentVectors

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.store.database import Connection
    from tests.store.conftest import Bench

    Floats: TypeAlias = npt.NDArray[np.float32]

DIMENSIONS = 72
"""Bits that do not fill their last word."""


def _units(count: int, seed: int, dimensions: int = DIMENSIONS) -> Floats:
    values = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


class Rig:
    """A store with vectors, and one set of them held."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.held = ResidentVectors()
        self.held.expects_more = True
        with bench.database.write() as connection:
            self.model = vectors.model_row(connection, "random@1", DIMENSIONS)
        self.queries = _units(4, 99)

    @property
    def connection(self) -> Connection:
        return self.bench.database.read()

    def put(self, name: str, count: int, seed: int) -> list[int]:
        """Store texts; returns the ids of their passages, which have no vectors yet."""
        before = self.bench.count("SELECT coalesce(max(id), 0) FROM passage")
        self.bench.put(*(f"{name} number {number}" for number in range(count)))
        rows = self.connection.execute("SELECT id FROM passage WHERE id > ?", (before,))
        return [row[0] for row in rows]

    def embed(self, passages: list[int], seed: int) -> None:
        with self.bench.database.write() as connection:
            matrix = _units(len(passages), seed)
            vectors.put_passages(connection, self.model, passages, matrix)

    def check(self, connection: Connection | None = None) -> None:
        """Compare what is held with what the table says."""
        connection = connection or self.connection
        for query in self.queries:
            expected = vectors.nearest_passages(connection, self.model, query, 20)
            found = self.held.nearest(connection, self.model, query, 20)
            assert found[0].tolist() == expected[0].tolist()
            assert found[1].tolist() == pytest.approx(expected[1].tolist(), abs=1e-5)


@pytest.fixture
def rig(bench: Bench) -> Rig:
    return Rig(bench)


def test_an_empty_set_finds_nothing(rig: Rig) -> None:
    query, wanted = rig.queries[0], np.array([1, 2])
    assert len(rig.held.nearest(rig.connection, rig.model, query, 5)[0]) == 0
    assert len(rig.held.cosines(rig.connection, rig.model, query, wanted)[0]) == 0


def test_what_is_held_answers_as_the_table_does(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FIRST_PASS", 60)
    rig.embed(rig.put("one", 1_500, 1), 1)
    rig.check()


def test_later_vectors_are_found_in_whichever_order_they_came(rig: Rig) -> None:
    first = rig.put("one", 300, 1)
    rig.embed(first[100:], 1)
    rig.check()
    rig.embed(rig.put("two", 50, 2), 2)
    rig.check()
    rig.embed(first[:100], 3)  # a job that ran late: its ids lie below those that are held
    rig.check()


def test_what_was_forgotten_is_held_no_longer(rig: Rig) -> None:
    rig.embed(rig.put("one", 200, 1), 1)
    rig.check()
    nearest = int(rig.held.nearest(rig.connection, rig.model, rig.queries[0], 1)[0][0])
    uid = rig.connection.execute(
        "SELECT item.uid FROM passage JOIN item ON item.id = item_id WHERE passage.id = ?",
        (nearest,),
    ).fetchone()[0]
    forget_items(rig.bench.database, [uid])
    rig.check()
    gone = rig.held.cosines(rig.connection, rig.model, rig.queries[0], np.array([nearest]))
    assert len(gone[0]) == 0


def test_as_many_gone_as_came_is_seen_too(rig: Rig) -> None:
    first = rig.put("one", 100, 1)
    rig.embed(first[1:], 1)
    rig.check()
    with rig.bench.database.write() as connection:
        connection.execute("DELETE FROM vector WHERE passage_id = ?", (first[50],))
    rig.embed(first[:1], 7)
    rig.check()


def test_another_connections_commits_are_seen(rig: Rig) -> None:
    rig.embed(rig.put("one", 100, 1), 1)
    rig.check()
    more = rig.put("two", 10, 2)
    other = databases.Database(rig.bench.database.path, rig.bench.database.key)
    with other.write() as connection:
        vectors.put_passages(connection, rig.model, more, _units(10, 2))
    other.close()
    rig.check()


def test_more_than_the_spare_room_fits(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memassist.store.resident.SPARE_ROWS", 8)
    rig.embed(rig.put("one", 20, 1), 1)
    rig.check()
    rig.embed(rig.put("two", 200, 2), 2)
    rig.check()


def test_a_set_that_is_too_large_stays_on_the_disk(rig: Rig) -> None:
    rig.held = ResidentVectors(most_rows=50)
    rig.held.expects_more = True
    rig.embed(rig.put("one", 51, 1), 1)
    rig.check()
    assert rig.held.held_rows == 0


def test_one_query_alone_loads_nothing_and_the_second_does(rig: Rig) -> None:
    rig.held = ResidentVectors()
    rig.embed(rig.put("one", 30, 1), 1)
    rig.held.nearest(rig.connection, rig.model, rig.queries[0], 5)
    assert rig.held.held_rows == 0
    rig.held.nearest(rig.connection, rig.model, rig.queries[0], 5)
    assert rig.held.held_rows == 30


def test_what_is_cleared_is_held_no_longer_and_comes_back_when_asked_for(rig: Rig) -> None:
    rig.embed(rig.put("one", 30, 1), 1)
    rig.check()
    rig.held.clear()
    assert rig.held.held_rows == 0
    rig.check()
    assert rig.held.held_rows == 30


def test_only_those_it_may_be_are_ranked(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FIRST_PASS", 10)
    passages = rig.put("one", 400, 1)
    rig.embed(passages, 1)
    among = np.array([*passages[::40], 999_999], np.int64)
    for query in rig.queries:
        expected = vectors.nearest_passages(rig.connection, rig.model, query, 5, among)
        found = rig.held.nearest(rig.connection, rig.model, query, 5, among)
        assert found[0].tolist() == expected[0].tolist()
        assert len(found[0]) == 5
        assert set(found[0].tolist()) <= set(passages[::40])


def test_another_model_takes_the_place_of_the_first(rig: Rig) -> None:
    passages = rig.put("one", 30, 1)
    rig.embed(passages, 1)
    rig.check()
    with rig.bench.database.write() as connection:
        rig.model = vectors.model_row(connection, "other@1", 64)
        vectors.put_passages(connection, rig.model, passages, _units(30, 5, 64))
    rig.queries = _units(4, 98, 64)
    rig.check()


def test_threads_search_while_vectors_come_in(rig: Rig) -> None:
    passages = rig.put("one", 400, 1)
    rig.embed(passages[:100], 1)
    failures: list[BaseException] = []
    is_over = threading.Event()

    def look() -> None:
        try:
            while not is_over.is_set():
                found = rig.held.nearest(rig.connection, rig.model, rig.queries[0], 50)
                assert len(set(found[0].tolist())) == 50
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(100, 400, 20):
        rig.embed(passages[start : start + 20], start)
    is_over.set()
    for thread in threads:
        thread.join()
    assert not failures
    rig.check()
