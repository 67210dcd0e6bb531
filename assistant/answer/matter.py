"""Whether what an answer cites has to do with the question at all.

A model that never says "I don't know" quotes something true of something else. Where the evidence
is too weak to be quoted as an answer, a model's is shown only if it shares a telling word with the
question, or is near it by meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.answer.question import parse
from memassist.assistant.answer.words import related, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.protocols import Embedder

LEAST_ALIKE = 0.3
"""Cosine of a question and a text by MiniLM below which they are about different matters. Of 180
LoCoMo questions 1 is that far from its evidence without a word in common, of random turns 44%."""


def is_to_the_matter(question: str, texts: Sequence[str], embedder: Embedder | None) -> bool:
    """Whether any of the texts has to do with a question; a question that tells nothing fits all.

    Without an embedding model words alone decide. Raises `EmbeddingError`.
    """
    asked = parse(question)
    telling = [*asked.names, *asked.content, *([asked.wanted] if asked.wanted else [])]
    stems = {word.stem for word in telling}
    wanted = stems.union(*(related(one) for one in stems))
    if not wanted or any(wanted & {word.stem for word in words_of(text)} for text in texts):
        return True
    if embedder is None:
        return False
    vectors = embedder.embed([question, *texts])
    return bool((vectors[1:] @ vectors[0]).max() >= LEAST_ALIKE)
