"""The job loop: lease, do, finish or fail, until there is nothing due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.store import jobs
from memassist.store.jobs import JobKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.wiring import Wiring
    from memassist.store.jobs import Job


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
    is_model_away: bool = False
    """Whether the language model could not be reached; its jobs wait as they were."""


def work(
    wiring: Wiring,
    on_progress: Callable[[WorkReport], None] = lambda report: None,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    with_model: bool = False,
) -> WorkReport:
    """Run all due jobs that this machine can do. Ctrl-C gives the job in hand back first.

    `should_stop` is asked between jobs. `with_model` also runs those that ask the language model,
    which may take hours; without it they stay queued.
    """
    report = WorkReport()
    database = wiring.database
    jobs.release_dead_workers(database)
    # What a model takes hours for comes after all that others wait for.
    kinds, slow = possible_jobs(wiring), tuple[JobKind, ...]()
    if wiring.model() is not None:
        from memassist.assistant.extract import model_job

        model_job.queue_unasked(database)
        slow = jobs.MODEL_JOBS if with_model else slow
    if wiring.embedder_reason:
        report.notes.append(wiring.embedder_reason)
    while not should_stop():
        job = jobs.lease(database, kinds) or (jobs.lease(database, slow) if slow else None)
        if job is None:
            break
        try:
            _run(wiring, job, report, on_progress)
            report.done += 1
        except KeyboardInterrupt:
            jobs.release(database, job)
            raise
        except ModelError as error:
            if error.is_lasting:
                # No fault of the job's: it waits until the model can be reached.
                jobs.release(database, job)
                report.is_model_away = True
                slow = ()
                report.notes.append(f"{error} {error.advice}".rstrip())
            else:
                jobs.fail(database, job, f"{type(error).__name__}: {error}")
                report.failed += 1
        except Exception as error:  # noqa: BLE001 - models and plugins are other people's code
            jobs.fail(database, job, f"{type(error).__name__}: {error}")
            report.failed += 1
        on_progress(report)
    return report


def possible_jobs(wiring: Wiring) -> tuple[JobKind, ...]:
    """Return the kinds of jobs that this machine can do: without a model none that embed.

    A change of the embedding model shows here, and queues everything for the new one.
    """
    embedder = wiring.embedder()
    if embedder is None:
        return ("extract", "consolidate", "reflect")
    jobs.queue_for_model(wiring.database, embedder.model_id, embedder.dimensions)
    return ("extract", "embed", "embed-memories", "consolidate", "reflect")


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
            has_model=wiring.model() is not None,
            core_tokens=int(wiring.config.number("core.budget_tokens")),
        )
        return
    if job.kind == "extract-model":
        from memassist.assistant.extract import model_job

        model = wiring.model()
        assert model is not None  # work asks for none of these without one
        names, threshold = wiring.config.names("me"), wiring.config.number("inbox.threshold")
        report.became += model_job.run(
            wiring.database,
            model,
            job,
            names,
            threshold,
            core_tokens=int(wiring.config.number("core.budget_tokens")),
        )
        return
    if job.kind == "reflect":
        from memassist.assistant.reflect import nightly

        report.became += nightly.run(wiring.database, job, wiring.config)
        return
    if job.kind in ("consolidate", "consolidate-model"):
        from memassist.assistant.extract import consolidate

        report.became += consolidate.run(wiring.database, wiring.embedder(), wiring.model(), job)
        return
    from memassist.ingest import embed

    embedder = wiring.embedder()
    assert embedder is not None  # _possible asks for no embedding without one

    def count(number: int) -> None:
        report.embedded += number
        on_progress(report)

    embed.run(wiring.database, embedder, job, count)
