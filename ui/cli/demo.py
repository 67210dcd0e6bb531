"""The demo: `memassist demo` shows in one screen or two what the program does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import json_option, print_json, progress

if TYPE_CHECKING:
    from memassist.assistant.demo import DemoResult


@click.command()
@click.option("--data", type=click.Path(), help="Run it on this file or folder instead of ours.")
@click.option(
    "--questions",
    type=click.Path(),
    help='Ask these: a line each, text or JSON like {"question": "..."}.',
)
@click.option("--me", multiple=True, help="A name in the data that means you; may be repeated.")
@click.option("--mine", is_flag=True, help="The data was written by you.")
@click.option("--keep", is_flag=True, help="Keep the home, and say where it lies.")
@json_option
def demo(
    data: str | None,
    questions: str | None,
    me: tuple[str, ...],
    mine: bool,
    keep: bool,
    as_json: bool,
) -> None:
    """Show what it does, on samples, in a temporary encrypted home."""
    from memassist.assistant import demo as demonstration
    from memassist.assistant.errors import NothingReadableError

    asked = None if questions is None else Path(questions).expanduser()
    if data is not None:
        samples = demonstration.read_samples(Path(data).expanduser(), asked, me=me, is_mine=mine)
    elif me or mine:
        raise click.UsageError("--me and --mine go with --data.")
    else:
        samples = demonstration.builtin_samples(asked)
    result = demonstration.run(samples, progress, keep=keep)
    if as_json:
        print_json(result)
    else:
        _show(result, is_own=data is not None)
    if not any(source.stored for source in result.taken_in):
        raise NothingReadableError("Nothing of the data could be taken in.")


def _show(result: DemoResult, *, is_own: bool) -> None:
    from rich.console import Console

    from memassist.ui.cli.demo_view import view

    # Started by `uv run`, the command is on nobody's path.
    command = "uv run memassist" if os.environ.get("UV") else "memassist"
    console = Console(highlight=False)
    console.width = min(console.width, 96)
    for part in view(result, command=command, is_own=is_own):
        console.print(part)


COMMANDS = (demo,)
