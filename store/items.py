"""Items and their passages: what was taken in, unchanged, and the spans that search looks at.

An item is immutable. Its identity (account, conversation, native id or ref, else content and how
often it came before) says who it is across imports; new text under a known identity is a new
version, and only the latest version has passages (`store.passages`). `store_batch` is the one
function that adds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.plugins.types import Mark
from memassist.store import jobs, passages, times, tombstones
from memassist.store.errors import NotFoundError
from memassist.store.identifiers import content_id, digest
from memassist.store.lookup import by_ending
from memassist.store.vault import seal_found

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from memassist.plugins.types import FieldValue, Record, SecretFound
    from memassist.store.database import Connection, Row

_MARKS = "marks"
WATCH_ACCOUNT = "watch:"
"""Beginning of the account of items that are known by their file in a watched folder."""
CLIENT_SOURCE = "mcp:"
"""Beginning of the name of a source whose items an MCP client said; its kind is `added`."""

Outcome: TypeAlias = Literal["stored", "new version", "existing", "forgotten"]


@dataclass(frozen=True, slots=True)
class NewItem:
    """A cleaned and masked record with all that the pipeline decided about it."""

    record: Record
    """Its text is masked, and free of NUL and lone surrogates."""
    reader: str
    """`name@version` of the reader."""
    is_owner: bool
    trust: int
    repetition: int
    """How many times this content came before in this conversation and input; 0 with an id."""
    passages: Sequence[tuple[int, int]]
    """Character offsets into the text, half open, in order."""
    secrets: Sequence[SecretFound] = ()

    def identity(self) -> bytes:
        """Return 16 bytes that are the same for the same thing in every import."""
        return identity_of(self.record, self.repetition)


def identity_of(record: Record, repetition: int = 0) -> bytes:
    """Return 16 bytes that are the same for the same thing in every import."""
    name = record.native_id or record.ref
    if name is not None:
        return digest("id", record.account, record.conversation or "", name)
    return digest(
        "content",
        record.account,
        record.conversation or "",
        record.role,
        record.author or "",
        record.text,
        str(repetition),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """A stored item."""

    id: str
    text: str
    kind: str
    origin: str
    role: str
    author: str | None
    is_owner: bool
    trust: int
    source: str
    """What it was imported from: a kind and a name."""
    conversation: str | None
    title: str | None
    ref: str | None
    occurred_at: datetime | None
    """Aware, at its original offset where that is known."""
    captured_at: datetime
    uri: str | None
    reader: str
    version: int
    is_main_branch: bool
    metadata: dict[str, FieldValue]
    marks: tuple[Mark, ...] = ()
    """Where its pages, sheets or lines begin, in their order."""


def is_of_client(source: str | None) -> bool:
    """Whether an item's source, as kind and name, is an MCP client."""
    return (source or "").startswith(f"added:{CLIENT_SOURCE}")


def source_id(connection: Connection, kind: str, name: str) -> int:
    """Return the row id of a source, made if new. Within a write."""
    connection.execute(
        "INSERT OR IGNORE INTO source (kind, name, created_at) VALUES (?, ?, ?)",
        (kind, name, times.now_ms()),
    )
    row = connection.execute(
        "SELECT id FROM source WHERE kind = ? AND name = ?", (kind, name)
    ).fetchone()
    return int(row[0])


def store_batch(
    connection: Connection, source: int, batch: Sequence[NewItem], vault_key: bytes | None
) -> list[Outcome]:
    """Store the new ones of a batch with their passages, index rows and jobs; within one write.

    Returns one outcome per item, in order. `vault_key` seals the secrets that were masked; with
    None they are dropped.
    """
    outcomes: list[Outcome] = []
    first = last = None
    for item in batch:
        outcome, row_id = _store(connection, source, item)
        outcomes.append(outcome)
        if row_id is not None:
            first, last = first or row_id, row_id
            if vault_key is not None:
                seal_found(connection, vault_key, row_id, item.record.title, item.secrets)
    if first is not None and last is not None:
        for kind in jobs.ITEM_JOBS:
            jobs.enqueue(connection, kind, first, last)
    return outcomes


def _store(connection: Connection, source: int, new: NewItem) -> tuple[Outcome, int | None]:
    record = new.record
    identity = new.identity()
    content_hash = digest(record.text)
    versions = connection.execute(
        "SELECT id, version, content_hash, is_latest, occurred_at FROM item WHERE identity = ?"
        " ORDER BY version",
        (identity,),
    ).fetchall()
    if any(row["content_hash"] == content_hash for row in versions) and not _came_back(
        record, versions, content_hash
    ):
        return "existing", None
    if tombstones.holds(connection, identity) or tombstones.holds(connection, content_hash):
        return "forgotten", None
    version = 1
    if versions:
        version = versions[-1]["version"] + 1
    before = next((row["id"] for row in versions if row["is_latest"]), None)
    row_id = _insert(connection, source, new, identity, content_hash, version)
    if before is None:
        passages.add(connection, row_id, new.passages, record.text, record.title)
    else:
        passages.replace(connection, before, row_id, new.passages, record.text, record.title)
        connection.execute("UPDATE item SET is_latest = 0 WHERE id = ?", (before,))
    return ("new version" if versions else "stored"), row_id


def _came_back(record: Record, versions: Sequence[Row], content_hash: bytes) -> bool:
    """Whether an earlier text stands again, as in a note whose change was taken back.

    What is read from a watched folder is what stands now; else only a later time tells that from
    an older export that is imported again.
    """
    latest = versions[-1]
    if latest["content_hash"] == content_hash:
        return False
    if record.account.startswith(WATCH_ACCOUNT):
        return True
    return (
        record.occurred_at is not None
        and latest["occurred_at"] is not None
        and times.to_ms(record.occurred_at) > latest["occurred_at"]
    )


def _insert(
    connection: Connection,
    source: int,
    new: NewItem,
    identity: bytes,
    content_hash: bytes,
    version: int,
) -> int:
    record = new.record
    moment = record.occurred_at
    boxes = [
        [box.start, box.stop, box.left, box.top, box.right, box.bottom, box.page]
        for box in record.boxes
    ]
    values = {
        "uid": content_id(identity.hex(), content_hash.hex(), str(version)),
        "identity": identity,
        "version": version,
        "is_latest": 1,
        "content_hash": content_hash,
        "source_id": source,
        "kind": record.kind,
        "origin": record.origin,
        "role": record.role,
        "author": record.author,
        "is_owner": int(new.is_owner),
        "trust": int(new.trust),
        "conversation": record.conversation,
        "title": record.title,
        "native_id": record.native_id,
        "ref": record.ref,
        "sequence": record.sequence,
        "is_main_branch": int(record.is_main_branch),
        "text": record.text,
        "occurred_at": None if moment is None else times.to_ms(moment),
        "offset_minutes": None if moment is None else times.offset_minutes(moment),
        "captured_at": times.now_ms(),
        "uri": record.uri,
        "app": record.app,
        "window": record.window,
        "reader": new.reader,
        "boxes": json.dumps(boxes) if boxes else None,
        # ASCII: a name in it may hold what no UTF-8 can.
        "metadata": _metadata_json(record),
    }
    columns = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    cursor = connection.execute(
        f"INSERT INTO item ({columns}) VALUES ({marks})",  # noqa: S608 - names from above only
        values,
    )
    return int(cursor.lastrowid or 0)


def _metadata_json(record: Record) -> str | None:
    """Return a record's metadata with its marks, which no reader's own field can look like."""
    fields: dict[str, object] = dict(record.metadata)
    if record.marks:
        fields[_MARKS] = [[mark.start, mark.label, mark.counts_lines] for mark in record.marks]
    return json.dumps(fields) if fields else None


def _read_metadata(stored: str | None) -> tuple[dict[str, FieldValue], tuple[Mark, ...]]:
    fields = json.loads(stored) if stored else {}
    rows = fields.get(_MARKS)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return fields, ()
    del fields[_MARKS]
    return fields, tuple(Mark(*row) for row in rows)


def marks_in(stored: str | None) -> tuple[Mark, ...]:
    """Return the marks in an item's metadata as the table holds it."""
    return _read_metadata(stored)[1]


ITEM_COLUMNS = """
    item.id AS row_id, item.uid, item.text, item.kind, item.origin, item.role, item.author,
    item.is_owner, item.trust, source.kind || ':' || source.name AS source, item.conversation,
    item.title, item.ref, item.occurred_at, item.offset_minutes, item.captured_at, item.uri,
    item.reader, item.version, item.is_main_branch, item.metadata"""
"""What `item_from_row` needs, from `item JOIN source`."""


def item_from_row(row: Row) -> Item:
    """Return the item of a row with `ITEM_COLUMNS`."""
    metadata, marks = _read_metadata(row["metadata"])
    return Item(
        id=row["uid"],
        text=row["text"],
        kind=row["kind"],
        origin=row["origin"],
        role=row["role"],
        author=row["author"],
        is_owner=bool(row["is_owner"]),
        trust=row["trust"],
        source=row["source"],
        conversation=row["conversation"],
        title=row["title"],
        ref=row["ref"],
        occurred_at=None
        if row["occurred_at"] is None
        else times.from_ms(row["occurred_at"], row["offset_minutes"]),
        captured_at=times.from_ms(row["captured_at"]),
        uri=row["uri"],
        reader=row["reader"],
        version=row["version"],
        is_main_branch=bool(row["is_main_branch"]),
        metadata=metadata,
        marks=marks,
    )


def get_item(connection: Connection, uid: str) -> Item:
    """Return one item by its id or a unique ending of it. Raises `NotFoundError`."""
    found = by_ending(connection, "item", uid)
    if found is None:
        raise NotFoundError("item", uid)
    row = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        " WHERE item.id = ?",
        (found["id"],),
    ).fetchone()
    return item_from_row(row)


def versions_of(connection: Connection, uid: str) -> list[Item]:
    """Return all versions of what an item is one of, the oldest first; none for an unknown id."""
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        " WHERE item.identity = (SELECT identity FROM item WHERE uid = ?)"
        " ORDER BY item.version, item.id",
        (uid,),
    ).fetchall()
    return [item_from_row(row) for row in rows]


def latest_of(connection: Connection, identity: bytes) -> Item | None:
    """Return the latest version under an identity, None if there is none."""
    row = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        " WHERE item.identity = ? AND item.is_latest",
        (identity,),
    ).fetchone()
    return None if row is None else item_from_row(row)


def exist(connection: Connection, uids: Iterable[str]) -> bool:
    """Whether all of these items are stored."""
    return all(
        connection.execute("SELECT 1 FROM item WHERE uid = ?", (uid,)).fetchone() for uid in uids
    )


def missing(connection: Connection, uids: Sequence[str]) -> list[str]:
    """Return those ids that are of no item."""
    rows = connection.execute(
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT uid FROM item)",
        (json.dumps(uids),),
    ).fetchall()
    return [row[0] for row in rows]


def items_between(connection: Connection, first: int, last: int) -> list[tuple[int, Item]]:
    """Return the latest versions in a range of row ids, with their row ids, in stored order."""
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        " WHERE item.id BETWEEN ? AND ? AND item.is_latest ORDER BY item.id",
        (first, last),
    ).fetchall()
    return [(row["row_id"], item_from_row(row)) for row in rows]


def timeline(
    connection: Connection, start_ms: int | None, stop_ms: int | None, limit: int
) -> list[Item]:
    """Return what happened in an interval (half open, None is open), newest first."""
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        " WHERE item.is_latest AND item.occurred_at NOT NULL"
        " AND (:start IS NULL OR item.occurred_at >= :start)"
        " AND (:stop IS NULL OR item.occurred_at < :stop)"
        " ORDER BY item.occurred_at DESC, item.id DESC LIMIT :limit",
        {"start": start_ms, "stop": stop_ms, "limit": limit},
    ).fetchall()
    return [item_from_row(row) for row in rows]
