"""A desktop of a system that tells its windows when asked, and nothing by itself.

`Screen` is what such a system tells; what is made of it is the same for each.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from memassist.ingest.capture.desktop import View
from memassist.ingest.capture.stacked import LookTimer, beside_of, front_of

if TYPE_CHECKING:
    from memassist.ingest.capture.desktop import Area, Beside, Pixels, Signal, Window
    from memassist.ingest.capture.stacked import Stacked

NOT_SHARED, SEE_THROUGH, OVERVIEW = (
    "does not want to be captured",
    "shows what lies below it",
    "overview of windows",
)
"""Why there is no window in front: counted by reason, so always the same words."""
GLANCE_SECONDS = 1.0
"""Between looks at which window is in front."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is on the screen at one moment."""

    stack: tuple[Stacked, ...] = ()
    """The visible windows, the lowest first; none where it can't be told what the pixels show."""
    is_locked: bool = False
    idle_seconds: float = 0.0
    why_none: str = ""
    """Why no window has the keyboard that can be captured; empty where there just is none."""


class Screen(Protocol):
    """What a system tells of its screen. One thread's."""

    def look(self) -> Look:
        """Return what is there now. Raises `DesktopLostError`."""

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area as they are shown. Raises `DesktopLostError`."""

    def close(self) -> None:
        """Let go of the screen."""


class StackDesktop:
    """The desktop that a screen shows."""

    def __init__(self, screen: Screen) -> None:
        """Take the screen, which `close` closes."""
        self._screen = screen
        self._timer = LookTimer()
        self._front: tuple[Window | None, tuple[Window, ...]] = None, ()
        self._glanced_at = time.monotonic()

    def view(self) -> View:
        """Return what is in front now. Raises `DesktopLostError`."""
        look = self._screen.look()
        self._front = front_of(look.stack)
        return View(*self._front, look.is_locked, look.idle_seconds, look.why_none)

    def beside(self) -> tuple[Beside, ...]:
        """Return the other windows that are shown, the lowest first. Raises `DesktopLostError`."""
        return beside_of(self._screen.look().stack)

    def grab(self, window: Window) -> Pixels:
        """Return the pixels of a window's area as they are shown. Raises `DesktopLostError`."""
        pixels = self._screen.grab(window.area)
        front, _ = self._front
        if front is not None and window.id == front.id:
            self._timer.took(pixels.tobytes())
        return pixels

    def lines(self, window: Window) -> None:
        """Return None: no application is asked for its text here."""

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return as soon as something changes; None after the time-out."""
        end = time.monotonic() + timeout_seconds
        while True:
            now = time.monotonic()
            glance = self._glanced_at + GLANCE_SECONDS
            pause = min(end, glance, now + self._timer.seconds_until_due()) - now
            time.sleep(max(0.0, pause))
            now = time.monotonic()
            if now >= glance:
                self._glanced_at, before = now, self._front
                self._front = front_of(self._screen.look().stack)
                if self._front != before:
                    self._timer.changed()
                    return "window"
            signal = self._timer.due()
            if signal is not None or now >= end:
                return signal

    def show_sign(self, is_on: bool) -> None:
        """Show nothing: the app, `capture status` and `capture run` say it in words."""

    def close(self) -> None:
        """Let go of the screen."""
        self._screen.close()
