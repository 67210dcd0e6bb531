"""Vectors come back nearly as they went in, and the nearest are found exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from memassist.store import vectors

if TYPE_CHECKING:
    import numpy.typing as npt

    from tests.store.conftest import Bench

    Floats: TypeAlias = npt.NDArray[np.float32]


def _unit(count: int, dimensions: int = 384, seed: int = 5) -> Floats:
    values = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def _stored(bench: Bench, count: int) -> tuple[int, list[int], Floats]:
    bench.put(*(f"text number {number}" for number in range(count)))
    passages = [row[0] for row in bench.database.read().execute("SELECT id FROM passage")]
    matrix = _unit(count)
    with bench.database.write() as connection:
        model = vectors.model_row(connection, "random@1", 384)
        vectors.put_passages(connection, model, passages, matrix)
    return model, passages, matrix


def test_vectors_lose_little_by_packing() -> None:
    matrix = _unit(20)
    packed = vectors.pack(matrix)
    back = vectors.unpack([(scale, numbers) for _, scale, numbers in packed], 384)
    assert ((matrix * back).sum(axis=1) > 0.999).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_not_finite_is_refused(value: float) -> None:
    matrix = _unit(2)
    matrix[1, 7] = value
    with pytest.raises(ValueError, match="not finite"):
        vectors.pack(matrix)


def test_the_nearest_are_those_of_an_exact_scan(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "FIRST_PASS", 400)
    model, passages, matrix = _stored(bench, 1_500)
    queries = matrix[:5] * 0.7 + _unit(5, seed=9) * 0.3
    for query in queries / np.linalg.norm(queries, axis=1, keepdims=True):
        rows, scores = vectors.nearest_passages(bench.database.read(), model, query, 10)
        order = np.argsort(-(matrix @ query))[:10]
        # Eight bits a number may swap two that are as good as equal.
        assert len(set(rows.tolist()) & {passages[place] for place in order}) >= 9
        assert rows[0] == passages[order[0]]
        assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_cosines_of_passages_come_by_their_ids(bench: Bench) -> None:
    model, passages, matrix = _stored(bench, 5)
    wanted = np.array([passages[3], passages[1], 999_999])
    rows, cosines = vectors.passage_cosines(bench.database.read(), model, matrix[3], wanted)
    found = dict(zip(rows.tolist(), cosines.tolist(), strict=True))
    assert set(found) == {passages[3], passages[1]}
    assert found[passages[3]] > 0.999


def test_another_model_has_vectors_of_its_own(bench: Bench) -> None:
    _, passages, _ = _stored(bench, 3)
    with bench.database.write() as connection:
        other = vectors.model_row(connection, "other@1", 384)
    connection, wanted = bench.database.read(), np.array(passages)
    assert len(vectors.nearest_passages(connection, other, _unit(1)[0], 3)[0]) == 0
    assert len(vectors.passage_cosines(connection, other, _unit(1)[0], wanted)[0]) == 0


def test_a_few_vectors_are_read_without_reading_them_all(bench: Bench) -> None:
    model, passages, _ = _stored(bench, 1_500)
    connection = bench.database.read()
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 1)
    try:
        vectors.passage_cosines(connection, model, _unit(1)[0], np.array(passages[700:703]))
    finally:
        connection.set_progress_handler(None, 1)
    assert 0 < steps < 200
