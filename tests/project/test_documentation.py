"""The documentation says what the program does, and CI runs what the README tells people."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from memassist.ui.cli import cli

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


def test_commands_in_the_documentation_exist(repository: Path) -> None:
    pages = [repository / "README.md", *(repository / "docs").glob("**/*.md")]
    found = [
        (page.name, words)
        for page in pages
        for words in re.findall(
            r"(?:`|^|&& )memassist ([a-z-][^`\n#]*)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert len(found) > 10
    unknown = [f"{name}: memassist {words}" for name, words in found if not is_known(words)]
    assert unknown == []


def is_known(words: str) -> bool:
    """Whether each command and each option in a line of the documentation exists."""
    command: click.Command = cli
    options = {name for option in cli.params for name in option.opts}
    for word in words.split():
        if isinstance(command, click.Group) and not word.startswith("-"):
            if word not in command.commands:
                return word.isupper()  # a placeholder, such as COMMAND
            command = command.commands[word]
            options |= {name for option in command.params for name in option.opts}
        elif word.startswith("--") and word.strip("[].,").partition("=")[0] not in options:
            return word.strip("[].,") in ("--help", "--")
    return True


@pytest.mark.parametrize(
    ("words", "is_right"),
    [
        ("import PATH --mine", True),
        ("config set me Ann", True),
        ("--home X search --lexical heat", True),
        ("imports PATH", False),
        ("import PATH --ours", False),
        ("config change me Ann", False),
    ],
)
def test_what_counts_as_a_known_command(words: str, is_right: bool) -> None:
    assert is_known(words) is is_right
