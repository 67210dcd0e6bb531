"""Looking at memories and changing them: memories, undo, forget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

import click

from memassist.plugins.types import MEMORY_TYPES, Trust
from memassist.store import times
from memassist.store.errors import NotFoundError
from memassist.ui.cli.common import (
    ListGroup,
    counted,
    json_option,
    note,
    open_memory,
    parse_time,
    plain,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.assistant.core import CoreMemory
    from memassist.store.links import Link
    from memassist.store.memories import Memory, MemoryState, Revision


def memory_json(memory: Memory) -> dict[str, object]:
    """Return a memory as one flat JSON object."""
    state = plain(memory.state)
    assert isinstance(state, dict)
    for name in ("occurred_from", "occurred_to", "valid_from", "valid_to"):
        state[name] = times.iso(state[name])
    return {
        "id": memory.id,
        "version": memory.version,
        **state,
        "created_at": times.iso(memory.created_at),
        "updated_at": times.iso(memory.updated_at),
    }


def show_state(identifier: str, state: MemoryState) -> None:
    """Print a memory or candidate with what it rests on."""
    marks = (state.type, *(["pinned"] if state.is_pinned else ()))
    marks += ("archived",) if state.is_archived else ()
    if state.valid_to is not None:
        marks += (f"until {times.from_ms(state.valid_to):%Y-%m-%d}",)
    click.secho(f"{identifier[-8:]}  {', '.join(marks)}", bold=True)
    click.echo(f"    {state.text}")
    for one in state.evidence:
        click.echo(f"    evidence: “{' '.join(one.quote.split())}”  (item {one.item_id})")


def core_json(core: CoreMemory) -> dict[str, object]:
    """Return the meter of core memory as a JSON object."""
    out = [line.statement.memory_id for line in core.lines if not line.is_in_prompts]
    return {"tokens": core.tokens, "budget_tokens": core.budget_tokens, "left_out": out}


def show_links(memory_id: str, found: Iterable[Link]) -> None:
    """Print the links of a memory, each as seen from it."""
    for one in found:
        is_outgoing = one.from_id == memory_id
        other = one.to_id if is_outgoing else one.from_id
        text = one.to_text if is_outgoing else one.from_text
        through = f" ({one.through})" if one.through else ""
        name = one.relation if is_outgoing else _SEEN_FROM_THE_OTHER[one.relation]
        click.echo(f"    {name}{through}: {' '.join(text.split())}  [{other[-8:]}]")


_SEEN_FROM_THE_OTHER = {
    "follows": "followed by",
    "contradicts": "contradicted by",
    "part-of": "has part",
    "about": "told in",
}


@click.group(cls=ListGroup)
def memories() -> None:
    """List, show and edit memories, and see how they changed; without COMMAND it lists them."""


@memories.command("list")
@click.option("--type", "type_", type=click.Choice(MEMORY_TYPES), help="Only of this type.")
@click.option("--archived", is_flag=True, help="Archived ones too.")
@click.option("--limit", default=-1, help="How many; all without it.")
@click.option("--as-of", help="What held at that time, such as 2026-03-01.")
@click.option("--believed-on", help="As it was known here at that time.")
@json_option
@click.pass_context
def memories_list(
    context: click.Context,
    type_: str | None,
    archived: bool,
    limit: int,
    as_of: str | None,
    believed_on: str | None,
    as_json: bool,
) -> None:
    """List memories with their evidence, pinned ones first.

    With --type core the meter comes first: core memory is in every prompt, so it has a budget.
    """
    wanted = next((one for one in MEMORY_TYPES if one == type_), None)
    held_at = parse_time(as_of, "--as-of")
    recorded_at = parse_time(believed_on, "--believed-on")
    with open_memory(context) as memory:
        if held_at is None and recorded_at is None:
            found = memory.memories.list(wanted, with_archived=archived, limit=limit)
        else:
            past = memory.memories.as_of(held_at=held_at, recorded_at=recorded_at, type_=wanted)
            found = list(past if limit < 0 else past[:limit])
        core = memory.memories.core() if wanted == "core" else None
    if as_json:
        listed: dict[str, object] = {"memories": [memory_json(one) for one in found]}
        print_json(listed if core is None else {"core": core_json(core), **listed})
        return
    if core is not None:
        click.echo(f"core memory: {core.meter}")
        note(core.notice)
    for one in found:
        show_state(one.id, one.state)
    if not found:
        note("There are no memories yet.")


@memories.command("show")
@click.argument("memory_id")
@json_option
@click.pass_context
def memories_show(context: click.Context, memory_id: str, as_json: bool) -> None:
    """Show one memory with all its fields."""
    with open_memory(context) as memory:
        found = memory.memories.get(memory_id)
        links = memory.links.of(found.id)
        retention = memory.memories.retention(found.id)
        memory.memories.note_uses([found.id])
    if as_json:
        print_json(memory_json(found) | {"retention": round(retention, 3), "links": links})
        return
    show_state(found.id, found.state)
    for name, value in memory_json(found).items():
        if name not in ("id", "text", "type", "evidence"):
            _show_field(name, value, 4)
    show_links(found.id, links)


def _show_field(name: str, value: object, indent: int) -> None:
    """Print one field, lists and fields within it below; one that says nothing is left out."""
    if value in (None, "", [], {}, False):
        return
    lead = " " * indent
    label = f"{lead}{name.replace('_', ' ')}:"
    if name == "trust" and isinstance(value, int):
        click.echo(f"{label} {Trust(value).name.lower().replace('_', ' ')}")
    elif isinstance(value, dict):
        click.echo(label)
        for inner, one in value.items():
            _show_field(inner, one, indent + 2)
    elif isinstance(value, list) and name == "steps":
        click.echo(label)
        for number, step in enumerate(value, 1):
            click.echo(f"{lead}  {number}. {step}")
    elif isinstance(value, list):
        # The entities of a memory are objects of kind and name.
        names = (str(one["name"]) if isinstance(one, dict) else str(one) for one in value)
        click.echo(f"{label} {', '.join(names)}")
    else:
        click.echo(f"{label} {'yes' if value is True else value}")


@memories.command("edit")
@click.argument("memory_id")
@click.option("--text", help="What it says.")
@click.option("--tag", "tags", multiple=True, help="Its tags from now on; may be repeated.")
@click.option("--pin/--unpin", default=None, help="Keep it first, and from being replaced.")
@click.option("--archive/--unarchive", default=None, help="Take it out of search, or back in.")
@click.option("--expect-version", type=int, help="Refuse if it was changed since this version.")
@json_option
@click.pass_context
def memories_edit(
    context: click.Context,
    memory_id: str,
    text: str | None,
    tags: tuple[str, ...],
    pin: bool | None,
    archive: bool | None,
    expect_version: int | None,
    as_json: bool,
) -> None:
    """Change a memory; what it was is kept, and undo brings it back."""
    if text is not None and not text.strip():
        raise click.UsageError("A memory can't be blank; archive or forget it instead.")
    if text is None and not tags and pin is None and archive is None:
        raise click.UsageError("What should change? See --help.")
    with open_memory(context) as memory:
        found = memory.memories.edit(
            memory_id,
            text=text,
            tags=tags or None,
            is_pinned=pin,
            is_archived=archive,
            expected_version=expect_version,
        )
        memory.work()
    if as_json:
        print_json(memory_json(found))
    else:
        show_state(found.id, found.state)


@memories.command("history")
@click.argument("memory_id", required=False)
@click.option("--limit", default=50, show_default=True, help="How many.")
@json_option
@click.pass_context
def memories_history(
    context: click.Context, memory_id: str | None, limit: int, as_json: bool
) -> None:
    """Show the changes to one memory, or the latest of all."""
    with open_memory(context) as memory:
        target = memory.memories.get(memory_id).id if memory_id else None
        found = memory.history(target, limit)
    if as_json:
        print_json({"revisions": [_revision_json(one) for one in found]})
        return
    for one in found:
        click.echo(f"{one.id[-8:]}  {times.iso(one.created_at)}  {one.actor}: {one.action}")


def _revision_json(revision: Revision) -> dict[str, object]:
    content = plain(revision)
    assert isinstance(content, dict)
    return content | {"created_at": times.iso(revision.created_at)}


@click.command()
@click.argument("revision_id", required=False)
@json_option
@click.pass_context
def undo(context: click.Context, revision_id: str | None, as_json: bool) -> None:
    """Take back one change, or the latest that you made.

    What rules, models and other programs changed is taken back by the id that memories history
    shows.
    """
    with open_memory(context) as memory:
        if revision_id is None:
            newest = memory.newest_change() or _none_of_yours(memory.history(limit=1))
            note(f"Taking back your {newest.action} of {times.iso(newest.created_at)}.")
            revision_id = newest.id
        revision = memory.undo(revision_id)
        memory.work()
    if as_json:
        print_json(_revision_json(revision))
    else:
        click.echo(
            f"Undone: {revision.target_kind} {revision.target[-8:]}, “{_text_of(revision)}”,"
            f" is {'as it was before' if revision.after else 'gone'}."
        )


def _none_of_yours(newest: Sequence[Revision]) -> NoReturn:
    if not newest:
        raise NotFoundError("change that could be undone")
    one = newest[0]
    raise click.UsageError(
        f"You changed nothing that could be undone. The newest change, by {one.actor}, is the"
        f" {one.action} of “{_text_of(one)}”; take it back with: memassist undo {one.id[-8:]}"
    )


def _text_of(revision: Revision) -> str:
    """Return what a change left its target saying, or what it said before it was taken away."""
    content = json.loads(revision.after or revision.before or "{}")
    return " ".join(str(content.get("candidate", content).get("text", "")).split())


@click.command()
@click.argument("identifier", required=False)
@click.option("--memory", "is_memory", is_flag=True, help="It is a memory's id; its items stay.")
@click.option(
    "--include-backups",
    is_flag=True,
    help="Delete the copies that upgrades left in the home too; alone, only these.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def forget(
    context: click.Context,
    identifier: str | None,
    is_memory: bool,
    include_backups: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase an item and all that rests on it, for good.

    Copies that you made with memassist backup are out of its reach and keep what they hold.
    """
    if identifier is None and not include_backups:
        raise click.UsageError("What should be forgotten? Give an id.")
    with open_memory(context) as memory:
        what = []
        if identifier is not None:
            if is_memory:
                found = memory.memories.get(identifier)
                identifier, text = found.id, found.state.text
            else:
                item = memory.item(identifier)
                identifier, text = item.id, item.text
            what.append(f"“{' '.join(text.split())[:100]}”")
        copies = memory.maintenance.old_copies()
        if include_backups:
            what.append(
                counted(copies, "copy from before an upgrade", "copies from before upgrades")
            )
        _confirm_erasing(" and ".join(what), yes)
        done = None
        if identifier is not None:
            done = (
                memory.forget(memory_id=identifier)
                if is_memory
                else memory.forget(item_ids=[identifier])
            )
        dropped = memory.maintenance.drop_old_copies() if include_backups else 0
    if as_json:
        erased = plain(done) if done is not None else {}
        assert isinstance(erased, dict)
        print_json(erased | {"backups": dropped, "backups_left": copies - dropped})
        return
    if done is not None:
        click.echo(
            f"Erased {counted(done.items, 'item')} and"
            f" {counted(done.memories, 'memory', 'memories')};"
            f" {counted(done.to_review, 'memory', 'memories')} went to the inbox."
        )
        if not done.is_complete:
            note("Another process still reads the store; the last traces go when it ends.")
    if include_backups:
        click.echo(f"Deleted {counted(dropped, 'copy', 'copies')} from before upgrades.")
    elif copies:
        note(
            f"{counted(copies, 'copy', 'copies')} from before upgrades may still hold it;"
            " delete them with: memassist forget --include-backups"
        )


def _confirm_erasing(what: str, yes: bool) -> None:
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Forgetting can't be undone: give --yes to go on.")
    click.confirm(f"Erase {what} for good?", abort=True, err=True)


COMMANDS = (memories, undo, forget)
