"""One daemon for each home: started, found and stopped; a lock file that the kernel lets go of."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from memassist.assistant.daemon import client
from memassist.assistant.daemon.protocol import DaemonUnreachableError
from memassist.assistant.errors import AssistantError
from memassist.store.files import make_private_file, write_private_file
from memassist.store.keys import read_keyslots

if TYPE_CHECKING:
    from memassist.assistant.daemon.protocol import Message

LOCK_NAME = "daemon.lock"
LOG_NAME = "daemon.log"
LOG_BYTES = 1_000_000
START_SECONDS = 15.0


class DaemonRunsError(AssistantError):
    """A daemon runs for this home already."""


def run(home: Path, idle_seconds: float, lock_seconds: float) -> None:
    """Be this home's daemon. Raises `DaemonRunsError`, `HomeMissingError` and as opening does."""
    from memassist.assistant.daemon.server import Daemon

    read_keyslots(home)
    # The kernel lets go of the lock when the process ends, however it ends: none is ever stale.
    lock = FileLock(home / LOCK_NAME, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DaemonRunsError("A daemon runs for this home already.") from error
    try:
        _log_to(home / LOG_NAME)
        write_private_file(
            home / "daemon.json",
            json.dumps({"pid": os.getpid(), "started_at": time.time()}).encode(),
        )
        Daemon(home).run(idle_seconds, lock_seconds)
    finally:
        (home / "daemon.json").unlink(missing_ok=True)
        lock.release()


def start(home: Path) -> bool:
    """Start a daemon in the background unless one runs; True when one answers.

    It outlives this process and holds none of its files. Raises `HomeMissingError`.
    """
    read_keyslots(home)
    if status(home) is not None:
        return True
    subprocess.Popen(
        [*own_command(), "--home", str(home), "daemon", "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
    )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if status(home) is not None:
            return True
        time.sleep(0.05)
    return False


def stop(home: Path) -> bool:
    """Ask the daemon to stop and wait for it; False where none ran."""
    try:
        client.request(home, "stop")
    except DaemonUnreachableError:
        return False
    with contextlib.suppress(Timeout), FileLock(home / LOCK_NAME, mode=0o600, timeout=30):
        pass
    return True


def status(home: Path) -> Message | None:
    """Return what the daemon says of itself, None where none answers."""
    try:
        return client.request(home, "status")
    except DaemonUnreachableError:
        return None


def own_command() -> list[str]:
    """Return the absolute command that runs this program."""
    script = Path(sys.argv[0]).resolve()
    if script.name.startswith("memassist") and os.access(script, os.X_OK):
        return [str(script)]
    beside = Path(sys.executable).with_name("memassist")
    if beside.exists():
        return [str(beside)]
    found = shutil.which("memassist")
    return [found] if found else [sys.executable, "-m", "memassist.ui.cli"]


def _log_to(path: Path) -> None:
    make_private_file(path)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("memassist")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
