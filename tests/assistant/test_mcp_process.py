"""The MCP server as a process: what it writes where, when it ends, and many of it on one home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory
from memassist.assistant.daemon import client as daemon_client
from memassist.assistant.daemon import process as daemon_process
from memassist.store.keys import Route, unlock

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "from memassist.ui.cli import main; main()"
NOISY = (
    "import os, threading, time\n"
    "def chatter():\n"
    "    while True:\n"
    "        os.write(1, b'bytes of a C library\\n'); print('a careless print', flush=True)\n"
    "        time.sleep(0.002)\n"
    "from memassist.assistant.mcp import server\n"
    "answer = server.MemoryServer._answer\n"
    "def noisy(self, *words):\n"
    "    if threading.active_count() < 4: threading.Thread(target=chatter, daemon=True).start()\n"
    "    print('before the answer', flush=True); return answer(self, *words)\n"
    "server.MemoryServer._answer = noisy\n"
)
QUIET = '[embedding]\nmodel = "none"\n[daemon]\nautostart = false\n'
SERVERS = 6
WRITES = 2_000


class Served:
    """One server, spoken to line by line."""

    def __init__(self, home: Path, program: str = PROGRAM) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "--home", str(home), "mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ),
        )
        self.lines: list[bytes] = []
        self._number = 0

    def send(self, method: str, params: dict[str, Any]) -> int:
        """Send one request and return its id."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        return self._number

    def receive(self) -> dict[str, Any]:
        """Return the next line, which must be a message."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.lines.append(line)
        message = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return dict(message)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send one request and return its result."""
        number = self.send(method, params)
        reply = self.receive()
        assert reply["id"] == number
        return dict(reply["result"])

    def greet(self, protocol: str = "2025-06-18") -> dict[str, Any]:
        """Shake hands as older clients do."""
        info = {"name": "old client", "version": "1"}
        reply = self.ask(
            "initialize", {"protocolVersion": protocol, "capabilities": {}, "clientInfo": info}
        )
        assert self.process.stdin is not None
        self.process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        self.process.stdin.flush()
        return reply

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and return the whole result."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def end(self) -> int:
        """Close its input and wait for its end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        code = self.process.wait(20)
        self.lines += self.process.stdout.readlines()
        self.process.stdout.close()
        return code


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an empty home, searched by words, without a daemon."""
    place = tmp_path / "home"
    Memory.create(place, routes=[]).close()
    (place / "config.toml").write_text(QUIET, encoding="utf-8")
    return place


@pytest.fixture
def with_daemon(tmp_path: Path) -> Iterator[Path]:
    """Yield a home whose daemon may be started, and stop it."""
    place = tmp_path / "home"
    Memory.create(place, routes=[]).close()
    yield place
    daemon_process.stop(place)


@pytest.mark.parametrize("protocol", ["2024-11-05", "2025-06-18"])
def test_a_client_gets_the_older_protocol_it_asks_for(home: Path, protocol: str) -> None:
    served = Served(home)
    assert served.greet(protocol)["protocolVersion"] == protocol
    assert len(served.ask("tools/list", {})["tools"]) == 6
    assert served.end() == 0


def test_the_end_of_its_input_ends_it(home: Path) -> None:
    served = Served(home)
    served.greet()
    served.call("memory_search", query="anything")
    started = time.monotonic()
    assert served.end() == 0
    # A second is what clients grant; the bound is wide, as the machine may be busy.
    assert time.monotonic() - started < 10


def test_it_ends_while_a_model_is_being_loaded(with_daemon: Path) -> None:
    (with_daemon / "config.toml").write_text("[daemon]\nautostart = false\n", encoding="utf-8")
    served = Served(with_daemon)
    served.greet()
    served.call("memory_search", query="anything")
    assert served.end() == 0


def test_a_write_that_was_sent_before_the_end_is_kept(home: Path) -> None:
    served = Served(home)
    served.greet()
    served.call("memory_search", query="anything")
    added = served.call("memory_add", text="The kettle is new.")
    assert served.end() == 0
    with Memory.open(home) as memory:
        assert [one.id for one in memory.memories.list()] == [added["structuredContent"]["id"]]


def test_nothing_but_messages_is_on_its_output_whatever_libraries_print(home: Path) -> None:
    served = Served(home, NOISY + PROGRAM)
    served.greet()
    for number in range(5):
        served.call("memory_add", text=f"Statement {number}.")
        served.call("memory_search", query="statement")
    assert served.end() == 0
    assert len(served.lines) == 11
    for line in served.lines:
        assert json.loads(line)["jsonrpc"] == "2.0"


def test_rubbish_on_its_input_does_not_end_it(home: Path) -> None:
    served = Served(home)
    served.greet()
    assert served.process.stdin is not None
    served.process.stdin.write(b"what is this\n\xff\xfe\n[]\n")
    served.process.stdin.flush()
    number = served.send("tools/list", {})
    while (reply := served.receive()).get("id") != number:
        assert "error" in reply or reply.get("method")
    assert len(reply["result"]["tools"]) == 6
    assert served.end() == 0


def test_many_servers_write_to_one_home_and_nothing_is_lost_or_doubled(home: Path) -> None:
    ledger: dict[str, str] = {}
    guard = threading.Lock()
    failures: list[object] = []

    def write(number: int) -> None:
        served = Served(home)
        served.greet()
        mine = range(number, WRITES, SERVERS)
        for one in mine:
            # Every tenth is said by the next server too, and by this one twice, as in a retry.
            text = f"Fact {one} is that box {one * 7919} holds jar {one}."
            result = served.call("memory_add", text=text)
            if one % 10 == 0:
                again = served.call("memory_add", text=text)
                if again["structuredContent"]["id"] != result["structuredContent"]["id"]:
                    failures.append((text, result, again))
            if result["isError"]:
                failures.append(result)
            with guard:
                ledger[text] = result["structuredContent"]["id"]
        if served.end() != 0:
            failures.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(SERVERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len(ledger) == WRITES
    with Memory.open(home) as memory:
        stored = {one.state.text: one.id for one in memory.memories.list()}
        assert len(memory.memories.list()) == WRITES
        assert stored == ledger
        assert memory.maintenance.stats().items == WRITES
        assert all(check.ok for check in memory.maintenance.doctor())


def test_the_same_statement_of_many_servers_is_one_memory(home: Path) -> None:
    served = [Served(home) for _ in range(4)]
    for one in served:
        one.greet()
    for one in served:
        one.send("tools/call", {"name": "memory_add", "arguments": {"text": "It rains in Leeds."}})
    ids = {one.receive()["result"]["structuredContent"]["id"] for one in served}
    assert [one.end() for one in served] == [0, 0, 0, 0]
    assert len(ids) == 1
    with Memory.open(home) as memory:
        assert len(memory.memories.list()) == 1
        assert memory.maintenance.stats().items == 1


def test_a_first_answer_goes_by_words_and_a_later_one_by_meaning(with_daemon: Path) -> None:
    with Memory.open(with_daemon) as memory:
        if memory.wiring.local_embedder() is None:
            pytest.skip("no embedding model: uv installs it by its group models")
        memory.add("The heating engineer comes on Thursday.")
        memory.work()
    served = Served(with_daemon)
    served.greet()
    first = served.call("memory_search", query="engineer")["structuredContent"]
    assert first["hits"]
    assert "words only" in first["notes"][0]
    while served.call("memory_search", query="engineer")["structuredContent"]["notes"]:
        time.sleep(0.2)
    # The model is the daemon's, which the server started: its own process holds none.
    assert daemon_process.status(with_daemon) is not None
    maps = Path(f"/proc/{served.process.pid}/maps")
    if maps.exists():
        assert "onnxruntime" not in maps.read_text(encoding="utf-8")
    assert served.call("memory_search", query="boiler repair")["structuredContent"]["hits"]
    # It goes, and comes back for the next question.
    daemon_process.stop(with_daemon)
    assert served.call("memory_search", query="boiler repair")["structuredContent"]["hits"]
    assert daemon_process.status(with_daemon) is not None
    assert served.end() == 0


def test_it_serves_a_passphrase_home_while_its_daemon_holds_the_key(tmp_path: Path) -> None:
    place = tmp_path / "home"
    route = Route("passphrase", b"correct horse")
    with Memory.create(place, routes=[route]) as memory:
        memory.add("The spare key is under the third pot.")
    (place / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
    served = Served(place)
    served.greet()
    assert "memassist unlock" in str(served.call("memory_search", query="spare key"))
    key = unlock(place, route).data_key
    assert key is not None
    try:
        assert daemon_process.start(place)
        daemon_client.request(place, "unlock", key=key.hex())
        found = served.call("memory_search", query="spare key")
        assert "third pot" in str(found["structuredContent"]["hits"])
        # Locked again, it is closed to clients that had it open.
        daemon_client.request(place, "lock")
        locked = served.call("memory_search", query="spare key")
        assert locked["isError"]
        assert "memassist unlock" in str(locked)
    finally:
        daemon_process.stop(place)
    assert served.end() == 0
