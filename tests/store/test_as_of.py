"""What was believed when, by valid time and by recorded time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from memassist.store import forget, home, memories, times
from memassist.store.as_of import memories_as_of
from memassist.store.memories import MemoryState
from memassist.store.slots import fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.store.database import Database

JANUARY, MARCH, MAY = 1_767_225_600_000, 1_772_323_200_000, 1_777_593_600_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = home.create(tmp_path / "home", [])
    yield opened
    opened.close()


def lives(place: str, since: int) -> MemoryState:
    """Return the fact of a home."""
    return MemoryState("core", f"Ann lives in {place}.", slot="Ann:home", valid_from=since)


def told(database: Database, state: MemoryState) -> int:
    """Let a fact be known, and return a moment after that and before the next."""
    with database.write() as connection:
        fill(connection, state, "rule")
    time.sleep(0.005)
    moment = times.now_ms()
    time.sleep(0.005)
    return moment


def texts(
    database: Database, *, held_at: int | None = None, recorded_at: int | None = None
) -> list[str]:
    """Return what is believed."""
    found = memories_as_of(database.read(), held_at=held_at, recorded_at=recorded_at)
    return [one.state.text for one in found]


def test_a_closed_fact_holds_until_the_later_one_began(database: Database) -> None:
    told(database, lives("Leeds", JANUARY))
    told(database, lives("York", MAY))
    assert texts(database, held_at=MARCH) == ["Ann lives in Leeds."]
    assert texts(database, held_at=MAY) == ["Ann lives in York."]
    assert texts(database, held_at=JANUARY - 1) == []


def test_the_past_is_seen_as_it_was_known_then(database: Database) -> None:
    early = told(database, lives("Leeds", JANUARY))
    told(database, lives("York", MARCH))
    # What was known early did not know of York: Leeds still held in May.
    assert texts(database, held_at=MAY, recorded_at=early) == ["Ann lives in Leeds."]
    assert texts(database, held_at=MAY) == ["Ann lives in York."]
    assert texts(database, recorded_at=early - 1_000_000) == []


def test_an_edit_leaves_what_was_believed_before_it(database: Database) -> None:
    before = told(database, lives("Leeds", JANUARY))
    with database.write() as connection:
        (known,) = memories.list_memories(connection)
        memories.edit(connection, known.id, lives("Hull", JANUARY), "user")
    (then,) = memories_as_of(database.read(), recorded_at=before)
    assert (then.state.text, then.version) == ("Ann lives in Leeds.", 1)
    assert texts(database) == ["Ann lives in Hull."]


def test_what_was_forgotten_is_in_no_past(database: Database) -> None:
    moment = told(database, lives("Leeds", JANUARY))
    (known,) = memories_as_of(database.read())
    forget.forget_memory(database, known.id)
    assert texts(database, recorded_at=moment) == []
