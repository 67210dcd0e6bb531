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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from memassist.assistant.recall.pool import Candidates
    from memassist.assistant.recall.query_times import TimesAsked
    from memassist.assistant.recall.query_words import Wish
    from memassist.store.search import ItemSketch

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Windowed: TypeAlias = tuple[Ints, Ints, Floats]

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
COUNTED_CHARACTERS = 600
"""Longer texts have full length in any case, and their words are not counted one by one."""
_TAIL_CHARACTERS = 500
"""Where a closing question stands, with a remark after it."""
KNOWN_LOOKS = 50_000
"""Looks that are kept: while somebody types, most candidates are those of the letter before."""
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


def signals(candidates: Candidates, asked: Asked, *, has_meaning: bool) -> dict[str, Floats]:
    """Return each signal's weighted value for each candidate, by the name that is shown."""
    items = candidates.items
    seen = [look(item.head) for item in items]
    lengths = np.array([one.length for one in seen])
    in_talk = np.array([item.kind == "message" and item.conversation is not None for item in items])
    talk = _conversation_numbers(items)
    # A document's text is not at hand; it is long enough to stand alone.
    short = np.where(in_talk, SHORT_WORDS / (SHORT_WORDS + lengths), 0.0)
    pairs = _pairs(items, talk)
    own = candidates.by_word.sum(axis=0)
    window = _window(candidates.by_word, pairs, short)
    whole = _whole(candidates.by_word, talk)
    is_named = _authors(asked.words)
    named = {author: is_named(author) for author in {item.author for item in items}}
    found = {
        "words": WEIGHTS.words * candidates.words / word_spread(candidates.words),
        "near words": WEIGHTS.near_words * (window - own) / spread(window),
        "conversation words": WEIGHTS.conversation_words * whole / spread(whole),
    }
    if has_meaning:
        cosines = candidates.cosines
        around, best = _around(cosines, pairs), _best_of(cosines, talk)
        found |= {
            "meaning": WEIGHTS.meaning * cosines / spread(cosines),
            "near meaning": WEIGHTS.near_meaning * short * _standard(around, short),
            "conversation meaning": WEIGHTS.conversation_meaning * short * _standard(best, short),
        }
    found |= {
        "author": WEIGHTS.author * _each(items, lambda item: named[item.author]),
        "substance": WEIGHTS.substance * np.where(in_talk, substance(lengths), 1.0),
        "asks": WEIGHTS.asks * np.where(in_talk, np.array([one.asks for one in seen]), 0.0),
        "shape": WEIGHTS.shape
        * np.array(
            [_shape_of(item, one, asked.wish) for item, one in zip(items, seen, strict=True)]
        ),
        "speaker": WEIGHTS.speaker
        * _each(items, lambda item: asked.wish.own_words and item.role != "user"),
        "time": WEIGHTS.time
        * np.array(
            [
                asked.times.fit(item.occurred_at_ms, item.head if one.has_time else "")
                for item, one in zip(items, seen, strict=True)
            ]
        ),
    }
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """What one reading of a text tells, whatever the query."""

    length: float
    """About how many words there are, also where a script has no spaces."""
    asks: bool
    """Whether it ends by asking; a remark in brackets may follow."""
    has_time: bool
    has_number: bool


_looks: dict[int, Look] = {}


def look(text: str) -> Look:
    """Return what a text tells. Texts are known again by their hash, and never kept themselves."""
    key = hash(text)
    known = _looks.get(key)
    if known is None:
        if len(_looks) >= KNOWN_LOOKS:
            _looks.clear()
        known = _looks[key] = _look(text)
    return known


def _look(text: str) -> Look:
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


def substance(lengths: Floats) -> Floats:
    """Return 0 for nothing to 1 for a text of full length, by the logarithm of its words."""
    full = np.log1p(FULL_LENGTH_WORDS)
    return np.asarray(np.minimum(np.log1p(lengths), full) / full)


def shape(seen: Look, wish: Wish) -> float:
    """Return 1 where the text has what the query wants, a time or a number, else 0."""
    return float((wish.time and seen.has_time) or (wish.number and seen.has_number))


def _shape_of(item: ItemSketch, seen: Look, wish: Wish) -> float:
    # Of a document no text is at hand; nearly all of them have numbers and times.
    return shape(seen, wish) if item.kind == "message" else float(wish.time or wish.number)


def _each(items: Sequence[ItemSketch], value: Callable[[ItemSketch], float]) -> Floats:
    return np.array([float(value(item)) for item in items])


def _authors(words: Sequence[str]) -> Callable[[str | None], bool]:
    named = {word.casefold().removesuffix("'s").removesuffix("\u2019s") for word in words}
    named -= NAMELESS

    def is_named(author: str | None) -> bool:
        return author is not None and not named.isdisjoint(_WORD.findall(author.casefold()))

    return is_named


def _conversation_numbers(items: Sequence[ItemSketch]) -> Ints:
    """Return a number for each item's conversation; what stands alone has one of its own."""
    numbers: dict[str, int] = {}
    return np.array(
        [
            numbers.setdefault(item.conversation, len(numbers))
            if item.conversation is not None
            else -1 - place
            for place, item in enumerate(items)
        ],
        np.int64,
    )


def _pairs(items: Sequence[ItemSketch], talk: Ints) -> list[Windowed]:
    """Return (place, neighbour's place, decay) both ways, for the neighbours among the items."""
    sequence = np.array([-1 if item.sequence is None else item.sequence for item in items])
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
