"""The figures of a benchmark's run: a row for each class of questions, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.assistant.evaluation.benchmark import Answered, Ledger
    from memassist.assistant.evaluation.questions import Corpus


@dataclass(frozen=True, slots=True)
class Row:
    """One class of questions; all but the counts are means from 0 to 1."""

    category: str
    questions: int
    exact: float
    f1: float
    holds: float
    cited: float | None
    """Of the questions of which the benchmark names the evidence; None where it names none."""
    abstained: float
    judged: float | None
    """Of those the judge judged; None without a judge."""
    seconds: float
    """A question's, on average."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run."""

    rows: tuple[Row, ...]
    """`answerable`, `unanswerable` where there are such, then the classes by name."""
    corpora: int
    items: int
    memories: int
    waiting: int
    failed_jobs: int
    learning_seconds: float
    asking_seconds: float
    requests: int
    failed_requests: int
    prompt_tokens: int
    written_tokens: int
    model_seconds: float


def summary_of(ledger: Ledger, corpora: Sequence[Corpus]) -> Summary:
    """Sum up what is done of these corpora's questions."""
    learned = [ledger.learned[one.id] for one in corpora if one.id in ledger.learned]
    keys = [(corpus.id, one.id) for corpus in corpora for one in corpus.questions]
    answered = [ledger.answered[key] for key in keys if key in ledger.answered]
    costs = [*(one.cost for one in learned), *(one.cost for one in answered)]
    return Summary(
        rows=tuple(_rows(answered)),
        corpora=len(learned),
        items=sum(one.items for one in learned),
        memories=sum(one.memories for one in learned),
        waiting=sum(one.waiting for one in learned),
        failed_jobs=sum(one.failed_jobs for one in learned),
        learning_seconds=round(sum(one.seconds for one in learned), 1),
        asking_seconds=round(sum(one.seconds for one in answered), 1),
        requests=sum(cost.requests for cost in costs),
        failed_requests=sum(cost.failed for cost in costs),
        prompt_tokens=sum(cost.prompt_tokens for cost in costs),
        written_tokens=sum(cost.written_tokens for cost in costs),
        model_seconds=round(sum(cost.seconds for cost in costs), 1),
    )


def _rows(answered: Sequence[Answered]) -> Iterable[Row]:
    for name, is_answerable in (("answerable", True), ("unanswerable", False)):
        if part := [one for one in answered if one.is_answerable == is_answerable]:
            yield _row(name, part)
    for category in sorted({one.category for one in answered}):
        yield _row(category, [one for one in answered if one.category == category])


def _row(category: str, part: Sequence[Answered]) -> Row:
    cited = [one.cited for one in part if one.cited is not None]
    judged = [one.judged for one in part if one.judged is not None]
    return Row(
        category=category,
        questions=len(part),
        exact=fmean(one.exact for one in part),
        f1=fmean(one.f1 for one in part),
        holds=fmean(one.holds for one in part),
        cited=fmean(cited) if cited else None,
        abstained=fmean(one.abstained for one in part),
        judged=fmean(judged) if judged else None,
        seconds=fmean(one.seconds for one in part),
    )
