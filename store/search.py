"""Search primitives: which passages and memories hold which words, and what scoring needs of them.

Words are looked up one by one, so that scoring can tell them apart: in which neighbour a word
stands, how much of the query is found. The sum over the words of one passage is FTS5's own BM25
for any of them (`tests/store/test_search.py` holds it to that).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from memassist.store import scripts
from memassist.store.items import ITEM_COLUMNS, Item, item_from_row
from memassist.store.looks import HEAD_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection
    from memassist.store.restrict import Allowed

    Ints: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]

_PART = re.compile(rf"[^\W_{scripts.RANGES}]+|[{scripts.RANGES}]+")
MOST_WORDS = 48
"""More of a query's words add time and no aim."""
COMMON_ROWS = 3_000
"""A word in more rows than this is only looked up where a rarer one of the query stands: FTS5
reads whole lists, and at 100,000 rows such a word weighs a third of a rare one."""
RELATED = 0.5
"""What a compound of a word counts, of what the word itself would."""

_COUNTS = {
    # Counting a million rows takes longer than the search; rarity is a logarithm, and those that
    # went since are too few to show in it.
    "passage_index": "SELECT coalesce(max(id), 0) FROM passage",
    "memory_index": "SELECT count(*) FROM memory",
}
_WORD_SCORES = {
    # Text counts fully, author and title less: they are the same for a whole conversation.
    "passage_index": "SELECT rowid, -bm25(passage_index, 1.0, 0.6, 0.3) FROM passage_index"
    " WHERE passage_index MATCH ?",
    "spaced_index": "SELECT rowid, -bm25(spaced_index, 1.0, 0.3) FROM spaced_index"
    " WHERE spaced_index MATCH ?",
    "memory_index": "SELECT rowid, -bm25(memory_index) FROM memory_index"
    " WHERE memory_index MATCH ?",
}
Index: TypeAlias = Literal["passage_index", "memory_index"]


@dataclass(frozen=True, slots=True)
class WordScores:
    """What each of a query's words adds to the rows it stands in."""

    rows: Ints
    """Row ids, ascending."""
    scores: Floats
    """BM25, `float64[words, rows]`; only words that stand somewhere have a row."""
    rarity: Floats
    """Inverse document frequency of each word, as BM25 counts it."""
    own: int
    """How many are words of the query itself; those after them are related ones."""
    rarest: float
    """What a word would have that stands nowhere."""

    def of(self, rows: Ints) -> Floats:
        """Return `float64[words, len(rows)]` for other row ids, 0 where no word stands."""
        if not len(self.rows):
            return np.zeros((len(self.rarity), len(rows)))
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[places] == rows, self.scores[:, places], 0.0)


def word_scores(
    connection: Connection,
    index: Index,
    words: Sequence[str],
    allowed: Allowed | None = None,
    related: Sequence[str] = (),
) -> WordScores:
    """Return BM25 by word for the rows that hold any of the words, whatever characters they hold.

    Of very common words (`COMMON_ROWS`) only the rows that hold a rarer one too are read, unless
    all are common: then the rarest is read whole. With `allowed` every word is looked up in all
    passages that it leaves, since the rarer words may stand in none of them. `related` are words as
    good as one of these, which count in part (`RELATED`) and only if rare.
    """
    total = int(connection.execute(_COUNTS[index]).fetchone()[0])
    parts = _parts(words)
    found = _unspaced_scores(connection, index, parts, allowed, total)
    has_spaced = index == "passage_index" and _has_spaced(connection)
    counted: list[tuple[int, str]] = []
    for part in parts:
        phrase = f'"{part}"'
        count = _count(connection, index, phrase)
        # A foreign name in Japanese text has no space around it.
        count += _count(connection, "spaced_index", phrase) if has_spaced else 0
        if count and not scripts.is_unspaced(part):
            counted.append((count, phrase))
    counted.sort()
    rare: dict[str, dict[int, float]] = {}
    for count, phrase in counted:
        is_rare = count <= COMMON_ROWS or not rare or allowed is not None
        if is_rare:
            scores = _scores(connection, index, phrase, is_restricted=allowed is not None)
        else:
            scores = _scores(connection, index, f"{phrase} AND ({' OR '.join(rare)})")
            for others in rare.values():
                for row in scores.keys() & others.keys():
                    scores[row] -= others[row]
        # Two forms of a word have one stem, and with it one and the same list.
        if any(scores == others for _, others in found):
            continue
        if has_spaced and is_rare:
            others = _scores(connection, "spaced_index", phrase, is_restricted=allowed is not None)
            scores = others | scores
        found.append((_rarity(total, count), scores))
        if is_rare:
            rare[phrase] = scores
    own = len(found)
    for part in _parts(related):
        count = _count(connection, index, f'"{part}"')
        if not 0 < count <= COMMON_ROWS:
            continue
        scores = _scores(connection, index, f'"{part}"', is_restricted=allowed is not None)
        if not any(scores.keys() == others.keys() for _, others in found):
            part_scores = {row: RELATED * score for row, score in scores.items()}
            found.append((RELATED * _rarity(total, count), part_scores))
    return _table(found, own, _rarity(total, 0))


def _unspaced_scores(
    connection: Connection,
    index: Index,
    parts: Sequence[str],
    allowed: Allowed | None,
    total: int,
) -> list[tuple[float, dict[int, float]]]:
    """Return (rarity, scores by row) of what the words hold in scripts without spaces."""
    phrases = dict.fromkeys(phrase for part in parts for phrase in scripts.pieces(part))
    found: list[tuple[float, dict[int, float]]] = []
    for phrase in list(phrases)[:MOST_WORDS]:
        if index == "passage_index":
            scores = _scores(connection, "spaced_index", phrase, is_restricted=allowed is not None)
            rarity = _rarity(total, len(scores))
        else:
            # Memories are few enough to be read.
            text = phrase.strip('"').replace(" ", "")
            rows = connection.execute(
                "SELECT rowid FROM memory_index WHERE instr(text, ?)", (text,)
            ).fetchall()
            rarity = _rarity(total, len(rows))
            scores = {row[0]: rarity for row in rows}
        if scores:
            found.append((rarity, scores))
    return found


def _has_spaced(connection: Connection) -> bool:
    row = connection.execute("SELECT 1 FROM spaced_index_docsize LIMIT 1").fetchone()
    return row is not None


def _count(connection: Connection, index: str, expression: str) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM {index} WHERE {index} MATCH ?",  # noqa: S608 - our own names
        (expression,),
    ).fetchone()
    return int(row[0])


def _rarity(total: int, count: int) -> float:
    # Others may have stored more between the two counts.
    without = max(0, total - count)
    return float(max(np.log((without + 0.5) / (count + 0.5)), 1e-6))


def _parts(words: Sequence[str]) -> list[str]:
    # Not casefold: the index keeps the German double s as a letter of its own.
    parts = dict.fromkeys(part.lower() for word in words for part in _PART.findall(word))
    return list(parts)[:MOST_WORDS]


def _scores(
    connection: Connection, index: str, expression: str, *, is_restricted: bool = False
) -> dict[int, float]:
    sql = _WORD_SCORES[index]
    if is_restricted and index != "memory_index":
        # The plus keeps FTS5 from looking the word up anew for each row.
        sql += " AND +rowid IN (SELECT id FROM temp.allowed_passage)"
    rows = connection.execute(sql, (expression,)).fetchall()
    return {row[0]: row[1] for row in rows}


def _table(found: list[tuple[float, dict[int, float]]], own: int, rarest: float) -> WordScores:
    rows = np.array(sorted({row for _, scores in found for row in scores}), np.int64)
    table = np.zeros((len(found), len(rows)))
    for number, (_, scores) in enumerate(found):
        places = np.searchsorted(rows, np.fromiter(scores, np.int64, len(scores)))
        table[number, places] = np.fromiter(scores.values(), np.float64, len(scores))
    rarity = np.array([rarity for rarity, _ in found])
    return WordScores(rows, np.maximum(table, 0.0), rarity, own, rarest)


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with its item."""

    id: int
    start: int
    stop: int
    item: Item

    @property
    def text(self) -> str:
        """The passage's own text."""
        return self.item.text[self.start : self.stop]


def passage_rows(connection: Connection, passages: Collection[int]) -> dict[int, PassageRow]:
    """Return passages with their items, by passage id; those that are gone are left out."""
    rows = connection.execute(
        f"SELECT passage.id AS passage_id, passage.start, passage.stop, {ITEM_COLUMNS}"  # noqa: S608
        " FROM json_each(?) AS wanted CROSS JOIN passage ON passage.id = wanted.value"
        " JOIN item ON item.id = passage.item_id JOIN source ON source.id = item.source_id",
        (json.dumps(list(passages)),),
    ).fetchall()
    return {
        row["passage_id"]: PassageRow(
            row["passage_id"], row["start"], row["stop"], item_from_row(row)
        )
        for row in rows
    }


def heads(connection: Connection, item_rows: Collection[int]) -> dict[int, str]:
    """Return the beginnings of items (`looks.HEAD_CHARACTERS`), by row id."""
    rows = connection.execute(
        "SELECT item.id, substr(text, 1, ?) FROM json_each(?) AS wanted"
        " CROSS JOIN item ON item.id = wanted.value",
        (HEAD_CHARACTERS, json.dumps(list(item_rows))),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def memory_uids(connection: Connection, rows: Collection[int]) -> dict[int, str]:
    """Return ids of memories that are not archived, by row id."""
    found = connection.execute(
        "SELECT memory.id, memory.uid FROM json_each(?) AS wanted"
        " CROSS JOIN memory ON memory.id = wanted.value WHERE NOT memory.is_archived",
        (json.dumps(list(rows)),),
    ).fetchall()
    return {row[0]: row[1] for row in found}


@dataclass(frozen=True, slots=True)
class DatedMemory:
    """A memory of something that happened at a known time."""

    row: int
    text: str
    start_ms: int
    stop_ms: int
    """The first moment after it."""


def dated_memories(connection: Connection, words: Sequence[str]) -> list[DatedMemory]:
    """Return the memories with a time that hold all the words, archived ones left out."""
    expression = " AND ".join(f'"{part}"' for part in _parts(words))
    if not expression:
        return []
    rows = connection.execute(
        "SELECT memory.id, memory.text, occurred_from, coalesce(occurred_to, occurred_from)"
        " FROM memory WHERE occurred_from IS NOT NULL AND NOT is_archived AND memory.id IN"
        " (SELECT rowid FROM memory_index WHERE memory_index MATCH ?)",
        (expression,),
    ).fetchall()
    return [DatedMemory(*row) for row in rows]
