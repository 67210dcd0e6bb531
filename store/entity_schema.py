"""The migration that lets names be one entity, links be a person's, and both be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store import kinship

if TYPE_CHECKING:
    from collections.abc import Callable

REVISION_COLUMNS = (
    "id, uid, target_kind, target, parent, actor, action, before, after, undoes, is_erased,"
    " device, clock, created_at"
)
STATEMENTS = (
    # An entity row is one name as memories write it; merged_into: the row it is a name of.
    "ALTER TABLE entity ADD COLUMN merged_into INTEGER REFERENCES entity",
    # Whether a person said what it is a name of: no rule changes it then.
    "ALTER TABLE entity ADD COLUMN is_decided INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX entity_merged_into ON entity (merged_into) WHERE merged_into NOT NULL",
    # "Ann's sister" (alias) in a memory's text, and who that is (named) where it is told.
    """CREATE TABLE memory_kin (
        memory_id INTEGER NOT NULL REFERENCES memory ON DELETE CASCADE,
        alias_id INTEGER NOT NULL REFERENCES entity,
        named_id INTEGER REFERENCES entity,
        PRIMARY KEY (memory_id, alias_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX memory_kin_alias ON memory_kin (alias_id)",
    "CREATE INDEX memory_kin_named ON memory_kin (named_id) WHERE named_id NOT NULL",
    # holds: 0 where a person denied a link that code makes.
    "ALTER TABLE link ADD COLUMN holds INTEGER NOT NULL DEFAULT 1",
    "CREATE INDEX link_to ON link (to_uid)",
    "CREATE INDEX memory_superseded_by ON memory (superseded_by) WHERE superseded_by NOT NULL",
    """CREATE INDEX item_author ON item (author COLLATE NOCASE, is_latest)
        WHERE author NOT NULL AND NOT is_owner AND role = 'user' AND kind = 'message'""",
    # A CHECK can't be altered: the table is made anew with what it may be about.
    """CREATE TABLE revision_anew (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        target_kind TEXT NOT NULL CHECK (target_kind IN ('memory', 'inbox', 'entity', 'link')),
        target TEXT NOT NULL,
        parent TEXT,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        before TEXT,
        after TEXT,
        undoes TEXT,
        is_erased INTEGER NOT NULL DEFAULT 0,
        device TEXT NOT NULL,
        clock INTEGER NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT""",
    (
        f"INSERT INTO revision_anew ({REVISION_COLUMNS})"  # noqa: S608 - names from above
        f" SELECT {REVISION_COLUMNS} FROM revision ORDER BY id"
    ),
    "DROP TABLE revision",
    "ALTER TABLE revision_anew RENAME TO revision",
    "CREATE INDEX revision_target ON revision (target, id)",
    "CREATE INDEX revision_entity ON revision (id) WHERE target_kind = 'entity'",
)


def links(execute: Callable[..., object]) -> None:
    """Migrate, so that what was said of a forgotten memory's links is found at once."""
    execute("CREATE INDEX revision_link ON revision (id) WHERE target_kind = 'link'")


def entities(execute: Callable[..., object]) -> None:
    """Migrate, and read off the memories there are whose sister is who."""
    for statement in STATEMENTS:
        execute(statement)
    kinship.remake(execute)
