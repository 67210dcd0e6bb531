"""macOS: which windows are shown, whose they are, and where, as Core Graphics describes them.

Written to Apple's documentation and not yet run on a Mac. So what is not as documented leaves a
window out, or all of them: nothing is captured of which it is not known what it is.

An application goes by its identifier (`com.apple.Safari`), which is the same in each language; a
process that is no application goes by its name. Points are the unit of all places, also of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Protocol

from memassist.ingest.capture.desktop import Area, Window
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.frames import SMALLEST_PIXELS
from memassist.ingest.capture.stack_desktop import (
    NOT_SHARED,
    OVERVIEW,
    SEE_THROUGH,
    Look,
    StackDesktop,
)
from memassist.ingest.capture.stacked import (
    COVERS_ALL,
    Stacked,
    greatest_part,
    greatest_share,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.readers.values import JsonValue

ORDINARY_LAYER = 0
"""kCGNormalWindowLevel: of applications' windows."""
SAVER_LAYER = 1000
"""kCGScreenSaverWindowLevel; the lock screen's shield is higher."""
SHARING_NONE = 0
"""kCGWindowSharingNone: the application does not want the window to be captured."""
OPAQUE = 0.99
"""Less of alpha, and what lies below shows through."""
DOCK = "com.apple.dock"
LOCKERS = frozenset({"com.apple.loginwindow", "com.apple.screensaver.engine"})
"""Identifiers in small letters; their windows may also lie below the screen saver's layer."""


class Calls(Protocol):
    """What is asked of macOS: see `macos_calls.QuartzCalls`."""

    def may_capture(self) -> bool:
        """Whether the person allowed this program to record the screen."""

    def ask_to_capture(self) -> None:
        """Let the system ask the person."""

    def session(self) -> Mapping[str, JsonValue] | None:
        """Return what is told of the session, None outside of one."""

    def windows(self) -> Sequence[Mapping[str, JsonValue]] | None:
        """Return the windows on the screen, front to back; None outside of a session."""

    def displays(self) -> Sequence[Area]:
        """Return what each display shows."""

    def idle_seconds(self) -> float:
        """Return seconds since any input."""

    def bundle_of(self, process_id: int) -> str | None:
        """Return the identifier of a process's application."""

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area. Raises `DesktopLostError`."""

    def close(self) -> None:
        """Let go of all."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One window as macOS tells of it, and visible."""

    number: int
    app: str
    title: str
    layer: int
    outer: Area
    is_opaque: bool
    is_shared: bool


class MacScreen:
    """The screen of the session that this process belongs to."""

    def __init__(self, calls: Calls) -> None:
        """Check that it can be captured. Raises `NoDesktopError`."""
        self._calls = calls
        if calls.session() is None:
            raise NoDesktopError(
                "There is no screen here: this process belongs to no session at one.",
                "Run it in a terminal on the Mac itself, not over SSH.",
            )
        if not calls.may_capture():
            calls.ask_to_capture()
            raise NoDesktopError(
                "macOS does not allow this program to record the screen, and tells no titles of"
                " windows without that, so that nothing could be left out.",
                "Allow it for your terminal (or for python) in System Settings > Privacy & Security"
                " > Screen & System Audio Recording, open the terminal anew, and start the capture"
                " again.",
            )

    def look(self) -> Look:
        """Return what is there now. Raises `DesktopLostError`."""
        calls = self._calls
        listed = calls.windows()
        if listed is None:
            raise DesktopLostError("The session at the screen ended.")
        displays = calls.displays()
        told = _told(listed, calls)
        is_locked = _is_locked(calls.session()) or any(_locks(one, displays) for one in told)
        idle_seconds = calls.idle_seconds()
        if is_locked:
            return Look(is_locked=True, idle_seconds=idle_seconds)
        if _is_rearranged(told, displays):
            return Look(idle_seconds=idle_seconds, why_none=OVERVIEW)
        return _look(told, displays, idle_seconds)

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area, one for each point. Raises `DesktopLostError`.

        Of a display with more pixels than points (Retina) it is their mean. All black where they
        are fewer, as when a display went just then.
        """
        import numpy as np
        from PIL import Image

        pixels = self._calls.grab(area)
        height, width, _ = pixels.shape
        scale = max(1, height // area.height)
        if (height, width) != (scale * area.height, scale * area.width):
            return np.zeros((area.height, area.width, 4), np.uint8)
        return pixels if scale == 1 else np.asarray(Image.fromarray(pixels).reduce(scale))

    def close(self) -> None:
        """Let go of the screen."""
        self._calls.close()


def open_mac_desktop() -> StackDesktop:
    """Return the desktop of this Mac. Raises `NoDesktopError`."""
    from memassist.ingest.capture.macos_calls import QuartzCalls

    try:
        calls = QuartzCalls()
    except ImportError as error:
        raise NoDesktopError(
            "PyObjC is missing, through which macOS tells its windows.",
            "Install memassist again; on macOS it brings pyobjc-framework-Quartz.",
        ) from error
    return StackDesktop(MacScreen(calls))


def _told(listed: Sequence[Mapping[str, JsonValue]], calls: Calls) -> list[_Told]:
    """Return the windows that can be seen, front to back."""
    bundles: dict[int, str | None] = {}  # for one look: a process's number is given again
    found: list[_Told] = []
    for one in listed:
        outer, alpha = _area(one.get("kCGWindowBounds")), _number(one.get("kCGWindowAlpha"), 1.0)
        if outer is None or alpha <= 0:
            continue
        process_id = int(_number(one.get("kCGWindowOwnerPID"), 0))
        if process_id not in bundles:
            bundles[process_id] = calls.bundle_of(process_id) if process_id > 0 else None
        # One that does not want to be captured gets no name either: then none captures it, and
        # where it lies above another it is painted over. Some ways to take pixels show it.
        is_shared = _number(one.get("kCGWindowSharingState"), SHARING_NONE) != SHARING_NONE
        found.append(
            _Told(
                number=int(_number(one.get("kCGWindowNumber"), 0)),
                app=(bundles[process_id] or _text(one.get("kCGWindowOwnerName")))
                if is_shared
                else "",
                title=_text(one.get("kCGWindowName")) if is_shared else "",
                # Without a layer it is no ordinary window, and lies above them.
                layer=int(_number(one.get("kCGWindowLayer"), 1)),
                outer=outer,
                is_opaque=alpha >= OPAQUE,
                is_shared=is_shared,
            )
        )
    return found


def _look(told: Iterable[_Told], displays: Sequence[Area], idle_seconds: float) -> Look:
    """Return the windows as one stack.

    The topmost ordinary window has the keyboard, or would get it next: no better is told without a
    run loop. It is judged by what it is, whether or not that is so.
    """
    stack: list[Stacked] = []
    is_front_found, why_none = False, ""
    for one in told:
        shown = greatest_part(one.outer, displays)
        if shown is None or _is_dock(one):
            continue
        is_large = min(shown.width, shown.height) >= SMALLEST_PIXELS
        is_ordinary = one.layer == ORDINARY_LAYER and is_large
        is_front = is_ordinary and not is_front_found
        is_front_found = is_front_found or is_front
        is_capturable = is_ordinary and one.is_opaque and one.is_shared
        if is_front and not is_capturable:
            why_none = SEE_THROUGH if one.is_shared else NOT_SHARED
        stack.append(
            Stacked(
                Window(one.number, one.app, one.title, shown),
                one.outer,
                # Where the one in front can't be captured, there is none.
                is_focused=is_front and is_capturable,
                is_ordinary=is_capturable,
            )
        )
    return Look(tuple(reversed(stack)), idle_seconds=idle_seconds, why_none=why_none)


def _is_dock(one: _Told) -> bool:
    """Whether it is the Dock's own window: as large as the display, and clear but for its icons."""
    return one.app.casefold() == DOCK and one.title == "Dock"


def _is_rearranged(told: Sequence[_Told], displays: Sequence[Area]) -> bool:
    """Whether Mission Control shows the windows at other places than those that are told.

    The Dock draws it, in windows without a title, or in a second one above a display. No
    documentation says so; where it is not so, pixels may be taken of a window's thumbnail.
    """
    large = [
        one
        for one in told
        if one.app.casefold() == DOCK
        and one.layer > ORDINARY_LAYER
        and greatest_share(one.outer, displays) >= 0.5
    ]
    docks = [one for one in large if _is_dock(one)]
    overlapping = any(
        greatest_share(one.outer, [other.outer]) >= 0.5
        for number, one in enumerate(docks)
        for other in docks[:number]
    )
    return len(docks) < len(large) or overlapping


def _is_locked(session: Mapping[str, JsonValue] | None) -> bool:
    """Whether the screen is locked, somebody else's, or the session not yet or no longer there."""
    if session is None or session.get("CGSSessionScreenIsLocked"):
        return True
    return not (session.get("kCGSSessionOnConsoleKey") and session.get("kCGSessionLoginDoneKey"))


def _locks(one: _Told, displays: Sequence[Area]) -> bool:
    """Whether a window is a lock screen or a screen saver over a whole display."""
    is_locker = one.layer >= SAVER_LAYER or one.app.casefold() in LOCKERS
    return is_locker and greatest_share(one.outer, displays) >= COVERS_ALL


def _area(told: JsonValue) -> Area | None:
    """Return a rectangle in whole points, all of the told one in it; None where there is none."""
    if not isinstance(told, dict):
        return None
    left, top = _number(told.get("X"), 0), _number(told.get("Y"), 0)
    width, height = _number(told.get("Width"), 0), _number(told.get("Height"), 0)
    if width < 1 or height < 1:
        return None
    first, upper = floor(left), floor(top)
    return Area(first, upper, ceil(left + width) - first, ceil(top + height) - upper)


def _number(told: JsonValue, default: float) -> float:
    return told if isinstance(told, int | float) else default


def _text(told: JsonValue) -> str:
    return told.strip() if isinstance(told, str) else ""
