"""Hybrid search: candidates by words and by meaning, scored by what they and their context say.

A hit's score is the sum of its signals (`signals.py`, weighted by `weights.py`), and the first
hits of a longer list are those of a shorter one (`tests/assistant/test_recall.py`). Plain
reciprocal rank fusion was measured to be worse than BM25 alone on conversations, because it
forgets by how much a candidate is better.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from memassist.assistant.places import place_of
from memassist.assistant.recall.anchors import anchor, days
from memassist.assistant.recall.filters import hints as hints_on
from memassist.assistant.recall.filters import restriction
from memassist.assistant.recall.memory_hits import memory_hits, newest_memory_hits
from memassist.assistant.recall.pool import Meaning, gather
from memassist.assistant.recall.query_times import TimesAsked, times_asked
from memassist.assistant.recall.query_words import content_words, telling, wish
from memassist.assistant.recall.signals import Asked, Scale, scale_of, signals
from memassist.assistant.recall.syntax import Filter, parse
from memassist.assistant.recall.weights import (
    COLLAPSE_DEPTH,
    LIKE_SHARE,
    LIKE_WORDS,
    LONGEST_WHOLE_CHARACTERS,
    SHORT_LIST,
    TYPED_SHORT_LIST,
    WEIGHTS,
)
from memassist.assistant.results import Found, Hit
from memassist.store import restrict, vectors, vocabulary
from memassist.store import search as primitives
from memassist.store.compounds import compounds
from memassist.store.resident import Resident
from memassist.store.restrict import Restriction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memassist.assistant.recall.query_times import Interval
    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Connection
    from memassist.store.restrict import Allowed
    from memassist.store.search import PassageRow
    from memassist.store.sketches import Outline

COMPLETIONS = 3
"""So many words that begin like the one being typed are looked for, the commonest."""
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Query:
    """What a person searches for."""

    text: str
    k: int = 10
    """How many hits at most; about 1,500 items are ever scored."""
    kind: Literal["both", "evidence", "memory"] = "both"
    asked_at: datetime | None = None
    """The "now" that "last week" is counted from; None is the present."""
    collapse: bool = True
    """Whether near-duplicates become one hit."""
    is_diverse: bool = False
    """Whether further hits of one conversation count less, so that others come up."""
    is_being_typed: bool = False
    """Whether the last word may be only the beginning of one: "penici" finds penicillin."""
    filters: tuple[Filter, ...] = ()
    """Beside those that are typed in the text (`recall.syntax`)."""


def search(
    connection: Connection,
    query: Query,
    embedder: Embedder | None,
    held: Resident | None = None,
) -> Found:
    """Return the `k` best hits, the best first; by words alone without an embedder.

    `held` keeps vectors and outlines for further queries; None reads them from the disk. A query of
    filters alone finds the newest that they leave; one without a letter or digit finds nothing.
    """
    if query.k < 1:
        return Found(())
    parsed = parse(query.text)
    filters = (*parsed.filters, *query.filters)
    notes = list(parsed.notes)
    allowed: Allowed | None = None
    wanted = Restriction()
    if filters:
        wanted, hints = restriction(filters, query.asked_at)
        notes += hints
        if not wanted.is_open:
            allowed, wanted = _allowed(connection, wanted, notes)
    text, when = parsed.text, _when(connection, parsed.text, query.asked_at, notes)
    is_listing = False
    if when.filter is not None:
        of_then = _of_that_time(connection, wanted, when.filter, query.asked_at, notes)
        if of_then is not None:
            allowed = of_then
            # Everything left is of that time, so its words tell nothing apart any more.
            text = _without(text, when.words)
            is_listing = not telling(text)
        elif allowed is not None:
            allowed = restrict.allowed(connection, wanted)
    words = [] if is_listing else content_words(text)
    if query.is_being_typed and words and text.endswith(words[-1]):
        words += [
            word
            for word in vocabulary.completions(connection, words[-1], COMPLETIONS)
            if word != words[-1].casefold()
        ]
    if not words and allowed is None:
        return Found((), tuple(notes))
    if words:
        asked = Asked(words, wish(text), when, compounds(connection, words))
        ranked = _ranked(connection, query, text, asked, embedder, held or Resident(), allowed)
    else:
        assert allowed is not None  # looked at above
        ranked = _newest(connection, query, allowed)
    if query.is_diverse:
        ranked = _spread(ranked)
    if query.collapse:
        ranked = _collapsed(ranked[: max(query.k, COLLAPSE_DEPTH)])
    if not ranked and filters:
        notes += hints_on(connection, filters)
    return Found(tuple(ranked[: query.k]), tuple(notes))


def _when(
    connection: Connection, text: str, asked_at: datetime | None, notes: list[str]
) -> TimesAsked:
    """Return the times that a query names, by themselves or by an event of one's own."""
    when = times_asked(text, asked_at)
    event = anchor(connection, text, when.words)
    if event is None:
        return when
    dates = days(event.interval, asked_at)
    read_as = f"was read as \u201c{dates}\u201d, by \u201c{event.memory}\u201d"
    notes.append(f"\u201c{event.said}\u201d {read_as}")
    return replace(when, intervals=(*when.intervals, event.interval))


def _of_that_time(
    connection: Connection,
    wanted: Restriction,
    interval: Interval,
    asked_at: datetime | None,
    notes: list[str],
) -> Allowed | None:
    """Return what a restriction leaves of a time; None where it leaves nothing."""
    start, stop = interval.start_ms, interval.stop_ms
    narrow = replace(
        wanted,
        start_ms=start if wanted.start_ms is None else max(start, wanted.start_ms),
        stop_ms=stop if wanted.stop_ms is None else min(stop, wanted.stop_ms),
    )
    allowed = restrict.allowed(connection, narrow)
    dates = days(interval, asked_at)
    if not len(allowed.passages) and not allowed.memories:
        notes.append(f"Nothing was written or seen {dates}, so all times were searched.")
        return None
    notes.append(f"Only what was written or seen {dates} was searched, as the query names it.")
    return allowed


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, stop in reversed(spans):
        text = text[:start] + text[stop:]
    return text


def _allowed(
    connection: Connection, wanted: Restriction, notes: list[str]
) -> tuple[Allowed | None, Restriction]:
    """Return what a restriction leaves; without its phrases where nothing holds them."""
    allowed = restrict.allowed(connection, wanted)
    if not wanted.phrases or len(allowed.passages) or allowed.memories:
        return allowed, wanted
    notes.append(
        f"Nothing says {' and '.join(f'“{phrase}”' for phrase in wanted.phrases)} in these very"
        " words, so they were searched one by one."
    )
    wanted = replace(wanted, phrases=())
    return (None if wanted.is_open else restrict.allowed(connection, wanted)), wanted


def _ranked(
    connection: Connection,
    query: Query,
    text: str,
    asked: Asked,
    embedder: Embedder | None,
    held: Resident,
    allowed: Allowed | None,
) -> list[Hit]:
    meaning = _meaning(connection, text, embedder, held)
    ranked: list[Hit] = []
    scale: Scale | None = None
    if query.kind != "memory":
        depth = max(query.k, COLLAPSE_DEPTH)
        # What is shown while somebody types is gone with the next letter: it has to be fast.
        is_passing = query.is_being_typed and meaning is None
        looked_at = TYPED_SHORT_LIST if is_passing else SHORT_LIST
        outline = held.items.outline(connection, may_load=not is_passing)
        ranked, scale = _evidence(connection, outline, asked, meaning, depth, allowed, looked_at)
    if query.kind != "evidence":
        ranked += memory_hits(connection, asked, meaning, scale, allowed)
    ranked.sort(key=lambda hit: (-hit.score, hit.kind, hit.memory_id or hit.item_id or ""))
    return ranked


def _newest(connection: Connection, query: Query, allowed: Allowed) -> list[Hit]:
    """Return what filters leave, the newest first; memories behind what was said."""
    count = max(query.k, COLLAPSE_DEPTH)
    hits: list[Hit] = []
    if query.kind != "memory":
        passages = restrict.newest_passages(connection, count)
        rows = primitives.passage_rows(connection, passages)
        hits += [_hit(rows[passage], {}) for passage in passages if passage in rows]
    if query.kind != "evidence":
        hits += newest_memory_hits(connection, allowed, count)
    return [
        replace(hit, score=1.0 / place, signals={"newest": 1.0 / place})
        for place, hit in enumerate(hits, 1)
    ]


def _spread(ranked: Sequence[Hit]) -> list[Hit]:
    """Return the hits with each further one of a conversation counting less than the one before."""
    before: Counter[str] = Counter()
    result = []
    for hit in ranked:
        if hit.conversation is not None:
            less = -WEIGHTS.same_conversation * before[hit.conversation]
            before[hit.conversation] += 1
            signals = {**hit.signals, "same conversation": less}
            result.append(replace(hit, score=sum(signals.values()), signals=signals))
        else:
            result.append(hit)
    return sorted(result, key=lambda hit: -hit.score)


def _meaning(
    connection: Connection, text: str, embedder: Embedder | None, held: Resident
) -> Meaning | None:
    if embedder is None:
        return None
    model = vectors.find_model(connection, embedder.model_id, embedder.dimensions)
    if model is None:
        return None
    return Meaning(model, held.meanwhile.submit(embedder.embed, [text]), held.vectors)


def _evidence(
    connection: Connection,
    outline: Outline,
    asked: Asked,
    meaning: Meaning | None,
    count: int,
    allowed: Allowed | None,
    looked_at: int,
) -> tuple[list[Hit], Scale | None]:
    """Return the best passages of the best items, and the scale they were scored on."""
    candidates = gather(
        connection, outline, asked.words, meaning, allowed, asked.related, looked_at
    )
    if not len(candidates.items):
        return [], None
    named = signals(
        candidates,
        asked,
        lambda rows: primitives.heads(connection, rows),
        has_meaning=meaning is not None,
    )
    score = np.sum(list(named.values()), axis=0)
    order = np.lexsort((candidates.items.rows, -score))
    if allowed is not None:
        order = order[np.isin(candidates.passages[order], allowed.passages)]
    order = order[:count]
    passages = primitives.passage_rows(
        connection, [int(passage) for passage in candidates.passages[order]]
    )
    hits = []
    for place in order:
        row = passages.get(int(candidates.passages[place]))
        if row is not None:
            own = {name: float(values[place]) for name, values in named.items()}
            hits.append(_hit(row, own))
    return hits, scale_of(candidates)


def _hit(row: PassageRow, signals: dict[str, float]) -> Hit:
    item = row.item
    start, stop = row.start, row.stop
    if item.kind == "message" and len(item.text) <= LONGEST_WHOLE_CHARACTERS:
        # Cut for its vectors' sake only: a person reads the whole turn.
        start, stop = 0, len(item.text)
    return Hit(
        kind="evidence",
        text=item.text[start:stop],
        score=sum(signals.values()),
        signals=signals,
        item_id=item.id,
        passage_id=row.id,
        ref=item.ref,
        refs=(item.ref,) if item.ref else (),
        author=item.author,
        is_owner=item.is_owner,
        title=item.title,
        source=item.source,
        conversation=item.conversation,
        occurred_at=item.occurred_at,
        uri=item.uri,
        start=start,
        stop=stop,
        place=place_of(item, start, stop),
    )


def _collapsed(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits with those that say the same as a better one named in its `also`.

    Short texts are the same where all their words are; longer ones where nearly all are and every
    number: two bills of one shop differ in little else.
    """
    result: list[Hit] = []
    also: list[list[str]] = []
    words_of: list[frozenset[str]] = []
    seen: dict[tuple[str, frozenset[str], str], list[int]] = defaultdict(list)
    for hit in hits:
        said = " ".join(_WORD.findall(hit.text.casefold())) or hit.text
        words = frozenset(said.split())
        numbers: frozenset[str] = frozenset()
        if _DIGIT.search(said) is not None:
            numbers = frozenset(word for word in words if _DIGIT.search(word) is not None)
        keys = [(hit.kind, numbers, said)]
        if len(words) >= LIKE_WORDS:
            # Two sets with nine in ten in common share one of the last tenth in any order
            # (Chaudhuri et al. 2006 call it prefix filtering). Long words are rare, so few pairs
            # are compared.
            longest = sorted(map(len, words))[math.ceil(LIKE_SHARE * len(words)) - 1]
            keys = [(hit.kind, numbers, word) for word in words if len(word) >= longest]
        places = sorted({place for key in keys for place in seen[key]})
        same = next((place for place in places if _are_alike(words, words_of[place])), None)
        if same is None:
            for key in keys:
                seen[key].append(len(result))
            result.append(hit)
            also.append([])
            words_of.append(words)
        elif hit.item_id is not None:
            also[same].append(hit.item_id)
    return [
        replace(hit, also=tuple(others)) if others else hit
        for hit, others in zip(result, also, strict=True)
    ]


def _are_alike(words: frozenset[str], others: frozenset[str]) -> bool:
    return len(words & others) >= LIKE_SHARE * len(words | others)
