"""Keys and sealed secrets: vault, key."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from memassist.ui.cli.common import (
    home_of,
    json_option,
    note,
    open_memory,
    print_json,
    read_passphrase,
)


@click.group()
def vault() -> None:
    """Secrets that were masked on their way in, sealed one by one."""


@vault.command("list")
@json_option
@click.pass_context
def vault_list(context: click.Context, as_json: bool) -> None:
    """List captions; never a secret."""
    with open_memory(context) as memory:
        found = memory.vault.list()
    if as_json:
        print_json({"vault": found})
        return
    for entry in found:
        click.echo(f"{entry.id[-8:]}  {entry.kind:8}  {entry.caption}")
    if not found:
        note("The vault is empty.")


@vault.command("reveal")
@click.argument("entry_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def vault_reveal(context: click.Context, entry_id: str, yes: bool) -> None:
    """Print one secret, after asking."""
    with open_memory(context) as memory:
        if not yes:
            if not sys.stdin.isatty():
                raise click.UsageError("A reveal needs a person: run it in a terminal, or --yes.")
            click.confirm("Print the secret on this screen?", abort=True, err=True)
        click.echo(memory.vault.reveal(entry_id))


@click.group()
def key() -> None:
    """The routes that open the home."""


@key.command("list")
@json_option
@click.pass_context
def key_list(context: click.Context, as_json: bool) -> None:
    """List the routes."""
    from memassist.store.keys import slot_kinds

    kinds = slot_kinds(home_of(context))
    if as_json:
        print_json({"routes": kinds})
    else:
        click.echo(", ".join(kinds) or "none: this home is not encrypted")


@key.command("add")
@click.option("--key-file", type=click.Path(dir_okay=False), help="A file to open it by.")
@click.option("--new-passphrase-fd", type=int, metavar="N", help="A passphrase, read from N.")
@click.option("--recovery-fd", type=int, metavar="N", help="Open it by the recovery code, from N.")
@click.pass_context
def key_add(
    context: click.Context,
    key_file: str | None,
    new_passphrase_fd: int | None,
    recovery_fd: int | None,
) -> None:
    """Add a route, or replace the one of its kind; asks for a passphrase without options."""
    from memassist.assistant import Memory
    from memassist.store.errors import LockedError
    from memassist.store.keys import Route, add_slot, check_key_file_place, make_key_file

    home = home_of(context)
    if recovery_fd is not None:
        memory = Memory.open(home, route=Route("recovery", read_passphrase(recovery_fd)))
    else:
        memory = open_memory(context)
    with memory:
        data_key = memory.wiring.database.key
        if data_key is None:
            raise LockedError("An unencrypted home has no key.")
        if key_file is not None:
            path = Path(key_file).expanduser().absolute()
            check_key_file_place(path, home)
            if not path.exists():
                make_key_file(path, home)
            route = Route("key-file", path=path)
        elif new_passphrase_fd is not None:
            route = Route("passphrase", read_passphrase(new_passphrase_fd))
        elif sys.stdin.isatty():
            typed = click.prompt(
                "New passphrase", hide_input=True, confirmation_prompt=True, err=True
            )
            route = Route("passphrase", typed.encode())
        else:
            raise click.UsageError("Give --key-file FILE or --new-passphrase-fd N.")
        add_slot(home, data_key, route)
    click.echo(f"The home opens by {route.kind} now.")


COMMANDS = (vault, key)
