"""Capture as a child of the daemon: started where the person switched it on, and again if it dies.

A process of its own, as the desktop and the text recognition are other people's code: whatever
becomes of them, the daemon goes on. The child gets the key as any command does.
"""

from __future__ import annotations

import logging
import subprocess
import time
from typing import TYPE_CHECKING

from memassist.assistant.capture import control
from memassist.assistant.config import load
from memassist.assistant.daemon.command import own_command
from memassist.assistant.daemon.session import session_environment
from memassist.assistant.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("memassist.capture")

LOOK_SECONDS = 2.0
"""Between looks at the settings and the child."""
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0
STEADY_SECONDS = 60.0
"""A child that lived so long is started again at once when it ends."""
END_SECONDS = 15.0


class CaptureChild:
    """One home's capture process. `step` about once a second, `close` at the end; one thread's."""

    def __init__(self, home: Path) -> None:
        """Start nothing yet."""
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None
        self._looked_at = 0.0
        self._began_at = 0.0
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._not_before = 0.0
        self._is_wanted = False
        self._is_elsewhere = False
        """Whether another process, such as that of `capture start`, captures into the home."""

    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.poll() is None

    def is_capturing(self) -> bool:
        """Whether the screen is captured into this home, by the child or by another process."""
        return self.is_running() or self._is_elsewhere

    def is_on(self) -> bool:
        """Whether there is, or shall be, a capture to look after."""
        return self._is_wanted or self.is_capturing()

    def trouble(self) -> str:
        """Return why a capture that is switched on is not there; empty where all is well."""
        if not self._is_wanted or self.is_capturing() or self._not_before <= self._began_at:
            return ""
        return "it ended by itself and is tried again; memassist capture run says why"

    def step(self, *, is_open: bool) -> None:
        """Start the child, or end it, as the settings say and the home is open or locked."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS and is_open:
            return
        self._looked_at = now
        self._is_wanted = is_open and self._is_enabled()
        if self._child is not None and self._child.poll() is not None:
            self._ended(now)
        self._is_elsewhere = self._child is None and control.is_held(self._home)
        if not self._is_wanted:
            self.close()
            self._retry_seconds, self._not_before = FIRST_RETRY_SECONDS, 0.0
        elif self._child is None and now >= self._not_before and not self._is_elsewhere:
            self._start(now)

    def close(self) -> None:
        """End the child, after the picture in hand."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _start(self, now: float) -> None:
        self._began_at = now
        try:
            self._child = subprocess.Popen(
                [*own_command(), "--home", str(self._home), "capture", "run", "--quiet"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                close_fds=True,
                cwd="/",
                env=session_environment(),
            )
        except OSError as error:
            log.warning("capture not started: %s", type(error).__name__)
            self._ended(now)

    def _ended(self, now: float) -> None:
        if self._child is not None:
            log.info("capture ended with %s", self._child.returncode)
        self._child = None
        if now - self._began_at > STEADY_SECONDS:
            self._retry_seconds = FIRST_RETRY_SECONDS
        self._not_before = now + self._retry_seconds
        self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)

    def _is_enabled(self) -> bool:
        try:
            return load(self._home).flag("capture.enabled")
        except (ConfigError, OSError):
            return self._child is not None  # as it was, until the settings can be read again
