"""One item whole, and what it said before: show."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import (
    counted,
    json_option,
    note,
    open_memory,
    plain_object,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.items import Item

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal might take for a command; a text that was taken in may hold it."""


@click.command()
@click.argument("identifier", metavar="ID")
@click.option("--versions", "is_list", is_flag=True, help="List its versions instead.")
@click.option(
    "--changes", "is_changes", is_flag=True, help="Show what changed since the one before."
)
@json_option
@click.pass_context
def show(
    context: click.Context, identifier: str, is_list: bool, is_changes: bool, as_json: bool
) -> None:
    """Show an item whole: a page, a message, a file as it was when it was read.

    A file that is watched has a version for each time it was saved with another text; the id of
    an older one shows what it said then.
    """
    with open_memory(context) as memory:
        item = memory.item(identifier)
        versions = memory.versions(item.id)
    if as_json:
        print_json(plain_object(item) | {"versions": [_short(one) for one in versions]})
        return
    if is_list:
        for one in reversed(versions):
            click.echo(
                f"{one.version:4}  {one.captured_at.astimezone():%Y-%m-%d %H:%M}"
                f"  {len(one.text):,} characters  (item {one.id[-8:]})"
            )
        return
    place = next(number for number, one in enumerate(versions) if one.id == item.id)
    _tell(item, versions)
    if not is_changes:
        click.echo(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", item.text))
    elif place == 0:
        note("There is no version before it.")
    else:
        before = versions[place - 1].text.splitlines()
        for line in [*difflib.unified_diff(before, item.text.splitlines(), lineterm="", n=2)][2:]:
            shade = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.secho(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", line), fg=shade)


def _tell(item: Item, versions: Sequence[Item]) -> None:
    """Say on stderr what it is, so that the text alone can be kept."""
    when = item.occurred_at or item.captured_at.astimezone()
    who = "you" if item.is_owner else item.author or item.role
    note(f"{item.title or item.conversation or item.kind}, {when:%Y-%m-%d %H:%M}, {who}")
    note(f"from {item.source}" + (f", {item.uri}" if item.uri else ""))
    if len(versions) > 1:
        others = counted(len(versions), "version")
        note(f"version {item.version}; {others}: memassist show {item.id[-8:]} --versions")
    note("")


def _short(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "version": item.version,
        "captured_at": item.captured_at,
        "characters": len(item.text),
    }


COMMANDS = (show,)
