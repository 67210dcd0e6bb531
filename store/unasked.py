"""Items that rules have read and no language model was asked about, as there was none.

Kept as ranges of item row ids in a setting, so that choosing a model later reaches them. Without
the setting nothing is known of what came before, and everything counts as unasked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.store.database import Connection

_NAME = "unasked_items"


def note(connection: Connection, first_item: int, last_item: int) -> None:
    """Remember that no model was asked about a range of items. Within a write."""
    ranges = _read(connection)
    if ranges and first_item == ranges[-1][1] + 1:
        ranges[-1][1] = last_item
    elif not ranges or last_item > ranges[-1][1]:
        ranges.append([first_item, last_item])
    _write(connection, ranges)


def begin(connection: Connection) -> None:
    """Keep count from here on, where nothing did before. Within a write."""
    if connection.execute("SELECT 1 FROM setting WHERE name = ?", (_NAME,)).fetchone() is None:
        _write(connection, _read(connection))


def has_some(connection: Connection) -> bool:
    """Whether there are such items."""
    return bool(_read(connection))


def take(connection: Connection) -> list[tuple[int, int]]:
    """Return the ranges as (first, last), and count them as asked about. Within a write."""
    ranges = _read(connection)
    _write(connection, [])
    return [(first, last) for first, last in ranges]


def _read(connection: Connection) -> list[list[int]]:
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_NAME,)).fetchone()
    if row is not None:
        ranges: list[list[int]] = json.loads(row[0])
        return ranges
    read = connection.execute(
        "SELECT max(id) FROM item WHERE id < coalesce((SELECT min(first_item) FROM job"
        " WHERE kind IN ('extract', 'extract-model')), 1 << 60)"
    ).fetchone()
    return [] if read[0] is None else [[1, int(read[0])]]


def _write(connection: Connection, ranges: list[list[int]]) -> None:
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_NAME, json.dumps(ranges)))
