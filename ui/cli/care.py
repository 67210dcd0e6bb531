"""Keeping a home well: backup, restore, doctor, rebuild, stats, status, jobs, problems."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.store import times
from memassist.ui.cli.common import (
    ListGroup,
    backup_key,
    counted,
    few_of_each,
    home_of,
    json_option,
    note,
    open_memory,
    plain_object,
    print_json,
    progress,
    run_jobs,
    show_learned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.doctor import Check
    from memassist.store.problems import StoredProblem

MOST_SOURCES = 10


@click.command()
@click.argument("target", type=click.Path(file_okay=False))
@json_option
@click.pass_context
def backup(context: click.Context, target: str, as_json: bool) -> None:
    """Write a verified, encrypted copy of the home into a new directory TARGET."""
    with open_memory(context) as memory:
        report = memory.maintenance.back_up(Path(target).expanduser().absolute())
    if as_json:
        print_json(report)
    else:
        click.echo(f"Backed up {report.items:,} items and {report.memories:,} memories; read back.")
        note("It is opened by the same key as the home: keep that elsewhere too.")


@click.command()
@click.argument("source", type=click.Path(file_okay=False, exists=True))
@click.option("--to", "target", type=click.Path(file_okay=False), help="The new home.")
@click.option("--dry-run", is_flag=True, help="Only read the backup and say what it holds.")
@json_option
@click.pass_context
def restore(
    context: click.Context, source: str, target: str | None, dry_run: bool, as_json: bool
) -> None:
    """Make a new home from a backup, beside the present one unless --to says where."""
    from memassist.store import backup as backups

    place = Path(source).expanduser().absolute()
    key = backup_key(context, place)
    if dry_run:
        home = place
        report = backups.verify(place / backups.STORE_NAME, key)
    else:
        home = Path(target).expanduser().absolute() if target else _new_place(home_of(context))
        report = backups.restore(place, home, key)
    if as_json:
        print_json({**plain_object(report), "home": str(home)})
        return
    verb = "Would restore" if dry_run else f"Restored to {home}:"
    click.echo(f"{verb} {report.items:,} items and {report.memories:,} memories, read back whole.")
    if not dry_run:
        note(f"Look at it: memassist --home {home} stats. Nothing was changed in any other home.")


@click.command()
@click.argument("source", type=click.Path(file_okay=False, exists=True))
@json_option
@click.pass_context
def verify(context: click.Context, source: str, as_json: bool) -> None:
    """Read a backup whole and prove that everything in it agrees; ends with 1 if not."""
    from memassist.store import backup as backups
    from memassist.store import doctor as store_doctor
    from memassist.store.database import Database

    place = Path(source).expanduser().absolute()
    key = backup_key(context, place)
    report = backups.verify(place / backups.STORE_NAME, key)
    database = Database(place / backups.STORE_NAME, key)
    try:
        checks = store_doctor.check(database)
    finally:
        database.close()
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, **plain_object(report), "checks": checks})
    else:
        click.echo(f"{report.items:,} items and {report.memories:,} memories")
        _show_checks(checks)
    context.exit(0 if ok else 1)


def _new_place(home: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    return home.with_name(f"{home.name}-restored-{stamp}")


def _show_checks(checks: Sequence[Check]) -> None:
    for check in checks:
        mark = click.style("ok ", fg="green") if check.ok else click.style("BAD", fg="red")
        click.echo(f"{mark}  {check.name}" + (f" ({check.detail})" if check.detail else ""))
        if check.advice and not check.ok:
            click.echo(f"     {check.advice}")


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Prove that everything in the home agrees; ends with 1 if not."""
    with open_memory(context) as memory:
        checks = memory.maintenance.doctor()
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": checks})
    else:
        _show_checks(checks)
    context.exit(0 if ok else 1)


@click.command()
@json_option
@click.pass_context
def rebuild(context: click.Context, as_json: bool) -> None:
    """Remake everything derived: passages, indexes, vectors."""
    with open_memory(context) as memory:
        with progress("rebuilding", "passages"):
            passages = memory.maintenance.rebuild()
        work = run_jobs(memory)
    if as_json:
        print_json({"passages": passages, "work": work})
    else:
        click.echo(f"Rebuilt {passages:,} passages.")


@click.command()
@json_option
@click.pass_context
def stats(context: click.Context, as_json: bool) -> None:
    """Count what the home holds."""
    with open_memory(context) as memory:
        found = memory.maintenance.stats()
    if as_json:
        print_json(found)
        return
    click.echo(f"items      {found.items:,}")
    click.echo(f"passages   {found.passages:,}, {found.vectors:,} with vectors")
    kinds = ", ".join(f"{count:,} {name}" for name, count in found.memories.items())
    click.echo(f"memories   {kinds}")
    click.echo(f"inbox      {found.inbox:,}")
    click.echo(
        "jobs       " + ", ".join(f"{count:,} {state}" for state, count in found.jobs.items())
    )
    click.echo(f"problems   {found.problems:,}")
    click.echo(f"vault      {found.vault:,}")
    click.echo(f"size       {found.bytes / 1e6:,.1f} MB")
    if found.picture_bytes:
        click.echo(f"pictures   {found.picture_bytes / 1e6:,.1f} MB")


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show what came in today, what runs, and where everything lies."""
    from memassist.ui.report import gather

    with open_memory(context) as memory:
        found = gather(memory, datetime.now().astimezone())
    if as_json:
        print_json(found)
        return
    if found.synced_by is not None:
        note(f"{found.synced_by} copies this home elsewhere: two machines that write it damage it.")
    if not found.is_encrypted:
        note("This home is not encrypted.")
    for one in found.today.taken_in:
        click.echo(f"today      {counted(one.items, 'item')} from {one.name}")
    for change in found.today.changed:
        memories = counted(change.changes, "memory", "memories")
        click.echo(f"today      {memories}, {change.action} by {change.actor}")
    for given in found.today.given:
        click.echo(f"today      {counted(given.texts, 'text')} given to {given.client}")
    for rate in found.rates:
        click.echo(f"last hour  {rate}")
    for queue in found.queues:
        click.echo(
            f"jobs       {queue.kind}: {queue.waiting:,} waiting, {queue.at_work:,} at work,"
            f" {queue.dead:,} dead"
        )
    if not found.queues:
        click.echo("jobs       none waiting")
    click.echo(f"inbox      {found.stats.inbox:,} to decide")
    click.echo(f"problems   {found.stats.problems:,}")
    click.echo(f"meaning    {found.model}")
    click.echo(f"answers    {found.language_model}")
    click.echo(f"capture    {found.capture}")
    click.echo(f"daemon     {found.daemon}")
    for error in found.errors:
        click.echo(f"error      {error}")
    for source in found.sources[:MOST_SOURCES]:
        size = f"{source.bytes / 1e6:8,.1f} MB of text"
        click.echo(f"{size} in {counted(source.items, 'item')} from {source.kind} {source.name}")
    for place in found.places:
        click.echo(f"{place.bytes / 1e6:8,.1f} MB {place.name}: {place.path}")


@click.group(cls=ListGroup)
def jobs() -> None:
    """See and run the background work."""


@jobs.command("list")
@json_option
@click.pass_context
def jobs_list(context: click.Context, as_json: bool) -> None:
    """List queued, running and dead jobs."""
    with open_memory(context) as memory:
        found = memory.maintenance.jobs()
    if as_json:
        print_json({"jobs": found})
        return
    for job in found:
        is_of_items = job.last_item and job.kind != "reflect"
        span = f"items {job.first_item} to {job.last_item}" if is_of_items else ""
        click.echo(f"{job.id:6}  {job.state:7} {job.kind:15} {span}  {job.error or ''}".rstrip())
    if not found:
        note("No jobs wait.")


@jobs.command("run")
@json_option
@click.pass_context
def jobs_run(context: click.Context, as_json: bool) -> None:
    """Run what waits, the language model's reading included."""
    with open_memory(context) as memory:
        done = run_jobs(memory, with_model=True)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done['embedded']} passages embedded.")
        show_learned(done)


@jobs.command("retry")
@json_option
@click.pass_context
def jobs_retry(context: click.Context, as_json: bool) -> None:
    """Queue the dead jobs again."""
    with open_memory(context) as memory:
        count = memory.maintenance.retry_jobs()
    if as_json:
        print_json({"retried": count})
    else:
        click.echo(f"{count} jobs queued again.")


@click.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--clear", is_flag=True, help="Take them, or all, off the list; nothing is read.")
@json_option
@click.pass_context
def problems(context: click.Context, ids: tuple[int, ...], clear: bool, as_json: bool) -> None:
    """List what could not be taken in, or only those of the IDS, with the way out."""
    with open_memory(context) as memory:
        found = [one for one in memory.problems.list() if not ids or one.id in ids]
        cleared = memory.problems.clear(ids or None) if clear else 0
    if as_json:
        print_json({"cleared": cleared} if clear else {"problems": found})
        return
    if clear:
        click.echo(f"{cleared} problems cleared; what is met again comes back.")
        return
    for one, more in few_of_each(found, lambda one: (_place_of(one), one.reason)):
        times_met = f" ({one.times} times)" if one.times > 1 else ""
        met = times.from_ms(one.last_seen_at, None).astimezone()
        click.echo(f"{one.id}  {met:%Y-%m-%d %H:%M}  {_place_of(one)}{times_met}")
        click.echo(f"    {one.reason}" + (f" ({one.advice})" if one.advice else ""))
        if more:
            click.echo(f"    and {more:,} more like it; --json lists all")
    if found:
        note("Once something is mended: memassist retry. Off the list: memassist problems --clear")
    else:
        note("No problems.")


@click.command()
@click.argument("ids", nargs=-1, type=int)
@json_option
@click.pass_context
def retry(context: click.Context, ids: tuple[int, ...], as_json: bool) -> None:
    """Read again what could not be taken in: the problems of these IDS, or all.

    What is mended leaves the list. Nothing doubles.
    """
    with open_memory(context) as memory:
        with progress("taking in", "items") as show:
            done = memory.problems.retry(
                ids or None, lambda now: show(now.accounted + now.unstored, None, now.share)
            )
        work = run_jobs(memory)
    if as_json:
        print_json({"retry": done, "work": work})
        return
    click.echo(
        f"{done.mended} of {done.tried} problems mended; {done.taken_in} items taken in."
        if done.tried
        else "Nothing to read again."
    )
    for one in done.out_of_reach:
        note(f"  out of reach: {_place_of(one)} (memassist problems --clear {one.id})")


def _place_of(problem: StoredProblem) -> str:
    """Return what had a problem: the file that was offered, and where in it."""
    offered = problem.source if problem.offer is None else problem.offer.path
    if problem.place in (offered, Path(offered).name):
        return offered
    return f"{offered}: {problem.place}"


COMMANDS = (backup, restore, verify, doctor, rebuild, stats, status, jobs, problems, retry)
