"""The sign of capture on an X11 screen: a thin red bar at the top of each monitor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from memassist.ingest.capture.desktop import Area

if TYPE_CHECKING:
    from collections.abc import Sequence

    from Xlib.display import Display
    from Xlib.xobject.drawable import Window as XWindow

WIDTH, HEIGHT = 80, 5
"""Of the bar, in pixels; seen from the corner of an eye, and in nobody's way."""
RED = (0xE0E0, 0x1B1B, 0x2424)
RAISE_SECONDS = 2.0
"""Between moves to the top, where another window may have come since."""


class CaptureSign:
    """Bars that lie above all windows and let every click through. One thread's."""

    def __init__(self, display: Display) -> None:
        """Show nothing yet."""
        self._display = display
        self._has_shapes = display.has_extension("SHAPE")
        self._shown: dict[Area, XWindow] = {}
        self._raised_at = 0.0

    @property
    def ids(self) -> frozenset[int]:
        """The bars' windows, which are nobody's to look at."""
        return frozenset(one.id for one in self._shown.values())

    def show(self, monitors: Sequence[Area]) -> None:
        """Show a bar on these monitors and on no other; none takes the sign away."""
        wanted = [_bar(one) for one in monitors]
        now = time.monotonic()
        for place in [one for one in self._shown if one not in wanted]:
            self._shown.pop(place).destroy()
        if now - self._raised_at >= RAISE_SECONDS:
            self._raised_at = now
            for window in self._shown.values():
                window.raise_window()
        for place in wanted:
            if place not in self._shown:
                self._shown[place] = self._opened(place)
        self._display.flush()

    def _opened(self, place: Area) -> XWindow:
        from Xlib import X, Xatom, Xutil
        from Xlib.ext import shape

        screen = self._display.screen()
        window = screen.root.create_window(
            place.left,
            place.top,
            place.width,
            place.height,
            0,
            screen.root_depth,
            background_pixel=screen.default_colormap.alloc_color(*RED).pixel,
            override_redirect=True,  # no window manager moves or lists it
            event_mask=X.NoEventMask,
        )
        window.set_wm_name("memassist captures the screen")
        window.set_wm_class("memassist", "memassist")
        # sway gives the keyboard to a window that no manager lists, unless it is of such a kind.
        kind = self._display.intern_atom("_NET_WM_WINDOW_TYPE")
        notification = self._display.intern_atom("_NET_WM_WINDOW_TYPE_NOTIFICATION")
        window.change_property(kind, Xatom.ATOM, 32, [notification])
        window.set_wm_hints(flags=Xutil.InputHint, input=0)
        if self._has_shapes:
            window.shape_rectangles(shape.SO.Set, shape.SK.Input, X.Unsorted, 0, 0, [])
        window.map()
        return window


def _bar(monitor: Area) -> Area:
    left = monitor.left + max(0, monitor.width - WIDTH) // 2
    return Area(left, monitor.top, min(WIDTH, monitor.width), HEIGHT)
