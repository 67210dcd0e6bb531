"""The desktop session's environment, for a daemon that was started before there was one.

systemd starts a user's units at the login, before the desktop runs, and gives each the environment
of that moment. Desktops tell their display to the user's service manager (`systemctl --user
import-environment`, or D-Bus's activation environment), which gives it to whoever asks.
"""

from __future__ import annotations

import os
import shutil
import subprocess

NAMES = frozenset(
    {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SWAYSOCK", "XDG_SESSION_ID", "XDG_SESSION_TYPE"}
    | {"XDG_CURRENT_DESKTOP", "DBUS_SESSION_BUS_ADDRESS"}
)
"""What tells a program the desktop it is on."""
_ANSWER_SECONDS = 2.0


def session_environment() -> dict[str, str]:
    """Return the environment for a process that looks at the desktop.

    It is this process's own where that names a display, or where nobody knows of one.
    """
    own = dict(os.environ)
    if own.get("DISPLAY") or own.get("WAYLAND_DISPLAY"):
        return own
    program = shutil.which("systemctl")
    return own if program is None else own | _told(program)


def _told(program: str) -> dict[str, str]:
    try:
        done = subprocess.run(
            [program, "--user", "show-environment"],
            capture_output=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    lines = (line.partition("=") for line in os.fsdecode(done.stdout).splitlines())
    # What a shell would have to unquote ($'...') is no display's name.
    return {name: text for name, _, text in lines if name in NAMES and text and text[0] != "$"}
