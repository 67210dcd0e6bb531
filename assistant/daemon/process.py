"""One daemon for each home: started, found and stopped; a lock file that the kernel lets go of."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import time
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from memassist.assistant.daemon import client
from memassist.assistant.daemon.command import own_command
from memassist.assistant.daemon.protocol import DaemonUnreachableError, socket_path
from memassist.assistant.errors import AssistantError
from memassist.plugins.heap import keep_heaps_small
from memassist.store.errors import StoreError
from memassist.store.files import make_private_file, write_private_file
from memassist.store.keys import read_keyslots

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import FileLock

    from memassist.assistant.daemon.protocol import Message

LOCK_NAME = "daemon.lock"
STATE_NAME = "daemon.json"
LOG_NAME = "daemon.log"
LOG_BYTES = 1_000_000
START_SECONDS = 30.0
STARTS = 3
STOP_SECONDS = 60.0
_LOOK_SECONDS = 0.05

log = logging.getLogger("memassist.daemon")
_started: list[subprocess.Popen[bytes]] = []
"""Daemons that this process started: asked for their end now and then, or they stay as zombies."""


class DaemonRunsError(AssistantError):
    """A daemon runs for this home already, or does not stop."""


def run(home: Path, idle_seconds: float, lock_seconds: float, *, stay: bool = False) -> None:
    """Be this home's daemon until told to stop, or until idle for long.

    With `stay` it waits for another one to leave, and never leaves by itself.
    Raises `DaemonRunsError`, `DaemonUnreachableError` where none can run, and as opening a home
    does; a locked one waits for its key.
    """
    from filelock import Timeout

    from memassist.assistant.daemon.server import Daemon

    read_keyslots(home)
    socket_path(home)  # raises where none can run
    keep_heaps_small()
    _forbid_core_dumps()
    # The kernel lets go of the lock when the process ends, however it ends: none is ever stale.
    lock = _lock_of(home)
    try:
        # A second, as `is_held` takes the lock for a moment too.
        lock.acquire(timeout=-1 if stay else 1.0, poll_interval=1.0 if stay else _LOOK_SECONDS)
    except Timeout as error:
        raise DaemonRunsError("A daemon runs for this home already.") from error
    handler = _log_to(home / LOG_NAME)
    try:
        state = {"pid": os.getpid(), "started_at": time.time()}
        write_private_file(home / STATE_NAME, json.dumps(state).encode())
        Daemon(home).run(0 if stay else idle_seconds, lock_seconds)
    except Exception as error:
        # Started in the background it has nobody to tell; the text may quote what it is about.
        log.error("stopped by %s", type(error).__name__)
        raise
    finally:
        (home / STATE_NAME).unlink(missing_ok=True)
        logging.getLogger("memassist").removeHandler(handler)
        handler.close()
        lock.release()


def start(home: Path) -> bool:
    """Start a daemon in the background unless one runs; True when one answers.

    It outlives this process and holds none of its files. One of another version is replaced.
    Raises `HomeMissingError`, and `DaemonUnreachableError` where none can run.
    """
    read_keyslots(home)
    socket_path(home)  # raises where none can run
    found = status(home)
    if found is not None and found.get("version") == version("memassist"):
        return True
    if found is not None:
        stop(home)
    end = time.monotonic() + START_SECONDS
    for _ in range(STARTS):
        process = _spawn(home)
        while time.monotonic() < end:
            if status(home) is not None:
                return True
            # It ends at once where another one was faster, which then answers soon. Where several
            # processes start one at the same time, they may be in each other's way.
            if process.poll() is not None and not is_held(home):
                break
            time.sleep(_LOOK_SECONDS)
    return status(home) is not None


def _spawn(home: Path) -> subprocess.Popen[bytes]:
    _started[:] = [process for process in _started if process.poll() is None]
    process = subprocess.Popen(
        [*own_command(), "--home", str(home), "daemon", "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
        cwd="/",
    )
    _started.append(process)
    return process


def start_quietly(home: Path) -> bool:
    """Start a daemon as `start` does; False, never an error, where that can't be."""
    try:
        return start(home)
    except (AssistantError, StoreError, OSError):
        return False


def stop(home: Path) -> bool:
    """Ask the daemon to stop and wait until it is gone; False where none ran.

    Raises `DaemonRunsError` where it does not go.
    """
    try:
        client.request(home, "stop")
    except DaemonUnreachableError:
        return False
    end = time.monotonic() + STOP_SECONDS
    while is_held(home):
        if time.monotonic() > end:
            raise DaemonRunsError("The daemon still ends the work in hand.", "Look again soon.")
        time.sleep(_LOOK_SECONDS)
    return True


def is_held(home: Path) -> bool:
    """Whether a process is this home's daemon, whether or not it answers yet."""
    from filelock import Timeout

    lock = _lock_of(home)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def status(home: Path) -> Message | None:
    """Return what the daemon says of itself, None where none answers."""
    try:
        return client.request(home, "status")
    except DaemonUnreachableError:
        return None


def _lock_of(home: Path) -> FileLock:
    from filelock import FileLock

    return FileLock(home / LOCK_NAME, mode=0o600)


def _forbid_core_dumps() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _log_to(path: Path) -> logging.Handler:
    make_private_file(path)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("memassist")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler
