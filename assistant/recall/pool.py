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
    from collections.abc import Sequence
    from concurrent.futures import Future

    import numpy.typing as npt

    from memassist.store.database import Connection
    from memassist.store.resident import ResidentVectors
    from memassist.store.restrict import Allowed
    from memassist.store.search import WordScores
    from memassist.store.sketches import Outline, Sketches

    Floats: TypeAlias = npt.NDArray[np.float64]
    Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A query's vector and the vector set it can be compared with."""

    model: int
    """Row id of the set."""
    embedding: Future[npt.NDArray[np.float32]]
    """`float32[1, dimensions]` of unit length, still being made while words are looked up."""
    held: ResidentVectors
    """Where the set is looked up; it may hold nothing yet."""

    @property
    def vector(self) -> npt.NDArray[np.float32]:
        """The query's, `float32[dimensions]`. Waits for it; raises what the model raises."""
        return np.asarray(self.embedding.result()[0], np.float32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Items to score; all arrays are in the items' order: conversation, sequence, row id."""

    items: Sketches
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
    outline: Outline,
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
    cosines = _Cosines(connection, meaning, by_word)
    nearest = cosines.nearest(None if allowed is None else allowed.passages)
    passages, owners = outline.owners(np.union1d(_best_rows(by_word), nearest))
    found = cosines.of(passages)
    short_list = _short_list(passages, owners, by_word, found, looked_at)
    near, near_owners = outline.around(short_list, RADIUS)
    # Other passages of the same items, and of their neighbours, are in the pool too.
    is_chosen = np.isin(owners, np.concatenate((short_list, near_owners)))
    is_new = np.isin(near, passages, invert=True)
    passages = np.concatenate((passages[is_chosen], near[is_new]))
    owners = np.concatenate((owners[is_chosen], near_owners[is_new]))
    order = np.argsort(passages)
    passages, owners = passages[order], owners[order]
    sketches = outline.sketches(np.unique(owners))
    return _candidates(sketches, passages, owners, by_word, cosines.of(passages))


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


class _Cosines:
    """Cosines of passages with the query, each looked up once."""

    def __init__(
        self, connection: Connection, meaning: Meaning | None, by_word: WordScores
    ) -> None:
        self._connection, self._meaning, self._by_word = connection, meaning, by_word
        self._rows, self._values = np.zeros(0, np.int64), np.zeros(0)

    def nearest(self, among: Ints | None) -> Ints:
        """Return the passages nearest in meaning; none without a vector to compare with."""
        if self._meaning is None:
            return self._rows
        held, model, vector = self._meaning.held, self._meaning.model, self._meaning.vector
        rows, values = held.nearest(self._connection, model, vector, POOL, among)
        self._add(rows, values)
        return rows

    def of(self, passages: Ints) -> Floats:
        """Return a cosine for each passage, 0 where nothing tells."""
        missing = np.setdiff1d(passages, self._rows, assume_unique=True)
        if self._meaning is not None and len(missing):
            held, model, vector = self._meaning.held, self._meaning.model, self._meaning.vector
            self._add(*held.cosines(self._connection, model, vector, missing))
            self._guess(np.setdiff1d(missing, self._rows, assume_unique=True))
        if not len(self._rows):
            return np.zeros(len(passages))
        places = np.minimum(np.searchsorted(self._rows, passages), len(self._rows) - 1)
        return np.where(self._rows[places] == passages, self._values[places], 0.0)

    def _guess(self, missing: Ints) -> None:
        """Give passages without a vector what those have that hold the words about as well.

        What was stored a moment ago would otherwise come after all that is like it.
        """
        if not len(missing) or len(self._rows) < ALIKE:
            return
        scores = self._by_word.of(self._rows).sum(axis=0)
        order = np.lexsort((self._rows, scores))
        sums = np.concatenate(([0.0], np.cumsum(self._values[order])))
        wanted = self._by_word.of(missing).sum(axis=0)
        first = np.searchsorted(scores[order], wanted) - ALIKE // 2
        first = np.clip(first, 0, len(self._rows) - ALIKE)
        means = (sums[first + ALIKE] - sums[first]) / ALIKE
        self._add(missing[wanted > 0], means[wanted > 0])

    def _add(self, rows: Ints, values: Floats | npt.NDArray[np.float32]) -> None:
        rows = np.concatenate((self._rows, rows))
        both = np.concatenate((self._values, values.astype(np.float64)))
        order = np.argsort(rows)
        self._rows, self._values = rows[order], both[order]


def _best_rows(by_word: WordScores) -> Ints:
    return by_word.rows[np.lexsort((by_word.rows, -by_word.scores.sum(axis=0)))[:POOL]]


def _short_list(
    passages: Ints, owners: Ints, by_word: WordScores, cosines: Floats, count: int
) -> Ints:
    """Return the row ids of the items that are best by words and meaning alone."""
    words = by_word.of(passages).sum(axis=0)
    score = words / spread(words) + cosines / spread(cosines)
    ranked = owners[np.lexsort((owners, -score))]
    _, first = np.unique(ranked, return_index=True)
    return ranked[np.sort(first)[:count]]


def _candidates(
    sketches: Sketches, passages: Ints, owners: Ints, by_word: WordScores, cosines: Floats
) -> Candidates:
    by_row = np.argsort(sketches.rows)
    places = np.searchsorted(sketches.rows, owners, sorter=by_row)
    # A passage whose item went between two reads is left out.
    is_known = np.isin(owners, sketches.rows)
    owner = by_row[places[is_known]]
    rows, cosine = passages[is_known], cosines[is_known]
    matrix = by_word.of(rows)
    total = matrix.sum(axis=0)
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
