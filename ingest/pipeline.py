"""The whole import on one screen: walk, recognise, read, clean, mask, stamp, split, store.

`take_in` is the only way into the store for anything that is not typed by hand, and hands what is
typed by hand to the same steps as a record. Every outcome is counted:
stored + new versions + existing + forgotten + skipped + problems = what the readers yielded.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memassist.ingest.files import sizes, walk
from memassist.ingest.marks import moved_boxes, moved_marks
from memassist.ingest.progress import Told
from memassist.ingest.readers import recognise
from memassist.ingest.readers.opening import noting_position
from memassist.ingest.secrets import mask
from memassist.ingest.split import split
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped, SourceFile, Trust
from memassist.store import items, problems
from memassist.store.own_answers import APP_KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from memassist.plugins.protocols import Reader
    from memassist.plugins.types import FieldValue, Origin, ReadOutcome, SecretFound
    from memassist.store.database import Database

BATCH_ITEMS = 500
BATCH_CHARACTERS = 2_000_000
"""A batch is one transaction: large enough to be fast, small enough to let others write."""
ADVICE = "correct it or get a new copy, then: memassist retry"
"""For a problem whose reader knows no better way out."""
SHOWN_PROBLEMS = 100
"""The report carries so many; the store keeps them all."""

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_NAMELESS = frozenset({"", "user", "human", "me", "you"})
"""Authors that name a role and no person."""
_TRUST: dict[Origin, Trust] = {
    "hand": Trust.OWNER,
    "file": Trust.FILE,
    "chat": Trust.CHAT,
    "screen": Trust.SCREEN,
    "mcp": Trust.MCP,
}


@dataclass(slots=True)
class ImportReport:
    """What became of everything that was met; grows while an import runs."""

    files: int = 0
    stored: int = 0
    new_versions: int = 0
    existing: int = 0
    forgotten: int = 0
    """Left out because the person had it forgotten before."""
    skipped: Counter[str] = field(default_factory=Counter)
    """By reason."""
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first ones."""
    secrets: int = 0
    """Masked before anything was stored."""
    unstored: int = 0
    """Read, and on their way into the store."""
    all_bytes: int = 0
    """Of the files to read, 0 where nobody counted."""
    read_bytes: int = 0
    """Of those, as far as their readers tell."""

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None where that is not known."""
        return min(self.read_bytes / self.all_bytes, 1.0) if self.all_bytes else None

    @property
    def accounted(self) -> int:
        """How many things were met."""
        kept = self.stored + self.new_versions + self.existing + self.forgotten
        return kept + self.skipped.total() + self.problem_count

    def add_problem(self, problem: Problem) -> None:
        """Count a problem and keep it if there is room."""
        self.problem_count += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """What the person said about one import."""

    options: ReadOptions = field(default_factory=ReadOptions)
    is_mine: bool = False
    """The files were written by the owner."""
    vault_key: bytes | None = None
    """Seals masked secrets; None drops them."""


def import_path(
    database: Database,
    path: Path,
    readers: Sequence[Reader],
    settings: ImportSettings,
    *,
    format_name: str | None = None,
    is_wanted: Callable[[str], bool] | None = None,
    on_progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Take in a file or a folder. Raises `NoSuchPathError`; all else becomes a problem.

    With a `format_name` the only reader reads every file, recognised or not. `is_wanted` chooses
    files of a folder by their names in it; without it, problems that were met there before and
    are met no more leave the list.
    """
    report = ImportReport()
    given = None if format_name is None else readers[0]
    options = settings.options
    offer = problems.Offer(
        os.fsencode(path.absolute()).decode("utf-8", "replace"),
        format_name,
        settings.is_mine,
        options.me,
        options.timezone,
    )
    before = [] if is_wanted else problems.offered_at(database.read(), offer.path)
    counted = (size for name, size in sizes(path) if is_wanted is None or is_wanted(name))
    report.all_bytes = sum(counted)
    with noting_position() as position:
        told = Told(report, on_progress, position)
        outcomes = _read_all(path, readers, given, options, report, is_wanted, told)
        take_in(database, "import", path.name, outcomes, settings, report, told.now, offer)
    if before:
        with database.write() as connection:
            problems.drop_mended(connection, before)
    return report


def take_in(
    database: Database,
    kind: str,
    name: str,
    outcomes: Iterable[tuple[str, ReadOutcome]],
    settings: ImportSettings,
    report: ImportReport,
    on_progress: Callable[[ImportReport], None] = lambda report: None,
    offer: problems.Offer | None = None,
) -> ImportReport:
    """Store what (reader label, outcome) pairs hold, in durable batches, and count it.

    Problems keep `offer`, so that what could not be read can be offered again.
    """
    name = clean_and_mask(name)[0]
    seen: Counter[int] = Counter()
    batch: list[items.NewItem] = []
    troubles: list[Problem] = []
    characters = 0

    def flush() -> None:
        nonlocal characters
        with database.write(durable=True) as connection:
            source = items.source_id(connection, kind, name)
            results = items.store_batch(connection, source, batch, settings.vault_key)
            for problem in troubles:
                problems.add(connection, name, problem, offer)
        for result in results:
            report.stored += result == "stored"
            report.new_versions += result == "new version"
            report.existing += result == "existing"
            report.forgotten += result == "forgotten"
        batch.clear()
        report.unstored = 0
        troubles.clear()
        characters = 0
        on_progress(report)

    for label, outcome in outcomes:
        prepared: items.NewItem | Skipped | Problem = (
            prepare(outcome, label, settings, seen) if isinstance(outcome, Record) else outcome
        )
        if isinstance(prepared, Skipped):
            report.skipped[prepared.reason] += 1
        elif isinstance(prepared, Problem):
            safe = shown_problem(prepared)
            report.add_problem(safe)
            troubles.append(safe)
        else:
            report.secrets += len(prepared.secrets)
            if kind == APP_KIND:
                prepared = replace(prepared, passages=())
            batch.append(prepared)
            report.unstored = len(batch)
            characters += len(prepared.record.text)
        if len(batch) + len(troubles) >= BATCH_ITEMS or characters >= BATCH_CHARACTERS:
            flush()
    if batch or troubles:
        flush()
    return report


def prepare(
    record: Record, label: str, settings: ImportSettings, seen: Counter[int]
) -> items.NewItem | Skipped:
    """Clean, mask, stamp and split one record. `seen` counts contents that have no id."""
    text, secrets = clean_and_mask(record.text)
    if not text.strip():
        return Skipped(record.place, "blank text")
    masked = replace(
        record,
        text=text,
        boxes=moved_boxes(record.boxes, secrets),
        marks=moved_marks(record.marks, secrets),
        author=_masked(record.author),
        title=_masked(record.title),
        uri=_masked(record.uri),
        app=_masked(record.app),
        window=_masked(record.window),
        conversation=_cleaned(record.conversation),
        native_id=_cleaned(record.native_id),
        ref=_cleaned(record.ref),
        metadata={key: _masked_value(value) for key, value in record.metadata.items()},
    )
    repetition = 0
    if (record.native_id or record.ref) is None:
        key = hash((record.account, record.conversation, record.role, record.author, text))
        repetition = seen[key]
        seen[key] += 1
    is_owner = _is_owner(record, settings)
    return items.NewItem(
        record=masked,
        reader=label,
        is_owner=is_owner,
        trust=Trust.OWNER if is_owner else _TRUST[record.origin],
        repetition=repetition,
        passages=split(text, record.kind, masked.marks),
        secrets=secrets,
    )


def clean_and_mask(text: str) -> tuple[str, Sequence[SecretFound]]:
    """Return text that SQLite and UTF-8 can hold, with secrets masked, and the secrets."""
    masked = mask(_BROKEN.sub("\N{REPLACEMENT CHARACTER}", text))
    return masked.text, masked.found


def _read_all(
    path: Path,
    readers: Sequence[Reader],
    given: Reader | None,
    options: ReadOptions,
    report: ImportReport,
    is_wanted: Callable[[str], bool] | None,
    told: Told,
) -> Iterator[tuple[str, ReadOutcome]]:
    for file in walk(path):
        name = file.name if isinstance(file, SourceFile) else file.place
        if is_wanted is not None and not is_wanted(name):
            continue
        if not isinstance(file, SourceFile):
            yield "", file
            continue
        report.files += 1
        for label, outcome in read_file(file, readers, options, given):
            if isinstance(outcome, Problem) and path.is_dir():
                yield label, named_in_folder(outcome, file.name)
            else:
                yield label, outcome
            told.soon()
        told.end_of_file(file.size_bytes)


def named_in_folder(problem: Problem, name: str) -> Problem:
    """Return a problem of a file of a folder, whose place names the file.

    Readers name places within a file, and in a folder many have a line 18.
    """
    if name in problem.place:
        return problem
    return replace(problem, place=f"{name}, {problem.place}")


def read_file(
    file: SourceFile,
    readers: Sequence[Reader],
    options: ReadOptions,
    given: Reader | None = None,
) -> Iterator[tuple[str, ReadOutcome]]:
    """Yield what the best reader, or the given one, finds in a file, with its `name@version`.

    Raises nothing of a reader's: that becomes a problem.
    """
    reader = given or recognise(file, readers)
    if reader is None:
        yield "", Skipped(file.name, "no known format")
        return
    label = f"{reader.name}@{reader.version}"
    try:
        for outcome in reader.read(file, options):
            yield label, outcome
    except UnreadableFileError as error:
        yield label, Problem(file.name, error.reason, error.advice)
    except Exception as error:  # noqa: BLE001 - a reader may be other people's code
        reason = f"the {reader.name} reader failed: {type(error).__name__}"
        yield label, Problem(file.name, reason, "Please report it.")


def _is_owner(record: Record, settings: ImportSettings) -> bool:
    if record.is_owner is not None:
        return record.is_owner
    if record.role != "user":
        return False
    if settings.is_mine and record.origin == "file":
        return True
    author = (record.author or "").strip().casefold()
    if author in _NAMELESS:
        # What a screen shows is never the owner's word, whoever took the picture.
        return record.origin in ("hand", "chat")
    return author in {name.casefold() for name in settings.options.me}


def _masked(text: str | None) -> str | None:
    return None if text is None else clean_and_mask(text)[0]


def _cleaned(text: str | None) -> str | None:
    """Ids are compared and never searched, so they are cleaned only."""
    return None if text is None else _BROKEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _masked_value(value: FieldValue) -> FieldValue:
    if isinstance(value, str):
        return clean_and_mask(value)[0]
    if isinstance(value, list):
        return [clean_and_mask(one)[0] for one in value]
    return value


def shown_problem(problem: Problem) -> Problem:
    """Return a problem as it is kept: without secrets, and never without a way out."""
    parts = (problem.place, problem.reason, problem.advice or ADVICE)
    return Problem(*(clean_and_mask(part)[0] for part in parts))
