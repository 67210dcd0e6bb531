"""Which passages and memories a filtered search may find, worked out before anything is ranked.

The passages are listed in a temporary table of the connection, so that the word index reads only
them (`search.word_scores`) and the vectors are compared only with theirs. What is said of an item
(who, where, when) holds for a memory if it holds for an item that the memory rests on.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from memassist.plugins.types import MEMORY_TYPES
from memassist.store import scripts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection

    Ints: TypeAlias = npt.NDArray[np.int64]

CHECKED_PHRASES = 5_000
"""A phrase in more passages than this counts by its words' stems, unread."""
_RECENT_ITEMS = 20_000
"""Looked through for names that are like one that nobody has."""
_PART = re.compile(r"[^\W_]+")
_FOLDED_SPACE = re.compile(r"\s+")
ITEM_TYPES = ("message", "document", "picture", "chat", "screen", "file", "hand", "mcp")
"""Kinds and origins of items, as `type:` names them."""

Name: TypeAlias = Literal["author", "source", "app", "conversation", "type"]


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a hit must be. Values under one name are alternatives; names add up."""

    any_of: dict[Name, tuple[str, ...]] = field(default_factory=dict)
    none_of: dict[Name, tuple[str, ...]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    start_ms: int | None = None
    stop_ms: int | None = None
    """Half open; what has no time is in no interval."""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Words and phrases that the whole item must lack."""

    @property
    def is_open(self) -> bool:
        """Whether anything at all may be found."""
        return self == Restriction()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be found."""

    passages: Ints
    """Ascending ids; `temp.allowed_passage` holds them until the connection's next call."""
    memories: frozenset[int]
    """Row ids; archived ones may be among them."""


def fold(text: str) -> str:
    """Return text as exact phrases are compared: without case, accents and runs of space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return _FOLDED_SPACE.sub(" ", plain).strip()


def phrase_of(text: str) -> str:
    """Return an FTS5 phrase of a text's words; empty where it has none."""
    parts = _PART.findall(text)
    return '"' + " ".join(parts) + '"' if parts else ""


_PASSAGES = "SELECT rowid FROM passage_index WHERE passage_index MATCH ?"
_SPACED_PASSAGES = "SELECT rowid FROM spaced_index WHERE spaced_index MATCH ?"


def _passages_with(column: Literal["text", "title", "author"], words: str) -> tuple[str, str]:
    """Return the SELECT of passages that hold words as a phrase, and its value."""
    if column != "author" and scripts.is_unspaced(words):
        return _SPACED_PASSAGES, f"{column} : {scripts.phrase(words)}"
    return _PASSAGES, f"{column} : {phrase_of(words)}"


def allowed(connection: Connection, wanted: Restriction) -> Allowed:
    """Return what a restriction leaves. Reads everything it must, so only call it for one."""
    connection.execute("CREATE TABLE IF NOT EXISTS temp.allowed_passage (id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.allowed_passage")
    conditions = [*_conditions(connection, wanted), *_interval(wanted)]
    where = " AND ".join(sql for sql, _ in conditions) or "TRUE"
    # Most filters are looked up in the word index; reading the items too would take five times as
    # long.
    items = " JOIN item ON item.id = passage.item_id" if "item." in where else ""
    connection.execute(
        f"INSERT INTO temp.allowed_passage SELECT passage.id FROM passage{items} WHERE {where}",  # noqa: S608 - ours
        [value for _, values in conditions for value in values],
    )
    memories = _memories(connection, wanted)
    _drop_by_type(connection, wanted)
    _drop_by_tags(connection, wanted)
    for phrase in wanted.phrases:
        _keep_phrase(connection, phrase)
    for words in wanted.without:
        holding, value = _passages_with("text", words)
        connection.execute(
            "DELETE FROM temp.allowed_passage WHERE id IN (SELECT other.id FROM passage"  # noqa: S608 - ours
            " JOIN passage AS other ON other.item_id = passage.item_id"
            f" WHERE passage.id IN ({holding}))",
            (value,),
        )
    rows = connection.execute("SELECT id FROM temp.allowed_passage ORDER BY id").fetchall()
    passages = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    return Allowed(passages, memories)


def newest_passages(connection: Connection, limit: int) -> list[int]:
    """Return the first allowed passage of each of the newest allowed items, the newest first."""
    rows = connection.execute(
        # SQLite takes the id from the row with the least position.
        "SELECT passage.id, min(passage.position) FROM temp.allowed_passage AS allowed"
        " JOIN passage ON passage.id = allowed.id JOIN item ON item.id = passage.item_id"
        " GROUP BY item.id ORDER BY coalesce(item.occurred_at, item.captured_at) DESC,"
        " item.sequence DESC, item.id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [row[0] for row in rows]


def newest_memories(connection: Connection, rows: frozenset[int], limit: int) -> list[int]:
    """Return row ids of those that are not archived, the newest first."""
    found = connection.execute(
        "SELECT memory.id FROM json_each(?) AS wanted CROSS JOIN memory"
        " ON memory.id = wanted.value WHERE NOT memory.is_archived"
        " ORDER BY coalesce(memory.occurred_from, memory.created_at) DESC, memory.id DESC LIMIT ?",
        (json.dumps(sorted(rows)), limit),
    ).fetchall()
    return [row[0] for row in found]


def known_names(connection: Connection, name: Name | Literal["tag"]) -> list[str]:
    """Return the names there are, of authors and apps those of late; for hints."""
    if name == "type":
        return [*MEMORY_TYPES, *ITEM_TYPES]
    sql = {
        "source": "SELECT DISTINCT name FROM source",
        "tag": "SELECT DISTINCT tag.value FROM memory, json_each(memory.tags) AS tag",
        "conversation": "SELECT DISTINCT coalesce(title, conversation) FROM"
        " (SELECT title, conversation FROM item ORDER BY id DESC LIMIT :recent)",
        "author": "SELECT DISTINCT author FROM"
        " (SELECT author FROM item ORDER BY id DESC LIMIT :recent)",
        "app": "SELECT DISTINCT app FROM (SELECT app FROM item ORDER BY id DESC LIMIT :recent)",
    }[name]
    values = {"recent": _RECENT_ITEMS} if ":recent" in sql else {}
    return sorted(str(row[0]) for row in connection.execute(sql, values) if row[0])


_Condition: TypeAlias = tuple[str, tuple[str | int, ...]]


def _conditions(connection: Connection, wanted: Restriction) -> list[_Condition]:
    """Return what must hold of an item, as SQL."""
    conditions = []
    for is_wanted, names in ((True, wanted.any_of), (False, wanted.none_of)):
        for name, values in names.items():
            if name == "type":
                continue  # a memory has a type of its own, whatever its items are
            each = [_condition(connection, name, value) for value in values]
            either = " OR ".join(sql for sql, _ in each)
            together = tuple(part for _, parts in each for part in parts)
            sql = f"({either})" if is_wanted else f"NOT coalesce(({either}), FALSE)"
            conditions.append((sql, together))
    return conditions


def _condition(connection: Connection, name: Name, value: str) -> _Condition:
    if name == "author":
        if value.casefold() == "me":
            return "item.is_owner", ()
        return _in_column("author", value)
    if name == "conversation":
        sql, values = _in_column("title", value)
        return f"(item.conversation = ? OR {sql})", (value, *values)
    if name == "app":
        # Application names are few and short; folding them is not worth a table of their own.
        return "item.app LIKE ? ESCAPE '\\'", (f"%{_escaped(value)}%",)
    sources = [
        row["id"]
        for row in connection.execute("SELECT id, kind || ':' || name AS name FROM source")
        if value.casefold() in row["name"].casefold()
    ]
    return "item.source_id IN (SELECT value FROM json_each(?))", (json.dumps(sources),)


def _in_column(column: Literal["title", "author"], value: str) -> _Condition:
    if not phrase_of(value):
        return f"item.{column} = ?", (value,)
    holding, expression = _passages_with(column, value)
    return f"passage.id IN ({holding})", (expression,)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _interval(wanted: Restriction) -> list[_Condition]:
    conditions: list[_Condition] = []
    if wanted.start_ms is not None:
        conditions.append(("item.occurred_at >= ?", (wanted.start_ms,)))
    if wanted.stop_ms is not None:
        conditions.append(("item.occurred_at < ?", (wanted.stop_ms,)))
    return conditions


_HAS_TAG = "EXISTS (SELECT 1 FROM json_each(memory.tags) AS tag WHERE tag.value = ? COLLATE NOCASE)"


def _memories(connection: Connection, wanted: Restriction) -> frozenset[int]:
    """Return the memories that stand the test, of which those rest on items allowed so far."""
    any_of = {name: values for name, values in wanted.any_of.items() if name != "type"}
    conditions, values = ["TRUE"], list[str | int]()
    none_of = {name: values for name, values in wanted.none_of.items() if name != "type"}
    if any_of or none_of or wanted.start_ms is not None or wanted.stop_ms is not None:
        rests = (
            "EXISTS (SELECT 1 FROM evidence JOIN passage ON passage.item_id = evidence.item_id"
            " JOIN temp.allowed_passage AS allowed ON allowed.id = passage.id"
            " WHERE evidence.memory_id = memory.id)"
        )
        if any_of:
            conditions.append(rests)
        else:
            # What rests on nothing was typed as a memory; its own time is all it has.
            own, moments = _own_time(wanted)
            nothing = "NOT EXISTS (SELECT 1 FROM evidence WHERE memory_id = memory.id)"
            conditions.append(f"({rests} OR ({nothing} AND {own}))")
            values += moments
    for is_wanted, names in ((True, wanted.any_of), (False, wanted.none_of)):
        if "type" in names:
            found = "memory.type IN (SELECT value FROM json_each(?))"
            conditions.append(found if is_wanted else f"NOT {found}")
            values.append(json.dumps([value.casefold() for value in names["type"]]))
    for tags, sign in ((wanted.tags, ""), (wanted.without_tags, "NOT ")):
        for tag in tags:
            conditions.append(sign + _HAS_TAG)
            values.append(tag)
    for words in wanted.without:
        if scripts.is_unspaced(words):
            conditions.append("NOT instr(memory.text, ?)")
            values.append(words)
            continue
        conditions.append(
            "memory.id NOT IN (SELECT rowid FROM memory_index WHERE memory_index MATCH ?)"
        )
        values.append(phrase_of(words))
    rows = connection.execute(
        f"SELECT memory.id, memory.text FROM memory WHERE {' AND '.join(conditions)}",  # noqa: S608 - ours
        values,
    ).fetchall()
    phrases = [fold(phrase) for phrase in wanted.phrases]
    return frozenset(
        row[0] for row in rows if not phrases or all(one in fold(row[1]) for one in phrases)
    )


def _own_time(wanted: Restriction) -> tuple[str, list[int]]:
    conditions, values = ["TRUE"], []
    moment = "coalesce(memory.occurred_from, memory.created_at)"
    if wanted.start_ms is not None:
        conditions.append(f"{moment} >= ?")
        values.append(wanted.start_ms)
    if wanted.stop_ms is not None:
        conditions.append(f"{moment} < ?")
        values.append(wanted.stop_ms)
    return " AND ".join(conditions), values


def _drop_by_type(connection: Connection, wanted: Restriction) -> None:
    for names, sign in ((wanted.any_of, "NOT"), (wanted.none_of, "")):
        if "type" in names:
            types = json.dumps([value.casefold() for value in names["type"]])
            connection.execute(
                "DELETE FROM temp.allowed_passage WHERE id IN (SELECT passage.id FROM item"  # noqa: S608 - ours
                " JOIN passage ON passage.item_id = item.id WHERE"
                f" {sign} (item.kind IN (SELECT value FROM json_each(?))"
                " OR item.origin IN (SELECT value FROM json_each(?))))",
                (types, types),
            )


def _drop_by_tags(connection: Connection, wanted: Restriction) -> None:
    for tags, sign in ((wanted.tags, "NOT "), (wanted.without_tags, "")):
        for tag in tags:
            connection.execute(
                f"DELETE FROM temp.allowed_passage WHERE {sign}EXISTS"  # noqa: S608 - ours
                " (SELECT 1 FROM passage JOIN item ON item.id = passage.item_id,"
                " json_each(item.metadata, '$.tags') AS tag"
                " WHERE passage.id = allowed_passage.id"
                " AND item.metadata NOT NULL AND tag.value = ? COLLATE NOCASE)",
                (tag,),
            )


def _keep_phrase(connection: Connection, phrase: str) -> None:
    """Leave the passages that hold the phrase as it stands, but for case, accents and space."""
    holding, value = _passages_with("text", phrase)
    connection.execute(
        f"DELETE FROM temp.allowed_passage WHERE id NOT IN ({holding})",  # noqa: S608 - ours
        (value,),
    )
    rows: Sequence[tuple[int, str]] = connection.execute(
        "SELECT content.id, content.text FROM passage_content AS content"
        " WHERE content.id IN (SELECT id FROM temp.allowed_passage LIMIT ?)",
        (CHECKED_PHRASES + 1,),
    ).fetchall()
    if len(rows) > CHECKED_PHRASES:
        return
    exact = fold(phrase)
    connection.executemany(
        "DELETE FROM temp.allowed_passage WHERE id = ?",
        [(row[0],) for row in rows if exact not in fold(row[1])],
    )
