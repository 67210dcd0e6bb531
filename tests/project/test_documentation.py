"""The documentation says what the program does, and CI runs what the README tells people."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("uv run memassist demo", "uv run pytest")


def test_the_page_of_commands_is_what_the_program_says(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, repository / "docs" / "write_commands.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_ci_runs_what_the_readme_tells(repository: Path, command: str) -> None:
    script = (repository / ".ci" / "run").read_text(encoding="utf-8")
    readme = (repository / "README.md").read_text(encoding="utf-8")
    # Alone on its line in the script: no option that a person would not type.
    assert re.search(rf"^\s*{re.escape(command)}$", script, re.MULTILINE)
    assert command in readme


def test_the_readme_tells_how_to_get_uv(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert "pip install uv && uv run memassist demo" in readme


def test_links_between_pages_lead_somewhere(repository: Path) -> None:
    pages = [repository / "README.md", *(repository / "docs").glob("**/*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
