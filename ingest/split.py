"""Cut an item's text into passages: the spans that are searched and embedded.

A text is cut where its structure allows, at blank lines first, then at line ends, sentence ends,
spaces, so that a passage is near what the embedding model reads (256 tokens). A message of a few
sentences is cut finer, for it often says two things, and one vector of both is near neither.
Invariant: every character that is not white space is in exactly one passage;
`tests/ingest/test_split.py` looks for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.plugins.types import Mark

LONGEST_CHARACTERS = 1_000
"""About 230 tokens of English: what the default model reads of one text."""
STATEMENT_CHARACTERS = 300
"""Two or three sentences, for messages no longer than one passage: LongMemEval's share of
evidence @10 was .907 with them and .889 without. Long messages are mostly a model's prose on one
matter, where three times the vectors would buy little."""
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…。])\s"),
    re.compile(r"\s"),
)


def split(text: str, kind: str = "message", marks: Sequence[Mark] = ()) -> list[tuple[int, int]]:
    """Return character offsets of the passages, half open, in order; none for blank text.

    `kind` is the item's: `message`, `document` or `picture`. No passage reaches over a mark where
    another page, sheet or chapter begins, so that each has one place to be cited by.
    """
    is_short_message = kind == "message" and len(text) <= LONGEST_CHARACTERS
    longest = STATEMENT_CHARACTERS if is_short_message else LONGEST_CHARACTERS
    spans: list[tuple[int, int]] = []
    for first, last in _parts(text, marks):
        start, stop = _trim(text, first, last)
        while start < stop:
            cut = _cut(text, start, stop, longest)
            begin, end = _trim(text, start, cut)
            if begin < end:
                spans.append((begin, end))
            start = cut
    return spans


def _parts(text: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Yield the stretches between marks; a mark that only counts lines on makes none."""
    start = 0
    name = None
    for mark in marks:
        name_here = mark.label.rstrip("0123456789") if mark.counts_lines else mark.label
        if name_here != name and start < mark.start <= len(text):
            yield start, mark.start
            start = mark.start
        name = name_here
    yield start, len(text)


def _cut(text: str, start: int, stop: int, longest: int) -> int:
    """Return where the passage that begins at `start` ends: the last good break within reach."""
    limit = start + longest
    if stop <= limit:
        return stop
    window = text[start:limit]
    for pattern in _BREAKS:
        # A break in the first third would make crumbs; the next kind of break is better then.
        last = None
        for match in pattern.finditer(window, longest // 3):
            last = match
        if last is not None:
            return start + last.end()
    return limit


def _trim(text: str, start: int, stop: int) -> tuple[int, int]:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return start, stop
