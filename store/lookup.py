"""Rows by the ids that people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.store.database import Connection, Row

SHORT_ID = 6
"""An ending of an id with so many characters is enough, where only one id has it."""


def by_ending(connection: Connection, table: str, uid: str) -> Row | None:
    """Return the row of an id or of an ending that only one id has, which is what people type.

    The beginning of a UUIDv7 is the time, so the ending tells ids apart.
    """
    row: Row | None = connection.execute(
        f"SELECT * FROM {table} WHERE uid = ?",  # noqa: S608 - a name from this package
        (uid,),
    ).fetchone()
    if row is not None or len(uid) < SHORT_ID or not uid.isalnum():
        return row
    rows = connection.execute(
        f"SELECT * FROM {table} WHERE uid GLOB ? LIMIT 2",  # noqa: S608
        (f"*{uid}",),
    ).fetchall()
    return rows[0] if len(rows) == 1 else None
