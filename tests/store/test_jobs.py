"""A job is one worker's at a time, survives its worker, and is never silently lost."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memassist.store import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import Bench

KINDS: tuple[jobs.JobKind, ...] = ("extract", "embed", "embed-memories")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that moves the jobs' clock on, in milliseconds."""
    moment = [1_000_000]
    monkeypatch.setattr("memassist.store.jobs.now_ms", lambda: moment[0])

    def move(milliseconds: int) -> None:
        moment[0] += milliseconds

    return move


def enqueue(bench: Bench, kind: jobs.JobKind = "embed") -> None:
    """Queue a job."""
    with bench.database.write() as connection:
        jobs.enqueue(connection, kind, 1, 10)


def lease(bench: Bench) -> jobs.Job:
    """Take a job that must be there."""
    job = jobs.lease(bench.database, KINDS)
    assert job is not None
    return job


def listed(bench: Bench) -> list[tuple[str, int, str | None]]:
    """Return (state, attempts, error) of all jobs."""
    return [(job.state, job.attempts, job.error) for job in jobs.list_jobs(bench.database.read())]


def be_another_worker(bench: Bench, name: str) -> None:
    """Let the leased jobs belong to somebody else."""
    with bench.database.write() as connection:
        connection.execute("UPDATE job SET lease_owner = ? WHERE state = 'leased'", (name,))


def test_a_leased_job_is_nobody_elses(bench: Bench) -> None:
    enqueue(bench)
    job = lease(bench)
    assert (job.kind, job.first_item, job.last_item, job.attempts) == ("embed", 1, 10, 1)
    assert jobs.lease(bench.database, KINDS) is None
    with bench.database.write() as connection:
        assert jobs.holds(connection, job)
        jobs.finish(connection, job)
        assert not jobs.holds(connection, job)
    assert listed(bench) == []


def test_only_jobs_of_the_kinds_asked_for_are_taken(bench: Bench) -> None:
    enqueue(bench, "extract-model")
    assert jobs.lease(bench.database, KINDS) is None
    assert jobs.lease(bench.database, ("extract-model",)) is not None


def test_a_lease_runs_out_unless_it_is_renewed(bench: Bench, clock: Callable[[int], None]) -> None:
    enqueue(bench)
    job = lease(bench)
    clock(jobs.LEASE_MS - 1)
    jobs.renew(bench.database, job)
    clock(jobs.LEASE_MS - 1)
    assert jobs.lease(bench.database, KINDS) is None
    clock(2)
    assert lease(bench).id == job.id


def test_a_failed_job_waits_longer_each_time_and_is_laid_aside_at_last(
    bench: Bench, clock: Callable[[int], None]
) -> None:
    enqueue(bench)
    for attempt, pause in enumerate(jobs.BACKOFF_MS, 1):
        jobs.fail(bench.database, lease(bench), "no luck")
        assert listed(bench) == [("queued", attempt, "no luck")]
        clock(pause - 1)
        assert jobs.lease(bench.database, KINDS) is None
        clock(1)
    jobs.fail(bench.database, lease(bench), "never")
    assert listed(bench) == [("dead", jobs.MAX_ATTEMPTS, "never")]
    clock(10**9)
    assert jobs.lease(bench.database, KINDS) is None
    with bench.database.write() as connection:
        assert jobs.retry_dead(connection) == 1
    assert lease(bench).attempts == 1


def test_a_released_job_is_as_it_was(bench: Bench) -> None:
    enqueue(bench)
    jobs.release(bench.database, lease(bench))
    assert listed(bench) == [("queued", 0, None)]


def test_a_job_that_was_taken_over_is_left_to_its_new_worker(bench: Bench) -> None:
    enqueue(bench)
    job = lease(bench)
    be_another_worker(bench, "other-host:1:1")
    jobs.fail(bench.database, job, "too late")
    jobs.release(bench.database, job)
    jobs.renew(bench.database, job)
    with bench.database.write() as connection:
        assert not jobs.holds(connection, job)
        jobs.finish(connection, job)
    assert listed(bench) == [("leased", 1, None)]


def test_one_job_that_fells_its_worker_does_not_keep_the_others_waiting(
    bench: Bench, clock: Callable[[int], None]
) -> None:
    for _ in range(3):
        enqueue(bench)
    first = lease(bench).id
    clock(jobs.LEASE_MS + 1)
    assert [lease(bench).id for _ in range(3)] == [first + 1, first + 2, first]


@pytest.mark.parametrize("has_proc", [True, False], ids=["Linux", "macOS and Windows"])
def test_a_worker_that_is_gone_frees_its_job_and_a_living_one_does_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, has_proc: bool
) -> None:
    name = "from memassist.store import jobs\n"
    if not has_proc:
        monkeypatch.setattr(jobs, "_started", jobs._started_elsewhere)
        name += "jobs._started = jobs._started_elsewhere\n"
    name += "print(jobs.worker_name(), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    worker = process.stdout.readline().strip()
    enqueue(bench)
    lease(bench)
    be_another_worker(bench, worker)
    jobs.release_dead_workers(bench.database)
    assert listed(bench) == [("leased", 1, None)]
    process.kill()
    # It is a zombie until its parent looks, which may be never.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    jobs.release_dead_workers(bench.database)
    assert listed(bench) == [("queued", 1, None)]
    lease(bench)
    be_another_worker(bench, worker)
    process.communicate()
    jobs.release_dead_workers(bench.database)
    assert listed(bench) == [("queued", 2, None)]


def test_a_number_given_to_another_process_is_no_sign_of_life(bench: Bench) -> None:
    enqueue(bench)
    lease(bench)
    host, pid, _started = jobs.worker_name().rsplit(":", 2)
    be_another_worker(bench, f"{host}:{pid}:1")
    jobs.release_dead_workers(bench.database)
    assert listed(bench) == [("queued", 1, None)]


def test_a_worker_on_another_machine_keeps_its_lease(bench: Bench) -> None:
    enqueue(bench)
    lease(bench)
    be_another_worker(bench, "other-host:1:1")
    jobs.release_dead_workers(bench.database)
    assert listed(bench) == [("leased", 1, None)]


def test_a_model_that_keeps_its_name_and_makes_longer_vectors_gets_a_set_of_its_own(
    bench: Bench,
) -> None:
    """Also in a home that never noted which model it was embedded with."""
    bench.remember(bench.state("Ann likes apples."))
    bench.work()
    with bench.database.write() as connection:
        connection.execute("DELETE FROM setting WHERE name = 'embedded_with'")
    bench.embedder.dimensions = 16
    assert jobs.queue_for_model(bench.database, bench.embedder.model_id, 16)
    bench.work()
    lengths = bench.database.read().execute("SELECT length(numbers) FROM memory_vector")
    assert [row[0] for row in lengths] == [16]
