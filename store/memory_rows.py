"""What search shows and scores of memories, many in one look."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.uses import Presence

if TYPE_CHECKING:
    from collections.abc import Collection

    from memassist.plugins.types import MemoryType
    from memassist.store.database import Connection


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """A memory without what only its own page shows."""

    uid: str
    type: MemoryType
    text: str
    occurred_from: int | None
    """Milliseconds since 1970, UTC."""
    evidence: tuple[tuple[str, str | None], ...]
    """(item id, ref) of what it rests on, each item once, in order."""
    presence: Presence


def memory_rows(connection: Connection, rows: Collection[int]) -> dict[int, MemoryRow]:
    """Return memories by row id; those that are gone are left out."""
    wanted = (json.dumps([*rows]),)
    rests_on: dict[int, dict[str, str | None]] = defaultdict(dict)
    captured_at: dict[int, int] = defaultdict(int)
    for memory, item, ref, at in connection.execute(
        "SELECT evidence.memory_id, item.uid, item.ref, item.captured_at"
        " FROM json_each(?) AS wanted CROSS JOIN evidence ON evidence.memory_id = wanted.value"
        " JOIN item ON item.id = evidence.item_id ORDER BY evidence.id",
        wanted,
    ).fetchall():
        rests_on[memory].setdefault(item, ref)
        captured_at[memory] = max(captured_at[memory], at)
    found = connection.execute(
        "SELECT memory.id, memory.uid, memory.type, memory.text, memory.occurred_from,"
        " memory.created_at, memory_use.uses, memory_use.last_used_at"
        " FROM json_each(?) AS wanted CROSS JOIN memory ON memory.id = wanted.value"
        " LEFT JOIN memory_use ON memory_use.memory_id = memory.id",
        wanted,
    ).fetchall()
    return {
        row["id"]: MemoryRow(
            row["uid"],
            row["type"],
            row["text"],
            row["occurred_from"],
            tuple(rests_on[row["id"]].items()),
            Presence(
                row["created_at"],
                max(row["created_at"], captured_at[row["id"]]),
                max(1, len(rests_on[row["id"]])),
                row["uses"] or 0,
                row["last_used_at"],
            ),
        )
        for row in found
    }
