"""One picture of the window in front, taken only where it may be, and of that window for sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from memassist.ingest.capture.desktop import Desktop, Pixels, View, Window
    from memassist.ingest.capture.rules import Rules

SMALLEST_PIXELS = 24
"""Of a side: less holds no text."""
NO_WINDOW, LOCKED, AWAY, TOO_SMALL, MOVED = (
    "no window in front",
    "screen locked",
    "nobody there",
    "too small",
    "changed while it was looked at",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a window."""

    window: Window
    pixels: Pixels
    """Painted black where a window that may not be captured covers it."""


@dataclass(frozen=True, slots=True)
class NoFrame:
    """Why there is no picture; always one of the same few words, so that it can be counted."""

    reason: str
    is_excluded: bool = False
    """By a rule, and not by the moment."""


FrameOutcome: TypeAlias = Frame | NoFrame


def may_take(view: View, rules: Rules, away_seconds: float) -> Window | NoFrame:
    """Return the window that may be captured, or why there is none."""
    if view.is_locked:
        return NoFrame(LOCKED)
    if view.idle_seconds > away_seconds:
        return NoFrame(AWAY)
    if view.window is None:
        return NoFrame(NO_WINDOW)
    reason = rules.why_not(view.window)
    if reason is not None:
        return NoFrame(reason, is_excluded=True)
    if min(view.window.area.width, view.window.area.height) < SMALLEST_PIXELS:
        return NoFrame(TOO_SMALL)
    return view.window


def take_frame(desktop: Desktop, rules: Rules, away_seconds: float) -> FrameOutcome:
    """Judge the window in front, take its pixels, and look again whether it was that window.

    Between two looks another window may come to the front, or a page get another title: pixels
    count only where both looks say the same. Raises `DesktopLostError`.
    """
    view = desktop.view()
    window = may_take(view, rules, away_seconds)
    if isinstance(window, NoFrame):
        return window
    pixels = desktop.grab(window.area)
    after = desktop.view()
    if (after.window, after.above, after.is_locked) != (view.window, view.above, False):
        return NoFrame(MOVED)
    hidden = [one.area.cut_to(window.area) for one in rules.hidden(view)]
    if any(hidden):
        pixels = pixels.copy()
    for area in hidden:
        if area is not None:
            left, top = area.left - window.area.left, area.top - window.area.top
            pixels[top : top + area.height, left : left + area.width] = 0
    return Frame(window, pixels)
