"""The helper process: daemon, unlock, lock."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from memassist.ui.cli.common import home_of, json_option, note, print_json, read_passphrase

LOG_LINES = 50


@click.group()
def daemon() -> None:
    """Run the helper that holds the key and the models and does the waiting work."""


@daemon.command("run")
@click.option("--stay", is_flag=True, help="Wait for another to end, and stay when idle.")
@click.pass_context
def daemon_run(context: click.Context, stay: bool) -> None:
    """Be the daemon, in the foreground."""
    from memassist.assistant.config import load
    from memassist.assistant.daemon.process import run
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)  # a missing home is told before anything is made in it
    config = load(home)
    run(
        home,
        config.number("daemon.idle_minutes") * 60,
        config.number("daemon.lock_minutes") * 60,
        stay=stay,
    )


@daemon.command("start")
@click.pass_context
def daemon_start(context: click.Context) -> None:
    """Start it in the background, unless it runs."""
    from memassist.assistant.daemon.process import start

    if not start(home_of(context)):
        raise click.ClickException("It did not answer in time; see memassist daemon logs.")
    click.echo("The daemon runs.")


@daemon.command("stop")
@click.pass_context
def daemon_stop(context: click.Context) -> None:
    """Stop it and wait until it is gone."""
    from memassist.assistant.daemon.process import stop

    click.echo("Stopped." if stop(home_of(context)) else "None ran.")


@daemon.command("status")
@json_option
@click.pass_context
def daemon_status(context: click.Context, as_json: bool) -> None:
    """Say whether it runs, and what it did."""
    from memassist.assistant.daemon.process import status

    found = status(home_of(context))
    if as_json:
        print_json({"running": found is not None, **(found or {})})
        return
    if found is None:
        click.echo("not running")
        return
    for name, value in found.items():
        for shown in _shown(name, value):
            click.echo(f"{name.replace('_', ' '):15} {shown}")


def _shown(name: str, value: object) -> list[str]:
    """Return the lines for one thing the daemon says of itself; none where there is nothing."""
    if name.endswith("_at"):
        if not value:
            return []
        moment = datetime.fromtimestamp(float(str(value)), UTC).astimezone()
        return [f"{moment:%Y-%m-%d %H:%M}"]
    if isinstance(value, list):
        return [
            f"{one['path']}, by {one['by']}" if isinstance(one, dict) and "by" in one else str(one)
            for one in value
        ]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [] if value in ("", None) else [str(value)]


@daemon.command("logs")
@click.pass_context
def daemon_logs(context: click.Context) -> None:
    """Print the end of its log."""
    from memassist.assistant.daemon.process import LOG_NAME

    path = home_of(context) / LOG_NAME
    if not path.exists():
        note("There is no log yet.")
        return
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    click.echo("\n".join(lines[-LOG_LINES - 1 :]).rstrip())


@daemon.command("install")
@click.option("--print", "only_print", is_flag=True, help="Only show the unit.")
@click.pass_context
def daemon_install(context: click.Context, only_print: bool) -> None:
    """Write a systemd user unit (on macOS a launchd agent) that starts it with your session."""
    from memassist.assistant.daemon.unit import start_command, unit_path, unit_text

    text = unit_text(home_of(context))
    if only_print:
        click.echo(text, nl=False)
        return
    path = unit_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {path}. Start it with: {start_command()}")


@daemon.command("uninstall")
def daemon_uninstall() -> None:
    """Remove the systemd user unit, or launchd agent."""
    from memassist.assistant.daemon.unit import stop_command, unit_path

    path = unit_path()
    if not path.exists():
        click.echo("No unit was there.")
        return
    path.unlink()
    click.echo(f"Removed {path}. Stop it with: {stop_command()}")


@click.command()
@click.pass_context
def unlock(context: click.Context) -> None:
    """Type the passphrase once; the daemon holds the key until it locks."""
    from memassist.assistant.daemon import client, process
    from memassist.store.keys import Route
    from memassist.store.keys import unlock as find_key

    home = home_of(context)
    number = context.obj["passphrase_fd"]
    if number is not None:
        typed = read_passphrase(number)
    elif sys.stdin.isatty():
        typed = click.prompt("Passphrase", hide_input=True, err=True).encode()
    else:
        raise click.UsageError("Give the passphrase with --passphrase-fd N.")
    key = find_key(home, Route("passphrase", typed)).data_key
    if key is None:
        click.echo("This home is not encrypted; there is nothing to unlock.")
        return
    if not process.start(home):
        raise click.ClickException("The daemon did not start; see memassist daemon logs.")
    client.request(home, "unlock", key=key.hex())
    click.echo("Unlocked.")


@click.command()
@click.pass_context
def lock(context: click.Context) -> None:
    """Let the daemon drop the key."""
    from memassist.assistant.daemon import client
    from memassist.assistant.daemon.protocol import DaemonUnreachableError

    try:
        reply = client.request(home_of(context), "lock")
    except DaemonUnreachableError:
        click.echo("Locked: no daemon runs.")
        return
    if reply["locked"]:
        click.echo("Locked.")
    else:
        note("This home opens by a key file or the keyring, so it can't be locked.")


COMMANDS = (daemon, unlock, lock)
