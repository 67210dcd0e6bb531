"""Finding: search, ask, timeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from memassist.ui.cli.common import json_option, note, open_memory, parse_time, plain, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from memassist.assistant import Query
    from memassist.assistant.recall.syntax import Filter, FilterName
    from memassist.assistant.results import Citation, Hit


@click.command()
@click.argument("query", nargs=-1)
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option(
    "--kind",
    type=click.Choice(["both", "evidence", "memory"]),
    default="both",
    show_default=True,
    help="What to find: passages of items, memories, or both.",
)
@click.option("--lexical", is_flag=True, help="By words only; loads no model.")
@click.option("--explain", is_flag=True, help="Show what each signal adds to the score.")
@click.option("--author", multiple=True, help="Written by; me is you. Repeat any of these.")
@click.option("--source", multiple=True, help="Imported from a source so named.")
@click.option("--app", multiple=True, help="Seen in an application.")
@click.option("--type", "types", multiple=True, help="Such as episodic, message, document, screen.")
@click.option("--tag", multiple=True, help="With a tag.")
@click.option("--in", "places", multiple=True, help="In a conversation or document.")
@click.option("--after", help="Written at or after: 2023-05-01, 2023, yesterday.")
@click.option("--before", help="Written before.")
@click.option("--exact", multiple=True, help="Holding this very phrase.")
@click.option("--without", multiple=True, help="Lacking a word or phrase.")
@click.option("--diverse", is_flag=True, help="Spread the hits over conversations.")
@click.option("--asked-at", help='The "now" that "last week" is counted from.')
@click.option(
    "--batch", type=click.Path(), help="JSON lines of {id, query, asked_at}: one result each."
)
@json_option
@click.pass_context
def search(
    context: click.Context,
    /,
    query: tuple[str, ...],
    k: int,
    kind: str,
    lexical: bool,
    explain: bool,
    diverse: bool,
    asked_at: str | None,
    batch: str | None,
    as_json: bool,
    **filters: tuple[str, ...] | str | None,
) -> None:
    """Find passages and memories by words and meaning.

    In the query itself: "exact phrase", -without, author:NAME, source:NAME, app:NAME, type:TYPE,
    tag:TAG, in:CONVERSATION, after:DATE, before:DATE. Filters alone find the newest.
    """
    from memassist.assistant import Query

    moment = parse_time(asked_at, "--asked-at")
    given = _filters(filters, moment)
    if batch and (query or given):
        raise click.UsageError("--batch FILE takes no query beside it; put filters in its lines.")
    if not (query or given or batch):
        raise click.UsageError("Give a query, a filter, or --batch FILE.")
    with open_memory(context) as memory:
        if batch:
            for name, one in _batch_queries(batch, k, kind):
                found = memory.search(one, lexical=lexical)
                click.echo(json.dumps({"id": name, "hits": plain(found.hits)}, ensure_ascii=False))
            return
        asked = Query(
            " ".join(query),
            k=k,
            kind=_kind(kind),
            asked_at=moment,
            is_diverse=diverse,
            filters=given,
        )
        found = memory.search(asked, lexical=lexical)
        memory.memories.note_uses(hit.memory_id for hit in found.hits if hit.memory_id)
    for text in found.notes:
        note(text)
    if as_json:
        print_json({"hits": found.hits, "notes": found.notes})
        return
    if not found.hits:
        note("Nothing found.")
    for number, hit in enumerate(found.hits, 1):
        _show_hit(number, hit, explain)


_FILTERS: dict[str, FilterName] = {
    "author": "author",
    "source": "source",
    "app": "app",
    "types": "type",
    "tag": "tag",
    "places": "in",
    "after": "after",
    "before": "before",
    "exact": "phrase",
    "without": "without",
}


def _filters(
    given: dict[str, tuple[str, ...] | str | None], asked_at: datetime | None
) -> tuple[Filter, ...]:
    """Return the options as filters; those that mean nothing are refused."""
    if not any(given.values()):
        return ()
    from memassist.assistant.recall import Filter
    from memassist.assistant.recall.filters import restriction

    filters = []
    for option, name in _FILTERS.items():
        values = given[option] or ()
        for value in (values,) if isinstance(values, str) else values:
            one = Filter(name, value)
            if not value.strip() or restriction([one], asked_at)[1]:
                raise click.BadParameter(f"{value!r} is not understood.", param_hint=f"--{name}")
            filters.append(one)
    return tuple(filters)


def _batch_queries(path: str, k: int, kind: str) -> list[tuple[object, Query]]:
    from memassist.assistant import Query

    queries = []
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, name = row["query"], row["id"]
        except (ValueError, KeyError, TypeError) as error:
            raise click.UsageError(
                f'{path}, line {number}: not a line like {{"id": "1", "query": "..."}}.'
            ) from error
        moment = parse_time(row.get("asked_at"), f"{path}, line {number}")
        queries.append(
            (name, Query(str(text), k=k, kind=_kind(kind), asked_at=moment, collapse=False))
        )
    return queries


def _kind(kind: str) -> Literal["both", "evidence", "memory"]:
    return kind  # type: ignore[return-value]  # click.Choice has checked it


def _show_hit(number: int, hit: Hit, explain: bool) -> None:
    where = ", ".join(
        part for part in (hit.title or hit.conversation or hit.source, hit.place) if part
    )
    day = hit.occurred_at.strftime("%Y-%m-%d") if hit.occurred_at else ""
    writer = hit.author or ("you" if hit.is_owner else "text")
    label = hit.memory_type if hit.kind == "memory" else writer
    head = "  ".join(part for part in (f"{number:2}.", label, where, day) if part)
    click.secho(head, bold=True)
    text = " ".join(hit.text.split())
    click.echo(f"    {text[:300]}{'…' if len(text) > 300 else ''}")
    # What `forget`, `memories show` and others take: an ending of the id is enough.
    if hit.kind == "memory" and hit.memory_id:
        click.secho(f"    (memory {hit.memory_id[-8:]})", dim=True)
    elif hit.item_id:
        click.secho(f"    (item {hit.item_id[-8:]})", dim=True)
    if hit.also:
        click.echo(f"    and {len(hit.also)} like it")
    if explain:
        parts = "  ".join(f"{name} {value:.3f}" for name, value in hit.signals.items() if value)
        click.echo(f"    {hit.score:.3f} = {parts}")


@click.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--asked-at", help='The "now" that "last week" is counted from.')
@json_option
@click.pass_context
def ask(
    context: click.Context, question: tuple[str, ...], asked_at: str | None, as_json: bool
) -> None:
    """Answer a question from what is stored, with citations."""
    moment = parse_time(asked_at, "--asked-at")
    with open_memory(context) as memory:
        answer = memory.ask(" ".join(question), asked_at=moment)
        memory.memories.note_uses((), () if answer.abstained else answer.citations)
    for text in answer.notes:
        note(text)
    if as_json:
        print_json(answer)
        return
    click.echo(answer.answer)
    if answer.abstained and answer.citations:
        click.echo("The nearest that is stored:")
    for number, citation in enumerate(answer.citations, 1):
        show_citation(number, citation)


def show_citation(number: int, citation: Citation) -> None:
    """Print where an answer comes from."""
    day = citation.occurred_at.strftime("%Y-%m-%d") if citation.occurred_at else None
    parts = (citation.author, citation.title, citation.place, day)
    where = ", ".join(part for part in parts if part)
    click.echo(f"  [{number}] “{' '.join(citation.quote.split())}”")
    click.echo(f"      {where or citation.source or ''}  (item {citation.item_id})")


@click.command()
@click.option("--from", "start", help="First moment, such as 2026-05-01.")
@click.option("--to", "stop", help="First moment after.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@json_option
@click.pass_context
def timeline(
    context: click.Context, start: str | None, stop: str | None, limit: int, as_json: bool
) -> None:
    """Show what happened when, newest first."""
    with open_memory(context) as memory:
        found = memory.timeline(parse_time(start, "--from"), parse_time(stop, "--to"), limit)
    if as_json:
        print_json({"items": found})
        return
    if not found:
        note("Nothing happened then, as far as is stored.")
    day = None
    for item in found:
        assert item.occurred_at is not None  # the timeline has only items with a time
        if item.occurred_at.date() != day:
            day = item.occurred_at.date()
            click.secho(f"{day:%A, %d %B %Y}", bold=True)
        text = " ".join(item.text.split())[:100]
        is_said = item.is_owner and item.kind == "message"
        who = item.author or ("you" if is_said else item.title or item.kind)
        click.echo(f"  {item.occurred_at:%H:%M}  {who}: {text}  (item {item.id[-8:]})")


COMMANDS = (search, ask, timeline)
