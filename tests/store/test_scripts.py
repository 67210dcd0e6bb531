"""Text without spaces between words is found by any part of it, and forgotten wholly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import doctor, restrict, schema, scripts, search, tables
from memassist.store.forget import forget_items

if TYPE_CHECKING:
    from tests.store.conftest import Bench

TEXTS = (
    "昨日、東京タワーに登って夜景を見た。",
    "我们明天在北京大学的图书馆见面。",
    "เมื่อวานฉันไปเที่ยวเกาะสมุยกับเพื่อน",
    "어제 부산에서 친구를 만났다.",
    "新しいiPhone15を買った、とても速い。",
    "Nothing of that kind stands here.",
)


def _rows(bench: Bench, *words: str) -> set[str]:
    found = search.word_scores(bench.database.read(), "passage_index", words)
    passages = search.passage_rows(bench.database.read(), found.rows.tolist())
    return {row.text for row in passages.values()}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("東京", 0), ("タワー", 0), ("夜景", 0), ("登", 0), ("北京", 1), ("图书馆", 1), ("大学", 1),
        ("เกาะสมุย", 2), ("เที่ยว", 2), ("เพื่อน", 2), ("부산", 3), ("친구", 3), ("iPhone15", 4),
        ("買った", 4), ("ﾀﾜｰ", 0),
    ],
)  # fmt: skip
def test_a_part_of_a_run_is_found(bench: Bench, word: str, text: int) -> None:
    bench.put(*TEXTS)
    assert _rows(bench, word) == {TEXTS[text]}


@pytest.mark.parametrize("word", ["京東", "た東京", "大京", "サムイ", "京夜", "だ昨"])
def test_what_stands_nowhere_is_not(bench: Bench, word: str) -> None:
    bench.put(*TEXTS)
    assert _rows(bench, word) == set()


def test_a_sentence_finds_what_has_most_of_it(bench: Bench) -> None:
    bench.put(*TEXTS)
    connection = bench.database.read()
    found = search.word_scores(connection, "passage_index", ["東京タワーに登ったのはいつですか"])
    best = int(found.rows[found.scores.sum(axis=0).argmax()])
    assert search.passage_rows(connection, [best])[best].text == TEXTS[0]


def test_only_such_text_has_rows_of_its_own(bench: Bench) -> None:
    bench.put(*TEXTS)
    assert bench.count("SELECT count(*) FROM spaced_index") == len(TEXTS) - 1


def test_a_title_counts_too(bench: Bench) -> None:
    bench.put(Record(text="pictures", place="", kind="document", title="京都旅行.txt"))
    assert _rows(bench, "京都") == {"pictures"}


def test_a_memory_is_found_by_a_part_of_it(bench: Bench) -> None:
    bench.put(*TEXTS)
    bench.remember(bench.state("東京タワーに登った。", TEXTS[0]))
    found = search.word_scores(bench.database.read(), "memory_index", ["タワー"])
    assert len(found.rows) == 1


def test_what_is_forgotten_or_changed_leaves_the_index(bench: Bench) -> None:
    bench.put(*TEXTS)
    bench.put(Record(text="旧い本文", place="", native_id="n"))
    bench.put(Record(text="新しい本文", place="", native_id="n"))
    assert _rows(bench, "旧い") == set()
    forget_items(bench.database, [bench.item_id(TEXTS[0])])
    assert _rows(bench, "東京") == set()
    assert bench.count("SELECT count(*) FROM spaced_index WHERE text LIKE '%京%'") == 1
    assert all(check.ok for check in doctor.check(bench.database))


def test_the_doctor_sees_a_missing_row_and_rebuild_mends_it(bench: Bench) -> None:
    bench.put(*TEXTS)
    with bench.database.write() as connection:
        connection.execute("DELETE FROM spaced_index WHERE rowid = 1")
        connection.execute(tables.ADD_SPACED, (9_999, "京", ""))
    wrong = {check.name for check in doctor.check(bench.database) if not check.ok}
    assert wrong == {
        "every passage without spaces between words is in its index",
        "every row of that index has a passage",
    }
    doctor.rebuild(bench.database, split)
    assert all(check.ok for check in doctor.check(bench.database))
    assert _rows(bench, "東京") == {TEXTS[0]}


def test_what_was_stored_before_there_was_an_index_gets_rows(bench: Bench) -> None:
    bench.put(*TEXTS)
    with bench.database.write() as connection:
        connection.execute("DROP TABLE spaced_index")
        connection.execute("DROP INDEX item_app")
        connection.execute("DROP INDEX item_kind")
        body = dict(schema.MIGRATIONS)["0004_search_filters"]
        body(connection.execute)
    assert _rows(bench, "東京") == {TEXTS[0]}
    assert all(check.ok for check in doctor.check(bench.database))


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (restrict.Restriction(phrases=("東京タワー",)), {0}),
        (restrict.Restriction(phrases=("京タワ", "夜景")), {0}),
        (restrict.Restriction(phrases=("東京夜景",)), set()),
        (restrict.Restriction(without=("東京", "เกาะ", "친구", "北京")), {4, 5}),
    ],
)
def test_phrases_and_exclusions_know_such_text(
    bench: Bench, wanted: restrict.Restriction, left: set[int]
) -> None:
    bench.put(*TEXTS)
    allowed = restrict.allowed(bench.database.read(), wanted)
    rows = search.passage_rows(bench.database.read(), allowed.passages.tolist())
    assert {row.text for row in rows.values()} == {TEXTS[place] for place in left}


@given(st.text(max_size=40))
def test_any_text_can_be_spaced_and_looked_for(text: str) -> None:
    assert scripts.is_unspaced(text) or not scripts.pieces(text)
    scripts.spaced(text)
    scripts.phrase(text)
