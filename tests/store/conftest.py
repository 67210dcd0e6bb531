"""A bench for the store's tests: one open home and short ways to put things into it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.assistant.extract import consolidate
from memassist.assistant.extract import job as extraction
from memassist.assistant.extract.rules import builtin_extractors
from memassist.ingest import embed
from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import home as homes
from memassist.store import items, jobs, memories
from memassist.store.keys import Route, make_key_file
from memassist.store.memories import Entity, Evidence, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from memassist.plugins.types import MemoryType
    from memassist.store.database import Database
    from memassist.store.items import Outcome
    from memassist.store.memories import Memory


class HashEmbedder:
    """Vectors made of a hash of the text: the same text the same vector, and no model to load."""

    def __init__(self) -> None:
        self.model_id = "hash@1:8"
        self.dimensions = 8

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector for each text."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for number, text in enumerate(texts):
            digest = hashlib.blake2b(text.encode(), digest_size=self.dimensions).digest()
            rows[number] = np.frombuffer(digest, np.uint8).astype(np.float32) - 127.3
            rows[number] /= np.linalg.norm(rows[number])
        return rows


class Bench:
    """An open home."""

    def __init__(self, home: Path, database: Database, route: Route | None) -> None:
        self.home = home
        self.database = database
        self.route = route
        self.embedder = HashEmbedder()

    def record(
        self,
        text: str,
        *,
        native_id: str | None = None,
        conversation: str | None = "c1",
        title: str | None = None,
    ) -> Record:
        """Return a record as a reader yields it."""
        return Record(
            text=text, place="here", native_id=native_id, conversation=conversation, title=title
        )

    def put(self, *records: Record | str, repetition: int = 0) -> list[Outcome]:
        """Store records of the owner in one write; a text alone is a record without an id."""
        batch = []
        for one in records:
            record = self.record(one) if isinstance(one, str) else one
            spans = split(record.text, record.kind, record.marks)
            batch.append(items.NewItem(record, "test@1", True, 5, repetition, spans))
        with self.database.write() as connection:
            source = items.source_id(connection, "test", "bench")
            return items.store_batch(connection, source, batch, None)

    def item_id(self, text: str) -> str:
        """Return the id of the item with that very text."""
        row = (
            self.database.read()
            .execute("SELECT uid FROM item WHERE text = ? ORDER BY id DESC", (text,))
            .fetchone()
        )
        return str(row[0])

    def state(
        self,
        text: str,
        *quoted: str,
        type_: MemoryType = "semantic",
        entities: Sequence[str] = (),
        extractor: str | None = None,
    ) -> MemoryState:
        """Return a memory's state resting on the whole text of stored items."""
        evidence = tuple(Evidence(self.item_id(one), 0, len(one), one) for one in quoted)
        people = tuple(Entity("person", name) for name in entities)
        return MemoryState(
            type_, text, evidence=evidence, entities=people, extractor=extractor, trust=5
        )

    def remember(self, state: MemoryState) -> Memory:
        """Add a memory."""
        with self.database.write() as connection:
            return memories.add(connection, state, "user")

    def count(self, sql: str, *parameters: object) -> int:
        """Return the one number of a query."""
        return int(self.database.read().execute(sql, parameters).fetchone()[0])

    def work(self) -> None:
        """Run every job that is due, in this process, with the hash for a model."""
        jobs.release_dead_workers(self.database)
        kinds: tuple[jobs.JobKind, ...] = ("extract", "embed", "embed-memories", "consolidate")
        while (job := jobs.lease(self.database, kinds)) is not None:
            if job.kind == "extract":
                extraction.run(self.database, builtin_extractors(), job, (), 0.5)
            elif job.kind == "consolidate":
                consolidate.run(self.database, self.embedder, None, job)
            else:
                embed.run(self.database, self.embedder, job)

    def everything(self) -> bytes:
        """Return all bytes of all files under the home."""
        return b"\0".join(
            path.read_bytes() for path in sorted(self.home.rglob("*")) if path.is_file()
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Yield an encrypted home opened by a key file beside it."""
    home = tmp_path / "home"
    key_file = tmp_path / "keys" / "key"
    make_key_file(key_file, home)
    route = Route("key-file", path=key_file)
    database = homes.create(home, [route])
    yield Bench(home, database, route)
    database.close()


@pytest.fixture
def open_bench(tmp_path: Path) -> Iterator[Bench]:
    """Yield an unencrypted home, in whose files anything that is left over can be seen."""
    home = tmp_path / "open home"
    database = homes.create(home, [])
    yield Bench(home, database, None)
    database.close()


@pytest.fixture(scope="session")
def bench_type() -> type[Bench]:
    """Return the class, for tests that make homes by themselves."""
    return Bench
