"""The commands: capture run, start, stop, pause, resume, status, exclude."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory
from memassist.assistant.capture import control, exclusions
from memassist.assistant.config import load, set_value
from memassist.assistant.daemon import process as daemons
from memassist.assistant.errors import QueryError
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAM = "from memassist.ui.cli import main; main()"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    Memory.create(place, routes=[]).close()
    set_value(place, "daemon.autostart", ("false",))
    return place


@pytest.fixture
def memassist(home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, "--home", str(home), *words],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


def captured(app: str, window: str, text: str) -> Record:
    return Record(
        text=text, place="here", kind="picture", origin="screen", conversation=f"screen:{app}:1",
        native_id=text, app=app, window=window,
    )  # fmt: skip


def test_nothing_is_captured_before_somebody_starts_it(home: Path, memassist: Any) -> None:
    assert load(home).flag("capture.enabled") is False
    told = json.loads(memassist("capture", "status", "--json").stdout)
    assert (told["is_running"], told["private"]) == (False, False)
    assert "not captured" in memassist("capture", "status").stdout


def test_start_status_pause_resume_stop(
    screen: Any, home: Path, memassist: Any, until: Callable[..., None]
) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("The heat pump")
    started = memassist("capture", "start")
    assert started.returncode == 0, started.stderr
    try:
        until(lambda: control.read_state(home).stored)
        assert control.sign(home).endswith("capturing the screen")
        assert "already" not in memassist("capture", "start").stderr
        assert "Private until" in memassist("capture", "pause", "30m").stdout
        until(lambda: control.read_state(home).doing == "paused")
        told = json.loads(memassist("capture", "status", "--json").stdout)
        assert (told["doing"], told["private"], told["stored"]) == ("paused", True, 1)
        memassist("capture", "resume")
        until(lambda: control.read_state(home).doing == "capturing")
        assert load(home).flag("capture.enabled") is True
    finally:
        stopped = memassist("capture", "stop")
    assert stopped.stdout == "Stopped.\n"
    assert not control.is_held(home)
    assert load(home).flag("capture.enabled") is False
    found = memassist("search", "--lexical", "heat pump")
    assert "The heat pump" in found.stdout


def test_run_in_the_foreground_shows_what_it_does_and_ends_on_a_signal(
    screen: Any, home: Path, until: Callable[..., None]
) -> None:
    screen.window("Editor", "Notes").focus()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--home", str(home), "capture", "run"],
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: control.read_state(home).doing == "capturing")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "\N{BLACK CIRCLE} capturing" in told
    assert "Stopped." in told


def test_a_killed_capture_leaves_nothing_behind_that_is_in_the_way(
    screen: Any, home: Path, memassist: Any, until: Callable[..., None]
) -> None:
    screen.window("Editor", "Notes").focus()
    memassist("capture", "start")
    until(lambda: control.read_state(home).pid)
    os.kill(control.read_state(home).pid, signal.SIGKILL)
    until(lambda: not control.is_held(home))
    assert control.read_state(home).is_running is False
    assert memassist("capture", "start").returncode == 0
    memassist("capture", "stop")


def test_a_capture_that_was_started_has_a_daemon_that_starts_it_again(
    screen: Any, home: Path, memassist: Any, until: Callable[..., None]
) -> None:
    screen.window("Editor", "Notes").focus()
    assert "nothing starts it again" in memassist("capture", "start").stderr
    set_value(home, "daemon.autostart", ("true",))
    try:
        assert memassist("capture", "start").stderr == ""
        until(lambda: (daemons.status(home) or {}).get("capturing"))
        pid = control.read_state(home).pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: control.read_state(home).pid not in (0, pid))
    finally:
        memassist("capture", "stop")
        daemons.stop(home)


def test_a_terminal_that_is_closed_ends_the_capture_in_it_cleanly(
    screen: Any, home: Path, until: Callable[..., None]
) -> None:
    screen.window("Editor", "Notes").focus()
    ours, theirs = os.openpty()
    words = ["--home", str(home), "capture", "run"]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *words], stderr=theirs)
    os.close(theirs)
    until(lambda: control.read_state(home).doing == "capturing")
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 0
    assert not (home / control.STATE_NAME).exists()


@pytest.mark.parametrize(("span", "minutes"), [("30m", 30), ("2h", 120), ("1d", 1440), ("5", 5)])
def test_spans_of_a_pause(home: Path, memassist: Any, span: str, minutes: int) -> None:
    from datetime import UTC, datetime, timedelta

    memassist("capture", "pause", span)
    until = control.read_wish(home).paused_until
    assert until is not None
    left = until - datetime.now(UTC)
    assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)


@pytest.mark.parametrize("span", ["soon", "0m", "-5m", "9999d"])
def test_a_span_that_is_none_is_refused(home: Path, memassist: Any, span: str) -> None:
    assert memassist("capture", "pause", "--", span).returncode == 2
    assert not control.read_wish(home).is_paused


def test_a_wish_that_cannot_be_read_is_a_pause(home: Path) -> None:
    (home / control.WISH_NAME).write_text('{"is_paused": ')
    assert control.read_wish(home).is_paused


def test_without_a_screen_it_says_what_to_do(
    memassist: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    done = memassist("capture", "start")
    assert done.returncode == 2
    assert "DISPLAY is not set" in done.stderr
    assert "desktop session" in done.stderr


def test_a_new_exclusion_tells_what_it_was_late_for_and_forgets_it(
    home: Path, memassist: Any
) -> None:
    with Memory.open(home) as memory:
        memory.add_items(
            [
                captured("Signal", "Chat with Maria", "MAGNOLIA is the word"),
                captured("Editor", "About Signal processing", "a filter of second order"),
            ],
            source="test",
        )
    late = memassist("capture", "exclude", "add", "app:signal")
    assert "Items captured before that match: 1" in late.stdout
    assert "--forget" in late.stderr
    assert load(home).names("capture.exclude") == ("app:signal",)
    told = json.loads(
        memassist("capture", "exclude", "add", "app:signal", "--forget", "--json").stdout
    )
    assert (told["new"], told["matching"], told["forgotten"]["items"]) == (False, 1, 1)
    with Memory.open(home) as memory:
        assert [item.text for item in memory.timeline()] == []
        assert exclusions.captured_before(memory.wiring.database, "filter") == ()
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"MAGNOLIA" not in files
    assert b"second order" in files


def test_the_list_of_exclusions_can_be_changed(home: Path, memassist: Any) -> None:
    assert "password manager" in memassist("capture", "exclude", "list").stdout
    memassist("capture", "exclude", "add", "diary")
    assert "diary" in memassist("capture", "exclude", "list").stdout
    memassist("capture", "exclude", "remove", "DIARY")
    assert load(home).names("capture.exclude") == ()
    memassist("capture", "exclude", "remove", "app:chromium*")
    assert "app:chromium*" not in memassist("capture", "exclude", "list").stdout
    assert exclusions.add(home, "app:chromium*") is True
    assert "app:chromium*" in memassist("capture", "exclude", "list").stdout
    with pytest.raises(QueryError):
        exclusions.remove(home, "no such pattern")
    short = memassist("capture", "exclude", "list").stdout.splitlines()
    whole = memassist("capture", "exclude", "list", "--all").stdout.splitlines()
    told = [line for line in short if "--all" in line]
    hidden = sum(int(line.removeprefix("(").split()[0]) for line in told)
    assert len(short) - len(told) + hidden == len(whole) > 400
    assert len(short) < 100
    assert memassist("capture", "exclude", "add", "*").returncode == 1
