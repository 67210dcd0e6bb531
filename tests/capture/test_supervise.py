"""The daemon's capture process: there when it is wanted, and again after it died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory
from memassist.assistant.capture import control
from memassist.assistant.capture.supervise import CaptureChild
from memassist.assistant.config import set_value
from memassist.assistant.daemon import process as daemons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAM = "from memassist.ui.cli import main; main()"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    Memory.create(place, routes=[]).close()
    return place


@pytest.fixture
def daemon(screen: Any, home: Path, until: Callable[..., None]) -> Iterator[Path]:
    words = ["--home", str(home), "daemon", "run", "--stay"]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *words])
    until(lambda: daemons.status(home) is not None)
    yield home
    daemons.stop(home)
    process.wait()


def test_the_daemon_captures_as_long_as_it_is_switched_on(
    daemon: Path, screen: Any, until: Callable[..., None]
) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("The heat pump")
    assert not control.is_held(daemon)
    set_value(daemon, "capture.enabled", ("true",))
    until(lambda: control.read_state(daemon).stored)
    until(lambda: (daemons.status(daemon) or {}).get("capturing"))
    pid = control.read_state(daemon).pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: control.read_state(daemon).pid not in (0, pid))
    set_value(daemon, "capture.enabled", ("false",))
    until(lambda: not control.is_held(daemon))
    with Memory.open(daemon) as memory:
        assert any("heat pump" in item.text for item in memory.timeline())


def test_capture_ends_with_the_daemon(
    daemon: Path, screen: Any, until: Callable[..., None]
) -> None:
    screen.window("Editor", "Notes").focus()
    set_value(daemon, "capture.enabled", ("true",))
    until(lambda: control.read_state(daemon).doing == "capturing")
    daemons.stop(daemon)
    assert not control.is_held(daemon)


def test_a_home_that_is_locked_is_not_captured_into(
    screen: Any, home: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    monkeypatch.setattr("memassist.assistant.capture.supervise.LOOK_SECONDS", 0.0)
    set_value(home, "capture.enabled", ("true",))
    child = CaptureChild(home)
    child.step(is_open=False)
    assert not child.is_running()
    child.step(is_open=True)
    assert child.is_running()
    until(lambda: control.is_held(home))
    child.step(is_open=False)
    assert not child.is_running()
    assert not control.is_held(home)


def test_a_capture_that_another_process_began_is_told_and_kept(
    screen: Any, home: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    monkeypatch.setattr("memassist.assistant.capture.supervise.LOOK_SECONDS", 0.0)
    child = CaptureChild(home)
    child.step(is_open=True)
    assert not child.is_on()
    with control.lock_of(home):
        child.step(is_open=True)
        assert (child.is_running(), child.is_capturing(), child.is_on()) == (False, True, True)
    child.step(is_open=True)
    assert not child.is_on()


def test_a_daemon_from_before_the_desktop_captures_on_the_one_that_came(
    screen: Any, home: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    systemctl = home.with_name("programs") / "systemctl"
    systemctl.parent.mkdir()
    told = f"HOME=/other\\nDISPLAY={os.environ['DISPLAY']}\\nXDG_SESSION_TYPE=x11"
    systemctl.write_text(f"#!/bin/sh\nprintf '{told}\\n'\n", encoding="utf-8")
    systemctl.chmod(0o700)
    monkeypatch.setenv("PATH", f"{systemctl.parent}:{os.environ['PATH']}")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setattr("memassist.assistant.capture.supervise.LOOK_SECONDS", 0.0)
    set_value(home, "capture.enabled", ("true",))
    child = CaptureChild(home)
    try:
        child.step(is_open=True)
        until(lambda: control.read_state(home).looks or control.read_state(home).left_out)
        assert child.is_running()
    finally:
        child.close()


def test_a_child_that_cannot_run_is_tried_less_and_less_often(
    home: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("memassist.assistant.capture.supervise.LOOK_SECONDS", 0.0)
    set_value(home, "capture.enabled", ("true",))
    child = CaptureChild(home)
    waits: list[float] = []
    for _ in range(2):
        child.step(is_open=True)
        assert child.is_running()
        assert child.trouble() == ""
        until(lambda: not child.is_running())
        child.step(is_open=True)
        assert not child.is_running()
        assert "capture run says why" in child.trouble()
        waits.append(child._not_before)
        child._not_before = 0.0
    assert waits[1] - waits[0] > 5
    assert child._retry_seconds == 20.0
    set_value(home, "capture.enabled", ("false",))
    child.step(is_open=True)
    assert child.trouble() == ""
    child.close()
