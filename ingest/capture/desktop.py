"""What capturing needs of a desktop, and the one that is at hand.

Invariant: a window is judged (rules.py) on what `Desktop.view` and `Desktop.beside` say before
`Desktop.grab` takes its pixels, and they count only where a second look says the same (frames.py,
`take_frame` and `take_beside`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from memassist.ingest.capture.errors import NoDesktopError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from memassist.ingest.readers.picture_layout import Line

    Pixels: TypeAlias = npt.NDArray[np.uint8]
    """`uint8[height, width, 4]`: blue, green, red, and a byte that means nothing."""

Signal: TypeAlias = Literal["window", "content", "beside"]
"""What may have changed: which window is in front, its title or place; what it shows; or what a
window beside it shows."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels of the whole desktop, which spans all monitors."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """One past the last column."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """One past the last row."""
        return self.top + self.height

    def cut_to(self, other: Area) -> Area | None:
        """Return the part that both share, None where there is none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return (
            Area(left, top, right - left, bottom - top) if left < right and top < bottom else None
        )


@dataclass(frozen=True, slots=True)
class Window:
    """One window as the desktop tells of it."""

    id: int
    """The desktop's own number; another window may get it later."""
    app: str
    """Class of the application, such as `firefox`; empty where it gives none."""
    title: str
    """Empty where it gives none."""
    area: Area
    """What of it lies on the desktop; other windows may cover it."""


@dataclass(frozen=True, slots=True)
class View:
    """The desktop at one moment."""

    window: Window | None
    """The one that has the keyboard; None for none, or one that is just going."""
    above: tuple[Window, ...] = ()
    """Windows that cover part of it, in no order."""
    is_locked: bool = False
    """A lock screen or screen saver is up."""
    idle_seconds: float = 0.0
    """Since a key, button or movement; which it was is nobody's business."""
    why_none: str = ""
    """Why there is no window in front, in a few words of ours; empty where there just is none."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A window that is shown and has not the keyboard, such as one on another monitor."""

    window: Window
    covered: tuple[Area, ...] = ()
    """Parts of it that other windows cover, in no order; they may overlap."""

    def shown_share(self) -> float:
        """Return how much of it nothing covers, 0 to 1."""
        area = self.window.area
        columns = sorted(
            {area.left, area.right} | {x for c in self.covered for x in (c.left, c.right)}
        )
        rows = sorted(
            {area.top, area.bottom} | {y for c in self.covered for y in (c.top, c.bottom)}
        )
        shown = sum(
            (right - left) * (bottom - top)
            for left, right in pairwise(columns)
            for top, bottom in pairwise(rows)
            if not any(
                one.left <= left < one.right and one.top <= top < one.bottom for one in self.covered
            )
        )
        return shown / (area.width * area.height)


class Desktop(Protocol):
    """A screen with windows, on one monitor or several. One thread makes it and uses it."""

    def view(self) -> View:
        """Return what is in front now. Raises `DesktopLostError`."""

    def beside(self) -> tuple[Beside, ...]:
        """Return the other windows of applications that are shown, the lowest first.

        From then on `wait` tells when one of them shows something new, once until it is grabbed.
        Panels, menus, the desktop's background are none. Raises `DesktopLostError`.
        """

    def grab(self, window: Window) -> Pixels:
        """Return the pixels of a window's area as they are shown. Raises `DesktopLostError`."""

    def lines(self, window: Window) -> tuple[Line, ...] | None:
        """Return the text that the application itself tells of a window, in places on its picture.

        None where it tells none; then what its pixels say is all there is.
        """

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return as soon as something changes; None after the time-out.

        Raises `DesktopLostError`.
        """

    def show_sign(self, is_on: bool) -> None:
        """Let whoever sits there see that the screen is captured, or no longer.

        Nothing happens on a desktop where no program may show one. Raises `DesktopLostError`.
        """

    def close(self) -> None:
        """Let go of the desktop."""


def open_desktop() -> Desktop:
    """Return the desktop that this process belongs to. Raises `NoDesktopError`."""
    if sys.platform == "darwin":
        from memassist.ingest.capture.macos import open_mac_desktop

        return open_mac_desktop()
    if sys.platform == "win32":
        from memassist.ingest.capture.windows import open_windows_desktop

        return open_windows_desktop()
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland":
        if os.environ.get("SWAYSOCK"):
            from memassist.ingest.capture.sway import SwayDesktop

            return SwayDesktop()
        raise NoDesktopError(
            "This is a Wayland session, in which no program may see other windows or their titles;"
            " only sway tells of them to those who ask.",
            "Choose an X11 session (or sway) when you log in, or import screenshots:"
            " memassist import FOLDER",
        )
    if not os.environ.get("DISPLAY"):
        raise NoDesktopError(
            "There is no screen here: DISPLAY is not set.", "Run it in a desktop session."
        )
    from memassist.ingest.capture.x11 import X11Desktop

    return X11Desktop()
