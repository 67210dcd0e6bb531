"""What a query's words say: which of them tell something, and what kind of answer they want."""

from __future__ import annotations

import re
from dataclasses import dataclass

from memassist.store.scripts import RANGES

# In Thai and its like vowels are marks, which are no word characters to Python.
_WORD = re.compile(rf"(?:\w|[{RANGES}])+(?:['\u2019]\w+)?")
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
_KEPT = frozenset(
    """
    write wrote written note noted notes say said tell told mention mentioned type typed save saved
    see saw seen read look looked view viewed open opened visit visited got receive received send
    sent show find list anything everything something all page pages site sites article articles
    post posts message messages mail mails email emails chat chats document documents file files
    screen screens screenshot screenshots conversation conversations entry entries item items
    """.split()  # noqa: SIM905 - as above
)
"""Words for keeping and for what is kept."""
_TIME = re.compile(
    r"\bwhen\b|\bwhat (?:date|day|month|year|time)\b|\bhow long\b|"
    r"\bhow many (?:day|week|month|year)",
    re.I,
)
_NUMBER = re.compile(r"\bhow (?:many|much|often|old)\b|\bwhat (?:number|age|price|percent)", re.I)
_SELF = re.compile(r"\b(?:i|me|my|mine|we|our)\b", re.I)
_OTHER = re.compile(r"\b(?:you|your)\b|\bour (?:last|previous|earlier)\b|\bprevious c", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of text would answer a query."""

    time: bool
    """"When", "how long": one that names a time."""
    number: bool
    """"How many": one that has a number."""
    own_words: bool
    """About what the person said or did, not about what an assistant told them."""


def content_words(query: str) -> list[str]:
    """Return the query's words in order, without the empty ones unless there are no others."""
    words = _WORD.findall(query[:LONGEST_QUERY_CHARACTERS])
    telling = [word for word in words if word.casefold().removesuffix("'s") not in _EMPTY]
    return telling or words


def telling(query: str) -> list[str]:
    """Return the words that say what is looked for; none where it is all that was kept.

    "What did I write last Tuesday?" looks for no text that says "write".
    """
    words = _WORD.findall(query[:LONGEST_QUERY_CHARACTERS])
    return [word for word in words if word.casefold() not in _EMPTY | _KEPT]


def wish(query: str) -> Wish:
    """Return what kind of text would answer the query; English questions only."""
    text = query[:LONGEST_QUERY_CHARACTERS]
    return Wish(
        time=_TIME.search(text) is not None,
        number=_NUMBER.search(text) is not None,
        own_words=_SELF.search(text) is not None and _OTHER.search(text) is None,
    )
