"""Whether two statements say the same, one says more, or they only look alike."""

from __future__ import annotations

import re

from memassist.assistant.model.quotes import says_else

SAME_STATEMENT = 80.0
"""Least rapidfuzz token set ratio, 0 to 100, of two statements on the same words that say the
same."""
REWORDED = 90.0
"""Least token sort ratio, 0 to 100, of two wordings of one statement."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_FILLERS = frozenset(("a", "an", "the", "now", "currently", "also", "too", "really", "very"))


def normalised(text: str) -> str:
    """Return what is left of a statement without case, marks and words that tell nothing."""
    words = (word.casefold() for word in _WORD.findall(text))
    return " ".join(word for word in words if word not in _FILLERS)


def says_same(one: str, other: str) -> bool:
    """Whether two statements on the same words of an item say the same, or one of them more."""
    from rapidfuzz.fuzz import token_set_ratio
    from rapidfuzz.utils import default_process

    return token_set_ratio(one, other, processor=default_process) >= SAME_STATEMENT


def is_reworded(one: str, other: str) -> bool:
    """Whether two statements differ in a few letters or the order of their words at most."""
    from rapidfuzz.fuzz import token_sort_ratio

    alike = token_sort_ratio(normalised(one), normalised(other)) >= REWORDED
    return alike and not says_else(one, other) and not says_else(other, one)


def says_more(one: str, other: str) -> bool:
    """Whether a statement holds every word of another, and tells more, and denies nothing else."""
    longer, shorter = set(normalised(one).split()), set(normalised(other).split())
    return shorter < longer and not says_else(other, one, more_is_fine=True)
