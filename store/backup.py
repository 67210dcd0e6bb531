"""Online backups: a consistent, encrypted copy of a store in use, verified by opening it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.database import Database
from memassist.store.errors import DamagedError, HomeExistsError, HomeMissingError
from memassist.store.files import make_private_directory, make_private_file, write_private_file
from memassist.store.keys import KEYSLOTS_NAME

if TYPE_CHECKING:
    from pathlib import Path

STORE_NAME = "memory.db"
CONFIG_NAME = "config.toml"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds, counted by reading it back."""

    path: Path
    items: int
    memories: int
    bytes: int


def copy_database(database: Database, target: Path) -> None:
    """Write a consistent copy under the same key; the file is 0600 from the first byte.

    Raises `DamagedError` if the copy does not read back.
    """
    make_private_file(target)
    # VACUUM INTO wants a missing or empty file, keeps the key, and leaves free pages behind.
    database.read().execute("VACUUM INTO ?", (str(target),))
    verify(target, database.key)


def back_up(home: Path, database: Database, target: Path) -> BackupReport:
    """Copy a home's store, key slots and settings into a new directory `target`.

    Raises `HomeExistsError` if there is something already.
    """
    if target.exists() and any(target.iterdir()):
        raise HomeExistsError(target)
    make_private_directory(target)
    copy_database(database, target / STORE_NAME)
    for name in (KEYSLOTS_NAME, CONFIG_NAME):
        if (home / name).exists():
            write_private_file(target / name, (home / name).read_bytes())
    return verify(target / STORE_NAME, database.key)


def restore(backup: Path, home: Path, key: bytes | None) -> BackupReport:
    """Make `home`, which must not exist, from a backup that reads back with `key`."""
    if not (backup / STORE_NAME).exists():
        raise HomeMissingError(backup)
    if home.exists() and any(home.iterdir()):
        raise HomeExistsError(home)
    verify(backup / STORE_NAME, key)
    make_private_directory(home)
    source = Database(backup / STORE_NAME, key)
    try:
        copy_database(source, home / STORE_NAME)
    finally:
        source.close()
    for name in (CONFIG_NAME, KEYSLOTS_NAME):
        if (backup / name).exists():
            write_private_file(home / name, (backup / name).read_bytes())
    return verify(home / STORE_NAME, key)


def verify(path: Path, key: bytes | None) -> BackupReport:
    """Read a store whole and count what it holds. Raises `DamagedError`."""
    if not path.exists():
        raise HomeMissingError(path.parent)
    database = Database(path, key)
    try:
        connection = database.read()
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if result != "ok":
            raise DamagedError(path, result)
        items, memories = connection.execute(
            "SELECT (SELECT count(*) FROM item), (SELECT count(*) FROM memory)"
        ).fetchone()
    finally:
        database.close()
    return BackupReport(path, items, memories, path.stat().st_size)


def room_for_copy(path: Path) -> bool:
    """Whether the disk has room for another copy of a file and as much again."""
    return shutil.disk_usage(path.parent).free > 2 * path.stat().st_size
