"""What a burst of new files costs in a watched folder, and whether any is lost.

usage: python tests/benchmarks/watch_burst.py DIRECTORY [FILES]

Makes a new encrypted home in DIRECTORY that watches an empty folder, starts its daemon, and unpacks
FILES (30,000) small notes into 300 folders at once, as a sync or an unpacked archive does. Then
moves a tenth and changes a tenth. Ends with 1 if a file is lost or doubled. Nothing is embedded:
what a model costs is measured elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from memassist.assistant import Memory, config
from memassist.assistant.daemon import process
from memassist.store.keys import Route, make_key_file

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = 30_000
FOLDERS = 300
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 3_600.0
WORDS = ("bees", "garden", "boiler", "holiday", "recipe", "letter", "invoice", "meeting", "river")


def note(number: int, chance: random.Random) -> str:
    """Return a note of some 600 characters that no other is like."""
    words = " ".join(chance.choice(WORDS) for _ in range(90))
    return f"# Note {number}\n\n{words} {hashlib.blake2b(str(number).encode()).hexdigest()}\n"


class Used:
    """What the daemon and its looks use of the machine, sampled while something is waited for."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._seconds: dict[tuple[int, float], float] = {}
        self.most_bytes = 0

    def sample(self) -> None:
        """Look once."""
        for one in (self._process, *self._process.children(recursive=True)):
            try:
                times = one.cpu_times()
                key = one.pid, one.create_time()
                self._seconds[key] = times.user + times.system
                self.most_bytes = max(self.most_bytes, one.memory_info().rss)
            except psutil.NoSuchProcess:
                continue

    @property
    def processor_seconds(self) -> float:
        """What all of them used together."""
        return sum(self._seconds.values())


def wait(what: str, condition: Callable[[], bool], used: Used) -> None:
    """Wait until something holds, and print what it took."""
    began, before = time.monotonic(), used.processor_seconds
    while not condition():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise SystemExit(f"never came: {what}")
        used.sample()
        time.sleep(LOOK_SECONDS)
    used.sample()
    print(
        f"{what:28} {time.monotonic() - began:7.1f} s  {used.processor_seconds - before:7.1f} s of"
        f" a core  {used.most_bytes / 1e6:6.0f} MB at most in one process",
        flush=True,
    )


def main() -> None:
    """Measure, print, and end with 1 for a loss."""
    directory = Path(sys.argv[1]).resolve()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else FILES
    home, folder, key_file = (directory / name for name in ("home", "notes", "key"))
    folder.mkdir(parents=True)
    make_key_file(key_file, home)
    Memory.create(home, routes=[Route("key-file", path=key_file)]).close()
    config.set_value(home, "embedding.model", ("none",))
    chance = random.Random(11)
    with Memory.open(home) as memory:
        memory.watches.add(folder)
        if not process.start(home):
            raise SystemExit("the daemon did not start")
        try:
            used = Used(int((process.status(home) or {})["pid"]))
            wait("the first look", lambda: memory.watches.list()[0].scanned_at is not None, used)

            def stored(versions: bool = False) -> int:
                column = "count(*)" if versions else "count(DISTINCT identity)"
                row = memory.wiring.database.read().execute(f"SELECT {column} FROM item")  # noqa: S608
                return int(row.fetchone()[0])

            paths = [
                folder / f"{number % FOLDERS:03}" / f"{number:06}.md" for number in range(count)
            ]
            for path in paths[:FOLDERS]:
                path.parent.mkdir()
            for number, path in enumerate(paths):
                path.write_text(note(number, chance), encoding="utf-8")
            wait(f"{count:,} new files", lambda: stored() == count, used)

            for path in paths[: count // 10]:
                path.rename(path.with_name("moved " + path.name))
            for path in paths[count // 10 : count // 5]:
                path.write_text(path.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
            changed = count // 5 - count // 10
            wait("a tenth moved, one changed", lambda: stored(True) == count + changed, used)

            files = {one.name for one in folder.rglob("*.md")}
            wait("settled", lambda: memory.watches.list()[0].files == len(files), used)
            looked = memory.watches.list()[0].scanned_at
            (folder / "last.md").write_text("The last one.\n", encoding="utf-8")
            wait("one more file", lambda: stored() == count + 1, used)
            assert looked is not None
        finally:
            process.stop(home)
        problems = memory.problems.list()
        wrong = [check.name for check in memory.maintenance.doctor() if not check.ok]
        load = os.getloadavg()[0]
        total, rows = stored(), stored(True)
    print(f"{total:,} items in {rows:,} versions, {len(problems)} problems, load {load:.1f}")
    if total != count + 1 or rows != count + changed + 1 or wrong:
        print("wrong:", *wrong)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
