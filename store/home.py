"""A home: the directory with the store, the key slots and the settings, made and opened.

Invariant: only `create` makes a home; every other command needs one to be there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.store import keys, schema
from memassist.store.backup import CONFIG_NAME, STORE_NAME, copy_database
from memassist.store.database import Database
from memassist.store.errors import DamagedError, HomeMissingError
from memassist.store.files import (
    explained,
    made_whole,
    make_private_directory,
    make_private_file,
    sync_directory,
)
from memassist.store.identifiers import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

BACKUPS_NAME = "backups"


def default_home() -> Path:
    """Return `MEMASSIST_HOME`, or the platform's directory for a program's data."""
    asked = os.environ.get("MEMASSIST_HOME")
    if asked:
        return Path(asked).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("memassist", appauthor=False))


def create(home: Path, routes: Sequence[keys.Route]) -> Database:
    """Make a home that these routes open (none: unencrypted) and return its open store.

    It appears whole or not at all; of two processes one wins. Raises `HomeExistsError` where the
    directory holds anything, `KeyRouteError` for a key file inside it, and `NoAccessError`.
    """
    for route in routes:
        if route.path is not None:
            keys.check_key_file_place(route.path, home)
    with made_whole(home) as unfinished:
        data_key = keys.create_keyslots(unfinished, routes)
        make_private_file(unfinished / CONFIG_NAME)
        database = Database(unfinished / STORE_NAME, data_key)
        _migrate(unfinished, database)
        database.close()
    return Database(home / STORE_NAME, data_key)


def open_home(home: Path, given: keys.Route | None = None) -> Database:
    """Open a home's store, its schema brought up to date.

    Raises `HomeMissingError`, `LockedError`, `WrongKeyError`, `NoAccessError`, `DamagedError`,
    `NewerStoreError`.
    """
    path = home / STORE_NAME
    try:
        unlocked = keys.unlock(home, given)
    except HomeMissingError:
        if path.exists():
            raise DamagedError(path, f"{keys.KEYSLOTS_NAME} is missing beside it") from None
        raise
    return open_with_key(home, unlocked.data_key)


def open_with_key(home: Path, data_key: bytes | None) -> Database:
    """Open a home's store with its data key; raises as `open_home` does from there on."""
    path = home / STORE_NAME
    if not path.exists():
        raise DamagedError(path, "the file is missing")
    # SQLite takes an empty file for a new database: a store that was cut to nothing must not
    # come back as one that holds nothing.
    if path.is_file() and path.stat().st_size == 0:
        raise DamagedError(path, "it is empty")
    database = Database(path, data_key)
    try:
        if schema.schema_version(database) == 0:
            raise DamagedError(path, "it is a database, but none of ours")
        _migrate(home, database)
    except BaseException:
        database.close()
        raise
    return database


def copies_before_migrations(home: Path) -> list[Path]:
    """Return the copies that migrations made in the home, oldest first.

    They are encrypted as the store is, and hold what was forgotten since.
    """
    return sorted((home / BACKUPS_NAME).glob("before-migration-*.db*"))


def drop_copies_before_migrations(home: Path) -> int:
    """Delete those copies and return how many. Raises `NoAccessError`."""
    copies = copies_before_migrations(home)
    for copy in copies:
        try:
            copy.unlink(missing_ok=True)
        except OSError as error:
            raise explained(error, copy) from error
    if copies:
        sync_directory(home / BACKUPS_NAME)
    return len(copies)


def _migrate(home: Path, database: Database) -> None:
    def back_up() -> None:
        directory = home / BACKUPS_NAME
        make_private_directory(directory)
        copy_database(database, directory / f"before-migration-{new_id()}.db")

    schema.migrate(database, back_up)
