"""What both ways to look up outlines must agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from memassist.store.sketches import NEVER, StoredOutline

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.sketches import Outline, Sketches


def assert_alike(connection: Connection, held: Outline) -> None:
    """Compare what is held with what the table says, for all items and passages there are."""
    stored = StoredOutline(connection)
    passages = _ids(connection, "SELECT id FROM passage")
    items = _ids(connection, "SELECT id FROM item")
    assert _pairs(held.owners(passages)) == _pairs(stored.owners(passages))
    for item in items:
        for radius in (1, 2):
            one = np.array([item])
            assert _pairs(held.around(one, radius)) == _pairs(stored.around(one, radius))
    some = items[::3]
    assert _pairs(held.around(some, 2)) == _pairs(stored.around(some, 2))
    assert told(held.sketches(items)) == told(stored.sketches(items))
    assert told(held.sketches(some)) == told(stored.sketches(some))


def told(sketches: Sketches) -> dict[int, dict[str, Any]]:
    """Return what is known of each item, by row id; whose numbers are free, by what they mean."""
    talks: dict[int, list[int]] = {}
    for row, talk in zip(sketches.rows.tolist(), sketches.talks.tolist(), strict=True):
        talks.setdefault(talk, []).append(row)
    assert all(len(rows) == 1 for talk, rows in talks.items() if talk < 0)
    return {
        int(row): {
            "talk": talks[int(sketches.talks[place])],
            "stands alone": bool(sketches.talks[place] < 0),
            "sequence": int(sketches.sequences[place]),
            "author": sketches.names[sketches.authors[place]],
            "is user": bool(sketches.is_user[place]),
            "is message": bool(sketches.is_message[place]),
            "at": None
            if sketches.occurred_at_ms[place] == NEVER
            else int(sketches.occurred_at_ms[place]),
            "length": round(float(sketches.lengths[place]), 3),
            "asks": bool(sketches.asks[place]),
            "has time": bool(sketches.has_time[place]),
            "has number": bool(sketches.has_number[place]),
        }
        for place, row in enumerate(sketches.rows)
    }


def _ids(connection: Connection, sql: str) -> Any:
    return np.array([row[0] for row in connection.execute(sql)], np.int64)


def _pairs(found: tuple[Any, Any]) -> list[tuple[int, int]]:
    return sorted(zip(found[0].tolist(), found[1].tolist(), strict=True))
