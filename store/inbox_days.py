"""What of the inbox is shown on a day, and what leaves it unseen.

Deciding costs a person attention, so a day shows ten entries at the most: those never shown come
before those that were seen and left, and among them the most useful first. What nobody was shown
for two weeks expires: it no longer waits, and comes back by `put_back` or by approving it.

Invariant: `shown_at` is when a day's list last took an entry up, NULL for never. Expiring is no
change that a person made, so it is no revision and `undo` passes it by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from memassist.store import inbox, times
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.inbox import InboxEntry

ENTRIES_A_DAY: Final = 10
EXPIRY_MS: Final = 14 * 24 * 3600 * 1000


def of_day(connection: Connection, midnight_ms: int) -> list[InboxEntry]:
    """Return what still waits of the entries of the day that began then, most useful first.

    Entries that were decided today count too: the day is done when ten are. Within a write.
    """
    taken = connection.execute(
        "SELECT count(*) FROM inbox WHERE shown_at >= ?", (midnight_ms,)
    ).fetchone()[0]
    connection.execute(
        "UPDATE inbox SET shown_at = ?"  # noqa: S608 - the order is a constant of `inbox`
        " WHERE id IN (SELECT id FROM inbox WHERE state = 'pending'"
        " AND (shown_at IS NULL OR shown_at < ?)"
        f" ORDER BY shown_at IS NOT NULL, {inbox.MOST_USEFUL_FIRST} LIMIT ?)",
        (times.now_ms(), midnight_ms, max(0, ENTRIES_A_DAY - taken)),
    )
    return [
        one
        for one in inbox.list_entries(connection)
        if one.shown_at is not None and one.shown_at >= midnight_ms
    ]


def expire(connection: Connection) -> int:
    """Let what nobody was shown for two weeks wait no longer; return how many. Within a write."""
    return connection.execute(
        "UPDATE inbox SET state = 'expired' WHERE state = 'pending' AND shown_at IS NULL"
        " AND created_at <= ?",
        (times.now_ms() - EXPIRY_MS,),
    ).rowcount


def put_back(connection: Connection, uid: str) -> InboxEntry:
    """Let an expired entry wait again, as one that was seen. Within a write.

    Raises `NotFoundError` for one that has not expired.
    """
    entry = inbox.get(connection, uid)
    if entry.state != "expired":
        raise NotFoundError(f"expired inbox entry (it is {entry.state})", entry.id)
    connection.execute(
        "UPDATE inbox SET state = 'pending', shown_at = ? WHERE uid = ?",
        (times.now_ms(), entry.id),
    )
    return inbox.get(connection, entry.id)
