"""The embedding job: vectors for whatever has none, in small batches outside any transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store import jobs, vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Database
    from memassist.store.jobs import Job

BATCH = 256
"""Texts embedded and stored at once: among many there are enough of like length for the model, and
the fewer batches are stored, the less beside the model takes time."""
BATCH_CHARACTERS = 64_000
"""Long texts come in smaller batches, so that a batch is done within seconds."""


def run(
    database: Database,
    embedder: Embedder,
    job: Job,
    on_progress: Callable[[int], None] = lambda count: None,
) -> None:
    """Embed the passages of a job's items, or all memories, that lack a vector; ends the job.

    `on_progress` is told how many were embedded with each batch.
    """
    with database.write() as connection:
        model = vectors.model_row(connection, embedder.model_id, embedder.dimensions)
    if job.kind == "embed-memories":
        _embed_memories(database, embedder, model)
    else:
        _embed_passages(database, embedder, model, job, on_progress)
    with database.write() as connection:
        jobs.finish(connection, job)


def _embed_passages(
    database: Database,
    embedder: Embedder,
    model: int,
    job: Job,
    on_progress: Callable[[int], None],
) -> None:
    while True:
        found = vectors.passages_without(
            database.read(), model, job.first_item, job.last_item, BATCH
        )
        if not found:
            return
        found = found[: _few_enough([len(row[1]) for row in found])]
        matrix = embedder.embed([embedded_text(*row[1:]) for row in found])
        with database.write() as connection:
            vectors.put_passages(connection, model, [row[0] for row in found], matrix)
        jobs.renew(database, job)
        on_progress(len(found))


def _few_enough(characters: Sequence[int]) -> int:
    """Return how many of the first texts make a batch; at least one."""
    total = 0
    for place, count in enumerate(characters):
        total += count
        if total > BATCH_CHARACTERS and place:
            return place
    return len(characters)


def _embed_memories(database: Database, embedder: Embedder, model: int) -> None:
    while True:
        found = vectors.memories_without(database.read(), model)[:BATCH]
        if not found:
            return
        matrix = embedder.embed([row[2] for row in found])
        with database.write() as connection:
            vectors.put_memories(connection, model, [(row[0], row[1]) for row in found], matrix)


def embedded_text(text: str, author: str, title: str) -> str:
    """Return what the model sees of a passage: its text, under the title of the document it is of.

    Who said it stays out: names and roles pull all turns of a person together (LoCoMo's share of
    evidence @10 was .820 with and .824 without), and search knows the author by itself.
    """
    return f"{title}\n{text}" if title and not author else text
