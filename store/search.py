"""Search primitives: candidates by words, and what scoring needs to know about a passage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.items import ITEM_COLUMNS, Item, item_from_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.database import Connection

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with its item and where it stands."""

    id: int
    item_row: int
    start: int
    stop: int
    item: Item
    sequence: int | None

    @property
    def text(self) -> str:
        """The passage's own text."""
        return self.item.text[self.start : self.stop]


def match_any(words: Sequence[str]) -> str:
    """Return an FTS5 expression for any of the words, whatever characters they hold.

    Empty where no word has a letter or digit.
    """
    parts = [part for word in words for part in _WORD.findall(word.replace("_", " "))]
    return " OR ".join(f'"{part}"' for part in dict.fromkeys(parts))


def passages_by_words(
    connection: Connection, expression: str, count: int
) -> list[tuple[int, float]]:
    """Return (passage id, BM25 as a positive number), the best first; none for an empty one.

    Text counts fully, author and title less: they are the same for a whole conversation.
    """
    if not expression:
        return []
    rows = connection.execute(
        "SELECT rowid, -bm25(passage_index, 1.0, 0.6, 0.3) AS score FROM passage_index"
        " WHERE passage_index MATCH ? ORDER BY score DESC LIMIT ?",
        (expression, count),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def memories_by_words(
    connection: Connection, expression: str, count: int
) -> list[tuple[int, float]]:
    """Return (memory row id, BM25 as a positive number), the best first."""
    if not expression:
        return []
    rows = connection.execute(
        "SELECT rowid, -bm25(memory_index) AS score FROM memory_index"
        " WHERE memory_index MATCH ? ORDER BY score DESC LIMIT ?",
        (expression, count),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def passage_rows(connection: Connection, passages: Sequence[int]) -> dict[int, PassageRow]:
    """Return passages with their items, by passage id; those that are gone are left out."""
    if not passages:
        return {}
    marks = ", ".join("?" for _ in passages)
    rows = connection.execute(
        f"SELECT passage.id AS passage_id, passage.start, passage.stop, item.sequence,"  # noqa: S608
        f" {ITEM_COLUMNS} FROM passage JOIN item ON item.id = passage.item_id"
        f" JOIN source ON source.id = item.source_id WHERE passage.id IN ({marks})",
        tuple(passages),
    ).fetchall()
    return {
        row["passage_id"]: PassageRow(
            row["passage_id"],
            row["row_id"],
            row["start"],
            row["stop"],
            item_from_row(row),
            row["sequence"],
        )
        for row in rows
    }


def conversation_passages(
    connection: Connection, conversations: Sequence[str]
) -> dict[str, list[tuple[int, int]]]:
    """Return (passage id, item row id) of whole conversations in reading order, by conversation."""
    found: dict[str, list[tuple[int, int]]] = {}
    for conversation in conversations:
        rows = connection.execute(
            "SELECT passage.id, item.id FROM item JOIN passage ON passage.item_id = item.id"
            " WHERE item.conversation = ? AND item.is_latest"
            " ORDER BY item.sequence, item.id, passage.position",
            (conversation,),
        ).fetchall()
        found[conversation] = [(row[0], row[1]) for row in rows]
    return found


def memory_uids(connection: Connection, rows: Sequence[int]) -> dict[int, str]:
    """Return ids of memories that are not archived, by row id."""
    if not rows:
        return {}
    marks = ", ".join("?" for _ in rows)
    found = connection.execute(
        f"SELECT id, uid FROM memory WHERE id IN ({marks}) AND NOT is_archived",  # noqa: S608
        tuple(rows),
    ).fetchall()
    return {row[0]: row[1] for row in found}


def evidence_refs(connection: Connection, memory_row: int) -> list[tuple[str, str | None]]:
    """Return (item id, ref) of what a memory rests on."""
    rows = connection.execute(
        "SELECT DISTINCT item.uid, item.ref FROM evidence JOIN item ON item.id = evidence.item_id"
        " WHERE evidence.memory_id = ? ORDER BY evidence.id",
        (memory_row,),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]
