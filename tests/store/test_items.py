"""Who an item is across imports, which of its versions is searched, and what is never doubled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from memassist.plugins.types import Box, SecretFound
from memassist.store import doctor, items, times, vault
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from tests.store.conftest import Bench

DAY = datetime(2024, 3, 5, 12, tzinfo=UTC)


def latest(bench: Bench) -> list[str]:
    """Return the texts that have passages."""
    rows = bench.database.read().execute(
        "SELECT DISTINCT item.text FROM item JOIN passage ON passage.item_id = item.id"
        " ORDER BY item.text"
    )
    return [row[0] for row in rows.fetchall()]


def found(bench: Bench, word: str) -> int:
    """Return how many passages the index finds for a word."""
    return bench.count(
        "SELECT count(*) FROM passage_index WHERE passage_index MATCH ?", f'"{word}"'
    )


def test_the_same_thing_again_adds_nothing(bench: Bench) -> None:
    one = bench.record("hello there", native_id="m1")
    assert bench.put(one, one) == ["stored", "existing"]
    assert bench.put(one) == ["existing"]
    assert bench.count("SELECT count(*) FROM item") == 1


def test_changed_text_under_one_id_is_a_version_and_only_the_latest_is_searched(
    bench: Bench,
) -> None:
    bench.put(bench.record("I like apples", native_id="m1"))
    bench.work()
    assert bench.put(bench.record("I like pears", native_id="m1")) == ["new version"]
    assert latest(bench) == ["I like pears"]
    assert (found(bench, "apples"), found(bench, "pears")) == (0, 1)
    assert bench.count("SELECT count(*) FROM vector") == 0
    bench.work()
    assert bench.count("SELECT count(*) FROM vector") == 1
    versions = bench.database.read().execute("SELECT version, is_latest FROM item ORDER BY id")
    assert [tuple(row) for row in versions.fetchall()] == [(1, 0), (2, 1)]
    assert bench.put(bench.record("I like apples", native_id="m1")) == ["existing"]
    assert latest(bench) == ["I like pears"]


NOTES = [f"Day {number}: " + f"the bees of hive {number} came home. " * 20 for number in range(9)]


def passages_of(bench: Bench) -> dict[int, str]:
    """Return the text of every passage by its row id, in their order."""
    rows = bench.database.read().execute(
        "SELECT content.id, content.text FROM passage_content AS content"
        " JOIN passage ON passage.id = content.id ORDER BY passage.item_id, passage.position"
    )
    return dict(tuple(row) for row in rows.fetchall())


@pytest.mark.parametrize(
    "changed",
    [
        [*NOTES, "Day 9: the last one."],
        ["First of all.", *NOTES],
        [*NOTES[:4], *NOTES[5:]],
        [*NOTES[:4], NOTES[4].replace("home", "back"), *NOTES[5:]],
        [*NOTES[5:], *NOTES[:5], NOTES[0]],
    ],
    ids=["behind", "before", "less", "within", "moved and doubled"],
)
def test_passages_that_stand_unchanged_in_the_next_version_keep_their_vectors(
    bench: Bench, changed: list[str]
) -> None:
    bench.put(bench.record("\n\n".join(NOTES), native_id="n"))
    bench.work()
    before = passages_of(bench)
    text = "\n\n".join(changed)
    assert bench.put(bench.record(text, native_id="n")) == ["new version"]
    after = passages_of(bench)
    starts = [text.index(part[:12]) for part in after.values()]
    assert starts == sorted(starts) or changed[-1] == NOTES[0]
    kept = before.keys() & after.keys()
    assert len(kept) >= 8
    assert all(after[one] == before[one] for one in kept)
    assert bench.count("SELECT count(*) FROM vector") == len(kept)
    assert all(check.ok for check in doctor.check(bench.database))
    assert found(bench, "hive 8") == sum("hive 8 " in part for part in after.values())
    bench.work()
    assert bench.count("SELECT count(*) FROM vector") == len(after)


def test_a_version_under_another_title_is_embedded_anew(bench: Bench) -> None:
    text = "\n\n".join(NOTES)
    bench.put(bench.record(text, native_id="n", title="Bees"))
    bench.work()
    bench.put(bench.record(f"{text}\n\nMore.", native_id="n", title="All my bees"))
    assert bench.count("SELECT count(*) FROM vector") == 0
    assert found(bench, "all my bees") == len(passages_of(bench))
    assert all(check.ok for check in doctor.check(bench.database))


def test_a_change_that_was_taken_back_is_what_is_searched(bench: Bench) -> None:
    first = bench.record("draft", native_id="note")
    for hour, text in enumerate(("draft", "better", "draft")):
        record = replace(first, text=text, occurred_at=DAY + timedelta(hours=hour))
        assert bench.put(record) == [["stored"], ["new version"], ["new version"]][hour]
    assert latest(bench) == ["draft"]
    assert bench.put(replace(first, text="draft", occurred_at=DAY)) == ["existing"]
    assert bench.count("SELECT count(*) FROM item") == 3


def test_two_real_ok_lines_are_two_items(bench: Bench) -> None:
    assert bench.put("ok") == ["stored"]
    assert bench.put("ok", repetition=1) == ["stored"]
    assert bench.put("ok", repetition=1) == ["existing"]
    assert bench.put(bench.record("ok", conversation="c2")) == ["stored"]
    assert bench.count("SELECT count(*) FROM item") == 3


@pytest.mark.parametrize(
    "change",
    [
        {"account": "other"},
        {"conversation": "other"},
        {"native_id": "other"},
    ],
)
def test_what_makes_an_identity(bench: Bench, change: dict[str, str]) -> None:
    one = bench.record("text", native_id="m1")
    bench.put(one)
    assert bench.put(replace(one, **change)) == ["stored"]  # type: ignore[arg-type]  # texts all


def test_neither_source_nor_title_nor_time_makes_an_identity(bench: Bench) -> None:
    one = bench.record("text", native_id="m1")
    bench.put(one)
    assert bench.put(replace(one, title="new", occurred_at=DAY, sequence=9)) == ["existing"]


def test_an_item_comes_back_as_it_went_in(bench: Bench) -> None:
    moment = datetime(2024, 3, 5, 12, 0, 0, 123000, tzinfo=timezone(timedelta(hours=-9.5)))
    record = replace(
        bench.record("Grüße\u2028👋", native_id="m1", title="T"),
        author="Ann",
        ref="D1:3",
        occurred_at=moment,
        uri="https://example.org",
        boxes=(Box(0, 5, 1, 2, 3, 4),),
        metadata={"tags": ["a", "b"], "model": None, "ratio": 0.5},
    )
    bench.put(record)
    item = items.get_item(bench.database.read(), bench.item_id(record.text))
    assert (item.text, item.title, item.author, item.ref) == (record.text, "T", "Ann", "D1:3")
    assert item.occurred_at == moment
    assert item.occurred_at.utcoffset() == moment.utcoffset()
    assert item.metadata == record.metadata
    assert item.source == "test:bench"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_no_time_makes_an_item_unreadable(bench: Bench, moment: datetime) -> None:
    bench.put(replace(bench.record("edge"), occurred_at=moment))
    listed = items.timeline(bench.database.read(), None, None, 10)
    assert [item.text for item in listed] == ["edge"]
    assert listed[0].occurred_at is not None
    assert abs(listed[0].occurred_at.year - moment.year) <= 1


def test_names_in_metadata_may_hold_anything(bench: Bench) -> None:
    record = replace(bench.record("text"), metadata={"\ud800\x00": "x"})
    assert bench.put(record) == ["stored"]
    item = items.get_item(bench.database.read(), bench.item_id("text"))
    assert item.metadata == {"\ud800\x00": "x"}


def test_masked_secrets_are_sealed_with_the_item(bench: Bench) -> None:
    key = vault.vault_key(bench.database.key)
    assert key is not None
    new = items.NewItem(
        bench.record("my card is [card]"),
        "test@1",
        True,
        5,
        0,
        [(0, 17)],
        (SecretFound("card", "4111 1111 1111 1111", 11),),
    )
    with bench.database.write() as connection:
        items.store_batch(connection, items.source_id(connection, "t", "t"), [new], key)
    entry = vault.entries(bench.database.read())[0]
    assert vault.reveal(bench.database.read(), key, entry.id) == "4111 1111 1111 1111"


def test_each_batch_with_something_new_queues_its_jobs(bench: Bench) -> None:
    bench.put("a", "b", "c")
    bench.put("a", "b")
    rows = bench.database.read().execute("SELECT kind, first_item, last_item FROM job ORDER BY id")
    assert [tuple(row) for row in rows.fetchall()] == [("extract", 1, 3), ("embed", 1, 3)]


def test_the_timeline_is_newest_first_and_half_open(bench: Bench) -> None:
    for hour in range(4):
        bench.put(replace(bench.record(f"h{hour}"), occurred_at=DAY + timedelta(hours=hour)))
    bench.put("no time")
    start, stop = times.to_ms(DAY + timedelta(hours=1)), times.to_ms(DAY + timedelta(hours=3))
    listed = items.timeline(bench.database.read(), start, stop, 10)
    assert [item.text for item in listed] == ["h2", "h1"]
    assert len(items.timeline(bench.database.read(), None, None, 10)) == 4
    assert len(items.timeline(bench.database.read(), None, None, 2)) == 2


def test_an_unknown_item_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        items.get_item(bench.database.read(), "nothing")
