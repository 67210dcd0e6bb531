"""Take a benchmark through import, learning and asking, and score the answers.

Everything lies in a folder of its own: a home for each corpus, removed once its questions are
answered, and a line for each step that is done. A run that was broken off, by whatever, goes on
where it was: import and learning are idempotent, and `Ledger` says which questions are answered.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.evaluation import scoring
from memassist.assistant.evaluation.counted import Cost, CountedModel
from memassist.assistant.memory import Memory
from memassist.assistant.wiring import Wiring
from memassist.store import home as homes
from memassist.store.backup import CONFIG_NAME
from memassist.store.files import make_private_directory, write_private_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memassist.assistant.config import Value
    from memassist.assistant.evaluation.questions import Corpus, Question
    from memassist.assistant.model import Model
    from memassist.assistant.results import Answer
    from memassist.store.database import Database

LEDGER = "done.jsonl"


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of one corpus before anything was asked."""

    corpus: str
    items: int
    memories: int
    waiting: int
    """In the inbox."""
    failed_jobs: int
    seconds: float
    """Of the run that finished it; what was done before a break is not in it."""
    cost: Cost


@dataclass(frozen=True, slots=True)
class Answered:
    """One question, what was answered, and how right that is."""

    corpus: str
    question: str
    category: str
    answer: str
    abstained: bool
    model: str
    is_answerable: bool
    exact: float
    """1 or 0, as all others but `f1`; for a question without an answer, whether it abstained."""
    f1: float
    holds: float
    """Whether the expected words stand in the answer or in what it cites."""
    cited: float | None
    """Whether a line that tells it is among the citations; None where the benchmark names none."""
    judged: float | None
    """What the judge says; None without one, or where it failed."""
    seconds: float
    cost: Cost


@dataclass(slots=True)
class Ledger:
    """What is done, in the order it was done; survives a kill between two lines."""

    path: Path
    learned: dict[str, Learned] = field(default_factory=dict)
    answered: dict[tuple[str, str], Answered] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Ledger:
        """Read the folder's lines; a last line that was cut off counts as not written."""
        ledger = cls(folder / LEDGER)
        if not ledger.path.exists():
            return ledger
        content = ledger.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            write_private_file(ledger.path, whole)
        for line in whole.splitlines():
            value = json.loads(line)
            cost = Cost(**value.pop("cost"))
            if "question" in value:
                ledger._keep(Answered(**value, cost=cost))
            else:
                ledger._keep(Learned(**value, cost=cost))
        return ledger

    def add(self, entry: Learned | Answered) -> None:
        """Keep an entry; it is on disk when the call returns."""
        self._keep(entry)
        with self.path.open("ab") as file:
            file.write(json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, entry: Learned | Answered) -> None:
        if isinstance(entry, Answered):
            self.answered[entry.corpus, entry.question] = entry
        else:
            self.learned[entry.corpus] = entry


class _MeasuredWiring(Wiring):
    """A home's wiring with the model that counts, in this process: no daemon is asked."""

    def __init__(self, home: Path, database: Database, model: CountedModel | None) -> None:
        super().__init__(home, database)
        self._counted = model

    def model(self) -> Model | None:
        return self._counted


def run(
    corpora: Sequence[Corpus],
    folder: Path,
    settings: dict[str, Value],
    *,
    model: Model | None = None,
    judge: Model | None = None,
    keep_homes: bool = False,
    on_progress: Callable[[str, int, int | None], None] = lambda what, done, total: None,
) -> Ledger:
    """Do what is not done yet and return all that is.

    `settings` are those of the homes, `embedding.model` and `me`. Raises `ModelError` once the
    model or the judge can't be reached any more; running it again goes on from there.
    """
    make_private_directory(folder)
    ledger = Ledger.read(folder)
    counted = None if model is None else CountedModel(model)
    counted_judge = None if judge is None else CountedModel(judge)
    total = sum(len(corpus.questions) for corpus in corpora)
    for number, corpus in enumerate(corpora, 1):
        place = folder / f"home-{number}"
        if corpus.id in ledger.learned and not _open_questions(corpus, ledger):
            if not keep_homes:
                _remove(place)
            continue
        # More may be asked of a corpus than last time, after which its home was removed.
        is_known = corpus.id in ledger.learned and _mark(place).exists()
        with _opened(place, settings, counted) as memory:
            if not is_known:
                ledger.add(_learn(memory, corpus, folder, counted, on_progress))
            for question in _open_questions(corpus, ledger):
                on_progress("asking", len(ledger.answered), total)
                ledger.add(_ask(memory, corpus, question, counted, counted_judge))
        if not keep_homes:
            _remove(place)
    return ledger


def _open_questions(corpus: Corpus, ledger: Ledger) -> list[Question]:
    return [one for one in corpus.questions if (corpus.id, one.id) not in ledger.answered]


def _mark(place: Path) -> Path:
    """Return the file that says that the home there is whole."""
    return place.with_name(f"{place.name}.made")


def _remove(place: Path) -> None:
    _mark(place).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def _opened(place: Path, settings: dict[str, Value], model: CountedModel | None) -> Memory:
    """Open the corpus's home, made anew where a run was broken off while making it.

    It is not encrypted: what is in it lies open beside it, in the benchmark's file.
    """
    made = _mark(place)
    if not made.exists():
        shutil.rmtree(place, ignore_errors=True)
        homes.create(place, ()).close()
        lines = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in settings.items()]
        dotted = [line.replace('"', "", 2) for line in lines]
        write_private_file(place / CONFIG_NAME, "\n".join([*dotted, ""]).encode())
        made.touch()
    return Memory(_MeasuredWiring(place, homes.open_home(place), model))


def _learn(
    memory: Memory,
    corpus: Corpus,
    folder: Path,
    model: CountedModel | None,
    on_progress: Callable[[str, int, int | None], None],
) -> Learned:
    began, before = time.monotonic(), Cost() if model is None else model.cost
    path = folder / "corpus.jsonl"
    lines = [json.dumps(line, ensure_ascii=False) for line in corpus.lines]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    memory.import_path(
        path,
        format_name="jsonl",
        on_progress=lambda report: on_progress("taking in", report.accounted, len(lines)),
    )
    path.unlink()
    report = memory.work(
        lambda now: on_progress("learning", now.done, None), with_model=model is not None
    )
    if model is not None and model.lost is not None:
        raise model.lost
    stats = memory.maintenance.stats()
    return Learned(
        corpus=corpus.id,
        items=stats.items,
        memories=sum(stats.memories.values()),
        waiting=stats.inbox,
        failed_jobs=report.failed,
        seconds=round(time.monotonic() - began, 3),
        cost=Cost() if model is None else model.cost.minus(before),
    )


def _ask(
    memory: Memory,
    corpus: Corpus,
    question: Question,
    model: CountedModel | None,
    judge: CountedModel | None,
) -> Answered:
    began, before = time.monotonic(), Cost() if model is None else model.cost
    answer = memory.ask(question.text, asked_at=question.asked_at)
    seconds = time.monotonic() - began
    if model is not None and model.lost is not None:
        raise model.lost
    cited = None
    if question.answer is not None and question.evidence:
        refs = {one.ref for one in answer.citations}
        cited = float(not answer.abstained and not refs.isdisjoint(question.evidence))
    exact, f1, holds = _scores(answer, question.answer)
    return Answered(
        corpus=corpus.id,
        question=question.id,
        category=question.category,
        answer=answer.answer,
        abstained=answer.abstained,
        model=answer.model,
        is_answerable=question.answer is not None,
        exact=exact,
        f1=round(f1, 4),
        holds=holds,
        cited=cited,
        judged=_judged(judge, question, answer),
        seconds=round(seconds, 3),
        cost=Cost() if model is None else model.cost.minus(before),
    )


def _scores(answer: Answer, expected: str | None) -> tuple[float, float, float]:
    if expected is None or answer.abstained:
        right = float(expected is None and answer.abstained)
        return right, right, right
    said = [answer.answer, *(citation.quote for citation in answer.citations)]
    return (
        float(scoring.exact(answer.answer, expected)),
        scoring.f1(answer.answer, expected),
        float(scoring.holds(said, expected)),
    )


def _judged(judge: CountedModel | None, question: Question, answer: Answer) -> float | None:
    if judge is None:
        return None
    if question.answer is None or answer.abstained:
        return float(question.answer is None and answer.abstained)
    try:
        return float(scoring.judged(judge, question.text, question.answer, answer.answer))
    except ModelError as error:
        if error.is_lasting:
            raise
        return None
