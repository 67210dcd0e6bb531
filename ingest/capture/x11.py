"""X11: windows, titles and idle time by python-xlib, pixels by mss.

Nothing is polled where the server offers its DAMAGE extension: it tells when a window shows
something new. No key and no button is listened to.
"""

from __future__ import annotations

import contextlib
import select
import time
from typing import TYPE_CHECKING, cast

from memassist.ingest.capture.desktop import Area, View, Window
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.locks import LOCKERS, SessionLock

if TYPE_CHECKING:
    from Xlib.display import Display
    from Xlib.xobject.drawable import Window as XWindow

    from memassist.ingest.capture.desktop import Pixels, Signal

POLL_SECONDS = 2.0
"""Between looks at a window on a server that does not tell when one changes."""
_TITLE_BYTES = 1024
_DEEPEST = 3
"""Levels below a window manager's frame at which the application's own window is looked for."""
_COVERS_ALL = 0.95


class X11Desktop:
    """The desktop of the display that DISPLAY names."""

    def __init__(self) -> None:
        """Connect. Raises `NoDesktopError`."""
        import mss
        from Xlib import X
        from Xlib.display import Display
        from Xlib.error import ConnectionClosedError, DisplayError

        self._session_lock = SessionLock()
        try:
            self._display: Display = Display()
            self._pixels = mss.MSS()
        except (DisplayError, ConnectionClosedError, mss.ScreenShotError, OSError) as error:
            raise NoDesktopError(
                "The X server does not answer.", "Check DISPLAY and XAUTHORITY."
            ) from error
        # By default python-xlib prints errors of requests that nobody waits for: a window that
        # closes while it is asked about makes one.
        self._display.set_error_handler(lambda *_: None)
        self._root: XWindow = self._display.screen().root
        self._root.change_attributes(event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask)
        name = self._display.intern_atom
        self._active_name = name("_NET_ACTIVE_WINDOW")
        self._title_names = {name("_NET_WM_NAME"), name("WM_NAME")}
        self._utf8_title = name("_NET_WM_NAME")
        self._has_damage = self._display.has_extension("DAMAGE")
        self._has_idle = self._display.has_extension("MIT-SCREEN-SAVER")
        if self._has_damage:
            self._display.damage_query_version()
        self._watched: XWindow | None = None
        self._damage: int | None = None

    def view(self) -> View:
        """Return what is in front now. Raises `DesktopLostError`."""
        from Xlib.error import ConnectionClosedError, XError

        try:
            return self._view()
        except ConnectionClosedError as error:
            raise DesktopLostError("The X server closed the connection.") from error
        except XError:
            # A window closed while it was asked about: the next look is a better one.
            return View(None)

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area as they are shown. Raises `DesktopLostError`."""
        import mss
        import numpy as np
        from Xlib.error import ConnectionClosedError

        place = {"left": area.left, "top": area.top, "width": area.width, "height": area.height}
        try:
            if self._damage is not None:
                # What changes from here on is told again.
                self._display.damage_subtract(self._damage)
                self._display.flush()
            taken = self._pixels.grab(place)
        except (ConnectionClosedError, mss.ScreenShotError) as error:
            raise DesktopLostError("The X server gives no pixels.") from error
        return np.frombuffer(taken.raw, np.uint8).reshape(taken.height, taken.width, 4)

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return as soon as something changes; None after the time-out."""
        from Xlib.error import ConnectionClosedError

        end = time.monotonic() + timeout_seconds
        if not self._has_damage and self._watched is not None:
            end = min(end, time.monotonic() + POLL_SECONDS)
        try:
            while True:
                signal = self._next_signal()
                left = end - time.monotonic()
                if signal is not None:
                    return signal
                if left <= 0:
                    return None if self._has_damage else "content"
                select.select([self._display], [], [], left)
        except (ConnectionClosedError, OSError) as error:
            raise DesktopLostError("The X server closed the connection.") from error

    def close(self) -> None:
        """Close both connections."""
        self._pixels.close()
        with contextlib.suppress(Exception):  # python-xlib, whose server may be gone
            self._display.close()

    def _next_signal(self) -> Signal | None:
        """Read the events that are there; a change of window outweighs one of content."""
        from Xlib import X

        found: Signal | None = None
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.PropertyNotify:
                # Others change with every key that is typed, and are left alone.
                if event.atom == self._active_name or event.atom in self._title_names:
                    found = "window"
            elif event.type in (
                X.MapNotify, X.UnmapNotify, X.ConfigureNotify, X.DestroyNotify, X.FocusIn
            ):  # fmt: skip
                found = "window"
            elif self._has_damage and event.type == self._display.extension_event.DamageNotify:
                self._display.damage_subtract(event.damage)
                found = found or "content"
        return found

    def _view(self) -> View:
        tops = self._tops()
        idle_seconds, is_saver_on = self._idle()
        screen = self._root.get_geometry()
        everything = Area(0, 0, screen.width, screen.height)
        is_locked = is_saver_on or self._session_lock.is_locked()
        is_locked = is_locked or self._is_covered_by_locker(tops, everything)
        client = self._active()
        if client is None:
            return View(None, is_locked=is_locked, idle_seconds=idle_seconds)
        self._watch(client)
        window = self._described(client, everything)
        if window is None:
            return View(None, is_locked=is_locked, idle_seconds=idle_seconds)
        above: list[Window] = []
        frame = self._top_of(client)
        ids = [top.id for top in tops]
        position = ids.index(frame.id) if frame.id in ids else -1
        for top in tops[position + 1 :]:
            place = self._area(top, window.area)
            if place is not None:
                inner = self._application_window(top)
                app, title = self._app(inner), self._title(inner)
                above.append(Window(top.id, app, title, place))
        return View(window, tuple(above), is_locked, idle_seconds)

    def _tops(self) -> list[XWindow]:
        """Return the windows that are shown, the lowest first."""
        from Xlib import X
        from Xlib.error import XError

        shown: list[XWindow] = []
        for child in self._root.query_tree().children:
            with contextlib.suppress(XError):  # it closed since
                attributes = child.get_attributes()
                if attributes.map_state == X.IsViewable and attributes.win_class == X.InputOutput:
                    shown.append(child)
        return shown

    def _active(self) -> XWindow | None:
        """Return the application's window that has the keyboard."""
        from Xlib import X
        from Xlib.error import XError

        told = self._root.get_full_property(self._active_name, X.AnyPropertyType)
        if told is not None and len(told.value) and told.value[0]:
            window = self._display.create_resource_object("window", told.value[0])
            # A window manager that crashed leaves its last word behind.
            with contextlib.suppress(XError):
                if window.get_attributes().map_state == X.IsViewable:
                    return cast("XWindow", window)
        focus = self._display.get_input_focus().focus
        if isinstance(focus, int):
            if focus != X.PointerRoot:
                return None
            # Without a window manager the keyboard may follow the pointer.
            focus = self._root.query_pointer().child
            if isinstance(focus, int):
                return None
        if focus == self._root:
            return None
        return self._application_window(self._top_of(focus))

    def _top_of(self, window: XWindow) -> XWindow:
        """Return the child of the root that holds a window: itself or its frame."""
        while True:
            parent = window.query_tree().parent
            if isinstance(parent, int) or parent == self._root:
                return window
            window = parent

    def _application_window(self, top: XWindow) -> XWindow:
        """Return the window below a frame that says whose it is; the frame if none does."""
        level = [top]
        for _ in range(_DEEPEST):
            for window in level:
                if window.get_wm_class():
                    return window
            level = [child for window in level for child in window.query_tree().children]
        return top

    def _described(self, client: XWindow, everything: Area) -> Window | None:
        area = self._area(client, everything)
        return (
            None
            if area is None
            else Window(client.id, self._app(client), self._title(client), area)
        )

    def _area(self, window: XWindow, within: Area) -> Area | None:
        size = window.get_geometry()
        corner = self._root.translate_coords(window, 0, 0)
        return Area(corner.x, corner.y, size.width, size.height).cut_to(within)

    def _app(self, window: XWindow) -> str:
        named = window.get_wm_class()
        return str(named[1] or named[0]) if named else ""

    def _title(self, window: XWindow) -> str:
        from Xlib import X

        told = window.get_full_property(self._utf8_title, X.AnyPropertyType, _TITLE_BYTES // 4)
        if told is not None and isinstance(told.value, bytes):
            return told.value.decode("utf-8", "replace").strip()
        named = window.get_wm_name()
        if isinstance(named, bytes):
            named = named.decode("latin-1")
        return str(named or "").strip()

    def _idle(self) -> tuple[float, bool]:
        """Return seconds without input, and whether the screen saver is on."""
        if not self._has_idle:
            return 0.0, False
        told = self._root.screensaver_query_info()
        return told.idle / 1000, told.state == 1

    def _is_covered_by_locker(self, tops: list[XWindow], everything: Area) -> bool:
        """Whether the topmost window looks like a lock screen.

        Those of i3lock, slock and xsecurelock are no application's: they stand above all, cover
        all, and the window manager has no say.
        """
        if not tops:
            return False
        top = tops[-1]
        if self._app(self._application_window(top)).casefold() in LOCKERS:
            return True
        area = self._area(top, everything)
        covered = 0 if area is None else area.width * area.height
        is_all = covered >= _COVERS_ALL * everything.width * everything.height
        return is_all and bool(top.get_attributes().override_redirect)

    def _watch(self, client: XWindow) -> None:
        """Be told of what happens to this window, and no longer of the one before."""
        from Xlib import X
        from Xlib.ext import damage

        if self._watched is not None and self._watched.id == client.id:
            return
        if self._watched is not None:
            self._watched.change_attributes(event_mask=0)
            if self._damage is not None:
                self._display.damage_destroy(self._damage)
                self._damage = None
        client.change_attributes(
            event_mask=X.PropertyChangeMask | X.StructureNotifyMask | X.FocusChangeMask
        )
        if self._has_damage:
            self._damage = client.damage_create(damage.DamageReportNonEmpty)
        self._watched = client
        self._display.flush()
