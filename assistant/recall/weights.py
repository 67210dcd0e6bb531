"""Every number of the ranking, each with its reason, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts."""

    words: float = 0.45
    """BM25 of the passage, divided by the best passage's."""
    meaning: float = 0.55
    """Cosine of the passage, stretched between the pool's worst and best."""
    near_words: float = 0.30
    """The best BM25 among its neighbours: an answer often follows the words asked for."""
    near_meaning: float = 0.25
    """The best cosine among its neighbours."""
    conversation: float = 0.25
    """How well the passage's conversation as a whole fits."""
    radius: int = 1
    """Neighbours on each side."""
    pool: int = 400
    """Candidates from each of words and meaning; does not shrink with k, so that asking for 10
    gives the first 10 of asking for 50."""


WEIGHTS = Weights()
