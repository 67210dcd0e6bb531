"""What an X server tells of its windows and monitors: which are shown, whose they are, where.

Each question is a request to the server and its answer, and a window may close before it is asked
about: then python-xlib raises an `XError`, which whoever asks deals with.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

from memassist.ingest.capture.desktop import Area, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from Xlib.display import Display
    from Xlib.xobject.drawable import Window as XWindow

_TITLE_BYTES = 1024
_DEEPEST = 3
"""Levels below a window manager's frame at which the application's own window is looked for."""
_ALL_DESKTOPS = 0xFFFFFFFF
_ORDINARY_TYPES = ("_NET_WM_WINDOW_TYPE_NORMAL", "_NET_WM_WINDOW_TYPE_DIALOG")


class WindowTree:
    """The windows below one root, and the monitors that show parts of it."""

    def __init__(self, display: Display) -> None:
        """Learn the names of the properties that are asked for."""
        self._display = display
        self.root: XWindow = display.screen().root
        name = display.intern_atom
        self.active_name = name("_NET_ACTIVE_WINDOW")
        self._utf8_title = name("_NET_WM_NAME")
        self.title_names = frozenset({self._utf8_title, name("WM_NAME")})
        self._type_name = name("_NET_WM_WINDOW_TYPE")
        self._process_name = name("_NET_WM_PID")
        self._ordinary = frozenset(name(one) for one in _ORDINARY_TYPES)
        self._state_name, self._hidden = name("_NET_WM_STATE"), name("_NET_WM_STATE_HIDDEN")
        self._desktop_name, self._current_name = (
            name("_NET_WM_DESKTOP"),
            name("_NET_CURRENT_DESKTOP"),
        )
        # Atoms of monitors come with version 1.5 of the extension.
        self._has_monitors = False
        if display.has_extension("RANDR"):
            version = display.xrandr_query_version()
            self._has_monitors = (version.major_version, version.minor_version) >= (1, 5)
        self._has_xinerama = display.has_extension("XINERAMA")

    def everything(self) -> Area:
        """Return the whole desktop, which other monitors make larger or smaller."""
        screen = self.root.get_geometry()
        return Area(0, 0, screen.width, screen.height)

    def monitors(self) -> tuple[Area, ...]:
        """Return what each monitor shows; the whole desktop where the server does not tell."""
        everything = self.everything()
        found: Sequence[Area] = ()
        if self._has_monitors:
            told = self.root.xrandr_get_monitors().monitors
            found = [Area(one.x, one.y, one.width_in_pixels, one.height_in_pixels) for one in told]
        if not found and self._has_xinerama and self._display.xinerama_is_active():
            told = self._display.xinerama_query_screens().screens
            found = [Area(one.x, one.y, one.width, one.height) for one in told]
        shown = [cut for one in found if (cut := one.cut_to(everything)) is not None]
        return tuple(shown) or (everything,)

    def tops(self) -> list[XWindow]:
        """Return the windows that are shown, the lowest first."""
        from Xlib import X
        from Xlib.error import XError

        shown: list[XWindow] = []
        for child in self.root.query_tree().children:
            with contextlib.suppress(XError):  # it closed since
                attributes = child.get_attributes()
                if attributes.map_state == X.IsViewable and attributes.win_class == X.InputOutput:
                    shown.append(child)
        return shown

    def active(self) -> XWindow | None:
        """Return the application's window that has the keyboard."""
        from Xlib import X
        from Xlib.error import XError

        told = self.root.get_full_property(self.active_name, X.AnyPropertyType)
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
            focus = self.root.query_pointer().child
            if isinstance(focus, int):
                return None
        if focus == self.root:
            return None
        return self.application_window(self.top_of(focus))

    def top_of(self, window: XWindow) -> XWindow:
        """Return the child of the root that holds a window: itself or its frame."""
        while True:
            parent = window.query_tree().parent
            if isinstance(parent, int) or parent == self.root:
                return window
            window = parent

    def application_window(self, top: XWindow) -> XWindow:
        """Return the window below a frame that says whose it is; the frame if none does."""
        level = [top]
        for _ in range(_DEEPEST):
            for window in level:
                if window.get_wm_class():
                    return window
            level = [child for window in level for child in window.query_tree().children]
        return top

    def described(self, client: XWindow, monitors: Sequence[Area]) -> Window | None:
        """Return a window as the others know it; None where no monitor shows it."""
        area = self.area(client, monitors)
        if area is None:
            return None
        return Window(client.id, self.app(client), self.title(client), area)

    def area(self, window: XWindow, monitors: Sequence[Area]) -> Area | None:
        """Return the part of a window's place that monitors show, None where none does."""
        size = window.get_geometry()
        corner = self.root.translate_coords(window, 0, 0)
        return shown_part(Area(corner.x, corner.y, size.width, size.height), monitors)

    def app(self, window: XWindow) -> str:
        """Return the class of a window's application, empty where it gives none."""
        named = window.get_wm_class()
        return str(named[1] or named[0]) if named else ""

    def title(self, window: XWindow) -> str:
        """Return a window's title, empty where it gives none."""
        from Xlib import X

        told = window.get_full_property(self._utf8_title, X.AnyPropertyType, _TITLE_BYTES // 4)
        if told is not None and isinstance(told.value, bytes):
            return told.value.decode("utf-8", "replace").strip()
        named = window.get_wm_name()
        if isinstance(named, bytes):
            named = named.decode("latin-1")
        return str(named or "").strip()

    def is_ordinary(self, window: XWindow) -> bool:
        """Whether it is an application's window that is shown: no panel, menu or background.

        Some window managers leave minimised windows, and those of other desktops, mapped below all.
        """
        types = self._numbers(window, self._type_name)
        if types and not self._ordinary & types:
            return False
        if self._hidden in self._numbers(window, self._state_name):
            return False
        current = self._numbers(self.root, self._current_name)
        its = self._numbers(window, self._desktop_name) - {_ALL_DESKTOPS}
        return not (current and its) or bool(current & its)

    def process_of(self, window: XWindow) -> int | None:
        """Return the process that a window says it belongs to, None where it says nothing."""
        return next(iter(self._numbers(window, self._process_name)), None)

    def _numbers(self, window: XWindow, name: int) -> frozenset[int]:
        from Xlib import X

        told = window.get_full_property(name, X.AnyPropertyType)
        if told is None or told.property_type == 0 or isinstance(told.value, bytes):
            return frozenset()
        return frozenset(told.value)


def shown_part(area: Area, monitors: Sequence[Area]) -> Area | None:
    """Return the part of an area that monitors show, as one rectangle; None where none does."""
    parts = [cut for one in monitors if (cut := area.cut_to(one)) is not None]
    if not parts:
        return None
    left, top = min(one.left for one in parts), min(one.top for one in parts)
    right, bottom = max(one.right for one in parts), max(one.bottom for one in parts)
    return Area(left, top, right - left, bottom - top)
