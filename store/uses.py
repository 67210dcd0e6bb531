"""How often a memory was of use, which its retention is reckoned from.

A use is that a person or a program got to see it on purpose: as a hit, by its id, or as what an
answer rests on. Listing and looking through memories is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from memassist.store.database import Connection, Row


def uses(execute: Callable[[str], object]) -> None:
    """Make the table; a migration."""
    execute(
        "CREATE TABLE memory_use ("
        " memory_id INTEGER PRIMARY KEY REFERENCES memory ON DELETE CASCADE,"
        " uses INTEGER NOT NULL, last_used_at INTEGER NOT NULL) STRICT"
    )


@dataclass(frozen=True, slots=True)
class Presence:
    """When and how often a memory came up. Times are milliseconds since 1970, UTC."""

    learned_at: int
    met_at: int
    """When the newest of what it rests on was taken in; not before `learned_at`."""
    items: int
    """How many items it rests on, at least 1."""
    uses: int = 0
    last_used_at: int | None = None


_PRESENCE = (
    "SELECT memory.id, memory.uid, memory.created_at, memory_use.uses, memory_use.last_used_at,"
    " max(1, (SELECT count(DISTINCT item_id) FROM evidence WHERE memory_id = memory.id)) AS items,"
    " max(memory.created_at, coalesce((SELECT max(item.captured_at) FROM evidence"
    "  JOIN item ON item.id = item_id WHERE memory_id = memory.id), 0)) AS met_at"
    " FROM memory LEFT JOIN memory_use ON memory_use.memory_id = memory.id"
)


def note_uses(connection: Connection, memory_ids: Iterable[str]) -> None:
    """Count one more use of each memory; other ids are passed over. Within a write."""
    connection.execute(
        "INSERT INTO memory_use SELECT memory.id, 1, ? FROM json_each(?) AS used"
        " JOIN memory ON memory.uid = used.value WHERE true ON CONFLICT (memory_id)"
        " DO UPDATE SET uses = uses + 1, last_used_at = excluded.last_used_at",
        (now_ms(), json.dumps(sorted(set(memory_ids)))),
    )


def resting_on(connection: Connection, item_id: str, quote: str) -> list[str]:
    """Return the ids of memories that rest on a quote of an item, or on a part of it."""
    found = connection.execute(
        "SELECT DISTINCT memory.uid FROM item JOIN evidence ON evidence.item_id = item.id"
        " JOIN memory ON memory.id = memory_id WHERE item.uid = :item"
        " AND (instr(:quote, quote) OR instr(quote, :quote)) ORDER BY memory.id",
        {"item": item_id, "quote": quote},
    ).fetchall()
    return [row[0] for row in found]


def presence(connection: Connection, memory_id: str) -> Presence:
    """Return the presence of a memory that is there."""
    row = connection.execute(f"{_PRESENCE} WHERE memory.uid = ?", (memory_id,)).fetchone()
    return _presence(row)


def fading(connection: Connection, now: int) -> dict[str, Presence]:
    """Return what may be archived for want of use, by id, in the order it was learned.

    Never what a person pinned, wrote, edited or approved; nor core memory and how-tos; nor facts of
    which one follows the other, as what was believed once is asked for later; nor what is still to
    come; nor summaries of entities, which are made anew; nor what was archived so before and
    brought back.
    """
    found = connection.execute(
        f"{_PRESENCE} WHERE NOT is_archived AND NOT is_pinned AND NOT is_touched"  # noqa: S608 - ours
        " AND type NOT IN ('core', 'procedural') AND slot IS NULL AND valid_to IS NULL"
        " AND superseded_by IS NULL AND NOT (type = 'semantic' AND extractor LIKE 'reflection@%')"
        " AND coalesce(occurred_to, 0) < ? AND extractor NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM revision WHERE target = memory.uid AND actor = ?)"
        " ORDER BY memory.id",
        (now, FORGETTING),
    ).fetchall()
    return {row["uid"]: _presence(row) for row in found}


FORGETTING = "forgetting"
"""The actor of the revisions that archive what is of no use."""


def _presence(row: Row) -> Presence:
    return Presence(
        row["created_at"], row["met_at"], row["items"], row["uses"] or 0, row["last_used_at"]
    )
