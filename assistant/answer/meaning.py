"""How near sentences, and their single words, come to a question by meaning."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.answer.question import Question
    from memassist.assistant.answer.subject import Told
    from memassist.plugins.protocols import Embedder

WORDS_EMBEDDED = 160
"""Distinct words of the candidates that are compared by meaning; a bound on the time it takes."""
RELATED, SAME = 0.35, 0.75
"""Cosines of two single words by MiniLM: below the first they have nothing to do with each other,
above the second they say the same."""


class Near:
    """How near one sentence is to the question by meaning; all 0 without a model."""

    def __init__(
        self,
        sentence: float = 0.0,
        above: float = 0.0,
        words: dict[str, float] | None = None,
    ) -> None:
        self.sentence = sentence
        """Cosine of the whole sentence."""
        self.above = above
        """By how much it is above the median of all sentences."""
        self._words = words or {}

    def word(self, asked: str) -> float:
        """Return how near the sentence's nearest word is to one of the question, 0 to 1."""
        return self._words.get(asked, 0.0)


class Meaning:
    """How near sentences, and their words, are to the question's by meaning."""

    def __init__(
        self,
        question: Question,
        told: Sequence[Told],
        embedder: Embedder | None,
        speakers: frozenset[str],
    ) -> None:
        self._near: list[Near] = [Near() for _ in told]
        if embedder is None or not told:
            return
        asked = [*question.content, *([question.wanted] if question.wanted else [])]
        said: dict[str, str] = {}
        for one in told:
            for word in one.words:
                if len(word.stem) > 2 and len(said) < WORDS_EMBEDDED:
                    said.setdefault(word.stem, word.surface.lower())
        texts = [one.text for one in told]
        vectors = embedder.embed(
            [
                _without(question, speakers),
                *texts,
                *(word.surface.lower() for word in asked),
                *said.values(),
            ]
        )
        whole = vectors[1 : 1 + len(told)] @ vectors[0]
        middle = statistics.median(whole.tolist())
        first = 1 + len(told)
        pairs = vectors[first : first + len(asked)] @ vectors[first + len(asked) :].T
        column = {name: number for number, name in enumerate(said)}
        for number, one in enumerate(told):
            columns = [column[word.stem] for word in one.words if word.stem in column]
            words = {
                word.stem: _as_share(max((float(row[place]) for place in columns), default=0.0))
                for word, row in zip(asked, pairs, strict=True)
            }
            self._near[number] = Near(float(whole[number]), float(whole[number]) - middle, words)

    def of(self, number: int) -> Near:
        """Return what is known of the sentence at that place."""
        return self._near[number]


def _as_share(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - RELATED) / (SAME - RELATED)))


def _without(question: Question, names: frozenset[str]) -> str:
    """Return the question's words but for some names."""
    text = question.text
    for word in reversed(question.names):
        if word.stem in names:
            text = text[: word.start] + text[word.stop :]
    return " ".join(text.split())
