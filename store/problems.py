"""What could not be taken in: kept once for each place and reason, with how often it was met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.times import now_ms

if TYPE_CHECKING:
    from memassist.plugins.types import Problem
    from memassist.store.database import Connection


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


def add(connection: Connection, source: str, problem: Problem) -> None:
    """Record a problem, or that it was met again. Within a write."""
    now = now_ms()
    connection.execute(
        "INSERT INTO problem (source, place, reason, advice, times, created_at, last_seen_at)"
        " VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT (source, place, reason)"
        " DO UPDATE SET times = times + 1, last_seen_at = excluded.last_seen_at",
        (source, problem.place, problem.reason, problem.advice, now, now),
    )


def list_problems(connection: Connection, limit: int = -1) -> list[StoredProblem]:
    """Return problems, the latest met first."""
    rows = connection.execute(
        "SELECT * FROM problem ORDER BY last_seen_at DESC, id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [StoredProblem(*row) for row in rows]


def clear(connection: Connection) -> int:
    """Remove all problems that the person has seen to, and return how many. Within a write."""
    return connection.execute("DELETE FROM problem").rowcount
