"""How commands steer a capture that another process runs: small files and a lock in the home.

`capture.json` says what the person wants of it and `private.json` whether they want to be private
in all; both are written by commands. `capture-state.json` says what the capture does and is written
by it. None holds a title, an application's name or any text.
The lock tells whether a process captures: the kernel lets go of it however that process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.errors import AssistantError
from memassist.store.files import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import FileLock

WISH_NAME = "capture.json"
PRIVATE_NAME = "private.json"
STATE_NAME = "capture-state.json"
LOCK_NAME = "capture.lock"
STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.05


class CaptureRunsError(AssistantError):
    """The screen is captured into this home already, or the capture does not stop."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person wants."""

    is_paused: bool = False
    paused_until: datetime | None = None
    """Aware UTC; None with `is_paused` is until they say otherwise."""

    def is_in_force(self, now: datetime) -> bool:
        """Whether nothing may be captured at an aware moment."""
        return self.is_paused and (self.paused_until is None or now < self.paused_until)

    def until(self) -> str:
        """Return when it ends, as a person says it: `14:30`, or `you end it`."""
        if self.paused_until is None:
            return "you end it"
        end = self.paused_until.astimezone()
        is_today = end.date() == datetime.now().astimezone().date()
        return f"{end:%H:%M}" if is_today else f"{end:%A, %H:%M}"


@dataclass(frozen=True, slots=True)
class CaptureState:
    """What a capture does and did since it began."""

    is_running: bool = False
    doing: str = "off"
    """`capturing`, or why not at the moment: `paused`, `screen locked`, `password manager` ..."""
    pid: int = 0
    started_at: str = ""
    """ISO 8601, UTC."""
    last_stored_at: str = ""
    looks: int = 0
    """Pictures that were compared."""
    readings: int = 0
    """Times text was read."""
    stored: int = 0
    """Items."""
    lines: int = 0
    secrets: int = 0
    """Lines in which something was masked."""
    cpu_seconds: float = 0.0
    """Of reading text."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Times nothing was taken, by reason."""
    last_error: str = ""


def read_wish(home: Path) -> Wish:
    """Return what the person wants of capture; to be private in all comes first."""
    private = read_private(home)
    return private if private.is_in_force(datetime.now(UTC)) else _read(home / WISH_NAME)


def write_wish(home: Path, wish: Wish) -> None:
    """Say what the person wants; a running capture heeds it within a second."""
    _write(home / WISH_NAME, wish)


def read_private(home: Path) -> Wish:
    """Return whether nothing is to be taken in by itself, and no other program to be served."""
    return _read(home / PRIVATE_NAME)


def write_private(home: Path, wish: Wish) -> None:
    """Say whether the person wants to be private in all."""
    _write(home / PRIVATE_NAME, wish)


def _read(path: Path) -> Wish:
    """Return a wish; a file that can't be read means a pause, to be safe."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        until = content.get("paused_until")
        return Wish(bool(content["is_paused"]), datetime.fromisoformat(until) if until else None)
    except FileNotFoundError:
        return Wish()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Wish(is_paused=True)


def _write(path: Path, wish: Wish) -> None:
    until = None if wish.paused_until is None else wish.paused_until.astimezone(UTC).isoformat()
    content = {"is_paused": wish.is_paused, "paused_until": until}
    write_private_file(path, json.dumps(content).encode())


def read_state(home: Path) -> CaptureState:
    """Return what the capture of this home does; off where none runs."""
    if not is_held(home):
        return CaptureState()
    try:
        content = json.loads((home / STATE_NAME).read_text(encoding="utf-8"))
        return CaptureState(**content)
    except (OSError, ValueError, TypeError):
        return CaptureState(is_running=True, doing="starting")


def write_state(home: Path, state: CaptureState) -> None:
    """Tell what the capture does."""
    write_private_file(home / STATE_NAME, json.dumps(asdict(state)).encode())


def sign(home: Path) -> str:
    """Return the visible sign of capture in one line; empty where none runs."""
    state = read_state(home)
    if not state.is_running:
        return ""
    if state.doing == "capturing":
        return "\N{BLACK CIRCLE} capturing the screen"
    return f"\N{WHITE CIRCLE} screen capture: {state.doing}"


def lock_of(home: Path) -> FileLock:
    """Return the lock that whoever captures holds."""
    from filelock import FileLock

    return FileLock(home / LOCK_NAME, mode=0o600)


def is_held(home: Path) -> bool:
    """Whether a process captures into this home."""
    from filelock import Timeout

    if not (home / LOCK_NAME).exists():
        return False
    lock = lock_of(home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def stop(home: Path) -> bool:
    """Ask the capture to end and wait until it has; False where none ran.

    Raises `CaptureRunsError` where it does not end.
    """
    state = read_state(home)
    if not state.is_running:
        return False
    end = time.monotonic() + STOP_SECONDS
    while state.pid == 0 and is_held(home) and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)  # it starts just now
        state = read_state(home)
    if state.pid == os.getpid():
        raise CaptureRunsError("This process captures the screen itself.")
    if state.pid:
        # The number is that of the lock's holder: the file is removed when it ends.
        with contextlib.suppress(ProcessLookupError):
            os.kill(state.pid, signal.SIGTERM)
    while is_held(home):
        if time.monotonic() > end:
            raise CaptureRunsError("The capture still ends the work in hand.", "Look again soon.")
        time.sleep(_LOOK_SECONDS)
    return True
