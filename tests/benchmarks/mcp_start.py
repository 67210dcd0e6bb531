"""How fast the MCP server answers, and what it, the daemon and their neighbours hold of memory.

usage: python tests/benchmarks/mcp_start.py [RUNS]

Times are medians of RUNS (9) new processes, taken in turns with a bare import of the SDK. Memory
is proportional (PSS, Linux only): what several processes share is counted once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from memassist.assistant import Memory
from memassist.assistant.daemon import process
from memassist.store.keys import Route, make_key_file

RUNS = 9
SERVERS = 4
SDK = "import os, mcp.server.lowlevel, mcp.server.stdio; os._exit(0)"
"""Without what the interpreter does at its end."""
PROGRAM = "from memassist.ui.cli import main; main()"
BARE_APP = (
    "from textual.app import App\n"
    "class Bare(App):\n"
    "    def on_mount(self): self.set_timer({seconds}, self.exit)\n"
    "Bare().run(headless=True)\n"
)


class Server:
    """One server, spoken to line by line."""

    def __init__(self, home: Path) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--home", str(home), "mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        client = {"name": "benchmark", "version": "1"}
        self.ask(
            "initialize",
            {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client},
        )
        self.handshake_seconds = time.perf_counter() - self.started

    def ask(self, method: str, params: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """Return the result of a request and the seconds it took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        started = time.perf_counter()
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())["result"]
        return result, time.perf_counter() - started

    def search(self, query: str) -> tuple[dict[str, Any], float]:
        """Call memory_search."""
        arguments = {"name": "memory_search", "arguments": {"query": query}}
        return self.ask("tools/call", arguments)

    def end(self) -> float:
        """Close its input and return the seconds to its end."""
        assert self.process.stdin is not None
        started = time.perf_counter()
        self.process.stdin.close()
        self.process.wait()
        return time.perf_counter() - started


def seconds_of(program: str) -> float:
    """Return the seconds a new interpreter takes for a program."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - started


def megabytes(pid: int) -> float:
    """Return the proportional memory of a process, without those it started."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def times(home: Path, locked: Path, runs: int) -> None:
    """Print the medians of what a client waits for."""
    rows: dict[str, list[float]] = {}
    for _ in range(runs):
        rows.setdefault("bare import of the SDK", []).append(seconds_of(SDK))
        server = Server(home)
        rows.setdefault("handshake", []).append(server.handshake_seconds)
        rows.setdefault("first search, at once", []).append(server.search("heat pump")[1])
        rows.setdefault("next search", []).append(server.search("heat pump")[1])
        rows.setdefault("exit", []).append(server.end())
        server = Server(locked)
        rows.setdefault("a locked home, at once", []).append(server.search("heat pump")[1])
        rows.setdefault("a locked home, again", []).append(server.search("heat pump")[1])
        server.end()
    medians = {name: statistics.median(values) for name, values in rows.items()}
    for name, value in medians.items():
        print(f"{name:24} {value:6.3f} s")
    bare, handshake = medians["bare import of the SDK"], medians["handshake"]
    print(f"{'handshake over import':24} {handshake - bare:6.3f} s, ratio {handshake / bare:.2f}")


def memory(home: Path) -> None:
    """Print what a daemon, a bare Textual app and four servers hold together."""
    if not Path("/proc/self/smaps_rollup").exists():
        print("memory: this system does not tell")
        return
    servers = [Server(home) for _ in range(SERVERS)]
    for server in servers:
        while server.search("what heats the flat")[0]["structuredContent"]["notes"]:
            time.sleep(0.2)
    app = subprocess.Popen(
        [sys.executable, "-c", BARE_APP.format(seconds=5)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    time.sleep(3)
    found = process.status(home)
    rows = {f"server {number + 1}": one.process.pid for number, one in enumerate(servers)}
    rows["a bare Textual app"] = app.pid
    if found is not None:
        rows["daemon"] = found["pid"]
    held = {name: megabytes(pid) for name, pid in rows.items()}
    for name, value in held.items():
        print(f"{name:24} {value:6.1f} MB")
    print(f"{'together':24} {sum(held.values()):6.1f} MB")
    app.wait()
    for server in servers:
        server.end()


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as name:
        home, locked = Path(name) / "home", Path(name) / "locked"
        key = Path(name) / "key"
        make_key_file(key, home)
        with Memory.create(home, routes=[Route("key-file", path=key)]) as opened:
            for number in range(200):
                opened.add(f"Note {number}: the heat pump was looked at on day {number}.")
            opened.work()
        Memory.create(locked, routes=[Route("passphrase", b"a passphrase of four words")]).close()
        try:
            memory(home)
            times(home, locked, runs)
        finally:
            process.stop(home)


if __name__ == "__main__":
    main()
