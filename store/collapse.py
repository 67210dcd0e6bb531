"""Several memories that say the same become one, with the evidence of all.

The one that goes is kept, archived and pointing to the one that stays (`superseded_by`). Both
changes are undone as the one they are: `undo_collapse` brings back what a merge took in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from memassist.store import history, memories
from memassist.store.memory_values import state_from_json

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.memory_values import Memory, Revision


def collapse(connection: Connection, stays: Memory, goes: Memory, actor: str) -> None:
    """Let one memory take in another's evidence, entities and tags. Within a write.

    Evidence of lower trust is not taken in: it would pull the whole memory's trust down.
    """
    kept, gone = stays.state, goes.state
    merged = replace(
        kept,
        evidence=tuple(
            dict.fromkeys((*kept.evidence, *(gone.evidence if gone.trust >= kept.trust else ())))
        ),
        entities=tuple(dict.fromkeys((*kept.entities, *gone.entities))),
        tags=tuple(dict.fromkeys((*kept.tags, *gone.tags))),
        confidence=max(kept.confidence, gone.confidence),
    )
    memories.edit(connection, stays.id, merged, actor, "merge")
    closed = replace(gone, is_archived=True, superseded_by=stays.id)
    memories.edit(connection, goes.id, closed, actor, "supersede")


def undo_collapse(connection: Connection, merge: Revision, actor: str) -> None:
    """Bring back what a merge took in, once the merge itself is undone. Within a write.

    The revision that archived it came right after the merge's own.
    """
    row = connection.execute(
        "SELECT uid FROM revision WHERE id = (SELECT id + 1 FROM revision WHERE uid = ?)"
        " AND action = 'supersede' AND actor = ?",
        (merge.id, merge.actor),
    ).fetchone()
    if row is None:
        return
    taken_in = history.find(connection, row[0])
    holding = memories.last_holding(connection, taken_in.target)
    if holding is None or holding.id != taken_in.id or taken_in.before is None:
        return
    if state_from_json(taken_in.after or "").superseded_by == merge.target:
        before = state_from_json(taken_in.before)
        memories.change(connection, taken_in.target, before, actor, "undo", undoes=taken_in.id)


def merge_of(connection: Connection, taken_in: Revision) -> Revision | None:
    """Return the merge that took a memory in, where it still holds and nothing came after it."""
    row = connection.execute(
        "SELECT uid FROM revision WHERE id = (SELECT id - 1 FROM revision WHERE uid = ?)"
        " AND action = 'merge' AND actor = ?",
        (taken_in.id, taken_in.actor),
    ).fetchone()
    if row is None:
        return None
    merge = history.find(connection, row[0])
    holding = memories.last_holding(connection, merge.target)
    return merge if holding is not None and holding.id == merge.id else None
