"""The extraction job that asks a language model: slow, so each window's result lands at once.

A job that is broken off is done again from its beginning; `settle` knows what it settled before.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memassist.assistant.extract.by_model import ModelExtractor
from memassist.assistant.extract.settle import settle
from memassist.assistant.extract.windows import windows
from memassist.store import items, jobs, supports

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.assistant.model import Model
    from memassist.plugins.types import Candidate
    from memassist.store.database import Connection, Database
    from memassist.store.jobs import Job

ITEMS_PER_JOB = 60
"""So that a failing model costs little of what it has done before."""
RENEW_SECONDS = 30.0
SAME_STATEMENT = 80
"""Least rapidfuzz token set ratio, 0 to 100, of two statements on one span that say the same."""


def enqueue(connection: Connection, first_item: int, last_item: int) -> None:
    """Queue the items of a finished rule extraction for the model. Within a write."""
    for first in range(first_item, last_item + 1, ITEMS_PER_JOB):
        last = min(first + ITEMS_PER_JOB - 1, last_item)
        jobs.enqueue(connection, "extract-model", first, last)


def run(
    database: Database,
    model: Model,
    job: Job,
    owner_names: Sequence[str],
    threshold: float,
    *,
    core_tokens: int | None = None,
) -> Counter[str]:
    """Extract from a job's items and end the job; returns how many candidates became what.

    `core_tokens` is the room of core memory, as for `settle`. Raises `ModelError`. A worker that
    lost the job meanwhile settles nothing more.
    """
    extractor = ModelExtractor(model)
    found = items.items_between(database.read(), job.first_item, job.last_item)
    became: Counter[str] = Counter()
    with _kept(database, job):
        for window in windows([item for _, item in found], owner_names):
            candidates = extractor.extract(window)
            if not candidates:
                continue
            with database.write() as connection:
                if not jobs.holds(connection, job):
                    return became
                new = [one for one in candidates if not _is_known(connection, one)]
                became["known"] += len(candidates) - len(new)
                became += settle(
                    connection, window, new, threshold, extractor.name, core_tokens=core_tokens
                )
    with database.write() as connection:
        jobs.finish(connection, job)
    return +became


def _is_known(connection: Connection, candidate: Candidate) -> bool:
    """Whether a memory, mostly a rule's, says the same of the same words."""
    from rapidfuzz.fuzz import token_set_ratio
    from rapidfuzz.utils import default_process

    return any(
        start < span.stop
        and span.start < stop
        and text.casefold() != candidate.text.casefold()  # that one `settle` unites
        and token_set_ratio(text, candidate.text, processor=default_process) >= SAME_STATEMENT
        for span in candidate.evidence
        for start, stop, text in supports.memories_on(connection, span.item_id)
    )


@contextmanager
def _kept(database: Database, job: Job) -> Iterator[None]:
    """Renew the job's lease while the model thinks, which may take longer than a lease."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(RENEW_SECONDS):
            jobs.renew(database, job)

    thread = threading.Thread(target=renew, name="job lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
