"""Half an hour of everything at once: capture, files, chats and notes, killed again and again.

Run it as root from the repository's root (it makes a small disk in a mount namespace of its own):

    sudo .venv/bin/python tests/benchmarks/capture_soak.py --minutes 30

Under Xvfb, with openbox where it is installed, windows are typed in and switched, files are saved
in the ways of editors, an export is dropped in, notes are added by the command line. Every minute
the daemon and all its children are killed with SIGKILL and started again, and half a minute later
one of the children alone; for a while the clock is an hour behind (libfaketime); the disk is filled
and freed. For the last third nothing is killed, so that processes get old. In the end: nothing that
was acknowledged is lost, nothing is there twice, no canary of what is excluded is anywhere in the
home (pictures are read for it, too), the store is sound, and no old process has grown.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from memassist.assistant import Memory
from memassist.assistant.config import set_value
from memassist.assistant.daemon import process as daemons
from memassist.ingest.capture.desktop import Area
from memassist.ingest.capture.reading import key_of
from memassist.ingest.capture.recogniser import ProcessRecogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DISK_BYTES = 1_400_000_000
"""Capture and jobs stop with 500 MB left."""
CANARY = "MAGNOLIA"
WORDS = ["boiler", "offer", "Leeds", "kestrel", "budget", "drawing", "garden", "harbour", "ticket"]
WHOLE = re.compile(r"[a-z]{30,}\d{8}$")
"""A line that was read to its end."""
SEEN_SECONDS = 14.0
"""What stood so long while capture ran must have been kept."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
SLEEP = """# Under libfaketime clock_nanosleep, and so time.sleep, fails with EINVAL.
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""
COMMAND = str(Path(sys.executable).with_name("memassist"))
INSIDE = "--inside"
CLOCK_BACK, DISK_FULL, CALM = (0.25, 0.4), (0.5, 0.6), 0.67
"""Shares of the time: from when to when, and since when nothing is killed."""
WARM_SECONDS = 90.0
"""After so long a process has loaded what it needs."""
GROWTH_SHARE, GROWTH_BYTES = 1.15, 20_000_000
"""Between the first and the last third of what was seen of it: more is no flat memory."""
LEVEL_BYTES = 400_000_000
"""What ONNX Runtime keeps for each shape of picture grows for a while, and levels off at 310 MB."""
KEY_SECONDS = 0.05


@dataclass(slots=True)
class Ledger:
    """What was acknowledged, and what must never be there."""

    notes: list[str] = field(default_factory=list)
    """Texts whose `memassist add` ended well."""
    files: dict[Path, str] = field(default_factory=dict)
    """The last text of each file."""
    messages: list[str] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    """Ids that were seen in the store."""
    lines: list[str] = field(default_factory=list)
    """Shown for long enough, while capture ran all the time."""
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    """Commands that ended with an error, by its last line."""


class Soak:
    """The home, the processes and the person."""

    def __init__(self, place: Path, module: Any, display: str, seed: int) -> None:
        self._choose = random.Random(seed)
        self._number = 0
        self._module = module
        self.ledger = Ledger()
        self.disk = place / "disk"
        self.home = self.disk / "home"
        self.folder = place / "notes"
        self.clock = place / "clock"
        self.memory_by_process: dict[tuple[str, int], list[int]] = collections.defaultdict(list)
        """Of each process by name and number: what it took, once it was warm."""
        self.killed = self.killed_alone = 0
        self.began = time.monotonic()
        self.began_at_ms = int(time.time() * 1000)
        self.clock.write_text("+0s\n")
        self.folder.mkdir()
        (self.folder / "node_modules").mkdir()
        (self.folder / "node_modules" / "left_out.md").write_text(f"{CANARY} in a tool's folder\n")
        (self.folder / "id_rsa").write_text(f"{CANARY} in a key\n")
        self._environment = {**os.environ, "MEMASSIST_HOME": str(self.home)}
        if FAKETIME.exists():
            (place / "mended").mkdir()
            (place / "mended" / "sitecustomize.py").write_text(SLEEP)
            more = os.environ.get("PYTHONPATH", "").split(os.pathsep)
            self._environment |= {
                "PYTHONPATH": os.pathsep.join([str(place / "mended"), *filter(None, more)]),
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        screen = module.Screen(display)
        self._screen = screen
        place_of = Area(40, 40, 1100, 640)
        self.windows = [
            screen.window("Editor", "Letter to the bank", place_of),
            screen.window("XTerm", "build", place_of),
            screen.window("Chat", "Maria", place_of),
        ]
        self.texts: list[list[str]] = [[] for _ in self.windows]
        self.safe = screen.window("KeePassXC", f"{CANARY} - KeePassXC", place_of)
        self.private = screen.window(
            "Firefox", f"{CANARY} - Mozilla Firefox Private Browsing", place_of
        )
        self._daemon: subprocess.Popen[bytes] | None = None
        self._on_screen: dict[str, float] = {}
        self.states: collections.Counter[str] = collections.Counter()
        """What the capture said it did, at each look."""

    def run_command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run memassist, and note how it ended where that was not well."""
        done = subprocess.run(
            [COMMAND, *words], env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            self.ledger.refused[f"{words[0]}: {last[:90]}"] += 1
        return done

    def prepare(self) -> None:
        """Make the home and start the daemon."""
        self.run_command("init", "--no-encryption")
        set_value(self.home, "capture.enabled", ("true",))
        set_value(self.home, "capture.pictures", ("true",))
        self.run_command("watch", "add", str(self.folder), "--mine")
        self.start()

    def start(self) -> None:
        """Start the daemon, as systemd does when it is gone."""
        self._daemon = subprocess.Popen(
            [COMMAND, "daemon", "run", "--stay"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill the daemon and all its children, in no order."""
        assert self._daemon is not None
        daemon = psutil.Process(self._daemon.pid)
        family = [daemon, *daemon.children(recursive=True)]
        self._choose.shuffle(family)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self._daemon.wait()
        self.killed += 1
        self._on_screen.clear()  # what stood when it was killed need not have been read
        self.start()

    def kill_one(self) -> None:
        """Kill one of the daemon's children alone: the daemon has to see to it."""
        assert self._daemon is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._daemon.pid).children(recursive=True)
            if children:
                self._choose.choice(children).kill()
                self.killed_alone += 1
                self._on_screen.clear()

    def line(self) -> str:
        """Return a line that was not there before."""
        self._number += 1
        words = " ".join(self._choose.choice(WORDS) for _ in range(7))
        return f"{words} {self._number:05d}{self._choose.randrange(1000):03d}"

    def show(self) -> None:
        """Switch to one of the windows, and add a line at once and one letter by letter."""
        at = self._choose.randrange(len(self.windows))
        window, typed = self.windows[at], self.line()
        before = [*self.texts[at], self.line()][-15:]
        lines = self.texts[at] = [*before, typed]
        window.focus()
        for stop in range(0, len(typed), 3):
            window.show(*before, typed[:stop])
            time.sleep(KEY_SECONDS)
        window.show(*lines)
        self._screen.touch()
        self._on_screen = dict.fromkeys(lines, time.monotonic())

    def seen(self) -> None:
        """Note the lines that stood long enough, where capture ran."""
        state = self.state()
        self.states[state] += 1
        if os.environ.get("SOAK_TRACE"):
            print(f"{time.monotonic() - self.began:.0f} {state}", flush=True)
        for line, since in list(self._on_screen.items()):
            if state == "capturing" and time.monotonic() - since >= SEEN_SECONDS:
                self.ledger.lines.append(line)
                del self._on_screen[line]

    def state(self) -> str:
        """Return what the capture does."""
        from memassist.assistant.capture.control import read_state

        return read_state(self.home).doing

    def hide(self) -> None:
        """Look at what must not be captured."""
        window = self._choose.choice([self.safe, self.private])
        window.show(f"{CANARY} entry", f"the word is {CANARY}")
        window.focus()
        self._on_screen.clear()

    def save(self) -> None:
        """Save a file in one of the ways of editors."""
        path = self.folder / f"note {self._choose.randrange(6)}.md"
        text = f"# {path.stem}\n\n{self.line()}\n"
        way = self._choose.randrange(4)
        if way == 0:  # in place
            path.write_text(text)
        elif way == 1:  # by a rename
            new = path.with_name(f".{path.name}.tmp")
            new.write_text(text)
            new.replace(path)
        elif way == 2 and path.exists():  # aside, then anew
            aside = path.with_name(f"{path.name}~")
            path.rename(aside)
            path.write_text(text)
            aside.unlink()
        else:  # emptied, and written in two parts
            with path.open("w") as file:
                file.write(text[:10])
                file.flush()
                time.sleep(0.3)
                file.write(text[10:])
        self.ledger.files[path] = text

    def drop_export(self, part: int) -> None:
        """Put an export into the folder: the same conversation, gone on."""
        new = [self.line() for _ in range(20)]
        self.ledger.messages += new
        rows = [
            {
                "ref": f"c{number}",
                "conversation": "c",
                "author": "Ann",
                "role": "user",
                "text": text,
            }
            for number, text in enumerate(self.ledger.messages)
        ]
        content = "".join(json.dumps(row) + "\n" for row in rows)
        (self.folder / f"export {part}.jsonl").write_text(content)

    def add(self) -> None:
        """Type a note."""
        text = f"Note that {self.line()}"
        if self.run_command("add", "--no-wait", text).returncode == 0:
            self.ledger.notes.append(text)

    def look(self) -> None:
        """Note what is in the store and how much memory the processes take."""
        with contextlib.suppress(Exception), Memory.open(self.home) as memory:
            self.ledger.items |= {uid for uid, _, _, _ in everything_in(memory)}
        self.weigh()

    def weigh(self) -> None:
        """Note how much memory each process takes that is no longer young."""
        assert self._daemon is not None
        with contextlib.suppress(psutil.Error):
            daemon = psutil.Process(self._daemon.pid)
            for one in [daemon, *daemon.children(recursive=True)]:
                if time.time() - one.create_time() >= WARM_SECONDS:
                    words = [word.split("/")[-1] for word in one.cmdline()]
                    known = ("recogniser_worker", "capture", "watch", "daemon")
                    name = next((n for n in known if any(n in word for word in words)), "other")
                    size = one.memory_full_info().uss
                    self.memory_by_process[name, one.pid].append(size)

    def fill(self) -> Path:
        """Leave no byte on the disk, whatever was freed since."""
        filler = self.disk / "filler"
        with filler.open("ab") as file, contextlib.suppress(OSError):
            size = filler.stat().st_size + shutil.disk_usage(self.disk).free
            os.posix_fallocate(file.fileno(), 0, size)
        return filler

    def run(self, minutes: float, kill_seconds: float) -> None:
        """Do all of it."""
        end = self.began + minutes * 60
        span = minutes * 60
        next_kill, next_child = self.began + kill_seconds, self.began + kill_seconds * 1.5
        step = 0
        filler: Path | None = None
        while (now := time.monotonic()) < end:
            share = (now - self.began) / span
            self.clock.write_text("-1h\n" if CLOCK_BACK[0] < share < CLOCK_BACK[1] else "+0s\n")
            if DISK_FULL[0] < share < DISK_FULL[1]:
                filler = self.fill()
                self.add()
            elif filler is not None:
                filler.unlink()
                filler = None
            if share < CALM and now >= next_kill:
                next_kill += kill_seconds
                self.kill()
            if share < CALM and now >= next_child:
                next_child += kill_seconds
                self.kill_one()
            act = (self.save, self.add, self.hide, self.save, self.look)[step % 5]
            self.show()
            for _ in range(10):
                time.sleep(1.6)
                self.seen()
            act()
            self.weigh()
            if step % 9 == 4:
                self.drop_export(step)
            step += 1
        if filler is not None:
            filler.unlink()

    def settle(self) -> None:
        """Let what waits be taken in, and stop."""
        self.windows[0].focus()
        time.sleep(30)
        self.look()
        with contextlib.suppress(Exception):
            daemons.stop(self.home)
        assert self._daemon is not None
        self._daemon.wait()
        self.run_command("watch", "scan")
        self.run_command("jobs", "run")

    def judge(self) -> bool:
        """Print what came of it; whether all is well."""
        ledger = self.ledger
        with Memory.open(self.home) as memory:
            items = everything_in(memory)
            checks = memory.maintenance.doctor()
            problems = memory.problems.list()
            pictures, seen_canary = canary_on_pictures(memory, items)
            (early,) = (
                memory.wiring.database.read()
                .execute("SELECT count(*) FROM item WHERE captured_at < ?", (self.began_at_ms,))
                .fetchone()
            )
        texts = {text for _, text, _, _ in items}
        screen = [text for _, text, origin, _ in items if origin == "screen"]
        rows = [key_of(line) for text in screen for line in text.split("\n")]
        shown = "".join(rows)
        everything = "\n".join(texts)
        lost = {
            "notes": [one for one in ledger.notes if one not in texts],
            "files": [one for one in ledger.files.values() if one.split()[-1] not in everything],
            "messages": [one for one in ledger.messages if one not in texts],
            "items": sorted(ledger.items - {uid for uid, _, _, _ in items}),
            "lines": [one for one in ledger.lines if key_of(one) not in shown],
        }
        others = collections.Counter(
            text for _, text, origin, is_latest in items if origin != "screen" and is_latest
        )
        twice = [one for one, count in others.items() if count > 1]
        # Whole lines end in a number of their own; the beginnings of two may be alike.
        lines_twice = [
            one
            for one, count in collections.Counter(rows).items()
            if count > 1 and WHOLE.search(one)
        ]
        canary = CANARY.lower().encode()
        where = [
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file() and canary in path.read_bytes().lower()
        ]
        bad = [f"{check.name}: {check.detail}" for check in checks if not check.ok]
        print(
            f"{time.monotonic() - self.began:.0f} s, killed {self.killed} times with all children,"
            f" {self.killed_alone} times a child alone"
        )
        print(f"items {len(items)}, of the screen {len(screen)}, problems {len(problems)}")
        print(f"capture: {dict(self.states.most_common())}")
        print(f"pictures {pictures}, with the canary on them: {seen_canary}")
        for name, missing in lost.items():
            known = len(getattr(ledger, name))
            print(f"acknowledged {name}: {known}, lost: {len(missing)}", *missing[:3])
        print(
            f"texts twice: {len(twice)} {twice[:3]};"
            f" lines twice: {len(lines_twice)} {lines_twice[:3]}"
        )
        print(f"items by a clock that was set back: {early}")
        print(f"canary in: {where}; doctor: {bad or 'well'}; refused: {dict(ledger.refused)}")
        for problem in problems[:5]:
            print(f"problem: {problem.place}: {problem.reason}")
        grown = []
        for (name, number), sizes in sorted(self.memory_by_process.items()):
            if len(sizes) < 6:
                continue
            third = len(sizes) // 3
            first, last = max(sizes[:third]), max(sizes[-third:])
            print(f"memory of {name}: {first / 1e6:.0f} MB, later {last / 1e6:.0f} MB")
            is_grown = last > first * GROWTH_SHARE and last > first + GROWTH_BYTES
            if last > LEVEL_BYTES if name == "recogniser_worker" else is_grown:
                grown.append(f"{name} {number}")
        log = (self.home / "daemon.log").read_text() if (self.home / "daemon.log").exists() else ""
        kinds = collections.Counter(
            line.split(" ", 2)[-1][:60] for line in log.splitlines() if "WARNING" in line
        )
        print(f"warnings in the log: {dict(kinds)}")
        found_canary = where or seen_canary
        return not (any(lost.values()) or twice or lines_twice or found_canary or bad or grown)


def everything_in(memory: Memory) -> list[tuple[str, str, str, bool]]:
    """Return id, text, origin and whether it is the latest version of every item."""
    rows = memory.wiring.database.read().execute(
        "SELECT uid, text, origin, is_latest FROM item ORDER BY id"
    )
    return [(str(uid), str(text), str(origin), bool(latest)) for uid, text, origin, latest in rows]


def canary_on_pictures(memory: Memory, items: list[tuple[str, str, str, bool]]) -> tuple[int, int]:
    """Read the kept pictures; return how many there are, and on how many the canary stands."""
    import io

    import numpy as np
    from PIL import Image

    recogniser = ProcessRecogniser()
    pictures = canaries = 0
    for uid, _, origin, _ in items:
        found = memory.picture(uid) if origin == "screen" else None
        if found is None:
            continue
        pictures += 1
        colours = np.asarray(Image.open(io.BytesIO(found[0].content)).convert("RGB"))
        lines = recogniser.read(colours[:, :, ::-1].copy()).lines
        canaries += any(CANARY in line.text.upper() for line in lines)
    recogniser.close()
    return pictures, canaries


@contextlib.contextmanager
def desktop(module: Any) -> Iterator[str]:
    """Run a screen with a window manager."""
    with module.running_server() as name:
        os.environ["DISPLAY"] = name
        os.environ.pop("WAYLAND_DISPLAY", None)
        program = shutil.which("openbox")
        manager = program and subprocess.Popen([program], stderr=subprocess.DEVNULL)
        time.sleep(1)
        yield name
        if manager:
            manager.terminate()
            manager.wait()


def tools() -> Any:
    """Return the windows of the tests."""
    path = ROOT / "tests" / "capture" / "conftest.py"
    spec = importlib.util.spec_from_file_location("windows", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Run the soak in a mount namespace of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--kill-seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.inside:
        unshare = shutil.which("unshare")
        assert unshare is not None, "unshare makes the namespace: apt install util-linux"
        flags = ["--mount"] if os.geteuid() == 0 else ["--mount", "--map-root-user"]
        command = [unshare, *flags, sys.executable, *sys.argv, INSIDE]
        sys.exit(subprocess.run(command, check=False).returncode)
    module = tools()
    with tempfile.TemporaryDirectory() as name, desktop(module) as display:
        place = Path(name)
        (place / "disk").mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "soak", str(place / "disk")]
        subprocess.run(mount, check=True)
        try:
            soak = Soak(place, module, display, asked.seed)
            soak.prepare()
            soak.run(asked.minutes, asked.kill_seconds)
            soak.settle()
            is_well = soak.judge()
        finally:
            subprocess.run(["umount", "-l", str(place / "disk")], check=False)
    print("all is well" if is_well else "NOT WELL")
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
