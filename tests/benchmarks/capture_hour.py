"""What capturing costs and keeps in a working day, on a scripted screen of 1920 x 1080 under Xvfb.

Run it from the repository's root; it takes as many minutes as asked for, and answers for 8 hours:

    uv run python tests/benchmarks/capture_hour.py --minutes 10 --pictures

A person works at the pace of a person: writes letter by letter (300 a minute while writing, with
rests), reads a page a minute and scrolls it twice, runs a command now and then, chats, looks into a
password manager, watches a film, is away. The shares of a day are those of `SHARES`. With `--dense`
the script shows a new line every 1.2 seconds without a rest instead. Beside it stands what storing
every frame would cost: a picture each three seconds, read whole, its text stored.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from memassist.assistant import Memory, Query
from memassist.assistant.capture.service import CaptureService
from memassist.assistant.config import set_value
from memassist.ingest.capture.desktop import Area, open_desktop
from memassist.ingest.capture.reading import WindowText, key_of
from memassist.ingest.capture.recogniser import ProcessRecogniser

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
EVERYTHING = Area(0, 0, 1920, 1080)
ROWS = 33
SENTENCE = """boiler offer Leeds September Maria kestrel budget drawing invoice garden meeting
notes harbour ticket railway planner copper window letter pension dentist recipe sourdough
orchard concert battery insurance passport holiday mortgage violin"""
WORDS = SENTENCE.split()
CANARY = "MAGNOLIA"
FRAME_SECONDS = 3.0
DAY_SECONDS = 8 * 3600
SHARES = {
    "write": 0.25,
    "read_pages": 0.30,
    "command": 0.12,
    "chat": 0.10,
    "hide": 0.01,
    "film": 0.07,
    "rest": 0.15,
}
"""Of a working day: an assumption, stated so that it can be changed."""
KEY_SECONDS = (0.1, 0.3)
LINE_PIXELS = 30


class Work:
    """The person and the windows."""

    def __init__(self, screen: Any, module: Any, seed: int) -> None:
        self._choose = random.Random(seed)
        self._screen, self._module = screen, module
        self.written: list[str] = []
        self.printed: list[str] = []
        self.said: list[str] = []
        self.shown: list[str] = []
        self.frames: list[Sequence[str]] = []
        self.editor = screen.window("Editor", "Letter to the bank", EVERYTHING)
        self.browser = screen.window("Firefox", "Start", EVERYTHING)
        self.log = screen.window("XTerm", "build", EVERYTHING)
        self.talk = screen.window("Chat", "Maria", EVERYTHING)
        self.player = screen.window("Player", "A film", EVERYTHING)
        self.safe = screen.window("KeePassXC", f"{CANARY} - KeePassXC", EVERYTHING)

    def line(self, words: int = 9) -> str:
        """Return a line that was not shown before."""
        text = " ".join(self._choose.choice(WORDS) for _ in range(words))
        text += f" {self._choose.randrange(10**6):06d}"
        self.shown.append(text)
        return text

    def day(self, seconds: float) -> None:
        """Do all that a day holds, in its shares; a round takes some three minutes."""
        rounds = max(1, round(seconds / 200))
        for _ in range(rounds):
            for name, share in SHARES.items():
                getattr(self, name)(seconds * share / rounds)

    def write(self, seconds: float) -> None:
        """Write in the editor, letter by letter; rest after each line."""
        self._bring(self.editor)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.line(12)
            self.written = [*self.written, ""][-ROWS:]
            if len(self.written) == ROWS:
                self._show(self.editor, self.written)
            for stop in range(1, len(text) + 1):
                self._strip(self.editor, len(self.written) - 1, text[:stop])
                time.sleep(self._choose.uniform(*KEY_SECONDS))
            self.written[-1] = text
            self.frames.append(tuple(self.written))
            self._touch()
            time.sleep(self._choose.uniform(1.5, 4.0))

    def read_pages(self, seconds: float) -> None:
        """Read a page for a minute or less; it is scrolled twice."""
        steps = [0.42, 0.30, 0.28]
        pages = max(1, round(seconds / 60))
        for _ in range(pages):
            self.browser.retitle(f"About {self._choose.choice(WORDS)} - Mozilla Firefox")
            self._bring(self.browser)
            lines = [self.line() for _ in range(ROWS)]
            for number, share in enumerate(steps):
                if number:
                    lines = [*lines[10:], *(self.line() for _ in range(10))]
                self._show(self.browser, lines)
                self._touch()
                time.sleep(share * seconds / pages)

    def command(self, seconds: float) -> None:
        """Run a command now and then, which prints six lines within two seconds."""
        self._bring(self.log)
        times = max(1, round(seconds / 25))
        for _ in range(times):
            for _ in range(3):
                self.printed = [*self.printed, self.line(), self.line()][-ROWS:]
                self._show(self.log, self.printed)
                time.sleep(0.7)
            self._touch()
            time.sleep(max(0.0, seconds / times - 2.1))

    def chat(self, seconds: float) -> None:
        """Get a message of two lines three times a minute."""
        self._bring(self.talk)
        times = max(1, round(seconds / 20))
        for _ in range(times):
            self.said = [*self.said, self.line(), self.line(6)][-ROWS:]
            self._show(self.talk, self.said)
            self._touch()
            time.sleep(seconds / times)

    def film(self, seconds: float) -> None:
        """Watch something that moves and says nothing."""
        self._bring(self.player)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._strip(
                self.player, self._choose.randrange(ROWS), "- " * self._choose.randrange(90)
            )
            time.sleep(0.2)

    def rest(self, seconds: float) -> None:
        """Do nothing; all stands still."""
        time.sleep(seconds)

    def dense_day(self, seconds: float) -> None:
        """Work without a rest."""
        self.write_lines(seconds * 0.3)
        self.hide(seconds * 0.05)
        self.read(seconds * 0.3)
        self.watch(seconds * 0.2)
        time.sleep(seconds * 0.15)

    def write_lines(self, seconds: float) -> None:
        """Write whole lines in the editor; the caret blinks once a second."""
        self.editor.focus()
        lines: list[str] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines = [*lines, self.line()][-ROWS:]
            for blink in range(4):
                self._show(self.editor, [*lines, "|" if blink % 2 else ""])
                time.sleep(1.0)

    def read(self, seconds: float) -> None:
        """Read pages, some seconds each; a page is scrolled once."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.browser.retitle(f"About {self._choose.choice(WORDS)} - Mozilla Firefox")
            self.browser.focus()
            lines = [self.line() for _ in range(ROWS)]
            self._show(self.browser, lines)
            time.sleep(12.0)
            self._show(self.browser, [*lines[10:], *(self.line() for _ in range(10))])
            time.sleep(8.0)

    def watch(self, seconds: float) -> None:
        """Watch a log grow, three lines at a time."""
        self.log.focus()
        lines: list[str] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lines = [*lines, *(self.line() for _ in range(3))][-ROWS:]
            self._show(self.log, lines)
            time.sleep(4.0)

    def hide(self, seconds: float) -> None:
        """Look into the password manager."""
        self.safe.focus()
        self._show(self.safe, [f"{CANARY} entry {number}" for number in range(10)])
        time.sleep(seconds)

    def _bring(self, window: Any) -> None:
        window.focus()
        self._touch()

    def _touch(self) -> None:
        """Let the machine know that somebody is there."""
        self._screen.touch()

    def _strip(self, window: Any, row: int, text: str) -> None:
        """Draw one line of a window anew."""
        strip = self._module.drawn([text], (EVERYTHING.width, LINE_PIXELS))
        window.window.put_pil_image(window._pen, 0, row * LINE_PIXELS, strip)
        self._screen.touch()

    def _show(self, window: Any, lines: Sequence[str]) -> None:
        window.show(*lines)
        self.frames.append(tuple(lines))


def tools() -> Any:
    """Return the windows of the tests."""
    spec = importlib.util.spec_from_file_location(
        "windows", ROOT / "tests" / "capture" / "conftest.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    """Start Xvfb and return it with the name of its display."""
    program = shutil.which("Xvfb")
    assert program is not None, "apt install xvfb"
    receiving, sending = os.pipe()
    process = subprocess.Popen(
        [program, "-displayfd", str(sending), "-screen", "0", "1920x1080x24", "-noreset"],
        pass_fds=(sending,),
        stderr=subprocess.DEVNULL,
    )
    os.close(sending)
    with os.fdopen(receiving) as pipe:
        return process, f":{pipe.readline().strip()}"


def every_frame(samples: Sequence[Sequence[str]], module: Any) -> tuple[float, float, float]:
    """Return processor seconds, bytes of text and of PNG for one frame that is read whole."""
    recogniser = ProcessRecogniser()
    cpu = text = picture = 0.0
    for lines in samples:
        page = module.drawn(lines, (1920, 1080))
        pixels = module.np.zeros((1080, 1920, 4), module.np.uint8)
        pixels[:, :, :3] = module.np.asarray(page)[:, :, ::-1]
        reading = WindowText().read(pixels, recogniser)
        cpu += reading.cpu_seconds
        text += sum(len(line.text) + 1 for row in reading.rows for line in row)
        stream = io.BytesIO()
        page.save(stream, "PNG")
        picture += len(stream.getvalue())
    recogniser.close()
    return cpu / len(samples), text / len(samples), picture / len(samples)


def found_by_search(memory: Memory, lines: Sequence[str]) -> int:
    """Return how many of these lines are among the first ten hits for three of their words."""
    count = 0
    for line in lines:
        words = line.split()
        hits = memory.search(Query(" ".join([*words[:2], words[-1]])), lexical=True).hits
        count += any(words[-1] in hit.text for hit in hits[:10])
    return count


def main() -> None:
    """Play the script, and print what was kept and what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--percent", type=float, default=5.0, help="of a core, for reading")
    parser.add_argument("--pictures", action="store_true", help="keep pictures, too")
    parser.add_argument("--dense", action="store_true", help="work without a rest")
    asked = parser.parse_args()
    module = tools()
    server, name = start_server()
    os.environ["DISPLAY"] = name
    os.environ.pop("WAYLAND_DISPLAY", None)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        Memory.create(home, routes=[]).close()
        set_value(home, "capture.cpu_percent", (str(asked.percent),))
        set_value(home, "capture.pictures", (str(asked.pictures).lower(),))
        open_desktop().close()
        work = Work(module.Screen(name), module, asked.seed)
        size = bytes_of(home)
        memory = Memory.open(home)
        service = CaptureService(memory.wiring)
        process = psutil.Process()
        thread = threading.Thread(target=service.run)
        thread.start()
        time.sleep(2.0)
        before, own, began = process.cpu_times(), time.thread_time(), time.monotonic()
        (work.dense_day if asked.dense else work.day)(asked.minutes * 60)
        time.sleep(5.0)
        state, taken = service.state(), time.monotonic() - began
        after, drawing = process.cpu_times(), time.thread_time() - own
        service.request_stop()
        thread.join()
        items = memory.timeline(limit=100_000)
        everything = "".join(key_of(line) for item in items for line in item.text.split("\n"))
        missed = [line for line in work.shown if key_of(line) not in everything]
        text = sum(len(item.text.encode()) for item in items)
        sample = work.shown[:: max(1, len(work.shown) // 100)]
        searched = found_by_search(memory, sample)
        memory.close()
        grown = bytes_of(home) - size
        pictures = sum(one.stat().st_size for one in home.glob("pictures.db*"))
        files = b"".join(one.read_bytes() for one in Path(place).rglob("*") if one.is_file())
    server.terminate()
    loop = after.user + after.system - before.user - before.system - drawing
    share = (loop + state.cpu_seconds) / taken
    daily = DAY_SECONDS / taken
    cpu, frame_text, frame_picture = every_frame(
        work.frames[:: max(1, len(work.frames) // 6)], module
    )
    frames = DAY_SECONDS / FRAME_SECONDS
    found = len(work.shown) - len(missed)
    print(f"{taken:.0f} s, {len(work.frames)} pages, {len(work.shown)} lines shown")
    print(f"kept: {found} of {len(work.shown)} lines ({found / len(work.shown):.3f})", *missed[:5])
    print(f"found by a search: {searched} of {len(sample)}")
    print(f"at the end: {state.doing}; load {os.getloadavg()[0]:.1f}")
    print(f"items {len(items)}, looks {state.looks}, readings {state.readings}")
    print(f"left out: {state.left_out}; canary in the home: {CANARY.encode() in files}")
    print(
        f"share of one core: {share:.3f} (reading {state.cpu_seconds:.1f} s, the rest {loop:.1f} s)"
    )
    print("\n| 8 hours of this | share of a core | text | home | pictures | lines in it |")
    print("|---|---|---|---|---|---|")
    print(
        f"| memassist | {share:.3f} | {text * daily / 1e6:.2f} MB"
        f" | {(grown - pictures) * daily / 1e6:.1f} MB | {pictures * daily / 1e6:.1f} MB"
        f" | {len(work.shown) * daily:,.0f} |"
    )
    print(
        f"| every frame, each {FRAME_SECONDS:.0f} s | {cpu / FRAME_SECONDS:.2f}"
        f" | {frame_text * frames / 1e6:.1f} MB | | {frame_picture * frames / 1e6:.0f} MB | |"
    )


def bytes_of(home: Path) -> int:
    """Return what a home takes up."""
    return sum(one.stat().st_size for one in home.rglob("*"))


if __name__ == "__main__":
    main()
