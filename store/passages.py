"""Passages of items, with what the search needs of them: added, taken over by a version, dropped.

Invariant: only the latest version of an item has passages and an outline; each passage has its row
in the index, whose words are those of the item's text between its offsets; `store.doctor` checks
it. A passage that stands unchanged in the next version goes over to it with its index row and its
vectors, so a changed note costs what changed in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store import outline, scripts
from memassist.store.tables import ADD_SPACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.store.database import Connection


def add(
    connection: Connection,
    item: int,
    spans: Sequence[tuple[int, int]],
    text: str,
    title: str | None,
) -> None:
    """Add passages and their index rows to an item that has none. Within a write."""
    if spans:
        outline.put(connection, item, text)
    _add(connection, item, enumerate(spans), text, title or "")


def replace(
    connection: Connection,
    earlier: int,
    item: int,
    spans: Sequence[tuple[int, int]],
    text: str,
    title: str | None,
) -> None:
    """Give a new version its passages, and take the earlier version's away. Within a write.

    Those that say the same under the same title and author stay what they are. `earlier` and
    `item` are row ids; the earlier text still stands.
    """
    kept = _unchanged(connection, earlier, item)
    missing: list[tuple[int, tuple[int, int]]] = []
    for position, (start, stop) in enumerate(spans):
        same = kept.get(text[start:stop])
        if not same:
            missing.append((position, (start, stop)))
            continue
        connection.execute(
            "UPDATE passage SET item_id = ?, position = ?, start = ?, stop = ? WHERE id = ?",
            (item, position, start, stop, same.pop()),
        )
    drop(connection, earlier)
    if spans:
        outline.put(connection, item, text)
    _add(connection, item, missing, text, title or "")


def drop(connection: Connection, item: int) -> None:
    """Remove what is derived of an item: passages, index rows, vectors, its outline.

    Within a write, while its text stands.
    """
    connection.execute(
        "INSERT INTO passage_index (passage_index, rowid, text, author, title)"
        " SELECT 'delete', id, text, author, title FROM passage_content WHERE id IN"
        " (SELECT id FROM passage WHERE item_id = ?)",
        (item,),
    )
    connection.execute(
        "DELETE FROM spaced_index WHERE rowid IN (SELECT id FROM passage WHERE item_id = ?)",
        (item,),
    )
    connection.execute("DELETE FROM passage WHERE item_id = ?", (item,))
    outline.drop(connection, item)


def _unchanged(connection: Connection, earlier: int, item: int) -> dict[str, list[int]]:
    """Return the earlier passages by their text, none where title or author became another."""
    is_headed_alike = connection.execute(
        "SELECT 1 FROM item AS old, item AS new WHERE old.id = ? AND new.id = ?"
        " AND coalesce(old.title, '') = coalesce(new.title, '')"
        " AND coalesce(old.author, '') = coalesce(new.author, '')",
        (earlier, item),
    ).fetchone()
    found: dict[str, list[int]] = {}
    if is_headed_alike:
        (text,) = connection.execute("SELECT text FROM item WHERE id = ?", (earlier,)).fetchone()
        for row_id, start, stop in connection.execute(
            # The last first: they are taken from the end.
            "SELECT id, start, stop FROM passage WHERE item_id = ? ORDER BY position DESC",
            (earlier,),
        ).fetchall():
            found.setdefault(text[start:stop], []).append(row_id)
    return found


def _add(
    connection: Connection,
    item: int,
    numbered: Iterable[tuple[int, tuple[int, int]]],
    text: str,
    title: str,
) -> None:
    may_be_unspaced = scripts.is_unspaced(text) or scripts.is_unspaced(title)
    for position, (start, stop) in numbered:
        cursor = connection.execute(
            "INSERT INTO passage (item_id, position, start, stop) VALUES (?, ?, ?, ?)",
            (item, position, start, stop),
        )
        connection.execute(
            "INSERT INTO passage_index (rowid, text, author, title)"
            " SELECT id, text, author, title FROM passage_content WHERE id = ?",
            (cursor.lastrowid,),
        )
        part = text[start:stop] if may_be_unspaced else ""
        if scripts.is_unspaced(part) or scripts.is_unspaced(title):
            values = (cursor.lastrowid, scripts.spaced(part), scripts.spaced(title))
            connection.execute(ADD_SPACED, values)
