"""Durable background work: queued with what it is about, leased to one worker at a time.

A job names a range of item row ids, or of days as ordinals for `reflect`. What is left to do in the
range is read from the store when the job runs, so a job may run twice, or after its items are gone,
and the result is the same.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.database import Connection, Database, Row

JobKind: TypeAlias = Literal[
    "embed",
    "extract",
    "extract-model",
    "embed-memories",
    "consolidate",
    "consolidate-model",
    "reflect",
]
MODEL_JOBS: tuple[JobKind, ...] = ("extract-model", "consolidate-model")
"""Those that ask the language model, which takes long."""

ITEM_JOBS: tuple[JobKind, ...] = ("extract", "embed")
"""What every new item needs, in the order it is best done."""
LEASE_MS = 120_000
"""A worker that died keeps its job from others for so long; a live one renews."""
EMBEDDED_ITEMS = 500
"""In one job, where everything is embedded anew."""
MAX_ATTEMPTS = 5
BACKOFF_MS = (2_000, 10_000, 60_000, 300_000)


@dataclass(frozen=True, slots=True)
class Job:
    """A job, leased or as listed."""

    id: int
    kind: JobKind
    first_item: int
    last_item: int
    state: str
    attempts: int
    error: str | None


def enqueue(connection: Connection, kind: JobKind, first_item: int, last_item: int) -> None:
    """Queue a job. Within a write, best the one that stored the items."""
    now = now_ms()
    connection.execute(
        "INSERT INTO job (kind, first_item, last_item, state, not_before, created_at)"
        " VALUES (?, ?, ?, 'queued', ?, ?)",
        (kind, first_item, last_item, now, now),
    )


def enqueue_once(connection: Connection, kind: JobKind) -> None:
    """Queue a job that is about everything, unless one waits already. Within a write."""
    row = connection.execute(
        "SELECT 1 FROM job WHERE kind = ? AND state = 'queued'", (kind,)
    ).fetchone()
    if row is None:
        enqueue(connection, kind, 0, 0)


def queue_all(connection: Connection) -> None:
    """Queue the embedding of everything. Within a write."""
    last = connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()[0]
    for first in range(1, last + 1, EMBEDDED_ITEMS):
        enqueue(connection, "embed", first, min(first + EMBEDDED_ITEMS - 1, last))
    enqueue(connection, "embed-memories", 0, 0)


def queue_for_model(database: Database, name: str, dimensions: int) -> bool:
    """Queue the embedding of everything where another model was embedded with last.

    Also where a model of the same name makes vectors of another length now; the old ones go.

    Returns whether it did. What has a vector of this model is passed over when the jobs run, and
    the jobs outlive a crash. The other models' vectors stay.
    """
    from memassist.store import vectors  # loads numpy, which most commands do without

    row = (
        database.read()
        .execute("SELECT dimensions FROM embedding_model WHERE name = ?", (name,))
        .fetchone()
    )
    has_changed = row is not None and row[0] != dimensions
    if _last_model(database.read()) == name and not has_changed:
        return False
    with database.write() as connection:
        before = _last_model(connection)
        connection.execute("INSERT OR REPLACE INTO setting VALUES ('embedded_with', ?)", (name,))
        has_changed = vectors.drop_other_dimensions(connection, name, dimensions)
        if before is None and not has_changed:
            # A new home, whose items have queued their own jobs; or one of before this setting.
            row = connection.execute("SELECT 1 FROM embedding_model WHERE name <> ?", (name,))
            if row.fetchone() is None:
                return False
        if before != name or has_changed:
            queue_all(connection)
    return before != name or has_changed


def _last_model(connection: Connection) -> str | None:
    row = connection.execute("SELECT value FROM setting WHERE name = 'embedded_with'").fetchone()
    return None if row is None else str(row[0])


def lease(database: Database, kinds: Sequence[JobKind]) -> Job | None:
    """Take the oldest job of these kinds that is due or whose worker is gone; None if none is."""
    now = now_ms()
    # Looking first keeps idle workers from taking the write lock.
    if _due(database.read(), kinds, now) is None:
        return None
    with database.write() as connection:
        found = _due(connection, kinds, now)
        if found is None:
            return None
        connection.execute(
            "UPDATE job SET state = 'leased', attempts = attempts + 1, lease_owner = ?,"
            " lease_until = ? WHERE id = ?",
            (worker_name(), now + LEASE_MS, found["id"]),
        )
        row = connection.execute("SELECT * FROM job WHERE id = ?", (found["id"],)).fetchone()
    return _job(row)


def has_due(database: Database, kinds: Sequence[JobKind]) -> bool:
    """Whether a job of these kinds waits for a worker now."""
    return _due(database.read(), kinds, now_ms()) is not None


def _due(connection: Connection, kinds: Sequence[JobKind], now: int) -> Row | None:
    marks = ", ".join("?" for _ in kinds)
    row: Row | None = connection.execute(
        f"SELECT id FROM job WHERE kind IN ({marks}) AND ("  # noqa: S608 - question marks only
        "(state = 'queued' AND not_before <= ?) OR (state = 'leased' AND lease_until < ?))"
        # One that takes its worker down again and again must not keep the others waiting.
        " ORDER BY attempts, id LIMIT 1",
        (*kinds, now, now),
    ).fetchone()
    return row


def renew(database: Database, job: Job) -> None:
    """Keep a lease for another while."""
    with database.write() as connection:
        connection.execute(
            "UPDATE job SET lease_until = ? WHERE id = ? AND lease_owner = ?",
            (now_ms() + LEASE_MS, job.id, worker_name()),
        )


def holds(connection: Connection, job: Job) -> bool:
    """Whether the job is still leased to this process, and so its result still wanted."""
    row = connection.execute(
        "SELECT 1 FROM job WHERE id = ? AND state = 'leased' AND lease_owner = ?",
        (job.id, worker_name()),
    ).fetchone()
    return row is not None


def finish(connection: Connection, job: Job) -> None:
    """Remove a job that is done. Within the write that made its result, or after it."""
    connection.execute("DELETE FROM job WHERE id = ? AND lease_owner = ?", (job.id, worker_name()))


def release(database: Database, job: Job) -> None:
    """Give a job back untouched, as at Ctrl-C, unless it was taken over meanwhile."""
    with database.write() as connection:
        connection.execute(
            "UPDATE job SET state = 'queued', attempts = attempts - 1, lease_owner = NULL"
            " WHERE id = ? AND lease_owner = ?",
            (job.id, worker_name()),
        )


def fail(database: Database, job: Job, error: str) -> None:
    """Queue a job again after a pause, or lay it aside as dead after `MAX_ATTEMPTS`.

    A job that was taken over meanwhile is left to whoever has it.
    """
    is_dead = job.attempts >= MAX_ATTEMPTS
    pause = BACKOFF_MS[min(job.attempts, len(BACKOFF_MS)) - 1]
    with database.write() as connection:
        connection.execute(
            "UPDATE job SET state = ?, not_before = ?, lease_owner = NULL, error = ?"
            " WHERE id = ? AND lease_owner = ?",
            ("dead" if is_dead else "queued", now_ms() + pause, error, job.id, worker_name()),
        )


def retry_dead(connection: Connection) -> int:
    """Queue all dead jobs again and return how many. Within a write."""
    cursor = connection.execute(
        "UPDATE job SET state = 'queued', attempts = 0, not_before = 0 WHERE state = 'dead'"
    )
    return cursor.rowcount


def list_jobs(connection: Connection) -> list[Job]:
    """Return all jobs, oldest first."""
    return [_job(row) for row in connection.execute("SELECT * FROM job ORDER BY id")]


@dataclass(frozen=True, slots=True)
class Queue:
    """The jobs of one kind."""

    kind: str
    waiting: int
    at_work: int
    dead: int
    last_error: str
    """Of those that failed and wait or are dead; empty where there is none."""


def queues(connection: Connection) -> tuple[Queue, ...]:
    """Count the jobs of each kind, by name."""
    rows = connection.execute(
        "SELECT kind, sum(state = 'queued'), sum(state = 'leased'), sum(state = 'dead'),"
        " coalesce((SELECT error FROM job AS other WHERE other.kind = job.kind"
        " AND error IS NOT NULL ORDER BY not_before DESC LIMIT 1), '')"
        " FROM job GROUP BY kind ORDER BY kind"
    )
    return tuple(Queue(*row) for row in rows.fetchall())


def release_dead_workers(database: Database) -> None:
    """Free the leases of workers on this machine that no longer run, without waiting."""
    rows = database.read().execute("SELECT id, lease_owner FROM job WHERE state = 'leased'")
    gone = [tuple(row) for row in rows.fetchall() if not _is_alive(row["lease_owner"])]
    if gone:
        with database.write() as connection:
            connection.executemany(
                "UPDATE job SET state = 'queued', lease_owner = NULL"
                " WHERE id = ? AND lease_owner = ?",
                gone,
            )


def worker_name() -> str:
    """Return a name for this process that tells whether it still runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _is_alive(name: str) -> bool:
    host, pid, started = name.rsplit(":", 2)
    if host != socket.gethostname():
        return True  # cannot tell; the lease will run out
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Return when a process started, `gone` for none: a pid alone may have been given anew."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        fields = stat.rpartition(b")")[2].split()  # the name before it may hold anything
        # A killed process stays as a zombie until its parent looks, which may be never.
        return "gone" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except FileNotFoundError:
        pass
    except OSError:
        return "unknown"
    if Path("/proc/self").exists():
        return "gone"
    return _started_elsewhere(pid)


def _started_elsewhere(pid: int) -> str:
    """As `_started`, on systems without /proc: macOS and Windows, where signal 0 is Ctrl-C."""
    import psutil

    try:
        process = psutil.Process(pid)
        is_ended = process.status() == psutil.STATUS_ZOMBIE
        return "gone" if is_ended else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return "gone"
    except psutil.AccessDenied:
        return "unknown"


def _job(row: Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        first_item=row["first_item"],
        last_item=row["last_item"],
        state=row["state"],
        attempts=row["attempts"],
        error=row["error"],
    )
