"""Measuring: eval extraction, locomo, longmemeval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import home_of, json_option, note, plain_object, print_json, progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.config import Config
    from memassist.assistant.evaluation.extraction import Counts, Report
    from memassist.assistant.evaluation.summary import Summary
    from memassist.assistant.model import Model


@click.group(name="eval")
def evaluate() -> None:
    """Measure how good memories and answers are. Your home is not touched."""


@evaluate.command("extraction")
@click.argument("file", type=click.Path())
@click.option("--with-model", is_flag=True, help="Let the language model that is set read too.")
@click.option("--list", "shows_all", is_flag=True, help="Show each miss and each false memory.")
@json_option
@click.pass_context
def eval_extraction(
    context: click.Context, file: str, with_model: bool, shows_all: bool, as_json: bool
) -> None:
    """Score what is remembered of labelled statements: precision, recall and F1 by type.

    FILE holds JSON lines such as {"text": "I live in Leeds.", "expect": [{"type": "core",
    "contains": ["Leeds"]}]}; see docs/evaluation.md.
    """
    from memassist.assistant.config import load
    from memassist.assistant.evaluation.cases import read_cases
    from memassist.assistant.evaluation.extraction import evaluate as score
    from memassist.assistant.extract.rules import builtin_extractors

    config = load(home_of(context))
    cases = read_cases(Path(file).expanduser())
    extractors = [*builtin_extractors()]
    model: Model | None = None
    if with_model:
        from memassist.assistant.extract.by_model import ModelExtractor
        from memassist.assistant.model import choose

        note(choose.banner(config))
        model = choose.model_of(config)
        if model is None:
            raise click.UsageError("There is no model. Choose one: memassist model use TARGET")
        extractors.append(ModelExtractor(model))
    with progress("extracting", "cases") as show:
        report = score(
            cases,
            extractors,
            config.number("inbox.threshold"),
            lambda done: show(done, len(cases)),
        )
    if as_json:
        print_json(_report_json(report, model))
        return
    _print_report(report)
    if shows_all:
        for miss in report.misses:
            click.echo(f"missed  {miss.case} {'/'.join(miss.types)}: {miss.expected}")
            click.echo(f"        {' '.join(miss.text.split())}")
        for one in report.false_memories:
            click.echo(f"false   {one.case} {one.type}, {one.extractor}: {one.text}")
            click.echo(f"        {' '.join(one.quote.split())}")
    elif report.misses or report.false_memories:
        note("--list shows each miss and each false memory.")


def _print_report(report: Report) -> None:
    click.echo("type         expected     met    made   right  precision  recall      F1")
    rows = [*report.types.items(), ("all", report.all_types), ("any type", report.any_type)]
    for name, counts in rows:
        click.echo(
            f"{name:<11} {counts.expected:>9} {counts.met:>7} {counts.made:>7} {counts.right:>7}"
            f" {_share(counts.precision):>10} {_share(counts.recall):>7} {_share(counts.f1):>7}"
        )
    click.echo(
        f"{report.cases} cases in {report.seconds:.1f} s; of {report.silent_cases} that give no"
        f" memory, {report.kept_silent} gave none"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _report_json(report: Report, model: Model | None) -> dict[str, object]:
    content = plain_object(report)
    content["all_types"] = _counts_json(report.all_types)
    content["any_type"] = _counts_json(report.any_type)
    content["types"] = {name: _counts_json(counts) for name, counts in report.types.items()}
    content["model"] = None if model is None else model.name
    return content


def _counts_json(counts: Counts) -> dict[str, object]:
    shares = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return plain_object(counts) | shares


def _benchmark_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.argument("file", type=click.Path()),
            click.option("--no-model", is_flag=True, help="As without a language model."),
            click.option("--words-only", is_flag=True, help="As without an embedding model."),
            click.option(
                "--judge",
                metavar="TARGET",
                help="Let a model say what is right: same, a GGUF file, or a server's URL.",
            ),
            click.option("--judge-name", default="", help="The judge's name on its server."),
            click.option(
                "--corpora", type=click.IntRange(1), help="Only the first so many corpora."
            ),
            click.option(
                "--questions", type=click.IntRange(1), help="Only the first so many of each."
            ),
            click.option(
                "--work",
                type=click.Path(file_okay=False),
                help="Work in this folder, and keep the homes there.",
            ),
            click.option("--fresh", is_flag=True, help="Begin anew, whatever is done."),
            json_option,
            click.pass_context,
        )
    ):
        command = option(command)
    return command


@evaluate.command("locomo")
@_benchmark_options
def eval_locomo(context: click.Context, **options: object) -> None:
    """Ask the questions of LoCoMo, in homes made for it, and score the answers.

    FILE is locomo10.json as published, or of the plain form in docs/evaluation.md. A run that was
    broken off goes on where it was.
    """
    _run_benchmark(context, "locomo", **options)  # type: ignore[arg-type]  # click made them so


@evaluate.command("longmemeval")
@_benchmark_options
def eval_longmemeval(context: click.Context, **options: object) -> None:
    """Ask the questions of LongMemEval, in homes made for it, and score the answers.

    FILE is longmemeval_s.json as published, or of the plain form in docs/evaluation.md. A run that
    was broken off goes on where it was.
    """
    _run_benchmark(context, "longmemeval", **options)  # type: ignore[arg-type]  # as above


def _run_benchmark(
    context: click.Context,
    benchmark: str,
    *,
    file: str,
    no_model: bool,
    words_only: bool,
    judge: str | None,
    judge_name: str,
    corpora: int | None,
    questions: int | None,
    work: str | None,
    fresh: bool,
    as_json: bool,
) -> None:
    import shutil
    from dataclasses import replace

    from memassist.assistant.config import load
    from memassist.assistant.evaluation import benchmark as bench
    from memassist.assistant.evaluation.questions import read_corpora
    from memassist.assistant.evaluation.summary import summary_of
    from memassist.assistant.model import choose

    config = load(home_of(context))
    path = Path(file).expanduser()
    chosen = [
        replace(one, questions=one.questions[:questions]) for one in read_corpora(path)[:corpora]
    ]
    model = None if no_model else choose.model_of(config)
    if model is not None:
        note(choose.banner(config))
    judging = _judge(config, judge, judge_name, model)
    embedding = "none" if words_only else config.text("embedding.model")
    names = [one.name if one else "" for one in (model, judging)]
    folder = Path(work) if work else _work_folder(benchmark, path, [embedding, *names])
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    note(f"What is done is kept in {folder}; the same command goes on from there.")
    with progress(benchmark, "done") as show:
        ledger = bench.run(
            chosen,
            folder,
            {"embedding.model": embedding},
            model=model,
            judge=judging,
            keep_homes=work is not None,
            on_progress=lambda what, done, total: show(done, total),
        )
    summary = summary_of(ledger, chosen)
    if as_json:
        content = plain_object(summary)
        content |= {"benchmark": benchmark, "embedding": embedding, "folder": str(folder)}
        content |= {"model": names[0] or None, "judge": names[1] or None}
        print_json(content)
        return
    _print_summary(summary)


def _judge(config: Config, target: str | None, name: str, model: Model | None) -> Model | None:
    from memassist.assistant.config import Config
    from memassist.assistant.model import choose

    if target is None:
        return None
    if target == "same":
        if model is None:
            raise click.UsageError("--judge same: there is no model that answers.")
        return model
    place = {"model.path": "", "model.url": target, "model.name": name}
    if not target.startswith(("http://", "https://")):
        judge_path = Path(target).expanduser()
        if not judge_path.is_file():
            raise click.UsageError(f"--judge: there is no file {target}, and it is no URL.")
        place = {"model.path": str(judge_path), "model.url": "", "model.name": ""}
    other = Config({**config.values, **place})
    note(choose.banner(other))
    return choose.model_of(other)


def _work_folder(benchmark: str, path: Path, settings: list[str]) -> Path:
    """Return a folder that only a run of the same file, settings and program shares."""
    import hashlib
    from importlib.metadata import version

    import platformdirs

    digest = hashlib.sha256(path.read_bytes())
    digest.update("\0".join([version("memassist"), *settings]).encode())
    cache = platformdirs.user_cache_path("memassist", appauthor=False)
    return cache / "eval" / f"{benchmark}-{digest.hexdigest()[:16]}"


def _print_summary(summary: Summary) -> None:
    head = ("questions", "exact", "F1", "holds", "cited", "abstained", "judged", "seconds")
    click.echo(f"{'':<28}" + "".join(f"{name:>10}" for name in head))
    for row in summary.rows:
        shares = (row.exact, row.f1, row.holds, row.cited, row.abstained, row.judged, row.seconds)
        figures = "".join(f"{_share(one):>10}" for one in shares)
        click.echo(f"{row.category:<28}{row.questions:>10}{figures}")
    click.echo(
        f"{summary.items} items in {summary.corpora} homes gave {summary.memories} memories and"
        f" {summary.waiting} inbox entries in {summary.learning_seconds:.0f} s; asking took"
        f" {summary.asking_seconds:.0f} s"
    )
    if summary.requests:
        click.echo(
            f"the model: {summary.requests} requests ({summary.failed_requests} failed),"
            f" {summary.prompt_tokens} tokens read, {summary.written_tokens} written,"
            f" {summary.model_seconds:.0f} s"
        )


COMMANDS = (evaluate,)
