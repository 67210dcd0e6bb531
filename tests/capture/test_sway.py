"""Wayland: what is said where nothing can be captured, and a real sway without a monitor."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from memassist.ingest.capture import idle
from memassist.ingest.capture.desktop import Area, Desktop, Window, open_desktop
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError
from memassist.ingest.capture.frames import AWAY, Frame, NoFrame, take_beside, take_frame
from memassist.ingest.capture.ink import inked_parts
from memassist.ingest.capture.rules import make_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memassist.ingest.readers.picture_layout import Line

SYSTEM_PYTHON = "/usr/bin/python3"
NOBODY = 65534
RULES = make_rules((), (), is_untitled_left_out=True)
CONFIGURATION = """
output HEADLESS-1 resolution 1280x800 position 0 0
output HEADLESS-2 resolution 800x600 position 1280 0
default_border none
for_window [title="floating"] floating enable
"""
SIGN = """
import sys
from memassist.ingest.capture.desktop import open_desktop
desktop = open_desktop()
for line in sys.stdin:
    desktop.show_sign(line.strip() == "on")
desktop.close()
"""
PROGRAM = """
import sys
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
window = Gtk.Window(title=sys.argv[1])
window.add(Gtk.Label(label="The offer of the plumber", xalign=0))
window.set_default_size(300, 200)
window.show_all()
Gtk.main()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that sway's user may enter."""
    with tempfile.TemporaryDirectory(prefix="sway-") as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY, NOBODY)
        yield Path(name)


@pytest.fixture
def sway(
    folder: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Run sway, and return the function that opens a window with a title."""
    if not shutil.which("sway") or not shutil.which("grim"):
        pytest.skip("sway shows windows and grim takes them: apt install sway grim")
    asked = [SYSTEM_PYTHON, "-c", PROGRAM.partition("window =")[0]]
    if (
        not shutil.which(SYSTEM_PYTHON)
        or subprocess.run(asked, check=False, capture_output=True).returncode
    ):
        pytest.skip("GTK shows a window: apt install python3-gi gir1.2-gtk-3.0")
    (folder / "config").write_text(CONFIGURATION)
    for other in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_ID"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("WLR_BACKENDS", "headless")
    monkeypatch.setenv("WLR_HEADLESS_OUTPUTS", "2")
    monkeypatch.setenv("WLR_LIBINPUT_NO_DEVICES", "1")
    monkeypatch.setenv("WLR_RENDERER", "pixman")
    monkeypatch.setenv("NO_AT_BRIDGE", "1")
    # It will not run as root.
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    command = [*(nobody if os.geteuid() == 0 else []), "sway", "-c", str(folder / "config")]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]

    def is_up() -> bool:
        return any(folder.glob("sway-ipc.*")) and any(folder.glob("wayland-?"))

    end = time.monotonic() + 20
    while not is_up() and time.monotonic() < end and processes[0].poll() is None:
        time.sleep(0.05)
    if not is_up():
        pytest.skip("sway does not start here: some containers let no compositor run")
    monkeypatch.setenv("SWAYSOCK", str(next(folder.glob("sway-ipc.*"))))
    monkeypatch.setenv("WAYLAND_DISPLAY", next(folder.glob("wayland-?")).name)
    monkeypatch.setenv("GDK_BACKEND", "wayland")

    def opened(title: str) -> subprocess.Popen[bytes]:
        window = [SYSTEM_PYTHON, "-c", PROGRAM, title]
        processes.append(subprocess.Popen(window, stderr=subprocess.DEVNULL))
        desktop = open_desktop()
        until(lambda: (front := desktop.view().window) is not None and front.title == title)
        desktop.close()
        return processes[-1]

    yield opened
    for process in reversed(processes):
        process.terminate()
        process.wait()


def test_sway_tells_its_windows_and_grim_takes_them(
    sway: Callable[[str], subprocess.Popen[bytes]], until: Callable[..., None]
) -> None:
    sway("Heat pumps")
    desktop = open_desktop()
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame)
    area = frame.window.area
    assert frame.pixels.shape == (area.height, area.width, 4)
    until(lambda: inked_parts(desktop.grab(frame.window)))

    safe = sway("floating KeePassXC")
    assert _told_of_a_window(desktop)
    hidden = take_frame(desktop, RULES, 300)
    assert isinstance(hidden, NoFrame)
    assert hidden.reason == "password manager"
    (beside,) = take_beside(desktop, RULES, 300)
    assert isinstance(beside, Frame)
    assert beside.window.title == "Heat pumps"
    cover = desktop.view().window
    assert cover is not None
    left, top = cover.area.left - area.left, cover.area.top - area.top
    over = beside.pixels[top : top + cover.area.height, left : left + cover.area.width]
    assert over.size
    assert not over.any()  # black where the other lies

    safe.terminate()
    until(lambda: (front := desktop.view().window) is not None and front.title == "Heat pumps")
    desktop.close()


def test_a_red_bar_shows_on_each_output_while_the_screen_is_captured(
    sway: Callable[[str], subprocess.Popen[bytes]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[..., None],
) -> None:
    if not shutil.which("Xwayland") or not shutil.which("xhost"):
        pytest.skip("some containers let no Wayland compositor run, or have no Xwayland in it")
    sway("Heat pumps")
    # sway runs as another person here, who lets this one in.
    told = folder / "display"
    inside = f"xhost +local: && echo $DISPLAY > {told}"
    subprocess.run(["swaymsg", "exec", inside], check=True, stdout=subprocess.DEVNULL)
    until(lambda: told.exists() and told.read_text().strip())
    monkeypatch.setenv("DISPLAY", told.read_text().strip())
    desktop = open_desktop()

    def are_red() -> list[bool]:
        bars = [Area(640 - 20, 0, 40, 5), Area(1280 + 400 - 20, 0, 40, 5)]
        pixels = [desktop.grab(Window(1, "", "", bar))[:, :, :3] for bar in bars]
        return [bool((one == (0x24, 0x1B, 0xE0)).all()) for one in pixels]

    focused = _seats()
    assert are_red() == [False, False]
    # In a process of its own: python-xlib can't tell two servers in one apart, and other tests here
    # use another.
    with subprocess.Popen([sys.executable, "-c", SIGN], stdin=subprocess.PIPE, text=True) as shown:
        assert shown.stdin is not None
        for said, expected in (("on", True), ("off", False), ("on", True)):
            print(said, file=shown.stdin, flush=True)
            until(lambda expected=expected: are_red() == [expected, expected])
            assert _seats() == focused != [0]  # what is typed goes where it went
        assert not take_beside(desktop, RULES, 300)  # the bars are no windows
    until(lambda: are_red() == [False, False])
    desktop.close()


def _seats() -> list[int]:
    """Return what has the keyboard of each seat, 0 for what is no window of sway's."""
    told = subprocess.run(["swaymsg", "-t", "get_seats", "-r"], check=True, capture_output=True)
    return [seat["focus"] for seat in json.loads(told.stdout)]


def test_a_display_of_somebody_else_shows_no_sign_and_capture_goes_on(
    sway: Callable[[str], subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sway("Heat pumps")
    monkeypatch.setenv("DISPLAY", ":4711")
    desktop = open_desktop()
    desktop.show_sign(True)
    assert isinstance(take_frame(desktop, RULES, 300), Frame)
    desktop.close()


def _told_of_a_window(desktop: Desktop) -> bool:
    return any(desktop.wait(0.2) == "window" for _ in range(20))


def test_a_window_that_shows_nothing_new_is_looked_at_more_seldom(
    sway: Callable[[str], subprocess.Popen[bytes]],
) -> None:
    sway("Heat pumps")
    desktop = open_desktop()
    window = desktop.view().window
    assert window is not None
    for _ in range(9):
        desktop.grab(window)
    assert [desktop.wait(0.05) for _ in range(20)].count("content") == 1
    desktop.close()


def test_sway_that_ends_is_an_error_of_its_own(
    sway: Callable[[str], subprocess.Popen[bytes]],
) -> None:
    sway("Heat pumps")
    desktop = open_desktop()
    subprocess.run(["swaymsg", "exit"], check=False, capture_output=True)
    with pytest.raises(DesktopLostError):
        _look_on(desktop)
    desktop.close()


def test_a_window_tells_its_text_where_it_stands_on_the_picture(
    bus: None,
    sway: Callable[[str], subprocess.Popen[bytes]],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_AT_BRIDGE")
    sway("floating offer")
    desktop = open_desktop()
    window = desktop.view().window
    assert window is not None
    assert window.area.left > 0
    told: list[Line] = []

    def is_told() -> bool:
        told[:] = desktop.lines(window) or ()
        return bool(told)

    until(is_told)
    (line,) = told
    assert line.text == "The offer of the plumber"
    seen = inked_parts(desktop.grab(window))
    assert seen
    assert all(line.left - 13 <= left and right <= line.right + 13 for left, _, right, _ in seen)
    assert desktop.lines(replace(window, area=replace(window.area, width=100))) is None
    desktop.close()


@pytest.fixture
def swayidle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rest of a second be one, and what breaks down be started again at once."""
    if not shutil.which("swayidle"):
        pytest.skip("swayidle tells for how long nobody touched a key: apt install swayidle")
    monkeypatch.setattr(idle, "IDLE_AFTER_SECONDS", 1)
    monkeypatch.setattr(idle, "START_AGAIN_SECONDS", 0.0)


def _swayidles(process_id: int | None = None) -> list[psutil.Process]:
    children = psutil.Process(process_id).children(recursive=True)
    return [one for one in children if one.name() == "swayidle"]


def test_a_rest_is_told_and_counts_as_nobody_there(
    sway: Callable[[str], subprocess.Popen[bytes]], swayidle: None, until: Callable[..., None]
) -> None:
    sway("Heat pumps")
    desktop = open_desktop()
    until(lambda: desktop.view().idle_seconds > 1.5)
    assert take_frame(desktop, RULES, 1.4) == NoFrame(AWAY)
    subprocess.run(["swaymsg", "seat", "-", "cursor", "move", "5", "5"], check=True)
    until(lambda: desktop.view().idle_seconds == 0)
    assert isinstance(take_frame(desktop, RULES, 1.4), Frame)

    (counting,) = _swayidles()
    counting.kill()
    until(lambda: desktop.view().idle_seconds == 0)
    until(lambda: desktop.view().idle_seconds > 1.5)
    assert [one.pid for one in _swayidles()] != [counting.pid]
    desktop.close()
    until(lambda: not _swayidles())


def test_what_counts_rests_ends_with_a_process_that_is_killed(
    sway: Callable[[str], subprocess.Popen[bytes]], swayidle: None, until: Callable[..., None]
) -> None:
    program = (
        "import time\nfrom memassist.ingest.capture.idle import IdleWatch\n"
        "watch = IdleWatch()\nwatch.seconds()\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    until(lambda: _swayidles(process.pid))
    (counting,) = _swayidles(process.pid)
    process.kill()
    process.wait()
    until(lambda: not counting.is_running() or counting.status() == psutil.STATUS_ZOMBIE)


def test_without_swayidle_nobody_is_taken_to_be_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    watch = idle.IdleWatch()
    assert watch.seconds() == 0
    watch.close()


def _look_on(desktop: Desktop) -> None:
    for _ in range(100):
        desktop.wait(0.2)
        desktop.view()


def test_where_wayland_tells_nothing_it_says_so_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.delenv("SWAYSOCK", raising=False)
    with pytest.raises(NoDesktopError, match="Wayland") as raised:
        open_desktop()
    assert "X11 session" in raised.value.advice


def test_without_grim_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("SWAYSOCK", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoDesktopError, match="no grim") as raised:
        open_desktop()
    assert "install grim" in raised.value.advice
    grim = tmp_path / "grim"
    grim.write_text("#!/bin/sh\n")
    grim.chmod(0o700)
    with pytest.raises(NoDesktopError, match="does not answer"):
        open_desktop()
