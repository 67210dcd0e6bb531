"""Whether two statements say the same, one says more, or they only look alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.answer.words import stem
from memassist.assistant.model.quotes import says_else

if TYPE_CHECKING:
    from memassist.store.memory_values import MemoryState

SAME_STATEMENT = 80.0
"""Least rapidfuzz token set ratio, 0 to 100, of two statements on the same words that say the
same."""
REWORDED = 90.0
"""Least token sort ratio, 0 to 100, of two wordings of one statement."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_FILLERS = frozenset(("a", "an", "the", "now", "currently", "also", "too", "really", "very"))

_OPENERS = frozenset(
    ("the", "a", "an", "my", "her", "his", "their", "our", "its", "it", "they", "he", "she", "we")
)
_SYNONYMS = {
    stem(word): stem(words.split()[0])
    for words in (
        "live reside dwell",
        "like enjoy love",
        "hate detest loathe",
        "work employed",
        "buy purchase",
        "begin start",
        "big large",
        "physician doctor",
        "car automobile",
        "film movie",
        "maybe perhaps",
    )
    for word in words.split()
}
"""Words of a statement that mean the same wherever they stand."""


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


def key_of(text: str) -> str:
    """Return what two wordings share that rules take for the same statement.

    Stems, so that endings don't count, with synonyms as one; in their order, as "Ann called Bo" is
    not "Bo called Ann".
    """
    stems = [stem(word) for word in normalised(text).split()]
    return " ".join(_SYNONYMS.get(one, one) for one in stems)


def cannot_be_same(one: MemoryState, other: MemoryState) -> bool:
    """Whether two memories differ in what no likeness outweighs.

    That is their slots, the times they tell of, and their numbers, names and negations.
    """
    if one.slot != other.slot and one.slot is not None and other.slot is not None:
        return True
    if (one.occurred_from, one.occurred_to) != (other.occurred_from, other.occurred_to):
        return True
    if one.type == "procedural" and one.fields.get("steps") != other.fields.get("steps"):
        return True
    if one.type == "resource" and one.fields.get("uri") != other.fields.get("uri"):
        return True
    texts = (_lowered(one.text), _lowered(other.text))
    return says_else(*texts) or says_else(*reversed(texts))


def _lowered(text: str) -> str:
    """Return a statement whose first word is no name for being the first, unless it is one."""
    first, space, rest = text.partition(" ")
    return f"{first.lower()}{space}{rest}" if first.casefold() in _OPENERS else text
