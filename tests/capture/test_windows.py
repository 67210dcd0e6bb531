"""Windows, played: what the Win32 API tells of windows and of the session, and what comes of it."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from memassist.ingest.capture.desktop import Area, Window, open_desktop
from memassist.ingest.capture.errors import NoDesktopError
from memassist.ingest.capture.frames import (
    LOCKED,
    NO_WINDOW,
    Frame,
    NoFrame,
    take_beside,
    take_frame,
)
from memassist.ingest.capture.rules import Rules, shipped_rules
from memassist.ingest.capture.stack_desktop import NOT_SHARED, OVERVIEW, SEE_THROUGH, StackDesktop
from memassist.ingest.capture.windows import WindowsScreen
from memassist.ingest.capture.windows_calls import Described, Win32Calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.ingest.capture.desktop import Desktop, Pixels

with pytest.MonkeyPatch.context() as elsewhere:
    elsewhere.setattr(sys, "platform", "win32")
    RULES = Rules(shipped_rules.__wrapped__())
MONITOR, LEFT = Area(0, 0, 1920, 1080), Area(-1280, 0, 1280, 1024)
PROGRAMS = {
    1: "notepad.exe",
    2: "KeePassXC.exe",
    3: "explorer.exe",
    4: "ApplicationFrameHost.exe",
    5: "Bitwarden.exe",
    6: "LockApp.exe",
    7: "chrome.exe",
    8: "CalculatorApp.exe",
    9: "ShellExperienceHost.exe",
}
"""By the number of the process; of any other nothing is told."""
TOOL_WINDOW = 0x80
CLOAKED_BY_SHELL = 2
EXCLUDED_FROM_CAPTURE = 0x11


def described(handle: int, process_id: int, title: str, area: Area, **more: Any) -> Described:
    told: dict[str, Any] = {
        "inner_process_ids": (),
        "class_name": "Some",
        "is_minimised": False,
        "cloaked": 0,
        "extended_style": 0x100,
        "alpha": 255,
        "affinity": 0,
    }
    return Described(handle, process_id, title=title, area=area, **(told | more))


@dataclass
class PlayedWindows:
    """A session of Windows that shows what a test says."""

    listed: list[Described]
    foreground: int = 0
    monitors: list[Area] = field(default_factory=lambda: [MONITOR, LEFT])
    desktop: str | None = "Default"
    is_saving: bool = False
    idle: float = 0.0

    def windows(self) -> list[Described]:
        return self.listed

    def front(self) -> int:
        return self.foreground

    def name_of(self, process_id: int) -> str:
        return PROGRAMS.get(process_id, "")

    def displays(self) -> list[Area]:
        return self.monitors

    def input_desktop(self) -> str | None:
        return self.desktop

    def is_saver_on(self) -> bool:
        return self.is_saving

    def idle_seconds(self) -> float:
        return self.idle

    def grab(self, area: Area) -> Pixels:
        return np.full((area.height, area.width, 4), 200, np.uint8)

    def close(self) -> None:
        self.listed = []


NOTES = described(10, 1, "Heat pumps - Notepad", Area(100, 50, 800, 600))
BACKGROUND = described(99, 3, "Program Manager", MONITOR, class_name="Progman")


def desktop_of(
    *listed: Described, front: int | None = None, **more: Any
) -> tuple[StackDesktop, PlayedWindows]:
    first = listed[0].handle if front is None else front
    played = PlayedWindows([*listed, BACKGROUND], first, **more)
    return StackDesktop(WindowsScreen(played)), played


def taken(desktop: Desktop) -> Frame:
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame), frame
    return frame


def refused(desktop: Desktop) -> str:
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, NoFrame)
    return frame.reason


def test_the_window_with_the_keyboard_is_in_front_and_goes_by_its_program() -> None:
    safe = described(11, 2, "Passwords", Area(800, 100, 300, 100))
    other = described(12, 1, "Shoes - Notepad", Area(-1000, 0, 500, 500))
    desktop, _ = desktop_of(safe, NOTES, other, front=10)
    frame = taken(desktop)
    assert frame.window == Window(10, "notepad", "Heat pumps - Notepad", Area(100, 50, 800, 600))
    assert not frame.pixels[50:150, 700:].any()
    assert frame.pixels[:, :700].all()
    assert [one.window.title for one in desktop.beside()] == ["Shoes - Notepad", "Passwords"]


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        (replace(NOTES, process_id=2), "password manager"),
        (replace(NOTES, process_id=7), "browser that does not tell its private windows apart"),
        (replace(NOTES, process_id=77), "no title"),
        (replace(NOTES, title=""), "no title"),
        (replace(NOTES, title="Windows Security"), "asks for a password"),
        (replace(NOTES, affinity=EXCLUDED_FROM_CAPTURE), NOT_SHARED),
        (replace(NOTES, affinity=None), NOT_SHARED),
        (replace(NOTES, alpha=200), SEE_THROUGH),
        (replace(NOTES, is_minimised=True), NO_WINDOW),
        (replace(NOTES, cloaked=CLOAKED_BY_SHELL), NO_WINDOW),
        (replace(NOTES, class_name="XamlExplorerHostIslandWindow"), OVERVIEW),
        (BACKGROUND, NO_WINDOW),
    ],
)
def test_what_is_left_out_or_not_known_is_not_captured(window: Described, reason: str) -> None:
    assert refused(desktop_of(window)[0]) == reason


def test_whose_window_a_frame_shows_is_asked() -> None:
    frame = described(20, 4, "Calculator", Area(0, 0, 400, 600), inner_process_ids=(8,))
    assert taken(desktop_of(frame)[0]).window.app == "CalculatorApp"
    assert refused(desktop_of(replace(frame, inner_process_ids=(5,)))[0]) == "password manager"
    assert refused(desktop_of(replace(frame, inner_process_ids=()))[0]) == "no title"
    assert refused(desktop_of(replace(frame, inner_process_ids=(8, 5)))[0]) == "no title"


@pytest.mark.parametrize(
    "above",
    [
        described(30, 9, "New notification", Area(700, 500, 200, 150)),
        described(30, 1, "Shy", Area(700, 500, 200, 150), affinity=EXCLUDED_FROM_CAPTURE),
        described(30, 3, "Task Switching", Area(700, 500, 200, 150), class_name="TaskSwitcherWnd"),
        described(30, 3, "", Area(700, 500, 200, 150), class_name="TaskListThumbnailWnd"),
    ],
)
def test_notifications_and_pictures_of_other_windows_are_painted_over(above: Described) -> None:
    frame = taken(desktop_of(above, NOTES, front=10)[0])
    black = (frame.pixels == 0).all(axis=2)
    assert black[450:600, 600:800].all()
    assert black.sum() == 200 * 150


def test_palettes_and_task_bars_are_not_beside() -> None:
    palette = described(40, 1, "Colours", Area(1000, 0, 300, 300), extended_style=TOOL_WINDOW)
    bar = described(41, 3, "", Area(0, 1040, 1920, 40), class_name="Shell_TrayWnd")
    other = described(42, 1, "Shoes - Notepad", Area(1000, 400, 500, 660))
    (beside,) = desktop_of(bar, palette, NOTES, other, front=10)[0].beside()
    assert beside.window.title == "Shoes - Notepad"
    assert beside.covered == (Area(1000, 1040, 500, 20),)


@pytest.mark.parametrize(
    "change", [{"desktop": "Winlogon"}, {"desktop": None}, {"is_saving": True}]
)
def test_a_session_that_is_locked_is_left_alone(change: dict[str, Any]) -> None:
    desktop, _ = desktop_of(NOTES, **change)
    assert refused(desktop) == LOCKED
    assert take_beside(desktop, RULES, 300) == []


def test_the_lock_screen_counts_before_the_desktop_changes() -> None:
    lock = described(50, 6, "Windows Default Lock Screen", MONITOR)
    assert refused(desktop_of(lock, NOTES)[0]) == LOCKED


def test_another_window_in_front_is_told_and_a_monitor_that_goes_is_followed() -> None:
    desktop, played = desktop_of(NOTES, described(12, 1, "Wide", Area(-500, 0, 700, 500)))
    desktop.view()
    assert [desktop.wait(0), desktop.wait(0), desktop.wait(0)] == ["content", "beside", None]
    played.foreground = 12
    assert desktop.wait(30) == "window"
    assert taken(desktop).window.area == Area(-500, 0, 500, 500)
    played.monitors = [MONITOR]
    assert taken(desktop).window.area == Area(0, 0, 200, 500)
    played.idle = 301
    assert refused(desktop) == "nobody there"


def test_without_pywin32_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "win32api", None)
    with pytest.raises(NoDesktopError, match="pywin32 is missing"):
        open_desktop()


class ClosedError(Exception):
    """As pywintypes.error."""


def test_the_calls_are_asked_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"GetWindowDisplayAffinity": 0x11, "SystemParametersInfoW": 1}

    def telling(name: str) -> Callable[..., int]:
        def told(*arguments: Any) -> int:
            arguments[-1 if name == "GetWindowDisplayAffinity" else 2]._obj.value = numbers[name]
            return 1

        return told

    def attribute(handle: Any, number: int, value: Any, size: int) -> int:
        assert size == ctypes.sizeof(value._obj)
        if number == 14:
            value._obj.value = 2
        else:
            value._obj[:] = [10, 20, 110, 70]
        return 0

    def windows(callback: Callable[[int, list[int]], None], found: list[int]) -> None:
        for handle in (5, 6, 7):
            callback(handle, found)

    def shown(handle: int) -> bool:
        if handle == 7:
            raise ClosedError
        return handle == 5

    def children(handle: int, callback: Callable[[int, list[int]], None], found: list[int]) -> None:
        for child in (51, 52, 53):
            callback(child, found)

    processes = {5: 100, 51: 100, 52: 200, 53: 200}
    gui = SimpleNamespace(
        EnumWindows=windows,
        EnumChildWindows=children,
        IsWindowVisible=shown,
        IsIconic=lambda handle: 0,
        GetWindowText=lambda handle: " Mail ",
        GetClassName=lambda handle: "ApplicationFrameWindow",
        GetWindowLong=lambda handle, index: {-20: 0x80000}[index],
        GetLayeredWindowAttributes=lambda handle: (0, 128, 2),
        GetForegroundWindow=lambda: 51,
        GetAncestor=lambda handle, kind: {(51, 2): 5}[handle, kind],
        error=ClosedError,
    )
    api = SimpleNamespace(
        EnumDisplayMonitors=lambda dc, clip: [(1, 2, (-1280, 0, 0, 1024))],
        GetTickCount=lambda: 500,
        GetLastInputInfo=lambda: (1 << 32) - 1500,
    )
    process = SimpleNamespace(GetWindowThreadProcessId=lambda handle: (1, processes[handle]))
    service = SimpleNamespace(
        OpenInputDesktop=lambda flags, inherit, access: "desktop",
        GetUserObjectInformation=lambda handle, kind: {("desktop", 2): "Default"}[handle, kind],
        error=ClosedError,
    )
    libraries = {
        "user32": SimpleNamespace(**{name: telling(name) for name in numbers}),
        "dwmapi": SimpleNamespace(DwmGetWindowAttribute=attribute),
    }
    monkeypatch.setitem(sys.modules, "win32api", api)
    monkeypatch.setitem(sys.modules, "win32gui", gui)
    monkeypatch.setitem(sys.modules, "win32process", process)
    monkeypatch.setitem(sys.modules, "win32service", service)
    monkeypatch.setattr(ctypes, "WinDLL", libraries.__getitem__, raising=False)
    monkeypatch.setattr("mss.MSS", SimpleNamespace)
    calls = Win32Calls()
    assert calls.windows() == [
        Described(
            5, 100, (200,), "Mail", "ApplicationFrameWindow", Area(10, 20, 100, 50),
            is_minimised=False, cloaked=2, extended_style=0x80000, alpha=128, affinity=0x11,
        )
    ]  # fmt: skip
    assert calls.front() == 5
    assert calls.displays() == [LEFT]
    assert calls.input_desktop() == "Default"
    assert calls.is_saver_on()
    assert calls.idle_seconds() == 2.0
    assert calls.name_of(psutil.Process().pid) == psutil.Process().name()
    assert calls.name_of(-1) == ""
