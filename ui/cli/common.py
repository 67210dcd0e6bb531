"""What the commands share: opening the home, JSON or text, and progress on stderr."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from memassist.assistant import Memory

Found = TypeVar("Found")
SHOWN_ALIKE = 5

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def home_of(context: click.Context) -> Path:
    """Return the home that was asked for, or the default one."""
    from memassist.store.home import default_home

    asked = context.obj["home"]
    return Path(asked).expanduser().absolute() if asked else default_home()


def open_memory(context: click.Context) -> Memory:
    """Open the home; a locked one asks for the passphrase at a terminal.

    As long as texts may leave this machine, every command says so.
    """
    memory = _opened(context)
    note(memory.wiring.banner())
    return memory


def _opened(context: click.Context) -> Memory:
    from memassist.assistant import Memory
    from memassist.store.errors import LockedError, WrongKeyError
    from memassist.store.keys import Route, slot_kinds

    home = home_of(context)
    number = context.obj["passphrase_fd"]
    if number is not None:
        return Memory.open(home, route=Route("passphrase", read_passphrase(number)))
    try:
        return Memory.open(home)
    except WrongKeyError:
        raise
    except LockedError:
        if "passphrase" not in slot_kinds(home) or not sys.stdin.isatty():
            raise
    typed = click.prompt("Passphrase", hide_input=True, err=True)
    return Memory.open(home, route=Route("passphrase", typed.encode()))


def backup_key(context: click.Context, place: Path) -> bytes | None:
    """Return the data key of a backup, asking for the passphrase at a terminal if need be."""
    from memassist.store.errors import LockedError, WrongKeyError
    from memassist.store.keys import Route, slot_kinds, unlock

    number = context.obj["passphrase_fd"]
    if number is not None:
        return unlock(place, Route("passphrase", read_passphrase(number))).data_key
    try:
        return unlock(place).data_key
    except WrongKeyError:
        raise
    except LockedError:
        if "passphrase" not in slot_kinds(place) or not sys.stdin.isatty():
            raise
    typed = click.prompt("Passphrase of the backup", hide_input=True, err=True)
    return unlock(place, Route("passphrase", typed.encode())).data_key


def read_passphrase(number: int) -> bytes:
    """Return the first line of an open file."""
    try:
        with os.fdopen(number, "rb", closefd=False) as file:
            line = file.readline(4096).rstrip(b"\r\n")
    except OSError as error:
        raise click.UsageError(f"--passphrase-fd {number}: {error.strerror}.") from error
    if not line:
        raise click.UsageError(f"--passphrase-fd {number} gave an empty passphrase.")
    return line


class ListGroup(click.Group):
    """A group of commands of which `list` may be left out: `memassist memories --as-of DAY`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front of options and of nothing at all; a word is a command's name."""
        is_option = bool(args) and args[0].startswith("-") and args[0] not in ctx.help_option_names
        return super().parse_args(ctx, ["list", *args] if is_option or not args else args)


def parse_time(text: str | None, option: str) -> datetime | None:
    """Return an aware time from ISO 8601; one without a zone is this machine's."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{option}: {text!r} is no time like 2026-05-01T14:00.") from error


def plain(value: object) -> object:
    """Return a value as JSON knows it: dataclasses as objects, times as ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: plain(getattr(value, one.name))
            for one in dataclasses.fields(value)
            if not one.name.startswith("_")
        }
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (dict, Counter)):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def plain_object(value: object) -> dict[str, object]:
    """Return a dataclass as a JSON object."""
    content = plain(value)
    assert isinstance(content, dict)
    return content


def print_json(value: object) -> None:
    """Print one line of JSON to stdout."""
    click.echo(json.dumps(plain(value), ensure_ascii=False))


def note(text: str) -> None:
    """Say something to the person, on stderr."""
    if text:
        click.echo(text, err=True)


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with the name of what is counted; `several` where an s is not enough."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def few_of_each(
    found: Sequence[Found], key: Callable[[Found], Sequence[str]]
) -> Iterator[tuple[Found, int]]:
    """Yield the first few of those that are alike but for numbers, in their order.

    With the last of a kind comes how many more there are; thousands of lines of one file may be
    broken in one way.
    """
    kinds = [re.sub(r"\d[\d,]*", "#", "\n".join(key(one))) for one in found]
    counts = Counter(kinds)
    shown: Counter[str] = Counter()
    for one, kind in zip(found, kinds, strict=True):
        shown[kind] += 1
        if shown[kind] <= SHOWN_ALIKE:
            yield one, max(0, counts[kind] - SHOWN_ALIKE) if shown[kind] == SHOWN_ALIKE else 0


class Shown(Protocol):
    """Shows how far something is."""

    def __call__(self, done: int, total: int | None, share: float | None = None) -> None:
        """Take what is done of a total, None where that is not known, and a share from 0 to 1."""


@contextlib.contextmanager
def progress(label: str, unit: str) -> Iterator[Shown]:
    """Show a live count, rate and estimate on stderr; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total, share=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from memassist.ui.pace import Pace

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[done]:,} {task.fields[unit]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    pace = Pace()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None, done=0, unit=unit, pace="")

        def show(done: int, total: int | None, share: float | None = None) -> None:
            if total:
                share = min(done / total, 1.0)
            bar.update(
                task,
                completed=share or 0.0,
                total=None if share is None else 1.0,
                done=done,
                pace=pace.said(done, share),
            )

        yield show


def run_jobs(memory: Memory, *, with_model: bool = False) -> dict[str, object]:
    """Run the queued jobs with progress and return what they came to.

    `with_model` runs those too that ask the language model, which takes long.
    """
    waiting = memory.maintenance.stats()
    with progress("learning", "passages") as show:
        report = memory.work(
            lambda now: show(now.embedded, max(waiting.passages - waiting.vectors, 1)),
            with_model=with_model,
        )
    for text in report.notes:
        note(text)
    if report.failed:
        note(f"{report.failed} jobs failed and will be tried again; see memassist jobs list.")
    return {"embedded": report.embedded, "memories": dict(report.became), "failed": report.failed}


def show_learned(work: Mapping[str, object]) -> None:
    """Print what `run_jobs` made of memories, if anything."""
    became = work.get("memories")
    if isinstance(became, dict) and became:
        click.echo("memories: " + ", ".join(f"{count} {name}" for name, count in became.items()))
