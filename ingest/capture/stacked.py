"""Desktops that tell of their windows as one stack, and of no window when it shows something new.

What is in front, what covers it and what is beside it follow from the order alone; when to look
again follows from a clock (`LookTimer`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.ingest.capture.desktop import Beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.ingest.capture.desktop import Area, Signal, Window

POLL_SECONDS, SLOWEST_POLL_SECONDS = 3.0, 12.0
"""Between looks at the window in front, and where it showed nothing new for a while."""
BESIDE_SECONDS = 15.0
COVERS_ALL = 0.95
"""Of a monitor: what covers so much of it hides the rest, too."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """One window that is visible."""

    window: Window
    outer: Area
    """All that it covers; `window.area` is the part that can be captured."""
    is_focused: bool = False
    """It has the keyboard; of one stack at most one has."""
    is_ordinary: bool = True
    """An application's window; not a panel, a menu or the like, which covers others and no more."""


def front_of(stack: Sequence[Stacked]) -> tuple[Window | None, tuple[Window, ...]]:
    """Return the focused window of a stack, the lowest first, and those that cover part of it."""
    for number, one in enumerate(stack):
        if one.is_focused:
            above = tuple(
                replace(other.window, area=cut)
                for other in stack[number + 1 :]
                if (cut := other.outer.cut_to(one.window.area)) is not None
            )
            return one.window, above
    return None, ()


def beside_of(stack: Sequence[Stacked]) -> tuple[Beside, ...]:
    """Return the other ordinary windows of a stack, in its order: the lowest first."""
    return tuple(
        Beside(
            one.window,
            tuple(
                cut
                for other in stack[number + 1 :]
                if (cut := other.outer.cut_to(one.window.area)) is not None
            ),
        )
        for number, one in enumerate(stack)
        if one.is_ordinary and not one.is_focused
    )


def greatest_part(area: Area, monitors: Iterable[Area]) -> Area | None:
    """Return what one monitor shows of an area, the one that shows most; None where none does."""
    parts = [cut for one in monitors if (cut := area.cut_to(one)) is not None]
    return max(parts, key=lambda cut: cut.width * cut.height, default=None)


def greatest_share(area: Area, monitors: Iterable[Area]) -> float:
    """Return how much an area covers of the monitor that it covers most of, 0 to 1."""
    parts = [
        cut.width * cut.height / (one.width * one.height)
        for one in monitors
        if (cut := area.cut_to(one)) is not None
    ]
    return max(parts, default=0.0)


class LookTimer:
    """When to look again: often while the window in front changes, more seldom while it doesn't."""

    def __init__(self) -> None:
        """Let both looks be due now."""
        self._pause = POLL_SECONDS
        self._poll_at = self._beside_at = time.monotonic()
        self._last = b""

    def took(self, pixels: bytes) -> None:
        """Note what the window in front showed."""
        is_same, self._last = pixels == self._last, pixels
        self._pause = min(SLOWEST_POLL_SECONDS, self._pause * 1.5) if is_same else POLL_SECONDS

    def changed(self) -> None:
        """Note that another window is in front, or has another title."""
        self._pause = POLL_SECONDS

    def seconds_until_due(self) -> float:
        """Return how long there is nothing to look at."""
        return max(0.0, min(self._poll_at, self._beside_at) - time.monotonic())

    def due(self) -> Signal | None:
        """Return which look is due, and count it as done; None for none."""
        now = time.monotonic()
        if now >= self._poll_at:
            self._poll_at = now + self._pause
            return "content"
        if now >= self._beside_at:
            self._beside_at = now + BESIDE_SECONDS
            return "beside"
        return None
