"""The words of a query that tell something: without question words and the like."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+(?:['\u2019]\w+)?")
LONGEST_QUERY_CHARACTERS = 4_000
"""Words beyond it add nothing but time."""
_EMPTY = frozenset(
    """
    a an and are as at be been but by can could did do does for from had has have he her hers him
    his how i if in into is it its me my of on or our she should so than that the their them then
    there these they this those to us was we were what when where which who whom whose why will
    with would you your about any some much many tell
    """.split()  # noqa: SIM905 - a list would be a column of 80 lines
)


def content_words(query: str) -> list[str]:
    """Return the query's words in order, without the empty ones unless there are no others."""
    words = _WORD.findall(query[:LONGEST_QUERY_CHARACTERS])
    telling = [word for word in words if word.casefold().removesuffix("'s") not in _EMPTY]
    return telling or words
