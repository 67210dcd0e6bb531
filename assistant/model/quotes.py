"""Find what a model quotes in the text it claims to quote, and take the text's own words.

A model's spelling of a quote is never kept. `locate` gives the literal slice nearest to it, or
none: a quote that differs in a number, a name or a "not" says something else, however alike.
"""

from __future__ import annotations

import re

LEAST_ALIKE = 90.0
"""rapidfuzz's partial ratio, 0 to 100, of a quote and the slice it is taken for."""
SHORTEST_CHARACTERS = 3
_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*")
_NEGATIONS = frozenset({"not", "no", "never", "none", "nothing", "without", "nobody", "neither"})


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return where the quoted words stand in the text, half open; None where they don't."""
    wanted = quote.strip().strip("\"'\u201c\u201d\u2026").strip()
    if len(wanted) < SHORTEST_CHARACTERS or not _WORDS.search(wanted):
        return None
    exact = text.find(wanted)
    if exact >= 0:
        return exact, exact + len(wanted)
    spaced = re.compile(r"\s+".join(re.escape(part) for part in wanted.split()), re.IGNORECASE)
    loose = spaced.search(text)
    if loose is not None:
        return loose.start(), loose.end()
    return _alike(wanted, text)


def _alike(wanted: str, text: str) -> tuple[int, int] | None:
    from rapidfuzz.fuzz import partial_ratio_alignment, ratio

    if len(wanted) > len(text) * 1.1:
        return None
    # Only where lower case keeps every character in its place do the offsets hold.
    is_even = len(text.lower()) == len(text) and len(wanted.lower()) == len(wanted)
    one, other = (wanted.lower(), text.lower()) if is_even else (wanted, text)
    found = partial_ratio_alignment(one, other, score_cutoff=LEAST_ALIKE)
    if found is None:
        return None
    start, stop = found.dest_start, found.dest_end
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while stop < len(text) and text[stop - 1].isalnum() and text[stop].isalnum():
        stop += 1
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    taken = text[start:stop]
    if ratio(wanted.casefold(), taken.casefold()) < LEAST_ALIKE or says_else(wanted, taken):
        return None
    return start, stop


def says_else(wanted: str, taken: str, *, more_is_fine: bool = False) -> bool:
    """Whether two spellings differ in what must not differ: numbers, names, negations.

    With `more_is_fine` numbers beyond those of `wanted` are none the worse.
    """
    asked_numbers, told_numbers = set(_NUMBERS.findall(wanted)), set(_NUMBERS.findall(taken))
    if not (asked_numbers <= told_numbers if more_is_fine else asked_numbers == told_numbers):
        return True
    told = {word.casefold() for word in _WORDS.findall(taken)}
    asked = {word.casefold() for word in _WORDS.findall(wanted)}
    if _negations(told) != _negations(asked):
        return True
    names = [word for word in _WORDS.findall(wanted) if word[0].isupper() and not word.isupper()]
    return any(name.casefold() not in told for name in names)


def _negations(words: set[str]) -> bool:
    return any(word in _NEGATIONS or word.endswith(("n't", "n\u2019t")) for word in words)
