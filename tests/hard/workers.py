"""Processes that the hard tests start, and that kill, race or starve each other.

Run as `python workers.py ROLE HOME ...`; each prints one JSON line at its end. They go through the
public facade; only the embedding model is a small one of their own, as loading the real one four
times would measure the model.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from memassist.assistant import Memory
from memassist.ingest import embed
from memassist.plugins.types import Record
from memassist.store import jobs
from memassist.store.errors import ConflictError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

COMMITS_A_SECOND = 60
"""How fast each process tries to go."""


class SmallEmbedder:
    """A deterministic model of eight dimensions."""

    model_id = "small@1:8"
    dimensions = 8

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector for each text, from its hash."""
        digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
        rows = np.array([list(digest) for digest in digests], np.float32) - 127.3
        lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
        unit: npt.NDArray[np.float32] = np.divide(rows, lengths, dtype=np.float32)
        return unit


def paced(seconds: float, step: Callable[[int], bool]) -> dict[str, float]:
    """Call `step` at the wanted rate until the time is over; it says whether it committed."""
    start = time.monotonic()
    attempts = commits = busy = 0
    longest = 0.0
    while (passed := time.monotonic() - start) < seconds:
        due = attempts / COMMITS_A_SECOND
        if due > passed:
            time.sleep(due - passed)
        began = time.monotonic()
        try:
            commits += step(attempts)
        except StoreBusyError:
            busy += 1
        attempts += 1
        longest = max(longest, time.monotonic() - began)
    return {
        "attempts": attempts,
        "commits": commits,
        "busy": busy,
        "longest": round(longest, 2),
        "seconds": round(time.monotonic() - start, 2),
    }


def run_importer(home: Path, seconds: float, name: str) -> dict[str, object]:
    """Add one item at a time, and keep a ledger of what was acknowledged."""
    ledger: list[str] = []
    with Memory.open(home) as memory:

        def step(number: int) -> bool:
            text = f"{name} line {number}"
            record = Record(text=text, place="here", native_id=f"{name}-{number}")
            report = memory.add_items([record], source="ledger")
            ledger.append(text)
            return report.stored == 1

        return {**paced(seconds, step), "ledger": ledger}


def run_embedder(home: Path, seconds: float, name: str) -> dict[str, object]:
    """Embed what is queued, a job at a time."""
    del name
    model = SmallEmbedder()
    with Memory.open(home) as memory:
        database = memory.wiring.database

        def step(number: int) -> bool:
            del number
            job = jobs.lease(database, ("embed", "embed-memories"))
            if job is None:
                return False
            embed.run(database, model, job)
            return True

        return {**paced(seconds, step)}


def run_editor(home: Path, seconds: float, name: str) -> dict[str, object]:
    """Count up in the text of memories that another editor counts in too."""
    counted: dict[str, int] = {}
    conflicts = 0
    with Memory.open(home) as memory:
        targets = sorted(one.id for one in memory.memories.list())

        def step(number: int) -> bool:
            nonlocal conflicts
            current = memory.memories.get(targets[number % len(targets)])
            text = f"counted to {int(current.state.text.split()[-1]) + 1}"
            try:
                memory.memories.edit(current.id, text=text, expected_version=current.version)
            except ConflictError:
                conflicts += 1
                return False
            counted[current.id] = counted.get(current.id, 0) + 1
            return True

        rates = paced(seconds, step)
    del name
    return {**rates, "counted": counted, "conflicts": conflicts}


ROLES = {"importer": run_importer, "embedder": run_embedder, "editor": run_editor}


if __name__ == "__main__":
    role, home, seconds, name = sys.argv[1:5]
    outcome = ROLES[role](Path(home), float(seconds), name)
    print(json.dumps(outcome))  # noqa: T201 - the test that started it reads this
