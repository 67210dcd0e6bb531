"""Whether the ten vectors that search finds are the ten nearest, on embeddings of real texts.

usage: vector_recall.py BENCH.json[.gz] ... [--texts 100000] [--mixed 0] [--vectors FILE.npz]

Embeds sentences and whole turns of the sets (recall_table.py says what they look like) and asks
with their questions. --mixed adds as many vectors more, each between two real ones: a mean of two
of like meaning, weighted by chance. Exact is a scan of the float32 vectors as the model gave them;
ours are the two ways of search, over the packed vectors of an encrypted home. --vectors keeps what
was embedded for the next run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from memassist.assistant import Memory
from memassist.plugins.types import Record
from memassist.store import items, vectors
from memassist.store.keys import Route, make_key_file
from memassist.store.resident import ResidentVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memassist.plugins.protocols import Embedder
    from memassist.store.vectors import Floats

NEAREST = 10
BATCH = 4096
LIKE = 32
"""Vectors are mixed with one of so many that follow when all are sorted by a common direction."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_SHORTEST = 20


def main() -> None:
    """Print recall and milliseconds of both ways beside the exact scan."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bench", type=Path, nargs="+")
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--mixed", type=int, default=0)
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top, encrypted(Path(top)) as memory:
        embedder = memory.wiring.local_embedder()
        assert embedder is not None
        matrix, asked = embedded(embedder, options.bench, options.texts, options.vectors)
        if options.mixed:
            matrix = np.vstack([matrix, between(matrix, options.mixed)])
        model = fill(memory, embedder, matrix)
        connection = memory.wiring.database.read()
        held = ResidentVectors()
        held.expects_more = True
        held.nearest(connection, model, asked[0], NEAREST)
        exact, exact_ms = timed(asked, lambda query: nearest(matrix, query))
        ways: dict[str, Callable[[Floats], Sequence[int]]] = {
            "in memory": lambda query: held.nearest(connection, model, query, NEAREST)[0].tolist(),
            "from disk": lambda query: vectors.nearest_passages(connection, model, query, NEAREST)[
                0
            ].tolist(),
        }
        print(f"{len(matrix):,} vectors, {len(asked)} questions; exact scan {exact_ms:.0f} ms")
        for name, way in ways.items():
            # A pass over the disk takes long among many; a hundred questions tell enough.
            few = asked if name == "in memory" else asked[:100]
            found, took = timed(few, way)
            shares = [len({*a} & {*b}) / NEAREST for a, b in zip(found, exact, strict=False)]
            print(f"{name}: recall@{NEAREST} {statistics.mean(shares):.4f}, {took:.0f} ms")


def embedded(
    embedder: Embedder, benches: Sequence[Path], count: int, kept: Path | None
) -> tuple[Floats, Floats]:
    """Return `float32[count, dimensions]` of texts, and of the questions."""
    if kept is not None and kept.exists():
        file = np.load(kept)
        return file["texts"][:count], file["questions"]
    texts: set[str] = set()
    questions: set[str] = set()
    for bench in benches:
        raw = bench.read_bytes()
        for corpus in json.loads(gzip.decompress(raw) if bench.suffix == ".gz" else raw):
            questions.update(one["query"] for one in corpus["questions"])
            for item in corpus["items"]:
                texts.add(item["text"].strip())
                texts.update(part.strip() for part in _SENTENCE_END.split(item["text"]))
    rows = sorted(text for text in texts if len(text) >= _SHORTEST)
    if len(rows) < count:
        raise SystemExit(f"the sets have {len(rows):,} texts only")
    chosen = random.Random(1).sample(rows, count)
    matrix, asked = embedder.embed(chosen), embedder.embed(sorted(questions))
    if kept is not None:
        np.savez(kept, texts=matrix, questions=asked)
    return matrix, asked


def between(matrix: Floats, count: int) -> Floats:
    """Return unit vectors between two of like meaning, `float32[count, dimensions]`."""
    dice = np.random.default_rng(1)
    order = np.argsort(matrix @ matrix.mean(axis=0))
    first = dice.integers(0, len(matrix), count)
    second = (first + dice.integers(1, LIKE, count)) % len(matrix)
    share = dice.uniform(0.1, 0.9, (count, 1)).astype(np.float32)
    mixed = share * matrix[order[first]] + (1 - share) * matrix[order[second]]
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def encrypted(top: Path) -> Memory:
    """Return a new home that a key file opens."""
    make_key_file(top / "key", top / "home")
    return Memory.create(top / "home", routes=[Route("key-file", path=top / "key")])


def fill(memory: Memory, embedder: Embedder, matrix: Floats) -> int:
    """Store a passage for each vector, and the vector; passage ids count from 1."""
    database = memory.wiring.database
    with database.write() as connection:
        model = vectors.model_row(connection, embedder.model_id, embedder.dimensions)
        source = items.source_id(connection, "benchmark", "made up")
    for start in range(0, len(matrix), BATCH):
        rows = range(start, min(start + BATCH, len(matrix)))
        texts = [f"text {row}" for row in rows]
        batch = [
            items.NewItem(Record(text=text, place=""), "benchmark@1", True, 5, 0, [(0, len(text))])
            for text in texts
        ]
        with database.write() as connection:
            items.store_batch(connection, source, batch, None)
            passages = range(rows.start + 1, rows.stop + 1)
            vectors.put_passages(connection, model, passages, matrix[rows.start : rows.stop])
            connection.execute("DELETE FROM job")
    return model


def nearest(matrix: Floats, query: Floats) -> list[int]:
    """Return the ids of the nearest by an exact scan."""
    places = np.argpartition(matrix @ query, -NEAREST)[-NEAREST:]
    return [int(place) + 1 for place in places]


def timed(
    queries: Floats, run: Callable[[Floats], Sequence[int]]
) -> tuple[list[Sequence[int]], float]:
    """Return what each query found, and the median of milliseconds."""
    found, took = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(run(query))
        took.append(1000 * (time.perf_counter() - started))
    return found, statistics.median(took)


if __name__ == "__main__":
    main()
