"""How near an answer is to the one that a benchmark has.

Exact match and F1 over words are those of SQuAD (Rajpurkar and others 2016): small letters, without
articles and punctuation. An answer that quotes a sentence has a low F1 by its nature, so it is also
counted whether the expected words stand in it or in what it cites.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.model.protocol import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memassist.assistant.model import Model

JUDGE_TOKENS = 60
JUDGE_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"right": {"type": "boolean"}},
    "required": ["right"],
    "additionalProperties": False,
}
JUDGE_INSTRUCTION = (
    "You compare an answer with a reference answer to the same question.\n"
    f"{RULE}\n"
    "Set right to true if the answer says what the reference says, in whatever words and however"
    " much besides; a date counts in any form. Set it to false if it says something else, lacks it"
    " or says that it is not known."
)


def words_of(text: str) -> list[str]:
    """Return the words that are compared, without the marks of citations."""
    uncited = re.sub(r"\[\d+\]", " ", text)
    plain = re.sub(r"[^\w\s]", " ", uncited.casefold())
    return [word for word in plain.split() if word not in ("a", "an", "the")]


def exact(answer: str, expected: str) -> bool:
    """Whether both are the same words in the same order."""
    return words_of(answer) == words_of(expected)


def f1(answer: str, expected: str) -> float:
    """Return the harmonic mean of the shares of words that both have, 0 to 1."""
    said, told = Counter(words_of(answer)), Counter(words_of(expected))
    shared = sum((said & told).values())
    if not shared:
        return 0.0
    precision, recall = shared / said.total(), shared / told.total()
    return 2 * precision * recall / (precision + recall)


def holds(texts: Iterable[str], expected: str) -> bool:
    """Whether one of the texts has the expected words in a row."""
    told = f" {' '.join(words_of(expected))} "
    return bool(told.strip()) and any(told in f" {' '.join(words_of(text))} " for text in texts)


def judged(judge: Model, question: str, expected: str, answer: str) -> bool:
    """Return what a model says of the answer. Raises `ModelError`."""
    entry = {"question": question, "reference": expected, "answer": answer}
    completion = judge.complete(
        [
            Message("system", JUDGE_INSTRUCTION),
            Message("user", fenced("ANSWERS", [entry]) + "\nIs the answer right?"),
        ],
        JUDGE_SCHEMA,
        max_tokens=JUDGE_TOKENS,
    )
    return completion.value["right"] is True
