"""What each signal says of each candidate; a score is their sum.

Words and meaning are counted in standard deviations over the candidates, so that a signal weighs
by how much it can tell apart for this query. Fixed recipes lose on one kind of text what they win
on another: in short chat turns neighbours matter most, and long texts stand alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.assistant.recall.pool import spread, word_spread
from memassist.assistant.recall.weights import (
    BEST_OF_CONVERSATION,
    FULL_LENGTH_WORDS,
    NEIGHBOUR_DECAY,
    RADIUS,
    SHORT_WORDS,
    WEIGHTS,
)
from memassist.store.sketches import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from memassist.assistant.recall.pool import Candidates
    from memassist.assistant.recall.query_times import TimesAsked
    from memassist.assistant.recall.query_words import Wish
    from memassist.store.looks import Look
    from memassist.store.sketches import Sketches

    Bools: TypeAlias = npt.NDArray[np.bool_]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Windowed: TypeAlias = tuple[Ints, Ints, Floats]
    Heads: TypeAlias = Callable[[list[int]], dict[int, str]]

_WORD = re.compile(r"\w+")
NAMELESS = frozenset({"user", "human", "me", "you", "assistant", "system", "tool", "ai", "model"})
"""Authors that name a role and no person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for, beside its words' scores."""

    words: Sequence[str]
    wish: Wish
    times: TimesAsked
    related: Sequence[str] = ()
    """Other words that mean one of them, such as compounds of it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What one deviation is worth, so that memories can be scored beside passages."""

    words: float
    """In BM25 points."""
    meaning: float
    """In cosine."""
    most_words: float
    """BM25 of a short text that holds every word of the query."""
    own: int
    """How many of the query's words stand in some passage."""


def scale_of(found: Candidates) -> Scale:
    """Return the scale of a set of candidates."""
    most = float(found.rarity.sum())
    return Scale(word_spread(found.words), spread(found.cosines), most, found.own)


def signals(
    candidates: Candidates, asked: Asked, heads: Heads, *, has_meaning: bool
) -> dict[str, Floats]:
    """Return each signal's weighted value for each candidate, by the name that is shown.

    `heads` returns the beginnings of items, of which only few are wanted.
    """
    items = candidates.items
    lengths = items.lengths
    in_talk = items.is_message & (items.talks >= 0)
    # A document's text is not at hand; it is long enough to stand alone.
    short = np.where(in_talk, SHORT_WORDS / (SHORT_WORDS + lengths), 0.0)
    pairs = _pairs(items)
    own = candidates.by_word.sum(axis=0)
    window = _window(candidates.by_word, pairs, short)
    whole = _whole(candidates.by_word, items.talks)
    found = {
        "words": WEIGHTS.words * candidates.words / word_spread(candidates.words),
        "near words": WEIGHTS.near_words * (window - own) / spread(window),
        "conversation words": WEIGHTS.conversation_words * whole / spread(whole),
    }
    if has_meaning:
        cosines = candidates.cosines
        around, best = _around(cosines, pairs), _best_of(cosines, items.talks)
        found |= {
            "meaning": WEIGHTS.meaning * cosines / spread(cosines),
            "near meaning": WEIGHTS.near_meaning * short * _standard(around, short),
            "conversation meaning": WEIGHTS.conversation_meaning * short * _standard(best, short),
        }
    found |= {
        "author": WEIGHTS.author * _is_named(items, asked.words),
        "substance": WEIGHTS.substance * np.where(in_talk, substance(lengths), 1.0),
        "asks": WEIGHTS.asks * (in_talk & items.asks),
        "shape": WEIGHTS.shape * _shapes(items, asked.wish),
        "speaker": WEIGHTS.speaker * (asked.wish.own_words & ~items.is_user),
        "time": WEIGHTS.time * _time_fits(items, asked.times, heads),
    }
    return found


def substance(lengths: Floats) -> Floats:
    """Return 0 for nothing to 1 for a text of full length, by the logarithm of its words."""
    full = np.log1p(FULL_LENGTH_WORDS)
    return np.asarray(np.minimum(np.log1p(lengths), full) / full)


def shape(seen: Look, wish: Wish) -> float:
    """Return 1 where the text has what the query wants, a time or a number, else 0."""
    return float((wish.time and seen.has_time) or (wish.number and seen.has_number))


def _shapes(items: Sketches, wish: Wish) -> Bools:
    has_wanted = (items.has_time & wish.time) | (items.has_number & wish.number)
    # Of a document no text is at hand; nearly all of them have numbers and times.
    return np.where(items.is_message, has_wanted, wish.time or wish.number)


def _time_fits(items: Sketches, asked: TimesAsked, heads: Heads) -> Floats:
    if not asked.intervals and not asked.months:
        return np.zeros(len(items))
    moments = [None if moment == NEVER else int(moment) for moment in items.occurred_at_ms]
    texts = heads(items.rows[items.is_message & items.has_time].tolist())
    return np.array(
        [
            asked.fit(moment, texts.get(row, ""))
            for moment, row in zip(moments, items.rows.tolist(), strict=True)
        ]
    )


def _is_named(items: Sketches, words: Sequence[str]) -> Bools:
    named = {word.casefold().removesuffix("'s").removesuffix("\u2019s") for word in words}
    named -= NAMELESS
    authors, places = np.unique(items.authors, return_inverse=True)
    names = [items.names[author] or "" for author in authors]
    is_named = [not named.isdisjoint(_WORD.findall(name.casefold())) for name in names]
    return np.array(is_named, np.bool_)[places]


def _pairs(items: Sketches) -> list[Windowed]:
    """Return (place, neighbour's place, decay) both ways, for the neighbours among the items."""
    talk, sequence = items.talks, items.sequences
    pairs = []
    for offset in range(1, RADIUS + 1):
        apart = np.abs(sequence[offset:] - sequence[:-offset])
        is_near = (talk[offset:] == talk[:-offset]) & (apart <= RADIUS) & (sequence[:-offset] >= 0)
        first = np.flatnonzero(is_near)
        decay = NEIGHBOUR_DECAY ** np.maximum(apart[is_near], 1)
        pairs += [(first, first + offset, decay), (first + offset, first, decay)]
    return pairs


def _window(by_word: Floats, pairs: list[Windowed], short: Floats) -> Floats:
    """Return BM25 with each word counted where it is best: here, or less in a neighbour."""
    window = by_word.copy()
    for here, there, decay in pairs:
        near = by_word[:, there] * (decay * short[here])
        window[:, here] = np.maximum(window[:, here], near)
    return np.asarray(window.sum(axis=0))


def _around(cosines: Floats, pairs: list[Windowed]) -> Floats:
    around = np.zeros(len(cosines))
    for here, there, decay in pairs:
        around[here] += decay * cosines[there]
    return around


def _whole(by_word: Floats, talk: Ints) -> Floats:
    """Return for each item the sum of its conversation's best scores for each word."""
    _, group = np.unique(talk, return_inverse=True)
    best = np.zeros((len(by_word), int(group.max(initial=-1)) + 1))
    for number, scores in enumerate(by_word):
        np.maximum.at(best[number], group, scores)
    return np.asarray(best.sum(axis=0)[group])


def _best_of(cosines: Floats, talk: Ints) -> Floats:
    """Return for each item the mean of its conversation's best cosines, 0 for missing ones."""
    numbers, group = np.unique(talk, return_inverse=True)
    order = np.lexsort((-cosines, group))
    starts = np.searchsorted(group[order], np.arange(len(numbers)))
    rank = np.empty(len(cosines), np.int64)
    rank[order] = np.arange(len(cosines)) - starts[group[order]]
    best = np.where(rank < BEST_OF_CONVERSATION, np.maximum(cosines, 0.0), 0.0)
    totals = np.bincount(group, weights=best, minlength=len(numbers))
    return np.asarray(totals[group] / BEST_OF_CONVERSATION)


def _standard(values: Floats, short: Floats) -> Floats:
    """Return deviations from the mean of the items that surroundings can say something about."""
    counted = values[short > 0]
    if not len(counted):
        return np.zeros(len(values))
    return np.asarray((values - counted.mean()) / spread(counted))
