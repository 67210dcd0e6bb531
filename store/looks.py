"""What one reading of a text tells, whatever the query: how long it is, whether it asks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
# A remark in brackets may follow, such as a picture's caption.
_ASKS = re.compile(r"[?\uff1f\u061f]\W*(?:\[[^\]]*\]\s*)?$")
_DIGIT = re.compile(r"\d")
_FOUR_DIGITS = re.compile(r"\b\d{4}\b")
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten dozen hundred thousand couple several".split()  # noqa: SIM905 - as below
)
_TIMES = frozenset(
    """
    yesterday today tonight tomorrow ago last next recently since soon week weeks month months year
    years day days weekend monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december
    """.split()  # noqa: SIM905 - a list would be a column of 40 lines
)
"""Words in a set are looked up in a third of the time of one expression that knows them all."""
HEAD_CHARACTERS = 4_000
"""Read of an item for what it tells."""
COUNTED_CHARACTERS = 600
"""Longer texts have full length in any case, and their words are not counted one by one."""
_TAIL_CHARACTERS = 500
"""Where a closing question stands, with a remark after it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one reading of a text tells."""

    length: float
    """About how many words there are, also where a script has no spaces."""
    asks: bool
    """Whether it ends by asking; a remark in brackets may follow."""
    has_time: bool
    has_number: bool


def look(text: str) -> Look:
    """Return what a text tells by its beginning (`HEAD_CHARACTERS`)."""
    text = text[:HEAD_CHARACTERS]
    small = text.lower()
    words = _WORD.findall(small)
    length = len(text) / 6.0
    if len(text) <= COUNTED_CHARACTERS:
        length = max(len(words), len(text) / 8.0)
    tail = text[-_TAIL_CHARACTERS:]
    # Most texts have no such mark, which is told much faster than where it stands.
    may_ask = "?" in tail or "\uff1f" in tail or "\u061f" in tail
    has_digit = _DIGIT.search(text) is not None
    return Look(
        length,
        may_ask and _ASKS.search(tail) is not None,
        not _TIMES.isdisjoint(words)
        or "this morning" in small
        or (has_digit and _FOUR_DIGITS.search(text) is not None),
        has_digit or not _NUMBERS.isdisjoint(words),
    )
