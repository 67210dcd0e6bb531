"""Sentences of a passage, each a literal slice of its item's text."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|prof|sr|jr|vs|no|nr|approx|e\.g|i\.e|etc|a\.m|p\.m)|\b[A-Z])\.$",
    re.IGNORECASE,
)
LONGEST_CHARACTERS = 400
"""A sentence beyond it is cut at a space: pages without full stops have to be quoted too."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences' places, half open, in order, without the space around them."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if end[0] == "." and _ABBREVIATION.search(text[start : end.end()]):
            continue
        found += _pieces(text, start, end.end())
        start = end.end()
    found += _pieces(text, start, len(text))
    return found


def _pieces(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    pieces = []
    while stop - start > LONGEST_CHARACTERS:
        cut = text.rfind(" ", start + LONGEST_CHARACTERS // 2, start + LONGEST_CHARACTERS)
        cut = cut if cut > start else start + LONGEST_CHARACTERS
        pieces.append((start, cut))
        start = cut + 1 if text[cut].isspace() else cut
    if stop > start:
        pieces.append((start, stop))
    return pieces
