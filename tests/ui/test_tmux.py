"""Real runs: the installed command in a real terminal, driven by the keys a person presses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

ENDED = "ended with "
LONGEST_SECONDS = 60.0
"""A loaded machine is slow; nothing is concluded from how long it takes."""


class Terminal:
    """A tmux server of its own, with one window."""

    def __init__(self, directory: Path, environment: dict[str, str]) -> None:
        """Start nothing yet."""
        self._socket = str(directory / f"tmux-{uuid.uuid4().hex[:8]}")
        self._environment = environment

    def start(self, command: list[str]) -> None:
        """Run a command in a window of 80 by 24 that stays when the command ends.

        A shell tells how it ended: on a loaded machine tmux sometimes never learns of it.
        """
        shell = ["sh", "-c", f'"$@"; echo "{ENDED}$?"; exec sleep 600', "sh", *command]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", *shell)

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", *names)

    def write(self, text: str) -> None:
        """Type text."""
        self._tmux("send-keys", "-l", text)

    def write_into(self, text: str, echo: str, times: int = 1) -> None:
        """Type text until its echo is shown so many times.

        A key that moves the cursor takes effect a moment after the screen shows that it may, and
        what is typed before that goes nowhere: a person would type it again too.
        """
        for _ in range(10):
            self.keys("C-u")
            self.write(text)
            end = time.monotonic() + LONGEST_SECONDS / 5
            while time.monotonic() < end:
                if self.screen().count(echo) >= times:
                    return
                time.sleep(0.1)
        pytest.fail(f"{echo!r} was never shown; last:\n{self.screen()}")

    def cursor_row(self) -> int:
        """Return the line that the cursor is on, from 0."""
        return int(self._tmux("display-message", "-p", "#{cursor_y}"))

    def wait_for_cursor_below(self, row: int) -> None:
        """Wait until the cursor is on a lower line, as in the next box."""
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            if self.cursor_row() > row:
                return
            time.sleep(0.1)
        pytest.fail(f"the cursor never went below line {row}; last:\n{self.screen()}")

    def screen(self) -> str:
        """Return what is shown."""
        return self._tmux("capture-pane", "-p")

    def wait_for(self, text: str) -> str:
        """Return the screen once it shows a text."""
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            shown = self.screen()
            if text in shown:
                return shown
            time.sleep(0.1)
        pytest.fail(f"{text!r} was never shown; last:\n{self.screen()}")

    def exit_code(self) -> int:
        """Wait for the command's end and return its code; 128 and the signal's number after one."""
        ended = re.search(rf"{ENDED}(\d+)", self.wait_for(ENDED))
        assert ended is not None
        return int(ended[1])

    def close(self) -> None:
        """End the server and all in it."""
        self._tmux("kill-server")

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=LONGEST_SECONDS,
        )
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Give a terminal, and end it whatever happens."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    found = Terminal(tmp_path, environment)
    yield found
    found.close()


def test_search_evidence_and_quit_in_a_real_terminal(
    filled: SimpleNamespace, terminal: Terminal
) -> None:
    command = Path(sys.executable).with_name("memassist")
    terminal.start([str(command), "--home", str(filled.home)])
    terminal.wait_for("11 items")
    terminal.keys("F2")
    terminal.wait_for("Type some words.")
    terminal.write_into("penicillin", "penicillin")
    terminal.wait_for("hit")
    terminal.keys("Down")
    shown = terminal.wait_for("allergic")
    assert "Search" in shown
    # The memory or the message may come first: both lead to the words they rest on.
    for _ in range(10):
        terminal.keys("Enter")
        time.sleep(1)
        if "Esc closes" in terminal.screen():
            break
    shown = terminal.wait_for("Esc closes")
    assert "remember that when" in shown
    terminal.keys("Escape")
    terminal.wait_for("11 items")
    terminal.keys("C-q")
    assert terminal.exit_code() == 0


def test_first_run_in_a_real_terminal_makes_a_home(
    filled: SimpleNamespace, terminal: Terminal, tmp_path: Path
) -> None:
    home = tmp_path / "fresh"
    command = Path(sys.executable).with_name("memassist")
    terminal.start([str(command), "--home", str(home)])
    terminal.wait_for("What opens it?")
    terminal.keys("Tab")
    terminal.write_into("correct horse", "│  •••••••••••••  ")
    first_box = terminal.cursor_row()
    terminal.keys("Enter")
    terminal.wait_for_cursor_below(first_box)
    terminal.write_into("correct horse", "│  •••••••••••••  ", times=2)
    terminal.keys("Enter")
    shown = terminal.wait_for("Your recovery code")
    code = next(word for word in shown.split() if word.count("-") == 7)
    assert not home.exists()
    terminal.write(code)
    terminal.keys("Enter")
    terminal.wait_for("Who are you?")
    terminal.keys("Enter")
    terminal.wait_for("What is already here")
    terminal.keys("Escape")
    terminal.wait_for("0 items")
    terminal.keys("C-q")
    assert terminal.exit_code() == 0
    assert (home / "memory.db").exists()


def test_quitting_while_the_model_is_loaded_ends_well(
    filled: SimpleNamespace, terminal: Terminal
) -> None:
    config.set_value(filled.home, "embedding.model", ("minilm",))
    command = Path(sys.executable).with_name("memassist")
    terminal.start([str(command), "--home", str(filled.home)])
    # On a fast machine it is loaded before the line is drawn: then it ends well too.
    terminal.wait_for("11 items")
    terminal.keys("C-q")
    assert terminal.exit_code() == 0


def test_without_a_terminal_it_helps_and_ends_as_wrong_usage(filled: SimpleNamespace) -> None:
    command = Path(sys.executable).with_name("memassist")
    done = subprocess.run(
        [str(command), "--home", str(filled.home)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: memassist" in done.stderr
