"""Proof that what is derived agrees with what is canonical, and the way to remake it.

SQLite's integrity_check says ok with orphan vectors and stale index rows, so each is joined both
ways, and FTS5 checks itself against the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from memassist.store import items, jobs
from memassist.store.database import DatabaseError

if TYPE_CHECKING:
    from memassist.store.database import Connection, Database

Splitter: TypeAlias = Callable[[str, str], Iterable[tuple[int, int]]]
"""From an item's text and kind to the offsets of its passages."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


REBUILD = "Run memassist rebuild: it remakes everything derived from your items."

_JOINS = (
    (
        "every latest item has passages",
        (
            "SELECT count(*) FROM item WHERE is_latest AND text <> '' AND NOT EXISTS"
            " (SELECT 1 FROM passage WHERE item_id = item.id)"
        ),
    ),
    (
        "no old version has passages",
        "SELECT count(*) FROM passage JOIN item ON item.id = item_id WHERE NOT is_latest",
    ),
    (
        "every passage lies inside its item",
        (
            "SELECT count(*) FROM passage JOIN item ON item.id = item_id"
            " WHERE start < 0 OR stop <= start OR stop > length(text)"
        ),
    ),
    (
        "every passage is in the index",
        "SELECT count(*) FROM passage WHERE id NOT IN (SELECT id FROM passage_index_docsize)",
    ),
    (
        "every index row has a passage",
        "SELECT count(*) FROM passage_index_docsize WHERE id NOT IN (SELECT id FROM passage)",
    ),
    (
        "every vector has a passage",
        "SELECT count(*) FROM vector WHERE passage_id NOT IN (SELECT id FROM passage)",
    ),
    (
        "every memory is in the index",
        "SELECT count(*) FROM memory WHERE id NOT IN (SELECT id FROM memory_index_docsize)",
    ),
    (
        "every memory index row has a memory",
        "SELECT count(*) FROM memory_index_docsize WHERE id NOT IN (SELECT id FROM memory)",
    ),
    (
        "every machine-made memory has evidence",
        (
            "SELECT count(*) FROM memory WHERE extractor NOT NULL AND NOT is_touched"
            " AND NOT EXISTS (SELECT 1 FROM evidence WHERE memory_id = memory.id)"
        ),
    ),
    (
        "every quote is what its item says",
        (
            "SELECT count(*) FROM evidence JOIN item ON item.id = item_id"
            " WHERE substr(text, start + 1, stop - start) <> quote"
        ),
    ),
)


def check(database: Database) -> list[Check]:
    """Look at everything and return one check each; changes nothing but FTS5's own marks."""
    connection = database.read()
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall()]
    checks = [
        Check(
            "the file is whole",
            problems == ["ok"],
            "; ".join(problems[:3]),
            "" if problems == ["ok"] else "Restore a backup: memassist restore BACKUP.",
        )
    ]
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    checks.append(Check("all references hold", not broken, f"{len(broken)} broken", REBUILD))
    for name, sql in _JOINS:
        wrong = connection.execute(sql).fetchone()[0]
        checks.append(Check(name, wrong == 0, f"{wrong} wrong" if wrong else "", REBUILD))
    checks.extend(_index_check(database, name) for name in ("passage_index", "memory_index"))
    return checks


def _index_check(database: Database, index: str) -> Check:
    name = f"{index} agrees with the text"
    # rank 1 compares with the content table too, not only inside the index.
    try:
        with database.write() as connection:
            connection.execute(
                f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
            )
    except DatabaseError as error:
        return Check(name, False, str(error), REBUILD)
    return Check(name, True, "")


def missing_vectors(connection: Connection, model: int | None) -> int:
    """Return how many passages have no vector in a set."""
    row = connection.execute(
        "SELECT count(*) FROM passage WHERE NOT EXISTS (SELECT 1 FROM vector"
        " WHERE vector.model_id = ? AND vector.passage_id = passage.id)",
        (model,),
    ).fetchone()
    return int(row[0])


def rebuild(database: Database, split: Splitter) -> int:
    """Remake passages, both indexes and the embedding jobs from items; returns the passages.

    One transaction: a search meanwhile sees all of the old or all of the new.
    """
    with database.write(durable=True) as connection:
        connection.execute("DELETE FROM vector")
        connection.execute("DELETE FROM memory_vector")
        # The index is dropped whole, since a damaged one can't be told what to delete.
        connection.execute("INSERT INTO passage_index (passage_index) VALUES ('delete-all')")
        connection.execute("DELETE FROM passage")
        total = 0
        rows = connection.execute("SELECT id, text, kind FROM item WHERE is_latest ORDER BY id")
        for row in rows.fetchall():
            spans = list(split(row["text"], row["kind"]))
            items.add_passages(connection, row["id"], spans)
            total += len(spans)
        connection.execute("DELETE FROM memory_index")
        from memassist.store.memories import indexed_text, list_memories

        for memory in list_memories(connection, with_archived=True):
            connection.execute(
                "INSERT INTO memory_index (rowid, text) SELECT id, ? FROM memory WHERE uid = ?",
                (indexed_text(memory.state), memory.id),
            )
        connection.execute("DELETE FROM job WHERE kind IN ('embed', 'embed-memories')")
        for first, last in _ranges(connection):
            jobs.enqueue(connection, "embed", first, last)
        jobs.enqueue(connection, "embed-memories", 0, 0)
    return total


def _ranges(connection: Connection) -> list[tuple[int, int]]:
    """Return the range of item row ids in pieces of a batch."""
    last = connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()[0]
    return [(first, min(first + 499, last)) for first in range(1, last + 1, 500)]
