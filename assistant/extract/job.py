"""The extraction job: extractors look at a batch of items, and the result lands in one write."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from memassist.assistant.extract.settle import CHANGING, settle
from memassist.assistant.extract.windows import windows
from memassist.store import items, jobs, unasked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.protocols import Extractor
    from memassist.store.database import Database
    from memassist.store.jobs import Job


def run(
    database: Database,
    extractors: Sequence[Extractor],
    job: Job,
    owner_names: Sequence[str],
    threshold: float,
    actor: str = "rule",
    *,
    has_model: bool = False,
    core_tokens: int | None = None,
) -> Counter[str]:
    """Extract from a job's items and end the job; returns how many candidates became what.

    The extractors run outside the transaction; what they found and the job's end are one commit,
    so a crash leaves both or neither. A worker that was too slow and lost the job settles nothing.
    With `has_model` the same commit queues the items for the language model, else notes them for
    one that comes later. `core_tokens` is the
    room of core memory, as for `settle`.
    """
    found = items.items_between(database.read(), job.first_item, job.last_item)
    results = [
        (window, [one for extractor in extractors for one in extractor.extract(window)])
        for window in windows([item for _, item in found], owner_names)
    ]
    became: Counter[str] = Counter()
    with database.write() as connection:
        if not jobs.holds(connection, job):
            return became
        for window, candidates in results:
            became += settle(
                connection, window, candidates, threshold, actor, core_tokens=core_tokens
            )
        if has_model:
            from memassist.assistant.extract import model_job

            unasked.begin(connection)
            model_job.enqueue(connection, job.first_item, job.last_item)
        else:
            unasked.note(connection, job.first_item, job.last_item)
        if became.keys() & CHANGING:
            jobs.enqueue_once(connection, "consolidate")
        jobs.finish(connection, job)
    return became
