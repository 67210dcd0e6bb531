"""Making a home and its settings: init, config."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import home_of, json_option, note, print_json, read_passphrase

if TYPE_CHECKING:
    from memassist.store.keys import Route


@click.command()
@click.option(
    "--key-file", type=click.Path(dir_okay=False), help="Open it by this file; made if new."
)
@click.option("--passphrase", is_flag=True, help="Open it by a passphrase, asked for now.")
@click.option("--passphrase-fd", type=int, metavar="N", help="Read the new passphrase from N.")
@click.option("--keyring", is_flag=True, help="Keep the key in the system's keyring.")
@click.option("--no-encryption", is_flag=True, help="Store everything readable. Not advised.")
@json_option
@click.pass_context
def init(
    context: click.Context,
    key_file: str | None,
    passphrase: bool,
    passphrase_fd: int | None,
    keyring: bool,
    no_encryption: bool,
    as_json: bool,
) -> None:
    """Make a home: an encrypted store and the way to open it."""
    from memassist.assistant import Memory
    from memassist.store.errors import HomeExistsError
    from memassist.store.keys import Route, new_recovery_code

    home = home_of(context)
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise HomeExistsError(home)
    routes: list[Route] = []
    if not no_encryption:
        first = _route(home, key_file, passphrase, passphrase_fd, keyring)
        routes.append(first)
    elif key_file or passphrase or passphrase_fd is not None or keyring:
        raise click.UsageError("--no-encryption goes with no key.")
    code = None
    if routes and routes[0].kind != "key-file":
        code = new_recovery_code()
        routes.append(Route("recovery", code.replace("-", "").encode()))
    Memory.create(home, routes=routes).close()
    opened_by = routes[0].kind if routes else "nothing: it is not encrypted"
    if as_json:
        print_json({"home": home, "route": routes[0].kind if routes else "none", "recovery": code})
        return
    click.echo(f"Made {home}, opened by {opened_by}.")
    if code:
        click.echo(f"Recovery code, shown this once: {code}")
    if not routes:
        note("Everything in this home can be read by whoever reads the disk.")
    note("Next: memassist import YOUR-EXPORT-OR-FOLDER")


def _route(
    home: Path, key_file: str | None, passphrase: bool, passphrase_fd: int | None, keyring: bool
) -> Route:
    from memassist.store.keys import Route, check_key_file_place, keyring_is_usable, make_key_file

    if key_file is not None:
        path = Path(key_file).expanduser().absolute()
        check_key_file_place(path, home)
        if not path.exists():
            make_key_file(path, home)
        return Route("key-file", path=path)
    if passphrase_fd is not None:
        return Route("passphrase", read_passphrase(passphrase_fd))
    if passphrase:
        if not sys.stdin.isatty():
            raise click.UsageError("--passphrase asks at a terminal; use --passphrase-fd N.")
        typed = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        return Route("passphrase", typed.encode())
    if keyring or keyring_is_usable():
        return Route("keyring")
    raise click.UsageError(
        "No keyring here to keep the key. Use --key-file FILE, --passphrase or"
        " --passphrase-fd N; --no-encryption stores everything readable."
    )


@click.group()
def config() -> None:
    """Show and change settings."""


@config.command("list")
@json_option
@click.pass_context
def config_list(context: click.Context, as_json: bool) -> None:
    """Show every setting with its value and meaning."""
    from memassist.assistant.config import SETTINGS, load

    values = load(home_of(context)).values
    if as_json:
        print_json(values)
        return
    for name, setting in SETTINGS.items():
        click.echo(f"{name} = {values[name]!r}  # {setting.meaning}")


@config.command("set")
@click.argument("name")
@click.argument("value", nargs=-1, required=True)
@json_option
@click.pass_context
def config_set(context: click.Context, name: str, value: tuple[str, ...], as_json: bool) -> None:
    """Change a setting; a list takes several VALUEs."""
    from memassist.assistant.config import set_value
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)  # raises where there is no home
    changed = set_value(home, name, value)
    if as_json:
        print_json({name: changed})
    else:
        click.echo(f"{name} = {changed!r}")


COMMANDS = (init, config)
