"""What capturing costs and keeps, on a scripted screen of 1920 x 1080 under Xvfb.

Run it from the repository's root; it takes as many minutes as asked for:

    uv run python tests/benchmarks/capture_hour.py --minutes 6

A person works: writes in an editor (a line every few seconds, a caret that blinks), reads pages in
a browser, watches a log, looks at a password manager, and does nothing for a while. Every line is
shown once and for two seconds at least, so that what was kept can be counted. Beside it stands
what storing every frame would cost: a picture each three seconds, read whole, its text stored.
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

from memassist.assistant import Memory
from memassist.assistant.capture.service import CaptureService
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


class Work:
    """The person and the windows."""

    def __init__(self, screen: Any, seed: int) -> None:
        self._choose = random.Random(seed)
        self.shown: list[str] = []
        self.frames: list[Sequence[str]] = []
        self.editor = screen.window("Editor", "Letter to the bank", EVERYTHING)
        self.browser = screen.window("Firefox", "Start", EVERYTHING)
        self.log = screen.window("XTerm", "build", EVERYTHING)
        self.safe = screen.window("KeePassXC", f"{CANARY} - KeePassXC", EVERYTHING)

    def line(self, words: int = 9) -> str:
        """Return a line that was not shown before."""
        text = " ".join(self._choose.choice(WORDS) for _ in range(words))
        text += f" {self._choose.randrange(10**6):06d}"
        self.shown.append(text)
        return text

    def write(self, seconds: float) -> None:
        """Write in the editor; the caret blinks once a second."""
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

    def _show(self, window: Any, lines: Sequence[str]) -> None:
        window.show(*lines)
        self.frames.append(tuple(lines))

    def day(self, seconds: float) -> None:
        """Do all of it, in shares of the time."""
        self.write(seconds * 0.3)
        self.hide(seconds * 0.05)
        self.read(seconds * 0.3)
        self.watch(seconds * 0.2)
        time.sleep(seconds * 0.15)


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


def main() -> None:
    """Play the script, and print what was kept and what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--percent", type=float, default=5.0, help="of a core, for reading")
    asked = parser.parse_args()
    module = tools()
    server, name = start_server()
    os.environ["DISPLAY"] = name
    os.environ.pop("WAYLAND_DISPLAY", None)
    with tempfile.TemporaryDirectory() as place:
        memory = Memory.create(Path(place) / "home", routes=[])
        from memassist.assistant.config import set_value

        set_value(memory.wiring.home, "capture.cpu_percent", (str(asked.percent),))
        open_desktop().close()
        work = Work(module.Screen(name), asked.seed)
        home = memory.wiring.home
        memory.close()
        size = sum(one.stat().st_size for one in home.rglob("*"))
        memory = Memory.open(home)
        service = CaptureService(memory.wiring)
        process = psutil.Process()
        thread = threading.Thread(target=service.run)
        thread.start()
        time.sleep(2.0)
        before = process.cpu_times()
        own = time.thread_time()
        began = time.monotonic()
        work.day(asked.minutes * 60)
        time.sleep(5.0)
        state = service.state()
        taken = time.monotonic() - began
        after = process.cpu_times()
        drawing = time.thread_time() - own
        service.request_stop()
        thread.join()
        kept = {
            key_of(line)
            for item in memory.timeline(limit=100_000)
            for line in item.text.split("\n")
        }
        everything = "".join(kept)
        found = sum(key_of(line) in everything for line in work.shown)
        missed = [line for line in work.shown if key_of(line) not in everything]
        items = memory.timeline(limit=100_000)
        text = sum(len(item.text.encode()) for item in items)
        memory.close()
        grown = sum(one.stat().st_size for one in home.rglob("*")) - size
        files = b"".join(one.read_bytes() for one in Path(place).rglob("*") if one.is_file())
    server.terminate()
    loop = after.user + after.system - before.user - before.system - drawing
    share = (loop + state.cpu_seconds) / taken
    hourly = 3600 / taken
    cpu, frame_text, frame_picture = every_frame(
        work.frames[:: max(1, len(work.frames) // 6)], module
    )
    frames = 3600 / FRAME_SECONDS
    print(f"{taken:.0f} s, {len(work.frames)} changes of the screen, {len(work.shown)} lines shown")
    print(f"kept: {found} of {len(work.shown)} lines ({found / len(work.shown):.3f})", *missed[:5])
    print(f"items {len(items)}, looks {state.looks}, readings {state.readings}")
    print(f"left out: {state.left_out}; canary in the home: {CANARY.encode() in files}")
    print(
        f"share of one core: {share:.3f} (reading {state.cpu_seconds:.1f} s, the rest {loop:.1f} s)"
    )
    print("\n| an hour of this | seconds of a core | text | home | lines in it |")
    print("|---|---|---|---|---|")
    print(
        f"| memassist | {share * 3600:.0f} | {text * hourly / 1e3:.0f} kB"
        f" | {grown * hourly / 1e3:.0f} kB | {len(work.shown) * hourly:.0f} |"
    )
    print(
        f"| every frame, each {FRAME_SECONDS:.0f} s | {cpu * frames:.0f}"
        f" | {frame_text * frames / 1e3:.0f} kB | {frame_picture * frames / 1e6:.0f} MB of PNG | |"
    )


if __name__ == "__main__":
    main()
