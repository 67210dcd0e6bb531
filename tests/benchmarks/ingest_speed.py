"""How fast items are taken in and embedded, beside the plain work that this is made of.

usage: ingest_speed.py [--items 20000] [--texts 1000]

Items are short messages as JSON lines, taken in without vectors into an encrypted home; beside
them the same texts put into a plain encrypted FTS5 table, in transactions of as many rows. Texts
of 10 to 150 words are then embedded by the job that does so, read, packed and stored; beside it our
model alone, which sorts all the texts by length, and ONNX Runtime on plain batches of the same
texts. The ways are timed in turns, and the medians printed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from memassist.assistant import Memory
from memassist.ingest import embed
from memassist.ingest.embedding.graph import IDS_INPUT, MASK_INPUT
from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder
from memassist.store import home as homes
from memassist.store import jobs
from memassist.store.keys import Route, make_key_file

TURNS = 40
REPEATS = 3
PLAIN_BATCH = 500
MODEL_BATCH = 32
WORDS = """
    garden heron letter kitchen window river market morning train coffee paper doctor school holiday
    music bicycle weather station blanket orange mountain picture
    """.split()  # noqa: SIM905 - a list would be a column


def main() -> None:
    """Print both figures with their references."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--texts", type=int, default=1_000)
    options = parser.parse_args()
    ours: list[float] = []
    bare: list[float] = []
    log_mb = 0.0
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as top:
            rate, log_bytes = take_in(Path(top), options.items)
            ours.append(rate)
            log_mb = max(log_mb, log_bytes / 2**20)
        with tempfile.TemporaryDirectory() as top:
            bare.append(plain_rows(Path(top), options.items))
    print(f"taking in: {statistics.median(ours):,.0f} items/s, the log at most {log_mb:.0f} MB")
    print(f"  rows of a plain FTS5 table: {statistics.median(bare):,.0f}/s")
    with tempfile.TemporaryDirectory() as top:
        job, model, plain = embedding(Path(top), options.texts)
    print(f"embedding: {job:.0f} texts/s")
    print(f"  the model alone, all texts at once: {model:.0f}/s, so {job / model:.0%} of it")
    print(f"  ONNX Runtime, {MODEL_BATCH} texts as they come: {plain:.0f}/s, so {job / plain:.0%}")


def texts(count: int) -> list[str]:
    """Return short sentences, no two the same."""
    return [
        f"Remark {number}: the {WORDS[number % 22]} by the {WORDS[number // 22 % 22]} was"
        f" {WORDS[number // 484 % 22]} again, and {WORDS[number * 7 % 22]} too."
        for number in range(count)
    ]


def take_in(top: Path, count: int) -> tuple[float, int]:
    """Return the items a second of an import without vectors, and the most the log took."""
    source = top / "items.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts(count)):
            line = {"ref": f"r{number}", "conversation": f"c{number // TURNS}", "text": text}
            file.write(json.dumps(line) + "\n")
    log = top / "home" / "memory.db-wal"
    most = 0

    def look(_: object) -> None:
        nonlocal most
        most = max(most, log.stat().st_size if log.exists() else 0)

    with encrypted(top) as memory:
        started = time.perf_counter()
        memory.import_path(source, format_name="jsonl", on_progress=look)
        return count / (time.perf_counter() - started), most


def encrypted(top: Path) -> Memory:
    """Return a new home that a key file opens."""
    make_key_file(top / "key", top / "home")
    return Memory.create(top / "home", routes=[Route("key-file", path=top / "key")])


def plain_rows(top: Path, count: int) -> float:
    """Return the rows a second of the same texts in an encrypted FTS5 table and nothing else."""
    make_key_file(top / "key", top / "home")
    database = homes.create(top / "home", [Route("key-file", path=top / "key")])
    with database.write() as connection:
        connection.execute("CREATE VIRTUAL TABLE plain USING fts5(text, tokenize='porter')")
    rows = [(text,) for text in texts(count)]
    started = time.perf_counter()
    for start in range(0, count, PLAIN_BATCH):
        with database.write() as connection:
            connection.executemany(
                "INSERT INTO plain VALUES (?)", rows[start : start + PLAIN_BATCH]
            )
    took = time.perf_counter() - started
    database.close()
    return count / took


def embedding(top: Path, count: int) -> tuple[float, float, float]:
    """Return the texts a second of the embedding job, of the model alone, and of plain batches."""
    chance = random.Random(1)
    short = texts(12 * count)
    rows = [" ".join(chance.sample(short, chance.randint(1, 12))) for _ in range(count)]
    with encrypted(top) as memory:
        source = top / "items.jsonl"
        lines = [json.dumps({"ref": str(number), "text": text}) for number, text in enumerate(rows)]
        source.write_text("\n".join(lines), encoding="utf-8")
        memory.import_path(source, format_name="jsonl")
        database = memory.wiring.database
        embedder = memory.wiring.local_embedder()
        assert isinstance(embedder, OnnxEmbedder)
        embedder.embed(["warm"])
        took: dict[str, list[float]] = {"job": [], "model": [], "plain": []}
        for _ in range(REPEATS):
            with database.write() as connection:
                connection.execute("DELETE FROM vector")
                connection.execute("DELETE FROM job")
                jobs.queue_all(connection)
            started = time.perf_counter()
            while (job := jobs.lease(database, ("embed",))) is not None:
                embed.run(database, embedder, job)
            took["job"].append(time.perf_counter() - started)
            started = time.perf_counter()
            embedder.embed(rows)
            took["model"].append(time.perf_counter() - started)
            started = time.perf_counter()
            plain_batches(embedder, rows)
            took["plain"].append(time.perf_counter() - started)
    job_seconds, model_seconds, plain_seconds = map(statistics.median, took.values())
    return count / job_seconds, count / model_seconds, count / plain_seconds


def plain_batches(embedder: OnnxEmbedder, rows: list[str]) -> None:
    """Run tokenizer and ONNX Runtime on texts as they come, each batch as long as its longest."""
    session, tokenizer = embedder._ready()  # the same session, threads and weights
    for start in range(0, len(rows), MODEL_BATCH):
        encodings = tokenizer.encode_batch_fast(rows[start : start + MODEL_BATCH])
        ids = np.zeros((len(encodings), max(len(one.ids) for one in encodings)), np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(encodings):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        session.run(None, {IDS_INPUT: ids, MASK_INPUT: mask})


if __name__ == "__main__":
    main()
