"""Counts of what a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.plugins.types import MEMORY_TYPES

if TYPE_CHECKING:
    from memassist.store.database import Database


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers of everything."""

    items: int
    passages: int
    vectors: int
    memories: dict[str, int]
    """By type, archived ones left out."""
    inbox: int
    """Pending entries."""
    jobs: dict[str, int]
    """By state."""
    problems: int
    vault: int
    bytes: int
    """Of the store's file and its write-ahead log."""


def read_stats(database: Database) -> Stats:
    """Count everything."""
    connection = database.read()

    def count(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    types = dict.fromkeys(MEMORY_TYPES, 0)
    grouped = connection.execute(
        "SELECT type, count(*) FROM memory WHERE NOT is_archived GROUP BY type"
    )
    types.update({row[0]: row[1] for row in grouped.fetchall()})
    states = dict.fromkeys(("queued", "leased", "dead"), 0)
    grouped = connection.execute("SELECT state, count(*) FROM job GROUP BY state")
    states.update({row[0]: row[1] for row in grouped.fetchall()})
    files = [database.path, database.path.with_name(database.path.name + "-wal")]
    return Stats(
        items=count("SELECT count(*) FROM item"),
        passages=count("SELECT count(*) FROM passage"),
        vectors=count("SELECT count(*) FROM vector"),
        memories={str(name): number for name, number in types.items()},
        inbox=count("SELECT count(*) FROM inbox WHERE state = 'pending'"),
        jobs=states,
        problems=count("SELECT count(*) FROM problem"),
        vault=count("SELECT count(*) FROM vault"),
        bytes=sum(file.stat().st_size for file in files if file.exists()),
    )
