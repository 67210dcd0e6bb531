"""What long work says of its rate and of the time that is left."""

from __future__ import annotations

import pytest

from memassist.ui.pace import Pace


class Clock:
    """A clock that stands still."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "done", "share", "said"),
    [
        (1, 50, 0.5, ""),
        (10, 2000, 0.5, "200/s, 10 s left"),
        (10, 5, 0.01, "0.5/s, 16 min left"),
        (20, 60, 0.002, "3.0/s, 2 h 46 min left"),
        (10, 2000, None, "200/s"),
        (10, 0, 0.0, ""),
        (10, 0, 0.5, "10 s left"),
        (10, 100, 1.0, "10/s, 1 s left"),
    ],
)
def test_rate_and_rest_are_told_once_they_are_known(
    seconds: float, done: int, share: float | None, said: str
) -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now += seconds
    assert pace.said(done, share) == said


def test_a_new_pace_counts_and_an_old_one_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(10):
        clock.now += 1
        pace.said(100_000, 0.5)
    for second in range(1, 101):
        clock.now += 1
        said = pace.said(100_000 + second * 20, 0.5 + second / 1000)
    assert said in ("20/s, 6 min left", "20/s, 7 min left")
