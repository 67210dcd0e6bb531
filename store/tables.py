"""The first tables, and the indexes of words as statements of their own, which `rebuild` runs too.

`store.schema` says which tables are canonical, and what came later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGE_INDEX = (
    """CREATE VIRTUAL TABLE passage_index USING fts5(
        text, author, title, content='passage_content', content_rowid='id',
        tokenize="porter unicode61 remove_diacritics 2")""",
    "INSERT INTO passage_index(passage_index, rank) VALUES ('secure-delete', 1)",
)
MEMORY_INDEX = (
    """CREATE VIRTUAL TABLE memory_index USING fts5(
        text, tokenize="porter unicode61 remove_diacritics 2")""",
    "INSERT INTO memory_index(memory_index, rank) VALUES ('secure-delete', 1)",
)
"""The indexes as statements of their own: `rebuild` makes them anew."""

ADD_SPACED = "INSERT INTO spaced_index (rowid, text, title) VALUES (?, ?, ?)"

SPACED_INDEX = (
    # Marks are letters here: in Thai they are the vowels. Accents are not to be seen among them.
    """CREATE VIRTUAL TABLE spaced_index USING fts5(
        text, title, tokenize="unicode61 remove_diacritics 2 categories 'L* N* M* Co'")""",
    "INSERT INTO spaced_index(spaced_index, rank) VALUES ('secure-delete', 1)",
)
"""Passages in scripts without spaces between words (`store.scripts`); it holds its own text."""

FOUNDATION = (
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE source (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (kind, name)
    ) STRICT""",
    # identity: who this item is across imports; a changed text under it is the next version.
    """CREATE TABLE item (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        identity BLOB NOT NULL,
        version INTEGER NOT NULL,
        is_latest INTEGER NOT NULL,
        content_hash BLOB NOT NULL,
        source_id INTEGER NOT NULL REFERENCES source,
        kind TEXT NOT NULL,
        origin TEXT NOT NULL,
        role TEXT NOT NULL,
        author TEXT,
        is_owner INTEGER NOT NULL,
        trust INTEGER NOT NULL,
        conversation TEXT,
        title TEXT,
        native_id TEXT,
        ref TEXT,
        sequence INTEGER,
        is_main_branch INTEGER NOT NULL,
        text TEXT NOT NULL,
        occurred_at INTEGER,
        offset_minutes INTEGER,
        captured_at INTEGER NOT NULL,
        uri TEXT,
        app TEXT,
        window TEXT,
        reader TEXT NOT NULL,
        boxes TEXT,
        metadata TEXT,
        UNIQUE (identity, version)
    ) STRICT""",
    "CREATE INDEX item_conversation ON item (conversation, sequence) WHERE conversation NOT NULL",
    "CREATE INDEX item_occurred ON item (occurred_at)",
    "CREATE INDEX item_ref ON item (ref) WHERE ref NOT NULL",
    "CREATE INDEX item_source ON item (source_id)",
    """CREATE TABLE passage (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        item_id INTEGER NOT NULL REFERENCES item ON DELETE CASCADE,
        position INTEGER NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        UNIQUE (item_id, position)
    ) STRICT""",
    # An item never changes, so what the index was given can always be given again to delete it.
    """CREATE VIEW passage_content AS
        SELECT passage.id AS id,
               substr(item.text, passage.start + 1, passage.stop - passage.start) AS text,
               coalesce(item.author, '') AS author,
               coalesce(item.title, '') AS title
        FROM passage JOIN item ON item.id = passage.item_id""",
    *PASSAGE_INDEX,
    # numbers: int8[dimensions]; scale: what one step is worth; bits: the signs, for Hamming.
    """CREATE TABLE vector (
        passage_id INTEGER NOT NULL REFERENCES passage ON DELETE CASCADE,
        model_id INTEGER NOT NULL REFERENCES embedding_model,
        bits BLOB NOT NULL,
        scale REAL NOT NULL,
        numbers BLOB NOT NULL,
        PRIMARY KEY (model_id, passage_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX vector_passage ON vector (passage_id)",
    """CREATE TABLE embedding_model (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        dimensions INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE memory (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL,
        type TEXT NOT NULL CHECK (type IN
            ('core', 'episodic', 'semantic', 'procedural', 'resource')),
        text TEXT NOT NULL,
        fields TEXT NOT NULL,
        slot TEXT,
        confidence REAL NOT NULL,
        trust INTEGER NOT NULL,
        tags TEXT NOT NULL,
        occurred_from INTEGER,
        occurred_to INTEGER,
        precision TEXT CHECK (precision IN ('minute', 'day', 'month', 'year')),
        valid_from INTEGER,
        valid_to INTEGER,
        superseded_by TEXT,
        is_pinned INTEGER NOT NULL,
        is_archived INTEGER NOT NULL,
        extractor TEXT,
        is_touched INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX memory_type ON memory (type, is_archived)",
    "CREATE INDEX memory_slot ON memory (slot) WHERE slot NOT NULL",
    *MEMORY_INDEX,
    """CREATE TABLE memory_vector (
        memory_id INTEGER NOT NULL REFERENCES memory ON DELETE CASCADE,
        model_id INTEGER NOT NULL REFERENCES embedding_model,
        scale REAL NOT NULL,
        numbers BLOB NOT NULL,
        PRIMARY KEY (model_id, memory_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX memory_vector_memory ON memory_vector (memory_id)",
    """CREATE TABLE evidence (
        id INTEGER PRIMARY KEY,
        memory_id INTEGER NOT NULL REFERENCES memory ON DELETE CASCADE,
        item_id INTEGER NOT NULL REFERENCES item,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        quote TEXT NOT NULL,
        UNIQUE (memory_id, item_id, start, stop)
    ) STRICT""",
    "CREATE INDEX evidence_item ON evidence (item_id)",
    # clock: a hybrid logical clock, so that two devices' revisions can be put in one order.
    """CREATE TABLE revision (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        target_kind TEXT NOT NULL CHECK (target_kind IN ('memory', 'inbox')),
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
    "CREATE INDEX revision_target ON revision (target, id)",
    """CREATE TABLE entity (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (kind, name COLLATE NOCASE)
    ) STRICT""",
    """CREATE TABLE memory_entity (
        memory_id INTEGER NOT NULL REFERENCES memory ON DELETE CASCADE,
        entity_id INTEGER NOT NULL REFERENCES entity,
        PRIMARY KEY (memory_id, entity_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX memory_entity_entity ON memory_entity (entity_id)",
    """CREATE TABLE link (
        id INTEGER PRIMARY KEY,
        from_kind TEXT NOT NULL,
        from_uid TEXT NOT NULL,
        relation TEXT NOT NULL,
        to_kind TEXT NOT NULL,
        to_uid TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (from_kind, from_uid, relation, to_kind, to_uid)
    ) STRICT""",
    """CREATE TABLE inbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        uid TEXT NOT NULL UNIQUE,
        candidate_hash BLOB NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'expired')),
        reason TEXT NOT NULL,
        candidate TEXT NOT NULL,
        confidence REAL NOT NULL,
        created_at INTEGER NOT NULL,
        memory_uid TEXT
    ) STRICT""",
    "CREATE INDEX inbox_state ON inbox (state, confidence)",
    """CREATE TABLE inbox_evidence (
        inbox_id INTEGER NOT NULL REFERENCES inbox ON DELETE CASCADE,
        item_id INTEGER NOT NULL REFERENCES item,
        PRIMARY KEY (inbox_id, item_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX inbox_evidence_item ON inbox_evidence (item_id)",
    """CREATE TABLE vault (
        id INTEGER PRIMARY KEY,
        uid TEXT NOT NULL UNIQUE,
        caption TEXT NOT NULL,
        kind TEXT NOT NULL,
        username TEXT,
        is_new INTEGER NOT NULL,
        fingerprint BLOB NOT NULL UNIQUE,
        nonce BLOB NOT NULL,
        sealed BLOB NOT NULL,
        item_id INTEGER REFERENCES item ON DELETE SET NULL,
        created_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX vault_item ON vault (item_id)",
    # first_item..last_item: a batch was stored in one transaction, so its ids have no gaps.
    """CREATE TABLE job (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        first_item INTEGER NOT NULL,
        last_item INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'dead')),
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before INTEGER NOT NULL,
        lease_owner TEXT,
        lease_until INTEGER,
        error TEXT,
        created_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX job_state ON job (state, kind, not_before)",
    """CREATE TABLE problem (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        source TEXT NOT NULL,
        place TEXT NOT NULL,
        reason TEXT NOT NULL,
        advice TEXT NOT NULL,
        times INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        last_seen_at INTEGER NOT NULL,
        UNIQUE (source, place, reason)
    ) STRICT""",
    """CREATE TABLE tombstone (
        hash BLOB PRIMARY KEY,
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)


def foundation(execute: Callable[[str], object]) -> None:
    """Make the first tables; the first migration."""
    for statement in FOUNDATION:
        execute(statement)
    execute("INSERT INTO setting VALUES ('device', lower(hex(randomblob(8))))")
    execute("INSERT INTO setting VALUES ('tombstone_key', lower(hex(randomblob(32))))")
