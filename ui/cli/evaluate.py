"""Measuring: eval extraction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from memassist.ui.cli.common import home_of, json_option, note, plain_object, print_json, progress

if TYPE_CHECKING:
    from memassist.assistant.evaluation.extraction import Counts, Report
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


COMMANDS = (evaluate,)
