"""How much each feature of `evidence` counts, and from where on a sentence answers.

Fitted by the listwise softmax with a "nothing answers" option, on two conversations of LoCoMo's
development part and the tuned part of tests/assistant/answer_set, both counted equally; the bias
was then set where both kinds of error are about alike, and wrong persons stay below a fifth. The
rest of the set took no part in the fit; tests/assistant/test_answer_set.py prints the errors of
both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """One linear score; above 0 a sentence answers."""

    bias: float
    features: dict[str, float]

    def score(self, features: dict[str, float]) -> float:
        """Return the score of a sentence's features."""
        return self.bias + sum(weight * features[name] for name, weight in self.features.items())


WITH_MODEL = Weights(
    bias=-5.84,
    features={
        "fit": 1.84,
        "wanted": -0.41,
        "told then": 1.27,
        "words": -0.77,
        "words and names": 1.99,
        "all": 4.36,
        "meaning": 1.21,
        "meaning above": 2.02,
        "rank": 1.46,
        "lift": 1.63,
        "question": -2.49,
        "short": 0.49,
        "rival words": -2.49,
        "rival meaning": -0.95,
    },
)
"""With an embedding model."""

LEXICAL = Weights(
    bias=-5.1,
    features={
        "fit": 1.86,
        "wanted": -0.08,
        "told then": 1.61,
        "words": -0.24,
        "words and names": 2.46,
        "all": 5.2,
        "rank": 1.46,
        "lift": 0.19,
        "question": -1.99,
        "short": 0.71,
        "rival words": -3.59,
    },
)
"""By words alone."""
