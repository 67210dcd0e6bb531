"""What starts the daemon with a person's session: a systemd user unit, or an agent of launchd."""

from __future__ import annotations

import os
import plistlib
import sys
from pathlib import Path

from memassist.assistant.daemon.command import own_command

UNIT_NAME = "memassist.service"
AGENT_NAME = "memassist.plist"
LABEL = "memassist"
RESTART_SECONDS = 5
_UMASK = 0o077


def unit_path() -> Path:
    """Return where the system looks for what a person's session starts."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / AGENT_NAME
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user" / UNIT_NAME


def unit_text(home: Path) -> str:
    """Return the file's text, with absolute paths."""
    words = [*own_command(), "--home", str(home), "daemon", "run", "--stay"]
    return _agent(words) if sys.platform == "darwin" else _unit(words)


def start_command() -> str:
    """Return what a person types to have it started from now on."""
    if sys.platform == "darwin":
        return f"launchctl bootstrap gui/{os.getuid()} {unit_path()}"
    return f"systemctl --user enable --now {UNIT_NAME}"


def stop_command() -> str:
    """Return what a person types to end it and have it started no more."""
    if sys.platform == "darwin":
        return f"launchctl bootout gui/{os.getuid()}/{LABEL}"
    return f"systemctl --user disable --now {UNIT_NAME}"


def _unit(words: list[str]) -> str:
    """systemd.service(5)."""
    return f"""[Unit]
Description=memassist: private memory of this user

[Service]
ExecStart={" ".join(map(_quoted, words))}
Restart=on-failure
RestartSec={RESTART_SECONDS}
UMask={_UMASK:04o}
NoNewPrivileges=true
LimitCORE=0

[Install]
WantedBy=default.target
"""


def _agent(words: list[str]) -> str:
    """launchd.plist(5)."""
    described = {
        "Label": LABEL,
        "ProgramArguments": words,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_SECONDS,
        "Umask": _UMASK,
        "HardResourceLimits": {"Core": 0},
        "ProcessType": "Background",
    }
    return plistlib.dumps(described, sort_keys=False).decode()


def _quoted(part: str) -> str:
    """Quote for systemd, where % begins a specifier and $ a variable."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
