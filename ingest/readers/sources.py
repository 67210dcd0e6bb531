"""The bytes of a source: a file of its own, or one entry of a zip, read in memory."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import (
    EntryError,
    entry_problem,
    open_archive,
    open_entry,
    refuse_encrypted,
)
from memassist.ingest.readers.opening import open_or_refuse, read_bounded
from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from memassist.plugins.types import SourceFile

MAX_ENTRY_BYTES = 64 << 20
"""Of one entry of a zip that is read in memory, unpacked."""


def read_source(file: SourceFile, limit_bytes: int) -> bytes | None:
    """Return all bytes of the source, or None where there are more than the limit.

    Raises `UnreadableFileError`.
    """
    if file.entry is None:
        return read_bounded(file.path, limit_bytes)
    limit_bytes = min(limit_bytes, MAX_ENTRY_BYTES)
    with open_archive(file.path) as archive:
        refuse_encrypted(archive)
        try:
            entry = archive.getinfo(file.entry)
        except KeyError as error:
            raise UnreadableFileError("it is no longer in the zip") from error
        problem = entry_problem(entry)
        if problem is not None:
            raise UnreadableFileError(problem.reason, problem.advice)
        try:
            with open_entry(archive, entry, limit_bytes + 1) as counted:
                pieces: list[bytes] = []
                while counted.read_bytes <= limit_bytes and (piece := counted.read(1 << 20)):
                    pieces.append(piece)
        except EntryError as error:
            if entry.file_size > limit_bytes:
                return None
            raise UnreadableFileError(str(error), "make the zip again") from error
    content = b"".join(pieces)
    return content if len(content) <= limit_bytes else None


@contextmanager
def open_source(file: SourceFile) -> Iterator[BinaryIO]:
    """Open the source as a stream that can be sought. Raises `UnreadableFileError`."""
    if file.entry is None:
        with open_or_refuse(file.path) as stream:
            yield stream
        return
    content = read_source(file, MAX_ENTRY_BYTES)
    if content is None:
        raise UnreadableFileError(
            f"more than {MAX_ENTRY_BYTES:,} bytes inside a zip", "unpack it and import the folder"
        )
    yield io.BytesIO(content)


def uri_of(file: SourceFile) -> str:
    """Return where a person can open the original: the file, with the entry behind `#`."""
    uri = file.path.absolute().as_uri()
    return uri if file.entry is None else f"{uri}#{file.entry}"
