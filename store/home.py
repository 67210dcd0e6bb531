"""A home: the directory with the store, the key slots and the settings, made and opened.

Invariant: only `create` makes a home; every other command needs one to be there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.store import keys, schema
from memassist.store.backup import CONFIG_NAME, STORE_NAME, copy_database
from memassist.store.database import Database
from memassist.store.errors import DamagedError, HomeExistsError, HomeMissingError
from memassist.store.files import make_private_directory, make_private_file
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

    It is made beside its place and moved there whole, so a crash leaves no half of one and of two
    processes one wins. Raises `HomeExistsError` where the directory holds anything.
    """
    if home.exists() and any(home.iterdir()):
        raise HomeExistsError(home)
    if not home.parent.exists():
        make_private_directory(home.parent)
    unfinished = home.with_name(f".{home.name}.{new_id()}")
    make_private_directory(unfinished)
    try:
        data_key = keys.create_keyslots(unfinished, routes)
        make_private_file(unfinished / CONFIG_NAME)
        database = Database(unfinished / STORE_NAME, data_key)
        _migrate(unfinished, database)
        database.close()
        try:
            unfinished.rename(home)
        except OSError as error:
            raise HomeExistsError(home) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Database(home / STORE_NAME, data_key)


def open_home(home: Path, given: keys.Route | None = None) -> Database:
    """Open a home's store, its schema brought up to date.

    Raises `HomeMissingError`, `LockedError`, `WrongKeyError`, `DamagedError`, `NewerStoreError`.
    """
    if not (home / keys.KEYSLOTS_NAME).exists():
        if (home / STORE_NAME).exists():
            raise DamagedError(home / STORE_NAME, f"{keys.KEYSLOTS_NAME} is missing beside it")
        raise HomeMissingError(home)
    unlocked = keys.unlock(home, given)
    if not (home / STORE_NAME).exists():
        raise DamagedError(home / STORE_NAME, "the file is missing")
    database = Database(home / STORE_NAME, unlocked.data_key)
    _migrate(home, database)
    return database


def _migrate(home: Path, database: Database) -> None:
    def back_up() -> None:
        directory = home / BACKUPS_NAME
        make_private_directory(directory)
        copy_database(database, directory / f"before-migration-{new_id()}.db")

    try:
        schema.migrate(database, back_up)
    except BaseException:
        database.close()
        raise
