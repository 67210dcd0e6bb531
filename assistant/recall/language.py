"""Whether what is stored is in the language that the embedding model was trained on.

A sample is looked at: its letters, and the small words that tell languages apart. Menus, logs and
code have few of those, and count for no language.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    """
    the and of to is that it for was with you this have not are my but they what be we she his her
    from would there
    """.split()  # noqa: SIM905 - a list would be a column
)
_OTHER = frozenset(
    """
    der die das und ist nicht ich ein eine mit auf wir auch es dem den sich von zu haben
    le la les des et est une dans pas que pour qui sur je nous vous avec ce au du mais
    el los las y en por con una como pero muy lo mi se del para
    il che di non per sono gli ho anche della
    o os e um uma com na no em eu mas
    het een en van ik niet dat op voor maar
    och att det som jag inte med till og ikke jeg har ja nie na jest ve bir bu
    """.split()  # noqa: SIM905 - as above
)
_LEAST_WORDS = 4
"""Small words in a text that tell its language."""
_LEAST_LETTERS = 20
_LEAST_TEXTS = 20
"""Fewer texts than these say nothing of a person's languages."""
MOSTLY = 0.5


def foreign_share(texts: Iterable[str]) -> float | None:
    """Return the share of texts that are not English; None where too few have a language."""
    told = [answer for answer in map(_is_foreign, texts) if answer is not None]
    return sum(told) / len(told) if len(told) >= _LEAST_TEXTS else None


def _is_foreign(text: str) -> bool | None:
    letters = [one for one in text if one.isalpha()]
    if not letters:
        return None
    foreign = sum(one > "\u024f" and not unicodedata.name(one, "").startswith("LATIN")
                  for one in letters)  # fmt: skip
    # A word of Chinese is a letter or two.
    if foreign > len(letters) / 2:
        return True
    if len(letters) < _LEAST_LETTERS:
        return None
    words = [word.casefold() for word in _WORD.findall(text)]
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _OTHER for word in words)
    if english + other < _LEAST_WORDS:
        return None
    return other > english
