"""Vectors of passages held in memory by a process that searches more than once.

Reading a vector set costs twice what one pass over it in SQL costs (240 ms and 120 ms of CPU at
100,000 encrypted rows), and a pass in memory one ms. So the first query of a process goes through
SQL and the second loads, or the first where more are expected.
Invariant: both ways give the same answer (`tests/store/test_resident.py`), also after rows were
added or forgotten: before each use the connection tells whether anything was committed, and then
the count and sum of the ids tell whether it was vectors.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.store import vectors
from memassist.store.database import connection_stamp
from memassist.store.resident_items import ResidentItems

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.store.database import Connection

    Floats: TypeAlias = npt.NDArray[np.float32]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Words: TypeAlias = npt.NDArray[np.uint64]

MOST_ROWS = 1_500_000
"""More vectors stay on the disk: so many take 0.7 GB."""
SPARE_ROWS = 4_096
"""Room for what is embedded next, beside a tenth of what is there."""
_FETCHED_ROWS = 8_192
_COMPARED_ROWS = 32_768
"""So many stay in the processor's cache while their words are compared one after the other."""
_COLUMNS = "SELECT passage_id, scale, bits, numbers FROM vector"
_IDS = "FROM vector INDEXED BY vector_passage WHERE model_id = ?"


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """Vectors of one model. The arrays have spare room; only the first `count` rows count.

    Rows are never changed once they are counted, so a thread may go on with an older set.
    """

    model: int
    dimensions: int
    count: int
    ids: Ints
    scales: Floats
    bits: Words
    """`uint64[words, rows]`: one word of all rows stands together, which is five times as fast."""
    numbers: npt.NDArray[np.int8]
    order: Ints
    """Places by ascending id."""
    stamp: tuple[int, int]
    """Count and sum of the ids."""

    def places(self, wanted: Ints) -> tuple[Ints, Ints]:
        """Return the places of those ids that are here, and which of the wanted they are."""
        if not self.count:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        ids = self.ids[: self.count]
        found = np.searchsorted(ids, wanted, sorter=self.order)
        places = self.order[np.minimum(found, self.count - 1)]
        is_here = np.flatnonzero(ids[places] == wanted)
        return places[is_here], is_here

    def cosines(self, places: Ints, query: Floats) -> Floats:
        """Return the cosine of the rows at some places."""
        scores = np.empty(len(places), np.float32)
        for start in range(0, len(places), vectors.ROWS_AT_ONCE):
            part = slice(start, start + vectors.ROWS_AT_ONCE)
            some = places[part]
            scores[part] = vectors.cosines(self.numbers[some], self.scales[some], query)
        return scores


class ResidentVectors:
    """The vector set that one open home searches by. Any thread may call."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        """Hold nothing yet."""
        self._most_rows = most_rows
        self.expects_more = False
        """Whether the first query is to load: in a process that lives for many."""
        self._set: _Set | None = None
        self._asked: set[int] = set()
        self._guard = threading.Lock()
        self._seen = threading.local()

    def clear(self) -> None:
        """Hold nothing any more: vectors tell nearly as much as the texts they are of."""
        with self._guard:
            self._set = None

    @property
    def held_rows(self) -> int:
        """How many vectors are in memory now."""
        held = self._set
        return 0 if held is None else held.count

    def nearest(
        self,
        connection: Connection,
        model: int,
        query: Floats,
        count: int,
        among: Ints | None = None,
    ) -> tuple[Ints, Floats]:
        """Return ids and cosines of the nearest passages, as `vectors.nearest_passages`."""
        current = self._current(connection, model, len(query))
        self._asked.add(model)
        if current is None:
            return vectors.nearest_passages(connection, model, query, count, among)
        places = _first_pass(current, query, vectors.first_pass(count), among)
        scores = current.cosines(places, query)
        best = np.argsort(-scores, kind="stable")[:count]
        return current.ids[places[best]], scores[best]

    def cosines(
        self, connection: Connection, model: int, query: Floats, passages: Ints
    ) -> tuple[Ints, Floats]:
        """Return those of the passages that have a vector, and their cosines."""
        current = self._set
        if current is None or (current.model, current.dimensions) != (model, len(query)):
            return vectors.passage_cosines(connection, model, query, passages)
        places, is_here = current.places(passages)
        return passages[is_here], current.cosines(places, query)

    def _current(self, connection: Connection, model: int, dimensions: int) -> _Set | None:
        """Return the set as it is now; None where SQL is to answer."""
        if not (self.expects_more or model in self._asked) or not _is_of_bytes(dimensions):
            return None
        seen = connection_stamp(connection)
        held = self._set
        is_of = held is None or (held.model, held.dimensions) == (model, dimensions)
        if is_of and self._seen_by_thread() == (seen, held):
            return held
        # Loading takes seconds among a million: while one thread does, the others read the disk.
        if not self._guard.acquire(blocking=held is not None):
            return None
        try:
            held = self._set
            if held is None or (held.model, held.dimensions) != (model, dimensions):
                held = None
            held = self._set = _refreshed(connection, model, dimensions, held, self._most_rows)
        finally:
            self._guard.release()
        self._seen.value = (seen, held)
        return held

    def _seen_by_thread(self) -> object:
        return getattr(self._seen, "value", None)


class Resident:
    """What one open home holds in memory for its searches. Any thread may call."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.vectors = ResidentVectors()
        self.items = ResidentItems()
        self.meanwhile = ThreadPoolExecutor(1, "embed-query")
        """Embeds a query while its words are looked up, which takes about as long. It is kept: a
        thread that is begun for each query takes what it saves."""

    def expect_more(self) -> None:
        """Load at the first query: this process lives for many."""
        self.vectors.expects_more = self.items.expects_more = True

    def clear(self) -> None:
        """Hold nothing any more."""
        self.vectors.clear()
        self.items.clear()


def _is_of_bytes(dimensions: int) -> bool:
    return dimensions % 8 == 0 and dimensions > 0


def _first_pass(held: _Set, query: Floats, count: int, among: Ints | None) -> Ints:
    """Return the places of the nearest by Hamming distance, then by id."""
    asked = _words(np.packbits(query > 0, bitorder="little").tobytes(), 1)[:, 0]
    # uint16 holds any distance of up to 65,535 dimensions.
    apart = np.zeros(held.count, np.uint16)
    for start in range(0, held.count, _COMPARED_ROWS):
        part = slice(start, min(start + _COMPARED_ROWS, held.count))
        for word, of_query in zip(held.bits, asked, strict=True):
            apart[part] += np.bitwise_count(word[part] ^ of_query)
    if among is None:
        chosen, distances = None, apart
    else:
        chosen, _ = held.places(among)
        distances = apart[chosen]
    if len(distances) > count:
        reached = np.cumsum(np.bincount(distances))
        limit = int(np.searchsorted(reached, count))
        near = np.flatnonzero(distances <= limit)
    else:
        near = np.arange(len(distances))
    places = near if chosen is None else chosen[near]
    by_distance = np.lexsort((held.ids[places], apart[places]))
    return np.asarray(places[by_distance[:count]], np.int64)


def _words(bits: bytes, rows: int) -> Words:
    """Return `uint64[words, rows]`, the last word filled up with zeros."""
    plain = np.frombuffer(bits, np.uint8).reshape(rows, -1)
    filled = np.zeros((rows, -(-plain.shape[1] // 8) * 8), np.uint8)
    filled[:, : plain.shape[1]] = plain
    return np.ascontiguousarray(filled.view(np.uint64).T)


def _refreshed(
    connection: Connection, model: int, dimensions: int, held: _Set | None, most_rows: int
) -> _Set | None:
    stamp = _stamp(connection, model)
    if stamp[0] > most_rows:
        return None
    if held is None:
        return _with_rows(connection, _empty(model, dimensions, stamp[0]), "", ())
    if stamp == held.stamp:
        return held
    # What came in since has higher ids, unless jobs ran out of order or something was forgotten.
    last = int(held.ids[: held.count].max(initial=0))
    grown = _with_rows(connection, held, " AND passage_id > ?", (last,))
    if grown.stamp == _stamp(connection, model):
        return grown
    rows = connection.execute(f"SELECT passage_id {_IDS}", (model,)).fetchall()
    present = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    kept = np.flatnonzero(np.isin(grown.ids[: grown.count], present))
    missing = np.setdiff1d(present, grown.ids[kept])
    return _with_rows(
        connection,
        _copied(grown, kept, len(missing)),
        " AND passage_id IN (SELECT value FROM json_each(?))",
        (json.dumps(missing.tolist()),),
    )


def _stamp(connection: Connection, model: int) -> tuple[int, int]:
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(passage_id), 0) {_IDS}", (model,)
    ).fetchone()
    return int(row[0]), int(row[1])


def _empty(model: int, dimensions: int, rows: int) -> _Set:
    room = rows + rows // 10 + SPARE_ROWS
    return _Set(
        model,
        dimensions,
        0,
        np.zeros(room, np.int64),
        np.zeros(room, np.float32),
        np.zeros((-(-dimensions // 64), room), np.uint64),
        np.zeros((room, dimensions), np.int8),
        np.zeros(0, np.int64),
        (0, 0),
    )


def _copied(held: _Set, kept: Ints, more: int) -> _Set:
    """Return a set of its own with the rows at some places, and room for more."""
    copy = _empty(held.model, held.dimensions, len(kept) + more)
    count = len(kept)
    copy.ids[:count] = held.ids[kept]
    copy.scales[:count] = held.scales[kept]
    copy.bits[:, :count] = held.bits[:, kept]
    copy.numbers[:count] = held.numbers[kept]
    return _counted(copy, count)


def _counted(held: _Set, count: int) -> _Set:
    ids = held.ids[:count]
    return _Set(
        held.model,
        held.dimensions,
        count,
        held.ids,
        held.scales,
        held.bits,
        held.numbers,
        np.argsort(ids, kind="stable"),
        (count, int(ids.sum())),
    )


def _with_rows(
    connection: Connection, held: _Set, condition: str, values: tuple[object, ...]
) -> _Set:
    """Return the set with the rows that a condition finds added behind."""
    cursor = connection.execute(
        f"{_COLUMNS} WHERE model_id = ?{condition} AND {vectors.IS_SOUND} AND length(bits) = ?"
        " ORDER BY passage_id",
        (held.model, *values, held.dimensions, -(-held.dimensions // 8)),
    )
    cursor.row_factory = None  # plain tuples come a third faster
    count = held.count
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        if count + len(rows) > len(held.ids):
            held = _copied(held, np.arange(count), len(rows))
        ids, scales, bits, numbers = zip(*rows, strict=True)
        stop = count + len(rows)
        held.ids[count:stop] = ids
        held.scales[count:stop] = scales
        held.bits[:, count:stop] = _words(b"".join(bits), len(rows))
        held.numbers[count:stop] = np.frombuffer(b"".join(numbers), np.int8).reshape(len(rows), -1)
        count = stop
    return _counted(held, count)
