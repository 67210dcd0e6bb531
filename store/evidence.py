"""What rests on an item."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.store.database import Connection


def bearing(connection: Connection, uids: Iterable[str]) -> set[str]:
    """Return those of the items that a memory in use, so none that is archived, rests on."""
    rows = connection.execute(
        "SELECT DISTINCT item.uid FROM json_each(?) AS asked JOIN item ON item.uid = asked.value"
        " JOIN evidence ON evidence.item_id = item.id"
        " JOIN memory ON memory.id = evidence.memory_id WHERE NOT memory.is_archived",
        (json.dumps(list(uids)),),
    ).fetchall()
    return {str(row[0]) for row in rows}
