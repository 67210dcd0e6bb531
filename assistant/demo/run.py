"""Run the demo: a home of its own, then the same calls that a person's commands make.

Invariant: whatever is shown was read back from the store or came as an answer; no step knows which
samples it runs on. `tests/assistant/test_demo.py` renames the people and dates and looks.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant import config
from memassist.assistant.demo.results import (
    Asked,
    DemoResult,
    MaskedPlace,
    ShownEvidence,
    ShownMemory,
    TakenIn,
    Waiting,
)
from memassist.assistant.memory import Memory
from memassist.plugins.types import MEMORY_TYPES
from memassist.store.keys import Route, make_key_file
from memassist.store.times import from_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from memassist.assistant.demo.samples import SampleSet, Source
    from memassist.ingest.pipeline import ImportReport
    from memassist.store.memories import Memory as StoredMemory

Progress: TypeAlias = (
    "Callable[[str, str], AbstractContextManager[Callable[[int, int | None], None]]]"
)
"""Of a label and a unit; what it opens is told (done, total), a total of None being unknown."""

MOST_MASKED = 3
"""Places of masks that are looked for."""
_LOOKED_THROUGH = 10_000
"""Items, the latest first, that are looked through for masks."""


def run(samples: SampleSet, progress: Progress, *, keep: bool = False) -> DemoResult:
    """Take the samples into a temporary encrypted home, learn, and ask the questions.

    The home and its key file are removed at the end, also after an error, unless `keep`.
    """
    began = time.monotonic()
    with _temporary_places(keep=keep) as (home, key_file):
        make_key_file(key_file, home)
        Memory.create(home, routes=[Route("key-file", path=key_file)]).close()
        if samples.me:
            config.set_value(home, "me", samples.me)
        with Memory.open(home) as memory:
            taken_in = tuple(
                _take_in(memory, source, samples.timezone, progress) for source in samples.sources
            )
            notes = _learn(memory, progress)
            asked = tuple(_ask(memory, samples, progress))
            return DemoResult(
                taken_in=taken_in,
                memories=_memories(memory),
                waiting=tuple(
                    Waiting(entry.candidate.text, entry.candidate.type, entry.reason)
                    for entry in memory.inbox.list()
                ),
                vault=tuple(memory.vault.list()),
                masked=tuple(_masked(memory)),
                asked=asked,
                stats=memory.maintenance.stats(),
                notes=notes,
                seconds=round(time.monotonic() - began, 1),
                home=home if keep else None,
                key_file=key_file if keep else None,
            )


@contextmanager
def _temporary_places(*, keep: bool) -> Iterator[tuple[Path, Path]]:
    """Give a home and a key file, in two directories: the key never lies beside the data."""
    around = Path(tempfile.mkdtemp(prefix="memassist-demo-"))
    keys = Path(tempfile.mkdtemp(prefix="memassist-demo-key-"))
    is_done = False
    try:
        yield around / "home", keys / "demo.key"
        is_done = True
    finally:
        if not (keep and is_done):
            for directory in (around, keys):
                shutil.rmtree(directory, ignore_errors=True)


def _take_in(memory: Memory, source: Source, timezone: str | None, progress: Progress) -> TakenIn:
    with progress(f"taking in {source.path.name}", "items") as show:

        def count(report: ImportReport) -> None:
            show(report.accounted, None)

        report = memory.import_path(
            source.path, is_mine=source.is_mine, timezone=timezone, on_progress=count
        )
    return TakenIn(
        name=source.path.name + ("/" if source.path.is_dir() else ""),
        files=report.files,
        stored=report.stored,
        skipped=dict(report.skipped),
        problem_count=report.problem_count,
        problems=tuple(report.problems),
        secrets=report.secrets,
    )


def _learn(memory: Memory, progress: Progress) -> tuple[str, ...]:
    waiting = memory.maintenance.stats().passages
    with progress("learning", "passages") as show:
        report = memory.work(lambda now: show(now.embedded, max(waiting, now.embedded)))
    failed = (f"{report.failed} jobs failed; see memassist jobs list.",) if report.failed else ()
    return (*report.notes, *failed)


def _ask(memory: Memory, samples: SampleSet, progress: Progress) -> Iterator[Asked]:
    with progress("answering", "questions") as show:
        for number, question in enumerate(samples.questions):
            show(number, len(samples.questions))
            yield Asked(question.text, memory.ask(question.text, asked_at=question.asked_at))


def _memories(memory: Memory) -> tuple[ShownMemory, ...]:
    return tuple(
        _shown(memory, one) for type_ in MEMORY_TYPES for one in memory.memories.list(type_)
    )


def _shown(memory: Memory, stored: StoredMemory) -> ShownMemory:
    state = stored.state
    evidence = []
    for one in state.evidence:
        item = memory.item(one.item_id)
        evidence.append(
            ShownEvidence(
                item.id, one.quote, item.author, item.title, item.source, item.occurred_at
            )
        )
    return ShownMemory(
        id=stored.id,
        type=state.type,
        text=state.text,
        fields=state.fields,
        confidence=state.confidence,
        extractor=state.extractor,
        occurred_from=None if state.occurred_from is None else from_ms(state.occurred_from),
        precision=state.precision,
        valid_to=None if state.valid_to is None else from_ms(state.valid_to),
        superseded_by=state.superseded_by,
        evidence=tuple(evidence),
    )


def _masked(memory: Memory) -> Iterator[MaskedPlace]:
    """Yield the lines that hold masks, found in the store itself."""
    from memassist.ingest.secrets.masking import MASKED

    found = 0
    for item in memory.timeline(limit=_LOOKED_THROUGH):
        for line in item.text.splitlines():
            if MASKED.search(line):
                yield MaskedPlace(item.id, line.strip(), item.title)
                found += 1
                if found == MOST_MASKED:
                    return
