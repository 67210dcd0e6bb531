"""What capturing needs of a desktop, and the one that is at hand.

Invariant: a window is judged (rules.py) on what `Desktop.view` says before `Desktop.grab` takes
its pixels, and they count only where a second view says the same (frames.py, `take_frame`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from memassist.ingest.capture.errors import NoDesktopError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels: TypeAlias = npt.NDArray[np.uint8]
    """`uint8[height, width, 4]`: blue, green, red, and a byte that means nothing."""

Signal: TypeAlias = Literal["window", "content"]
"""What may have changed: which window is in front, its title or place, or what it shows."""


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


class Desktop(Protocol):
    """A screen with windows. One thread makes it and uses it."""

    def view(self) -> View:
        """Return what is in front now. Raises `DesktopLostError`."""

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area as they are shown. Raises `DesktopLostError`."""

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return as soon as something changes; None after the time-out.

        Raises `DesktopLostError`.
        """

    def close(self) -> None:
        """Let go of the desktop."""


def open_desktop() -> Desktop:
    """Return the desktop that this process belongs to. Raises `NoDesktopError`."""
    if sys.platform in ("darwin", "win32"):
        name = "macOS" if sys.platform == "darwin" else "Windows"
        raise NoDesktopError(
            f"Capturing the screen does not work on {name} yet: only X11 tells enough of a window"
            " to leave out what must not be captured.",
            "Import screenshots instead: memassist import FOLDER",
        )
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("XDG_SESSION_TYPE") == "wayland":
        raise NoDesktopError(
            "This is a Wayland session, in which no program may see other windows or their titles.",
            "Choose an X11 session when you log in, or import screenshots: memassist import FOLDER",
        )
    if not os.environ.get("DISPLAY"):
        raise NoDesktopError(
            "There is no screen here: DISPLAY is not set.", "Run it in a desktop session."
        )
    from memassist.ingest.capture.x11 import X11Desktop

    return X11Desktop()
