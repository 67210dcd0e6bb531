"""App, daemon, two MCP clients, a watched folder and the command line on one home, all at once.

usage: python tests/benchmarks/together.py [MINUTES]

For MINUTES (10) each of them writes what no other does and notes what was acknowledged; the app
runs in a terminal (tmux) and is driven by keys; the daemon is killed now and then. In the end the
ledger and the store must agree and `doctor` find nothing. Before that the memory of app, daemon and
four MCP servers is counted, each page shared by several in equal parts (PSS, Linux).
Prints the counts, the slowest calls and what went wrong; ends with 1 if anything did.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memassist.assistant import Memory
from memassist.assistant.daemon import process
from memassist.store.keys import Route, make_key_file

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTES = 10.0
KILL_SECONDS = 45.0
LARGEST_PSS_MB = 600
BUSY = ("first", "second")
"""The clients that go on; two more are asked once and stay open."""
APP_SECONDS = 20.0
"""For the app to show what it was asked for."""
PROGRAM = "from memassist.ui.cli import main; main()"


class Ledger:
    """What was acknowledged to whom."""

    def __init__(self) -> None:
        self.memories: dict[str, str] = {}
        self.archived: set[str] = set()
        self.items: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.failures: list[str] = []
        self.servers: list[int] = []
        """Process ids of the MCP servers."""
        self.guard = threading.Lock()

    def timed(self, name: str, started: float) -> None:
        """Count a call and how long it took."""
        with self.guard:
            self.calls[name] += 1
            self.slowest[name] = max(self.slowest.get(name, 0.0), time.monotonic() - started)


class Terminal:
    """The app in a terminal of its own."""

    def __init__(self, home: Path, socket: Path) -> None:
        """Start it."""
        self._socket = str(socket)
        program = [str(Path(sys.executable).with_name("memassist")), "--home", str(home)]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", *program)

    def keys(self, *names: str) -> None:
        """Press keys."""
        self._tmux("send-keys", *names)

    def write(self, text: str) -> None:
        """Type text."""
        self._tmux("send-keys", "-l", text)

    def shows(self, text: str, seconds: float = APP_SECONDS) -> bool:
        """Wait for a text on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if text in self.screen():
                return True
            time.sleep(0.1)
        return False

    def screen(self) -> str:
        """Return what the terminal shows now."""
        return self._tmux("capture-pane", "-p")

    def pid(self) -> int:
        """Return the app's process id."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    def close(self) -> None:
        """Quit, and end the terminal with it."""
        self.keys("C-q")
        with contextlib.suppress(subprocess.CalledProcessError):
            if self.shows("Quit", 1.0):
                self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        command = ["tmux", "-S", self._socket, *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout


def app_user(terminal: Terminal, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """Use the app: remember, search, ask, look through the tabs."""
    if not terminal.shows("items"):
        ledger.failures.append("app: it never showed what it holds")
    number = 0
    while not is_over():
        number += 1
        text = f"In the app I noted that jar {number} holds {number * 13} buttons."
        terminal.keys("F1")
        time.sleep(0.5)
        terminal.keys("Escape", "C-n")
        time.sleep(1.0)
        terminal.write(text)
        time.sleep(0.5)
        started = time.monotonic()
        terminal.keys("C-s")
        if terminal.shows("Taken in"):
            ledger.items.add(text)
            ledger.timed("app add", started)
        else:
            ledger.failures.append(f"app: not acknowledged: {text}")
        terminal.keys("F2", "C-u")
        terminal.write(f"jar {number} buttons")
        started = time.monotonic()
        if terminal.shows(f"jar {number} holds"):
            ledger.timed("app search", started)
        else:
            seen = terminal.screen()
            ledger.failures.append(f"app: jar {number} was not found; it showed:\n{seen}")
        for tab in ("F3", "F4", "F5", "F6", "F7"):
            terminal.keys(tab)
            time.sleep(1.0)
        time.sleep(11.0)  # the message of the last add is gone then


def shared_memory_mb(home: Path, terminal: Terminal, servers: list[int]) -> float:
    """Return what all of them take up together, in MB; prints each part."""
    found = process.status(home)
    parts = {"app": [terminal.pid()], "daemon": [found["pid"]] if found else [], "mcp": servers}
    total = 0.0
    for name, pids in parts.items():
        sizes = []
        for pid in pids:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            line = next(one for one in text.splitlines() if one.startswith("Pss:"))
            sizes.append(int(line.split()[1]) / 1024)
        print(f"PSS {name:7} {', '.join(f'{size:.0f}' for size in sizes)} MB")
        total += sum(sizes)
    print(f"PSS together {total:.0f} MB (at most {LARGEST_PSS_MB})")
    return total


def client(home: Path, name: str, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """Be an MCP client that adds, searches, changes and archives."""
    words = [sys.executable, "-c", PROGRAM, "--home", str(home), "mcp"]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ledger.servers.append(server.pid)
    chance = random.Random(name)

    def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert server.stdin is not None
        assert server.stdout is not None
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        server.stdin.write(json.dumps(message).encode() + b"\n")
        server.stdin.flush()
        result: dict[str, Any] = json.loads(server.stdout.readline())["result"]
        return result

    def call(tool: str, **arguments: Any) -> dict[str, Any]:
        started = time.monotonic()
        result = ask("tools/call", {"name": tool, "arguments": arguments})
        ledger.timed(tool, started)
        if result["isError"]:
            ledger.failures.append(f"{name} {tool}: {result['content'][0]['text']}")
            return {}
        found: dict[str, Any] = result["structuredContent"]
        return found

    info = {"name": name, "version": "1"}
    ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info})
    number = 0
    while not is_over():
        number += 1
        if number > 1 and name not in BUSY:
            time.sleep(1.0)
            continue
        text = f"{name} noted that box {number} holds {number * 7919} nails."
        added = call("memory_add", text=text)
        if added and chance.random() < 0.2:
            text = f"{name} noted that box {number} holds no nails."
            changed = call("memory_update", id=added["id"], version=added["version"], text=text)
            added |= changed
        if added:
            ledger.memories[added["id"]] = text
        if added and chance.random() < 0.1:
            call("memory_forget", id=added["id"], version=added["version"])
            ledger.archived.add(added["id"])
        found = call("memory_search", query=f"box {number} nails", k=3)
        if not found.get("hits"):
            ledger.failures.append(f"{name}: nothing found for box {number}")
        time.sleep(chance.random() * 0.2)
    assert server.stdin is not None
    server.stdin.close()
    server.wait()


def typist(home: Path, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """Type at the command line."""
    number = 0
    while not is_over():
        number += 1
        text = f"I counted {number} herons and {number * 31} gulls at the pond."
        for name, words in (
            ("add", ["add", "--no-wait", text]),
            ("search", ["search", "--json", f"{number} herons"]),
        ):
            started = time.monotonic()
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, "--home", str(home), *words],
                capture_output=True,
                text=True,
                check=False,
            )
            ledger.timed(name, started)
            if done.returncode:
                ledger.failures.append(f"{name}: {done.stderr[-300:]}")
            elif name == "add":
                ledger.items.add(text)
        time.sleep(1)


def writer(folder: Path, ledger: Ledger, is_over: Callable[[], bool]) -> None:
    """Save notes, some in place and some atomically."""
    number = 0
    while not is_over():
        number += 1
        text = f"Note {number} is about kettle {number * 17}."
        place = folder / f"note {number % 40}.md"
        if number % 2:
            place.write_text(text, encoding="utf-8")
        else:
            new = folder / f".new {number}"
            new.write_text(text, encoding="utf-8")
            new.replace(place)
        time.sleep(0.5 if number % 20 else 8.0)


def killer(home: Path, is_over: Callable[[], bool]) -> int:
    """Kill the daemon now and then, and start it again."""
    kills, last = 0, time.monotonic()
    while not is_over():
        time.sleep(0.5)
        found = process.status(home)
        if found is not None and time.monotonic() - last > KILL_SECONDS:
            os.kill(found["pid"], signal.SIGKILL)
            kills, last = kills + 1, time.monotonic()
        elif found is None:
            process.start_quietly(home)
    return kills


def judge(home: Path, folder: Path, ledger: Ledger) -> None:
    """Compare the store with the ledger and the disk."""
    with Memory.open(home) as memory:
        memory.watches.scan(folder)
        memory.work()
        stored = {one.id: one.state for one in memory.memories.list(with_archived=True)}
        for memory_id, text in ledger.memories.items():
            if memory_id not in stored or stored[memory_id].text != text:
                ledger.failures.append(f"lost: {text}")
            elif stored[memory_id].is_archived is not (memory_id in ledger.archived):
                ledger.failures.append(f"wrongly archived or not: {text}")
        said = Counter(one.text for one in stored.values() if " noted that box " in one.text)
        ledger.failures += [f"doubled: {text}" for text, count in said.items() if count > 1]
        items = Counter(item.text.strip() for item in memory.timeline(limit=-1))
        wanted = ledger.items | {path.read_text("utf-8") for path in folder.glob("*.md")}
        ledger.failures += [f"{items[text]} times: {text}" for text in wanted if items[text] != 1]
        ledger.failures += [
            f"doctor: {check.name}: {check.detail}"
            for check in memory.maintenance.doctor()
            if not check.ok
        ]
        ledger.failures += [
            f"job left: {kind}, {error}"
            for kind, error in {(job.kind, job.error) for job in memory.maintenance.jobs()}
        ]
        stats = memory.maintenance.stats()
        print(f"{stats.items} items, {sum(stats.memories.values())} memories, {stats.jobs}")


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    with tempfile.TemporaryDirectory() as name:
        home, folder, key = Path(name) / "home", Path(name) / "notes", Path(name) / "key"
        folder.mkdir()
        make_key_file(key, home)
        with Memory.create(home, routes=[Route("key-file", path=key)]) as memory:
            memory.watches.add(folder)
        ledger, end = Ledger(), time.monotonic() + minutes * 60
        terminal = Terminal(home, Path(name) / "tmux")
        counted_at = end - 20 if minutes > 1 else end - 5

        def is_over() -> bool:
            return time.monotonic() > end

        threads = [
            threading.Thread(target=client, args=(home, "first", ledger, is_over)),
            threading.Thread(target=client, args=(home, "second", ledger, is_over)),
            threading.Thread(target=client, args=(home, "third", ledger, is_over)),
            threading.Thread(target=client, args=(home, "fourth", ledger, is_over)),
            threading.Thread(target=app_user, args=(terminal, ledger, is_over)),
            threading.Thread(target=typist, args=(home, ledger, is_over)),
            threading.Thread(target=writer, args=(folder, ledger, is_over)),
        ]
        for thread in threads:
            thread.start()
        kills = killer(home, lambda: time.monotonic() > counted_at - KILL_SECONDS / 2)
        time.sleep(max(0.0, counted_at - time.monotonic()))
        process.start(home)
        if shared_memory_mb(home, terminal, ledger.servers) > LARGEST_PSS_MB:
            ledger.failures.append("too much memory")
        for thread in threads:
            thread.join()
        terminal.close()
        process.stop(home)
        judge(home, folder, ledger)
    for call, count in sorted(ledger.calls.items()):
        print(f"{call:14} {count:6} times, slowest {ledger.slowest[call]:.2f} s")
    print(f"the daemon was killed {kills} times; {len(ledger.failures)} failures")
    print(*ledger.failures[:20], sep="\n")
    return 1 if ledger.failures else 0


if __name__ == "__main__":
    sys.exit(main())
