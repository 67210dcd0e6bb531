"""What scoring knows of items without reading their texts, in a narrow table of its own.

A search scores some 1,500 items. Their rows lie among their texts, on as many encrypted pages; here
they lie close together, and what a reading of the text tells (`store.looks`) need not be read anew.
Invariant: an item has an outline if and only if it has passages (`doctor` looks). No item ever
changes, so what was read of one stays right (`store.resident_items` holds it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memassist.store.looks import HEAD_CHARACTERS, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Cursor

    from memassist.store.database import Connection

LAST_SEQUENCE = (1 << 31) - 1
"""A number beyond it is no place in a conversation but a time or an id, with nothing beside it."""
COLUMNS = (
    "item_id, conversation, sequence, author, is_user, is_message, asks, has_time, has_number,"
    " occurred_at, length"
)
_PUT = f"""
    INSERT INTO outline ({COLUMNS})
    SELECT id, conversation,
           CASE WHEN conversation NOT NULL AND sequence BETWEEN 0 AND {LAST_SEQUENCE}
                THEN sequence END,
           author, role = 'user', kind = 'message', ?, ?, ?, occurred_at, ?
    FROM item WHERE id = ?"""  # noqa: S608 - our own names and number


def outlines(execute: Callable[..., object]) -> None:
    """Make the table, with the outlines of all that has passages; a migration."""
    execute(
        """CREATE TABLE outline (
            item_id INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
            conversation TEXT,
            sequence INTEGER,
            author TEXT,
            is_user INTEGER NOT NULL,
            is_message INTEGER NOT NULL,
            asks INTEGER NOT NULL,
            has_time INTEGER NOT NULL,
            has_number INTEGER NOT NULL,
            occurred_at INTEGER,
            length REAL NOT NULL
        ) STRICT"""
    )
    items = "SELECT id, substr(text, 1, ?) FROM item WHERE id IN (SELECT item_id FROM passage)"
    for row_id, head in cast("Cursor", execute(items, (HEAD_CHARACTERS,))):
        execute(_PUT, _values(row_id, head))


def put(connection: Connection, item: int, text: str) -> None:
    """Store the outline of an item that gets passages. Within a write."""
    connection.execute(_PUT, _values(item, text))


def drop(connection: Connection, item: int) -> None:
    """Remove the outline of an item that loses its passages. Within a write."""
    connection.execute("DELETE FROM outline WHERE item_id = ?", (item,))


def _values(item: int, text: str) -> tuple[bool, bool, bool, float, int]:
    seen = look(text)
    return seen.asks, seen.has_time, seen.has_number, seen.length, item
