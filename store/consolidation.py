"""What consolidation looks at: memories changed since it last looked, and how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.store import memories

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.memory_values import Memory

Look: TypeAlias = Literal["rules", "model"]
"""By what was looked: rules, or rules and a language model."""


def newest_change(connection: Connection) -> int:
    """Return the row id of the newest revision; 0 for none."""
    row = connection.execute("SELECT coalesce(max(id), 0) FROM revision").fetchone()
    return int(row[0])


def changed(connection: Connection, look: Look) -> set[str]:
    """Return the memories that changed since a look of this kind."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_name(look),)).fetchone()
    rows = connection.execute(
        "SELECT DISTINCT target FROM revision WHERE target_kind = 'memory' AND id > ?",
        (0 if row is None else int(row[0]),),
    )
    return {str(uid) for (uid,) in rows}


def looked(connection: Connection, look: Look, up_to: int) -> None:
    """Remember up to which revision was looked. Within a write."""
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_name(look), str(up_to)))


def standing(connection: Connection) -> list[Memory]:
    """Return the memories that hold now, the oldest first, without summaries, which repeat them."""
    found = [
        one
        for one in memories.list_memories(connection)
        if one.state.valid_to is None and not one.state.is_summary
    ]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def _name(look: Look) -> str:
    return f"consolidated_by_{look}"
