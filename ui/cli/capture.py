"""Capturing the screen: capture run, start, stop, pause, resume, status, exclude."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import (
    counted,
    home_of,
    json_option,
    note,
    open_memory,
    plain,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from memassist.assistant.capture.control import CaptureState

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|min|h|d)?")
FIRST_PATTERNS = 8
"""Shown of each group: some name one page in eighty languages."""
_UNIT_MINUTES = {"": 1.0, "m": 1.0, "min": 1.0, "h": 60.0, "d": 1440.0}


@click.group()
def capture() -> None:
    """Remember the text of the windows you use. Nothing is captured before you start it."""


@capture.command("run")
@click.option("--quiet", is_flag=True, help="Print no status line.")
@click.pass_context
def capture_run(context: click.Context, quiet: bool) -> None:
    """Capture in the foreground until Ctrl-C, and show what is done."""
    from memassist.assistant.capture.service import CaptureService
    from memassist.assistant.stopping import call_when_told_to_stop

    with open_memory(context) as memory:
        shows = _StatusLine(not quiet)
        service = CaptureService(memory.wiring, on_change=shows.show)
        call_when_told_to_stop(service.request_stop)
        try:
            service.run()
        finally:
            shows.end()


@capture.command("start")
@click.pass_context
def capture_start(context: click.Context) -> None:
    """Capture in the background, from now on, until stopped."""
    from memassist.assistant.capture.background import start
    from memassist.assistant.config import load, set_value
    from memassist.assistant.daemon.process import start_quietly, status
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    start(home)
    set_value(home, "capture.enabled", ("true",))
    click.echo("The screen is captured. Pause it with: memassist capture pause")
    autostarts = load(home).flag("daemon.autostart")
    if not (start_quietly(home) if autostarts else status(home)):
        note("No daemon runs, so nothing starts it again should it end by itself.")


@capture.command("stop")
@click.pass_context
def capture_stop(context: click.Context) -> None:
    """Stop capturing, and don't start by yourself again."""
    from memassist.assistant.capture import control
    from memassist.assistant.config import set_value
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    set_value(home, "capture.enabled", ("false",))
    click.echo("Stopped." if control.stop(home) else "Nothing was captured.")


@capture.command("pause")
@click.argument("span", required=False)
@click.pass_context
def capture_pause(context: click.Context, span: str | None) -> None:
    """Be private: capture nothing for SPAN, such as 30m or 2h, or until resumed."""
    from memassist.assistant.capture.service import pause
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    until = pause(home, None if span is None else _minutes(span))
    if until is None:
        click.echo("Private until you say: memassist capture resume")
    else:
        click.echo(f"Private until {until.astimezone():%H:%M}.")


@capture.command("resume")
@click.pass_context
def capture_resume(context: click.Context) -> None:
    """End a pause."""
    from memassist.assistant.capture import control
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    control.write_wish(home, control.Wish())
    private = control.read_wish(home)
    if _is_private(home):
        note(
            f"Still private in all until {private.until()}. End that with: memassist private --end"
        )
        return
    sign = control.sign(home)
    click.echo(sign or "No longer private. Nothing captures now: memassist capture start")


@click.command()
@click.argument("span", required=False)
@click.option("--end", is_flag=True, help="Be private no longer.")
@json_option
@click.pass_context
def private(context: click.Context, span: str | None, end: bool, as_json: bool) -> None:
    """Be private in all for SPAN, such as 30m or 2h, or until you end it.

    The screen is not captured, watched folders are not looked into, and programs that are connected
    get and leave nothing. What you do yourself works as ever.
    """
    from memassist.assistant.capture import control
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    if end and span is not None:
        raise click.UsageError("Give a time or --end, not both.")
    wish = control.Wish() if end else control.Wish(True, _end_of(span))
    control.write_private(home, wish)
    if as_json:
        print_json({"private": wish.is_paused, "until": wish.paused_until})
    else:
        click.echo("No longer private." if end else f"Private in all until {wish.until()}.")


@capture.command("status")
@json_option
@click.pass_context
def capture_status(context: click.Context, as_json: bool) -> None:
    """Say whether the screen is captured, and what came of it."""
    from memassist.assistant.capture import control
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    state, wish = control.read_state(home), control.read_wish(home)
    if as_json:
        print_json({**_state_object(state), "private": _is_private(home)})
        return
    click.echo(control.sign(home) or "The screen is not captured.")
    if _is_private(home):
        click.echo(f"private until {wish.until()}")
    for name, value in _state_object(state).items():
        if value and name not in ("is_running", "doing", "left_out"):
            click.echo(f"  {name.replace('_', ' '):15} {value}")
    for reason, count in sorted(state.left_out.items()):
        click.echo(f"  left out: {reason} ({count})")


@capture.command("picture")
@click.argument("item_id")
@click.option("--to", "target", type=click.Path(dir_okay=False), required=True, help="A new file.")
@click.pass_context
def capture_picture(context: click.Context, item_id: str, target: str) -> None:
    """Write the picture of a captured item to a WebP file, which is not encrypted."""
    from pathlib import Path

    from memassist.assistant.capture.pictures import picture_of
    from memassist.assistant.errors import QueryError
    from memassist.store.files import write_private_file

    with open_memory(context) as memory:
        item = memory.item(item_id)
        found = picture_of(memory.wiring, item.id)
    if found is None:
        raise QueryError(
            "No picture of that item is kept.",
            "Pictures are kept from when you set: memassist config set capture.pictures true",
        )
    try:
        write_private_file(Path(target).absolute(), found.content, is_new=True)
    except FileExistsError as error:
        raise click.UsageError(f"{target} exists already.") from error
    note(f"{found.width} x {found.height} pixels. Remove the file when you are done with it.")


@capture.group("exclude")
def capture_exclude() -> None:
    """Windows that are never captured: a list that comes with memassist, and your own."""


@capture_exclude.command("add")
@click.argument("pattern")
@click.option(
    "--forget", "answer", flag_value="forget", help="Erase what it was late for, unasked."
)
@click.option(
    "--keep", "answer", flag_value="keep", help="Leave what was captured before, unasked."
)
@json_option
@click.pass_context
def exclude_add(context: click.Context, pattern: str, answer: str | None, as_json: bool) -> None:
    """Leave out windows by PATTERN: app:NAME, title:WORDS with * for any text, or words."""
    from memassist.assistant.capture import exclusions

    with open_memory(context) as memory:
        is_new = exclusions.add(memory.wiring.home, pattern)
        before = exclusions.captured_before(memory.wiring.database, pattern)
        if not as_json:
            click.echo("Left out from now on." if is_new else "It was left out already.")
            if before:
                click.echo(f"Items captured before that match: {len(before):,}")
        if before and answer is None and sys.stdin.isatty() and not as_json:
            is_wanted = click.confirm("Forget them for good?", default=False, err=True)
            answer = "forget" if is_wanted else "keep"
        done = memory.forget(item_ids=before) if before and answer == "forget" else None
    if as_json:
        print_json(
            {"pattern": pattern, "new": is_new, "matching": len(before), "forgotten": plain(done)}
        )
    elif done is not None:
        memories = counted(done.memories, "memory", "memories")
        click.echo(f"Erased {counted(done.items, 'item')} and {memories}.")
    elif before and answer is None:
        note(f"Forget them with: memassist capture exclude add {pattern!r} --forget")


@capture_exclude.command("list")
@click.option("--all", "is_all", is_flag=True, help="Every pattern, one a line.")
@json_option
@click.pass_context
def exclude_list(context: click.Context, is_all: bool, as_json: bool) -> None:
    """List what is left out, and why."""
    from memassist.assistant.capture.service import rules_of
    from memassist.assistant.config import load
    from memassist.ingest.capture.rules import OWN_RULE
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    rules = rules_of(load(home))
    if as_json:
        print_json({"exclude": rules.rules, "untitled": rules.is_untitled_left_out})
        return
    patterns: dict[str, list[str]] = {}
    for rule in rules.rules:
        patterns.setdefault(rule.reason, []).append(rule.pattern)
    for reason, group in patterns.items():
        is_whole = is_all or reason == OWN_RULE or len(group) <= 2 * FIRST_PATTERNS
        for pattern in group if is_whole else group[:FIRST_PATTERNS]:
            click.echo(f"{pattern:36} {reason}")
        if not is_whole:
            click.echo(f"{f'({len(group) - FIRST_PATTERNS} more: --all)':36} {reason}")
    if rules.is_untitled_left_out:
        click.echo(f"{'(windows without a title)':36} setting capture.untitled")


@capture_exclude.command("remove")
@click.argument("pattern")
@click.pass_context
def exclude_remove(context: click.Context, pattern: str) -> None:
    """Let a PATTERN of the list, your own or a shipped one, no longer count."""
    from memassist.assistant.capture import exclusions
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    exclusions.remove(home, pattern)
    click.echo("It no longer counts.")


class _StatusLine:
    """One line on stderr that is drawn over itself; nothing where that is no terminal."""

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._is_live = is_wanted and sys.stderr.isatty()
        self._last = ""

    def show(self, state: CaptureState) -> None:
        if self._is_wanted:
            self._write(lambda: self._show(state))

    def end(self) -> None:
        def say() -> None:
            if self._is_live:
                click.echo("", err=True)
            note("Stopped. What was captured is kept.")
            note("memassist jobs run makes it searchable by sense, or a daemon does so.")

        if self._is_wanted:
            self._write(say)

    def _write(self, say: Callable[[], None]) -> None:
        try:
            say()
        except OSError:  # the terminal was closed
            self._is_wanted = False

    def _show(self, state: CaptureState) -> None:
        mark = "\N{BLACK CIRCLE}" if state.doing == "capturing" else "\N{WHITE CIRCLE}"
        line = f"{mark} {state.doing}, {state.stored} kept, {state.lines} lines"
        if self._is_live:
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
        elif state.doing != self._last:
            note(line)
        self._last = state.doing


def _minutes(span: str) -> float:
    match = _SPAN.fullmatch(span.strip())
    minutes = float(match[1]) * _UNIT_MINUTES[match[2] or ""] if match else 0.0
    if not 0 < minutes <= 525_600:
        raise click.UsageError(f"{span!r} is no time like 30m, 2h or 1d.")
    return minutes


def _end_of(span: str | None) -> datetime | None:
    from datetime import UTC, datetime, timedelta

    return None if span is None else datetime.now(UTC) + timedelta(minutes=_minutes(span))


def _is_private(home: Path) -> bool:
    from datetime import UTC, datetime

    from memassist.assistant.capture import control

    return control.read_wish(home).is_in_force(datetime.now(UTC))


def _state_object(state: CaptureState) -> dict[str, object]:
    content = plain(state)
    assert isinstance(content, dict)
    return content


COMMANDS = (capture, private)
