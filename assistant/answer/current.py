"""What holds now in place of what no longer does: asked where Ann lives, her last home answers.

The words "I live in Leeds" go on standing in an old message and fit the question best. Where a
memory that rests on them was closed by a later one, and the question asks for the present, that one
is told and its words are cited.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from memassist.assistant.answer.citations import Source
from memassist.assistant.answer.words import words_of
from memassist.store import memories, supports, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.answer.evidence import Sentence
    from memassist.assistant.answer.question import Question
    from memassist.store.database import Connection
    from memassist.store.memories import Memory

MOST_LOOKED_AT = 8
"""Sentences, the best first: an answer quotes three."""
_LONGEST_CHAIN = 50
_ASKS_FOR_THEN = re.compile(
    r"\b(?:before|used to|previous\w*|former\w*|earlier|original\w*|first|once|ago|last|since|until"
    r"|(?:19|20)\d\d|(?:on|in|as of) (?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December))\b",
    re.IGNORECASE,
)


def holding_now(
    connection: Connection, question: Question, scored: Sequence[tuple[float, Sentence]]
) -> list[tuple[float, Sentence]]:
    """Return the sentences, the best first, each that is over replaced by what came after it."""
    if question.is_past or question.kind == "time" or _ASKS_FOR_THEN.search(question.text):
        return [*scored]
    asked = {word.stem for word in question.content}
    return [
        (score, _newer(connection, one, asked) or one) if place < MOST_LOOKED_AT else (score, one)
        for place, (score, one) in enumerate(scored)
    ]


def _newer(connection: Connection, one: Sentence, asked: set[str]) -> Sentence | None:
    """Return what took the place of what a sentence says; None where that still holds."""
    if one.is_memory:
        return None
    (source,) = one.sources
    for start, stop, uid in supports.memories_on(connection, source.item.id):
        if start >= source.stop or source.start >= stop:
            continue
        known = memories.get(connection, uid)
        # The sentence may say more than the one thing that is over.
        is_asked_for = not asked.isdisjoint(word.stem for word in words_of(known.state.text))
        if known.state.valid_to is None or not is_asked_for:
            continue
        last = _last(connection, known)
        if last is not None and (told := _sentence(connection, one, last)) is not None:
            return told
    return None


def _last(connection: Connection, known: Memory) -> Memory | None:
    """Return the memory at the end of those that follow one; None where it was put away or is over.

    A chain of them has no ring, but what a person edits may make one.
    """
    for _ in range(_LONGEST_CHAIN):
        if known.state.superseded_by is None:
            return None
        following = memories.find(connection, known.state.superseded_by)
        if following is None or following.state.is_archived:
            return None
        if following.state.valid_to is None:
            return following
        known = following
    return None


def _sentence(connection: Connection, one: Sentence, last: Memory) -> Sentence | None:
    around = vocabulary.surroundings(connection, [each.item_id for each in last.state.evidence], 0)
    sources = tuple(
        Source(around[each.item_id].item, each.start, each.stop)
        for each in last.state.evidence
        if each.item_id in around
    )
    if not sources:
        return None
    return replace(one, text=last.state.text, sources=sources, is_memory=True)
