"""Answers from evidence, with citations, or an honest "I don't know"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.answer.extractive import answer_extractively
from memassist.assistant.recall import Query
from memassist.assistant.results import Found

if TYPE_CHECKING:
    from datetime import datetime

    from memassist.assistant.memory import Memory
    from memassist.assistant.results import Answer

EVIDENCE_HITS = 16
MEMORY_HITS = 4


def answer(memory: Memory, question: str, asked_at: datetime | None = None) -> Answer:
    """Search, then answer from what was found; with no model by quoting it."""
    found = memory.search(Query(question, k=EVIDENCE_HITS, kind="evidence", asked_at=asked_at))
    known = memory.search(Query(question, k=MEMORY_HITS, kind="memory", asked_at=asked_at))
    wiring = memory.wiring
    return answer_extractively(
        wiring.database.read(),
        question,
        Found((*known.hits, *found.hits), found.notes),
        wiring.embedder(),
        wiring.config.names("me"),
    )
