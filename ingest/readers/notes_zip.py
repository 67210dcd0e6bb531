"""A zip of documents: each file in it is read as it would be beside it, in memory.

Nothing is unpacked to disk. Zips inside, pictures and chat exports inside are skipped by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    ZIP_MARKS,
    entry_head,
    entry_problem,
    is_zip,
    open_archive,
    refuse_encrypted,
)
from memassist.ingest.readers.containers import is_junk
from memassist.ingest.readers.opening import HEAD_BYTES
from memassist.ingest.readers.sources import MAX_ENTRY_BYTES
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Skipped, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.plugins.protocols import Reader
    from memassist.plugins.types import ReadOptions, ReadOutcome

_MAX_PROBLEMS = 100
_TOOL_FOLDERS = frozenset({"node_modules", "__pycache__", "__MACOSX", "venv", "site-packages"})


class NotesZipReader:
    """Reads the documents in a zip that is no format of its own."""

    name = "zip"
    version = 1

    def __init__(self, inner: Sequence[Reader]) -> None:
        self._inner = inner
        """The readers of single documents that can read an entry."""

    def recognises(self, file: SourceFile) -> float:
        """Any zip, less surely than the formats that are zips themselves."""
        return 0.3 if file.entry is None and is_zip(file.head) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield what each document holds, or why it was not read.

        Raises `UnreadableFileError` where the zip can't be opened or holds nothing of use.
        """
        if file.entry is not None or not is_zip(file.head):
            raise UnreadableFileError("no zip", "import it without naming the format")
        is_empty = True
        with open_archive(file.path) as archive:
            refuse_encrypted(archive)
            entries = archive.infolist()
            heads: list[tuple[SourceFile, Reader]] = []
            for entry in entries:
                name = entry.filename
                if name.endswith("/"):
                    continue
                is_empty = False
                problem = entry_problem(entry)
                if problem is not None:
                    yield problem
                    continue
                if is_junk(name) or _is_hidden(name):
                    yield Skipped(name, "hidden")
                    continue
                head = entry_head(archive, entry, HEAD_BYTES)
                if head is None:
                    yield Problem(name, "damaged: it can't be unpacked", "make the zip again")
                    continue
                inner = SourceFile(file.path, name, entry.file_size, head, name)
                reader = _reader_of(inner, self._inner)
                if reader is None:
                    is_inner_zip = head.startswith(ZIP_MARKS)
                    yield Skipped(name, "zip within a zip" if is_inner_zip else "no known format")
                elif entry.file_size > MAX_ENTRY_BYTES:
                    yield Problem(
                        name, "too large inside a zip", "unpack the zip and import the folder"
                    )
                else:
                    heads.append((inner, reader))
        for inner, reader in heads:
            try:
                yield from reader.read(inner, options)
            except UnreadableFileError as error:
                yield Problem(inner.name, error.reason, error.advice)
        if is_empty:
            yield Skipped(file.name, "empty file")


def _reader_of(file: SourceFile, readers: Sequence[Reader]) -> Reader | None:
    scored = [(reader.recognises(file), -place) for place, reader in enumerate(readers)]
    score, place = max(scored, default=(0.0, 0))
    return readers[-place] if score > 0 else None


def _is_hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith(".") or part in _TOOL_FOLDERS for part in parts)
