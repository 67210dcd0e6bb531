"""Sentences of what search found, with what stands around them."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.citations import Source
from memassist.assistant.answer.sentences import sentences
from memassist.assistant.answer.subject import Told
from memassist.assistant.answer.words import words_of
from memassist.store import memories, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.results import Hit
    from memassist.store.database import Connection
    from memassist.store.items import Item
    from memassist.store.vocabulary import Surroundings

SENTENCES_PER_HIT = 12
WHOLE_CHARACTERS = 2_000
"""A text up to this is looked at around the passage too."""
BEFORE, BEFORE_CHARACTERS = 3, 400
"""So many items before, and of each so much of its end, are looked at: what is talked of there is
seldom named again."""
RUN, RUN_CHARACTERS = 3, 240
"""Neighbouring sentences are quoted together up to this: who and what often stand in two."""
LIFT_POINTS = 10.0
"""Points of a search's score that count as one."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, or a run of them, that may answer."""

    sources: tuple[Source, ...]
    """Where the words stand, or what the memory rests on; at least one."""
    is_memory: bool
    rank: int
    """Place of its hit among those of its kind, from 0."""
    lift: float
    """By how much search scored its hit above the mean of all; 0 for a memory."""
    told: Told

    @property
    def item(self) -> Item:
        """The first item it rests on."""
        return self.sources[0].item


def candidates(connection: Connection, hits: Sequence[Hit]) -> list[Candidate]:
    """Return the sentences of the hits, in the hits' order."""
    ids = [hit.item_id for hit in hits if hit.item_id is not None]
    around = vocabulary.surroundings(connection, ids, BEFORE)
    scores = [hit.score for hit in hits if hit.kind == "evidence"]
    mean = statistics.fmean(scores) if scores else 0.0
    ranks: Counter[str] = Counter()
    found: list[Candidate] = []
    for hit in hits:
        rank = ranks[hit.kind]
        if hit.kind == "memory":
            found += _of_memory(connection, hit, rank)
        else:
            found += _of_item(hit, around, rank, (hit.score - mean) / LIFT_POINTS)
        ranks[hit.kind] += 1
    return found


def _of_item(hit: Hit, around: dict[str, Surroundings], rank: int, lift: float) -> list[Candidate]:
    found = around.get(hit.item_id or "")
    if found is None or hit.start is None or hit.stop is None:
        return []
    item, text = found.item, found.item.text
    places = _sentences_at(text, hit.start, hit.stop)
    stems = [{word.stem for word in words_of(text[start:stop])} for start, stop in places]
    outer = {word.stem for word in words_of(hit.title or "")}
    said = [
        frozenset(word.stem for word in words_of(one.text[-BEFORE_CHARACTERS:]))
        for one in found.before
    ]
    before = found.before[0] if found.before else None
    heard = frozenset[str]()
    if before is not None:
        is_a_reply = before.author == item.author or before.text.rstrip().endswith("?")
        heard = frozenset() if is_a_reply else said[0]
        outer |= said[0] if is_a_reply else frozenset()
    made = []
    for first, last in _runs(places):
        start, stop = places[first][0], places[last][1]
        told = Told(
            text=text[start:stop],
            words=tuple(words_of(text[start:stop])),
            author=item.author or "",
            author_before=(before.author or "") if before else "",
            near=frozenset(outer.union(*stems[max(0, first - 2) : last + 2])),
            heard=heard,
            far=frozenset[str]().union(*said[1:]),
            is_asker=bool(item.is_owner),
        )
        made.append(Candidate((Source(item, start, stop),), False, rank, lift, told))
    return made


def _of_memory(connection: Connection, hit: Hit, rank: int) -> list[Candidate]:
    """Return a memory that still holds as one statement resting on its evidence."""
    state = memories.get(connection, hit.memory_id or "").state
    # A summary says nothing that its evidence doesn't say.
    if state.valid_to is not None or state.is_archived or state.is_summary:
        return []
    around = vocabulary.surroundings(connection, [one.item_id for one in state.evidence], 0)
    sources = tuple(
        Source(around[one.item_id].item, one.start, one.stop)
        for one in state.evidence
        if one.item_id in around
    )
    if not sources:
        return []
    near = frozenset(word.stem for source in sources for word in words_of(source.quote))
    words = tuple(words_of(state.text))
    nothing = frozenset[str]()
    told = Told(state.text, words, "", "", near, nothing, nothing, is_asker=False)
    return [Candidate(sources, True, rank, 0.0, told)]


def _sentences_at(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Return the sentences of a passage; in a short text with those beside it.

    A passage may be a single statement of a message, and who it is about stands in the next one.
    """
    if len(text) > WHOLE_CHARACTERS:
        inner = sentences(text[start:stop])
        return [(start + first, start + last) for first, last in inner][:SENTENCES_PER_HIT]
    places = sentences(text)
    within = [
        number for number, (first, last) in enumerate(places) if first < stop and start < last
    ]
    if not within:
        return []
    return places[max(0, within[0] - 2) : within[-1] + 3][:SENTENCES_PER_HIT]


def _runs(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (first, last) of all runs of neighbouring sentences that are short enough to quote."""
    return [
        (first, last)
        for first in range(len(places))
        for last in range(first, min(first + RUN, len(places)))
        if first == last or places[last][1] - places[first][0] <= RUN_CHARACTERS
    ]
