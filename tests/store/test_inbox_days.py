"""Ten entries a day, the most useful first, and what nobody saw for two weeks expires."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from memassist.store import inbox, inbox_days, memories
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import Bench

DAY_MS: Final = 24 * 3600 * 1000
FIRST_DAY: Final = 20_000 * DAY_MS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """Return a function that moves the clock to an hour of a day and returns that midnight."""
    moment = [FIRST_DAY]
    monkeypatch.setattr("memassist.store.times.now_ms", lambda: moment[0])

    def at(day: int, hour: int = 9) -> int:
        moment[0] = FIRST_DAY + day * DAY_MS + hour * 3600 * 1000
        return FIRST_DAY + day * DAY_MS

    return at


def propose(bench: Bench, *texts: str, confidence: float = 0.4) -> None:
    """Let something propose these, each surer than the one before."""
    with bench.database.write() as connection:
        for number, text in enumerate(texts):
            state = replace(bench.state(text), confidence=confidence + number / 1000)
            inbox.propose(connection, state, "not sure")


def shown(bench: Bench, midnight_ms: int) -> list[str]:
    """Return what a day's list says."""
    with bench.database.write() as connection:
        return [one.candidate.text for one in inbox_days.of_day(connection, midnight_ms)]


def waiting(bench: Bench) -> list[str]:
    """Return all that waits."""
    return [one.candidate.text for one in inbox.list_entries(bench.database.read())]


def expire(bench: Bench) -> int:
    """Let time do its work."""
    with bench.database.write() as connection:
        return inbox_days.expire(connection)


NAMES = [f"Fact {number:02}." for number in range(25)]


def test_a_day_shows_ten_and_the_same_ten_again(bench: Bench, clock: Callable[[int], int]) -> None:
    midnight = clock(0)
    propose(bench, *NAMES)
    assert shown(bench, midnight) == NAMES[:14:-1]
    assert shown(bench, midnight) == NAMES[:14:-1]
    assert len(waiting(bench)) == 25


def test_what_was_decided_counts_for_its_day(bench: Bench, clock: Callable[[int], int]) -> None:
    midnight = clock(0)
    propose(bench, *NAMES)
    shown(bench, midnight)
    with bench.database.write() as connection:
        inbox.reject(connection, inbox.list_entries(connection)[0].id, "user")
    assert shown(bench, midnight) == NAMES[23:14:-1]


def test_the_next_day_shows_what_was_not_seen(bench: Bench, clock: Callable[[int], int]) -> None:
    propose(bench, *NAMES)
    shown(bench, clock(0))
    assert shown(bench, clock(1)) == NAMES[14:4:-1]
    # Five are left that nobody saw; the surest of those that were seen fill the day.
    assert sorted(shown(bench, clock(2))) == sorted([*NAMES[:5], *NAMES[20:]])


def test_what_bears_on_every_answer_comes_first(bench: Bench, clock: Callable[[int], int]) -> None:
    midnight = clock(0)
    propose(bench, "Sure.", confidence=0.49)
    with bench.database.write() as connection:
        core = replace(bench.state("Ann is a vet.", type_="core"), confidence=0.2)
        inbox.propose(connection, core, "not written by you")
    assert shown(bench, midnight) == ["Ann is a vet.", "Sure."]


def test_the_unseen_expire_after_two_weeks_and_the_seen_do_not(
    bench: Bench, clock: Callable[..., int]
) -> None:
    midnight = clock(0)
    propose(bench, "Seen.")
    shown(bench, midnight)
    propose(bench, "Unseen.")
    clock(14, 8)
    assert expire(bench) == 0
    clock(14, 9)
    assert expire(bench) == 1
    assert waiting(bench) == ["Seen."]
    (expired,) = inbox.list_entries(bench.database.read(), "expired")
    assert expired.candidate.text == "Unseen."


def test_the_expired_come_back_or_are_approved(bench: Bench, clock: Callable[[int], int]) -> None:
    clock(0)
    propose(bench, "Ann lives in Leeds.", "Ann has a dog.")
    clock(30)
    assert expire(bench) == 2
    first, second = inbox.list_entries(bench.database.read(), "expired")
    with bench.database.write() as connection:
        assert inbox_days.put_back(connection, first.id).state == "pending"
        inbox.approve(connection, second.id, "user")
        with pytest.raises(NotFoundError, match="pending"):
            inbox_days.put_back(connection, first.id)
    clock(60)
    assert expire(bench) == 0
    assert waiting(bench) == ["Ann has a dog."]
    assert [one.state.text for one in memories.list_memories(bench.database.read())] == [
        "Ann lives in Leeds."
    ]


def test_undo_passes_expiry_by(bench: Bench, clock: Callable[[int], int]) -> None:
    clock(0)
    with bench.database.write() as connection:
        memories.add(connection, bench.state("By hand."), "user")
    propose(bench, "Unseen.")
    clock(20)
    expire(bench)
    with bench.database.write() as connection:
        memories.undo(connection, None, "user")
    assert memories.list_memories(bench.database.read()) == []
    assert waiting(bench) == []
