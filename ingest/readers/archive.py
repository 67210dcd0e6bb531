"""Look into zip files without extracting anything to disk.

Names inside never become paths here, so `../` can do no harm; such entries are reported and left
unread all the same. What a zip claims is not believed: reading is counted (`CountedEntry`).
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import open_or_refuse
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO, BinaryIO

ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")

MAX_DIRECTORY_BYTES = 12 << 20
"""Of the list of entries: about 100,000 of them, for which Python needs some 60 MB."""

MAX_TOTAL_BYTES = 64 << 30
"""Of all that is read from one archive, unpacked."""

BOMB_RATIO = 200
BOMB_BYTES = 100_000_000
"""An entry above both is refused. Chats shrink 3 to 20 times; the worst deflate can is 1,032."""

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What `zipfile` raises: damage, a method it doesn't know, a password that is missing."""

_PIECE_BYTES = 1 << 20
_TAIL_BYTES = 66_000
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_END_OF_DIRECTORY_64 = struct.Struct("<4sQ2H2L4Q")
_ABSOLUTE = re.compile(r"^(?:[/\\]|[A-Za-z]:)")


class EntryError(Exception):
    """An entry can't be read further; the message says why, in words for people."""


def is_zip(head: bytes) -> bool:
    """By the first bytes; archives with something before the zip are none for us."""
    return head.startswith(ZIP_MARKS)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose directory is of a sane size and not encrypted.

    Raises `UnreadableFileError` where it is damaged, cut off, encrypted or has too many entries.
    """
    with open_or_refuse(path) as stream:
        if _directory_bytes(stream) > MAX_DIRECTORY_BYTES:
            raise UnreadableFileError(
                "zip with too many entries", "unpack it and import the folder"
            )
        try:
            archive = zipfile.ZipFile(stream)
        # The directory's fields can be anything at all: struct, Unicode and value errors happen.
        except (*DAMAGE, struct.error, ValueError, IndexError) as error:
            raise UnreadableFileError(
                "damaged or cut-off zip", "download it again; the file is not complete"
            ) from error
        with archive:
            yield archive


def refuse_encrypted(archive: zipfile.ZipFile) -> None:
    """Raise `UnreadableFileError` where any entry needs a password."""
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise UnreadableFileError(
            "encrypted zip", "unpack it with its password and import the folder"
        )


def entry_problem(entry: zipfile.ZipInfo) -> Problem | None:
    """Why an entry must not be read; None where it may."""
    name = entry.filename
    if _ABSOLUTE.match(name) or ".." in re.split(r"[/\\]", name):
        return Problem(name, "name leads out of the zip", "make the zip again without such names")
    if entry.file_size > BOMB_BYTES and entry.file_size > BOMB_RATIO * max(1, entry.compress_size):
        return Problem(
            name,
            f"zip bomb: {entry.compress_size:,} bytes would become {entry.file_size:,}",
            "if you trust it, unpack it and import the folder",
        )
    return None


class CountedEntry:
    """One open entry; raises `EntryError` on damage, and where more comes out than may."""

    def __init__(self, stream: IO[bytes], packed_bytes: int, budget_bytes: int) -> None:
        self._stream = stream
        self._budget = min(budget_bytes, max(BOMB_BYTES, BOMB_RATIO * packed_bytes))
        self.read_bytes = 0
        """Unpacked so far."""

    def read(self, size_bytes: int) -> bytes:
        """As a stream's `read`."""
        try:
            chunk = self._stream.read(size_bytes)
        except DAMAGE as error:
            raise EntryError("damaged: parts of it are missing or wrong") from error
        self.read_bytes += len(chunk)
        if self.read_bytes > self._budget:
            raise EntryError("zip bomb: it unpacks to far more than it says")
        return chunk

    def read_to_end(self) -> None:
        """Read what is left and let it go, for the damage or the bomb that it may hold."""
        while self.read(_PIECE_BYTES):
            pass


@contextmanager
def open_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget_bytes: int
) -> Iterator[CountedEntry]:
    """Open an entry for counted reading. Raises `EntryError`, as its reading does."""
    try:
        stream = archive.open(entry)
    except (*DAMAGE, ValueError) as error:
        raise EntryError("damaged: it can't be unpacked") from error
    with stream:
        yield CountedEntry(stream, entry.compress_size, budget_bytes)


def entry_head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size_bytes: int) -> bytes | None:
    """The first bytes of an entry; empty where it must not be read, None where it is damaged."""
    if entry_problem(entry) is not None:
        return b""
    try:
        with archive.open(entry) as stream:
            return stream.read(size_bytes)
    except (*DAMAGE, ValueError):
        return None


def _directory_bytes(stream: BinaryIO) -> int:
    """How long the list of entries is by the file's end: `zipfile` would first read all of it.

    The layout is from PKWARE's APPNOTE, sections 4.3.14 and 4.3.16.
    """
    size_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size_bytes - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    stream.seek(0)
    directory_bytes = 0
    at = tail.rfind(b"PK\x05\x06")
    if 0 <= at <= len(tail) - _END_OF_DIRECTORY.size:
        directory_bytes = _END_OF_DIRECTORY.unpack_from(tail, at)[5]
    at = tail.rfind(b"PK\x06\x06")
    if 0 <= at <= len(tail) - _END_OF_DIRECTORY_64.size:
        directory_bytes = _END_OF_DIRECTORY_64.unpack_from(tail, at)[8]
    # No list is longer than its file; such a claim is damage, which `zipfile` will find.
    return directory_bytes if directory_bytes <= size_bytes else 0
