"""Text by the accessibility tree, of a real GTK program on a real bus, and what if it is odd."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from memassist.assistant.capture.loop import CaptureLoop
from memassist.ingest.capture.accessible import AccessibleTexts, with_inner_texts
from memassist.ingest.capture.desktop import Area, Window, open_desktop
from memassist.ingest.capture.frames import Frame, take_frame, with_lines
from memassist.ingest.capture.ink import accounted_share, inked_parts
from memassist.ingest.capture.reading import WindowText
from memassist.ingest.capture.rules import make_rules
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memassist.ingest.capture.rules import Rules
    from memassist.plugins.types import Record

SYSTEM_PYTHON = "/usr/bin/python3"
EDITOR = Window(1, "Editor", "Notes", Area(0, 0, 700, 420))
RULES = make_rules((), (), is_untitled_left_out=True)
PROGRAM = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
window = Gtk.Window(title="Heat pumps")
window.set_default_size(700, 400)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
box.add(Gtk.Label(label="Offer of the plumber", xalign=0))
box.add(Gtk.Label(label="Pay it by card 4111 1111 1111 1111", xalign=0))
view = Gtk.TextView()
lines = (f"line {number} of the offer, which is for Maria" for number in range(200))
view.get_buffer().set_text("\\n".join(lines))
scrolled = Gtk.ScrolledWindow(vexpand=True)
scrolled.add(view)
box.add(scrolled)
entry = Gtk.Entry(visibility=False)
entry.set_text("MAGNOLIA")
box.add(entry)
window.add(box)
window.show_all()
Gtk.main()
"""

QT_PROGRAM = """
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextEdit
from PyQt5.QtWidgets import QVBoxLayout, QWidget
from PyQt5.QtCore import QTimer
application = QApplication(["editor"])
window = QWidget()
window.setWindowTitle("Heat pumps")
window.resize(700, 400)
box = QVBoxLayout(window)
box.addWidget(QLabel("Offer of the plumber"))
lines = [f"line {number} of the offer" if number % 7 else "" for number in range(400)]
text = QTextEdit()
text.setPlainText("\\n".join(lines))
box.addWidget(text)
plain = QPlainTextEdit("\\n".join(f"remark {number}" for number in range(400)))
plain.setFixedHeight(50)
box.addWidget(plain)
box.addWidget(QLineEdit("for Maria"))
secret = QLineEdit("MAGNOLIA")
secret.setEchoMode(QLineEdit.Password)
box.addWidget(secret)
window.show()
QTimer.singleShot(0, lambda: text.verticalScrollBar().setValue(1000))
application.exec_()
"""


@contextlib.contextmanager
def running(program: str, package: str, screen: Any, until: Callable[..., None]) -> Iterator[None]:
    """Run a program of the system's own Python, and give it the keyboard."""
    asked = [SYSTEM_PYTHON, "-c", program.partition("window =")[0]]
    if (
        not shutil.which(SYSTEM_PYTHON)
        or subprocess.run(asked, check=False, capture_output=True).returncode
    ):
        pytest.skip(f"a real program shows a window: apt install {package} at-spi2-core")
    process = subprocess.Popen([SYSTEM_PYTHON, "-c", program], stderr=subprocess.DEVNULL)
    until(lambda: screen.focus_titled("Heat pumps"))
    screen.touch()
    yield
    process.terminate()
    process.wait()


@pytest.fixture
def gtk_window(screen: Any, bus: None, until: Callable[..., None]) -> Iterator[None]:
    """Run a GTK program."""
    with running(PROGRAM, "python3-gi gir1.2-gtk-3.0", screen, until):
        yield


@pytest.fixture
def qt_window(
    screen: Any, bus: None, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Run a Qt program that was told to tell its text."""
    monkeypatch.setenv("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    # GTK starts the bus of what is told where a session has not; Qt finds it or stays silent.
    start = ["dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus", "/org/a11y/bus"]
    start.append("org.a11y.Bus.GetAddress")
    subprocess.run(start, check=False, capture_output=True)
    with running(QT_PROGRAM, "python3-pyqt5", screen, until):
        yield


class _NoWish:
    def is_in_force(self, now: object) -> bool:
        return False


def loop_of(
    desktop: Any, row_reader: Any, sensors: Any, rules: Rules, kept: list[Record]
) -> CaptureLoop:
    """Return a loop that nobody paused."""
    return CaptureLoop(
        desktop,
        row_reader,
        sensors,
        lambda: rules,
        lambda: _NoWish(),  # type: ignore[arg-type, return-value]  # all that is asked of one
        lambda record, *_: kept.append(record),
    )


def test_a_window_that_tells_its_text_is_read_without_a_look_at_its_letters(
    gtk_window: None, row_reader: Any, sensors: Any, until: Callable[..., None]
) -> None:
    desktop = open_desktop()
    kept: list[Record] = []
    loop = loop_of(desktop, row_reader, sensors, RULES, kept)

    def is_told() -> bool:
        frame = take_frame(desktop, RULES, 1e9)
        return isinstance(frame, Frame) and with_lines(frame, desktop).lines is not None

    def is_kept() -> bool:
        loop.step()
        loop.read_waiting()
        return bool(kept)

    until(is_told)
    until(is_kept)
    desktop.close()
    (record,) = kept
    assert record.text.startswith(
        "Offer of the plumber\nPay it by card [card hidden]\n"
        "line 0 of the offer, which is for Maria\n"
    )
    assert "line 12 of" in record.text
    assert "line 60 of" not in record.text  # it is there, and not shown
    assert "MAGNOLIA" not in record.text
    assert "\N{BLACK CIRCLE}" not in record.text
    assert record.metadata["text_from"] == "accessibility"
    assert row_reader.heights == []
    tops = [box.top for box in record.boxes]
    assert tops == sorted(tops)
    assert all(box.right <= 700 for box in record.boxes)


def test_a_qt_program_tells_the_lines_that_are_seen(
    qt_window: None, until: Callable[..., None]
) -> None:
    desktop = open_desktop()
    lines: list[Line] = []

    def is_told() -> bool:
        frame = take_frame(desktop, RULES, 1e9)
        told = desktop.lines(frame.window) if isinstance(frame, Frame) else None
        lines[:] = told or ()
        return any(one.text.startswith("line ") for one in lines[1:])

    until(is_told)
    desktop.close()
    texts = [one.text for one in lines]
    assert texts[0] == "Offer of the plumber"
    numbers = [int(one.split()[1]) for one in texts if one.startswith("line ")]
    assert 20 < numbers[0] < numbers[-1] < 100
    assert numbers == [one for one in range(numbers[0], numbers[-1] + 1) if one % 7]
    tops = [one.top for one in lines if one.text.startswith("line ")]
    assert tops == sorted(set(tops))
    # Qt tells one and the same place for each line of a plain text: it is left to the pixels.
    assert not any("remark" in one for one in texts)
    assert "for Maria" in texts
    assert "MAGNOLIA" not in texts
    assert texts[-1] == ""


def test_the_tree_of_an_excluded_window_is_not_asked_for(
    gtk_window: None,
    row_reader: Any,
    sensors: Any,
    monkeypatch: pytest.MonkeyPatch,
    until: Callable[..., None],
) -> None:
    desktop = open_desktop()
    asked: list[Window] = []
    monkeypatch.setattr(AccessibleTexts, "lines", lambda self, window, pid: asked.append(window))
    kept: list[Record] = []

    def look(*excluded: str) -> bool:
        rules = make_rules(excluded, (), is_untitled_left_out=True)
        loop_of(desktop, row_reader, sensors, rules, kept).step()
        return bool(asked)

    look("title:heat*")
    assert asked == []
    until(look)
    assert asked[0].title == "Heat pumps"
    desktop.close()
    assert kept == []


def test_nothing_is_started_to_read_a_tree(
    screen: Any, bus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = AccessibleTexts()
    assert texts.lines(EDITOR, 1) is None
    with contextlib.suppress(KeyError):
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    assert AccessibleTexts().lines(EDITOR, 1) is None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    assert AccessibleTexts().lines(EDITOR, 1) is None


def told(*texts: str) -> tuple[Line, ...]:
    return tuple(
        Line(text, 12, 8 + 30 * number, 300, 30 + 30 * number) for number, text in enumerate(texts)
    )


def test_a_tree_that_accounts_for_little_of_what_is_seen_does_not_count(desktop: Any) -> None:
    desktop.show(EDITOR, *["a line that goes on for a while"] * 10)
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame)
    desktop.told = told("a menu")
    assert with_lines(frame, desktop).lines is None
    desktop.told = told(*["a line that goes on for a while"] * 10)
    assert with_lines(frame, desktop).lines == desktop.told


def test_what_a_window_tells_and_another_covers_is_not_taken(desktop: Any) -> None:
    texts = [f"line {number} of a letter to the bank" for number in range(10)]
    safe = Window(2, "KeePassXC", "Passwords", Area(0, 60, 320, 40))
    desktop.show(EDITOR, *texts, above=(safe,))
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame)
    desktop.told = told(*texts)
    lines = with_lines(frame, desktop).lines
    assert lines is not None
    assert [line.text for line in lines] == [*texts[:2], *texts[3:]]


def test_what_the_application_does_not_tell_is_read_from_its_pixels(
    desktop: Any, row_reader: Any
) -> None:
    row_reader.known = ["a line that is told", "a picture with words"]
    desktop.show(EDITOR, "a line that is told", "a picture with words", "a third line")
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame)
    text = WindowText()
    lines = (*told("what it says itself"), Line("", 0, 64, 700, 90))
    reading = text.read(frame.pixels, row_reader, lines)
    assert [line.text for row in reading.rows for line in row] == [
        "what it says itself",
        "a picture with words",
    ]
    assert len(row_reader.heights) == 1
    assert text.read(frame.pixels, row_reader, lines).rows == ()


def test_the_tree_of_a_page_that_came_since_does_not_count(desktop: Any) -> None:
    desktop.show(EDITOR, "a line of a page")
    frame = take_frame(desktop, RULES, 300)
    assert isinstance(frame, Frame)
    desktop.told = told("a line of another")
    private = replace(EDITOR, title="Page (Private Browsing)")
    desktop.after_telling = lambda: desktop.show(private, "a line of another")
    assert with_lines(frame, desktop).lines is None
    assert with_lines(frame, desktop).lines is None  # it has that title from the start now


def test_links_stand_in_the_line_that_they_belong_to() -> None:
    # As Firefox told of a page: a sign in the line, and the link as a text of its own.
    sign = "\N{OBJECT REPLACEMENT CHARACTER}"
    lines = [
        Line(f"{sign}{sign}", 8, 100, 900, 118),  # a row that holds a link and a picture
        Line("Contents", 10, 99, 80, 120),
        Line(f"for Maria see {sign} and {sign}.", 8, 200, 700, 220),
        Line("which goes on here", 8, 220, 200, 240),
        Line("the offer", 150, 199, 260, 220),
        Line(f"its {sign}", 300, 200, 420, 220),
        Line("annex", 360, 200, 420, 220),
        Line(f"a picture {sign} alone", 8, 300, 500, 320),
        Line("", 8, 400, 200, 420),  # a password field
    ]
    assert with_inner_texts(lines) == (
        lines[1],
        Line("for Maria see the offer and its annex.", 8, 200, 700, 220),
        lines[3],
        Line("a picture alone", 8, 300, 500, 320),
        lines[8],
    )


def test_margins_and_gaps_are_left_out_of_what_is_read(desktop: Any) -> None:
    pixels = np.full((400, 1000, 4), 255, np.uint8)
    assert inked_parts(pixels) == []
    pixels[100:110, 50:90:3, :3] = 0
    pixels[200:210, 700:800:3, :3] = 0
    pixels[:, 995:998, :3] = 0  # the edge of a window
    pixels[0, 996, :3] = 255
    assert inked_parts(pixels) == [(38, 88, 102, 122), (688, 188, 812, 222)]


def test_what_is_told_is_counted_by_what_stands_there() -> None:
    pixels = np.full((96, 320, 4), 255, np.uint8)
    assert accounted_share(pixels, []) == 1.0
    pixels[8:20, :160:3, :3] = 0
    assert accounted_share(pixels, []) == 0.0
    assert accounted_share(pixels, [Line("x", 0, 4, 80, 24)]) == pytest.approx(0.6)
