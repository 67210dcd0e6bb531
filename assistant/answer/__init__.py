"""Answers from evidence, with citations, or an honest "I don't know"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.answer.extractive import answer_extractively
from memassist.assistant.answer.follow_up import resolved
from memassist.assistant.answer.reckon import reckoned
from memassist.assistant.recall import Query
from memassist.assistant.results import Found
from memassist.ingest.embedding.errors import EmbeddingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from memassist.assistant.memory import Memory
    from memassist.assistant.model import Cancel
    from memassist.assistant.results import Answer

EVIDENCE_HITS = 16
MEMORY_HITS = 4
LONGEST_QUESTION_CHARACTERS = 4_000
"""What is longer is no question; its beginning says what is asked."""


def answer(
    memory: Memory,
    question: str,
    asked_at: datetime | None = None,
    *,
    earlier: Sequence[str] = (),
    on_text: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
) -> Answer:
    """Search, then answer from what was found: in a model's prose, or by quoting without one.

    What is counted from dates, such as how long ago something was, is counted here. Raises
    `ModelError` once `cancel` says so.
    """
    question = resolved(_bounded(question), [_bounded(one) for one in earlier])

    def ask(part: str) -> Answer:
        return _answer(memory, part, asked_at, cancel=cancel)

    counted = reckoned(question, asked_at, ask)
    return counted or _answer(memory, question, asked_at, on_text=on_text, cancel=cancel)


def _answer(
    memory: Memory,
    question: str,
    asked_at: datetime | None,
    *,
    on_text: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
) -> Answer:
    evidence = memory.search(Query(question, k=EVIDENCE_HITS, kind="evidence", asked_at=asked_at))
    known = memory.search(Query(question, k=MEMORY_HITS, kind="memory", asked_at=asked_at))
    found = Found((*known.hits, *evidence.hits), evidence.notes)
    wiring = memory.wiring
    connection = wiring.database.read()
    names = wiring.config.names("me")
    embedder = wiring.embedder()
    try:
        quoted = answer_extractively(connection, question, found, embedder, names)
    except EmbeddingError:  # the search has said why
        embedder = None
        quoted = answer_extractively(connection, question, found, None, names)
    model = wiring.model()
    if model is None:
        return quoted
    from memassist.assistant.answer.prose import answer_in_prose

    return answer_in_prose(
        connection,
        model,
        question,
        found,
        quoted,
        asked_at,
        core=memory.memories.core(),
        owner_names=names,
        embedder=embedder,
        on_text=on_text,
        cancel=cancel,
    )


def _bounded(question: str) -> str:
    # Half a surrogate pair, as a shell may hand over, can't be searched for nor sent on.
    return question.encode("utf-8", "replace").decode("utf-8")[:LONGEST_QUESTION_CHARACTERS]
