"""The command line: `memassist COMMAND`, results to stdout, all else to stderr."""

from __future__ import annotations

import os
import sys

import click

from memassist.ui.cli import (
    capture,
    care,
    changes,
    daemon,
    demo,
    entities,
    evaluate,
    find,
    models,
    reflect,
    review,
    secrets,
    serve,
    setup,
    show,
    take_in,
    tidy,
    watch,
)

VERSION_PACKAGE = "memassist"
WRONG_USAGE = 2
"""As in `ui.errors`, which is not loaded before it is needed."""


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=VERSION_PACKAGE)
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    envvar="MEMASSIST_HOME",
    help="Directory of the store [env: MEMASSIST_HOME].",
)
@click.option(
    "--passphrase-fd", type=int, metavar="N", help="Read the passphrase from this open file."
)
@click.pass_context
def cli(context: click.Context, home: str | None, passphrase_fd: int | None) -> None:
    """A private memory on your own disk: takes in what you write, read and see, and answers with
    evidence. Without a command it opens the terminal app."""
    context.obj = {"home": home, "passphrase_fd": passphrase_fd}
    if context.invoked_subcommand is not None:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(context.get_help(), err=True)
        sys.exit(WRONG_USAGE)
    if passphrase_fd is not None:
        raise click.UsageError("The app asks for the passphrase itself.")
    from memassist.ui.app import run
    from memassist.ui.cli.common import home_of

    run(home_of(context))


for module in (
    setup,
    demo,
    take_in,
    watch,
    capture,
    find,
    show,
    changes,
    entities,
    review,
    reflect,
    tidy,
    secrets,
    models,
    serve,
    daemon,
    care,
    evaluate,
):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line and end the process with a documented exit code."""
    from memassist.ui import errors

    os.umask(0o077)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(errors.WRONG_USAGE)
    except (KeyboardInterrupt, click.Abort) as end:
        # click makes an Abort of Ctrl-C, and one of its own where a question is answered by no.
        was_interrupted = isinstance(end.__cause__ or end, KeyboardInterrupt)
        kept = " What was done is kept; the same command goes on from there."
        click.echo("Stopped." + (kept if was_interrupted else ""), err=True)
        sys.exit(errors.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has enough; Python would complain at exit without this.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(errors.DONE)
    except Exception as error:
        row = errors.row_of(error)
        if row is None:
            raise
        click.echo(f"memassist: {error}", err=True)
        advice = errors.advice_of(error, row)
        if advice:
            click.echo(advice, err=True)
        sys.exit(row.exit_code)
