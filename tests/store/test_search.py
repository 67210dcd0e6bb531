"""Words looked up one by one must say what FTS5 says of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.plugins.types import Record
from memassist.store import search
from memassist.store.looks import HEAD_CHARACTERS
from memassist.store.sketches import StoredOutline

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from tests.store.conftest import Bench

TEXTS = (
    "The heat pump hums at night",
    "A pump for the pond, and another pump for the cellar",
    "Nights are warm, the pond is not",
    "Heat the oven first",
    "Nothing to see here",
    "The cellar floods when it rains",
    "Rain again, all night long",
    "Cellar, pond, heat, pump: all done",
)


def _together(connection: Connection, expression: str) -> dict[int, float]:
    rows = connection.execute(
        "SELECT rowid, -bm25(passage_index, 1.0, 0.6, 0.3) FROM passage_index"
        " WHERE passage_index MATCH ?",
        (expression,),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def _sums(found: search.WordScores) -> dict[int, float]:
    return dict(zip(found.rows.tolist(), found.scores.sum(axis=0).tolist(), strict=True))


def test_the_words_of_a_passage_add_up_to_bm25(bench: Bench) -> None:
    bench.put(*TEXTS)
    connection = bench.database.read()
    found = search.word_scores(connection, "passage_index", ["heat", "pump", "cellar"])
    assert _sums(found) == pytest.approx(_together(connection, '"heat" OR "pump" OR "cellar"'))
    assert found.scores.shape == (3, len(found.rows))


def test_common_words_are_read_beside_rarer_ones_and_count_the_same_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(*TEXTS, *(f"The pump number {number}" for number in range(30)))
    connection = bench.database.read()
    whole = _sums(search.word_scores(connection, "passage_index", ["pump", "cellar", "the"]))
    monkeypatch.setattr(search, "COMMON_ROWS", 5)
    found = search.word_scores(connection, "passage_index", ["pump", "cellar", "the"])
    cellars = _together(connection, '"cellar"')
    assert set(found.rows.tolist()) == set(cellars)
    assert _sums(found) == pytest.approx({row: whole[row] for row in cellars})


def test_where_all_words_are_common_the_rarest_is_read_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(*TEXTS)
    connection = bench.database.read()
    monkeypatch.setattr(search, "COMMON_ROWS", 0)
    found = search.word_scores(connection, "passage_index", ["the", "heat"])
    assert set(found.rows.tolist()) == set(_together(connection, '"heat"'))


def test_two_forms_of_a_word_count_once(bench: Bench) -> None:
    bench.put(*TEXTS)
    connection = bench.database.read()
    once = search.word_scores(connection, "passage_index", ["pump"])
    twice = search.word_scores(connection, "passage_index", ["pump", "pumps", "Pump's"])
    assert _sums(twice) == pytest.approx(_sums(once))


def test_scores_of_other_rows_are_nought(bench: Bench) -> None:
    bench.put(*TEXTS)
    found = search.word_scores(bench.database.read(), "passage_index", ["heat"])
    rows = np.array([*found.rows.tolist(), 987_654], np.int64)
    assert found.of(rows)[0].tolist() == [*found.scores[0].tolist(), 0.0]


def test_no_words_give_no_rows(bench: Bench) -> None:
    bench.put(*TEXTS)
    found = search.word_scores(bench.database.read(), "passage_index", ["?", "zebra", ""])
    assert len(found.rows) == 0
    assert found.of(np.array([1, 2], np.int64)).shape == (0, 2)


@given(words=st.lists(st.text(max_size=20), max_size=6))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_word_is_syntax(bench: Bench, words: list[str]) -> None:
    search.word_scores(bench.database.read(), "passage_index", [*words, 'NEAR("a', "x*", "-"])


def _talk(bench: Bench, name: str, count: int) -> None:
    bench.put(
        *(
            Record(text=f"{name} says {number}", place="", conversation=name, sequence=number)
            for number in range(count)
        )
    )


def _row(bench: Bench, text: str) -> int:
    return bench.count("SELECT id FROM item WHERE text = ?", text)


def _near(bench: Bench, *texts: str) -> set[int]:
    rows = np.array([_row(bench, text) for text in texts])
    return set(StoredOutline(bench.database.read()).around(rows, 2)[1].tolist())


def test_neighbours_are_those_around_in_the_same_conversation(bench: Bench) -> None:
    _talk(bench, "ann", 2_000)
    _talk(bench, "bob", 5)
    expected = ["ann says 998", "ann says 999", "ann says 1001", "ann says 1002"]
    expected += ["bob says 1", "bob says 2"]
    found = _near(bench, "ann says 1000", "bob says 0")
    assert found == {_row(bench, text) for text in expected}


def test_what_stands_alone_has_no_neighbours(bench: Bench) -> None:
    bench.put(bench.record("one", conversation=None), bench.record("two", conversation=None))
    assert _near(bench, "one") == set()


def test_old_versions_are_no_neighbours_and_hold_no_words(bench: Bench) -> None:
    first = Record(text="zebra crossing", place="", conversation="c", sequence=0, native_id="a")
    then = Record(text="pony crossing", place="", conversation="c", sequence=0, native_id="a")
    beside = Record(text="a remark", place="", conversation="c", sequence=1, native_id="b")
    bench.put(first, beside)
    bench.put(then)
    connection = bench.database.read()
    assert len(search.word_scores(connection, "passage_index", ["zebra"]).rows) == 0
    assert _near(bench, "a remark") == {_row(bench, "pony crossing")}


def test_no_more_is_read_of_a_long_message_than_its_head(bench: Bench) -> None:
    bench.put("x" * 50_000)
    row = _row(bench, "x" * 50_000)
    assert search.heads(bench.database.read(), [row]) == {row: "x" * HEAD_CHARACTERS}


@pytest.mark.parametrize("count", [1, 5, 9])
def test_rarity_is_a_number_also_where_more_was_stored_between_two_counts(count: int) -> None:
    assert 0 < search._rarity(5, count) < 10
