"""The calls of Windows that capturing makes, through pywin32, ctypes and mss; no decision is here.

They are those of Microsoft's documentation of the Win32 API. No hook is set, so that no key can be
heard.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from memassist.ingest.capture.desktop import Area
from memassist.ingest.capture.errors import DesktopLostError

if TYPE_CHECKING:
    from memassist.ingest.capture.desktop import Pixels

_FRAME_CLASS = "ApplicationFrameWindow"
"""Of the frames that windows of applications from the store are shown in."""
_ROOT = 2
"""GA_ROOT of GetAncestor."""
_EXTENDED_STYLE = -20
"""GWL_EXSTYLE of GetWindowLong."""
_LAYERED, _BY_ALPHA = 0x80000, 0x2
"""WS_EX_LAYERED, and LWA_ALPHA of GetLayeredWindowAttributes."""
_FRAME_BOUNDS, _CLOAKED = 9, 14
"""DWMWA_EXTENDED_FRAME_BOUNDS and DWMWA_CLOAKED of DwmGetWindowAttribute."""
_SAVER_RUNS = 114
"""SPI_GETSCREENSAVERRUNNING of SystemParametersInfo."""
_READ_OBJECTS, _NAME = 1, 2
"""DESKTOP_READOBJECTS of OpenInputDesktop, and UOI_NAME of GetUserObjectInformation."""


@dataclass(frozen=True, slots=True)
class Described:
    """A visible top-level window."""

    handle: int
    process_id: int
    inner_process_ids: tuple[int, ...]
    """Of the windows in a frame, where they are others than its own."""
    title: str
    class_name: str
    area: Area
    """Without its shadow, in pixels."""
    is_minimised: bool
    cloaked: int
    """Not zero while it is not shown, as on another virtual desktop."""
    extended_style: int
    alpha: int
    """255 is opaque."""
    affinity: int | None
    """Not zero where the application does not want it captured; None where that is not told."""


class Win32Calls:
    """This machine's. One thread's."""

    def __init__(self) -> None:
        """Load the libraries. Raises `ImportError` where pywin32 is missing.

        mss makes the process aware of the scale of each monitor: from then on places are in pixels.
        """
        import mss
        import win32api
        import win32gui
        import win32process
        import win32service

        self._pixels = mss.MSS()
        self._api, self._gui = win32api, win32gui
        self._process, self._service = win32process, win32service
        self._user = ctypes.WinDLL("user32")  # type: ignore[attr-defined]  # of Windows alone
        self._compositor = ctypes.WinDLL("dwmapi")  # type: ignore[attr-defined]  # as above
        self._taken_from = self.displays()

    def windows(self) -> list[Described]:
        """Return the visible top-level windows, the topmost first."""
        handles: list[int] = []
        self._gui.EnumWindows(lambda handle, found: found.append(handle), handles)
        described = []
        for handle in handles:
            try:
                if self._gui.IsWindowVisible(handle):
                    described.append(self._described(handle))
            except self._gui.error:
                continue  # it closed since
        return described

    def front(self) -> int:
        """Return the handle of the top-level window that has the keyboard, 0 for none."""
        handle = self._gui.GetForegroundWindow()
        return int(self._gui.GetAncestor(handle, _ROOT)) if handle else 0

    def name_of(self, process_id: int) -> str:
        """Return the name of a process's program, such as `firefox.exe`; empty where not told."""
        try:
            return str(psutil.Process(process_id).name())
        except (psutil.Error, OSError, ValueError):
            return ""

    def displays(self) -> list[Area]:
        """Return what each monitor shows, in pixels; the first begins at 0, 0."""
        places = [place for _, _, place in self._api.EnumDisplayMonitors(None, None)]
        return [_area(*place) for place in places]

    def input_desktop(self) -> str | None:
        """Return the name of the desktop that gets the input; None where that may not be known."""
        try:
            desktop = self._service.OpenInputDesktop(0, False, _READ_OBJECTS)
            return str(self._service.GetUserObjectInformation(desktop, _NAME))
        except self._service.error:
            return None

    def is_saver_on(self) -> bool:
        """Whether the screen saver runs."""
        runs = ctypes.c_int(0)
        self._user.SystemParametersInfoW(_SAVER_RUNS, 0, ctypes.byref(runs), 0)
        return bool(runs.value)

    def idle_seconds(self) -> float:
        """Return seconds since any input, of whatever kind."""
        # Both count milliseconds in 32 bits, and begin again every 49 days.
        passed = (self._api.GetTickCount() - self._api.GetLastInputInfo()) % (1 << 32)
        return float(passed) / 1000

    def grab(self, area: Area) -> Pixels:
        """Return the pixels of an area. Raises `DesktopLostError`."""
        import mss
        import numpy as np

        place = {"left": area.left, "top": area.top, "width": area.width, "height": area.height}
        try:
            displays = self.displays()
            if displays != self._taken_from:
                # What it draws from is the desktop as it was.
                self._pixels.close()
                self._pixels, self._taken_from = mss.MSS(), displays
            taken = self._pixels.grab(place)
        except (mss.ScreenShotError, OSError) as error:
            raise DesktopLostError("Windows gives no pixels.") from error
        return np.frombuffer(taken.raw, np.uint8).reshape(taken.height, taken.width, 4)

    def close(self) -> None:
        """Let go of what takes the pixels."""
        self._pixels.close()

    def _described(self, handle: int) -> Described:
        gui = self._gui
        _, process_id = self._process.GetWindowThreadProcessId(handle)
        style = int(gui.GetWindowLong(handle, _EXTENDED_STYLE))
        class_name = gui.GetClassName(handle) or ""
        return Described(
            handle=handle,
            process_id=process_id,
            inner_process_ids=self._inner_processes(handle, process_id)
            if class_name == _FRAME_CLASS
            else (),
            title=gui.GetWindowText(handle).strip(),
            class_name=class_name,
            area=self._frame(handle),
            is_minimised=bool(gui.IsIconic(handle)),
            cloaked=self._cloaked(handle),
            extended_style=style,
            alpha=self._alpha(handle) if style & _LAYERED else 255,
            affinity=self._affinity(handle),
        )

    def _inner_processes(self, handle: int, process_id: int) -> tuple[int, ...]:
        inner: list[int] = []
        try:
            self._gui.EnumChildWindows(handle, lambda child, found: found.append(child), inner)
        except self._gui.error:
            return ()  # it has none
        ids = (self._process.GetWindowThreadProcessId(child)[1] for child in inner)
        return tuple(dict.fromkeys(one for one in ids if one not in (0, process_id)))

    def _frame(self, handle: int) -> Area:
        bounds = (ctypes.c_long * 4)()
        failed = self._compositor.DwmGetWindowAttribute(
            ctypes.c_void_p(handle), _FRAME_BOUNDS, ctypes.byref(bounds), ctypes.sizeof(bounds)
        )
        return _area(*(self._gui.GetWindowRect(handle) if failed else bounds))

    def _cloaked(self, handle: int) -> int:
        value = ctypes.c_uint(0)
        self._compositor.DwmGetWindowAttribute(
            ctypes.c_void_p(handle), _CLOAKED, ctypes.byref(value), ctypes.sizeof(value)
        )
        return value.value

    def _alpha(self, handle: int) -> int:
        try:
            _, alpha, flags = self._gui.GetLayeredWindowAttributes(handle)
        except self._gui.error:
            return 255  # each pixel has its own, which nobody is told
        return int(alpha) if flags & _BY_ALPHA else 255

    def _affinity(self, handle: int) -> int | None:
        value = ctypes.c_uint(0)
        told = self._user.GetWindowDisplayAffinity(ctypes.c_void_p(handle), ctypes.byref(value))
        return value.value if told else None


def _area(left: int, top: int, right: int, bottom: int) -> Area:
    return Area(left, top, max(0, right - left), max(0, bottom - top))
