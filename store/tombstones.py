"""What was forgotten must not come back: keyed hashes of identities and contents.

The key is the home's own, so a tombstone tells nothing to whoever sees it without the store.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from memassist.store.times import now_ms

if TYPE_CHECKING:
    from memassist.store.database import Connection


def _keyed(connection: Connection, value: bytes) -> bytes:
    row = connection.execute("SELECT value FROM setting WHERE name = 'tombstone_key'").fetchone()
    return hashlib.blake2b(value, key=bytes.fromhex(row[0]), digest_size=16).digest()


def lay(connection: Connection, kind: str, value: bytes) -> None:
    """Remember that `value` was forgotten. Within a write."""
    connection.execute(
        "INSERT OR IGNORE INTO tombstone (hash, kind, created_at) VALUES (?, ?, ?)",
        (_keyed(connection, value), kind, now_ms()),
    )


def holds(connection: Connection, value: bytes) -> bool:
    """Whether `value` was forgotten."""
    if connection.execute("SELECT 1 FROM tombstone LIMIT 1").fetchone() is None:
        return False
    row = connection.execute(
        "SELECT 1 FROM tombstone WHERE hash = ?", (_keyed(connection, value),)
    ).fetchone()
    return row is not None
