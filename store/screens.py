"""Items that were captured from the screen, by the window they were seen in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.plugins.types import Box

if TYPE_CHECKING:
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


def boxes_of(connection: Connection, uid: str) -> tuple[Box, ...]:
    """Return where the lines of an item's text stand on its picture, in their order."""
    row = connection.execute("SELECT boxes FROM item WHERE uid = ?", (uid,)).fetchone()
    return () if row is None or row[0] is None else tuple(Box(*one) for one in json.loads(row[0]))
