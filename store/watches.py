"""Watched folders, and what is known of each file in them, so that an unchanged one is not read.

A file that is gone keeps its row and its items: what was taken in stays until it is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.store.errors import NotFoundError
from memassist.store.identifiers import new_id
from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from memassist.store.database import Connection, Row

WatchState: TypeAlias = Literal["active", "missing"]


@dataclass(frozen=True, slots=True)
class Watch:
    """One watched folder."""

    row_id: int
    id: str
    path: Path
    """Absolute, links followed."""
    is_mine: bool
    """Its files were written by the owner."""
    state: WatchState
    """`missing` once it was gone or empty where there had been files, until they are back."""
    scanned_at: int | None
    """Milliseconds since 1970, None before the first scan."""
    files: int
    """How many of its files were taken in and are still there."""


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """What is known of one file."""

    name: str
    """Relative to the folder, with `/`."""
    native: str
    """What identifies its items: the name it had when it was first seen."""
    size_bytes: int
    modified_ns: int
    content_hash: bytes
    is_gone: bool = False


_COLUMNS = """watch.*, (SELECT count(*) FROM watched_file
    WHERE watch_id = watch.id AND NOT is_gone) AS files"""


def add(connection: Connection, path: Path, *, is_mine: bool) -> Watch:
    """Watch a folder, or change how an already watched one is. Within a write."""
    connection.execute(
        "INSERT INTO watch (uid, path, is_mine, state, created_at) VALUES (?, ?, ?, 'active', ?)"
        " ON CONFLICT (path) DO UPDATE SET is_mine = excluded.is_mine",
        (new_id(), str(path), int(is_mine), now_ms()),
    )
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM watch WHERE path = ?",  # noqa: S608 - names from above
        (str(path),),
    ).fetchone()
    return _watch(row)


def remove(connection: Connection, row_id: int) -> None:
    """Watch a folder no more; what was taken in stays. Within a write."""
    connection.execute("DELETE FROM watch WHERE id = ?", (row_id,))


def list_watches(connection: Connection) -> list[Watch]:
    """Return all watched folders, by their paths."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM watch ORDER BY path"  # noqa: S608 - names from above
    ).fetchall()
    return [_watch(row) for row in rows]


def get(connection: Connection, path: Path) -> Watch:
    """Return the watch of a folder. Raises `NotFoundError`."""
    for watch in list_watches(connection):
        if watch.path == path:
            return watch
    raise NotFoundError("watched folder", str(path))


def files(connection: Connection, watch: Watch) -> dict[str, WatchedFile]:
    """Return what is known of a folder's files, by name, also of those that are gone."""
    rows = connection.execute(
        "SELECT * FROM watched_file WHERE watch_id = ?", (watch.row_id,)
    ).fetchall()
    return {
        row["name"]: WatchedFile(
            row["name"],
            row["native"],
            row["size_bytes"],
            row["modified_ns"],
            row["content_hash"],
            bool(row["is_gone"]),
        )
        for row in rows
    }


def keep_files(connection: Connection, watch: Watch, known: Iterable[WatchedFile]) -> None:
    """Note what is known of files now. Within a write; does nothing for a watch that is gone."""
    connection.executemany(
        "INSERT OR REPLACE INTO watched_file SELECT id, ?, ?, ?, ?, ?, ? FROM watch WHERE id = ?",
        [
            (
                file.name,
                file.native,
                file.size_bytes,
                file.modified_ns,
                file.content_hash,
                int(file.is_gone),
                watch.row_id,
            )
            for file in known
        ],
    )


def drop_files(connection: Connection, watch: Watch, names: Iterable[str]) -> None:
    """Know some files no more, as they have moved. Within a write."""
    connection.executemany(
        "DELETE FROM watched_file WHERE watch_id = ? AND name = ?",
        [(watch.row_id, name) for name in names],
    )


def items_of(
    connection: Connection, source: str, natives: AbstractSet[str], uris: AbstractSet[str]
) -> dict[str, str]:
    """Return the latest items of some of a folder's files: ids, each with what tells its file.

    That is a native name, or where the file is, of entries with ids of their own such as mails.
    Chats are no file's. `source` is the name the folder's items were stored under.
    """
    rows = connection.execute(
        "SELECT item.uid, item.native_id, item.uri FROM item"
        " JOIN source ON source.id = item.source_id"
        " WHERE source.kind = 'watch' AND source.name = ? AND item.is_latest ORDER BY item.id",
        (source,),
    ).fetchall()
    found = {}
    for row in rows:
        native = row["native_id"] or ""
        # Of a file that holds several documents the second is known by the name and `#1`.
        whole, _, number = native.rpartition("#")
        uri = (row["uri"] or "").partition("#")[0]
        if native in natives:
            found[row["uid"]] = native
        elif number.isdigit() and whole in natives:
            found[row["uid"]] = whole
        elif uri in uris:
            found[row["uid"]] = uri
    return found


def set_state(connection: Connection, watch: Watch, state: WatchState) -> None:
    """Note how a scan found the folder, and when. Within a write."""
    connection.execute(
        "UPDATE watch SET state = ?, scanned_at = ? WHERE id = ?",
        (state, now_ms(), watch.row_id),
    )


def _watch(row: Row) -> Watch:
    return Watch(
        row_id=row["id"],
        id=row["uid"],
        path=Path(row["path"]),
        is_mine=bool(row["is_mine"]),
        state=row["state"],
        scanned_at=row["scanned_at"],
        files=row["files"],
    )
