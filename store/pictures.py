"""Pictures of what was captured, in a second file beside the store, under the same key.

Apart from the store, as they are large, go after a time, and are never searched. A picture belongs
to the item whose id it carries; forgetting the item erases it (`forget.forget_items`).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.database import BUSY_TIMEOUT_MS, Database
from memassist.store.errors import DamagedError, NewerStoreError, StoreBusyError
from memassist.store.files import make_private_file
from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PICTURES_NAME = "pictures.db"
SCHEMA_VERSION = 1
_SCHEMA = (
    """CREATE TABLE picture (
        item_uid TEXT PRIMARY KEY,
        kept_at INTEGER NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        content BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX picture_kept ON picture (kept_at, size_bytes)",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture."""

    width: int
    height: int
    content: bytes
    """WebP."""


@dataclass(frozen=True, slots=True)
class PicturesSize:
    """How much is kept."""

    pictures: int
    bytes: int


class Pictures:
    """The pictures of one home. Each call is a transaction; any thread may call."""

    def __init__(self, home: Path, key: bytes | None) -> None:
        """Open the file, made if there is none; raises as `database.connect` does."""
        path = home / PICTURES_NAME
        self._database = Database(path, key)
        version = int(self._database.read().execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            self._database.close()
            raise NewerStoreError(path, version, SCHEMA_VERSION)
        if version == 0:
            with self._database.write(durable=True) as connection:
                # Another process may have made it since.
                if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in _SCHEMA:
                        connection.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def keep(self, item_uid: str, picture: Picture) -> None:
        """Keep the picture of an item; one it had gives way."""
        row = (item_uid, now_ms(), picture.width, picture.height, len(picture.content))
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO picture VALUES (?, ?, ?, ?, ?, ?)", (*row, picture.content)
            )

    def get(self, item_uid: str) -> Picture | None:
        """Return the picture of an item, None where none is kept."""
        row = (
            self._database.read()
            .execute("SELECT width, height, content FROM picture WHERE item_uid = ?", (item_uid,))
            .fetchone()
        )
        return None if row is None else Picture(*row)

    def size(self) -> PicturesSize:
        """Return how much is kept."""
        row = (
            self._database.read()
            .execute("SELECT count(*), coalesce(sum(size_bytes), 0) FROM picture")
            .fetchone()
        )
        return PicturesSize(*row)

    def item_uids(self) -> list[str]:
        """Return the ids of the items that have a picture."""
        rows = self._database.read().execute("SELECT item_uid FROM picture").fetchall()
        return [row[0] for row in rows]

    def drop(self, item_uids: Iterable[str]) -> None:
        """Erase the pictures of items, if they have any; the log is left to `truncate_log`."""
        with self._database.write(durable=True) as connection:
            connection.executemany(
                "DELETE FROM picture WHERE item_uid = ?", [(uid,) for uid in item_uids]
            )

    def prune(self, oldest_ms: int, most_bytes: int) -> int:
        """Erase what was kept before a moment, then the oldest until the rest fits.

        Returns how many went.
        """
        with self._database.write() as connection:
            gone = connection.execute(
                "DELETE FROM picture WHERE kept_at < ?", (oldest_ms,)
            ).rowcount
            gone += connection.execute(
                "DELETE FROM picture WHERE item_uid IN (SELECT item_uid FROM (SELECT item_uid,"
                " sum(size_bytes) OVER (ORDER BY kept_at DESC, item_uid) AS so_far FROM picture)"
                " WHERE so_far > ?)",
                (most_bytes,),
            ).rowcount
        if gone:
            self.truncate_log()
        return gone

    def truncate_log(self) -> bool:
        """Clear erased pictures from the write-ahead log; False while another process reads."""
        connection = self._database.read()
        connection.execute("PRAGMA busy_timeout = 500")
        try:
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except StoreBusyError:
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")

    def damage(self) -> list[str]:
        """Read the file whole and return what is wrong with it, a few things at most."""
        rows = self._database.read().execute("PRAGMA integrity_check(3)").fetchall()
        return [row[0] for row in rows if row[0] != "ok"]

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy under the same key, and read it back. Raises `DamagedError`."""
        make_private_file(target)
        self._database.read().execute("VACUUM INTO ?", (str(target),))
        copy = Database(target, self._database.key)
        try:
            result = copy.read().execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            copy.close()
        if result != "ok":
            raise DamagedError(target, result)
        with target.open("rb") as file:
            os.fsync(file.fileno())


@contextlib.contextmanager
def pictures_of(home: Path, key: bytes | None) -> Iterator[Pictures | None]:
    """Open the pictures of a home for a while; None where none were ever kept."""
    if not (home / PICTURES_NAME).exists():
        yield None
        return
    pictures = Pictures(home, key)
    try:
        yield pictures
    finally:
        pictures.close()
