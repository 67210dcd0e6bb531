"""Taking things in: add, import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.plugins.types import MEMORY_TYPES
from memassist.ui.cli.changes import memory_json, show_state
from memassist.ui.cli.common import (
    few_of_each,
    json_option,
    note,
    open_memory,
    print_json,
    progress,
    run_jobs,
    show_learned,
)

if TYPE_CHECKING:
    from memassist.ingest.pipeline import ImportReport

no_wait_option = click.option("--no-wait", is_flag=True, help="Leave the learning queued.")
wait_option = click.option(
    "--wait", is_flag=True, help="Wait for the language model's reading too, if one is set."
)


@click.command()
@click.argument("text", nargs=-1)
@click.option("--title", help="What it is about.")
@click.option(
    "--as",
    "type_",
    type=click.Choice(MEMORY_TYPES),
    help="Make a memory of this type of it, as it stands; semantic is a plain fact.",
)
@no_wait_option
@wait_option
@json_option
@click.pass_context
def add(
    context: click.Context,
    text: tuple[str, ...],
    title: str | None,
    type_: str | None,
    no_wait: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Remember TEXT, or what comes on standard input for TEXT of -.

    It is found by search from then on. Memories are made of what is worth one, by rules; with --as
    it becomes one itself.
    """
    words = " ".join(text)
    if words in ("", "-"):
        if words == "" and sys.stdin.isatty():
            raise click.UsageError("What should be remembered?")
        words = sys.stdin.buffer.read().decode("utf-8", "replace")
    wanted = next((one for one in MEMORY_TYPES if one == type_), None)
    with open_memory(context) as memory:
        if wanted is not None:
            kept = memory.keep(words, wanted, title=title)
            if wanted == "core":
                note(memory.memories.core().notice)
            if not no_wait:
                run_jobs(memory, with_model=wait)
            if as_json:
                print_json(memory_json(kept))
            else:
                show_state(kept.id, kept.state)
            return
        report = memory.add(words, title=title)
        work = {} if no_wait else run_jobs(memory, with_model=wait)
    _show(report, work, as_json)
    if report.stored and not no_wait and not work.get("memories"):
        note("Search finds it; no memory was made of it. For one: memassist add --as semantic TEXT")


@click.command("import")
@click.argument("path", type=click.Path(readable=False))
@click.option("--format", "format_name", help="Read it as this format instead of recognising it.")
@click.option(
    "--me", multiple=True, help="A name in it that means you, kept as a setting; may be repeated."
)
@click.option("--mine", is_flag=True, help="The files were written by you.")
@click.option("--timezone", help="IANA zone of times that carry none.")
@no_wait_option
@wait_option
@json_option
@click.pass_context
def import_(
    context: click.Context,
    path: str,
    format_name: str | None,
    me: tuple[str, ...],
    mine: bool,
    timezone: str | None,
    no_wait: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Take in a chat export, a file or a folder."""
    from memassist.assistant.errors import NothingReadableError

    with open_memory(context) as memory:
        # Learning runs after the reading, also in other processes, and must know the names too.
        for name in memory.add_names(me):
            note(f"From now on {name} means you (memassist config list shows all names).")
        with progress("taking in", "items") as show:
            report = memory.import_path(
                Path(path).expanduser(),
                format_name=format_name,
                is_mine=mine,
                me=me,
                timezone=timezone,
                on_progress=lambda now: show(now.accounted + now.unstored, None, now.share),
            )
        work = {} if no_wait else run_jobs(memory, with_model=wait)
    _show(report, work, as_json)
    taken = report.stored + report.new_versions + report.existing + report.forgotten
    if taken == 0:
        advice = "The reasons are above and in memassist problems."
        if set(report.skipped) == {"no known format"} and not report.problem_count:
            advice = "If you know better: memassist import --format NAME, such as text or jsonl."
        raise NothingReadableError(f"Nothing in {path} could be taken in.", advice)


def _show(report: ImportReport, work: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "files": report.files,
                "stored": report.stored,
                "new_versions": report.new_versions,
                "existing": report.existing,
                "forgotten": report.forgotten,
                "skipped": dict(report.skipped),
                "problems": report.problem_count,
                "secrets": report.secrets,
                "work": work,
            }
        )
        return
    click.echo(summary(report))
    tell_problems(report)
    show_learned(work)


def tell_problems(report: ImportReport) -> None:
    """Name the first problems, a few of each kind."""
    found = [*few_of_each(report.problems, lambda one: (one.place, one.reason))]
    for problem, _ in found:
        advice = f" ({problem.advice})" if problem.advice else ""
        note(f"  problem: {problem.place}: {problem.reason}{advice}")
    if report.problem_count > len(found):
        note(f"  and {report.problem_count - len(found):,} more: memassist problems")


def summary(report: ImportReport) -> str:
    """Return one line of counts; those of nothing are left out."""
    parts = [
        (report.stored, "stored"),
        (report.new_versions, _counted("new version", report.new_versions)),
        (report.existing, "known already"),
        (report.forgotten, "forgotten before"),
        *((count, f"skipped ({reason})") for reason, count in sorted(report.skipped.items())),
        (report.problem_count, _counted("problem", report.problem_count)),
        (report.secrets, f"{_counted('secret', report.secrets)} masked"),
    ]
    return ", ".join(f"{count:,} {name}" for count, name in parts if count) or "nothing found"


def _counted(name: str, count: int) -> str:
    return name if count == 1 else f"{name}s"


COMMANDS = (add, import_)
