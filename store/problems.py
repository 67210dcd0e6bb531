"""What could not be taken in: kept once for each place and reason, with how often it was met.

A problem of an import knows what was offered (`Offer`), so that it can be offered again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.plugins.types import Problem
    from memassist.store.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Offer:
    """What the person had taken in, and what they said about it."""

    path: str
    """Absolute: a file or a folder."""
    format_name: str | None = None
    is_mine: bool = False
    me: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class StoredProblem:
    """A problem as listed."""

    id: int
    source: str
    place: str
    reason: str
    advice: str
    times: int
    created_at: int
    last_seen_at: int
    offer: Offer | None = None
    """None for what came by no import: a watched folder, a script, the screen."""


def add(connection: Connection, source: str, problem: Problem, offer: Offer | None = None) -> None:
    """Record a problem, or that it was met again. Within a write."""
    now = now_ms()
    connection.execute(
        "INSERT INTO problem (source, place, reason, advice, times, created_at, last_seen_at,"
        " offer) VALUES (?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT (source, place, reason)"
        " DO UPDATE SET times = times + 1, last_seen_at = excluded.last_seen_at,"
        " offer = excluded.offer",
        (
            source,
            problem.place,
            problem.reason,
            problem.advice,
            now,
            now,
            None if offer is None else json.dumps(asdict(offer), ensure_ascii=False),
        ),
    )


def list_problems(connection: Connection, limit: int = -1) -> list[StoredProblem]:
    """Return problems, the latest met first."""
    rows = connection.execute(
        "SELECT * FROM problem ORDER BY last_seen_at DESC, id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [_problem(row) for row in rows]


def of_source(connection: Connection, source: str) -> list[StoredProblem]:
    """Return the problems that were met in a source of that name."""
    rows = connection.execute("SELECT * FROM problem WHERE source = ?", (source,)).fetchall()
    return [_problem(row) for row in rows]


def offered_at(connection: Connection, path: str) -> list[StoredProblem]:
    """Return the problems that offering a path again meets again, unless they are mended.

    That are those of imports of the path itself, of what is in it, and of its own part of a folder.
    """
    rows = connection.execute(
        "WITH offered AS (SELECT *, json_extract(offer, '$.path') AS path FROM problem"
        " WHERE offer NOT NULL) SELECT * FROM offered WHERE path = :path"
        " OR substr(path, 1, length(:path) + 1) = :path || '/'"
        " OR path || '/' || place = :path"
        " OR substr(path || '/' || place, 1, length(:path) + 2) = :path || ', '",
        {"path": path},
    ).fetchall()
    return [_problem(row) for row in rows]


def clear(connection: Connection, ids: Iterable[int] | None = None) -> int:
    """Remove problems, or all of them, and return how many. Within a write."""
    if ids is None:
        return connection.execute("DELETE FROM problem").rowcount
    return connection.execute(
        "DELETE FROM problem WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([*ids]),)
    ).rowcount


def drop_mended(connection: Connection, tried: Iterable[StoredProblem]) -> int:
    """Remove those of the problems that were not met again since they were listed. In a write.

    Returns how many of them are on the list no more, also those that others took off it.
    """
    listed = [*tried]
    connection.executemany(
        "DELETE FROM problem WHERE id = ? AND times = ?", [(one.id, one.times) for one in listed]
    )
    left = connection.execute(
        "SELECT count(*) FROM problem WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([one.id for one in listed]),),
    ).fetchone()[0]
    return len(listed) - int(left)


def _problem(row: Row) -> StoredProblem:
    values = dict(zip(row.keys(), row, strict=True))
    values.pop("path", None)
    offer = None
    if values["offer"] is not None:
        content = json.loads(values["offer"])
        offer = Offer(**content | {"me": tuple(content["me"])})
    return StoredProblem(**values | {"offer": offer})
