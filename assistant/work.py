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
    notes: list[str] = field(default_factory=list)


def work(
    wiring: Wiring, on_progress: Callable[[WorkReport], None] = lambda report: None
) -> WorkReport:
    """Run all due jobs that this machine can do. Ctrl-C gives the job in hand back first."""
    report = WorkReport()
    database = wiring.database
    jobs.release_dead_workers(database)
    while (job := jobs.lease(database, _possible(wiring, report))) is not None:
        try:
            _run(wiring, job, report, on_progress)
        except KeyboardInterrupt:
            jobs.release(database, job)
            raise
        except Exception as error:  # noqa: BLE001 - models and plugins are other people's code
            jobs.fail(database, job, f"{type(error).__name__}: {error}")
            report.failed += 1
        on_progress(report)
    return report


def _possible(wiring: Wiring, report: WorkReport) -> tuple[JobKind, ...]:
    if wiring.embedder() is None:
        if wiring.embedder_reason not in report.notes:
            report.notes.append(wiring.embedder_reason)
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
