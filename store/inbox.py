"""The review inbox: what a machine proposes and a person decides.

A candidate is kept once, by the hash of what it says and rests on; a decided one does not come
back. Each decision is a revision of the entry, so it can be undone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.store import memories, slots, times
from memassist.store.errors import CannotUndoError, NotFoundError
from memassist.store.identifiers import digest, new_id
from memassist.store.lookup import by_ending

if TYPE_CHECKING:
    from memassist.store.database import Connection, Row
    from memassist.store.memories import Memory, MemoryState, Revision

InboxState: TypeAlias = Literal["pending", "approved", "rejected", "expired"]
MOST_USEFUL_FIRST = (
    "json_extract(candidate, '$.type') IN ('core', 'procedural') DESC, confidence DESC, id"
)
"""In SQL. Core and procedural memories bear on every later answer, so deciding them tells most."""


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A proposed memory, and why it needs a person."""

    id: str
    state: InboxState
    reason: str
    candidate: MemoryState
    created_at: int
    memory_id: str | None
    """The memory it became."""
    shown_at: int | None = None
    """When a day's list last took it up, in milliseconds; None for never."""


def propose(
    connection: Connection, candidate: MemoryState, reason: str, *, is_anew: bool = False
) -> str | None:
    """Put a candidate in the inbox and return its id; None if it was there before.

    With `is_anew` one that was decided before waits again, as its memory was taken away.
    Within a write.
    """
    key = digest(
        candidate.type,
        candidate.text.casefold(),
        *sorted(f"{one.item_id}:{one.start}:{one.stop}" for one in candidate.evidence),
    )
    if is_anew:
        connection.execute("DELETE FROM inbox WHERE candidate_hash = ?", (key,))
    uid = new_id()
    cursor = connection.execute(
        "INSERT OR IGNORE INTO inbox (uid, candidate_hash, state, reason, candidate, confidence,"
        " created_at) VALUES (?, ?, 'pending', ?, ?, ?, ?)",
        (uid, key, reason, candidate.to_json(), candidate.confidence, times.now_ms()),
    )
    if cursor.rowcount == 0:
        return None
    connection.executemany(
        "INSERT OR IGNORE INTO inbox_evidence (inbox_id, item_id) SELECT ?, id FROM item"
        " WHERE uid = ?",
        [(cursor.lastrowid, one.item_id) for one in candidate.evidence],
    )
    return uid


def list_entries(
    connection: Connection, state: InboxState = "pending", limit: int = -1
) -> list[InboxEntry]:
    """Return entries, the most useful first; -1 is all."""
    rows = connection.execute(
        f"SELECT * FROM inbox WHERE state = ?"  # noqa: S608 - a constant of this module
        f" ORDER BY {MOST_USEFUL_FIRST} LIMIT ?",
        (state, limit),
    ).fetchall()
    return [_entry(row) for row in rows]


def get(connection: Connection, uid: str) -> InboxEntry:
    """Return one entry by its id or a unique ending of it. Raises `NotFoundError`."""
    row = by_ending(connection, "inbox", uid)
    if row is None:
        raise NotFoundError("inbox entry", uid)
    return _entry(row)


def approve(connection: Connection, uid: str, actor: str) -> Memory:
    """Make the candidate a memory that a person has touched. Within a write.

    It closes the fact that it contradicts, whoever that came from.
    One that was rejected or has expired may still be approved. Raises `NotFoundError` for one
    that was approved already.
    """
    entry = _undecided(connection, uid, ("pending", "expired", "rejected"))
    state = replace(entry.candidate, is_touched=True)
    memory, _ = slots.fill(connection, state, actor, is_person=True)
    _decide(connection, entry, actor, "approve", replace(entry, state="approved"), memory.id)
    return memory


def reject(connection: Connection, uid: str, actor: str) -> None:
    """Decide against the candidate; it does not come back. Within a write.

    Raises `NotFoundError` for one that was decided already.
    """
    entry = _undecided(connection, uid, ("pending", "expired"))
    _decide(connection, entry, actor, "reject", replace(entry, state="rejected"), None)


def merge(connection: Connection, uid: str, memory_uid: str, actor: str) -> Memory:
    """Let an existing memory rest on the candidate's evidence too; what it says stays.

    Its trust becomes that of its least trusted evidence. Within a write. Raises `NotFoundError`
    for an entry that was decided already, and for a memory that is not there.
    """
    entry = _undecided(connection, uid, ("pending", "expired"))
    known = memories.get(connection, memory_uid)
    state, candidate = known.state, entry.candidate
    merged = replace(
        state,
        evidence=tuple(dict.fromkeys((*state.evidence, *candidate.evidence))),
        tags=tuple(dict.fromkeys((*state.tags, *candidate.tags))),
        entities=tuple(dict.fromkeys((*state.entities, *candidate.entities))),
        trust=min(state.trust, candidate.trust),
        confidence=max(state.confidence, candidate.confidence),
        is_touched=True,
    )
    change = memories.change(connection, known.id, merged, actor, "merge")
    _decide(connection, entry, actor, "merge", replace(entry, state="approved"), None, change.id)
    return memories.get(connection, known.id)


def edit(connection: Connection, uid: str, candidate: MemoryState, actor: str) -> InboxEntry:
    """Change what the candidate says before deciding. Within a write.

    Raises `NotFoundError` for one that was decided already.
    """
    entry = _undecided(connection, uid, ("pending", "expired"))
    _decide(connection, entry, actor, "edit", replace(entry, candidate=candidate), None)
    return get(connection, entry.id)


def restore(connection: Connection, revision: Revision, actor: str) -> Revision:
    """Bring an entry back to what it was before a revision; the memory it made goes. In a write.

    Raises `CannotUndoError` where that memory was changed since.
    """
    entry = get(connection, revision.target)
    before = json.loads(revision.before or "{}")
    if before.get("state") in (None, "approved"):
        raise CannotUndoError("Approve the entry again instead.")
    merging = json.loads(revision.after or "{}").get("merged_by")
    if merging is not None:
        memories.undo(connection, merging, actor)
    if entry.memory_id is not None:
        holding = memories.last_holding(connection, entry.memory_id)
        if holding is None or holding.action != "add":
            raise CannotUndoError(
                "Its memory is gone."
                if holding is None
                else f"Its memory was changed since; undo revision {holding.id} first."
            )
        memories.take_back_addition(connection, holding, actor)
    connection.execute(
        "UPDATE inbox SET state = ?, candidate = ?, memory_uid = NULL WHERE uid = ?",
        (before["state"], json.dumps(before["candidate"], ensure_ascii=False), entry.id),
    )
    return memories.record(
        connection, "inbox", entry.id, actor, "undo", revision.after, revision.before, revision.id
    )


def _undecided(connection: Connection, uid: str, states: tuple[InboxState, ...]) -> InboxEntry:
    entry = get(connection, uid)
    if entry.state not in states:
        raise NotFoundError(f"inbox entry to decide about (it was {entry.state})", entry.id)
    return entry


def _decide(
    connection: Connection,
    before: InboxEntry,
    actor: str,
    action: str,
    after: InboxEntry,
    memory_uid: str | None,
    merged_by: str | None = None,
) -> None:
    """Record a decision; `merged_by` is the revision of the memory that took the entry in."""
    connection.execute(
        "UPDATE inbox SET state = ?, candidate = ?, memory_uid = ? WHERE uid = ?",
        (after.state, after.candidate.to_json(), memory_uid, before.id),
    )
    memories.record(
        connection,
        "inbox",
        before.id,
        actor,
        action,
        _snapshot(before),
        _snapshot(after, merged_by),
    )


def _snapshot(entry: InboxEntry, merged_by: str | None = None) -> str:
    content = {"state": entry.state, "candidate": json.loads(entry.candidate.to_json())}
    if merged_by is not None:
        content["merged_by"] = merged_by
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _entry(row: Row) -> InboxEntry:
    return InboxEntry(
        id=row["uid"],
        state=row["state"],
        reason=row["reason"],
        candidate=memories.state_from_json(row["candidate"]),
        created_at=row["created_at"],
        memory_id=row["memory_uid"],
        shown_at=row["shown_at"],
    )
