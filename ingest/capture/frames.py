"""Pictures of windows, taken only where they may be, and of those windows for sure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from memassist.ingest.capture.ink import accounted_share, shown_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.ingest.capture.desktop import Area, Beside, Desktop, Pixels, View, Window
    from memassist.ingest.capture.rules import Rules
    from memassist.ingest.readers.picture_layout import Line

SMALLEST_PIXELS = 24
"""Of a side: less holds no text."""
SHOWN_SHARE = 0.5
"""Of a window beside the one in front: with less to be seen of it, its lines are cut to pieces."""
NO_WINDOW, LOCKED, AWAY, TOO_SMALL, MOVED = (
    "no window in front",
    "screen locked",
    "nobody there",
    "too small",
    "changed while it was looked at",
)

TOLD_SHARE = 0.6
"""Of the tiles with anything on them: the rest are icons, rules and frames."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a window."""

    window: Window
    pixels: Pixels
    """Painted black where a window that may not be captured covers it."""
    lines: tuple[Line, ...] | None = None
    """What the application tells of its text; None where pixels have to be read."""
    is_in_front: bool = True
    """Whether it had the keyboard; if not, it is black wherever any window covers it."""


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
        return NoFrame(view.why_none or NO_WINDOW)
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
    pixels = desktop.grab(window)
    after = desktop.view()
    if (after.window, after.above, after.is_locked) != (view.window, view.above, False):
        return NoFrame(MOVED)
    return Frame(window, _painted(pixels, window, [one.area for one in rules.hidden(view)]))


def take_beside(desktop: Desktop, rules: Rules, away_seconds: float) -> list[FrameOutcome]:
    """Do the same for the windows beside the one in front; nothing where nobody may look at all.

    Those that are mostly covered are none. Raises `DesktopLostError`.
    """
    view = desktop.view()
    if view.is_locked or view.idle_seconds > away_seconds:
        return []
    outcomes: list[FrameOutcome] = []
    taken: list[tuple[Beside, Pixels]] = []
    for one in desktop.beside():
        if view.window is not None and one.window.id == view.window.id:
            continue
        if one.shown_share() < SHOWN_SHARE:
            continue
        window = may_take(replace(view, window=one.window), rules, away_seconds)
        if isinstance(window, NoFrame):
            outcomes.append(window)
        else:
            taken.append((one, desktop.grab(window)))
    if not taken:
        return outcomes
    after = set(desktop.beside())
    is_locked = desktop.view().is_locked
    for one, pixels in taken:
        if is_locked or one not in after:
            outcomes.append(NoFrame(MOVED))
        else:
            painted = _painted(pixels, one.window, one.covered)
            outcomes.append(Frame(one.window, painted, is_in_front=False))
    return outcomes


def with_lines(frame: Frame, desktop: Desktop) -> Frame:
    """Return a picture of the window in front with the text that its application tells.

    Only where that accounts for most of what is seen, and where the window, its title and all that
    lies above it are still those of the picture: the tree of a page that came since may be one that
    must not be captured. Raises `DesktopLostError`.
    """
    before = desktop.view()
    if before.window != frame.window or before.is_locked:
        return frame
    lines = shown_lines(frame.pixels, desktop.lines(frame.window) or ())
    if not lines or accounted_share(frame.pixels, lines) < TOLD_SHARE:
        return frame
    after = desktop.view()
    if (after.window, after.above, after.is_locked) != (frame.window, before.above, False):
        return frame
    return replace(frame, lines=lines)


def _painted(pixels: Pixels, window: Window, hidden: Iterable[Area]) -> Pixels:
    """Return a window's pixels, black in some areas of the desktop."""
    areas = [cut for one in hidden if (cut := one.cut_to(window.area)) is not None]
    if not areas:
        return pixels
    pixels = pixels.copy()
    for area in areas:
        left, top = area.left - window.area.left, area.top - window.area.top
        pixels[top : top + area.height, left : left + area.width] = 0
    return pixels
