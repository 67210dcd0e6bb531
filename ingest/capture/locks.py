"""Whether the session is locked, as its login manager tells."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

LOCKERS = frozenset(
    {"i3lock", "slock", "xsecurelock", "xscreensaver", "xlock", "physlock", "light-locker"}
    | {"gnome-screensaver", "mate-screensaver", "cinnamon-screensaver", "xfce4-screensaver"}
    | {"kscreenlocker_greet", "betterlockscreen", "slimlock"}
)
"""Classes of windows of lock screens, in small letters."""
ASK_SECONDS = 5.0
_ANSWER_SECONDS = 2.0


class SessionLock:
    """Asks logind, now and then, whether this session is locked."""

    def __init__(self) -> None:
        """Find out whether there is somebody to ask."""
        self._session = os.environ.get("XDG_SESSION_ID", "")
        self._program = shutil.which("loginctl")
        self._asked_at = -ASK_SECONDS
        self._is_locked = False

    def is_locked(self) -> bool:
        """Return what logind said in the last seconds; False where there is none."""
        now = time.monotonic()
        if self._program is not None and now - self._asked_at >= ASK_SECONDS:
            self._asked_at = now
            self._is_locked = self._ask(self._program)
        return self._is_locked

    def _ask(self, program: str) -> bool:
        try:
            # A service of the user is in no session; logind knows the one with the desktop.
            session = self._session or _told(program, "show-user", str(os.getuid()), "Display")
            return bool(session) and _told(program, "show-session", session, "LockedHint") == "yes"
        except (OSError, subprocess.TimeoutExpired):
            return self._is_locked


def _told(program: str, verb: str, whose: str, name: str) -> str:
    """Return a property, empty where there is none. Raises `OSError` and `TimeoutExpired`."""
    command = [program, verb, whose, f"--property={name}", "--value"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False
    )
    return done.stdout.strip()
