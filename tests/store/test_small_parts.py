"""Problems, counts, ids and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from memassist.plugins.types import Problem
from memassist.store import identifiers, problems, times
from memassist.store.stats import read_stats

if TYPE_CHECKING:
    import pytest

    from tests.store.conftest import Bench


def test_a_problem_met_again_is_counted_and_not_doubled(bench: Bench) -> None:
    for place in ("line 1", "line 2", "line 1"):
        with bench.database.write() as connection:
            problems.add(connection, "a.jsonl", Problem(place, "not JSON", "mend it"))
    listed = problems.list_problems(bench.database.read())
    assert {(one.place, one.times) for one in listed} == {("line 1", 2), ("line 2", 1)}
    assert (listed[0].source, listed[0].reason, listed[0].advice) == (
        "a.jsonl",
        "not JSON",
        "mend it",
    )
    assert len(problems.list_problems(bench.database.read(), limit=1)) == 1
    with bench.database.write() as connection:
        assert problems.clear(connection) == 2
    assert problems.list_problems(bench.database.read()) == []


def test_counts_are_what_was_put_in(bench: Bench) -> None:
    empty = read_stats(bench.database)
    assert (empty.items, empty.passages, empty.vectors, sum(empty.memories.values())) == (0,) * 4
    bench.put("one", "two")
    bench.put(bench.record("draft", native_id="n"))
    bench.put(bench.record("text", native_id="n"))
    bench.remember(bench.state("Ann.", type_="core"))
    found = read_stats(bench.database)
    assert (found.items, found.passages, found.vectors) == (4, 3, 0)
    assert found.memories == {
        "core": 1,
        "episodic": 0,
        "semantic": 0,
        "procedural": 0,
        "resource": 0,
    }
    assert found.jobs == {"queued": 7, "leased": 0, "dead": 0}
    bench.work()
    assert read_stats(bench.database).vectors == 3
    assert read_stats(bench.database).jobs["queued"] == 0
    assert found.bytes > 100_000


def test_new_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(10**18, 10**18 + 50 * 10**6, 10**6))
    monkeypatch.setattr("memassist.store.identifiers.time.time_ns", lambda: next(moments))
    made = [identifiers.new_id() for _ in range(50)]
    assert made == sorted(set(made))
    assert {one[12] for one in made} == {"7"}
    assert {one[16] for one in made} <= set("89ab")


@given(st.lists(st.text()), st.lists(st.text()))
def test_a_digest_tells_where_one_part_ends(left: list[str], right: list[str]) -> None:
    assert (identifiers.digest(*left) == identifiers.digest(*right)) == (left == right)


@given(
    st.datetimes(
        timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
    )
)
def test_a_time_comes_back_to_the_millisecond_at_its_offset(moment: datetime) -> None:
    kept = times.to_ms(moment)
    back = times.from_ms(kept, times.offset_minutes(moment))
    if datetime(2, 1, 1, tzinfo=UTC) < moment < datetime(9998, 12, 31, tzinfo=UTC):
        assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
        assert back.utcoffset() == moment.utcoffset()
    assert times.iso(kept, times.offset_minutes(moment))


def test_times_read_as_people_write_them() -> None:
    assert times.iso(None) is None
    assert times.iso(0) == "1970-01-01T00:00:00Z"
    assert times.iso(1, 330) == "1970-01-01T05:30:00.001+05:30"
    assert times.offset_minutes(datetime(2024, 1, 1)) is None  # noqa: DTZ001 - naive on purpose
