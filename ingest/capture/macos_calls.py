"""The calls of macOS that capturing makes, through PyObjC and mss; nothing is decided here.

They are those of Apple's documentation of Core Graphics (Quartz Window Services, Quartz Display
Services, Quartz Event Services) and of AppKit's `NSRunningApplication`. No event is listened to, so
that no key can be. Of `NSWorkspace` nothing is asked: without a run loop, which a command has not,
its `frontmostApplication` stays what it was at the first question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.capture.desktop import Area
from memassist.ingest.capture.errors import DesktopLostError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.readers.values import JsonValue

_MOST_DISPLAYS = 32
_SESSION_KEYS = ("CGSSessionScreenIsLocked", "kCGSSessionOnConsoleKey", "kCGSessionLoginDoneKey")
"""Of `CGSessionCopyCurrentDictionary`. The first is in no documentation; it is there while the
screen is locked."""


class QuartzCalls:
    """This Mac's. One thread's."""

    def __init__(self) -> None:
        """Load the frameworks. Raises `ImportError` where PyObjC is missing."""
        import AppKit
        import mss
        import objc
        import Quartz

        self._appkit, self._quartz = AppKit, Quartz
        self._pool = objc.autorelease_pool
        self._pixels = mss.MSS()

    def may_capture(self) -> bool:
        """Whether the person allowed this program to record the screen."""
        return bool(self._quartz.CGPreflightScreenCaptureAccess())

    def ask_to_capture(self) -> None:
        """Let the system ask the person, once, and list the program in its settings."""
        self._quartz.CGRequestScreenCaptureAccess()

    def session(self) -> Mapping[str, JsonValue] | None:
        """Return what is told of the session, None outside of one with a screen."""
        with self._pool():
            told = self._quartz.CGSessionCopyCurrentDictionary()
            if told is None:
                return None
            return {name: _plain(told.get(name)) for name in _SESSION_KEYS}

    def windows(self) -> list[Mapping[str, JsonValue]] | None:
        """Return the windows on the screen, front to back, as Core Graphics describes them."""
        quartz = self._quartz
        kinds = quartz.kCGWindowListOptionOnScreenOnly | quartz.kCGWindowListExcludeDesktopElements
        with self._pool():
            told = quartz.CGWindowListCopyWindowInfo(kinds, quartz.kCGNullWindowID)
            if told is None:
                return None
            return [{str(name): _plain(one[name]) for name in one} for one in told]

    def displays(self) -> list[Area]:
        """Return what each active display shows, in points; the first begins at 0, 0."""
        quartz = self._quartz
        error, ids, count = quartz.CGGetActiveDisplayList(_MOST_DISPLAYS, None, None)
        if error:
            return []
        bounds = [quartz.CGDisplayBounds(one) for one in ids[:count]]
        return [
            Area(int(b.origin.x), int(b.origin.y), int(b.size.width), int(b.size.height))
            for b in bounds
        ]

    def idle_seconds(self) -> float:
        """Return seconds since any input, of whatever kind."""
        quartz = self._quartz
        return float(
            quartz.CGEventSourceSecondsSinceLastEventType(
                quartz.kCGEventSourceStateCombinedSessionState, quartz.kCGAnyInputEventType
            )
        )

    def bundle_of(self, process_id: int) -> str | None:
        """Return the identifier of a process's application, such as `com.apple.Safari`.

        None for what is no application. Unlike its name it is the same in each language.
        """
        with self._pool():
            found = self._appkit.NSRunningApplication.runningApplicationWithProcessIdentifier_(
                process_id
            )
            name = None if found is None else found.bundleIdentifier()
            return str(name) if name else None

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area, one for each point. Raises `DesktopLostError`."""
        import mss
        import numpy as np

        place = {"left": area.left, "top": area.top, "width": area.width, "height": area.height}
        try:
            with self._pool():
                taken = self._pixels.grab(place)
        # Of a system that no longer has the function that mss calls, which Apple means to remove.
        except (mss.ScreenShotError, AttributeError) as error:
            raise DesktopLostError("macOS gives no pixels.") from error
        return np.frombuffer(taken.raw, np.uint8).reshape(taken.height, taken.width, 4)

    def close(self) -> None:
        """Let go of what takes the pixels."""
        self._pixels.close()


def _plain(told: object) -> JsonValue:
    """Return a value of the Objective-C run time as one of Python; None for what is none of JSON.

    PyObjC's strings and numbers are of subclasses of Python's, its dictionaries only behave so.
    """
    for kind in (bool, str, int, float):
        if isinstance(told, kind):
            return kind(told)
    if hasattr(told, "items"):
        return {str(name): _plain(value) for name, value in told.items()}
    return None
