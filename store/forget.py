"""Forgetting: the one thing that erases, and proves that it did.

One transaction takes out the item in all its versions, passages, index rows, vectors, evidence,
pictures, what rests only on it, and its text in revisions, and lays tombstones. The write-ahead
logs are then truncated: only that clears a row that was written and erased since the last
checkpoint. While a reader holds a log open the erasure is pending, and `finish_pending` ends it
later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.store import (
    entity_forget,
    inbox,
    memories,
    passages,
    reflections,
    tombstones,
    vault,
)
from memassist.store.database import BUSY_TIMEOUT_MS
from memassist.store.errors import NotFoundError, StoreBusyError
from memassist.store.identifiers import digest, new_id
from memassist.store.own_answers import answers_citing
from memassist.store.pictures import pictures_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.database import Connection, Database

PENDING = "erasure_pending"
TELLING_CHARACTERS = 12
"""A shorter text, such as `ok`, is said in a hundred places: only where it was forgotten, by its
identity, is it kept from coming back."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a forget took out."""

    items: int
    memories: int
    """Memories that rested on nothing else."""
    to_review: int
    """Memories that rested on other things too and went to the inbox; summaries are made anew."""
    revisions: int
    """Revisions whose text was erased."""
    is_complete: bool
    """False while another process reads: the rest is done when it ends."""


def forget_items(database: Database, uids: Sequence[str]) -> Forgotten:
    """Erase items in all their versions. Raises `NotFoundError` and erases nothing then."""
    with database.write(durable=True) as connection:
        rows: list[tuple[int, str, bytes, bytes, int]] = []
        for uid in uids:
            found = connection.execute(
                "SELECT id, uid, identity, content_hash, length(text) FROM item WHERE identity ="
                " (SELECT identity FROM item WHERE uid = ?)",
                (uid,),
            ).fetchall()
            if not found:
                raise NotFoundError("item", uid)
            rows.extend(tuple(row) for row in found)
        rows = list(dict.fromkeys(rows))
        asked_for = len(rows)
        rows += _answers(connection, [row[1] for row in rows])
        rows = list(dict.fromkeys(rows))
        gone = {row[1] for row in rows}
        touched = _memories_on(connection, [row[0] for row in rows])
        only_here = [memory for memory in touched if _rests_on_all(memory, gone)]
        partly = [memory for memory in touched if memory not in only_here]
        names = entity_forget.names_said(
            connection, [memory.id for memory in touched], [row[0] for row in rows]
        )
        summaries = [memory for memory in partly if memory.state.is_summary]
        partly = [memory for memory in partly if memory not in summaries]
        entries = _remove_memories(connection, touched)
        for memory in partly:
            rest = tuple(one for one in memory.state.evidence if one.item_id not in gone)
            inbox.propose(
                connection,
                replace(memory.state, evidence=rest),
                "Part of what it rested on was forgotten.",
                is_anew=True,
            )
        for memory in summaries:
            reflections.queue_again(connection, memory.state)
        erased = _erase_revisions(connection, [memory.id for memory in touched] + entries, gone)
        for row_id, _uid, identity, content_hash, characters in rows:
            _erase_item(connection, row_id)
            tombstones.lay(connection, "item", identity)
            if characters >= TELLING_CHARACTERS:
                tombstones.lay(connection, "content", content_hash)
        _drop_orphans(connection, names)
        _set_pending(connection)
        # Before the commit: where it fails, the pictures are gone and the items stay, never the
        # other way round.
        with pictures_of(database.path.parent, database.key) as pictures:
            if pictures is not None:
                pictures.drop(gone)
    complete = finish_pending(database)
    return Forgotten(asked_for, len(only_here), len(partly), erased, complete)


def forget_memory(database: Database, uid: str) -> Forgotten:
    """Erase one memory and its history; its items stay, and it is not extracted again.

    None of the wordings it ever had is. Raises `NotFoundError`.
    """
    with database.write(durable=True) as connection:
        memory = memories.get(connection, uid)
        if memory.state.is_summary:
            tombstones.lay(connection, "memory", reflections.tombstone(memory.id))
        for type_, text in _wordings(connection, memory):
            tombstones.lay(connection, "memory", memory_key(type_, text))
        for row in _answers(connection, [one.item_id for one in memory.state.evidence]):
            _erase_item(connection, row[0])
        names = entity_forget.names_said(connection, [memory.id], ())
        entries = _remove_memories(connection, [memory])
        erased = _erase_revisions(connection, [memory.id, *entries], set())
        _drop_orphans(connection, names)
        _set_pending(connection)
    return Forgotten(0, 1, 0, erased, finish_pending(database))


def _answers(
    connection: Connection, uids: Sequence[str]
) -> list[tuple[int, str, bytes, bytes, int]]:
    """Return the rows of the app's own answers that repeat what the items say."""
    return [
        tuple(
            connection.execute(
                "SELECT id, uid, identity, content_hash, length(text) FROM item WHERE uid = ?",
                (uid,),
            ).fetchone()
        )
        for uid in answers_citing(connection, uids)
    ]


def _wordings(connection: Connection, memory: memories.Memory) -> set[tuple[str, str]]:
    """Return every type and text that a memory ever had."""
    found: set[tuple[str, str]] = {(memory.state.type, memory.state.text)}
    for revision in memories.revisions(connection, memory.id):
        for snapshot in (revision.before, revision.after):
            if snapshot is not None:
                state = memories.state_from_json(snapshot)
                found.add((state.type, state.text))
    return found


def _remove_memories(connection: Connection, gone: Sequence[memories.Memory]) -> list[str]:
    """Remove memories and the inbox entries they came from or wait in; return those entries."""
    entries: list[str] = []
    for memory in gone:
        same = connection.execute(
            "SELECT uid FROM inbox WHERE memory_uid = ? OR (json_extract(candidate, '$.type') = ?"
            " AND json_extract(candidate, '$.text') = ? COLLATE NOCASE)",
            (memory.id, memory.state.type, memory.state.text),
        ).fetchall()
        entries.extend(row[0] for row in same)
        memories.change(connection, memory.id, None, "user", "remove")
    connection.executemany("DELETE FROM inbox WHERE uid = ?", [(uid,) for uid in entries])
    entity_forget.drop_links(connection, [memory.id for memory in gone])
    return entries


def memory_key(type_: str, text: str) -> bytes:
    """Return what a memory's tombstone is made of."""
    return digest("memory", type_, text.casefold())


def finish_pending(database: Database) -> bool:
    """Truncate the write-ahead log if an erasure waits for it; True if none waits now."""
    connection = database.read()
    waits = connection.execute("SELECT value FROM setting WHERE name = ?", (PENDING,)).fetchone()
    if waits is None:
        return True
    # A busy reader is no reason to stand still: the mark stays, and the next command tries again.
    connection.execute("PRAGMA busy_timeout = 500")
    try:
        is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except StoreBusyError:
        is_busy = 1
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    with pictures_of(database.path.parent, database.key) as pictures:
        is_busy = is_busy or not (pictures is None or pictures.truncate_log())
    if is_busy:
        return False
    with database.write(durable=True) as writer:
        # Another forget may have come after the checkpoint: it left a mark of its own.
        writer.execute("DELETE FROM setting WHERE name = ? AND value = ?", (PENDING, waits[0]))
    return True


def _set_pending(connection: Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (PENDING, new_id()))


def _memories_on(connection: Connection, rows: Sequence[int]) -> list[memories.Memory]:
    found: dict[str, memories.Memory] = {}
    for row_id in rows:
        for (uid,) in connection.execute(
            "SELECT memory.uid FROM evidence JOIN memory ON memory.id = evidence.memory_id"
            " WHERE evidence.item_id = ?",
            (row_id,),
        ).fetchall():
            found[uid] = memories.get(connection, uid)
    return list(found.values())


def _rests_on_all(memory: memories.Memory, gone: set[str]) -> bool:
    return all(one.item_id in gone for one in memory.state.evidence)


def _erase_item(connection: Connection, row_id: int) -> None:
    passages.drop(connection, row_id)
    connection.execute(
        "DELETE FROM inbox WHERE id IN (SELECT inbox_id FROM inbox_evidence WHERE item_id = ?)",
        (row_id,),
    )
    vault.drop_of_item(connection, row_id)
    connection.execute("DELETE FROM item WHERE id = ?", (row_id,))


def _erase_revisions(connection: Connection, targets: Sequence[str], gone: set[str]) -> int:
    """Empty the text of revisions about these memories or quoting these items."""
    erased = set()
    for target in targets:
        erased |= {
            row[0]
            for row in connection.execute("SELECT id FROM revision WHERE target = ?", (target,))
        }
    for row in (
        connection.execute("SELECT id, before, after FROM revision").fetchall() if gone else ()
    ):
        if any(_quotes(text, gone) for text in (row["before"], row["after"]) if text):
            erased.add(row["id"])
    connection.executemany(
        "UPDATE revision SET before = NULL, after = NULL, is_erased = 1 WHERE id = ?",
        [(row_id,) for row_id in erased],
    )
    return len(erased)


def _quotes(snapshot: str, gone: set[str]) -> bool:
    if not any(uid in snapshot for uid in gone):
        return False
    content = json.loads(snapshot)
    state = content.get("candidate", content)
    return any(one["item_id"] in gone for one in state["evidence"])


def _drop_orphans(connection: Connection, names: set[int]) -> None:
    """Names of entities and files that nothing comes from any more are text too."""
    entity_forget.drop_unsaid(connection, names)
    connection.execute("DELETE FROM source WHERE id NOT IN (SELECT source_id FROM item)")
