"""What the hard tests share: homes made by the installed command, and processes beside the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from memassist.store import doctor
from memassist.store import home as homes

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSED = """
import ctypes, os, sys
if os.geteuid() == 0:
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Root may read everything; without these two rights it is refused like anybody else."""

COMMAND = Path(sys.executable).with_name("memassist")
WORKERS = Path(__file__).with_name("workers.py")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """Return the one JSON line of its output."""
        content = json.loads(self.out)
        assert isinstance(content, dict)
        return content


class Cli:
    """The installed command on one home, with no terminal."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        """The home; made by `init`."""
        self.folder = folder
        """Room beside it, for inputs and keys."""

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment the commands run in."""
        return os.environ | {"MEMASSIST_HOME": str(self.home)}

    def start(self, *words: str | Path, **variables: str) -> subprocess.Popen[str]:
        """Start a command and return at once."""
        return subprocess.Popen(
            [COMMAND, *words],
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def run(
        self,
        *words: str | Path,
        input_text: str | None = None,
        before: tuple[str, ...] = (),
        **variables: str,
    ) -> Ended:
        """Run a command to its end; `before` is a program with its words that runs it."""
        done = subprocess.run(
            [*before, COMMAND, *words],
            env=self.environment | variables,
            input=input_text,
            stdin=subprocess.DEVNULL if input_text is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=300,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    def worker(
        self, role: str, seconds: float, name: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start one of `workers.py`'s processes."""
        return subprocess.Popen(
            [sys.executable, WORKERS, role, self.home, str(seconds), name],
            env=self.environment | dict(variables or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def failing_checks(self) -> list[doctor.Check]:
        """Return what the doctor finds wrong."""
        database = homes.open_home(self.home)
        try:
            return [check for check in doctor.check(database) if not check.ok]
        finally:
            database.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        database = homes.open_home(self.home)
        try:
            return [tuple(row) for row in database.read().execute(sql).fetchall()]
        finally:
            database.close()


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Return the command on a home of default settings, opened by a key file beside it."""
    made = Cli(tmp_path / "home", tmp_path)
    assert made.run("init", "--key-file", tmp_path / "keys" / "key").code == 0
    return made


@pytest.fixture(scope="session")
def refused() -> tuple[str, ...]:
    """Return what runs a command, for `Cli.run`'s `before`, so that closed files are closed."""
    return (sys.executable, "-c", REFUSED)
