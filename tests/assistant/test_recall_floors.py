"""What share of a question's evidence is found, per class of question, on a part of public data.

Floors, a little below what was measured when they were written: a change that costs a class more
is seen here in seconds. `tests/benchmarks/recall_table.py` measures all of both sets.
"""

from __future__ import annotations

import gzip
import json
import statistics
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, Query
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DATA = Path(__file__).parents[3] / "shared" / "data"
_LOCOMO = _DATA / "locomo" / "dev.json"
_LONGMEMEVAL = _DATA / "longmemeval" / "dev.json.gz"
_CONVERSATION = "conv-26"
"""The only short one with all classes of questions."""


@dataclass(frozen=True, slots=True)
class Question:
    """One of a set, with the refs that answer it."""

    text: str
    category: str
    evidence: frozenset[str]
    asked_at: datetime | None


def _fill(memory: Memory, lines: Sequence[Mapping[str, str]], *, with_vectors: bool) -> None:
    memory.add_items(
        [
            Record(
                text=line["text"], place="", ref=line["ref"], native_id=line["ref"],
                conversation=line["conversation"], sequence=number, author=line.get("author"),
                role="assistant" if line.get("role") == "assistant" else "user",
                occurred_at=datetime.fromisoformat(line["occurred_at"]),
            )
            for number, line in enumerate(lines)
            if line["text"].strip()
        ],
        source="floors",
    )  # fmt: skip
    if with_vectors:
        memory.work()


def _questions(corpus: Mapping[str, list[dict[str, object]]]) -> list[Question]:
    return [
        Question(
            str(one["query"]),
            str(one["category"]),
            frozenset(one["evidence"]),  # type: ignore[call-overload]  # a list of strings
            datetime.fromisoformat(str(one["asked_at"])) if one.get("asked_at") else None,
        )
        for one in corpus["questions"]
        if one["evidence"]
    ]


def _measured(
    memory: Memory, questions: Sequence[Question], *, lexical: bool
) -> dict[str, tuple[float, float, float]]:
    """Return the share of evidence @3 and @10 and the mean reciprocal rank, by class."""
    rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for one in questions:
        query = Query(one.text, 50, "evidence", one.asked_at, collapse=False)
        hits = memory.search(query, lexical=lexical).hits
        ranks = [rank for rank, hit in enumerate(hits) if hit.ref in one.evidence]
        row = (
            sum(rank < 3 for rank in ranks) / len(one.evidence),
            sum(rank < 10 for rank in ranks) / len(one.evidence),
            1 / (ranks[0] + 1) if ranks else 0.0,
        )
        rows["all"].append(row)
        rows[one.category].append(row)
    return {
        name: (
            statistics.fmean(row[0] for row in many),
            statistics.fmean(row[1] for row in many),
            statistics.fmean(row[2] for row in many),
        )
        for name, many in rows.items()
    }


def _below(
    found: Mapping[str, tuple[float, float, float]],
    floors: Mapping[str, tuple[float, float, float]],
) -> list[str]:
    assert found.keys() == floors.keys()
    return [
        f"{name} {what}: {found[name][place]:.3f} < {floors[name][place]}"
        for name in floors
        for place, what in enumerate(("@3", "@10", "MRR"))
        if found[name][place] < floors[name][place]
    ]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Memory, list[Question]]]:
    """Yield a conversation of LoCoMo's with vectors, and every second question on it."""
    if not _LOCOMO.exists():
        pytest.skip("the public data is not beside the repository")
    corpora = json.loads(_LOCOMO.read_text(encoding="utf-8"))
    corpus = next(one for one in corpora if one["id"] == _CONVERSATION)
    with Memory.create(tmp_path_factory.mktemp("floors") / "home", routes=[]) as memory:
        _fill(memory, corpus["items"], with_vectors=True)
        yield memory, _questions(corpus)[::2]


TALK_FLOORS = {
    "all": (0.63, 0.83, 0.57),
    "single-hop": (0.68, 0.88, 0.55),
    "multi-hop": (0.38, 0.54, 0.48),
    "temporal": (0.80, 0.95, 0.74),
    "open-domain": (0.15, 0.40, 0.15),
    "adversarial": (0.55, 0.83, 0.50),
}
TALK_FLOORS_BY_WORDS = {
    "all": (0.60, 0.80, 0.55),
    "single-hop": (0.65, 0.88, 0.58),
    "multi-hop": (0.37, 0.61, 0.51),
    "temporal": (0.85, 0.90, 0.70),
    "open-domain": (0.15, 0.40, 0.13),
    "adversarial": (0.47, 0.70, 0.43),
}


def test_no_class_of_questions_on_a_conversation_falls_below_its_floor(
    talk: tuple[Memory, list[Question]],
) -> None:
    memory, questions = talk
    if memory.wiring.local_embedder() is None:
        pytest.skip("no embedding model: uv installs it by its group models")
    assert _below(_measured(memory, questions, lexical=False), TALK_FLOORS) == []


def test_no_class_of_questions_by_words_alone_falls_below_its_floor(
    talk: tuple[Memory, list[Question]],
) -> None:
    memory, questions = talk
    assert _below(_measured(memory, questions, lexical=True), TALK_FLOORS_BY_WORDS) == []


CHAT_FLOORS = {
    "all": (0.60, 0.75, 0.59),
    "knowledge-update": (0.95, 0.95, 0.80),
    "multi-session": (0.46, 0.64, 0.62),
    "single-session-assistant": (0.95, 0.95, 0.75),
    "single-session-preference": (0.05, 0.20, 0.15),
    "single-session-user": (0.95, 0.95, 0.70),
    "temporal-reasoning": (0.43, 0.70, 0.42),
}


def test_no_class_of_questions_on_assistant_chats_falls_below_its_floor(tmp_path: Path) -> None:
    """Of LongMemEval every second question, among the sessions that answer the others, by words."""
    if not _LONGMEMEVAL.exists():
        pytest.skip("the public data is not beside the repository")
    corpora = json.loads(gzip.decompress(_LONGMEMEVAL.read_bytes()))
    lines: dict[str, Mapping[str, str]] = {}
    questions: list[Question] = []
    for corpus in corpora[::2]:
        asked = _questions(corpus)
        wanted = frozenset().union(*(one.evidence for one in asked))
        sessions = {line["conversation"] for line in corpus["items"] if line["ref"] in wanted}
        lines |= {line["ref"]: line for line in corpus["items"] if line["conversation"] in sessions}
        questions += asked
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        _fill(memory, list(lines.values()), with_vectors=False)
        assert _below(_measured(memory, questions, lexical=True), CHAT_FLOORS) == []
