"""Serving other programs: mcp."""

from __future__ import annotations

import click

from memassist.ui.cli.common import home_of


@click.group(invoke_without_command=True)
@click.pass_context
def mcp(context: click.Context) -> None:
    """Serve this memory to Claude Desktop, Cursor and others, over standard input and output."""
    if context.invoked_subcommand is None:
        from memassist.assistant.mcp.server import serve

        serve(home_of(context))


COMMANDS = (mcp,)
