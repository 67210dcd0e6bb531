"""Whoever sits at the screen sees that it is captured, on every monitor, and is not disturbed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mss
import numpy as np

from memassist.assistant.capture.service import CaptureService
from memassist.ingest.capture.desktop import Area
from memassist.ingest.capture.x11 import X11Desktop

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant import Memory

RED = (0xE0, 0x1B, 0x24)


def red_bars(screen: Any) -> list[Area]:
    """Return where the top of the screen is red, from the left to the right."""
    with mss.MSS(display=screen.name) as camera:
        everything = camera.monitors[0]
        taken = camera.grab({**everything, "height": 40})
    pixels = np.frombuffer(taken.rgb, np.uint8).reshape(taken.height, taken.width, 3)
    is_red = (pixels == RED).all(axis=2)
    columns = np.flatnonzero(is_red[0])
    if not len(columns):
        return []
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    return [Area(int(run[0]), 0, len(run), int(is_red[:, run].all(axis=1).sum())) for run in runs]


def test_each_monitor_has_a_bar_at_its_top(wide_screen: Any) -> None:
    wide_screen.monitors(Area(0, 0, 800, 600), Area(800, 0, 600, 600))
    desktop = X11Desktop()
    try:
        desktop.show_sign(True)
        desktop.show_sign(True)
        left, right = Area(360, 0, 80, 5), Area(1060, 0, 80, 5)
        assert {left, right} <= set(red_bars(wide_screen))
        wide_screen.monitors(Area(0, 0, 800, 600))
        desktop.show_sign(True)
        bars = red_bars(wide_screen)
        assert left in bars
        assert right not in bars
        desktop.show_sign(False)
        assert red_bars(wide_screen) == []
    finally:
        desktop.close()
        wide_screen.monitors()


def test_the_bar_covers_no_window_and_takes_no_click(screen: Any) -> None:
    window = screen.window("Editor", "notes.txt", Area(0, 0, 800, 600))
    window.focus()
    desktop = X11Desktop()
    try:
        desktop.show_sign(True)
        view = desktop.view()
        assert view.window is not None
        assert view.window.title == "notes.txt"
        assert view.above == ()
        (bar,) = red_bars(screen)
        assert screen.window_at(bar.left + 5, 2) == window.window.id
    finally:
        desktop.close()
        window.close()


def test_a_lock_screen_below_the_bar_is_still_one(screen: Any) -> None:
    desktop = X11Desktop()
    try:
        desktop.show_sign(True)
        locker = screen.window("i3lock", "", Area(0, 0, 800, 600))
        desktop._sign._raised_at = 0.0  # the bar goes above it
        desktop.show_sign(True)
        assert red_bars(screen)
        assert desktop.view().is_locked
        locker.close()
    finally:
        desktop.close()


def test_the_bar_is_there_while_capture_works_and_gone_in_a_pause(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    window = screen.window("Editor", "notes.txt")
    window.focus()
    window.show("The boiler was mended.")
    service = CaptureService(memory.wiring, sensors=sensors)
    service.start()
    try:
        until(lambda: service.state().doing == "capturing" and red_bars(screen))
        service.pause()
        until(lambda: service.state().doing == "paused" and not red_bars(screen))
        service.resume()
        until(lambda: red_bars(screen))
    finally:
        service.stop()
        window.close()
    until(lambda: not red_bars(screen))
