"""For how long nobody touched anything in a Wayland session, as swayidle tells.

No program sees keys or the pointer there. The compositor counts itself, and says (ext-idle-notify)
when a time without any input is over, and when the next input comes: swayidle waits for that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time

IDLE_AFTER_SECONDS = 15
"""Shorter rests than this are none."""
START_AGAIN_SECONDS = 60.0
_IDLE, _ACTIVE = b"i", b"a"
# Ends with this process, however that ends: its end of the pipe is closed then, and `read` is over.
# The shell gives up its own end of the answers, so that they are over when swayidle is.
_UNTIL_CLOSED = '"$@" & exec >&-; read -r line; kill "$!"'


class IdleWatch:
    """Runs swayidle where it is installed. One thread's."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._program = shutil.which("swayidle")
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = -START_AGAIN_SECONDS
        self._idle_since: float | None = None

    def seconds(self) -> float:
        """Return the seconds without input, 0 where there were few or nobody tells.

        To be asked every second or so: what swayidle said counts from when it is read.
        """
        now = time.monotonic()
        self._listen(now)
        return 0.0 if self._idle_since is None else now - self._idle_since

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        self._idle_since = None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()

    def _listen(self, now: float) -> None:
        if self._process is None:
            if self._program is None or now - self._started_at < START_AGAIN_SECONDS:
                return
            self._started_at = now
            self._process = _started(self._program)
        assert self._process.stdout is not None
        try:
            told = os.read(self._process.stdout.fileno(), 4096)
        except BlockingIOError:
            return  # nothing new
        if not told:  # it broke down, or this compositor does not count
            self.close()
        else:
            is_idle = told[-1:] == _IDLE
            self._idle_since = now - IDLE_AFTER_SECONDS if is_idle else None


def _started(program: str) -> subprocess.Popen[bytes]:
    # The person's own configuration would lock the screen a second time.
    command = [program, "-w", "-C", os.devnull, "timeout", str(IDLE_AFTER_SECONDS)]
    command += [f"printf {_IDLE.decode()}", "resume", f"printf {_ACTIVE.decode()}"]
    process = subprocess.Popen(
        ["/bin/sh", "-c", _UNTIL_CLOSED, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    return process
