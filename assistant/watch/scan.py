"""Taking in what changed in a watched folder since the last look.

A file is read again only where its size or time changed and then its bytes did. What a file holds
is noted after it is stored, so a crash in between reads it once more, to the same result.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memassist.assistant.watch.folder import FoundFile, walk_watched
from memassist.ingest.files import offer
from memassist.ingest.pipeline import (
    ImportReport,
    clean_and_mask,
    named_in_folder,
    read_file,
    shown_problem,
    take_in,
)
from memassist.ingest.readers.opening import open_regular
from memassist.plugins.types import Problem, Record, SourceFile
from memassist.store import problems, watches
from memassist.store.items import WATCH_ACCOUNT
from memassist.store.watches import WatchedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from memassist.ingest.pipeline import ImportSettings
    from memassist.plugins.protocols import Reader
    from memassist.plugins.types import ReadOutcome
    from memassist.store.database import Database
    from memassist.store.problems import StoredProblem
    from memassist.store.watches import Watch

CHUNK_FILES = 32
"""So many files are one step: few enough to lose little at a crash, enough for large jobs."""
_HASHED_AT_ONCE_BYTES = 1 << 20
HASHED_WHOLE_BYTES = 256 << 20
"""Of a larger file, such as a film, only the ends are hashed, with its time: what moved has it too,
and what was only touched is read once more."""
SOURCE_KIND = "watch"
BACK_ADVICE = (
    "What was taken in stays. When the folder is back it is watched again; to watch it no more:"
    " memassist watch remove {path}"
)


@dataclass(slots=True)
class ScanReport:
    """What one look at a folder came to; grows while it runs."""

    path: Path
    is_missing: bool = False
    """The folder is gone or empty where there had been files; nothing was done."""
    files: int = 0
    """That count, in the folder now."""
    to_read: int = 0
    """New or with other bytes, as far as is known."""
    changed: int = 0
    """Of those, read."""
    moved: int = 0
    gone: int = 0
    """No longer there; what was taken in of them stays."""
    unsettled: int = 0
    """Still being written; left for the next look."""
    taken_in: ImportReport = field(default_factory=ImportReport)


@dataclass(frozen=True, slots=True)
class _Task:
    """A file to be read, and what is to be noted of it then."""

    found: FoundFile
    known: WatchedFile


@dataclass(slots=True)
class _Plan:
    tasks: list[_Task] = field(default_factory=list)
    """To be read."""
    noted: list[WatchedFile] = field(default_factory=list)
    """To be noted without reading."""
    moved_from: set[str] = field(default_factory=set)
    """Names to be known no more."""


class _Names:
    """What a new name means: a file that moved, or one of its own."""

    def __init__(self, found: dict[str, FoundFile], known: dict[str, WatchedFile]) -> None:
        self._natives = {file.native for file in known.values()}
        self._vanished: dict[bytes, list[WatchedFile]] = {}
        for name, file in known.items():
            if name not in found:
                self._vanished.setdefault(file.content_hash, []).append(file)

    def take_moved(self, content_hash: bytes) -> WatchedFile | None:
        """Return a file of those bytes that is no longer where it was, each only once."""
        candidates = self._vanished.get(content_hash)
        return candidates.pop() if candidates else None

    def new_native(self, name: str, content_hash: bytes) -> str:
        """Return what identifies a new file's items: its name, unless that moved on with others."""
        native = name if name not in self._natives else f"{name} {content_hash.hex()[:8]}"
        self._natives.add(native)
        return native


class Scan:
    """One look at one folder."""

    def __init__(
        self,
        database: Database,
        watch: Watch,
        readers: Sequence[Reader],
        settings: ImportSettings,
        home: Path,
    ) -> None:
        """Take what it works with; nothing is looked at before `run`."""
        self._database = database
        self._watch = watch
        self._readers = readers
        self._settings = replace(settings, is_mine=watch.is_mine)
        self._home = home
        self._source = clean_and_mask(str(watch.path))[0]
        """Under which the folder's problems are listed."""
        self.report = ScanReport(watch.path)

    def run(
        self,
        *,
        settled_seconds: float = 0.0,
        again: bool = False,
        on_progress: Callable[[ScanReport], None] = lambda report: None,
    ) -> ScanReport:
        """Take in what is new or changed; with `again` also what is not.

        Files that changed within `settled_seconds` are left for the next look.
        """
        found: dict[str, FoundFile] = {}
        troubles: list[Problem] = []
        for one in walk_watched(self._watch.path, self._home):
            if isinstance(one, Problem):
                troubles.append(one)
            else:
                found[one.name] = one
        known = watches.files(self._database.read(), self._watch)
        self.report.files = len(found)
        before = problems.of_source(self._database.read(), self._source)
        if not found and self._is_missing(known):
            self._note_missing(is_unreadable=bool(troubles))
            return self.report
        for trouble in troubles:
            self._trouble(trouble)
        plan = self._compare(found, known, settled_seconds, again=again)
        gone = [
            replace(file, is_gone=True)
            for name, file in known.items()
            if name not in found and not file.is_gone and name not in plan.moved_from
        ]
        self.report.gone = len(gone)
        with self._database.write(durable=True) as connection:
            watches.set_state(connection, self._watch, "active")
            watches.drop_files(connection, self._watch, plan.moved_from)
            watches.keep_files(connection, self._watch, [*plan.noted, *gone])
        self.report.to_read = self.report.unsettled + len(plan.tasks)
        for start in range(0, len(plan.tasks), CHUNK_FILES):
            self._read(plan.tasks[start : start + CHUNK_FILES])
            on_progress(self.report)
        self._drop_mended(before, found.keys(), {task.found.name for task in plan.tasks})
        return self.report

    def _drop_mended(
        self, before: Sequence[StoredProblem], there: Iterable[str], read: AbstractSet[str]
    ) -> None:
        """Take off the list what was not met again: of files read now, or no longer there."""
        if not before:
            return
        names = {clean_and_mask(name)[0]: name for name in there}
        mended = []
        for problem in before:
            named = _file_of(problem.place, names.keys())
            if problem.place == self._source or named is None or names[named] in read:
                mended.append(problem)
        with self._database.write() as connection:
            problems.drop_mended(connection, mended)

    def _is_missing(self, known: dict[str, WatchedFile]) -> bool:
        """Whether nothing is there where there was something, as with a disk that is not mounted.

        It stops here: a folder that suddenly is empty is not one whose files were all removed.
        """
        return any(not file.is_gone for file in known.values()) or not self._watch.path.is_dir()

    def _note_missing(self, *, is_unreadable: bool) -> None:
        self.report.is_missing = True
        path = self._watch.path
        state = "can't be read" if is_unreadable else "is empty"
        reason = f"the watched folder {state if path.is_dir() else 'is gone'}"
        with self._database.write(durable=True) as connection:
            watches.set_state(connection, self._watch, "missing")
        self._trouble(Problem(str(path), reason, BACK_ADVICE.format(path=path)))

    def _trouble(self, problem: Problem) -> None:
        safe = shown_problem(problem)
        self.report.taken_in.add_problem(safe)
        with self._database.write(durable=True) as connection:
            problems.add(connection, self._source, safe)

    def _compare(
        self,
        found: dict[str, FoundFile],
        known: dict[str, WatchedFile],
        settled_seconds: float,
        *,
        again: bool,
    ) -> _Plan:
        """Return what there is to do, with the bytes of what looks changed compared."""
        plan = _Plan()
        names = _Names(found, known)
        now = time.time()
        for name, file in found.items():
            before = known.get(name)
            is_same = before is not None and (before.size_bytes, before.modified_ns) == (
                file.size_bytes,
                file.modified_ns,
            )
            if before is not None and is_same and not again:
                if before.is_gone:
                    plan.noted.append(replace(before, is_gone=False))
                continue
            if not is_same and 0 <= now - file.modified_ns / 1e9 < settled_seconds:
                self.report.unsettled += 1
                continue
            content_hash = self._hash(file)
            if content_hash is None:
                continue
            moved = None
            if before is None and file.size_bytes:
                moved = names.take_moved(content_hash)
            if moved is not None:
                self.report.moved += 1
                plan.moved_from.add(moved.name)
            of_items = before or moved
            native = names.new_native(name, content_hash) if of_items is None else of_items.native
            noted = WatchedFile(name, native, file.size_bytes, file.modified_ns, content_hash)
            if of_items is not None and of_items.content_hash == content_hash and not again:
                plan.noted.append(noted)
            else:
                plan.tasks.append(_Task(file, noted))
        return plan

    def _hash(self, file: FoundFile) -> bytes | None:
        """Return the hash of a file's bytes, None where they can't be had, which is counted."""
        try:
            content_hash = _hash_of(file)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._trouble(Problem(file.name, f"can't be read: {reason}"))
            return None
        if content_hash is None:
            self.report.unsettled += 1
        return content_hash

    def _read(self, tasks: Sequence[_Task]) -> None:
        take_in(
            self._database,
            SOURCE_KIND,
            str(self._watch.path),
            self._outcomes(tasks),
            self._settings,
            self.report.taken_in,
        )
        done = []
        for task in tasks:
            # What was written to while it was read is read again.
            if _is_unchanged(task.found):
                done.append(task.known)
                self.report.changed += 1
            else:
                self.report.unsettled += 1
        with self._database.write(durable=True) as connection:
            watches.keep_files(connection, self._watch, done)

    def _outcomes(self, tasks: Sequence[_Task]) -> Iterator[tuple[str, ReadOutcome]]:
        for task in tasks:
            self.report.taken_in.files += 1
            file = offer(task.found.path, task.found.name)
            if not isinstance(file, SourceFile):
                yield "", file
                continue
            count = 0
            for label, outcome in read_file(file, self._readers, self._settings.options):
                if isinstance(outcome, Record) and _is_known_by_file(outcome):
                    # Of a file that holds several documents, each is known by its place in it.
                    native = f"{task.known.native}#{count}" if count else task.known.native
                    account = WATCH_ACCOUNT + self._watch.id
                    yield label, replace(outcome, account=account, native_id=native)
                    count += 1
                elif isinstance(outcome, Problem):
                    yield label, named_in_folder(outcome, file.name)
                else:
                    yield label, outcome


def _file_of(place: str, names: AbstractSet[str]) -> str | None:
    """Return which of the files a problem's place names, None where it is none of them."""
    named = place
    while named not in names:
        named, comma, _ = named.rpartition(", ")
        if not comma:
            return next((name for name in names if name in place), None)
    return named


def _is_known_by_file(record: Record) -> bool:
    """Whether nothing but its file tells who a record is; a chat's messages have their own ids."""
    return (
        record.kind in ("document", "picture") and record.native_id is None and record.ref is None
    )


def _hash_of(file: FoundFile) -> bytes | None:
    """Return the hash of a file's bytes, None where it changed meanwhile. Raises `OSError`."""
    state = hashlib.blake2b(digest_size=16)
    with open_regular(file.path) as stream:
        if file.size_bytes > HASHED_WHOLE_BYTES:
            state.update(f"{file.size_bytes} {file.modified_ns} ".encode())
            state.update(stream.read(_HASHED_AT_ONCE_BYTES))
            stream.seek(-_HASHED_AT_ONCE_BYTES, os.SEEK_END)
        while piece := stream.read(_HASHED_AT_ONCE_BYTES):
            state.update(piece)
    return state.digest() if _is_unchanged(file) else None


def _is_unchanged(file: FoundFile) -> bool:
    try:
        status = file.path.lstat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (file.size_bytes, file.modified_ns)
