"""People, places and projects: entities; and links between memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memassist.store import times
from memassist.store.entities import LISTED_KINDS
from memassist.store.links import MEMORY_RELATIONS
from memassist.ui.cli.changes import memories, memory_json, show_links
from memassist.ui.cli.common import (
    ListGroup,
    json_option,
    note,
    open_memory,
    plain_object,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.assistant import Memory
    from memassist.store.entities import KnownEntity
    from memassist.store.entity_page import EntityPage
    from memassist.store.links import Link
    from memassist.store.memory_values import Memory as StoredMemory


@click.group(cls=ListGroup)
def entities() -> None:
    """People, places and projects that memories name: see, merge and tell them apart."""


@entities.command("list")
@click.option("--kind", type=click.Choice([*LISTED_KINDS, "thing"]), help="Only of this kind.")
@click.option("--limit", default=-1, help="How many; all without it.")
@json_option
@click.pass_context
def entities_list(context: click.Context, kind: str | None, limit: int, as_json: bool) -> None:
    """List people, places, projects and organisations, those that most memories name first."""
    with open_memory(context) as memory:
        found = memory.entities.list(kind, limit=limit)
    if as_json:
        print_json({"entities": found})
        return
    for one in found:
        _show_entity(one)
    if not found:
        note("No memory names a person, place or project yet.")


@entities.command("show")
@click.argument("entity")
@click.option(
    "--limit", default=50, show_default=True, help="How many facts and events; all for -1."
)
@json_option
@click.pass_context
def entities_show(context: click.Context, entity: str, limit: int, as_json: bool) -> None:
    """Show the page of one ENTITY, by a name or its id: facts, events, documents, relations.

    Each fact and event comes with the evidence it rests on. "my sister" finds who that is.
    """
    with open_memory(context) as memory:
        page = memory.entities.page(entity, limit=limit)
    if as_json:
        print_json(_page_json(page))
    else:
        _show_page(page)


@entities.command("merge")
@click.argument("entity")
@click.argument("others", nargs=-1, required=True)
@json_option
@click.pass_context
def entities_merge(
    context: click.Context, entity: str, others: tuple[str, ...], as_json: bool
) -> None:
    """Make OTHERS names of ENTITY, for they are the same; undo takes it back."""
    with open_memory(context) as memory:
        merged = memory.entities.merge(entity, others)
    _print_entity(merged, as_json)


@entities.command("alias")
@click.argument("entity")
@click.argument("name")
@json_option
@click.pass_context
def entities_alias(context: click.Context, entity: str, name: str, as_json: bool) -> None:
    """Give ENTITY the further NAME; what is known under that name becomes part of it."""
    with open_memory(context) as memory:
        changed = memory.entities.add_alias(entity, name)
    _print_entity(changed, as_json)


@entities.command("split")
@click.argument("entity")
@click.argument("name")
@click.option(
    "--memory",
    "memory_ids",
    multiple=True,
    metavar="ID",
    help="A memory that is about the other one; may be repeated.",
)
@json_option
@click.pass_context
def entities_split(
    context: click.Context, entity: str, name: str, memory_ids: tuple[str, ...], as_json: bool
) -> None:
    """Let NAME, one of the names of ENTITY, stand for somebody else; undo takes it back.

    To tell apart two who share a name, give the other one a new NAME and say by --memory what is
    about them.
    """
    with open_memory(context) as memory:
        other = memory.entities.split(entity, name, memory_ids)
        memory.work()
    _print_entity(other, as_json)


@memories.command("link")
@click.argument("memory_id")
@click.argument("relation", type=click.Choice(MEMORY_RELATIONS))
@click.argument("other_id")
@json_option
@click.pass_context
def memories_link(
    context: click.Context, memory_id: str, relation: str, other_id: str, as_json: bool
) -> None:
    """Link a memory to another that it follows, contradicts or is part of."""
    with open_memory(context) as memory:
        memory.links.add(memory_id, relation, other_id)  # type: ignore[arg-type]  # click.Choice checked it
        _print_links(memory, memory_id, as_json)


@memories.command("unlink")
@click.argument("memory_id")
@click.argument("relation", type=click.Choice(MEMORY_RELATIONS))
@click.argument("other_id")
@json_option
@click.pass_context
def memories_unlink(
    context: click.Context, memory_id: str, relation: str, other_id: str, as_json: bool
) -> None:
    """Take a link away, also one that was made by rule; undo brings it back."""
    with open_memory(context) as memory:
        memory.links.remove(memory_id, relation, other_id)  # type: ignore[arg-type]  # as above
        _print_links(memory, memory_id, as_json)


def _print_links(memory: Memory, memory_id: str, as_json: bool) -> None:
    found = memory.memories.get(memory_id)
    made = memory.links.of(found.id)
    if as_json:
        print_json({"links": made})
        return
    click.secho(f"{found.id[-8:]}  {found.state.text}", bold=True)
    show_links(found.id, made)


def _print_entity(one: KnownEntity, as_json: bool) -> None:
    if as_json:
        print_json(plain_object(one))
    else:
        _show_entity(one)


def _show_entity(one: KnownEntity) -> None:
    click.secho(f"{one.id[-8:]}  {one.name}", bold=True, nl=False)
    counted = [f"{one.memories:,} {'memory' if one.memories == 1 else 'memories'}"]
    if one.items:
        counted.append(f"wrote {one.items:,} {'message' if one.items == 1 else 'messages'}")
    click.echo(f"  {one.kind}, {', '.join(counted)}")
    if one.aliases:
        click.echo(f"    also: {', '.join(one.aliases)}")


def _show_page(page: EntityPage) -> None:
    _show_entity(page.entity)
    if page.mentions:
        click.echo(f"    named in the text of {page.mentions:,} more")
    if page.summary is not None:
        click.echo(f"\n{page.summary.state.text}  (memory {page.summary.id[-8:]})")
    for title, found in (("Facts", page.facts), ("Events", page.events)):
        if found:
            click.echo(f"\n{title}")
        for one in found:
            _show_memory(one, page.links)
    rest = page.entity.memories + page.mentions - len(page.facts) - len(page.events)
    if rest > 0:
        note(f"{rest:,} more; see all with --limit -1.")
    if page.documents:
        click.echo("\nDocuments")
    for document in page.documents:
        day = "" if document.occurred_at is None else f"{_day(document.occurred_at)}  "
        click.echo(f"    {day}{document.title}  (item {document.item_id})")
    if page.related:
        click.echo("\nTogether with")
    for other in page.related:
        click.echo(f"    {other.name} ({other.kind}), {other.memories:,}  [{other.id[-8:]}]")
    for same in page.perhaps_same:
        note(
            f"Perhaps the same: {same.name}. If so: memassist entities merge"
            f" {page.entity.id[-8:]} {same.id[-8:]}"
        )


def _show_memory(one: StoredMemory, links: Iterable[Link]) -> None:
    state = one.state
    when = "" if state.occurred_from is None else f"{_day(state.occurred_from)}: "
    past = "" if state.valid_to is None else f"  (until {_day(state.valid_to)})"
    click.echo(f"  {one.id[-8:]}  {when}{state.text}{past}")
    for each in state.evidence:
        click.echo(f"      evidence: “{' '.join(each.quote.split())}”  (item {each.item_id})")
    show_links(one.id, (link for link in links if one.id in (link.from_id, link.to_id)))


def _day(moment: int) -> str:
    return times.from_ms(moment).date().isoformat()


def _page_json(page: EntityPage) -> dict[str, object]:
    content = plain_object(page)
    content["summary"] = None if page.summary is None else memory_json(page.summary)
    for part, found in (("facts", page.facts), ("events", page.events)):
        content[part] = [memory_json(one) for one in found]
    content["documents"] = [
        plain_object(one) | {"occurred_at": times.iso(one.occurred_at)} for one in page.documents
    ]
    return content


COMMANDS = (entities,)
