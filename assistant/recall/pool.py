"""Candidates: the items worth scoring for a query, with the numbers that scoring needs.

Passages come from words and from meaning; the best items of them are taken together with what
stands around them in their conversations, for an answer often stands beside the words asked for.
How many hits are wanted plays no part here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.assistant.recall.weights import ALIKE, FEWEST, POOL, RADIUS, SHORT_LIST
from memassist.store import search as primitives

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection
    from memassist.store.resident import ResidentVectors
    from memassist.store.restrict import Allowed
    from memassist.store.search import ItemSketch, WordScores

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A query's vector and the vector set it can be compared with."""

    model: int
    """Row id of the set."""
    vector: npt.NDArray[np.float32]
    """`float32[dimensions]` of unit length."""
    held: ResidentVectors
    """Where the set is looked up; it may hold nothing yet."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Items to score; all arrays are in the items' order: conversation, sequence, row id."""

    items: Sequence[ItemSketch]
    passages: Ints
    """Each item's best passage by words and meaning."""
    by_word: Floats
    """`float64[words, items]`: BM25 of each word in the item's best passage for it."""
    words: Floats
    """BM25 of the item's best passage."""
    cosines: Floats
    """Of the item's best passage; a guess by its words where there is no vector yet."""
    rarity: Floats
    """Inverse document frequency, `float64[words]`."""
    own: int
    """How many of the words are the query's own, and no related ones."""


def gather(
    connection: Connection,
    words: Sequence[str],
    meaning: Meaning | None,
    allowed: Allowed | None = None,
    related: Sequence[str] = (),
    looked_at: int = SHORT_LIST,
) -> Candidates:
    """Return the candidates for a query's telling words and its meaning; there may be none.

    Where only some passages are allowed, others are among the candidates as neighbours only.
    `related` words count in part. So many items are `looked_at` with their surroundings.
    """
    by_word = primitives.word_scores(connection, "passage_index", words, allowed, related)
    cosines: dict[int, float] = {}
    if meaning is not None:
        found = meaning.held.nearest(
            connection,
            meaning.model,
            meaning.vector,
            POOL,
            None if allowed is None else allowed.passages,
        )
        cosines = dict(found)
    pool = dict.fromkeys([*_best_rows(by_word), *cosines])
    items = primitives.items_of_passages(connection, pool)
    _add_cosines(connection, meaning, items, cosines)
    _guess_cosines(items, by_word, cosines)
    short_list = _short_list(items, by_word, cosines, looked_at)
    near = primitives.neighbours(connection, short_list, RADIUS)
    chosen = short_list | set(near.values())
    passages = {passage: item for passage, item in items.items() if item in chosen} | near
    _add_cosines(connection, meaning, passages, cosines)
    _guess_cosines(passages, by_word, cosines)
    return _candidates(
        primitives.item_sketches(connection, sorted(chosen)), passages, by_word, cosines
    )


def spread(values: Floats) -> float:
    """Return the standard deviation, or a number as good where all values are one."""
    deviation = float(values.std()) if len(values) else 0.0
    if deviation > 1e-9:
        return deviation
    return max(float(np.abs(values).max(initial=0.0)), 1e-9)


def word_spread(values: Floats) -> float:
    """Return the deviation of words' scores, texts that hold none of the words counted in.

    Few candidates are often just those that hold a word, and their neighbours. Among them alone
    the only text with a rare word would stand out no more than any longer one.
    """
    return spread(np.pad(values, (0, max(0, FEWEST - len(values)))))


def _best_rows(by_word: WordScores) -> list[int]:
    order = np.lexsort((by_word.rows, -by_word.scores.sum(axis=0)))[:POOL]
    return [int(row) for row in by_word.rows[order]]


def _add_cosines(
    connection: Connection,
    meaning: Meaning | None,
    passages: Iterable[int],
    cosines: dict[int, float],
) -> None:
    if meaning is None:
        return
    missing = [passage for passage in passages if passage not in cosines]
    cosines |= meaning.held.cosines(connection, meaning.model, meaning.vector, missing)


def _guess_cosines(passages: Iterable[int], by_word: WordScores, cosines: dict[int, float]) -> None:
    """Give passages without a vector what those have that hold the words about as well.

    What was stored a moment ago would otherwise come after all that is like it.
    """
    missing = [passage for passage in passages if passage not in cosines]
    if not missing or len(cosines) < ALIKE:
        return
    known = np.fromiter(cosines, np.int64, len(cosines))
    scores = by_word.of(known).sum(axis=0)
    order = np.lexsort((known, scores))
    sums = np.concatenate(([0.0], np.cumsum([cosines[int(row)] for row in known[order]])))
    wanted = by_word.of(np.array(missing, np.int64)).sum(axis=0)
    first = np.searchsorted(scores[order], wanted) - ALIKE // 2
    first = np.clip(first, 0, len(known) - ALIKE)
    means = (sums[first + ALIKE] - sums[first]) / ALIKE
    cosines |= {
        passage: float(mean)
        for passage, mean, score in zip(missing, means, wanted, strict=True)
        if score > 0
    }


def _short_list(
    items: dict[int, int], by_word: WordScores, cosines: dict[int, float], count: int
) -> set[int]:
    """Return the row ids of the items that are best by words and meaning alone."""
    if not items:
        return set()
    passages = np.fromiter(items, np.int64, len(items))
    words = by_word.of(passages).sum(axis=0)
    meaning = np.array([cosines.get(int(passage), 0.0) for passage in passages])
    owners = np.fromiter(items.values(), np.int64, len(items))
    score = words / spread(words) + meaning / spread(meaning)
    chosen: dict[int, None] = {}
    for place in np.lexsort((owners, -score)):
        chosen[int(owners[place])] = None
        if len(chosen) == count:
            break
    return set(chosen)


def _candidates(
    sketches: Sequence[ItemSketch],
    passages: dict[int, int],
    by_word: WordScores,
    cosines: dict[int, float],
) -> Candidates:
    places = {sketch.row: place for place, sketch in enumerate(sketches)}
    # A passage whose item went between two reads is left out.
    known = sorted(passage for passage, item in passages.items() if item in places)
    rows = np.array(known, np.int64)
    owner = np.array([places[passages[passage]] for passage in known], np.int64)
    matrix = by_word.of(rows)
    total = matrix.sum(axis=0)
    cosine = np.array([cosines.get(passage, 0.0) for passage in known])
    count = len(sketches)
    best_by_word = np.zeros((len(matrix), count))
    for number, scores in enumerate(matrix):
        np.maximum.at(best_by_word[number], owner, scores)
    best_words, best_cosines = np.zeros(count), np.full(count, -1.0)
    np.maximum.at(best_words, owner, total)
    np.maximum.at(best_cosines, owner, cosine)
    best = np.zeros(count, np.int64)
    rank = total / spread(total) + cosine / spread(cosine)
    # Written worst first, so that the best passage of each item is what stays; the earlier of two.
    order = np.lexsort((-rows, rank))
    best[owner[order]] = rows[order]
    return Candidates(
        sketches, best, best_by_word, best_words, best_cosines, by_word.rarity, by_word.own
    )
