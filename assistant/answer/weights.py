"""How much each feature of `evidence` counts, and from where on a sentence answers.

Fitted by the listwise softmax with a "nothing answers" option, on two conversations of LoCoMo's
development part and the tuned half of tests/assistant/answer_set, both counted equally; the bias
was then set where both kinds of error are about alike. The other half of the set took no part in
the fit; tests/assistant/test_answer_set.py prints the errors of both.
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
    bias=-7.68,
    features={
        "fit": 1.88,
        "told then": 1.73,
        "names": 0.04,
        "words": 0.27,
        "words and names": 2.19,
        "all": 4.32,
        "meaning": 3.67,
        "rank": 1.38,
        "question": -2.38,
        "short": -0.53,
    },
)
"""With an embedding model."""

LEXICAL = Weights(
    bias=-6.94,
    features={
        "fit": 2.38,
        "told then": 1.64,
        "names": 1.27,
        "words": 0.41,
        "words and names": 2.44,
        "all": 3.37,
        "rank": 1.87,
        "question": -1.73,
        "short": -0.78,
    },
)
"""By words alone."""
