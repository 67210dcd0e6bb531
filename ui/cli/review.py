"""The review inbox: what was proposed, and deciding about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memassist.store import times
from memassist.ui.cli.changes import memory_json, show_state
from memassist.ui.cli.common import (
    ListGroup,
    json_option,
    note,
    open_memory,
    plain,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.inbox import InboxEntry
    from memassist.store.memories import Memory


@click.group(cls=ListGroup)
def inbox() -> None:
    """Decide about memories that were proposed."""


@inbox.command("list")
@click.option(
    "--state",
    type=click.Choice(["pending", "approved", "rejected", "expired"]),
    default="pending",
    show_default=True,
    help="Which entries.",
)
@click.option("--all", "is_all", is_flag=True, help="All that wait, not only ten a day.")
@json_option
@click.pass_context
def inbox_list(context: click.Context, state: str, is_all: bool, as_json: bool) -> None:
    """List what waits, the most useful first: ten a day.

    What nobody was shown for two weeks expires; --state expired lists it, and inbox restore brings
    it back.
    """
    with open_memory(context) as memory:
        if state == "pending" and not is_all:
            found: Sequence[InboxEntry] = memory.inbox.today()
            others = memory.maintenance.stats().inbox - len(found)
        else:
            found = memory.inbox.list(state)  # type: ignore[arg-type]  # click.Choice checked it
            others = 0
    if as_json:
        print_json({"inbox": [_entry_json(one) for one in found]})
        return
    for one in found:
        show_state(one.id, one.candidate)
        click.echo(f"    waits because: {one.reason}")
    if others > 0:
        note(f"{others:,} more wait for another day; see them with --all.")
    elif not found:
        note("Nothing waits." if state == "pending" else f"Nothing is {state}.")


@inbox.command("show")
@click.argument("entry_id")
@json_option
@click.pass_context
def inbox_show(context: click.Context, entry_id: str, as_json: bool) -> None:
    """Show one entry."""
    with open_memory(context) as memory:
        found = memory.inbox.get(entry_id)
    _show_entry(found, as_json)


@inbox.command("approve")
@click.argument("entry_id")
@json_option
@click.pass_context
def inbox_approve(context: click.Context, entry_id: str, as_json: bool) -> None:
    """Make an entry a memory."""
    with open_memory(context) as memory:
        made = memory.inbox.approve(entry_id)
        memory.work()
        if made.state.type == "core":
            note(memory.memories.core().notice)
    _show_memory(made, as_json)


@inbox.command("edit")
@click.argument("entry_id")
@click.option("--text", required=True, help="What it should say.")
@json_option
@click.pass_context
def inbox_edit(context: click.Context, entry_id: str, text: str, as_json: bool) -> None:
    """Change what an entry says before deciding."""
    if not text.strip():
        raise click.UsageError("A memory can't be blank; reject it instead.")
    with open_memory(context) as memory:
        found = memory.inbox.edit(entry_id, text=text)
    _show_entry(found, as_json)


@inbox.command("merge")
@click.argument("entry_id")
@click.argument("memory_id")
@json_option
@click.pass_context
def inbox_merge(context: click.Context, entry_id: str, memory_id: str, as_json: bool) -> None:
    """Let a memory that says the same rest on an entry's evidence too."""
    with open_memory(context) as memory:
        merged = memory.inbox.merge(entry_id, memory_id)
        memory.work()
    _show_memory(merged, as_json)


@inbox.command("reject")
@click.argument("entry_id")
@json_option
@click.pass_context
def inbox_reject(context: click.Context, entry_id: str, as_json: bool) -> None:
    """Decide against an entry; it does not come back."""
    with open_memory(context) as memory:
        memory.inbox.reject(entry_id)
        found = memory.inbox.get(entry_id)
    _show_entry(found, as_json)


@inbox.command("restore")
@click.argument("entry_id")
@json_option
@click.pass_context
def inbox_restore(context: click.Context, entry_id: str, as_json: bool) -> None:
    """Let an entry that expired unseen wait again."""
    with open_memory(context) as memory:
        found = memory.inbox.put_back(entry_id)
    _show_entry(found, as_json)


def _show_memory(memory: Memory, as_json: bool) -> None:
    if as_json:
        print_json(memory_json(memory))
    else:
        show_state(memory.id, memory.state)


def _entry_json(entry: InboxEntry) -> dict[str, object]:
    content = plain(entry)
    assert isinstance(content, dict)
    return content | {
        "created_at": times.iso(entry.created_at),
        "shown_at": times.iso(entry.shown_at),
    }


def _show_entry(entry: InboxEntry, as_json: bool) -> None:
    if as_json:
        print_json(_entry_json(entry))
        return
    show_state(entry.id, entry.candidate)
    click.echo(f"    {entry.state}; waits because: {entry.reason}")


COMMANDS = (inbox,)
