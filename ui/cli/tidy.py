"""Putting memories in order: consolidate."""

from __future__ import annotations

import click

from memassist.ui.cli.common import json_option, note, open_memory, print_json


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option(
    "--allow", type=click.IntRange(min=1), help="Let so many memories go into others at once."
)
@json_option
@click.pass_context
def consolidate(context: click.Context, dry_run: bool, allow: int | None, as_json: bool) -> None:
    """Let memories that say the same become one, with the evidence of all.

    It runs by itself after learning. A run that would take away more than 2% of all memories or
    more than ten does nothing and says so; three are always allowed. Each change can be undone.
    """
    with open_memory(context) as memory:
        outcome = memory.memories.consolidate(allowed=allow, is_rehearsal=dry_run)
    if as_json:
        steps = [
            {"stays": one.stays.id, "goes": one.goes.id, "is_update": one.is_update}
            for one in outcome.steps
        ]
        print_json({"steps": steps, "budget": outcome.budget, "is_done": outcome.is_done})
        return
    for one in outcome.steps:
        click.echo(f"{one.goes.id[-8:]}  {one.goes.state.text}")
        click.echo(f"  -> {one.stays.id[-8:]}  {one.stays.state.text}")
    if not outcome.steps:
        note("No two memories say the same.")
    elif outcome.is_done:
        note(f"{len(outcome.steps)} memories went into others. Undo with: memassist undo REVISION")
    elif not dry_run:
        note(f"Nothing was done: these are more than {outcome.budget}. If they are right:")
        note(f"memassist consolidate --allow {len(outcome.steps)}")


COMMANDS = (consolidate,)
