"""Memories as hits, scored on the scale of the passages found beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memassist.assistant.recall.pool import spread
from memassist.assistant.recall.signals import Scale, shape
from memassist.assistant.recall.weights import POOL, SHORT_LIST, WEIGHTS
from memassist.assistant.results import Hit
from memassist.assistant.retention import gain_by_use
from memassist.store import reflections, restrict, times, vectors
from memassist.store import search as primitives
from memassist.store.looks import look
from memassist.store.memory_rows import memory_rows

if TYPE_CHECKING:
    from memassist.assistant.recall.pool import Meaning
    from memassist.assistant.recall.signals import Asked
    from memassist.store.database import Connection
    from memassist.store.memory_rows import MemoryRow
    from memassist.store.restrict import Allowed

_ALL = 1 << 62


def memory_hits(
    connection: Connection,
    asked: Asked,
    meaning: Meaning | None,
    scale: Scale | None,
    allowed: Allowed | None = None,
) -> list[Hit]:
    """Return memories that words or meaning lead to, in no order; archived ones are left out.

    Summaries repeat what other memories say: only a query that names their time, or a filter, finds
    them.
    `scale` is that of the passages they are to stand among; None makes one of their own.
    """
    by_word = primitives.word_scores(connection, "memory_index", asked.words, related=asked.related)
    cosines: dict[int, float] = {}
    if meaning is not None:
        # All of them are read in any case, so those that are not allowed crowd nothing out.
        count = POOL if allowed is None else _ALL
        found = vectors.nearest_memories(connection, meaning.model, meaning.vector, count)
        cosines = dict(found)
    pool = {*(int(row) for row in by_word.rows), *cosines}
    if allowed is not None:
        pool &= allowed.memories
    else:
        pool -= {
            row
            for row, interval in reflections.rows(connection).items()
            if interval is None or not asked.times.names(*interval)
        }
    uids = primitives.memory_uids(connection, pool)
    rows = np.array(sorted(uids), np.int64)
    # The two indexes count rarity apart; the share of the most that the words can give is common.
    # What only passages hold counts too: a memory with one word of three has not all of them.
    absent = max(0, scale.own - by_word.own) if scale is not None else 0
    most = float(by_word.rarity.sum()) + absent * by_word.rarest
    share = by_word.of(rows).sum(axis=0) / max(most, 1e-9)
    meant = np.array([cosines.get(int(row), 0.0) for row in rows])
    scale = scale or Scale(spread(share), spread(meant), 1.0, by_word.own)
    words = share * (scale.most_words or scale.words) / scale.words
    closeness = meant / scale.meaning
    order = np.lexsort((rows, -(WEIGHTS.words * words + WEIGHTS.meaning * closeness)))
    short = order[:SHORT_LIST]
    memories = memory_rows(connection, [int(rows[place]) for place in short])
    now = times.now_ms()
    return [
        _hit(
            memories[row],
            float(words[place]),
            float(closeness[place]) if meaning is not None else None,
            asked,
            now,
        )
        for place in short
        if (row := int(rows[place])) in memories
    ]


def newest_memory_hits(connection: Connection, allowed: Allowed, count: int) -> list[Hit]:
    """Return allowed memories, the newest first, not yet scored."""
    rows = restrict.newest_memories(connection, allowed.memories, count)
    memories = memory_rows(connection, rows)
    return [_plain_hit(memories[row], {}) for row in rows if row in memories]


def _hit(memory: MemoryRow, words: float, closeness: float | None, asked: Asked, now: int) -> Hit:
    # A memory is a whole statement that stands alone: its words are all of its conversation's,
    # and it has full length.
    signals = {
        "words": WEIGHTS.words * words,
        "conversation words": WEIGHTS.conversation_words * words,
    }
    if closeness is not None:
        signals["meaning"] = WEIGHTS.meaning * closeness
    signals |= {
        "substance": WEIGHTS.substance,
        "shape": WEIGHTS.shape * shape(look(memory.text), asked.wish),
        "time": WEIGHTS.time * asked.times.fit(memory.occurred_from),
        "use": WEIGHTS.use * gain_by_use(memory.presence, now),
    }
    return _plain_hit(memory, signals)


def _plain_hit(memory: MemoryRow, signals: dict[str, float]) -> Hit:
    evidence = memory.evidence
    return Hit(
        kind="memory",
        text=memory.text,
        score=sum(signals.values()),
        signals=signals,
        memory_id=memory.uid,
        memory_type=memory.type,
        item_id=evidence[0][0] if evidence else None,
        ref=next((ref for _, ref in evidence if ref), None),
        refs=tuple(ref for _, ref in evidence if ref),
    )
