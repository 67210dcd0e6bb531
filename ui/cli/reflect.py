"""Looking back and ahead: reflect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import json_option, note, open_memory, print_json

if TYPE_CHECKING:
    from memassist.assistant.reflect.part import Reflection
    from memassist.assistant.reflect.periods import Period
    from memassist.assistant.reflect.promises import Promised
    from memassist.assistant.reflect.summary import Summary
    from memassist.assistant.reflect.upcoming import Coming
    from memassist.store.memories import Evidence

_SAID = {
    "written": "written",
    "rewritten": "written anew",
    "archived": "archived: what it told of is gone",
    "known": "stands as it is",
    "yours": "left alone: you changed, undid or forgot it",
    "too little": "too little to sum up",
}
_WOULD_BE = {
    "written": "would be written",
    "rewritten": "would be written anew",
    "archived": "would be archived: what it told of is gone",
}


@click.command()
@click.option("--day", "days", multiple=True, help="Sum up this day: 2026-05-01, yesterday.")
@click.option("--week", "weeks", multiple=True, help="Sum up this week: 2026-W18, or a day in it.")
@click.option(
    "--entity", "entities", multiple=True, help="Sum up this person, place or project, by name."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--no-model", is_flag=True, help="Write lists, even where a language model is set.")
@click.option("--upcoming", is_flag=True, help="Show plans, birthdays and open promises.")
@click.option(
    "--within",
    default=30,
    show_default=True,
    type=click.IntRange(1, 3_650),
    help="With --upcoming: so many days ahead.",
)
@json_option
@click.pass_context
def reflect(
    context: click.Context,
    days: tuple[str, ...],
    weeks: tuple[str, ...],
    entities: tuple[str, ...],
    dry_run: bool,
    no_model: bool,
    upcoming: bool,
    within: int,
    as_json: bool,
) -> None:
    """Sum up days, weeks, people and projects.

    Without an option these are the last seven days, the last week, and whom most memories name.
    Then it also archives memories that are of use no more, ten at most. The daemon does the same
    every night. A summary is a memory that rests on what it tells of; the
    same day twice changes nothing, and memassist undo takes it back for good.
    """
    wanted = (*days, *weeks, *entities)
    if upcoming and (wanted or dry_run):
        raise click.UsageError("--upcoming changes nothing and goes with no day, week or entity.")
    with open_memory(context) as memory:
        if upcoming:
            coming, promised = memory.reflection.upcoming(within), memory.reflection.promises()
            if as_json:
                print_json({"upcoming": coming, "promised": promised})
            else:
                _show_upcoming(coming, within)
                _show_promised(promised)
            return
        found = memory.reflection.summarise(
            _periods(memory.reflection, days, weeks) if wanted else None,
            entities=entities if wanted else None,
            with_model=not no_model,
            is_trial=dry_run,
        )
        faded = [] if wanted else memory.reflection.archive_faded(is_trial=dry_run)
        if not dry_run:
            memory.work()
    for text in dict.fromkeys(one.note for one in found):
        note(text)
    if as_json:
        print_json({"is_trial": dry_run, "summaries": found, "faded": faded})
        return
    for one in found:
        _show_summary(one, is_trial=dry_run, is_asked_for=bool(wanted))
    for gone in faded:
        said = "would be archived" if dry_run else "archived"
        click.secho(f"{said}: no longer of use ({gone.retention:.2f})", bold=True)
        click.echo(f"    {gone.text}  (memory {gone.memory_id[-8:]})")
    if not faded and all(one.outcome in ("known", "too little", "yours") for one in found):
        note("Nothing changed.")


def _periods(reflection: Reflection, days: tuple[str, ...], weeks: tuple[str, ...]) -> list[Period]:
    from memassist.assistant.reflect.periods import day_period, parse_day, parse_week

    today = reflection.today()
    found = [day_period(parse_day(text, today)) for text in days]
    return [*found, *(parse_week(text, today) for text in weeks)]


def _show_summary(summary: Summary, *, is_trial: bool, is_asked_for: bool) -> None:
    if summary.outcome in ("too little", "yours") and not is_asked_for:
        return
    said = _WOULD_BE.get(summary.outcome) if is_trial else None
    click.secho(f"{summary.title}: {said or _SAID[summary.outcome]}", bold=True)
    if summary.text:
        click.echo(f"    {summary.text}")
    for number, one in enumerate(summary.evidence, 1):
        _show_evidence(number, one)
    if summary.memory_id and summary.text and not is_trial:
        click.secho(f"    (memory {summary.memory_id[-8:]})", dim=True)


def _show_evidence(number: int, one: Evidence) -> None:
    click.echo(f"    [{number}] “{' '.join(one.quote.split())}”  (item {one.item_id[-8:]})")


def _show_upcoming(found: list[Coming], within: int) -> None:
    for one in found:
        clock = f"{one.start:%H:%M}  " if one.precision == "minute" else ""
        day = f"{one.start:%B %Y}" if one.precision == "month" else f"{one.start:%a %d %b %Y}"
        click.secho(f"{day}  {clock}{one.text}", bold=True)
        for number, span in enumerate(one.evidence[:1], 1):
            _show_evidence(number, span)
    if not found:
        note(f"Nothing is planned for the next {within} days, as far as is stored.")


def _show_promised(found: list[Promised]) -> None:
    for one in found:
        whom = f" in {one.to}" if one.to else ""
        due = f", by {one.due - timedelta(seconds=1):%a %d %b %Y}" if one.due else ""
        click.secho(f"you promised{whom} on {one.said_at:%a %d %b %Y}{due}", bold=True)
        _show_evidence(1, one.evidence)


COMMANDS = (reflect,)
