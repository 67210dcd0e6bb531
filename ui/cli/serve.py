"""Serving other programs: mcp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import home_of, note

if TYPE_CHECKING:
    from memassist.assistant.mcp.clients import Change, ClientName

CLIENT_NAMES = ("claude-code", "claude-desktop", "cursor", "vscode", "codex")
"""As in `assistant.mcp.clients`, which is not loaded to show help."""

client_argument = click.argument("client", type=click.Choice(CLIENT_NAMES))
print_option = click.option("--print", "only_print", is_flag=True, help="Only show the change.")


@click.group(invoke_without_command=True)
@click.pass_context
def mcp(context: click.Context) -> None:
    """Serve this memory to Claude Desktop, Cursor and others, over standard input and output."""
    if context.invoked_subcommand is None:
        from memassist.assistant.mcp.server import serve

        serve(home_of(context))


@mcp.command("install")
@client_argument
@print_option
@click.pass_context
def mcp_install(context: click.Context, client: ClientName, only_print: bool) -> None:
    """Enter this memory in the settings of CLIENT; a copy of the file is kept beside it."""
    from memassist.assistant.daemon.command import own_command
    from memassist.assistant.mcp.clients import plan
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    if not only_print:
        read_keyslots(home)  # a client with a memory that isn't there would only complain
    _carry_out(plan(client, [*own_command(), "--home", str(home), "mcp"]), only_print)


@mcp.command("uninstall")
@client_argument
@print_option
def mcp_uninstall(client: ClientName, only_print: bool) -> None:
    """Take this memory out of the settings of CLIENT."""
    from memassist.assistant.mcp.clients import plan

    _carry_out(plan(client, None), only_print)


def _carry_out(change: Change, only_print: bool) -> None:
    from memassist.assistant.mcp.clients import apply

    if not change.is_needed:
        click.echo(f"{change.path} needs no change.")
        return
    click.echo(change.diff())
    if only_print:
        return
    copy = apply(change)
    note(f"Changed {change.path}." + (f" As it was: {copy}" if copy is not None else ""))
    note(f"Start {change.client} anew to see it.")


COMMANDS = (mcp,)
