"""Write `commands.md`: every command, option and setting, as the program itself knows them.

usage: python docs/write_commands.py [--check]

With --check nothing is written; ends with 1 where the page is not what it would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from memassist.assistant.config import SETTINGS
from memassist.ui.cli import cli

PAGE = Path(__file__).with_name("commands.md")
INTRODUCTION = """\
# Commands and settings

Written by `just docs` from the program itself. Results go to stdout, all else to stderr. Exit
codes: 0 done, also where some things became problems or a search found nothing; 1 our fault;
2 wrong usage; 3 nothing readable in the input; 4 locked or no key; 5 store damaged, too new or
opened by an affected library.
"""


def commands_page() -> str:
    """Return the page as Markdown. Raises `SystemExit` for a command or option without help."""
    parts = [INTRODUCTION]
    parts += _command_parts(cli, click.Context(cli, info_name="memassist"))
    parts.append("## Settings\n")
    parts.append(
        "In `config.toml` of the home; change them by `memassist config set NAME VALUE`.\n"
    )
    rows = (
        f"| `{name}` | `{setting.default!r}` | {setting.meaning} |"
        for name, setting in SETTINGS.items()
    )
    parts.append("\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _command_parts(command: click.Command, context: click.Context) -> list[str]:
    name = context.command_path
    if not command.help:
        sys.exit(f"{name} has no help")
    parts = [f"## {name}\n", " ".join(command.help.split()) + "\n"]
    usage = " ".join(command.collect_usage_pieces(context))
    parts.append(f"```\n{name} {usage}\n```\n")
    rows = []
    for option in command.params:
        if not isinstance(option, click.Option):
            continue
        record = option.get_help_record(context)
        if option.hidden or record is None:
            continue
        if not option.help:
            sys.exit(f"{name} {option.opts[0]} has no help")
        names, meaning = (cell.replace("|", "/") for cell in record)
        rows.append(f"| `{names}` | {meaning} |")
    if rows:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n")
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None and not child.hidden:
                parts += _command_parts(child, click.Context(child, context, info_name=child_name))
    return parts


def main() -> None:
    page = commands_page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
        return
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/commands.md is not what the program says: run `just docs`")


if __name__ == "__main__":
    main()
