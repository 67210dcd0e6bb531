"""What the app said itself: kept as items, never searched, never learned from, and never left over.

A conversation with the app is items of a source of the kind `app`. They have no passages, so that
neither a question nor an answer is ever evidence for a later answer (`ingest.pipeline.take_in`,
`doctor.rebuild`). An answer repeats what it cites: whatever forgets that forgets the answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.store.database import Connection

APP_KIND: Final = "app"
"""The kind of source."""
CITES: Final = "cites"
"""The field of an answer's metadata with the ids of the items that it rests on."""


def is_of_app(source: str | None) -> bool:
    """Whether an item's source, as kind and name, is a conversation with the app."""
    return (source or "").startswith(f"{APP_KIND}:")


def answers_citing(connection: Connection, uids: Iterable[str]) -> list[str]:
    """Return the ids of the answers that rest on one of the items."""
    rows = connection.execute(
        "SELECT item.uid FROM item JOIN source ON source.id = item.source_id"
        " WHERE source.kind = ? AND EXISTS (SELECT 1 FROM json_each(item.metadata, '$.cites')"
        " AS cited JOIN json_each(?) AS asked ON asked.value = cited.value)",
        (APP_KIND, json.dumps(list(uids))),
    ).fetchall()
    return [str(row[0]) for row in rows]
