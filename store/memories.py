"""Memories, and the one way they change: a revision.

Invariant: a memory's state is what its newest revision says it is. `change` is the only function
that writes to memory, evidence, memory_entity, memory_kin and memory_index, so whatever happened
can be undone by giving it the state before. `store.memory_checks` checks it for `doctor`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.plugins.types import memory_fields
from memassist.store import history, jobs, kinship, times
from memassist.store.errors import CannotUndoError, ConflictError, NotFoundError
from memassist.store.history import last_holding, record, revisions
from memassist.store.identifiers import content_id, new_id
from memassist.store.lookup import by_ending
from memassist.store.memory_values import (
    Entity,
    Evidence,
    Memory,
    MemoryState,
    Revision,
    state_from_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.plugins.types import MemoryType
    from memassist.store.database import Connection, Row

__all__ = [
    "Action",
    "Entity",
    "Evidence",
    "Memory",
    "MemoryState",
    "Revision",
    "add",
    "change",
    "edit",
    "get",
    "in_slot",
    "indexed_text",
    "indexed_texts",
    "last_holding",
    "list_memories",
    "record",
    "revisions",
    "state_from_json",
    "take_back_addition",
    "undo",
    "with_text",
]

Action: TypeAlias = Literal[
    "add", "edit", "merge", "supersede", "archive", "approve", "replace", "undo", "remove"
]


def add(
    connection: Connection, state: MemoryState, actor: str, *, uid: str | None = None
) -> Memory:
    """Store a new memory and return it. Within a write."""
    identifier = uid or new_id()
    change(connection, identifier, state, actor, "add")
    return get(connection, identifier)


def get(connection: Connection, uid: str) -> Memory:
    """Return one memory by its id or a unique ending of it. Raises `NotFoundError`."""
    row = by_ending(connection, "memory", uid)
    if row is None:
        raise NotFoundError("memory", uid)
    return _memory(connection, row)


def find(connection: Connection, uid: str) -> Memory | None:
    """Return one memory by its whole id; None where it is gone."""
    row = connection.execute("SELECT * FROM memory WHERE uid = ?", (uid,)).fetchone()
    return None if row is None else _memory(connection, row)


def list_memories(
    connection: Connection,
    type_: MemoryType | None = None,
    *,
    with_archived: bool = False,
    limit: int = -1,
) -> list[Memory]:
    """Return memories, pinned ones first, then the newest; -1 is all."""
    rows = connection.execute(
        "SELECT * FROM memory WHERE (:type IS NULL OR type = :type)"
        " AND (:archived OR NOT is_archived)"
        " ORDER BY is_pinned DESC, coalesce(occurred_from, updated_at) DESC, id DESC LIMIT :limit",
        {"type": type_, "archived": with_archived, "limit": limit},
    ).fetchall()
    return [_memory(connection, row) for row in rows]


def in_slot(connection: Connection, slot: str) -> list[Memory]:
    """Return what is believed now about a slot, such as one person's home."""
    rows = connection.execute(
        "SELECT * FROM memory WHERE slot = ? AND valid_to IS NULL AND NOT is_archived ORDER BY id",
        (slot,),
    ).fetchall()
    return [_memory(connection, row) for row in rows]


def ever_in_slot(connection: Connection, slot: str) -> list[Memory]:
    """Return what is and was believed about a slot, in the order it was learned."""
    rows = connection.execute(
        "SELECT * FROM memory WHERE slot = ? AND NOT is_archived ORDER BY id", (slot,)
    ).fetchall()
    return [_memory(connection, row) for row in rows]


def with_text(connection: Connection, type_: MemoryType, text: str) -> Memory | None:
    """Return the newest memory of that type and very text, archived or not."""
    row = connection.execute(
        "SELECT * FROM memory WHERE type = ? AND text = ? COLLATE NOCASE ORDER BY id DESC LIMIT 1",
        (type_, text),
    ).fetchone()
    return None if row is None else _memory(connection, row)


def edit(
    connection: Connection,
    uid: str,
    state: MemoryState,
    actor: str,
    action: Action = "edit",
    *,
    expected_version: int | None = None,
) -> Memory:
    """Give a memory a new state. Within a write.

    Raises `ConflictError` if it is no longer at `expected_version`; None does not look.
    """
    current = get(connection, uid)
    if expected_version is not None and current.version != expected_version:
        raise ConflictError(uid, expected_version, current.version)
    change(connection, current.id, state, actor, action)
    return get(connection, current.id)


def change(
    connection: Connection,
    uid: str,
    after: MemoryState | None,
    actor: str,
    action: Action,
    *,
    undoes: str | None = None,
) -> Revision:
    """Bring a memory to a state (None: to not being there) and record it. Within a write.

    Evidence in items that were forgotten meanwhile is left out.
    """
    row = connection.execute("SELECT * FROM memory WHERE uid = ?", (uid,)).fetchone()
    before = None if row is None else _memory(connection, row)
    if after is not None:
        unknown = set(after.fields) - set(memory_fields[after.type])
        if unknown:
            raise ValueError(f"{after.type} memories have no field {sorted(unknown)}")
        after = replace(after, evidence=_still_there(connection, after.evidence))
    if before is not None:
        connection.execute("DELETE FROM memory_index WHERE rowid = ?", (row["id"],))
        connection.execute("DELETE FROM memory_vector WHERE memory_id = ?", (row["id"],))
    if after is None:
        connection.execute("DELETE FROM memory WHERE uid = ?", (uid,))
    else:
        _write(connection, uid, after, before)
    return record(
        connection,
        "memory",
        uid,
        actor,
        action,
        None if before is None else before.state.to_json(),
        None if after is None else after.to_json(),
        undoes,
    )


def undo(connection: Connection, revision_uid: str | None, actor: str) -> Revision:
    """Take back one change, or the newest that still holds; returns the new revision.

    Undoing an undo brings the change back. Within a write. Raises `NotFoundError`, and
    `CannotUndoError` where text was forgotten or a later change stands on it.
    """
    if revision_uid is None:
        target = last_holding(connection, None)
        if target is None:
            raise NotFoundError("change that could be undone")
    else:
        target = history.find(connection, revision_uid)
    if target.is_erased:
        raise CannotUndoError("What it changed was forgotten, and forgetting can't be undone.")
    holding = last_holding(connection, target.target)
    newest = revisions(connection, target.target, limit=1)[0]
    if target.id != newest.id and (holding is None or target.id != holding.id):
        raise CannotUndoError(
            "It was undone already."
            if holding is None
            else f"It was changed again since; undo revision {holding.id} first."
        )
    if target.target_kind == "inbox":
        from memassist.store import inbox

        return inbox.restore(connection, target, actor)
    if target.target_kind == "entity":
        from memassist.store import entity_changes

        return entity_changes.restore(connection, target, actor)
    if target.target_kind == "link":
        from memassist.store import links

        return links.restore(connection, target, actor)
    if target.action == "add":
        if _approval(connection, target.target) is not None:
            raise CannotUndoError("It was approved in the inbox: undo the approval.")
        return take_back_addition(connection, target, actor)
    from memassist.store.collapse import merge_of, undo_collapse

    if target.action == "supersede" and target.after is not None:
        # One event, two revisions: the fact that closed this one goes as well.
        newer = last_holding(connection, state_from_json(target.after).superseded_by or "")
        if newer is None or newer.action != "add":
            newer = merge_of(connection, target)
        if newer is not None:
            return undo(connection, newer.id, actor)
    before = None if target.before is None else state_from_json(target.before)
    done = change(connection, target.target, before, actor, "undo", undoes=target.id)
    if target.action == "merge":
        undo_collapse(connection, target, actor)
    return done


def take_back_addition(connection: Connection, added: Revision, actor: str) -> Revision:
    """Remove a memory by undoing its addition, and open again what it closed. Within a write."""
    done = change(connection, added.target, None, actor, "undo", undoes=added.id)
    closed = connection.execute(
        "SELECT uid FROM memory WHERE superseded_by = ? ORDER BY id", (added.target,)
    ).fetchall()
    for (uid,) in closed:
        holding = last_holding(connection, uid)
        if holding is not None and holding.action == "supersede" and holding.before is not None:
            before = state_from_json(holding.before)
            change(connection, uid, before, actor, "undo", undoes=holding.id)
    return done


def _approval(connection: Connection, memory_uid: str) -> str | None:
    row = connection.execute(
        "SELECT uid FROM inbox WHERE memory_uid = ? AND state = 'approved'", (memory_uid,)
    ).fetchone()
    return None if row is None else str(row[0])


def _still_there(connection: Connection, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(
        one
        for one in evidence
        if connection.execute("SELECT 1 FROM item WHERE uid = ?", (one.item_id,)).fetchone()
    )


def _write(connection: Connection, uid: str, state: MemoryState, before: Memory | None) -> None:
    now = times.now_ms()
    values = {
        "uid": uid,
        "version": _next_version(connection, uid),
        "type": state.type,
        "text": state.text,
        "fields": json.dumps(state.fields, ensure_ascii=False, sort_keys=True),
        "slot": state.slot,
        "confidence": state.confidence,
        "trust": state.trust,
        "tags": json.dumps(state.tags, ensure_ascii=False),
        "occurred_from": state.occurred_from,
        "occurred_to": state.occurred_to,
        "precision": state.precision,
        "valid_from": state.valid_from,
        "valid_to": state.valid_to,
        "superseded_by": state.superseded_by,
        "is_pinned": int(state.is_pinned),
        "is_archived": int(state.is_archived),
        "extractor": state.extractor,
        "is_touched": int(state.is_touched),
        "created_at": now if before is None else before.created_at,
        "updated_at": now,
    }
    columns = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    updates = ", ".join(f"{name} = excluded.{name}" for name in values if name != "uid")
    row_id = connection.execute(
        f"INSERT INTO memory ({columns}) VALUES ({marks})"  # noqa: S608 - names from above only
        f" ON CONFLICT (uid) DO UPDATE SET {updates} RETURNING id",
        values,
    ).fetchone()[0]
    connection.execute(
        "INSERT INTO memory_index (rowid, text) VALUES (?, ?)", (row_id, indexed_text(state))
    )
    connection.execute("DELETE FROM evidence WHERE memory_id = ?", (row_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO evidence (memory_id, item_id, start, stop, quote)"
        " SELECT ?, id, ?, ?, ? FROM item WHERE uid = ?",
        [(row_id, one.start, one.stop, one.quote, one.item_id) for one in state.evidence],
    )
    connection.execute("DELETE FROM memory_entity WHERE memory_id = ?", (row_id,))
    for entity in state.entities:
        connection.execute(
            "INSERT OR IGNORE INTO entity (uid, kind, name) VALUES (?, ?, ?)",
            (content_id(entity.kind, entity.name.casefold()), entity.kind, entity.name),
        )
        connection.execute(
            "INSERT OR IGNORE INTO memory_entity (memory_id, entity_id)"
            " SELECT ?, id FROM entity WHERE kind = ? AND name = ? COLLATE NOCASE",
            (row_id, entity.kind, entity.name),
        )
    kinship.note_memory(connection, row_id, state)
    jobs.enqueue_once(connection, "embed-memories")


def _next_version(connection: Connection, uid: str) -> int:
    """Versions count revisions, so an undone and remade memory never repeats one."""
    row = connection.execute("SELECT count(*) FROM revision WHERE target = ?", (uid,)).fetchone()
    return int(row[0]) + 1


def indexed_text(state: MemoryState) -> str:
    """Return what search sees of a memory: its sentence, its long fields and its tags."""
    extra = [
        value if isinstance(value, str) else " ".join(value)
        for name, value in state.fields.items()
        if isinstance(value, (str, list)) and name not in ("uri", "kind", "label", "event_type")
    ]
    return "\n".join([state.text, *extra, *state.tags])


def indexed_texts(connection: Connection) -> Iterator[tuple[int, str]]:
    """Yield (row id, indexed text) of all memories, archived ones too."""
    for row in connection.execute("SELECT * FROM memory ORDER BY id").fetchall():
        yield row["id"], indexed_text(_memory(connection, row).state)


def _memory(connection: Connection, row: Row) -> Memory:
    evidence = connection.execute(
        "SELECT item.uid, evidence.start, evidence.stop, evidence.quote FROM evidence"
        " JOIN item ON item.id = evidence.item_id WHERE memory_id = ? ORDER BY evidence.id",
        (row["id"],),
    ).fetchall()
    entities = connection.execute(
        "SELECT entity.kind, entity.name FROM memory_entity JOIN entity ON entity.id = entity_id"
        " WHERE memory_id = ? ORDER BY entity.id",
        (row["id"],),
    ).fetchall()
    state = MemoryState(
        type=row["type"],
        text=row["text"],
        fields=json.loads(row["fields"]),
        slot=row["slot"],
        confidence=row["confidence"],
        trust=row["trust"],
        tags=tuple(json.loads(row["tags"])),
        occurred_from=row["occurred_from"],
        occurred_to=row["occurred_to"],
        precision=row["precision"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        superseded_by=row["superseded_by"],
        is_pinned=bool(row["is_pinned"]),
        is_archived=bool(row["is_archived"]),
        extractor=row["extractor"],
        is_touched=bool(row["is_touched"]),
        evidence=tuple(Evidence(*one) for one in evidence),
        entities=tuple(Entity(*one) for one in entities),
    )
    return Memory(row["uid"], row["version"], state, row["created_at"], row["updated_at"])
