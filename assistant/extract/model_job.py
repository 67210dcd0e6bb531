"""The extraction job that asks a language model: slow, so each window's result lands at once.

A job that is broken off is done again from its beginning; `settle` knows what it settled before.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memassist.assistant.extract.by_model import ModelExtractor
from memassist.assistant.extract.settle import CHANGING, settle
from memassist.assistant.extract.windows import windows
from memassist.store import items, jobs, unasked, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.assistant.model import Model
    from memassist.store.database import Connection, Database
    from memassist.store.items import Item
    from memassist.store.jobs import Job

ITEMS_PER_JOB = 60
"""So that a failing model costs little of what it has done before."""
RENEW_SECONDS = 30.0
OVERLAP_ITEMS = 2
"""So many items before a job's first in its conversation are shown with it: what is talked of there
is seldom named again."""


def enqueue(connection: Connection, first_item: int, last_item: int) -> None:
    """Queue the items of a finished rule extraction for the model. Within a write."""
    for first in range(first_item, last_item + 1, ITEMS_PER_JOB):
        last = min(first + ITEMS_PER_JOB - 1, last_item)
        jobs.enqueue(connection, "extract-model", first, last)


def queue_unasked(database: Database) -> int:
    """Queue for the model what rules have read while there was none; returns how many items."""
    if not unasked.has_some(database.read()):
        return 0
    with database.write() as connection:
        ranges = unasked.take(connection)
        for first, last in ranges:
            enqueue(connection, first, last)
    return sum(last - first + 1 for first, last in ranges)


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
        for window in windows(_with_overlap(database, found), owner_names):
            candidates = extractor.extract(window)
            if not candidates:
                continue
            with database.write() as connection:
                if not jobs.holds(connection, job):
                    return became
                became += settle(
                    connection,
                    window,
                    candidates,
                    threshold,
                    extractor.name,
                    core_tokens=core_tokens,
                )
    with database.write() as connection:
        if became.keys() & CHANGING:
            jobs.enqueue_once(connection, "consolidate")
        jobs.finish(connection, job)
    return +became


def _with_overlap(database: Database, found: Sequence[tuple[int, Item]]) -> list[Item]:
    """Return a job's items, each conversation begun with what was said just before."""
    shown = [item for _, item in found]
    ids = {item.id for item in shown}
    firsts: dict[str, Item] = {}
    for item in shown:
        if item.conversation is not None:
            firsts.setdefault(item.conversation, item)
    around = vocabulary.surroundings(
        database.read(), [item.id for item in firsts.values()], OVERLAP_ITEMS
    )
    before = [one for each in around.values() for one in reversed(each.before)]
    return [*(one for one in before if one.id not in ids), *shown]


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
