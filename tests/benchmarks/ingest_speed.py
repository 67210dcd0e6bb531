"""How fast items are taken in and embedded, beside the plain work that this is made of.

usage: ingest_speed.py [--items 20000] [--texts 1000]

Items are short messages as JSON lines, taken in without vectors into an encrypted home; beside
them the same texts put into a plain encrypted FTS5 table, in transactions of as many rows. Texts
are then embedded by the job that does so, read, packed and stored, beside the model alone on the
same texts in the same batches. Both ways of each are timed in turns, and the medians printed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from memassist.assistant import Memory
from memassist.ingest import embed
from memassist.store import home as homes
from memassist.store import jobs
from memassist.store.keys import Route, make_key_file

TURNS = 40
REPEATS = 3
PLAIN_BATCH = 500
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
    ours, plain, log_mb = [], [], 0.0
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as top:
            rate, log_bytes = take_in(Path(top), options.items)
            ours.append(rate)
            log_mb = max(log_mb, log_bytes / 2**20)
        with tempfile.TemporaryDirectory() as top:
            plain.append(plain_rows(Path(top), options.items))
    print(f"taking in: {statistics.median(ours):,.0f} items/s, the log at most {log_mb:.0f} MB")
    print(f"  rows of a plain FTS5 table: {statistics.median(plain):,.0f}/s")
    with tempfile.TemporaryDirectory() as top:
        pipeline, model = embedding(Path(top), options.texts)
    print(f"embedding: {pipeline:.0f} texts/s, the model alone {model:.0f}: {pipeline / model:.0%}")


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


def embedding(top: Path, count: int) -> tuple[float, float]:
    """Return the texts a second of the embedding job, and of the model alone."""
    with encrypted(top) as memory:
        source = top / "items.jsonl"
        rows = texts(count)
        lines = [json.dumps({"ref": str(number), "text": text}) for number, text in enumerate(rows)]
        source.write_text("\n".join(lines), encoding="utf-8")
        memory.import_path(source, format_name="jsonl")
        database = memory.wiring.database
        embedder = memory.wiring.local_embedder()
        assert embedder is not None
        embedder.embed(["warm"])
        pipeline, model = [], []
        for _ in range(REPEATS):
            with database.write() as connection:
                connection.execute("DELETE FROM vector")
                connection.execute("DELETE FROM job")
                jobs.queue_all(connection)
            started = time.perf_counter()
            while (job := jobs.lease(database, ("embed",))) is not None:
                embed.run(database, embedder, job)
            pipeline.append(count / (time.perf_counter() - started))
            started = time.perf_counter()
            for start in range(0, count, embed.BATCH):
                embedder.embed(rows[start : start + embed.BATCH])
            model.append(count / (time.perf_counter() - started))
    return statistics.median(pipeline), statistics.median(model)


if __name__ == "__main__":
    main()
