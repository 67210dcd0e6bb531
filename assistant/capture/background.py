"""Starting a capture that outlives the command, where no daemon hosts it."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from memassist.assistant.capture import control
from memassist.assistant.daemon.command import own_command

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 20.0
_LOOK_SECONDS = 0.05


def start(home: Path) -> None:
    """Start a capture in the background unless one runs, and wait until it does.

    Raises `NoDesktopError` where there is nothing to capture, and `CaptureRunsError` where it ends
    at once.
    """
    from memassist.ingest.capture.desktop import open_desktop

    if control.is_held(home):
        return
    open_desktop().close()  # what is in the way is told here, where somebody reads it
    process = subprocess.Popen(
        [*own_command(), "--home", str(home), "capture", "run", "--quiet"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),  # the same, on Windows
        close_fds=True,
        cwd="/",
    )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if control.read_state(home).doing not in ("off", "starting"):
            return
        if process.poll() is not None:
            break
        time.sleep(_LOOK_SECONDS)
    raise control.CaptureRunsError(
        "The capture did not start.", "See what it says in the foreground: memassist capture run"
    )
