"""What answering needs to know of the store's words, and of what stands around an item."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.items import ITEM_COLUMNS, Item, item_from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.store.database import Connection, Row

LEAST_LETTERS = 3
"""Of the beginning of a word that is looked up."""
_PART = re.compile(r"[^\W_]+")


def passage_count(connection: Connection) -> int:
    """Return how many passages there are."""
    return int(connection.execute("SELECT count(*) FROM passage").fetchone()[0])


def sample_of_texts(connection: Connection, count: int, characters: int) -> list[str]:
    """Return the beginnings of about so many items, spread over all; the same ones each time."""
    last = connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()[0]
    step = max(last / count, 1.0)
    wanted = sorted({int(1 + number * step) for number in range(min(count, last))})
    rows = connection.execute(
        "SELECT substr(item.text, 1, ?) FROM json_each(?) AS wanted"
        " CROSS JOIN item ON item.id = wanted.value",
        (characters, json.dumps(wanted)),
    ).fetchall()
    return [row[0] for row in rows]


def passages_with(connection: Connection, words: Iterable[str]) -> dict[str, int]:
    """Return in how many passages each word occurs, by the index's own stems.

    A word of several parts ("half-past") counts where the parts follow each other.
    """
    counts: dict[str, int] = {}
    for word in words:
        parts = _PART.findall(word)
        if not parts:
            counts[word] = 0
            continue
        phrase = '"' + " ".join(parts) + '"'
        row = connection.execute(
            "SELECT count(*) FROM passage_index WHERE passage_index MATCH ?", (f"text : {phrase}",)
        ).fetchone()
        counts[word] = int(row[0])
    return counts


def completions(connection: Connection, beginning: str, most: int) -> list[str]:
    """Return words of the index that begin so, the commonest first; none for under 3 letters.

    They are the index's own stems without accents, in lower case. Fewer letters begin so many words
    that counting them takes longer than the next key press.
    """
    decomposed = unicodedata.normalize("NFKD", beginning.casefold())
    plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    if len(plain) < LEAST_LETTERS or not _PART.fullmatch(plain):
        return []
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.passage_word"
        " USING fts5vocab('main', 'passage_index', 'row')"
    )
    rows = connection.execute(
        "SELECT term FROM temp.passage_word WHERE term >= ? AND term <= ?"
        " ORDER BY doc DESC, term LIMIT ?",
        (plain, plain + "\U0010ffff", most),
    ).fetchall()
    return [str(row[0]) for row in rows]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An item and what came just before it in its conversation."""

    item: Item
    before: tuple[Item, ...]
    """The nearest first."""


def surroundings(
    connection: Connection, item_ids: Sequence[str], count: int
) -> dict[str, Surroundings]:
    """Return items with up to `count` before each, by id; those that are gone are left out."""
    found: dict[str, Surroundings] = {}
    for uid in dict.fromkeys(item_ids):
        row = connection.execute(
            f"SELECT {ITEM_COLUMNS}, item.sequence FROM item"  # noqa: S608 - our own columns
            " JOIN source ON source.id = item.source_id WHERE item.uid = ?",
            (uid,),
        ).fetchone()
        if row is None:
            continue
        before: list[Row] = []
        if row["conversation"] is not None:
            # The order of reading: as the conversation's passages are ordered for search.
            before = connection.execute(
                f"SELECT {ITEM_COLUMNS} FROM item"  # noqa: S608 - our own columns
                " JOIN source ON source.id = item.source_id"
                " WHERE item.conversation = ? AND item.is_latest AND item.is_main_branch"
                " AND (coalesce(item.sequence, -1), item.id) < (coalesce(?, -1), ?)"
                " ORDER BY coalesce(item.sequence, -1) DESC, item.id DESC LIMIT ?",
                (row["conversation"], row["sequence"], row["row_id"], count),
            ).fetchall()
        found[uid] = Surroundings(item_from_row(row), tuple(item_from_row(one) for one in before))
    return found
