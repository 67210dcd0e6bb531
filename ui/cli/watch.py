"""Watched folders: watch."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import (
    counted,
    json_option,
    note,
    open_memory,
    plain,
    print_json,
    progress,
    run_jobs,
)
from memassist.ui.cli.take_in import no_wait_option, summary, tell_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memassist.assistant import Memory
    from memassist.assistant.watch.scan import ScanReport
    from memassist.store.watches import Watch

SHOWN_NAMES = 10
POLLED = (
    "is compared now and then, as the system tells of no changes there: it is of another machine,"
    " or too many folders are watched (raise fs.inotify.max_user_watches)"
)


@click.group()
def watch() -> None:
    """Take in what is new or changed in folders, while the daemon runs or by a scan."""


@watch.command("add")
@click.argument("path", type=click.Path())
@click.option("--mine", is_flag=True, help="Its files were written by you.")
@click.option("--no-scan", is_flag=True, help="Leave the first look to the daemon.")
@no_wait_option
@json_option
@click.pass_context
def watch_add(
    context: click.Context, path: str, mine: bool, no_scan: bool, no_wait: bool, as_json: bool
) -> None:
    """Watch the folder PATH from now on, and take in what is in it."""
    with open_memory(context) as memory:
        added = memory.watches.add(Path(path), is_mine=mine)
        reports = [] if no_scan else [_scan(memory, added.path, 0.0, again=False)]
        work = {} if no_wait or no_scan else run_jobs(memory)
    if as_json:
        print_json({"path": str(added.path), "scans": [_plain(one) for one in reports]} | work)
        return
    click.echo(f"Watching {added.path}.")
    for report in reports:
        _tell(report)
    note("The daemon looks after it while it runs: memassist daemon start")


@watch.command("list")
@json_option
@click.pass_context
def watch_list(context: click.Context, as_json: bool) -> None:
    """List the watched folders."""
    from memassist.assistant.daemon.process import status

    with open_memory(context) as memory:
        found = memory.watches.list()
        daemon = status(memory.wiring.home) if found else None
    ways = noticed_by(daemon)
    if as_json:
        print_json([_shown(one) | {"by": ways.get(str(one.path))} for one in found])
        return
    for one in found:
        looked = "never" if one.scanned_at is None else f"{_moment(one):%Y-%m-%d %H:%M}"
        whose = ", yours" if one.is_mine else ""
        state = "" if one.state == "active" else f" ({one.state})"
        click.echo(f"{one.path}{state}: {counted(one.files, 'file')}{whose}, last look {looked}")
        if ways.get(str(one.path)) == "polling":
            note(f"  {POLLED}")
    if not found:
        note("No folder is watched. Add one with: memassist watch add PATH")
    elif daemon is None:
        note("No daemon runs, so nothing is noticed by itself: memassist daemon start")


def noticed_by(daemon: Mapping[str, object] | None) -> dict[str, str]:
    """Return how the changes of each folder are noticed, by what a daemon says of itself."""
    watching = (daemon or {}).get("watching")
    if not isinstance(watching, list):
        return {}
    return {str(one["path"]): str(one["by"]) for one in watching}


@watch.command("remove")
@click.argument("path", type=click.Path())
@click.pass_context
def watch_remove(context: click.Context, path: str) -> None:
    """Watch the folder PATH no more; what was taken in stays."""
    with open_memory(context) as memory:
        removed = memory.watches.remove(Path(path))
    click.echo(f"No longer watching {removed.path}. What was taken in of it stays.")


@watch.command("scan")
@click.argument("path", type=click.Path(), required=False)
@click.option("--again", is_flag=True, help="Read unchanged files again, too.")
@click.option(
    "--settled",
    type=float,
    default=0.0,
    metavar="SECONDS",
    help="Leave files that changed so recently for the next look.",
)
@no_wait_option
@json_option
@click.pass_context
def watch_scan(
    context: click.Context,
    path: str | None,
    again: bool,
    settled: float,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Take in what is new or changed now, in the folder PATH or in all."""
    with open_memory(context) as memory:
        paths = [one.path for one in memory.watches.list()] if path is None else [Path(path)]
        reports = [_scan(memory, one, settled, again=again) for one in paths]
        work = {} if no_wait else run_jobs(memory)
    if as_json:
        print_json({"scans": [_plain(one) for one in reports]} | work)
        return
    for report in reports:
        _tell(report)
    if not paths:
        note("No folder is watched. Add one with: memassist watch add PATH")


@watch.group("exclude")
def watch_exclude() -> None:
    """Files of a watched folder that are left out: its .memassistignore."""


folder_option = click.option(
    "--in", "folder", type=click.Path(), metavar="PATH", help="The folder, where several are."
)
forget_option = click.option(
    "--forget", "answer", flag_value="forget", help="Erase what was taken in before, unasked."
)
keep_option = click.option(
    "--keep", "answer", flag_value="keep", help="Leave what was taken in before, unasked."
)


@watch_exclude.command("add")
@click.argument("pattern")
@folder_option
@forget_option
@keep_option
@json_option
@click.pass_context
def watch_exclude_add(
    context: click.Context, pattern: str, folder: str | None, answer: str | None, as_json: bool
) -> None:
    """Leave out files by PATTERN: a path, or as in a .gitignore: drafts/, *.log, /private.md."""
    from memassist.assistant.watch import exclusions

    with open_memory(context) as memory:
        one = memory.watches.get(None if folder is None else Path(folder), holding=pattern)
        is_new = exclusions.add(one, pattern)
        if not as_json:
            click.echo("Left out from now on." if is_new else "It was left out already.")
        told = _offer_to_forget(memory, one, answer, is_asking=not as_json)
    if as_json:
        print_json({"pattern": pattern, "new": is_new, **told})


@watch_exclude.command("check")
@folder_option
@forget_option
@keep_option
@json_option
@click.pass_context
def watch_exclude_check(
    context: click.Context, folder: str | None, answer: str | None, as_json: bool
) -> None:
    """Say what is stored of files that are left out now, as by rules you wrote yourself."""
    with open_memory(context) as memory:
        one = memory.watches.get(None if folder is None else Path(folder))
        told = _offer_to_forget(memory, one, answer, is_asking=not as_json)
    if as_json:
        print_json(told)
    elif not told["matching"]:
        click.echo("Nothing is stored of files that are left out.")


@watch_exclude.command("list")
@folder_option
@json_option
@click.pass_context
def watch_exclude_list(context: click.Context, folder: str | None, as_json: bool) -> None:
    """List the patterns at the top of a folder; .gitignore files count too."""
    from memassist.assistant.watch import exclusions

    with open_memory(context) as memory:
        found = exclusions.patterns(memory.watches.get(None if folder is None else Path(folder)))
    if as_json:
        print_json(found)
    for pattern in () if as_json else found:
        click.echo(pattern)


@watch_exclude.command("remove")
@click.argument("pattern")
@folder_option
@click.pass_context
def watch_exclude_remove(context: click.Context, pattern: str, folder: str | None) -> None:
    """Let a PATTERN no longer count; the next look takes the files in."""
    from memassist.assistant.watch import exclusions

    with open_memory(context) as memory:
        where = None if folder is None else Path(folder)
        exclusions.remove(memory.watches.get(where, holding=pattern), pattern)
    click.echo("It no longer counts.")


def _offer_to_forget(
    memory: Memory, one: Watch, answer: str | None, *, is_asking: bool
) -> dict[str, object]:
    """Say how much is stored of files that are left out, and erase it if that is wanted."""
    before = memory.watches.stored_of_left_out(one)
    if before.item_ids and is_asking:
        click.echo(f"Items taken in before that match: {len(before.item_ids):,}, of the files")
        for name in before.names[:SHOWN_NAMES]:
            click.echo(f"  {name}")
        if len(before.names) > SHOWN_NAMES:
            click.echo(f"  and {len(before.names) - SHOWN_NAMES:,} more")
        if answer is None and sys.stdin.isatty():
            is_wanted = click.confirm("Forget them for good?", default=False, err=True)
            answer = "forget" if is_wanted else "keep"
    done = None
    if before.item_ids and answer == "forget":
        done = memory.forget(item_ids=before.item_ids)
        if is_asking:
            memories = counted(done.memories, "memory", "memories")
            click.echo(f"Erased {counted(done.items, 'item')} and {memories}.")
    elif before.item_ids and answer is None and is_asking:
        note(f"Forget them with: memassist watch exclude check --in {one.path} --forget")
    return {"matching": len(before.item_ids), "files": before.names, "forgotten": plain(done)}


def _scan(memory: Memory, path: Path, settled: float, *, again: bool) -> ScanReport:
    with progress("looking", "files") as show:
        return memory.watches.scan(
            path,
            settled_seconds=settled,
            again=again,
            on_progress=lambda now: show(now.changed + now.unsettled, now.to_read),
        )


def _tell(report: ScanReport) -> None:
    tell_problems(report.taken_in)
    if report.is_missing:
        return
    parts = [(report.changed, "read"), (report.moved, "moved"), (report.gone, "gone")]
    parts.append((report.unsettled, "still being written"))
    said = ", ".join(f"{count:,} {name}" for count, name in parts if count) or "nothing new"
    click.echo(f"{report.path}: {report.files:,} files; {said}")
    if report.changed:
        click.echo(summary(report.taken_in))


def _plain(report: ScanReport) -> dict[str, object]:
    taken = report.taken_in
    return {
        "path": str(report.path),
        "missing": report.is_missing,
        "files": report.files,
        "changed": report.changed,
        "moved": report.moved,
        "gone": report.gone,
        "unsettled": report.unsettled,
        "stored": taken.stored,
        "new_versions": taken.new_versions,
        "existing": taken.existing,
        "forgotten": taken.forgotten,
        "skipped": dict(taken.skipped),
        "problems": taken.problem_count,
        "secrets": taken.secrets,
    }


def _shown(one: Watch) -> dict[str, object]:
    return {
        "path": str(one.path),
        "mine": one.is_mine,
        "state": one.state,
        "files": one.files,
        "scanned_at": None if one.scanned_at is None else _moment(one).astimezone(UTC),
    }


def _moment(one: Watch) -> datetime:
    return datetime.fromtimestamp((one.scanned_at or 0) / 1000, UTC).astimezone()


COMMANDS = (watch,)
