"""X11: windows, titles and idle time by python-xlib, pixels by mss.

Nothing is polled where the server offers its DAMAGE extension: it tells when a window shows
something new. No key and no button is listened to.
"""

from __future__ import annotations

import contextlib
import select
import time
from typing import TYPE_CHECKING

from memassist.ingest.capture.accessible import AccessibleTexts
from memassist.ingest.capture.desktop import Beside, View, Window
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.locks import LOCKERS, SessionLock
from memassist.ingest.capture.stacked import COVERS_ALL, greatest_share
from memassist.ingest.capture.x11_sign import CaptureSign
from memassist.ingest.capture.x11_windows import WindowTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from Xlib.display import Display
    from Xlib.xobject.drawable import Window as XWindow

    from memassist.ingest.capture.desktop import Area, Pixels, Signal
    from memassist.ingest.readers.picture_layout import Line

POLL_SECONDS = 2.0
"""Between looks at a window on a server that does not tell when one changes."""


class X11Desktop:
    """The desktop of the display that DISPLAY names."""

    def __init__(self) -> None:
        """Connect. Raises `NoDesktopError`."""
        import mss
        from Xlib import X
        from Xlib.display import Display
        from Xlib.error import ConnectionClosedError, DisplayError
        from Xlib.ext import randr

        self._session_lock = SessionLock()
        self._accessible = AccessibleTexts()
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
        self._tree = WindowTree(self._display)
        self._root = self._tree.root
        self._sign = CaptureSign(self._display)
        # Of the root itself: it gets another size when a monitor comes or goes.
        self._root.change_attributes(
            event_mask=X.PropertyChangeMask | X.SubstructureNotifyMask | X.StructureNotifyMask
        )
        self._has_monitors = self._display.has_extension("RANDR")
        if self._has_monitors:
            self._root.xrandr_select_input(randr.RRScreenChangeNotifyMask)
        self._has_damage = self._display.has_extension("DAMAGE")
        self._has_idle = self._display.has_extension("MIT-SCREEN-SAVER")
        if self._has_damage:
            self._display.damage_query_version()
        self._watched: XWindow | None = None
        self._damages: dict[int, int] = {}
        """Of each window that is looked at: what tells when it shows something new."""
        self._grabbed_from = self._tree.everything()

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

    def beside(self) -> tuple[Beside, ...]:
        """Return the other windows of applications that are shown, the lowest first."""
        from Xlib.error import ConnectionClosedError, XError

        try:
            return self._beside()
        except ConnectionClosedError as error:
            raise DesktopLostError("The X server closed the connection.") from error
        except XError:
            return ()

    def grab(self, window: Window) -> Pixels:
        """Return the pixels of a window's area as they are shown. Raises `DesktopLostError`."""
        import mss
        import numpy as np
        from Xlib.error import ConnectionClosedError

        area = window.area
        place = {"left": area.left, "top": area.top, "width": area.width, "height": area.height}
        try:
            damage = self._damages.get(window.id)
            if damage is not None:
                # What changes from here on is told again.
                self._display.damage_subtract(damage)
                self._display.flush()
            everything = self._tree.everything()
            if everything != self._grabbed_from:
                # It makes room for a desktop of the size that it found, once.
                self._pixels.close()
                self._pixels, self._grabbed_from = mss.MSS(), everything
            taken = self._pixels.grab(place)
        except (ConnectionClosedError, mss.ScreenShotError) as error:
            raise DesktopLostError("The X server gives no pixels.") from error
        return np.frombuffer(taken.raw, np.uint8).reshape(taken.height, taken.width, 4)

    def lines(self, window: Window) -> tuple[Line, ...] | None:
        """Return the text of the window in front by the accessibility tree, None without one."""
        from Xlib.error import ConnectionClosedError, XError

        if self._watched is None or self._watched.id != window.id:
            return None
        try:
            process_id = self._tree.process_of(self._watched)
        except ConnectionClosedError as error:
            raise DesktopLostError("The X server closed the connection.") from error
        except XError:
            return None
        return None if process_id is None else self._accessible.lines(window, process_id)

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

    def show_sign(self, is_on: bool) -> None:
        """Show a red bar at the top of each monitor, or take it away."""
        from Xlib.error import ConnectionClosedError, XError

        try:
            self._sign.show(self._tree.monitors() if is_on else ())
        except ConnectionClosedError as error:
            raise DesktopLostError("The X server closed the connection.") from error
        except XError:
            pass  # a monitor went while it was asked about: the next time shows it

    def close(self) -> None:
        """Close both connections."""
        self._pixels.close()
        self._accessible.close()
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
                if event.atom == self._tree.active_name or event.atom in self._tree.title_names:
                    found = "window"
            elif event.type in (
                X.MapNotify, X.UnmapNotify, X.ConfigureNotify, X.DestroyNotify, X.FocusIn
            ):  # fmt: skip
                found = found if event.window.id in self._sign.ids else "window"
            elif self._has_damage and event.type == self._display.extension_event.DamageNotify:
                if self._watched is not None and event.drawable == self._watched:
                    self._display.damage_subtract(event.damage)
                    found = "content" if found != "window" else found
                else:
                    # Taken up at the next grab, so that a film beside is told of once till then.
                    found = found or "beside"
            elif (
                self._has_monitors
                and event.type == self._display.extension_event.ScreenChangeNotify
            ):
                found = "window"
        return found

    def _view(self) -> View:
        tree = self._tree
        tops, monitors = self._tops(), tree.monitors()
        idle_seconds, is_saver_on = self._idle()
        is_locked = is_saver_on or self._session_lock.is_locked()
        is_locked = is_locked or self._is_covered_by_locker(tops, monitors)
        client = tree.active()
        if client is None:
            return View(None, is_locked=is_locked, idle_seconds=idle_seconds)
        self._watch(client)
        window = tree.described(client, monitors)
        if window is None:
            return View(None, is_locked=is_locked, idle_seconds=idle_seconds)
        above: list[Window] = []
        frame = tree.top_of(client)
        ids = [top.id for top in tops]
        position = ids.index(frame.id) if frame.id in ids else -1
        for top in tops[position + 1 :]:
            place = tree.area(top, [window.area])
            if place is not None:
                inner = tree.application_window(top)
                above.append(Window(top.id, tree.app(inner), tree.title(inner), place))
        return View(window, tuple(above), is_locked, idle_seconds)

    def _beside(self) -> tuple[Beside, ...]:
        from Xlib.error import XError

        tree = self._tree
        tops, monitors = self._tops(), tree.monitors()
        front = None if self._watched is None else self._watched.id
        found: list[Beside] = []
        places: list[Area] = []
        for top in reversed(tops):
            with contextlib.suppress(XError):  # it closed since
                inner = tree.application_window(top)
                window = tree.described(inner, monitors)
                outer = tree.area(top, monitors)
                is_override = bool(top.get_attributes().override_redirect)
                if window is not None and inner.id != front and not is_override:
                    covered = [cut for one in places if (cut := one.cut_to(window.area))]
                    if tree.is_ordinary(inner):
                        found.append(Beside(window, tuple(covered)))
                        self._tell_of(inner)
                if outer is not None:
                    places.append(outer)
        kept = {one.window.id for one in found} | {front}
        for gone in [one for one in self._damages if one not in kept]:
            self._display.damage_destroy(self._damages.pop(gone))
        self._display.flush()
        return tuple(reversed(found))

    def _tops(self) -> list[XWindow]:
        """Return the windows that are shown, the lowest first, but for the sign of capture."""
        return [one for one in self._tree.tops() if one.id not in self._sign.ids]

    def _idle(self) -> tuple[float, bool]:
        """Return seconds without input, and whether the screen saver is on."""
        if not self._has_idle:
            return 0.0, False
        told = self._root.screensaver_query_info()
        return told.idle / 1000, told.state == 1

    def _is_covered_by_locker(self, tops: Sequence[XWindow], monitors: Sequence[Area]) -> bool:
        """Whether the topmost window looks like a lock screen.

        Those of i3lock, slock and xsecurelock are no application's: they stand above all, cover
        all of a monitor at least, and the window manager has no say.
        """
        if not tops:
            return False
        top, tree = tops[-1], self._tree
        if tree.app(tree.application_window(top)).casefold() in LOCKERS:
            return True
        if not top.get_attributes().override_redirect:
            return False
        area = tree.area(top, monitors)
        return area is not None and greatest_share(area, monitors) >= COVERS_ALL

    def _watch(self, client: XWindow) -> None:
        """Be told of what happens to this window, and less of the one before."""
        from Xlib import X

        if self._watched is not None and self._watched.id == client.id:
            return
        if self._watched is not None:
            self._watched.change_attributes(event_mask=0)
            if self._watched.id in self._damages:
                self._display.damage_destroy(self._damages.pop(self._watched.id))
        client.change_attributes(
            event_mask=X.PropertyChangeMask | X.StructureNotifyMask | X.FocusChangeMask
        )
        self._watched = client
        self._tell_of(client)
        if client.id in self._damages:
            self._display.damage_subtract(self._damages[client.id])  # told while it was beside
        self._display.flush()

    def _tell_of(self, window: XWindow) -> None:
        """Be told when a window shows something new."""
        from Xlib.ext import damage

        if self._has_damage and window.id not in self._damages:
            self._damages[window.id] = window.damage_create(damage.DamageReportNonEmpty)
