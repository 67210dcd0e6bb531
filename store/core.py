"""Core memory as it holds now: the few statements that go into every prompt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.memory_values import Evidence

if TYPE_CHECKING:
    from memassist.store.database import Connection


@dataclass(frozen=True, slots=True)
class CoreStatement:
    """One core memory that is neither archived nor over."""

    memory_id: str
    label: str
    """`persona`, `preferences`, `people` ...; empty where nobody gave it one."""
    text: str
    slot: str | None
    evidence: tuple[Evidence, ...]
    """What it rests on, in the order it was learned."""


def core_statements(connection: Connection) -> list[CoreStatement]:
    """Return all of core memory, the most important first.

    That is what the owner pinned, then what they wrote or approved, then what is told most often
    and surest; the newer of two alike.
    """
    rows = connection.execute(
        "SELECT id, uid, fields, text, slot FROM memory WHERE type = 'core' AND NOT is_archived"
        " AND valid_to IS NULL ORDER BY is_pinned DESC, is_touched DESC,"
        " (SELECT count(*) FROM evidence WHERE memory_id = memory.id) DESC, confidence DESC,"
        " id DESC"
    ).fetchall()
    rests_on: dict[int, list[Evidence]] = {row["id"]: [] for row in rows}
    spans = connection.execute(
        "SELECT memory_id, item.uid, start, stop, quote FROM evidence"
        " JOIN item ON item.id = evidence.item_id"
        " JOIN json_each(?) AS wanted ON wanted.value = memory_id ORDER BY evidence.id",
        (json.dumps(list(rests_on)),),
    ).fetchall()
    for memory_id, *span in spans:
        rests_on[memory_id].append(Evidence(*span))
    return [
        CoreStatement(
            memory_id=row["uid"],
            label=str(json.loads(row["fields"]).get("label") or ""),
            text=row["text"],
            slot=row["slot"],
            evidence=tuple(rests_on[row["id"]]),
        )
        for row in rows
    ]
