"""The daemon as a process of its own: one for each home, found, stopped, locked, left alone."""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection, Listener, Pipe
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.assistant.daemon import client, process, protocol, unit
from memassist.assistant.daemon.protocol import DaemonUnreachableError, is_own
from memassist.assistant.errors import AssistantError
from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder
from memassist.plugins.types import Record
from memassist.store.errors import HomeMissingError, LockedError
from memassist.store.keys import Route, make_key_file, unlock
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memassist.plugins.protocols import Embedder

PROGRAM = "from memassist.ui.cli import main; main()"
QUIET = '[embedding]\nmodel = "none"\n'
PASSPHRASE = b"correct horse battery"


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds; a test that waits in vain fails."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.05)


def run_in_background(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start `memassist daemon run` as a child of the test."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--home", str(home), "daemon", "run", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )


def pid_of(home: Path) -> int:
    """Return the process id that the daemon tells."""
    found = process.status(home)
    assert found is not None
    return int(found["pid"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Yield an encrypted home that opens by a key file; its daemon is stopped in the end."""
    place = tmp_path / "home"
    key = tmp_path / "keys" / "key"
    make_key_file(key, place)
    Memory.create(place, routes=[Route("key-file", path=key)]).close()
    (place / "config.toml").write_text(QUIET, encoding="utf-8")
    yield place
    if place.exists():
        process.stop(place)


@pytest.fixture
def locked_home(tmp_path: Path) -> Iterator[Path]:
    """Yield a home that only a passphrase opens."""
    place = tmp_path / "locked"
    Memory.create(place, routes=[Route("passphrase", PASSPHRASE)]).close()
    (place / "config.toml").write_text(QUIET, encoding="utf-8")
    yield place
    process.stop(place)


@pytest.fixture
def short_directory() -> Iterator[Path]:
    """Yield a directory that other users may pass through, as pytest's own may not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_it_starts_tells_of_itself_and_stops(home: Path) -> None:
    assert process.status(home) is None
    assert process.start(home)
    found = process.status(home)
    assert found is not None
    assert found["home"] == str(home)
    assert found["locked"] is False
    pid = pid_of(home)
    assert process.start(home)
    assert pid_of(home) == pid
    assert process.stop(home)
    assert process.status(home) is None
    assert not process.stop(home)
    assert not (home / protocol.SOCKET_NAME).exists()
    assert not (home / process.STATE_NAME).exists()


def test_a_home_that_is_not_there_gets_no_daemon(tmp_path: Path) -> None:
    with pytest.raises(HomeMissingError):
        process.start(tmp_path / "nowhere")
    assert not process.start_quietly(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_it_leaves_on_the_disk_is_the_owners_alone(home: Path) -> None:
    process.start(home)
    for name in (protocol.SOCKET_NAME, process.LOCK_NAME, process.LOG_NAME, process.STATE_NAME):
        mode = stat.S_IMODE((home / name).stat().st_mode)
        assert mode == 0o600, name


def test_two_that_start_at_once_become_one(home: Path) -> None:
    answers: list[bool] = []
    starters = [
        threading.Thread(target=lambda: answers.append(process.start(home))) for _ in range(4)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert answers == [True] * 4
    pid = pid_of(home)
    second = run_in_background(home)
    assert "runs for this home already" in second.communicate(timeout=60)[1].decode()
    assert second.returncode == 1
    assert pid_of(home) == pid


def test_after_a_kill_the_next_one_starts_over_what_was_left(home: Path) -> None:
    child = run_in_background(home)
    wait_for(lambda: process.status(home), "the first daemon")
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert (home / protocol.SOCKET_NAME).exists()
    assert (home / process.STATE_NAME).exists()
    assert process.status(home) is None
    with pytest.raises(DaemonUnreachableError):
        client.request(home, "key")
    assert process.start(home)
    assert pid_of(home) != child.pid


def test_a_socket_of_something_else_is_replaced(home: Path) -> None:
    (home / protocol.SOCKET_NAME).write_text("not a socket", encoding="utf-8")
    assert process.status(home) is None
    assert process.start(home)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_one_that_is_told_to_end_tidies_up(home: Path, name: str) -> None:
    child = run_in_background(home)
    wait_for(lambda: process.status(home), "the daemon")
    child.send_signal(getattr(signal, name))
    assert child.wait(60) == 0
    assert child.stderr is not None
    child.stderr.close()
    assert not (home / protocol.SOCKET_NAME).exists()


def test_one_that_stays_waits_for_the_other_to_leave(home: Path) -> None:
    process.start(home)
    first = pid_of(home)
    waiting = run_in_background(home, "--stay")
    time.sleep(1)
    assert waiting.poll() is None
    assert pid_of(home) == first
    process.stop(home)
    wait_for(lambda: process.status(home), "the one that waited")
    assert pid_of(home) == waiting.pid
    process.stop(home)
    waiting.communicate()


def test_one_of_another_version_is_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process.start(home)
    old = pid_of(home)
    found = process.status(home)
    older = iter([{**(found or {}), "version": "0.0.1"}])
    real = process.status
    monkeypatch.setattr(process, "status", lambda place: next(older, None) or real(place))
    assert process.start(home)
    assert pid_of(home) != old


def test_it_holds_the_key_until_it_is_locked(locked_home: Path) -> None:
    process.start(locked_home)
    assert client.key_of(locked_home) is None
    with pytest.raises(LockedError):
        Memory.open(locked_home)
    key = unlock(locked_home, Route("passphrase", PASSPHRASE)).data_key
    assert key is not None
    client.request(locked_home, "unlock", key=key.hex())
    assert client.key_of(locked_home) == key
    with Memory.open(locked_home) as memory:
        memory.add("The bees sleep.")
    assert client.request(locked_home, "lock")["locked"] is True
    assert client.key_of(locked_home) is None
    with pytest.raises(LockedError):
        Memory.open(locked_home)


@pytest.mark.parametrize("key", ["00" * 32, "zz", "", None, "00"])
def test_a_wrong_key_is_refused_and_changes_nothing(locked_home: Path, key: object) -> None:
    process.start(locked_home)
    with pytest.raises(AssistantError):
        client.request(locked_home, "unlock", key=key)
    assert client.key_of(locked_home) is None
    found = process.status(locked_home)
    assert found is not None
    assert found["locked"] is True


def test_unlock_and_lock_work_from_the_command_line(locked_home: Path) -> None:
    def run(*words: str, passphrase: bytes) -> subprocess.CompletedProcess[bytes]:
        reading, writing = os.pipe()
        os.write(writing, passphrase + b"\n")
        os.close(writing)
        options = ["--home", str(locked_home), "--passphrase-fd", str(reading)]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *options, *words],
            capture_output=True,
            check=False,
            pass_fds=[reading],
        )
        os.close(reading)
        return done

    assert run("unlock", passphrase=b"wrong").returncode == 4
    assert client.key_of(locked_home) is None
    done = run("unlock", passphrase=PASSPHRASE)
    assert (done.returncode, done.stdout) == (0, b"Unlocked.\n"), done.stderr
    assert PASSPHRASE not in done.stdout + done.stderr
    assert client.key_of(locked_home) is not None
    said = CliRunner().invoke(cli, ["--home", str(locked_home), "lock"])
    assert said.output == "Locked.\n"
    assert client.key_of(locked_home) is None


def test_a_home_with_a_key_file_cannot_be_locked(home: Path) -> None:
    process.start(home)
    assert client.request(home, "lock")["locked"] is False
    assert client.key_of(home) is not None


def test_it_locks_by_itself_and_only_then_leaves(locked_home: Path) -> None:
    settings = "[daemon]\nidle_minutes = 0.0334\nlock_minutes = 0.1\n"  # 2 and 6 seconds
    (locked_home / "config.toml").write_text(QUIET + settings, encoding="utf-8")
    key = unlock(locked_home, Route("passphrase", PASSPHRASE)).data_key
    assert key is not None
    process.start(locked_home)
    client.request(locked_home, "unlock", key=key.hex())
    seen: list[bool] = []

    def has_left() -> bool:
        found = process.status(locked_home)
        if found is not None:
            seen.append(bool(found["locked"]))
        return found is None

    wait_for(has_left, "its end")
    log = (locked_home / process.LOG_NAME).read_text(encoding="utf-8")
    assert seen[0] is False
    assert log.index("locked") < log.index("idle, leaving")


def test_an_idle_one_leaves_although_it_is_looked_at(home: Path) -> None:
    (home / "config.toml").write_text(QUIET + "[daemon]\nidle_minutes = 0.02\n", encoding="utf-8")
    process.start(home)
    wait_for(lambda: process.status(home) is None, "its end")
    assert "idle, leaving" in (home / process.LOG_NAME).read_text(encoding="utf-8")


def test_it_leaves_a_home_that_was_removed(home: Path) -> None:
    child = run_in_background(home)
    wait_for(lambda: process.status(home), "the daemon")
    shutil.rmtree(home)
    child.communicate(timeout=60)


def test_it_does_the_jobs_that_others_leave(home: Path) -> None:
    with Memory.open(home) as memory:
        memory.add("My sister Maria lives in Leeds.")
        assert any(job.kind == "extract" for job in memory.maintenance.jobs())
        process.start(home)
        wait_for(lambda: memory.memories.list(), "a memory")
        # A command that does not wait leaves its work to it, too.
        done = CliRunner().invoke(
            cli, ["--home", str(home), "add", "--no-wait", "I am allergic to penicillin."]
        )
        assert done.exit_code == 0, done.output
        wait_for(
            lambda: any("penicillin" in one.state.text for one in memory.memories.list()),
            "the second memory",
        )
    found = process.status(home)
    assert found is not None
    assert found["jobs_done"] >= 2
    assert found["last_error"] == ""


def test_it_answers_while_it_works(home: Path) -> None:
    with Memory.open(home) as memory:
        memory.add_items(
            [_record(f"On Monday I met person {number} at the station.") for number in range(1500)],
            source="bulk",
        )
    process.start(home)
    was_working = False
    for _ in range(400):
        found = process.status(home)
        assert found is not None
        was_working = was_working or found["working"]
        if found["jobs_done"]:
            break
        time.sleep(0.02)
    assert was_working


def test_requests_that_make_no_sense_end_nothing(home: Path) -> None:
    process.start(home)
    for message in ({}, {"operation": "dance"}, {"operation": "embed"}, {"operation": "unlock"}):
        with protocol.connect(home) as connection, pytest.raises(AssistantError):
            protocol.ask(connection, message)
    for rubbish in (b"", b"[]", b"{", b"\xff\xfe", b"null", b"1" * 100_000):
        with protocol.connect(home) as connection:
            connection.send_bytes(rubbish)
    with protocol.connect(home) as connection:
        os.write(connection.fileno(), b"\xff\xff\xff\xff")  # a length below zero
    assert process.status(home) is not None


def test_a_daemon_that_hangs_is_not_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(protocol.ask, "__defaults__", (0.2,))
    listener = Listener(str(home / protocol.SOCKET_NAME), family="AF_UNIX")
    try:
        assert client.key_of(home) is None
    finally:
        listener.close()


def test_vectors_come_over_the_socket_unchanged(home: Path) -> None:
    (home / "config.toml").write_text("", encoding="utf-8")
    with Memory.open(home) as memory:
        own = memory.wiring.local_embedder()
        if own is None:
            pytest.skip("no embedding model: uv installs it by its group models")
        process.start(home)
        remote = memory.wiring.embedder()
        assert isinstance(remote, client.RemoteEmbedder)
        texts = ["The heat pump hums.", "", "\N{SNOWMAN} \ud800"]
        assert (remote.embed(texts[:2]) == own.embed(texts[:2])).all()
        # When it goes, the process's own model takes over.
        process.stop(home)
        assert (remote.embed(texts[:2]) == own.embed(texts[:2])).all()
        memory.add("The heat pump hums.")
        assert memory.search(Query("heating")).hits
        # And it is let go once there is a daemon again.
        assert isinstance(own, OnnxEmbedder)
        assert own.is_loaded()
        process.start(home)
        remote.embed(texts[:1])
        assert not own.is_loaded()
        assert len(own.embed(texts[:1])) == 1


def test_all_who_ask_for_the_model_at_once_get_it(home: Path) -> None:
    (home / "config.toml").write_text("", encoding="utf-8")
    with Memory.open(home) as memory:
        gate = threading.Barrier(8)
        found: list[Embedder | None] = []

        def ask() -> None:
            gate.wait()
            found.append(memory.wiring.local_embedder())

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if memory.wiring.local_embedder() is None:
            pytest.skip("no embedding model: uv installs it by its group models")
        assert found == [memory.wiring.local_embedder()] * 8


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other users by Linux's ways")
def test_other_users_are_refused(short_directory: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can be another user")
    home = short_directory / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(QUIET, encoding="utf-8")
    process.start(home)
    try:
        ask = (
            "import json, os, sys\n"
            "from multiprocessing.connection import Client\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "try:\n"
            "    with Client(sys.argv[1], family='AF_UNIX') as connection:\n"
            "        connection.send_bytes(json.dumps({'operation': 'status'}).encode())\n"
            "        print(connection.recv_bytes())\n"
            "except PermissionError: print('no way in')\n"
            "except (EOFError, OSError): print('refused')\n"
        )
        words = [sys.executable, "-c", ask, str(home / protocol.SOCKET_NAME)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert done.stdout == "no way in\n"
        # Even where the modes let them in, the kernel tells who they are.
        home.chmod(0o711)
        (home / protocol.SOCKET_NAME).chmod(0o666)
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert done.stdout == "refused\n"
        assert process.status(home) is not None
        assert "another user" in (home / process.LOG_NAME).read_text(encoding="utf-8")
    finally:
        process.stop(home)


def test_a_socket_of_another_user_is_not_talked_to(home: Path) -> None:
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        pytest.skip("only root can be another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o777)
        place = Path(name) / "s"
        serve = (
            "import os, sys\n"
            "from multiprocessing.connection import Listener\n"
            "os.setgid(65534); os.setuid(65534)\n"
            "with Listener(sys.argv[1], family='AF_UNIX') as listener:\n"
            "    print('ready', flush=True)\n"
            "    listener.accept().close()\n"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", serve, str(place)], stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        (home / protocol.SOCKET_NAME).symlink_to(place)
        with pytest.raises(DaemonUnreachableError, match="another user"):
            protocol.connect(home)
        other.communicate(timeout=60)
        (home / protocol.SOCKET_NAME).unlink()


def test_a_home_with_a_long_path_has_its_socket_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    home = tmp_path / ("long" * 30)
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(QUIET, encoding="utf-8")
    try:
        assert process.start(home)
    finally:
        assert process.stop(home)


def test_its_log_holds_no_text_and_stays_small(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process.start(home)
    with Memory.open(home) as memory:
        memory.add("Canary words: my sister Zebulonia lives in Leeds.")
        wait_for(lambda: memory.memories.list(), "a memory")
    with pytest.raises(AssistantError):
        client.request(home, "Zebulonia")
    process.stop(home)
    assert "Zebulonia" not in (home / process.LOG_NAME).read_text(encoding="utf-8")
    (home / process.LOG_NAME).write_text("x" * (process.LOG_BYTES - 10), encoding="utf-8")
    process.start(home)
    process.stop(home)
    logs = sorted(home.glob("daemon.log*"))
    assert len(logs) == 2
    assert all(path.stat().st_size <= process.LOG_BYTES for path in logs)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in logs)


def test_the_command_line_tells_its_state(home: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(cli, ["--home", str(home), "daemon", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert said("status") == "not running\n"
    assert json.loads(said("status", "--json")) == {"running": False}
    assert said("start") == "The daemon runs.\n"
    assert json.loads(said("status", "--json"))["running"] is True
    assert "serving" in said("logs")
    assert said("stop") == "Stopped.\n"
    assert said("stop") == "None ran.\n"


@pytest.mark.parametrize("name", ["plain", "with space", '100% $HOME "quoted" \\ back'])
def test_the_unit_names_what_it_runs(name: str, tmp_path: Path) -> None:
    home = tmp_path / name
    home.mkdir()
    text = unit.unit_text(home)
    start = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert start.startswith('ExecStart="/')
    if shutil.which("systemd-analyze") is None:
        return
    path = tmp_path / unit.UNIT_NAME
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert unit.UNIT_NAME not in done.stderr, done.stderr


def test_the_unit_is_written_and_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home.parent / "config"))
    runner = CliRunner()
    shown = runner.invoke(cli, ["--home", str(home), "daemon", "install", "--print"])
    assert not unit.unit_path().exists()
    assert runner.invoke(cli, ["--home", str(home), "daemon", "install"]).exit_code == 0
    assert unit.unit_path().read_text(encoding="utf-8") == shown.output
    assert runner.invoke(cli, ["daemon", "uninstall"]).exit_code == 0
    assert not unit.unit_path().exists()


def test_on_macos_an_agent_of_launchd_is_written_and_removed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", str(home.parent))
    runner = CliRunner()
    done = runner.invoke(cli, ["--home", str(home), "daemon", "install"])
    path = home.parent / "Library/LaunchAgents/memassist.plist"
    assert f"launchctl bootstrap gui/{os.getuid()} {path}" in done.output
    described = plistlib.loads(path.read_bytes())
    command = described["ProgramArguments"]
    assert Path(command[0]).is_absolute()
    assert command[-5:] == ["--home", str(home), "daemon", "run", "--stay"]
    assert (described["Umask"], described["RunAtLoad"]) == (0o077, True)
    assert "launchctl bootout" in runner.invoke(cli, ["daemon", "uninstall"]).output
    assert not path.exists()


def test_one_of_whom_the_system_tells_nothing_is_a_stranger() -> None:
    ours, other = socket.socketpair()
    with Connection(ours.detach()) as connection, other:
        assert is_own(connection)
    reading, writing = Pipe(duplex=False)  # of which no peer is told, as of one that hung up
    with reading, writing:
        assert not is_own(reading)


def test_where_no_daemon_can_run_it_says_so_and_nothing_else_minds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")  # as on Windows
    with pytest.raises(DaemonUnreachableError, match="does not run on Windows"):
        process.start(home)
    assert not process.start_quietly(home)
    assert process.status(home) is None
    said = CliRunner().invoke(cli, ["--home", str(home), "daemon", "run"])
    assert "does not run on Windows" in said.output + str(said.exception)


def _record(text: str) -> Record:
    return Record(text=text, place="here", is_owner=True)


@pytest.mark.parametrize(
    ("request_made", "reason"),
    [
        ({"path": "", "messages": [], "max_tokens": 9}, "another model"),
        ({"path": "other.gguf", "messages": [], "max_tokens": 9}, "another model"),
        ({"messages": "none"}, "malformed"),
    ],
)
def test_a_model_that_it_does_not_have_is_no_ones_to_ask(
    home: Path, request_made: dict[str, object], reason: str
) -> None:
    (home / "config.toml").write_text(f'{QUIET}[model]\npath = "some.gguf"\n', encoding="utf-8")
    process.start(home)
    with pytest.raises(AssistantError, match=reason):
        client.request(home, "generate", **request_made)


def test_a_locked_home_has_no_model_to_ask(locked_home: Path) -> None:
    process.start(locked_home)
    with pytest.raises(AssistantError, match="locked"):
        client.request(locked_home, "generate", path="", messages=[], max_tokens=9)
