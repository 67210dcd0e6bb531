"""Revisions: what was changed, by whom, from what to what; everything can be undone by them.

Invariant: they are only ever added, and the newest of a target has the highest id and clock.
Only `forget` takes text out of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store import times
from memassist.store.errors import NotFoundError
from memassist.store.identifiers import new_id
from memassist.store.lookup import by_ending
from memassist.store.memory_values import Revision

if TYPE_CHECKING:
    from memassist.store.database import Connection, Row
    from memassist.store.memory_values import TargetKind


def record(
    connection: Connection,
    target_kind: TargetKind,
    target: str,
    actor: str,
    action: str,
    before: str | None,
    after: str | None,
    undoes: str | None = None,
) -> Revision:
    """Write one revision; its parent is the target's newest. Within a write."""
    now = times.now_ms()
    newest = connection.execute("SELECT clock FROM revision ORDER BY id DESC LIMIT 1").fetchone()
    parent = connection.execute(
        "SELECT uid FROM revision WHERE target = ? ORDER BY id DESC LIMIT 1", (target,)
    ).fetchone()
    uid = new_id()
    connection.execute(
        "INSERT INTO revision (uid, target_kind, target, parent, actor, action, before, after,"
        " undoes, device, clock, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT value FROM setting WHERE name = 'device'), ?, ?)",
        (
            uid,
            target_kind,
            target,
            None if parent is None else parent[0],
            actor,
            action,
            before,
            after,
            undoes,
            # Hybrid logical clock (Kulkarni et al. 2014): wall time in the high bits, a counter
            # in the low 16, never behind what was seen. The newest row has the highest.
            max(now << 16, 0 if newest is None else newest[0] + 1),
            now,
        ),
    )
    return Revision(uid, target_kind, target, actor, action, before, after, now, undoes, False)


def revisions(connection: Connection, target: str | None = None, limit: int = -1) -> list[Revision]:
    """Return revisions of one target or of all, newest first."""
    rows = connection.execute(
        "SELECT * FROM revision WHERE (:target IS NULL OR target = :target)"
        " ORDER BY id DESC LIMIT :limit",
        {"target": target, "limit": limit},
    ).fetchall()
    return [_value(row) for row in rows]


def last_holding(
    connection: Connection, target: str | None, actor: str | None = None
) -> Revision | None:
    """Return the newest change, of a target or of all, that no undo takes back.

    With `actor` only theirs are looked at, whoever undid them.
    """
    rows = connection.execute(
        "SELECT * FROM revision WHERE (:target IS NULL OR target = :target) ORDER BY id DESC",
        {"target": target},
    )
    taken_back: set[str] = set()
    for row in rows:
        if row["uid"] in taken_back:
            continue
        if row["undoes"] is not None:
            taken_back.add(row["undoes"])
        elif actor is not None and row["actor"] != actor:
            continue
        elif not row["is_erased"] and row["action"] != "remove":
            rows.close()
            return _value(row)
    return None


def find(connection: Connection, uid: str) -> Revision:
    """Return one by its id or a unique ending of it. Raises `NotFoundError`."""
    row = by_ending(connection, "revision", uid)
    if row is None:
        raise NotFoundError("revision", uid)
    return _value(row)


def _value(row: Row) -> Revision:
    return Revision(
        id=row["uid"],
        target_kind=row["target_kind"],
        target=row["target"],
        actor=row["actor"],
        action=row["action"],
        before=row["before"],
        after=row["after"],
        created_at=row["created_at"],
        undoes=row["undoes"],
        is_erased=bool(row["is_erased"]),
    )
