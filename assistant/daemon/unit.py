"""A systemd user unit, so that the daemon comes and goes with the person's session."""

from __future__ import annotations

import os
from pathlib import Path

from memassist.assistant.daemon.command import own_command

UNIT_NAME = "memassist.service"


def unit_path() -> Path:
    """Return where systemd looks for a user's units."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user" / UNIT_NAME


def unit_text(home: Path) -> str:
    """Return the unit's text, with absolute paths."""
    command = " ".join(_quoted(part) for part in [*own_command(), "--home", str(home)])
    return f"""[Unit]
Description=memassist: private memory of this user

[Service]
ExecStart={command} daemon run --stay
Restart=on-failure
RestartSec=5
UMask=0077
NoNewPrivileges=true
LimitCORE=0

[Install]
WantedBy=default.target
"""


def _quoted(part: str) -> str:
    """Quote for systemd, where % begins a specifier and $ a variable."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
