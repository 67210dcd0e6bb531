"""Answers from evidence, with citations, or an honest "I don't know"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.answer.extractive import answer_extractively
from memassist.assistant.recall import Query

if TYPE_CHECKING:
    from datetime import datetime

    from memassist.assistant.memory import Memory
    from memassist.assistant.results import Answer

EVIDENCE_HITS = 10


def answer(memory: Memory, question: str, asked_at: datetime | None = None) -> Answer:
    """Search, then answer from what was found; with no model by quoting it."""
    query = Query(question, k=EVIDENCE_HITS, kind="evidence", asked_at=asked_at)
    return answer_extractively(question, memory.search(query))
