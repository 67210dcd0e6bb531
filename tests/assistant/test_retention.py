"""The forgetting curve: what keeps a memory, what archives it, and that nothing is lost by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from memassist.assistant import Memory, Query
from memassist.assistant.config import set_value
from memassist.assistant.retention import (
    MOST_AT_ONCE,
    Faded,
    activation,
    archive_faded,
    faded,
    gain_by_use,
    retention,
)
from memassist.plugins.types import Record, Trust
from memassist.store import memories, times
from memassist.store.memories import Evidence, MemoryState
from memassist.store.uses import Presence
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.store.memories import Memory as StoredMemory

DAY = 86_400_000
NOW = times.to_ms(datetime(2026, 5, 1, tzinfo=UTC))
PLAIN = MemoryState("semantic", "Ben keeps bees.", confidence=0.75, trust=Trust.CHAT)


def learned(days_ago: float, *, items: int = 1, used: tuple[float, ...] = ()) -> Presence:
    """Return the presence of what was learned and used so many days ago."""
    at = NOW - int(days_ago * DAY)
    last = NOW - int(min(used) * DAY) if used else None
    return Presence(at, at, items, len(used), last)


def test_a_plain_memory_unused_for_a_year_is_as_likely_wanted_as_not() -> None:
    assert retention(PLAIN, learned(364), NOW) > 0.5 > retention(PLAIN, learned(366), NOW)


def test_the_owners_words_last_longer_and_sure_ones_longer_than_doubtful_ones() -> None:
    owners = MemoryState("semantic", "Ann keeps bees.", confidence=0.75, trust=Trust.OWNER)
    doubtful = MemoryState("semantic", "Ben keeps bees?", confidence=0.5, trust=Trust.CHAT)
    two_years = learned(730)
    assert retention(owners, two_years, NOW) > 0.5
    assert retention(doubtful, learned(250), NOW) < 0.5 < retention(PLAIN, learned(250), NOW)


def test_one_use_and_further_evidence_keep_a_memory() -> None:
    assert retention(PLAIN, learned(500), NOW) < 0.5
    assert retention(PLAIN, learned(500, used=(100,)), NOW) > 0.5
    assert retention(PLAIN, learned(500, items=2), NOW) > 0.5


@settings(deadline=None)
@given(
    st.floats(1, 20_000), st.floats(0, 20_000), st.integers(1, 50), st.integers(0, 50),
    st.floats(0, 5_000),
)  # fmt: skip
def test_retention_falls_with_time_and_grows_with_use(
    age: float, since: float, items: int, count: int, later: float
) -> None:
    used = (min(since, age),) * count
    presence = learned(age, items=items, used=used)
    now = activation(presence, NOW)
    assert activation(presence, NOW + int(later * DAY)) <= now + 1e-9
    assert gain_by_use(presence, NOW) >= -1e-9
    assert activation(learned(age, items=items, used=(*used, min(since, age))), NOW) >= now - 1e-9
    assert 0 <= retention(PLAIN, presence, NOW) <= 1


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    set_value(asking_home, "model.url", ("",))
    with Memory.open(asking_home) as memory:
        yield memory


def store(memory: Memory, text: str, **values: Any) -> StoredMemory:
    """Store a machine's memory that rests on words of its own."""
    record = Record(
        text=text, place=text, author="Ben", occurred_at=datetime(2024, 3, 1, tzinfo=UTC)
    )
    memory.add_items([record], source="test")
    item = next(one.id for one in memory.timeline(limit=100) if one.text == text)
    defaults: dict[str, Any] = {"type": "semantic", "confidence": 0.75, "trust": Trust.CHAT}
    state = MemoryState(
        text=text,
        extractor="rules@1",
        evidence=(Evidence(item, 0, len(text), text),),
        **(defaults | values),
    )
    with memory.wiring.database.write() as connection:
        return memories.add(connection, state, "rule")


def in_two_years() -> int:
    return times.now_ms() + 730 * DAY


def fade(memory: Memory) -> list[Faded]:
    return archive_faded(memory.wiring.database, 0.5, in_two_years())


def test_what_is_unused_is_archived_by_a_revision_that_undo_takes_back(memory: Memory) -> None:
    bees = store(memory, "Ben keeps bees.")
    assert [one.memory_id for one in fade(memory)] == [bees.id]
    assert memory.memories.list() == []
    (kept,) = memory.memories.list(with_archived=True)
    assert kept.state.is_archived
    newest = memory.history(bees.id, limit=1)[0]
    assert (newest.actor, newest.action) == ("forgetting", "archive")
    memory.undo(newest.id)
    assert memory.memories.list()[0].state == bees.state
    # What was brought back stays: the next night does not archive it again.
    assert fade(memory) == []


def test_what_a_person_or_a_prompt_needs_is_never_archived(memory: Memory) -> None:
    store(memory, "Ben is Ann's brother.", type="core")
    store(memory, "Feed the bees: mix sugar and water.", type="procedural")
    store(memory, "Ben lives in Leeds.", slot="ben:home")
    store(memory, "Ben lived in York.", valid_to=5)
    store(memory, "Ben is pinned.", is_pinned=True)
    store(memory, "Ben was approved.", is_touched=True)
    coming = times.now_ms() + 1000 * DAY
    store(memory, "Ben retires.", type="episodic", occurred_from=coming, occurred_to=coming + DAY)
    assert fade(memory) == []


def test_a_night_archives_few_the_least_wanted_first_and_none_where_it_is_off(
    memory: Memory,
) -> None:
    for number in range(MOST_AT_ONCE + 2):
        store(memory, f"Ben keeps {number} bees.", confidence=0.2 + number / 50)
    connection = memory.wiring.database.read()
    assert faded(connection, 0.0, in_two_years()) == []
    gone = fade(memory)
    assert [one.text for one in gone] == [f"Ben keeps {number} bees." for number in range(10)]
    assert len(fade(memory)) == 2


def test_memories_that_are_shown_or_cited_are_kept(memory: Memory) -> None:
    shown, cited, other = (
        store(memory, f"Ben keeps {what} in the orchard.", confidence=0.6)
        for what in ("bees", "hens", "goats")
    )
    home = str(memory.wiring.home)
    before = memory.memories.retention(shown.id)
    CliRunner().invoke(cli, ["--home", home, "memories", "show", shown.id], catch_exceptions=False)
    CliRunner().invoke(
        cli, ["--home", home, "ask", "What does Ben keep, hens?"], catch_exceptions=False
    )
    assert memory.memories.retention(shown.id) > before
    assert memory.memories.retention(cited.id) > memory.memories.retention(other.id)


def test_use_ranks_a_memory_before_one_that_is_as_good(memory: Memory) -> None:
    first, second = store(memory, "Ben keeps bees there."), store(memory, "Ben keeps bees here.")

    def ranked() -> list[str | None]:
        found = memory.search(Query("Ben bees", kind="memory"), lexical=True)
        for hit in found.hits:
            assert hit.score == pytest.approx(sum(hit.signals.values()))
        return [hit.memory_id for hit in found.hits]

    before = ranked()
    least = before[-1] or ""
    found = memory.search(Query("Ben bees", kind="memory"), lexical=True)
    assert {hit.signals["use"] for hit in found.hits} == {0.0}
    for _ in range(3):
        memory.memories.note_uses([least, "no memory"])
    assert ranked() == [least, *(one for one in before if one != least)]
    assert {first.id, second.id} == set(before)


def test_forgetting_a_memory_takes_the_count_of_its_uses_along(memory: Memory) -> None:
    bees = store(memory, "Ben keeps bees.")
    memory.memories.note_uses([bees.id])
    memory.forget(memory_id=bees.id)
    connection = memory.wiring.database.read()
    assert connection.execute("SELECT count(*) FROM memory_use").fetchone()[0] == 0


def test_the_command_shows_what_it_would_archive(memory: Memory) -> None:
    bees = store(memory, "Ben keeps bees.", confidence=0.1)
    set_value(memory.wiring.home, "forgetting.below", ("1",))
    words = ["--home", str(memory.wiring.home), "reflect"]
    said = CliRunner().invoke(cli, [*words, "--dry-run"], catch_exceptions=False).stdout
    assert said.startswith("would be archived: no longer of use (")
    assert not memory.memories.get(bees.id).state.is_archived
    CliRunner().invoke(cli, words, catch_exceptions=False)
    assert memory.memories.get(bees.id).state.is_archived
    said = (
        CliRunner()
        .invoke(cli, ["--home", str(memory.wiring.home), "memories", "list", "--archived"])
        .stdout
    )
    assert "semantic, archived" in said
