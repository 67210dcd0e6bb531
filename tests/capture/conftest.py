"""A real X screen for the tests of capturing, with windows that show what a test writes on them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from memassist.assistant import Memory
from memassist.ingest.capture.desktop import Area, Beside, View, Window
from memassist.ingest.capture.recogniser import ProcessRecogniser, Recognised
from memassist.ingest.capture.sensors import Reading as Sensed
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from memassist.ingest.capture.desktop import Pixels, Signal

LINE_PIXELS = 30
PLACE = Area(40, 30, 900, 500)
SCREEN = (1280, 800)


def drawn(lines: Sequence[str], size: tuple[int, int]) -> Image.Image:
    """Return a page with these lines on it, each at its place."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(18)
    for number, line in enumerate(lines):
        pen.text((12, 8 + LINE_PIXELS * number), line, font=font, fill="black")
    return picture


class PaintedWindow:
    """A window of its own application, on a display that a test runs."""

    def __init__(
        self,
        display: Any,
        app: str,
        title: str,
        area: Area,
        parent: PaintedWindow | None = None,
        **more: Any,
    ) -> None:
        self._display = display
        screen = display.screen()
        self._size = (area.width, area.height)
        self.window: Any = (screen.root if parent is None else parent.window).create_window(
            area.left, area.top, area.width, area.height, 0, screen.root_depth,
            background_pixel=screen.white_pixel, **more,
        )  # fmt: skip
        self._pen = self.window.create_gc()
        if app:
            self.window.set_wm_class(app.lower(), app)
        self.retitle(title)
        self.window.map()
        self._display.sync()

    def retitle(self, title: str) -> None:
        """Change the title, or take it away with an empty one."""
        name = self._display.intern_atom("_NET_WM_NAME")
        if title:
            kind = self._display.intern_atom("UTF8_STRING")
            self.window.change_property(name, kind, 8, title.encode())
        else:
            self.window.delete_property(name)
        self._display.sync()

    def kind(self, name: str) -> None:
        """Say what kind of window it is."""
        self.numbers("_NET_WM_WINDOW_TYPE", name)

    def numbers(self, name: str, *values: str) -> None:
        """Set a property to names."""
        atom = self._display.intern_atom
        self.window.change_property(atom(name), atom("ATOM"), 32, [atom(one) for one in values])
        self._display.sync()

    def show(self, *lines: str) -> None:
        """Show these lines and nothing else."""
        self.window.put_pil_image(self._pen, 0, 0, drawn(lines, self._size))
        self._display.sync()

    def focus(self) -> None:
        """Bring it to the front and give it the keyboard."""
        from Xlib import X

        self.window.raise_window()
        self._display.set_input_focus(self.window, X.RevertToParent, X.CurrentTime)
        self._display.sync()

    def close(self) -> None:
        """Take it away."""
        self.window.destroy()
        self._display.sync()


class Screen:
    """A display, and windows on it."""

    def __init__(self, name: str) -> None:
        from Xlib.display import Display

        self.name = name
        self._display = Display(name)
        self._monitors: list[str] = []
        self._moves = 0

    def window(self, app: str, title: str, area: Area = PLACE, **more: Any) -> PaintedWindow:
        """Open a window; it has the keyboard once `focus` was called."""
        return PaintedWindow(self._display, app, title, area, **more)

    def tell_active(self, window: PaintedWindow | None) -> None:
        """Say which window is active, as a window manager does; None takes it back."""
        root = self._display.screen().root
        name = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        if window is None:
            root.delete_property(name)
        else:
            kind = self._display.intern_atom("WINDOW")
            root.change_property(name, kind, 32, [window.window.id])
        self._display.sync()

    def focus_titled(self, title: str) -> bool:
        """Give the keyboard to another program's window; False while there is none."""
        from Xlib import X

        for window in self._display.screen().root.query_tree().children:
            is_shown = window.get_attributes().map_state == X.IsViewable
            if is_shown and window.get_wm_name() == title:
                self._display.set_input_focus(window, X.RevertToParent, X.CurrentTime)
                self._display.sync()
                return True
        return False

    def window_at(self, left: int, top: int) -> int:
        """Return the id of the top-level window that a click there would reach."""
        from Xlib import X

        self._display.xtest_fake_input(X.MotionNotify, x=left, y=top)
        self._display.sync()
        return int(self._display.screen().root.query_pointer().child.id)

    def touch(self) -> None:
        """Move the pointer a little, so that somebody seems to be there."""
        from Xlib import X

        self._moves += 1
        self._display.xtest_fake_input(X.MotionNotify, x=5 + self._moves % 2, y=5)
        self._display.sync()

    def resize(self, width: int, height: int) -> None:
        """Make the desktop larger or smaller, as a monitor that comes or goes does."""
        root = self._display.screen().root
        told = root.xrandr_get_screen_resources()
        (crtc,) = told.crtcs
        self._display.xrandr_set_crtc_config(crtc, told.config_timestamp, 0, 0, 0, 1, [])
        root.xrandr_set_screen_size(width, height, width // 4, height // 4)
        self._display.sync()

    def monitors(self, *areas: Area) -> None:
        """Say what each monitor shows; none puts it back as it was."""
        # python-xlib's own request for it packs the monitor wrongly.
        program = shutil.which("xrandr")
        if program is None:
            pytest.skip("xrandr says what each monitor shows: apt install x11-xserver-utils")
        commands = [["--delmonitor", name] for name in self._monitors]
        self._monitors = [f"M{number}" for number in range(len(areas))]
        for name, area in zip(self._monitors, areas, strict=True):
            place = f"{area.width}/300x{area.height}/200+{area.left}+{area.top}"
            commands.append(["--setmonitor", name, place, "none"])
        for command in commands:
            subprocess.run([program, "-d", self.name, *command], check=True, capture_output=True)

    def close(self) -> None:
        """Close all windows of the test."""
        self._display.close()


@contextlib.contextmanager
def running_server(*options: str, width: int = SCREEN[0]) -> Iterator[str]:
    """Run an X server without a monitor and yield the name of its display."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb runs a screen without a monitor: apt install xvfb")
    receiving, sending = os.pipe()
    size = f"{width}x{SCREEN[1]}x24"
    command = [program, "-displayfd", str(sending), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(
        [*command, "-noreset", *options], pass_fds=(sending,), stderr=subprocess.DEVNULL
    )
    os.close(sending)
    with os.fdopen(receiving) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """Run a server for all tests."""
    with running_server() as name:
        yield name


@pytest.fixture(scope="session")
def plain_x_server() -> Iterator[str]:
    """Run a server that does not tell when a window changes, nor for how long nobody typed."""
    with running_server("-extension", "DAMAGE", "-extension", "MIT-SCREEN-SAVER") as name:
        yield name


@pytest.fixture(scope="session")
def wide_x_server() -> Iterator[str]:
    """Run a server as wide as two monitors."""
    with running_server(width=2 * SCREEN[0]) as name:
        yield name


@pytest.fixture
def wide_screen(wide_x_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Return the display of that server."""
    yield from _screen_of(wide_x_server, monkeypatch)


@pytest.fixture
def xinerama_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Return the display of a server that joins two screens the old way."""
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    with running_server("-screen", "1", size, "+xinerama") as name:
        yield from _screen_of(name, monkeypatch)


@pytest.fixture
def plain_screen(plain_x_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Return the display of that server."""
    yield from _screen_of(plain_x_server, monkeypatch)


@pytest.fixture
def screen(x_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Return the display, for this process and what it starts to be captured."""
    yield from _screen_of(x_server, monkeypatch)


def _screen_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    monkeypatch.setenv("DISPLAY", name)
    for other in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_SESSION_ID", "XAUTHORITY"):
        monkeypatch.delenv(other, raising=False)
    screen = Screen(name)
    yield screen
    screen.close()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Run a session bus of this test's own."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon carries what applications tell: apt install dbus")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    process = subprocess.Popen(
        [program, "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", process.stdout.readline().strip())
    yield
    process.terminate()
    process.wait()
    process.stdout.close()


def as_pixels(lines: Sequence[str], window: Window) -> Pixels:
    """Return what a window with these lines shows."""
    colours = np.asarray(drawn(lines, (window.area.width, window.area.height)))
    rows, columns, _ = colours.shape
    pixels = np.zeros((rows, columns, 4), np.uint8)
    pixels[:, :, :3] = colours[:, :, ::-1]
    return pixels


@dataclass(slots=True)
class PlayedDesktop:
    """A desktop that shows what a test says."""

    current: View = field(default_factory=lambda: View(None))
    pixels: Pixels | None = None
    others: list[tuple[Beside, Pixels]] = field(default_factory=list)
    told: tuple[Line, ...] | None = None
    after_telling: Callable[[], None] = lambda: None
    after_grab: Callable[[], None] = lambda: None
    grabs: int = 0
    is_sign_on: bool = False

    def show(self, window: Window, *lines: str, **more: Any) -> None:
        """Put a window in front that shows these lines."""
        self.current = View(window, **more)
        self.pixels = as_pixels(lines, window)

    def show_beside(self, window: Window, *lines: str, covered: tuple[Area, ...] = ()) -> None:
        """Put a window beside, in the place of those that were there."""
        self.others = [(Beside(window, covered), as_pixels(lines, window))]

    def view(self) -> View:
        """Return what is in front."""
        return self.current

    def beside(self) -> tuple[Beside, ...]:
        """Return the other windows."""
        return tuple(one for one, _ in self.others)

    def grab(self, window: Window) -> Pixels:
        """Return the pixels; something may happen right after."""
        self.grabs += 1
        shown = {one.window.id: pixels for one, pixels in self.others}.get(window.id, self.pixels)
        assert shown is not None
        taken = shown.copy()
        self.after_grab()
        return taken

    def lines(self, window: Window) -> tuple[Line, ...] | None:
        """Return what the application tells."""
        told = self.told
        self.after_telling()
        return told

    def wait(self, timeout_seconds: float) -> Signal | None:
        """Return at once."""
        return None

    def show_sign(self, is_on: bool) -> None:
        """Remember whether it is shown."""
        self.is_sign_on = is_on

    def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class RowReader:
    """Reads pages of `drawn` by knowing which lines may stand there: no model, and no mistakes."""

    known: list[str] = field(default_factory=list)
    heights: list[int] = field(default_factory=list)
    """Of the pictures that were read."""
    cpu_seconds: float = 0.2

    def read(self, pixels: npt.NDArray[np.uint8]) -> Recognised:
        """Return the known lines that stand on the picture."""
        height = pixels.shape[0]
        self.heights.append(height)
        ink = pixels[:, :, 0] < 128
        lines: list[Line] = []
        row = 0
        while row < height:
            if not ink[row].any():
                row += 1
                continue
            bottom = row
            while bottom < height and ink[bottom : bottom + 4].any():
                bottom += 1
            columns = np.flatnonzero(ink[row:bottom].any(axis=0))
            left, right = int(columns[0]), int(columns[-1]) + 1
            shape = ink[row:bottom, left:right]
            for text in self.known:
                if self._is(shape, text):
                    lines.append(Line(text, left, row, right, bottom))
            row = bottom
        return Recognised(tuple(lines), self.cpu_seconds)

    @staticmethod
    def _is(shape: npt.NDArray[np.bool_], text: str) -> bool:
        page = np.asarray(drawn([text], (SCREEN[0], LINE_PIXELS + 16)))[:, :, 0] < 128
        rows = np.flatnonzero(page.any(axis=1))
        columns = np.flatnonzero(page.any(axis=0))
        expected = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return shape.shape == expected.shape and bool((shape == expected).all())

    def rest(self) -> None:
        """Nothing to let go of."""

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(slots=True)
class PlayedSensors:
    """A machine as a test says it is."""

    now: Sensed = field(default_factory=Sensed)

    def read(self) -> Sensed:
        """Return it."""
        return self.now


@pytest.fixture
def desktop() -> PlayedDesktop:
    """Return a desktop with nothing on it."""
    return PlayedDesktop()


@pytest.fixture
def row_reader() -> RowReader:
    """Return a recogniser without a model."""
    return RowReader()


@pytest.fixture
def sensors() -> PlayedSensors:
    """Return a machine with everything to spare."""
    return PlayedSensors()


@pytest.fixture(scope="session")
def page() -> Callable[[Sequence[str], tuple[int, int]], Image.Image]:
    """Return the function that draws lines."""
    return drawn


@pytest.fixture
def recogniser() -> Iterator[ProcessRecogniser]:
    """Return the real text recognition."""
    recogniser = ProcessRecogniser()
    yield recogniser
    recogniser.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Return an open home without encryption, in whose files what is left over can be seen."""
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        yield memory


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits until something is so."""

    def wait(is_so: Callable[[], object], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, "it did not come to be so"
            time.sleep(0.05)

    return wait
