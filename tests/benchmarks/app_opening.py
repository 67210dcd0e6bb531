"""How fast the app opens and answers on a large home, in a real terminal.

usage: python tests/benchmarks/app_opening.py DIRECTORY [ITEMS]

Makes a home of ITEMS (100,000) short messages in DIRECTORY unless one is there, encrypted and with
a key file beside it, then starts `memassist` in tmux several times and prints the medians. Nothing
is embedded: what a model costs is measured elsewhere, and here it is only in the background.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from memassist.assistant import Memory, config
from memassist.plugins.types import Record
from memassist.store.keys import Route, make_key_file

ITEMS = 100_000
PER_CONVERSATION = 50
RUNS = 7
SYLLABLES = "ba co di fu ga hel in jo ka lem mi no or pa qui ra sten tu vo wes".split()  # noqa: SIM905
WORDS = [one + two + three for one in SYLLABLES for two in SYLLABLES for three in SYLLABLES]
WEIGHTS = [1 / rank for rank in range(1, len(WORDS) + 1)]
"""As in real language, a few words are everywhere and most are rare (Zipf)."""
SOUGHT = f"{WORDS[40]} {WORDS[700]}"
NAMES = ("Ann", "Ben", "Maria", "Priya", "Tom")
SOCKET = f"memassist-bench-{os.getpid()}"


def make_home(home: Path, key_file: Path, count: int) -> None:
    """Make the home, the same every time."""
    chance = random.Random(7)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    make_key_file(key_file, home)
    with Memory.create(home, routes=[Route("key-file", path=key_file)]) as memory:
        config.set_value(home, "daemon.autostart", ("false",))
        config.set_value(home, "embedding.model", ("none",))
        records = (
            Record(
                text=" ".join(chance.choices(WORDS, WEIGHTS, k=chance.randint(5, 40)))
                + f" number {number}",
                place=f"message {number}",
                author=chance.choice(NAMES),
                conversation=f"c{number // PER_CONVERSATION}",
                title=f"Talk {number // PER_CONVERSATION}",
                native_id=f"m{number}",
                sequence=number % PER_CONVERSATION,
                occurred_at=start + timedelta(minutes=25 * number),
            )
            for number in range(count)
        )
        memory.add_items(records, source="benchmark")
        with memory.wiring.database.write() as connection:
            connection.execute("DELETE FROM job")


def tmux(*arguments: str) -> str:
    """Run tmux on a server of its own."""
    command = ["tmux", "-L", SOCKET, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def until(text: str) -> float:
    """Wait until the screen shows a text, and return when."""
    while text not in tmux("capture-pane", "-p"):
        time.sleep(0.002)
    return time.perf_counter()


def processor_seconds() -> float:
    """Return what the app has used of a processor so far: that a loaded machine does not change."""
    pid = tmux("display-message", "-p", "#{pane_pid}").strip()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(home: Path) -> dict[str, float]:
    """Start the app once and return seconds by what was waited for."""
    command = Path(sys.executable).with_name("memassist")
    began = time.perf_counter()
    tmux("respawn-window", "-k", str(command), "--home", str(home))
    shown = until("What do you want to know?")
    used = processor_seconds()
    opened = until("items ·")
    tmux("send-keys", "F2")
    until("Type some words.")
    time.sleep(0.5)
    typed = time.perf_counter()
    tmux("send-keys", "-l", SOUGHT)
    echoed = until(SOUGHT)
    found = until(" 30 hits")
    tmux("send-keys", "F4")
    asked = time.perf_counter()
    timeline = until("day, ")
    tmux("send-keys", "C-q")
    return {
        "first frame": shown - began,
        "  of it on a processor": used,
        "opened, counts shown": opened - began,
        "typed words echoed": echoed - typed,
        "hits of the typed words": found - typed,
        "timeline": timeline - asked,
    }


def main() -> None:
    """Measure and print."""
    directory = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else ITEMS
    home, key_file = directory / "home", directory / "key"
    if not home.exists():
        directory.mkdir(parents=True, exist_ok=True)
        make_home(home, key_file, count)
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "sleep 600")
    tmux("set-option", "-g", "remain-on-exit", "on")
    try:
        rows = [measure(home) for _ in range(RUNS)]
    finally:
        tmux("kill-server")
    load = os.getloadavg()[0]
    print(f"{count:,} items, {RUNS} runs, load {load:.1f} on {os.cpu_count()} cores")
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        middle = statistics.median(values)
        print(f"{name:26} median {middle:6.3f} s   least {values[0]:6.3f}   most {values[-1]:6.3f}")


if __name__ == "__main__":
    main()
