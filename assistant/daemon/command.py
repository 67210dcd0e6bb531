"""The command that runs this program, for other programs and for processes of our own."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_PROGRAM = "from memassist.ui.cli import main; main()"


def own_command() -> list[str]:
    """Return the absolute command that runs this program."""
    script = Path(sys.argv[0])
    # Not resolved: a link in ~/.local/bin stays where it is when what it points to moves.
    if script.name.startswith("memassist") and script.is_absolute() and os.access(script, os.X_OK):
        return [str(script)]
    beside = Path(sys.executable).with_name("memassist")
    if beside.exists():
        return [str(beside)]
    found = shutil.which("memassist")
    return [str(Path(found).absolute())] if found else [sys.executable, "-c", _PROGRAM]
