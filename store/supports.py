"""Which memories rest on which spans of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.store.database import Connection


def memories_on(connection: Connection, item_id: str) -> list[tuple[int, int, str]]:
    """Return (start, stop, memory id) of each span of an item that a memory rests on.

    Archived memories count: what a person put away is known too.
    """
    rows = connection.execute(
        "SELECT evidence.start, evidence.stop, memory.uid FROM evidence"
        " JOIN item ON item.id = evidence.item_id JOIN memory ON memory.id = evidence.memory_id"
        " WHERE item.uid = ? ORDER BY evidence.id",
        (item_id,),
    ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]
