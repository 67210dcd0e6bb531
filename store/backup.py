"""Online backups: a consistent, encrypted copy of a store in use, verified by opening it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.store.database import Database
from memassist.store.errors import DamagedError, HomeMissingError
from memassist.store.files import made_whole, make_private_file, write_private_file
from memassist.store.keys import KEYSLOTS_NAME
from memassist.store.pictures import PICTURES_NAME, pictures_of
from memassist.store.schema import schema_version

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


def copy_database(database: Database, target: Path) -> BackupReport:
    """Write a consistent copy under the same key; the file is 0600 from the first byte.

    Raises `DamagedError` if the copy does not read back.
    """
    make_private_file(target)
    # VACUUM INTO wants a missing or empty file, keeps the key, and leaves free pages behind.
    database.read().execute("VACUUM INTO ?", (str(target),))
    report = verify(target, database.key)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return report


def back_up(home: Path, database: Database, target: Path) -> BackupReport:
    """Copy a home's store, pictures, key slots and settings into a new directory `target`.

    The directory appears when its copy has been read back. Raises `HomeExistsError` if there is
    something already, `StoreFullError`, `NoAccessError` and `DamagedError`.
    """
    with made_whole(target) as unfinished:
        # The pictures first: of those kept while this goes on the copy has no items.
        _copy_pictures(home, unfinished, database.key)
        report = copy_database(database, unfinished / STORE_NAME)
        _copy_small_files(home, unfinished)
    return replace(report, path=target / STORE_NAME)


def restore(backup: Path, home: Path, key: bytes | None) -> BackupReport:
    """Make `home`, which must not exist, from a backup that reads back with `key`.

    Raises `HomeMissingError` where there is no backup, `HomeExistsError`, `DamagedError`.
    """
    if not (backup / STORE_NAME).exists():
        raise HomeMissingError(backup)
    with made_whole(home) as unfinished:
        source = _open(backup / STORE_NAME, key)
        try:
            report = copy_database(source, unfinished / STORE_NAME)
        finally:
            source.close()
        _copy_pictures(backup, unfinished, key)
        _copy_small_files(backup, unfinished)
    return replace(report, path=home / STORE_NAME)


def _copy_pictures(source: Path, target: Path, key: bytes | None) -> None:
    with pictures_of(source, key) as pictures:
        if pictures is not None:
            pictures.copy_to(target / PICTURES_NAME)


def _copy_small_files(source: Path, target: Path) -> None:
    for name in (KEYSLOTS_NAME, CONFIG_NAME):
        if (source / name).exists():
            write_private_file(target / name, (source / name).read_bytes())


def verify(path: Path, key: bytes | None) -> BackupReport:
    """Read a store whole and count what it holds.

    Raises `HomeMissingError` where there is none, and `DamagedError`.
    """
    if not path.exists():
        raise HomeMissingError(path.parent)
    database = _open(path, key)
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


def _open(path: Path, key: bytes | None) -> Database:
    if path.is_file() and path.stat().st_size == 0:
        raise DamagedError(path, "it is empty")
    database = Database(path, key)
    if schema_version(database) == 0:
        database.close()
        raise DamagedError(path, "it is a database, but none of ours")
    return database
