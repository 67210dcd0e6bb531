"""Several monitors and the windows beside the one in front, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.capture.desktop import Area, Beside, Window, open_desktop
from memassist.ingest.capture.frames import Frame, NoFrame, take_beside
from memassist.ingest.capture.rules import make_rules
from memassist.ingest.capture.x11_windows import shown_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ingest.capture.desktop import Desktop

LEFT, RIGHT = Area(0, 0, 1280, 800), Area(1280, 0, 1280, 800)
SECOND = Area(1400, 100, 900, 500)
RULES = make_rules((), (), is_untitled_left_out=True)


@pytest.fixture
def two_monitors(wide_screen: Any) -> Iterator[Any]:
    """Return a display with two monitors side by side."""
    wide_screen.monitors(LEFT, RIGHT)
    yield wide_screen
    wide_screen.monitors()


@pytest.fixture
def real(two_monitors: Any) -> Iterator[Desktop]:
    desktop = open_desktop()
    yield desktop
    desktop.close()


def quiet(desktop: Desktop) -> None:
    """Wait until nothing more is told."""
    while desktop.wait(0.3) is not None:
        pass


def test_a_window_on_the_second_monitor_is_told_beside_and_its_pixels_are_its_own(
    two_monitors: Any, real: Desktop
) -> None:
    beside = two_monitors.window("Browser", "Heat pumps", SECOND)
    beside.show("on the second monitor")
    front = two_monitors.window("Editor", "Notes")
    front.show("", "", "", "", "on the first")
    front.focus()
    assert real.view().window is not None
    (told,) = real.beside()
    assert (told.window.app, told.window.title, told.window.area) == (
        "Browser", "Heat pumps", SECOND,
    )  # fmt: skip
    assert told.shown_share() == 1.0
    pixels = real.grab(told.window)
    assert pixels.shape == (500, 900, 4)
    assert (pixels[:40, :, :3] < 64).any()
    assert (pixels[60:, :, :3] == 255).all()


def test_a_window_that_is_beside_tells_once_that_it_changed_until_it_is_grabbed(
    two_monitors: Any, real: Desktop
) -> None:
    beside = two_monitors.window("Browser", "Heat pumps", SECOND)
    two_monitors.window("Editor", "Notes").focus()
    real.view()
    (told,) = real.beside()
    quiet(real)
    real.grab(told.window)
    quiet(real)
    for number in range(3):
        beside.show(f"frame {number} of a film")
    assert real.wait(5) == "beside"
    beside.show("and one more")
    assert real.wait(0.3) is None
    real.grab(told.window)
    beside.show("and another")
    assert real.wait(5) == "beside"


def test_what_was_beside_tells_of_every_change_once_it_is_in_front(
    two_monitors: Any, real: Desktop
) -> None:
    other = two_monitors.window("Browser", "Heat pumps", SECOND)
    two_monitors.window("Editor", "Notes").focus()
    real.view()
    real.beside()
    other.show("changed while it was beside")
    other.focus()
    assert real.wait(5) == "window"
    real.view()
    quiet(real)
    other.show("changed in front")
    assert real.wait(5) == "content"


def test_a_covered_window_is_black_where_it_is_covered_and_left_out_where_mostly(
    two_monitors: Any, real: Desktop
) -> None:
    lines = ["a line that goes on and on to the right edge of the window" * 2] * 12
    two_monitors.window("Browser", "Below", SECOND).show(*lines)
    cover = two_monitors.window("KeePassXC", "Passwords", Area(1400, 100, 400, 500))
    cover.show("MAGNOLIA " * 10)
    two_monitors.window("Editor", "Notes").focus()
    frames = take_beside(real, RULES, 300)
    assert [one.reason for one in frames if isinstance(one, NoFrame)] == ["password manager"]
    (frame,) = (one for one in frames if isinstance(one, Frame))
    assert not frame.is_in_front
    assert (frame.pixels[:, :400] == 0).all()
    assert (frame.pixels[:, 400:, :3] == 255).any()
    two_monitors.window("Video", "Film", Area(1700, 100, 600, 400))
    reasons = [one for one in take_beside(real, RULES, 300) if isinstance(one, Frame)]
    assert [one.window.app for one in reasons] == ["Video"]


def test_panels_menus_backgrounds_and_other_desktops_are_not_beside(
    two_monitors: Any, real: Desktop
) -> None:
    two_monitors.window("Desktop", "Background", RIGHT).kind("_NET_WM_WINDOW_TYPE_DESKTOP")
    two_monitors.window("Panel", "Clock", Area(1280, 0, 1280, 20)).kind("_NET_WM_WINDOW_TYPE_DOCK")
    two_monitors.window("", "Menu", Area(1300, 30, 100, 200), override_redirect=True)
    two_monitors.window("Mail", "Minimised", SECOND).numbers(
        "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"
    )
    two_monitors.window("Dialog", "Save as", SECOND).kind("_NET_WM_WINDOW_TYPE_DIALOG")
    two_monitors.window("Editor", "Notes").focus()
    real.view()
    assert [one.window.app for one in real.beside()] == ["Dialog"]


def test_a_monitor_that_is_plugged_in_later_is_captured_too(
    wide_screen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide_screen.resize(1280, 800)
    desktop = open_desktop()
    try:
        front = wide_screen.window("Editor", "Notes", Area(0, 0, 1280, 800))
        front.focus()
        view = desktop.view()
        assert view.window is not None
        assert desktop.grab(view.window).shape == (800, 1280, 4)
        quiet(desktop)
        wide_screen.resize(2560, 800)
        assert desktop.wait(5) == "window"
        wide_screen.monitors(LEFT, RIGHT)
        wide = wide_screen.window("Sheet", "Budget", Area(0, 0, 2560, 800))
        wide.show("a table over both monitors")
        wide.focus()
        view = desktop.view()
        assert view.window is not None
        assert view.window.area == Area(0, 0, 2560, 800)
        pixels = desktop.grab(view.window)
        assert pixels.shape == (800, 2560, 4)
        assert (pixels[:40, :, :3] < 64).any()
    finally:
        desktop.close()
        wide_screen.monitors()


def test_a_window_on_a_monitor_that_was_unplugged_is_not_looked_at(
    two_monitors: Any, real: Desktop
) -> None:
    two_monitors.window("Browser", "Left behind", SECOND)
    two_monitors.window("Editor", "Notes").focus()
    real.view()
    assert len(real.beside()) == 1
    two_monitors.monitors(LEFT)
    assert real.wait(5) == "window"
    assert real.beside() == ()


def test_a_lock_screen_that_covers_one_monitor_locks(two_monitors: Any, real: Desktop) -> None:
    two_monitors.window("Editor", "Notes").focus()
    assert not real.view().is_locked
    locker = two_monitors.window("", "", RIGHT, override_redirect=True)
    assert real.view().is_locked
    locker.close()
    assert not real.view().is_locked


def test_monitors_of_a_server_with_xinerama_alone_are_known(
    xinerama_screen: Any,
) -> None:
    xinerama_screen.window("Editor", "Notes", Area(0, 0, 1280, 800)).focus()
    desktop = open_desktop()
    view = desktop.view()
    desktop.close()
    assert view.window is not None
    assert view.window.area == Area(0, 0, 1280, 800)


def test_the_shown_part_is_one_rectangle_over_the_monitors_it_touches() -> None:
    small = Area(1280, 0, 1024, 600)
    assert shown_part(Area(1000, 500, 600, 400), [LEFT, small]) == Area(1000, 500, 600, 300)
    assert shown_part(Area(3000, 0, 10, 10), [LEFT, small]) is None


def test_overlapping_covers_count_once() -> None:
    window = Window(1, "Editor", "Notes", Area(0, 0, 100, 100))
    covers = (Area(0, 0, 50, 100), Area(25, 0, 50, 100), Area(90, 90, 10, 10))
    assert Beside(window, covers).shown_share() == pytest.approx(0.24)
