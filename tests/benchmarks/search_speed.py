"""How fast search is on a home of a given size, beside the plain parts it is made of.

usage: search_speed.py [--passages 10000,100000] [--million] [--homes DIR] [--queries 60]
                       [--plot FILE.png] [--processor]

Texts are words drawn by Zipf's law, in conversations of 40 turns; vectors are random units, which
cost what real ones cost. Homes are encrypted; with --homes they stay in DIR for the next run.
Every figure is a median (p50) or a 95th percentile (p95) of one run, in milliseconds. The
references are taken in the same run on the same rows: FTS5's own BM25 for any of the query's words,
an exact scan of a float32 matrix in memory, and one call of the embedding model. "Typing" is a
search by words for the first three to five letters of one; "imports" is a process that only loads
what a search does, and resident MB are those of the whole process after its first queries. --plot
draws how each grows with size, and needs matplotlib, which nothing else here does. --processor
counts the time of processors instead, all threads together, for a machine that others use too.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.assistant import Memory, Query
from memassist.plugins.types import Record
from memassist.store import items, vectors
from memassist.store.keys import Route, make_key_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from memassist.plugins.protocols import Embedder

    Clock: TypeAlias = Callable[[], float]
    Floats: TypeAlias = npt.NDArray[np.float32]

BATCH = 2_000
TURNS = 40
VOCABULARY = 60_000
NEW_PROCESSES = 5
SEARCH = "from memassist.ui.cli import main; main()"
IMPORTS = (
    "import memassist.ui.cli, memassist.assistant.memory, memassist.assistant.recall.search,"
    " onnxruntime, tokenizers"
)
"""What a search loads, and does nothing with."""
COMMON = """
    the to and a of i in it you that is was for my on with have we so but this be are at as not
    they just like from what about me had do all he if she there when one really out up would
    time some get good new day work today home people thing year week morning night long
    """.split()  # noqa: SIM905 - a list would be a column of 60 lines


def main() -> None:
    """Print a row for each size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--passages", default="10000,100000")
    parser.add_argument("--million", action="store_true", help="also 1,000,000; takes 2 GB of disk")
    parser.add_argument("--homes", type=Path)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--processor", action="store_true")
    options = parser.parse_args()
    clock = processor_seconds if options.processor else time.perf_counter
    sizes = [int(size) for size in options.passages.split(",")]
    print(
        f"{'passages':>9} {'bytes each':>10} | {'words p50':>9} {'p95':>5} | {'hybrid p50':>10}"
        f" {'p95':>5} {'first':>6} | {'typing':>6} {'p95':>5} |"
        f" {'new process':>11} {'lexical':>7} {'imports':>7} | {'BM25':>5} {'scan':>5}"
        f" {'model':>5} {'their sum p50':>13} {'p95':>5} | {'resident MB':>11}"
    )
    with contextlib.ExitStack() as stack:
        top = options.homes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sizes += [1_000_000] if options.million else []
        rows = [measure(top / str(size), size, options.queries, clock) for size in sizes]
    if options.plot is not None:
        plot(options.plot, sizes, rows, "of processor time, " if options.processor else "")


def measure(top: Path, size: int, count: int, clock: Clock) -> dict[str, float]:
    """Make the home if it is not there, print its row and return the medians that are drawn."""
    home = top / "home"
    route = Route("key-file", path=top / "key")
    if not home.exists():
        top.mkdir(parents=True, exist_ok=True)
        make_key_file(top / "key", home)
        with Memory.create(home, routes=[route]) as memory:
            fill(memory, size)
    first = [in_new_process(clock, home) for _ in range(NEW_PROCESSES)]
    lexical = [in_new_process(clock, home, "--lexical") for _ in range(NEW_PROCESSES)]
    start = [run_python(clock, IMPORTS) for _ in range(NEW_PROCESSES)]
    with Memory.open(home) as memory:
        embedder = memory.wiring.local_embedder()
        assert embedder is not None
        connection = memory.wiring.database.read()
        embedder.embed(["warm"])
        queries = asked(connection.execute("SELECT text FROM item WHERE id % 97 = 1"), count)
        started = clock()
        memory.search(Query(queries[0]))
        first_ms = 1000 * (clock() - started)
        for query in queries[:5]:
            memory.search(Query(query))
        resident = resident_mb()
        matrix = all_vectors(memory, embedder)
        vector = embedder.embed(["a query"])[0]
        took = timed(
            clock,
            queries,
            {
                "hybrid": lambda query: memory.search(Query(query)),
                "words": lambda query: memory.search(Query(query), lexical=True),
                "typing": lambda query: memory.search(
                    Query(beginning(query), is_being_typed=True), lexical=True
                ),
                "fts": lambda query: plain_words(memory, query),
                "model": lambda query: embedder.embed([query]),
                "scan": lambda _: plain_scan(matrix, vector),
            },
        )
    took["sum"] = [
        sum(parts) for parts in zip(took["fts"], took["model"], took["scan"], strict=True)
    ]
    each = sum(file.stat().st_size for file in home.glob("memory.db*")) / size
    print(
        f"{size:9,} {each:10.0f} | {p50(took['words']):9.1f} {p95(took['words']):5.0f}"
        f" | {p50(took['hybrid']):10.1f} {p95(took['hybrid']):5.0f} {first_ms:6.0f}"
        f" | {p50(took['typing']):6.1f} {p95(took['typing']):5.0f}"
        f" | {p50(first):11.0f} {p50(lexical):7.0f} {p50(start):7.0f}"
        f" | {p50(took['fts']):5.1f} {p50(took['scan']):5.1f} {p50(took['model']):5.1f}"
        f" {p50(took['sum']):13.1f} {p95(took['sum']):5.0f} | {resident:11.0f}",
        flush=True,
    )
    return {
        "words and meaning": p50(took["hybrid"]),
        "words alone": p50(took["words"]),
        "while typing": p50(took["typing"]),
        "a new process": p50(first),
        "the plain parts together": p50(took["sum"]),
        "plain BM25": p50(took["fts"]),
    }


def plot(path: Path, sizes: Sequence[int], rows: Sequence[dict[str, float]], of: str) -> None:
    """Draw the milliseconds of each over the number of passages, both on logarithmic axes."""
    from matplotlib import pyplot  # type: ignore[import-not-found]  # only whoever draws has it

    figure, axes = pyplot.subplots(figsize=(7, 4.5), dpi=120)
    for name in rows[0]:
        style = "--" if "plain" in name else "-"
        axes.plot(sizes, [row[name] for row in rows], style, marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel=f"milliseconds {of}median")
    axes.grid(which="both", alpha=0.25)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path)


def beginning(query: str) -> str:
    """Return the first three to five letters of the longest word asked for."""
    word = max(query.split()[4:], key=len)
    return word[: 3 + len(query) % 3]


def fill(memory: Memory, size: int) -> None:
    """Store `size` items of one passage each, with vectors and without jobs."""
    embedder = memory.wiring.local_embedder()
    assert embedder is not None
    texts = sentences(size)
    dice = np.random.default_rng(2)
    with memory.wiring.database.write() as connection:
        model = vectors.model_row(connection, embedder.model_id, embedder.dimensions)
        source = items.source_id(connection, "benchmark", "made up")
    for start in range(0, size, BATCH):
        batch = [
            items.NewItem(record(start + place, text), "benchmark@1", True, 5, 0, [(0, len(text))])
            for place, text in enumerate(next(texts) for _ in range(min(BATCH, size - start)))
        ]
        matrix = dice.standard_normal((len(batch), embedder.dimensions), np.float32)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        with memory.wiring.database.write() as connection:
            items.store_batch(connection, source, batch, None)
            passages = range(start + 1, start + 1 + len(batch))
            vectors.put_passages(connection, model, passages, matrix)
            connection.execute("DELETE FROM job")


def record(number: int, text: str) -> Record:
    """Return turn `number` of all."""
    talk, turn = divmod(number, TURNS)
    return Record(
        text=text,
        place="",
        author=("Ann", "Bob")[turn % 2],
        conversation=f"talk {talk}",
        native_id=str(number),
        sequence=turn,
    )


def sentences(count: int) -> Iterator[str]:
    """Yield texts of 8 to 45 words whose frequencies fall as those of a language do."""
    chance = random.Random(1)
    dice = np.random.default_rng(1)
    syllables = [a + b for a in "bcdfghklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "er")]
    words = [*COMMON]
    while len(words) < VOCABULARY:
        words.append("".join(chance.choices(syllables, k=chance.randint(2, 4))))
    weights = 1.0 / (np.arange(len(words)) + 2.7)
    weights /= weights.sum()
    for start in range(0, count, BATCH):
        lengths = dice.integers(8, 45, min(BATCH, count - start))
        drawn = dice.choice(len(words), int(lengths.sum()), p=weights)
        for part in np.split(drawn, np.cumsum(lengths)[:-1]):
            yield " ".join(words[place] for place in part) + "."


def asked(texts: Iterable[tuple[str]], count: int) -> list[str]:
    """Return questions made of five words that stand together in a text."""
    chance = random.Random(3)
    rows = [row[0].rstrip(".").split() for row in texts]
    chosen = chance.sample(rows, min(count, len(rows)))
    return [f"When did we say {' '.join(chance.sample(words, 5))}" for words in chosen]


def processor_seconds() -> float:
    """Return the processor time of this process and of those it waited for."""
    import resource  # not on Windows

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def in_new_process(clock: Clock, home: Path, *options: str) -> float:
    """Return the milliseconds of a search by the command line, its process included."""
    arguments = ["--home", str(home), "search", *options, "--json", "what did Ann say"]
    return run_python(clock, SEARCH, *arguments)


def run_python(clock: Clock, code: str, *arguments: str) -> float:
    """Return the milliseconds of a new process."""
    # An installed package is compiled, whatever is set for the tree that it is developed in.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", code, *arguments]
    started = clock()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return 1000 * (clock() - started)


def plain_words(memory: Memory, query: str) -> object:
    """Return FTS5's own ten best for any of the words."""
    words = " OR ".join(f'"{word}"' for word in query.split()[4:])
    return (
        memory.wiring.database.read()
        .execute(
            "SELECT rowid FROM passage_index WHERE passage_index MATCH ? ORDER BY rank LIMIT 10",
            (words,),
        )
        .fetchall()
    )


def all_vectors(memory: Memory, embedder: Embedder) -> Floats:
    """Return every vector as float32."""
    rows = memory.wiring.database.read().execute("SELECT scale, numbers FROM vector").fetchall()
    return vectors.unpack([(row[0], row[1]) for row in rows], embedder.dimensions)


def plain_scan(matrix: Floats, vector: Floats) -> object:
    """Return the ten nearest of all."""
    return np.argpartition(matrix @ vector, -10)[-10:]


def timed(
    clock: Clock, queries: Sequence[str], ways: dict[str, Callable[[str], object]]
) -> dict[str, list[float]]:
    """Return the milliseconds of each query each way; taken in turns, so that noise is shared."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for query in queries:
        for name, run in ways.items():
            started = clock()
            run(query)
            took[name].append(1000 * (clock() - started))
    return took


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


def resident_mb() -> float:
    """Return what this process holds of memory now; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
