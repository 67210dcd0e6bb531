"""What was believed when: facts by the time they held, and by the time they were known here.

The two are apart (bi-temporal, as in Snodgrass, "Developing Time-Oriented Database Applications in
SQL", 2000): that Ann lived in Leeds until May holds of May, whenever it was told. Valid time is on
each memory; recorded time is read from the revisions, which keep every state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store.memories import list_memories
from memassist.store.memory_values import Memory, state_from_json

if TYPE_CHECKING:
    from memassist.plugins.types import MemoryType
    from memassist.store.database import Connection
    from memassist.store.memory_values import MemoryState


def memories_as_of(
    connection: Connection,
    *,
    held_at: int | None = None,
    recorded_at: int | None = None,
    type_: MemoryType | None = None,
) -> list[Memory]:
    """Return what holds at one moment, as it was recorded at another; the newest first.

    Both are milliseconds since 1970, UTC; None is the present. Archived memories are left out, and
    so is what was forgotten since: its text is gone. A fact without a time of its own always holds.
    """
    if recorded_at is None:
        known = list_memories(connection, type_)
    else:
        known = _recorded(connection, recorded_at, type_)
    return [one for one in known if held_at is None or _holds(one.state, held_at)]


def _recorded(connection: Connection, moment: int, type_: MemoryType | None) -> list[Memory]:
    rows = connection.execute(
        "SELECT target, after, created_at,"
        " (SELECT min(created_at) FROM revision AS first WHERE first.target = last.target) AS born,"
        " (SELECT count(*) FROM revision AS each WHERE each.target = last.target"
        "  AND each.id <= last.id) AS version"
        " FROM revision AS last WHERE after NOT NULL AND id IN"
        " (SELECT max(id) FROM revision WHERE target_kind = 'memory' AND created_at <= ?"
        "  GROUP BY target) ORDER BY id DESC",
        (moment,),
    ).fetchall()
    found = [
        Memory(
            row["target"],
            row["version"],
            state_from_json(row["after"]),
            row["born"],
            row["created_at"],
        )
        for row in rows
    ]
    return [
        one
        for one in found
        if not one.state.is_archived and (type_ is None or one.state.type == type_)
    ]


def _holds(state: MemoryState, moment: int) -> bool:
    has_begun = state.valid_from is None or state.valid_from <= moment
    return has_begun and (state.valid_to is None or moment < state.valid_to)
