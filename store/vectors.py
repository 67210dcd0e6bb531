"""Vectors of passages and memories, one set for each embedding model.

The truth is a plain table: int8 numbers with one scale for each vector (unit length before).
`bits` are the signs, for a first pass by Hamming distance in sqlite-vec, whose best are rescored
from the numbers (Zhang et al. 2021 call it binary passage retrieval with re-ranking). Where
sqlite-vec has no build the numbers are scanned.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection

    Floats = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]
    Bytes = npt.NDArray[np.int8]

IS_SOUND = "length(numbers) = ? AND scale < 1e30"
"""Of a row that can be compared with vectors of so many numbers; one that cannot, after damage, is
passed over, for a search must not end over it. `doctor` counts them."""
FIRST_PASS = 2_000
"""Candidates by Hamming distance. Of the ten nearest of 100,000 embeddings of real texts 400 hold
.991 and 2,000 hold .9995, half a millisecond later; what is lost then is lost by rounding.
`tests/benchmarks/vector_recall.py` measures both."""

ROWS_AT_ONCE = 128
"""Rows that are compared in one go: what a larger block needs is asked of the system anew each time
where heaps are kept small (`plugins.heap`), which takes four times as long as the comparing."""


def model_row(connection: Connection, name: str, dimensions: int) -> int:
    """Return the row id of a vector set, made if new. Within a write if it may be new."""
    row = connection.execute("SELECT id FROM embedding_model WHERE name = ?", (name,)).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO embedding_model (name, dimensions) VALUES (?, ?)", (name, dimensions)
        )
        return model_row(connection, name, dimensions)
    return int(row[0])


def find_model(connection: Connection, name: str, dimensions: int) -> int | None:
    """Return the row id of a vector set, None if nothing was embedded with such a model."""
    row = connection.execute(
        "SELECT id FROM embedding_model WHERE name = ? AND dimensions = ?", (name, dimensions)
    ).fetchone()
    return None if row is None else int(row[0])


def drop_other_dimensions(connection: Connection, name: str, dimensions: int) -> bool:
    """Drop a model's set of another length, which nothing can be compared with. Within a write.

    Returns whether there was one: a plugin's model that changed and kept its name.
    """
    row = connection.execute(
        "SELECT id FROM embedding_model WHERE name = ? AND dimensions <> ?", (name, dimensions)
    ).fetchone()
    if row is None:
        return False
    for table in ("vector", "memory_vector"):
        connection.execute(f"DELETE FROM {table} WHERE model_id = ?", (row[0],))  # noqa: S608 - ours
    connection.execute("DELETE FROM embedding_model WHERE id = ?", (row[0],))
    return True


def pack(vectors: Floats) -> list[tuple[bytes, float, bytes]]:
    """Return (bits, scale, numbers) for each row of `float32[n, dimensions]`.

    Raises `ValueError` for NaN or infinity: they would poison every distance.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("a vector has a number that is not finite")
    largest = np.maximum(np.abs(vectors).max(axis=1, initial=0.0), 1e-12)
    scales = largest / 127.0
    rounded = np.rint(vectors / scales[:, None])
    # The scale that brings the rounded nearest to the vector, by least squares.
    scales = (rounded * vectors).sum(axis=1) / np.maximum((rounded * rounded).sum(axis=1), 1.0)
    numbers = rounded.astype(np.int8)
    bits = np.packbits(vectors > 0, axis=1, bitorder="little")
    return [
        (bits[row].tobytes(), float(scales[row]), numbers[row].tobytes())
        for row in range(len(vectors))
    ]


def unpack(rows: Sequence[tuple[float, bytes]], dimensions: int) -> Floats:
    """Return `float32[n, dimensions]` of (scale, numbers) rows."""
    if not rows:
        return np.zeros((0, dimensions), np.float32)
    numbers = np.frombuffer(b"".join(row[1] for row in rows), np.int8).reshape(-1, dimensions)
    scales = np.array([row[0] for row in rows], np.float32)
    return numbers.astype(np.float32) * scales[:, None]


def cosines(numbers: Bytes, scales: Floats, query: Floats) -> Floats:
    """Return the cosine of each packed vector, `int8[n, dimensions]`, with one of unit length.

    Every way of search comes by its cosines here, so that all of them agree to the last digit. Not
    by `@`: for a thousand rows and more it wakes BLAS's threads, and on a busy machine waiting for
    them takes thirty times as long as the work.
    """
    products = np.empty(len(numbers), np.float32)
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        products[part] = np.einsum("ij,j->i", numbers[part].astype(np.float32), query)
    return np.asarray(products * scales, np.float32)


def _cosines_of(rows: Sequence[tuple[float, bytes]], query: Floats) -> Floats:
    numbers = np.frombuffer(b"".join(row[1] for row in rows), np.int8).reshape(-1, len(query))
    return cosines(numbers, np.array([row[0] for row in rows], np.float32), query)


def passages_without(
    connection: Connection, model: int | None, first_item: int, last_item: int, limit: int
) -> list[tuple[int, str, str, str]]:
    """Return (passage id, text, author, title) of a range of items that have no vector yet."""
    return [
        tuple(row)
        for row in connection.execute(
            "SELECT content.id, content.text, content.author, content.title FROM passage"
            " JOIN passage_content AS content ON content.id = passage.id"
            " WHERE passage.item_id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM vector"
            " WHERE vector.model_id = ? AND vector.passage_id = passage.id)"
            " ORDER BY passage.id LIMIT ?",
            (first_item, last_item, model, limit),
        )
    ]


def put_passages(
    connection: Connection, model: int, passages: Sequence[int], vectors: Floats
) -> None:
    """Store vectors of passages that still exist and have none. Within a write."""
    connection.executemany(
        "INSERT OR IGNORE INTO vector (passage_id, model_id, bits, scale, numbers)"
        " SELECT id, ?, ?, ?, ? FROM passage WHERE id = ?",
        [
            (model, bits, scale, numbers, passage)
            for passage, (bits, scale, numbers) in zip(passages, pack(vectors), strict=True)
        ],
    )


def memories_without(connection: Connection, model: int | None) -> list[tuple[int, int, str]]:
    """Return (row id, version, indexed text) of memories that have no vector yet."""
    return [
        tuple(row)
        for row in connection.execute(
            "SELECT memory.id, memory.version, memory_index.text FROM memory"
            " JOIN memory_index ON memory_index.rowid = memory.id"
            " WHERE NOT EXISTS (SELECT 1 FROM memory_vector"
            " WHERE memory_vector.model_id = ? AND memory_vector.memory_id = memory.id)",
            (model,),
        )
    ]


def put_memories(
    connection: Connection, model: int, memories: Sequence[tuple[int, int]], vectors: Floats
) -> None:
    """Store vectors of (row id, version) memories still at that version. Within a write."""
    connection.executemany(
        "INSERT OR IGNORE INTO memory_vector (memory_id, model_id, scale, numbers)"
        " SELECT id, ?, ?, ? FROM memory WHERE id = ? AND version = ?",
        [
            (model, scale, numbers, memory, version)
            for (memory, version), (_, scale, numbers) in zip(memories, pack(vectors), strict=True)
        ],
    )


def passage_cosines(
    connection: Connection, model: int, query: Floats, passages: Ints
) -> tuple[Ints, Floats]:
    """Return those of the passages that have a vector, and their cosines."""
    dimensions = len(query)
    # CROSS JOIN keeps the order: SQLite would rather read the whole vector set, 4 s at 65,000 rows.
    rows = connection.execute(
        "SELECT passage_id, scale, numbers FROM json_each(?) AS wanted"  # noqa: S608 - ours
        " CROSS JOIN vector ON vector.passage_id = wanted.value AND vector.model_id = ?"
        f" WHERE {IS_SOUND} AND length(bits) = ?",
        (json.dumps(passages.tolist()), model, dimensions, -(-dimensions // 8)),
    ).fetchall()
    scores = _cosines_of([(row[1], row[2]) for row in rows], query)
    return np.array([row[0] for row in rows], np.int64), scores


def first_pass(count: int) -> int:
    """Return how many candidates by Hamming distance are rescored to find the `count` nearest."""
    return max(FIRST_PASS, 2 * count)


def nearest_passages(
    connection: Connection, model: int, query: Floats, count: int, among: Ints | None = None
) -> tuple[Ints, Floats]:
    """Return the ids of the nearest passages, the nearest first, and their cosines.

    `query` is `float32[dimensions]` of unit length; `among` are the passages it may be, None any.
    Reads the whole set: a process that asks more than once holds it (`store.resident`).
    """
    dimensions = len(query)
    bits = np.packbits(query > 0, bitorder="little").tobytes()
    condition = f"model_id = ? AND {IS_SOUND} AND length(bits) = ?"
    values: list[int | str] = [model, dimensions, len(bits)]
    if among is not None:
        condition += " AND passage_id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(among.tolist()))
    if _has_sqlite_vec(connection):
        rows = connection.execute(
            f"SELECT passage_id, scale, numbers FROM vector WHERE {condition}"  # noqa: S608 - ours
            " ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(?)), passage_id LIMIT ?",
            (*values, bits, first_pass(count)),
        ).fetchall()
    else:
        rows = connection.execute(
            f"SELECT passage_id, scale, numbers FROM vector WHERE {condition}",  # noqa: S608 - ours
            values,
        ).fetchall()
    scores = _cosines_of([(row[1], row[2]) for row in rows], query)
    best = np.argsort(-scores, kind="stable")[:count]
    return np.array([row[0] for row in rows], np.int64)[best], scores[best]


def nearest_memories(
    connection: Connection, model: int, query: Floats, count: int
) -> list[tuple[int, float]]:
    """Return (memory row id, cosine) of the nearest memories, the nearest first; reads them all."""
    rows = connection.execute(
        f"SELECT memory_id, scale, numbers FROM memory_vector WHERE model_id = ? AND {IS_SOUND}",  # noqa: S608 - ours
        (model, len(query)),
    ).fetchall()
    scores = _cosines_of([(row[1], row[2]) for row in rows], query)
    best = np.argsort(-scores, kind="stable")[:count]
    return [(rows[position][0], float(scores[position])) for position in best]


def vectors_of_memories(
    connection: Connection, model: int, dimensions: int
) -> tuple[list[str], Floats]:
    """Return the ids of the memories that have a vector, and `float32[n, dimensions]`."""
    rows = connection.execute(
        "SELECT memory.uid, scale, numbers FROM memory_vector"  # noqa: S608 - ours
        f" JOIN memory ON memory.id = memory_id WHERE model_id = ? AND {IS_SOUND}"
        " ORDER BY memory_id",
        (model, dimensions),
    ).fetchall()
    return [row[0] for row in rows], unpack([(row[1], row[2]) for row in rows], dimensions)


def _has_sqlite_vec(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT 1 FROM pragma_function_list WHERE name = 'vec_distance_hamming' LIMIT 1"
    ).fetchone()
    return row is not None
