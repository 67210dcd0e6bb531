"""An answer without a model: the sentences that say it, quoted, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.recall.query_words import content_words
from memassist.assistant.results import Answer, Citation

if TYPE_CHECKING:
    from memassist.assistant.results import Found, Hit

ENOUGH = 0.5
"""Share of the question's telling words that the evidence must hold."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def answer_extractively(question: str, found: Found) -> Answer:
    """Quote the best hits' closest sentences; abstain where too few of the words are there."""
    words = {_stem(word) for word in content_words(question)}
    scored = []
    for position, hit in enumerate(found.hits):
        if hit.item_id is None or hit.kind != "evidence":
            continue
        quote = max(_SENTENCE.findall(hit.text) or [hit.text], key=lambda one: _overlap(words, one))
        scored.append((_overlap(words, hit.text), -position, hit, quote.strip()))
    scored.sort(key=lambda one: (-one[0], -one[1]))
    citations = tuple(citation(hit, quote) for _, _, hit, quote in scored[:3])
    if not scored or not words or scored[0][0] / len(words) < ENOUGH:
        return Answer("I don't know.", citations, True, "extractive", found.notes)
    best = scored[0]
    return Answer(best[3], citations[:1], False, "extractive", found.notes)


def citation(hit: Hit, quote: str) -> Citation:
    """Return the citation of a hit's quote."""
    return Citation(
        item_id=hit.item_id or "",
        quote=quote,
        ref=hit.ref,
        title=hit.title,
        author=hit.author,
        source=hit.source,
        occurred_at=hit.occurred_at,
        uri=hit.uri,
    )


def _overlap(words: set[str], text: str) -> int:
    return len(words & {_stem(word) for word in re.findall(r"\w+", text)})


def _stem(word: str) -> str:
    return word.casefold()[:5]
