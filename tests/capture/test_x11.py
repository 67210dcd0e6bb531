"""The X11 desktop, on a real server with real windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.capture.desktop import Area, open_desktop
from memassist.ingest.capture.errors import DesktopLostError, NoDesktopError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ingest.capture.desktop import Desktop


@pytest.fixture
def real(screen: Any) -> Iterator[Desktop]:
    desktop = open_desktop()
    yield desktop
    desktop.close()


def test_the_window_with_the_keyboard_is_told_with_class_title_and_place(
    screen: Any, real: Desktop
) -> None:
    screen.window("Editor", "Notes, 2026, Zürich").focus()
    window = real.view().window
    assert window is not None
    assert (window.app, window.title) == ("Editor", "Notes, 2026, Zürich")
    assert window.area == Area(40, 30, 900, 500)


def test_a_window_partly_off_the_screen_is_cut_to_it(screen: Any, real: Desktop) -> None:
    screen.window("Editor", "Notes", Area(1000, 600, 900, 500)).focus()
    window = real.view().window
    assert window is not None
    assert window.area == Area(1000, 600, 280, 200)


def test_pixels_are_those_of_the_area(screen: Any, real: Desktop) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("The heat pump")
    window = real.view().window
    assert window is not None
    pixels = real.grab(window)
    assert pixels.shape == (500, 900, 4)
    assert (pixels[:40, :200, :3] < 64).any()
    assert (pixels[100:, :, :3] == 255).all()


def test_a_new_title_and_new_content_are_told_apart(screen: Any, real: Desktop) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    real.view()
    while real.wait(0.3) is not None:
        pass
    shown.show("one")
    assert real.wait(5) == "content"
    while real.wait(0.3) is not None:
        pass
    shown.retitle("Letters")
    assert real.wait(5) == "window"
    while real.wait(0.3) is not None:
        pass
    assert real.wait(0.2) is None


def test_another_window_in_front_is_told(screen: Any, real: Desktop) -> None:
    screen.window("Editor", "Notes").focus()
    real.view()
    while real.wait(0.3) is not None:
        pass
    screen.window("Browser", "Page", Area(200, 200, 300, 200)).focus()
    assert real.wait(5) == "window"
    window = real.view().window
    assert window is not None
    assert window.app == "Browser"


def test_what_lies_above_is_told_and_what_lies_below_is_not(screen: Any, real: Desktop) -> None:
    screen.window("Below", "Hidden", Area(40, 30, 900, 500))
    shown = screen.window("Editor", "Notes")
    shown.focus()
    screen.window("KeePassXC", "Passwords", Area(500, 100, 300, 200))
    screen.window("Elsewhere", "Beside", Area(1000, 600, 100, 100))
    view = real.view()
    assert view.window is not None
    assert view.window.app == "Editor"
    assert [(one.app, one.area) for one in view.above] == [("KeePassXC", Area(500, 100, 300, 200))]


def test_a_window_that_covers_all_past_the_window_manager_is_a_lock_screen(
    screen: Any, real: Desktop
) -> None:
    screen.window("Editor", "Notes").focus()
    assert not real.view().is_locked
    locker = screen.window("", "", Area(0, 0, 1280, 800), override_redirect=True)
    assert real.view().is_locked
    locker.close()
    assert not real.view().is_locked


def test_no_window_is_told_where_none_has_the_keyboard(screen: Any, real: Desktop) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.close()
    assert real.view().window is None


def test_idle_time_is_a_number_of_seconds(screen: Any, real: Desktop) -> None:
    assert 0 <= real.view().idle_seconds < 100_000


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WAYLAND_DISPLAY", "wayland-0", "Wayland"),
        ("DISPLAY", "", "DISPLAY is not set"),
        ("DISPLAY", ":59000", "does not answer"),
    ],
)
def test_without_a_screen_that_can_be_captured_it_says_why(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    for other in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "SWAYSOCK"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(NoDesktopError, match=words) as raised:
        open_desktop()
    assert raised.value.advice


def test_a_server_that_goes_away_is_an_error_of_its_own(
    screen: Any, real: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Xlib.error import ConnectionClosedError

    screen.window("Editor", "Notes").focus()
    real.view()

    def gone(*_: object) -> None:
        raise ConnectionClosedError("server")

    monkeypatch.setattr("Xlib.display.Display.pending_events", gone)
    with pytest.raises(DesktopLostError):
        real.wait(0.1)


def test_a_server_without_extensions_is_looked_at_now_and_then(
    plain_screen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memassist.ingest.capture.x11.POLL_SECONDS", 0.2)
    shown = plain_screen.window("Editor", "Notes")
    shown.focus()
    desktop = open_desktop()
    view = desktop.view()
    assert view.window is not None
    assert (view.window.title, view.idle_seconds, view.is_locked) == ("Notes", 0.0, False)
    assert desktop.wait(30) == "content"
    assert desktop.grab(view.window).shape == (500, 900, 4)
    desktop.close()


def test_a_window_managers_word_outweighs_the_keyboard(screen: Any, real: Desktop) -> None:
    screen.window("Panel", "Clock", Area(0, 0, 100, 20)).focus()
    shown = screen.window("Editor", "Notes")
    screen.tell_active(shown)
    try:
        assert real.wait(5) == "window"
        window = real.view().window
        assert window is not None
        assert window.app == "Editor"
    finally:
        screen.tell_active(None)


def test_the_last_word_of_a_window_manager_that_is_gone_does_not_count(
    screen: Any, real: Desktop
) -> None:
    closed = screen.window("Browser", "Page")
    screen.tell_active(closed)
    closed.close()
    try:
        screen.window("Editor", "Notes").focus()
        window = real.view().window
        assert window is not None
        assert window.app == "Editor"
    finally:
        screen.tell_active(None)


def test_an_application_is_found_inside_its_frame(screen: Any, real: Desktop) -> None:
    frame = screen.window("", "", Area(100, 80, 600, 400))
    inner = screen.window("Editor", "Framed notes", Area(5, 25, 590, 370), parent=frame)
    inner.focus()
    window = real.view().window
    assert window is not None
    assert (window.app, window.title) == ("Editor", "Framed notes")
    assert window.area == Area(105, 105, 590, 370)


def test_changes_below_the_applications_window_are_told(screen: Any, real: Desktop) -> None:
    outer = screen.window("Editor", "Notes")
    inner = screen.window("", "", Area(20, 20, 500, 300), parent=outer)
    outer.focus()
    real.view()
    while real.wait(0.3) is not None:
        pass
    inner.show("in the middle")
    assert real.wait(5) == "content"
