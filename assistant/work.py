"""The job loop: lease, do, finish or fail, until there is nothing due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memassist.ingest import embed
from memassist.store import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.wiring import Wiring
    from memassist.store.jobs import Job, JobKind


@dataclass(slots=True)
class WorkReport:
    """What the jobs came to; grows while they run."""

    embedded: int = 0
    became: Counter[str] = field(default_factory=Counter)
    """What became of candidates: added, merged, superseded, inbox ..."""
    failed: int = 0
    done: int = 0
    """Jobs that came to their end."""
    notes: list[str] = field(default_factory=list)


def work(
    wiring: Wiring,
    on_progress: Callable[[WorkReport], None] = lambda report: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> WorkReport:
    """Run all due jobs that this machine can do. Ctrl-C gives the job in hand back first.

    `should_stop` is asked between jobs.
    """
    report = WorkReport()
    database = wiring.database
    jobs.release_dead_workers(database)
    kinds = possible_jobs(wiring)
    if wiring.embedder_reason:
        report.notes.append(wiring.embedder_reason)
    while not should_stop() and (job := jobs.lease(database, kinds)) is not None:
        try:
            _run(wiring, job, report, on_progress)
            report.done += 1
        except KeyboardInterrupt:
            jobs.release(database, job)
            raise
        except Exception as error:  # noqa: BLE001 - models and plugins are other people's code
            jobs.fail(database, job, f"{type(error).__name__}: {error}")
            report.failed += 1
        on_progress(report)
    return report


def possible_jobs(wiring: Wiring) -> tuple[JobKind, ...]:
    """Return the kinds of jobs that this machine can do: without a model none that embed."""
    if wiring.embedder() is None:
        return ("extract",)
    return ("extract", "embed", "embed-memories")


def _run(
    wiring: Wiring, job: Job, report: WorkReport, on_progress: Callable[[WorkReport], None]
) -> None:
    if job.kind == "extract":
        from memassist.assistant.extract import job as extraction

        report.became += extraction.run(
            wiring.database,
            wiring.extractors(),
            job,
            wiring.config.names("me"),
            wiring.config.number("inbox.threshold"),
        )
        return
    embedder = wiring.embedder()
    assert embedder is not None  # _possible asks for no embedding without one

    def count(number: int) -> None:
        report.embedded += number
        on_progress(report)

    embed.run(wiring.database, embedder, job, count)
