"""Items that were captured from the screen, by the window they were seen in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.plugins.types import Box
from memassist.store.times import to_ms

if TYPE_CHECKING:
    from datetime import datetime

    from memassist.store.database import Connection


@dataclass(frozen=True, slots=True)
class SeenWindow:
    """A window under one title, and what was captured of it."""

    app: str
    title: str
    item_ids: tuple[str, ...]
    """In stored order; all versions."""


def seen_windows(connection: Connection) -> list[SeenWindow]:
    """Return every application and title that was captured, in the order they were first seen."""
    found: dict[tuple[str, str], list[str]] = {}
    for uid, app, title in connection.execute(
        "SELECT uid, coalesce(app, ''), coalesce(window, '') FROM item"
        " WHERE origin = 'screen' AND app NOT NULL ORDER BY id"
    ):
        found.setdefault((app, title), []).append(uid)
    return [SeenWindow(app, title, tuple(uids)) for (app, title), uids in found.items()]


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A screen session as far as it was stored."""

    conversation: str
    next_sequence: int
    lines: tuple[str, ...]
    """Text of each box of its items, in stored order."""


def session_of_window(
    connection: Connection, app: str, window_id: int, since: datetime
) -> StoredSession | None:
    """Return the session that last brought an item of a window since a moment; None without one."""
    row = connection.execute(
        # Row ids grow with time, so only what came since is looked at.
        "SELECT conversation FROM item WHERE id >"
        " coalesce((SELECT id FROM item WHERE captured_at < ? ORDER BY id DESC LIMIT 1), 0)"
        " AND origin = 'screen' AND app = ? AND json_extract(metadata, '$.window_id') = ?"
        " AND conversation NOT NULL ORDER BY id DESC LIMIT 1",
        (to_ms(since), app, window_id),
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "SELECT text, boxes, sequence FROM item WHERE conversation = ? ORDER BY sequence",
        (row["conversation"],),
    ).fetchall()
    lines = tuple(
        text[box[0] : box[1]] for text, boxes, _ in rows for box in json.loads(boxes or "[]")
    )
    return StoredSession(row["conversation"], 1 + max(int(one[2] or 0) for one in rows), lines)


def boxes_of(connection: Connection, uid: str) -> tuple[Box, ...]:
    """Return where the lines of an item's text stand on its picture, in their order."""
    row = connection.execute("SELECT boxes FROM item WHERE uid = ?", (uid,)).fetchone()
    return () if row is None or row[0] is None else tuple(Box(*one) for one in json.loads(row[0]))
