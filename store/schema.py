"""The tables, as migrations that sqlite-utils records and runs.

Canonical: source, item, memory, memory_use, evidence, revision, entity, link, vault, inbox,
tombstone, problem, watch, watched_file.
Derived, and remade by `rebuild`: passage, outline, passage_index, spaced_index, vector,
memory_index, memory_vector, memory_kin, job.

Invariant: `PRAGMA user_version` is the number of migrations applied, set in the same transaction,
so an up-to-date store opens without importing sqlite-utils (0.3 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memassist.store.database import aliased_for_sqlite_utils
from memassist.store.entity_schema import entities, links
from memassist.store.errors import NewerStoreError
from memassist.store.outline import outlines
from memassist.store.scripts import is_unspaced, spaced
from memassist.store.tables import ADD_SPACED, SPACED_INDEX, foundation
from memassist.store.uses import uses

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Cursor

    from memassist.store.database import Database

WATCHED_FOLDERS = (
    """CREATE TABLE watch (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        path TEXT NOT NULL UNIQUE,
        is_mine INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'missing')),
        created_at INTEGER NOT NULL,
        scanned_at INTEGER
    ) STRICT""",
    # name: relative to the folder. native: what its items are identified by, which a move keeps.
    """CREATE TABLE watched_file (
        watch_id INTEGER NOT NULL REFERENCES watch ON DELETE CASCADE,
        name TEXT NOT NULL,
        native TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,
        content_hash BLOB NOT NULL,
        is_gone INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (watch_id, name)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX watched_file_hash ON watched_file (watch_id, content_hash)",
)


def _watched_folders(execute: Callable[[str], object]) -> None:
    for statement in WATCHED_FOLDERS:
        execute(statement)


def _shown_inbox_entries(execute: Callable[[str], object]) -> None:
    execute("ALTER TABLE inbox ADD COLUMN shown_at INTEGER")


def _search_filters(execute: Callable[..., object]) -> None:
    for statement in SPACED_INDEX:
        execute(statement)
    rows = cast("Cursor", execute("SELECT id, text, title FROM passage_content")).fetchall()
    for passage, text, title in rows:
        if is_unspaced(text) or is_unspaced(title):
            execute(ADD_SPACED, (passage, spaced(text), spaced(title)))
    execute("CREATE INDEX item_app ON item (app) WHERE app NOT NULL")
    execute("CREATE INDEX item_kind ON item (kind, origin)")


def _offered_problems(execute: Callable[[str], object]) -> None:
    execute("ALTER TABLE problem ADD COLUMN offer TEXT")


def _given_to_programs(execute: Callable[[str], object]) -> None:
    execute(
        "CREATE TABLE given (client TEXT, day TEXT, requests INTEGER NOT NULL,"
        " texts INTEGER NOT NULL, PRIMARY KEY (client, day)) STRICT, WITHOUT ROWID"
    )


def _secrets_of_several_items(execute: Callable[[str], object]) -> None:
    # A secret without any item is the person's own.
    execute(
        "CREATE TABLE vault_of_item (vault_id INTEGER NOT NULL REFERENCES vault ON DELETE CASCADE,"
        " item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,"
        " PRIMARY KEY (item_id, vault_id)) STRICT, WITHOUT ROWID"
    )
    execute("CREATE INDEX vault_of_item_vault ON vault_of_item (vault_id)")
    execute("INSERT INTO vault_of_item SELECT id, item_id FROM vault WHERE item_id NOT NULL")
    execute("DROP INDEX vault_item")
    execute("ALTER TABLE vault DROP COLUMN item_id")


def _memories_by_text(execute: Callable[[str], object]) -> None:
    execute("CREATE INDEX memory_text ON memory (type, text COLLATE NOCASE)")


MIGRATIONS: tuple[tuple[str, Callable[[Callable[[str], object]], None]], ...] = (
    ("0001_foundation", foundation),
    ("0002_watched_folders", _watched_folders),
    ("0003_shown_inbox_entries", _shown_inbox_entries),
    ("0004_search_filters", _search_filters),
    ("0005_offered_problems", _offered_problems),
    ("0006_given_to_programs", _given_to_programs),
    ("0007_secrets_of_several_items", _secrets_of_several_items),
    ("0008_memories_by_text", _memories_by_text),
    ("0009_names_of_entities", entities),
    ("0010_uses_of_memories", uses),
    ("0011_links_of_memories", links),
    ("0012_outlines", outlines),
)
"""Name and body, oldest first. A landed migration is never changed; a new one is added."""


def schema_version(database: Database) -> int:
    """Return how many migrations the file has had."""
    row = database.read().execute("PRAGMA user_version").fetchone()
    return int(row[0])


def migrate(database: Database, back_up: Callable[[], object]) -> int:
    """Bring the schema up to date and return how many migrations ran.

    `back_up` is called first, if the file already holds something. Each migration is one
    IMMEDIATE transaction with its record, so a crash leaves the one before or the one after.
    Raises `NewerStoreError` for a schema this program does not know.
    """
    current = schema_version(database)
    if current > len(MIGRATIONS):
        raise NewerStoreError(database.path, current, len(MIGRATIONS))
    if current == len(MIGRATIONS):
        return 0
    if current > 0:
        back_up()
    with aliased_for_sqlite_utils():
        import sqlite_utils
        from sqlite_utils.migrations import Migrations
    recorded = Migrations("memassist")
    for name, body in MIGRATIONS:
        recorded(name=name)(lambda db, body=body: body(db.execute))
    names = [name for name, _ in MIGRATIONS]
    ran = 0
    for position in range(current, len(MIGRATIONS)):
        with database.write(durable=True) as connection:
            # Another process may have migrated since; sqlite-utils looks inside the lock.
            schema = sqlite_utils.Database(connection, execute_plugins=False)
            stop = names[position + 1] if position + 1 < len(names) else None
            if names[position] not in {done.name for done in recorded.applied(schema)}:
                recorded.apply(schema, stop_before=stop)
                connection.execute(f"PRAGMA user_version = {position + 1}")
                ran += 1
    return ran
