"""Proof that what is derived agrees with what is canonical, and the way to remake it.

SQLite's integrity_check says ok with orphan vectors and stale index rows, so each is joined both
ways, and FTS5 checks itself against the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from memassist.plugins.types import Mark
from memassist.store import items, jobs, kinship, memories, memory_checks, passages, tables
from memassist.store.database import DatabaseError
from memassist.store.errors import DamagedError
from memassist.store.own_answers import APP_KIND
from memassist.store.pictures import pictures_of
from memassist.store.scripts import RANGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.store.database import Connection, Database

Splitter: TypeAlias = Callable[[str, str, Sequence[Mark]], Iterable[tuple[int, int]]]
"""From an item's text, kind and marks to the offsets of its passages."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    advice: str = ""


REBUILD = "Run memassist rebuild: it remakes everything derived from your items."
RESTORE = "Restore a backup: memassist restore BACKUP."

_JOINS = (
    (
        "every latest item has passages",
        (
            "SELECT count(*) FROM item JOIN source ON source.id = source_id"  # noqa: S608 - ours
            f" WHERE is_latest AND text <> '' AND source.kind <> '{APP_KIND}' AND NOT EXISTS"
            " (SELECT 1 FROM passage WHERE item_id = item.id)"
        ),
    ),
    (
        "no word of the app's own conversation has passages",
        (
            "SELECT count(*) FROM passage JOIN item ON item.id = item_id"  # noqa: S608 - ours
            f" JOIN source ON source.id = source_id WHERE source.kind = '{APP_KIND}'"
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
        "every item with passages has an outline, and no other",
        (
            "SELECT (SELECT count(*) FROM outline WHERE item_id NOT IN"
            " (SELECT item_id FROM passage)) + (SELECT count(DISTINCT item_id) FROM passage"
            " WHERE item_id NOT IN (SELECT item_id FROM outline))"
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
        "every passage without spaces between words is in its index",
        (
            f"SELECT count(*) FROM passage_content WHERE (text GLOB '*[{RANGES}]*'"  # noqa: S608 - ours
            f" OR title GLOB '*[{RANGES}]*') AND id NOT IN (SELECT id FROM spaced_index_docsize)"
        ),
    ),
    (
        "every row of that index has a passage",
        "SELECT count(*) FROM spaced_index_docsize WHERE id NOT IN (SELECT id FROM passage)",
    ),
    (
        "every vector has a passage",
        "SELECT count(*) FROM vector WHERE passage_id NOT IN (SELECT id FROM passage)",
    ),
    *(
        (
            f"every vector of a {kind} can be compared",
            (
                f"SELECT count(*) FROM {table} JOIN embedding_model AS model"  # noqa: S608 - ours
                f" ON model.id = {table}.model_id WHERE length(numbers) <> model.dimensions"
                f" OR NOT scale < 1e30{bits}"
            ),
        )
        for kind, table, bits in (
            ("passage", "vector", " OR length(bits) <> (model.dimensions + 7) / 8"),
            ("memory", "memory_vector", ""),
        )
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
        "every name belongs to an entity that stands for itself",
        (
            "SELECT count(*) FROM entity JOIN entity AS head ON head.id = entity.merged_into"
            " WHERE head.merged_into NOT NULL OR NOT entity.is_decided"
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
    checks = [
        _checked("the file is whole", lambda: _integrity(database), RESTORE),
        _checked("all references hold", lambda: _references(database), REBUILD),
        _checked("the pictures are whole", lambda: _pictures(database), RESTORE),
        _checked("every picture has its item", lambda: _strays(database), REBUILD),
    ]
    checks.extend(
        _checked(name, lambda sql=sql: _count(database, sql), REBUILD)  # type: ignore[misc]  # a default binds it
        for name, sql in _JOINS
    )
    checks.append(
        _checked(
            "every memory is what its newest revision says", lambda: _revisions(database), RESTORE
        )
    )
    checks.extend(
        _checked(
            f"{index} agrees with the text",
            lambda index=index: _index(database, index),  # type: ignore[misc]  # as above
            REBUILD,
        )
        for index in ("passage_index", "spaced_index", "memory_index")
    )
    return checks


def _checked(name: str, look: Callable[[], str], advice: str) -> Check:
    """Run one look, which returns what is wrong; a part that can't be read is wrong."""
    try:
        wrong = look()
    except (DatabaseError, DamagedError) as error:
        wrong = str(error)
    return Check(name, not wrong, wrong, advice if wrong else "")


def _integrity(database: Database) -> str:
    # Table by table: a check of the whole file stops at a damaged search index, which is looked
    # at by itself and needs no backup.
    connection = database.read()
    named = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    wrong: list[str] = []
    for name in ("sqlite_schema", *(row[0] for row in named)):
        rows = connection.execute(f"PRAGMA integrity_check({name})").fetchall()
        wrong.extend(row[0] for row in rows if row[0] != "ok")
    return "; ".join(wrong[:3])


def _pictures(database: Database) -> str:
    with pictures_of(database.path.parent, database.key) as pictures:
        return "" if pictures is None else "; ".join(pictures.damage())


def _strays(database: Database) -> str:
    # The pictures first: an item is stored before its picture is.
    with pictures_of(database.path.parent, database.key) as pictures:
        kept = [] if pictures is None else pictures.item_uids()
    wrong = len(items.missing(database.read(), kept))
    return f"{wrong} wrong" if wrong else ""


def _references(database: Database) -> str:
    broken = database.read().execute("PRAGMA foreign_key_check").fetchall()
    return f"{len(broken)} broken" if broken else ""


def _count(database: Database, sql: str) -> str:
    wrong = database.read().execute(sql).fetchone()[0]
    return f"{wrong} wrong" if wrong else ""


def _revisions(database: Database) -> str:
    wrong = sum(1 for _ in memory_checks.differing_from_revisions(database.read()))
    return f"{wrong} wrong" if wrong else ""


def _index(database: Database, index: str) -> str:
    # rank 1 compares with the content table too, not only inside the index.
    with database.write() as connection:
        connection.execute(
            f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
        )
    return ""


def missing_vectors(connection: Connection, model: int | None) -> int:
    """Return how many passages have no vector in a set."""
    row = connection.execute(
        "SELECT count(*) FROM passage WHERE NOT EXISTS (SELECT 1 FROM vector"
        " WHERE vector.model_id = ? AND vector.passage_id = passage.id)",
        (model,),
    ).fetchone()
    return int(row[0])


def rebuild(database: Database, split: Splitter) -> int:
    """Remake passages, all that goes with them and the embedding jobs; returns the passages.

    One transaction: a search meanwhile sees all of the old or all of the new. Pictures whose items
    are gone go before it.
    """
    _drop_strays(database)
    with database.write(durable=True) as connection:
        connection.execute("DELETE FROM vector")
        connection.execute("DELETE FROM memory_vector")
        # The indexes are made anew, since a damaged one can't be told what to delete.
        for name, statements in (
            ("passage_index", tables.PASSAGE_INDEX),
            ("spaced_index", tables.SPACED_INDEX),
            ("memory_index", tables.MEMORY_INDEX),
        ):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in statements:
                connection.execute(statement)
        connection.execute("DELETE FROM passage")
        connection.execute("DELETE FROM outline")
        total = 0
        for row_id, text, kind, marks, title in _latest_items(connection):
            spans = list(split(text, kind, marks))
            passages.add(connection, row_id, spans, text, title)
            total += len(spans)
        for row_id, text in memories.indexed_texts(connection):
            connection.execute(
                "INSERT INTO memory_index (rowid, text) VALUES (?, ?)", (row_id, text)
            )
        kinship.remake(connection.execute)
        connection.execute("DELETE FROM job WHERE kind IN ('embed', 'embed-memories')")
        jobs.queue_all(connection)
    return total


def _drop_strays(database: Database) -> None:
    try:
        with (
            pictures_of(database.path.parent, database.key) as pictures,
            # As long as nobody else writes, nothing is forgotten whose picture goes right now.
            database.write() as connection,
        ):
            if pictures is None:
                return
            pictures.drop(items.missing(connection, pictures.item_uids()))
            pictures.truncate_log()
    except (DatabaseError, DamagedError):
        # No rebuild mends that file; the check of it says what does.
        return


def _latest_items(
    connection: Connection,
) -> Iterator[tuple[int, str, str, tuple[Mark, ...], str | None]]:
    """Yield row id, text, kind, marks and title of each that has passages.

    All texts may not fit into memory.
    """
    rows = connection.execute(
        "SELECT item.id FROM item JOIN source ON source.id = item.source_id"
        " WHERE item.is_latest AND source.kind <> ? ORDER BY item.id",
        (APP_KIND,),
    ).fetchall()
    for (row_id,) in rows:
        row = connection.execute(
            "SELECT text, kind, metadata, title FROM item WHERE id = ?", (row_id,)
        ).fetchone()
        yield row_id, row[0], row[1], items.marks_in(row[2]), row[3]
