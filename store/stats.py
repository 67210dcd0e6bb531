"""Counts of what a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.plugins.types import MEMORY_TYPES
from memassist.store.pictures import PICTURES_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.store.database import Connection, Database


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
    picture_bytes: int
    """Of the pictures' file and its log; 0 where none were ever kept."""


@dataclass(frozen=True, slots=True)
class SourceSize:
    """What one source brought, all versions counted."""

    kind: str
    """`import`, `watch`, `added` ..."""
    name: str
    items: int
    bytes: int
    """Of their text; index and vectors take about as much again and more."""


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
    return Stats(
        items=count("SELECT count(*) FROM item"),
        passages=count("SELECT count(*) FROM passage"),
        vectors=count("SELECT count(*) FROM vector"),
        memories={str(name): number for name, number in types.items()},
        inbox=count("SELECT count(*) FROM inbox WHERE state = 'pending'"),
        jobs=states,
        problems=count("SELECT count(*) FROM problem"),
        vault=count("SELECT count(*) FROM vault"),
        bytes=_with_log(database.path),
        picture_bytes=_with_log(database.path.with_name(PICTURES_NAME)),
    )


def source_sizes(connection: Connection) -> list[SourceSize]:
    """Return what each source takes up, the largest first; reads the length of every item."""
    rows = connection.execute(
        "SELECT source.kind, source.name, count(*), sum(octet_length(item.text)) AS bytes"
        " FROM item JOIN source ON source.id = item.source_id GROUP BY source.id"
        " ORDER BY bytes DESC, source.id"
    ).fetchall()
    return [SourceSize(*row) for row in rows]


def _with_log(path: Path) -> int:
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
