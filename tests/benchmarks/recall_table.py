"""How much of a question's evidence search finds, in one process: a table per class.

usage: recall_table.py BENCH.json[.gz] [--homes DIR] [--lexical]

BENCH is a list of {"id", "items": [import lines], "questions": [{"query", "category", "evidence":
[refs], "asked_at"?}]}. With --homes the homes stay in DIR for the next run. Ends with an error
where a class falls below its floor.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from memassist.assistant import Memory, Query

CUTS = (1, 3, 5, 10, 20, 50)
FLOORS = {
    "single-hop": 0.90,
    "multi-hop": 0.54,
    "temporal": 0.94,
    "open-domain": 0.48,
    "adversarial": 0.88,
    "knowledge-update": 0.95,
    "multi-session": 0.86,
    "single-session-assistant": 0.95,
    "single-session-preference": 0.85,
    "single-session-user": 0.95,
    "temporal-reasoning": 0.75,
}
"""The least share @10 of a class that a change may leave: a little below what was measured.
LoCoMo's classes first, then LongMemEval's, of which one question is worth up to a quarter."""


def main() -> None:
    """Print share of evidence, share of questions with all of it @10, MRR and milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("--homes", type=Path)
    parser.add_argument("--lexical", action="store_true")
    options = parser.parse_args()
    raw = options.bench.read_bytes()
    corpora = json.loads(gzip.decompress(raw) if options.bench.suffix == ".gz" else raw)
    ranks: dict[str, list[tuple[list[int], int]]] = defaultdict(list)
    seconds: list[float] = []
    with contextlib.ExitStack() as stack:
        top = options.homes or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for corpus in corpora:
            with _filled(top / corpus["id"], corpus["items"]) as memory:
                for question in corpus["questions"]:
                    if question["evidence"]:
                        started = time.perf_counter()
                        found = _ranks(memory, question, lexical=options.lexical)
                        seconds.append(time.perf_counter() - started)
                        for name in ("all", question["category"]):
                            ranks[name].append((found, len(set(question["evidence"]))))
    print(f"{'class':28} {'n':>5} " + " ".join(f"@{cut:<5}" for cut in CUTS) + " all@10  MRR")
    for name in sorted(ranks, key=lambda one: (one != "all", one)):
        print(f"{name:28} {len(ranks[name]):5} {_row(ranks[name])}")
    print(f"95% of resamples of @10: {_interval(ranks['all'])}")
    below = [
        f"{name}: {_at_ten(ranks[name]):.3f} @10 is below the floor of {floor}"
        for name, floor in FLOORS.items()
        if name in ranks and _at_ten(ranks[name]) < floor
    ]
    print(f"a query: {1000 * statistics.median(seconds):.0f} ms (median of {len(seconds)})")
    if below and not options.lexical:
        raise SystemExit("\n".join(below))


def _filled(home: Path, lines: list[dict[str, Any]]) -> Memory:
    if home.exists():
        return Memory.open(home)
    memory = Memory.create(home, routes=[])
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.flush()
        memory.import_path(Path(file.name), format_name="jsonl")
    memory.work()
    return memory


def _ranks(memory: Memory, question: dict[str, Any], *, lexical: bool) -> list[int]:
    """Return the ranks, from 0, of the evidence that was found."""
    asked_at = question.get("asked_at")
    query = Query(
        question["query"],
        k=max(CUTS),
        kind="evidence",
        asked_at=datetime.fromisoformat(asked_at) if asked_at else None,
        collapse=False,
    )
    wanted = set(question["evidence"])
    hits = memory.search(query, lexical=lexical).hits
    return [rank for rank, hit in enumerate(hits) if hit.ref in wanted]


def _share(found: list[int], count: int, cut: int) -> float:
    return sum(rank < cut for rank in found) / count


def _row(rows: list[tuple[list[int], int]]) -> str:
    shares = [statistics.fmean(_share(*row, cut) for row in rows) for cut in CUTS]
    whole = statistics.fmean(_share(*row, 10) == 1.0 for row in rows)
    reciprocal = statistics.fmean(1 / (found[0] + 1) if found else 0.0 for found, _ in rows)
    return " ".join(f"{share:.3f} " for share in shares) + f" {whole:.3f}  {reciprocal:.3f}"


def _at_ten(rows: list[tuple[list[int], int]]) -> float:
    return statistics.fmean(_share(*row, 10) for row in rows)


def _interval(rows: list[tuple[list[int], int]]) -> str:
    shares = [_share(*row, 10) for row in rows]
    chance = random.Random(1)
    means = sorted(statistics.fmean(chance.choices(shares, k=len(shares))) for _ in range(1_000))
    return f"{means[25]:.3f} to {means[974]:.3f}"


if __name__ == "__main__":
    main()
