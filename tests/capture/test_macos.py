"""macOS, played: what Core Graphics tells of windows and of the session, and what is made of it."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from memassist.assistant.capture.control import Wish
from memassist.assistant.capture.loop import CaptureLoop
from memassist.ingest.capture.desktop import Area, Desktop, Window, open_desktop
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.frames import (
    LOCKED,
    NO_WINDOW,
    Frame,
    NoFrame,
    take_beside,
    take_frame,
)
from memassist.ingest.capture.macos import MacScreen
from memassist.ingest.capture.macos_calls import QuartzCalls
from memassist.ingest.capture.rules import Rules, shipped_rules
from memassist.ingest.capture.stack_desktop import NOT_SHARED, OVERVIEW, SEE_THROUGH, StackDesktop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.readers.values import JsonValue

    Told = Mapping[str, JsonValue]

with pytest.MonkeyPatch.context() as elsewhere:
    elsewhere.setattr(sys, "platform", "darwin")
    RULES = Rules(shipped_rules.__wrapped__())
DISPLAY = Area(0, 0, 1440, 900)
SESSION: dict[str, JsonValue] = {"kCGSSessionOnConsoleKey": True, "kCGSessionLoginDoneKey": True}
SAVER_LAYER, SHIELD_LAYER, MENU_LAYER = 1000, 2147483628, 101
BUNDLES = {
    "Notes": "com.apple.Notes",
    "Firefox": "org.mozilla.firefox",
    "Safari": "com.apple.Safari",
    "Passwörter": "com.apple.Passwords",
    "1Password": "com.1password.1password",
    "Dock": "com.apple.dock",
    "Mitteilungszentrale": "com.apple.notificationcenterui",
    "loginwindow": "com.apple.loginwindow",
    "iPhone-Synchronisierung": "com.apple.ScreenContinuity",
}
"""Identifiers of applications by their name, which may be one of another language."""


def told(
    number: int, owner: str, title: str | None, area: Area, layer: int = 0, **more: JsonValue
) -> Told:
    """Return a window as Core Graphics describes it: a title only where it has one."""
    bounds: dict[str, JsonValue] = {
        "X": area.left, "Y": area.top, "Width": float(area.width), "Height": area.height
    }  # fmt: skip
    described: dict[str, JsonValue] = {
        "kCGWindowNumber": number,
        "kCGWindowLayer": layer,
        "kCGWindowBounds": bounds,
        "kCGWindowSharingState": 1,
        "kCGWindowAlpha": 1,
        "kCGWindowOwnerPID": sorted([*BUNDLES, owner]).index(owner) + 100,
        "kCGWindowOwnerName": owner,
        "kCGWindowIsOnscreen": True,
        "kCGWindowMemoryUsage": 1152,
    }
    if title is not None:
        described["kCGWindowName"] = title
    return described | more


@dataclass
class PlayedMac:
    """A Mac that shows what a test says."""

    listed: list[Told] | None = field(default_factory=list)
    shown: list[Area] = field(default_factory=lambda: [DISPLAY])
    told_of_session: dict[str, JsonValue] | None = field(default_factory=lambda: dict(SESSION))
    is_allowed: bool = True
    is_asked: bool = False
    idle: float = 0.0
    scale: int = 1
    after_grab: Callable[[], None] = lambda: None

    def may_capture(self) -> bool:
        return self.is_allowed

    def ask_to_capture(self) -> None:
        self.is_asked = True

    def session(self) -> Told | None:
        return self.told_of_session

    def windows(self) -> list[Told] | None:
        return self.listed

    def displays(self) -> list[Area]:
        return self.shown

    def idle_seconds(self) -> float:
        return self.idle

    def bundle_of(self, process_id: int) -> str | None:
        for one in self.listed or ():
            if one["kCGWindowOwnerPID"] == process_id:
                return BUNDLES.get(str(one["kCGWindowOwnerName"]))
        return None

    def grab(self, area: Area) -> Pixels:
        pixels = np.full((area.height * self.scale, area.width * self.scale, 4), 200, np.uint8)
        self.after_grab()
        return pixels

    def close(self) -> None:
        self.listed = None


def desktop_of(*listed: Told, **more: Any) -> tuple[StackDesktop, PlayedMac]:
    mac = PlayedMac(list(listed), **more)
    return StackDesktop(MacScreen(mac)), mac


def taken(desktop: Desktop) -> Frame:
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame), frame
    return frame


def refused(desktop: Desktop) -> str:
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, NoFrame)
    return frame.reason


NOTES = told(7, "Notes", "Heat pumps", Area(100, 50, 800, 600))


def test_the_topmost_ordinary_window_is_in_front_and_goes_by_its_identifier() -> None:
    menu = told(3, "Window Server", "Menubar", Area(0, 0, 1440, 24), 24)
    below = told(9, "Firefox", "Shoes", Area(0, 24, 1440, 800))
    desktop, _ = desktop_of(menu, NOTES, below)
    frame = taken(desktop)
    assert frame.window == Window(7, "com.apple.Notes", "Heat pumps", Area(100, 50, 800, 600))
    assert frame.pixels.shape == (600, 800, 4)
    assert desktop.view().above == ()
    beside = desktop.beside()
    assert [one.window.title for one in beside] == ["Shoes"]
    assert set(beside[0].covered) == {Area(100, 50, 800, 600)}


@pytest.mark.parametrize(
    ("owner", "title", "reason"),
    [
        ("Passwörter", "Alle", "password manager"),
        ("1Password", "All Vaults", "password manager"),
        ("Safari", "Shoes", "browser that does not tell its private windows apart"),
        ("Firefox", "Shoes — (Private Browsing)", "private window"),
        ("Firefox", "Picture-in-Picture", "may be a private window"),
        ("Firefox", "Passwörter", "password manager"),
        ("iPhone-Synchronisierung", "iPhone", "shows another device"),
        ("Notes", None, "no title"),
        ("Notes", "", "no title"),
        ("memassist", "anything", "memassist itself"),
    ],
)
def test_what_is_left_out_is_told_in_any_language(
    owner: str, title: str | None, reason: str
) -> None:
    desktop, mac = desktop_of(told(1, owner, title, Area(0, 0, 600, 400)), NOTES)
    mac.after_grab = pytest.fail
    assert refused(desktop) == reason


def test_what_lies_above_and_may_not_be_captured_is_black() -> None:
    safe = told(1, "1Password", "Quick Access", Area(200, 100, 300, 100), 3)
    note = told(2, "Mitteilungszentrale", "Notification Center", Area(850, 60, 100, 80), 23)
    menu = told(4, "Notes", None, Area(100, 300, 50, 90), MENU_LAYER)
    frame = taken(desktop_of(safe, note, menu, NOTES)[0])
    black = (frame.pixels == 0).all(axis=2)
    assert black[50:150, 100:400].all()
    assert black[10:90, 750:800].all()
    assert black.sum() == 300 * 100 + 50 * 80


def test_a_window_that_will_not_be_captured_is_not_and_is_black_above_others() -> None:
    shy = told(1, "Notes", "Mine", Area(200, 100, 300, 100), kCGWindowSharingState=0)
    assert refused(desktop_of(shy, NOTES)[0]) == NOT_SHARED
    desktop, _ = desktop_of(dict(shy) | {"kCGWindowLayer": 3}, NOTES)
    assert not taken(desktop).pixels[50:150, 100:400].any()
    untold = {name: value for name, value in NOTES.items() if name != "kCGWindowSharingState"}
    assert refused(desktop_of(untold)[0]) == NOT_SHARED


def test_a_window_that_shows_what_lies_below_is_not_captured() -> None:
    clear = told(1, "Notes", "Clear", Area(100, 50, 800, 600), kCGWindowAlpha=0.8)
    desktop, _ = desktop_of(clear, told(2, "1Password", "Vault", Area(0, 0, 900, 700)))
    assert refused(desktop) == SEE_THROUGH
    assert [one.window.title for one in desktop.beside()] == ["Vault"]


def test_windows_that_cannot_be_seen_count_for_nothing() -> None:
    gone = told(1, "1Password", "Vault", Area(100, 50, 800, 600), kCGWindowAlpha=0)
    off = told(2, "Notes", "Elsewhere", Area(5000, 50, 800, 600))
    tiny = told(3, "Firefox", None, Area(0, 0, 1, 1))
    frame = taken(desktop_of(gone, off, tiny, NOTES)[0])
    assert frame.window.title == "Heat pumps"
    assert frame.pixels.all()


@pytest.mark.parametrize(
    "change",
    [
        {"CGSSessionScreenIsLocked": True},
        {"kCGSSessionOnConsoleKey": False},
        {"kCGSSessionOnConsoleKey": None},
        {"kCGSessionLoginDoneKey": False},
    ],
)
def test_a_session_that_is_locked_or_not_in_front_is_left_alone(
    change: dict[str, JsonValue],
) -> None:
    desktop, mac = desktop_of(NOTES)
    taken(desktop)
    mac.told_of_session = SESSION | change
    assert refused(desktop) == LOCKED
    assert take_beside(desktop, RULES, 300) == []
    mac.told_of_session = None
    assert refused(desktop) == LOCKED


@pytest.mark.parametrize(
    ("owner", "layer", "area", "is_locked"),
    [
        ("loginwindow", SHIELD_LAYER, DISPLAY, True),
        ("loginwindow", 0, DISPLAY, True),
        ("WallpaperAgent", SAVER_LAYER, DISPLAY, True),
        ("Window Server", SHIELD_LAYER, Area(5, 5, 30, 30), False),
        ("Notes", 3, DISPLAY, False),
    ],
)
def test_a_lock_screen_or_a_saver_covers_a_whole_display(
    owner: str, layer: int, area: Area, is_locked: bool
) -> None:
    desktop, _ = desktop_of(told(1, owner, "Cursor", area, layer), NOTES)
    assert desktop.view().is_locked is is_locked


def test_who_is_away_is_left_alone() -> None:
    desktop, mac = desktop_of(NOTES)
    mac.idle = 301
    assert refused(desktop) == "nobody there"


def test_the_dock_lies_above_all_and_covers_nothing() -> None:
    dock = told(1, "Dock", "Dock", DISPLAY, 20)
    desktop, _ = desktop_of(dock, NOTES, told(9, "Firefox", "Shoes", Area(900, 24, 500, 800)))
    assert taken(desktop).pixels.all()
    (beside,) = desktop.beside()
    assert beside.covered == ()


@pytest.mark.parametrize("title", [None, "", "Dock"])
def test_while_mission_control_shows_nothing_is_captured(title: str | None) -> None:
    dock, overview = told(1, "Dock", "Dock", DISPLAY, 20), told(2, "Dock", title, DISPLAY, 18)
    assert refused(desktop_of(dock, overview, NOTES)[0]) == OVERVIEW


def test_each_display_has_a_dock_and_some_lie_left_of_the_first() -> None:
    left = Area(-1920, -200, 1920, 1080)
    docks = told(1, "Dock", "Dock", DISPLAY, 20), told(2, "Dock", "Dock", left, 20)
    wide = told(5, "Notes", "Wide", Area(-800, 100, 1000, 400))
    desktop, mac = desktop_of(*docks, wide, NOTES, shown=[DISPLAY, left])
    assert taken(desktop).window.area == Area(-800, 100, 800, 400)
    (beside,) = desktop.beside()
    assert beside.covered == (Area(100, 100, 100, 400),)
    mac.shown = [DISPLAY]  # unplugged
    assert taken(desktop).window.area == Area(0, 100, 200, 400)
    mac.shown = []
    assert refused(desktop) == NO_WINDOW


def test_parts_of_points_are_taken_whole() -> None:
    bounds: dict[str, JsonValue] = {"X": 10.5, "Y": 20.25, "Width": 300.5, "Height": 200}
    desktop, _ = desktop_of(dict(NOTES) | {"kCGWindowBounds": bounds})
    assert taken(desktop).window.area == Area(10, 20, 301, 201)


def test_pixels_of_a_retina_display_are_made_as_many_as_points() -> None:
    desktop, mac = desktop_of(NOTES, scale=2)
    frame = taken(desktop)
    assert frame.pixels.shape == (600, 800, 4)
    assert (frame.pixels == 200).all()
    mac.grab = lambda area: np.full((area.height - 1, area.width, 4), 200, np.uint8)  # type: ignore[method-assign]  # a display that goes
    assert not taken(desktop).pixels.any()


def test_what_is_not_as_documented_is_left_out() -> None:
    odd: tuple[dict[str, JsonValue], ...] = (
        {"kCGWindowBounds": "everywhere"},
        {"kCGWindowLayer": None},
        {"kCGWindowOwnerPID": None, "kCGWindowOwnerName": None},
        {"kCGWindowName": 5},
    )
    for change in odd:
        desktop, _ = desktop_of(dict(NOTES) | change)
        assert isinstance(take_frame(desktop, RULES, 300), NoFrame)


def test_another_window_in_front_is_told_and_then_nothing_until_a_look_is_due() -> None:
    desktop, mac = desktop_of(NOTES)
    desktop.view()
    assert [desktop.wait(0), desktop.wait(0), desktop.wait(0)] == ["content", "beside", None]
    assert mac.listed is not None
    mac.listed.insert(0, told(1, "1Password", "Vault", Area(0, 0, 900, 700)))
    assert desktop.wait(30) == "window"
    assert refused(desktop) == "password manager"


def test_a_window_that_comes_while_pixels_are_taken_spoils_them() -> None:
    desktop, mac = desktop_of(NOTES)
    assert mac.listed is not None
    safe = told(1, "1Password", "Vault", Area(0, 0, 900, 700))
    mac.after_grab = lambda: mac.listed.insert(0, safe)  # type: ignore[union-attr]  # checked above
    assert refused(desktop) == "changed while it was looked at"


def test_without_leave_or_a_screen_it_says_so_and_what_to_do() -> None:
    mac = PlayedMac(is_allowed=False)
    with pytest.raises(NoDesktopError, match="record the screen") as raised:
        MacScreen(mac)
    assert mac.is_asked
    assert "Screen & System Audio Recording" in raised.value.advice
    with pytest.raises(NoDesktopError, match="no session") as raised:
        MacScreen(PlayedMac(told_of_session=None))
    assert "SSH" in raised.value.advice
    desktop, mac = desktop_of(NOTES)
    desktop.close()
    with pytest.raises(DesktopLostError, match="ended"):
        desktop.view()


def test_without_pyobjc_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "Quartz", None)
    with pytest.raises(NoDesktopError, match="PyObjC is missing"):
        open_desktop()


def test_the_loop_stores_what_may_be_and_nothing_of_what_may_not(
    row_reader: Any, sensors: Any, page: Callable[..., Any]
) -> None:
    lines, secret = ["Heat pump offer", "14,200 EUR in all"], "correct horse battery"
    row_reader.known = [*lines, secret]
    safe = told(1, "1Password", "Vault", Area(150, 200, 500, 300))
    desktop, mac = desktop_of(NOTES)
    assert mac.listed is not None
    stack, kept = mac.listed, []

    def grab(area: Area) -> Pixels:
        """Return what a screen would show: the manager's window above the notes."""
        picture = page(lines, (800, 600))
        if safe in stack:
            picture.paste(page([secret], (500, 300)), (50, 150))
        shown = picture.crop((area.left - 100, area.top - 50, area.right - 100, area.bottom - 50))
        pixels = np.zeros((area.height, area.width, 4), np.uint8)
        pixels[:, :, :3] = np.asarray(shown)[:, :, ::-1]
        return pixels

    mac.grab = grab  # type: ignore[method-assign]  # played
    loop = CaptureLoop(
        desktop, row_reader, sensors, lambda: RULES, Wish, lambda record, *_: kept.append(record)
    )
    stack.insert(0, safe)
    for _ in range(3):
        loop.step()
        loop.step_beside()
    loop.read_waiting()
    assert [(one.app, one.text) for one in kept] == [
        ("com.apple.Notes", lines[0] + "\n" + lines[1])
    ]
    assert loop.left_out["password manager"] >= 3
    stack.remove(safe)
    lines.append("Maria wants two offers")
    row_reader.known.append(lines[-1])
    for _ in range(3):
        loop.step()
    loop.read_waiting()
    assert [one.text for one in kept[1:]] == [lines[-1]]


class Dictionary:
    """As PyObjC's, which is no `dict`."""

    def __init__(self, **values: object) -> None:
        self._values = values

    def __iter__(self) -> Any:
        return iter(self._values)

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def get(self, name: str) -> object:
        return self._values.get(name)

    def items(self) -> Any:
        return self._values.items()


def test_the_calls_are_asked_as_documented_and_answer_in_plain_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bounds = Dictionary(X=1.0, Y=2.0, Width=3.0, Height=4.0)
    window = Dictionary(kCGWindowNumber=5, kCGWindowBounds=bounds, kCGWindowName="Notes")
    asked: list[tuple[object, ...]] = []

    def answering(answer: object) -> Callable[..., object]:
        def answered(*arguments: object) -> object:
            asked.append(arguments)
            return answer

        return answered

    rectangle = SimpleNamespace(
        origin=SimpleNamespace(x=-1440.0, y=0.0), size=SimpleNamespace(width=1440.0, height=900.0)
    )
    quartz = SimpleNamespace(
        kCGWindowListOptionOnScreenOnly=1,
        kCGWindowListExcludeDesktopElements=16,
        kCGNullWindowID=0,
        kCGEventSourceStateCombinedSessionState=0,
        kCGAnyInputEventType=0xFFFFFFFF,
        CGPreflightScreenCaptureAccess=answering(True),
        CGRequestScreenCaptureAccess=answering(False),
        CGSessionCopyCurrentDictionary=answering(Dictionary(kCGSSessionOnConsoleKey=1, other=2)),
        CGWindowListCopyWindowInfo=answering([window]),
        CGGetActiveDisplayList=answering((0, (7, 0), 1)),
        CGDisplayBounds=answering(rectangle),
        CGEventSourceSecondsSinceLastEventType=answering(2.5),
    )
    application = SimpleNamespace(bundleIdentifier=answering("com.apple.Notes"))
    running = SimpleNamespace(runningApplicationWithProcessIdentifier_=answering(application))
    monkeypatch.setitem(sys.modules, "Quartz", quartz)
    monkeypatch.setitem(sys.modules, "AppKit", SimpleNamespace(NSRunningApplication=running))
    monkeypatch.setitem(sys.modules, "objc", SimpleNamespace(autorelease_pool=nullcontext))
    monkeypatch.setattr("mss.MSS", SimpleNamespace)
    calls = QuartzCalls()
    assert calls.may_capture()
    assert calls.session() == {
        "CGSSessionScreenIsLocked": None,
        "kCGSSessionOnConsoleKey": 1,
        "kCGSessionLoginDoneKey": None,
    }
    assert calls.windows() == [
        {
            "kCGWindowNumber": 5,
            "kCGWindowBounds": {"X": 1.0, "Y": 2.0, "Width": 3.0, "Height": 4.0},
            "kCGWindowName": "Notes",
        }
    ]
    assert asked[-1] == (17, 0)
    assert calls.displays() == [Area(-1440, 0, 1440, 900)]
    assert calls.idle_seconds() == 2.5
    assert asked[-1] == (0, 0xFFFFFFFF)
    assert calls.bundle_of(12) == "com.apple.Notes"
    with pytest.raises(DesktopLostError, match="no pixels"):
        calls.grab(DISPLAY)  # as where the system no longer has what mss calls
