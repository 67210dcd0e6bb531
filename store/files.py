"""Files and directories that only their owner can read, from the first byte on."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from typing import TYPE_CHECKING

from memassist.store.errors import HomeExistsError, NoAccessError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_DIRECTORY = 0o700
PRIVATE_FILE = 0o600
FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No room on the disk, in the quota, or under the process's limit on file sizes."""
_BYTES_OF_OUR_OWN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Not passed on to other programs; on Windows, where that is so, without changing ends of lines."""


def make_private_directory(path: Path) -> None:
    """Make `path`, and what is missing above it, readable by its owner alone.

    Raises `NoAccessError` and `StoreFullError`.
    """
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    try:
        for directory in reversed(missing):
            directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
            # An older directory, or a umask that took the owner's own rights away.
            directory.chmod(PRIVATE_DIRECTORY)
    except OSError as error:
        raise explained(error, path) from error


def make_private_file(path: Path) -> None:
    """Make an empty 0600 file where there is none: SQLite gives -wal and -shm the same mode.

    Raises `NoAccessError` and `StoreFullError`.
    """
    flags = os.O_RDWR | _BYTES_OF_OUR_OWN
    try:
        try:
            handle = os.open(path, flags | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            _own_alone(handle)
        except FileExistsError:
            handle = os.open(path, flags)
    except OSError as error:
        raise explained(error, path) from error
    os.close(handle)


def write_private_file(path: Path, content: bytes, *, is_new: bool = False) -> None:
    """Replace `path` by `content` in one step, on disk before the call returns.

    With `is_new` it raises `FileExistsError` where there is a file, also one that another process
    made just now. Raises `NoAccessError` and `StoreFullError`.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BYTES_OF_OUR_OWN
    try:
        with os.fdopen(os.open(temporary, flags, PRIVATE_FILE), "wb") as file:
            _own_alone(file.fileno())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            os.link(temporary, path)
        else:
            temporary.replace(path)
        sync_directory(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise explained(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on disk."""
    if os.name == "nt":  # no directory can be opened there; NTFS keeps a journal of names
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _own_alone(handle: int) -> None:
    """Give a file the owner's rights: the umask may have taken them away.

    Windows has no such bits: a file has the rights of its folder, a person's folders theirs alone.
    """
    if os.name != "nt":
        os.fchmod(handle, PRIVATE_FILE)


@contextlib.contextmanager
def made_whole(place: Path) -> Iterator[Path]:
    """Yield a private directory that becomes `place` when the block ends, or else is removed.

    It lies beside its place and is moved there in one step: a crash leaves no half of it, and of
    two processes one wins. Raises `HomeExistsError` where `place` holds anything.
    """
    place = place.resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise HomeExistsError(place)
    if not place.parent.exists():
        make_private_directory(place.parent)
    unfinished = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    make_private_directory(unfinished)
    try:
        yield unfinished
        try:
            unfinished.rename(place)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise HomeExistsError(place) from error
            raise explained(error, place) from error
        sync_directory(place.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def explained(error: OSError, path: Path) -> NoAccessError | StoreFullError:
    """Return the store's own error for what the operating system refused."""
    if error.errno in FULL_ERRNOS:
        return StoreFullError()
    return NoAccessError(path, error.strerror or type(error).__name__)
