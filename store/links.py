"""Links between memories, and from a memory to what it is about.

What code can tell is read off the memories each time and never stored: a fact that closed another
contradicts it; of two events of one entity the later follows the earlier; an event inside a longer
one at the same place, and what a document says, are part of it. So these are right for memories of
any age, and change with them. The table holds what a person said: a link that no rule sees, or that
one of the rules' is none. Both are revisions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from memassist.store import memories, times
from memassist.store.entities import LISTED_KINDS, Names
from memassist.store.errors import CannotUndoError, EntityError
from memassist.store.history import record
from memassist.store.identifiers import content_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.store.database import Connection, Row
    from memassist.store.memory_values import Revision

Relation: TypeAlias = Literal["follows", "contradicts", "part-of", "about"]
Maker: TypeAlias = Literal["code", "user"]
MEMORY_RELATIONS: tuple[Relation, ...] = ("follows", "contradicts", "part-of")
"""Those from one memory to another; `about` leads to an entity."""
_DAY_MS = 86_400_000
_LEAST_WHOLE_MS, _MOST_WHOLE_MS = 3 * _DAY_MS, 100 * _DAY_MS
"""How long an event lasts that others are part of: a weekend is none, nor is a year."""
_WHOLE = "trip|holiday|vacation|conference|festival|journey|tour|retreat|camp|course|visit|stay"


@dataclass(frozen=True, slots=True)
class Link:
    """A typed relation, read from left to right: `from_id` follows `to_id`."""

    from_id: str
    from_text: str
    relation: Relation
    to_id: str
    """A memory, or an entity where the relation is `about`."""
    to_text: str
    """What the memory says, or the entity's name and kind."""
    made_by: Maker
    through: str | None = None
    """The name of the entity that two events have in common."""


def links_of(
    connection: Connection, memory_uid: str, names: Names, *, with_order: bool = True
) -> list[Link]:
    """Return what a memory is about, then its links to memories in use, in both directions.

    Without `with_order` the rules' `follows` are left out, for where events stand in order anyway.
    Raises `NotFoundError`.
    """
    memory = memories.get(connection, memory_uid)
    row = connection.execute("SELECT * FROM memory WHERE uid = ?", (memory.id,)).fetchone()
    about = _about(connection, row, names)
    found = {(one.from_id, one.relation, one.to_id): one for one in about.values()}
    if not row["is_archived"]:
        for one in _made_by_code(connection, row, names, list(about), with_order=with_order):
            found.setdefault((one.from_id, one.relation, one.to_id), one)
    for said in connection.execute(
        "SELECT from_uid, relation, to_uid, holds FROM link WHERE from_uid = :uid"
        " OR to_uid = :uid ORDER BY id",
        {"uid": memory.id},
    ).fetchall():
        key = (said["from_uid"], said["relation"], said["to_uid"])
        other = key[2] if key[0] == memory.id else key[0]
        text = connection.execute(
            "SELECT text FROM memory WHERE uid = ? AND NOT is_archived", (other,)
        ).fetchone()
        found.pop(key, None)
        if said["holds"] and text is not None:
            found[key] = (
                _to(row, key[1], other, text[0], "user")
                if key[0] == memory.id
                else _from(row, key[1], other, text[0], "user")
            )
    return list(found.values())


def add(
    connection: Connection, from_uid: str, relation: Relation, to_uid: str, actor: str
) -> Revision:
    """Link one memory to another, as a person says. Within a write.

    Raises `NotFoundError`, and `EntityError` where the link is there or leads nowhere else.
    """
    return _decide(connection, from_uid, relation, to_uid, actor, holds=True)


def remove(
    connection: Connection, from_uid: str, relation: Relation, to_uid: str, actor: str
) -> Revision:
    """Deny a link between two memories, whoever made it. Within a write.

    Raises `NotFoundError`, and `EntityError` where there is none.
    """
    return _decide(connection, from_uid, relation, to_uid, actor, holds=False)


def restore(connection: Connection, revision: Revision, actor: str) -> Revision:
    """Bring a link back to what was said of it before a revision. Within a write.

    Raises `CannotUndoError` where something else was said of it since.
    """
    before, after = (json.loads(one or "{}") for one in (revision.before, revision.after))
    key = (after["from"], after["relation"], after["to"])
    if _said(connection, key) != after["holds"]:
        raise CannotUndoError("Something else was said of this link since; undo that first.")
    _say(connection, key, before["holds"])
    return record(
        connection,
        "link",
        revision.target,
        actor,
        "undo",
        revision.after,
        revision.before,
        revision.id,
    )


def _decide(
    connection: Connection,
    from_uid: str,
    relation: Relation,
    to_uid: str,
    actor: str,
    *,
    holds: bool,
) -> Revision:
    if relation not in get_args(Relation) or relation == "about":
        raise EntityError(
            f"Memories can't be linked by {relation}.", f"Use: {', '.join(MEMORY_RELATIONS)}."
        )
    ends = [memories.get(connection, uid) for uid in (from_uid, to_uid)]
    key = (ends[0].id, relation, ends[1].id)
    if key[0] == key[2]:
        raise EntityError("A memory can't be linked to itself.", "")
    is_there = any(
        (one.from_id, one.relation, one.to_id) == key
        for one in links_of(connection, key[0], Names(connection))
    )
    words = f"{key[0][-8:]} {relation} {key[2][-8:]}"
    if is_there == holds:
        raise EntityError(f"{words}: that link is {'there already' if holds else 'not there'}.", "")
    before = _said(connection, key)
    _say(connection, key, int(holds))
    content = {"text": words, "from": key[0], "relation": relation, "to": key[2]}
    return record(
        connection,
        "link",
        content_id(*key),
        actor,
        "link" if holds else "unlink",
        json.dumps(content | {"holds": before}),
        json.dumps(content | {"holds": int(holds)}),
    )


def _said(connection: Connection, key: tuple[str, str, str]) -> int | None:
    row = connection.execute(
        "SELECT holds FROM link WHERE from_kind = 'memory' AND from_uid = ? AND relation = ?"
        " AND to_kind = 'memory' AND to_uid = ?",
        key,
    ).fetchone()
    return None if row is None else int(row[0])


def _say(connection: Connection, key: tuple[str, str, str], holds: int | None) -> None:
    connection.execute("DELETE FROM link WHERE from_uid = ? AND relation = ? AND to_uid = ?", key)
    if holds is not None:
        connection.execute(
            "INSERT INTO link (from_kind, from_uid, relation, to_kind, to_uid, created_at, holds)"
            " VALUES ('memory', ?, ?, 'memory', ?, ?, ?)",
            (*key, times.now_ms(), holds),
        )


def _to(
    row: Row,
    relation: Relation,
    uid: str,
    text: str,
    made_by: Maker = "code",
    *,
    through: str | None = None,
) -> Link:
    """Return a link from the memory of this row to another end."""
    return Link(row["uid"], row["text"], relation, uid, text, made_by, through)


def _from(
    row: Row,
    relation: Relation,
    uid: str,
    text: str,
    made_by: Maker = "code",
    *,
    through: str | None = None,
) -> Link:
    """Return a link from another memory to that of this row."""
    return Link(uid, text, relation, row["uid"], row["text"], made_by, through)


def _about(connection: Connection, row: Row, names: Names) -> dict[int, Link]:
    """Return the entities a memory names, by their roots, persons first as they are told."""
    found: dict[int, Link] = {}
    for (name,) in connection.execute(
        "SELECT entity_id FROM memory_entity WHERE memory_id = :row"
        " UNION SELECT coalesce(named_id, alias_id) FROM memory_kin WHERE memory_id = :row",
        {"row": row["id"]},
    ).fetchall():
        root = names.roots[name]
        head = names.rows[root]
        if root not in found and head.kind in LISTED_KINDS and names.is_shown(root):
            text = f"{names.known(root, 0).name} ({head.kind})"
            found[root] = _to(row, "about", head.uid, text)
    return found


def _made_by_code(
    connection: Connection, row: Row, names: Names, about: Sequence[int], *, with_order: bool
) -> Iterator[Link]:
    yield from _contradictions(connection, row)
    if row["type"] == "episodic" and row["occurred_from"] is not None:
        for root in about if with_order else ():
            rows = ",".join(map(str, names.rows_of(root)))
            yield from _neighbours(connection, row, rows, names.rows[root].name)
        yield from _wholes_and_parts(connection, row, names, about)
    yield from _documents(connection, row)


def _contradictions(connection: Connection, row: Row) -> Iterator[Link]:
    if row["superseded_by"] is not None and row["valid_to"] is not None:
        for uid, text in connection.execute(
            "SELECT uid, text FROM memory WHERE uid = ?", (row["superseded_by"],)
        ).fetchall():
            yield _from(row, "contradicts", uid, text)
    for uid, text in connection.execute(
        "SELECT uid, text FROM memory WHERE superseded_by = ? AND valid_to NOT NULL"
        " AND NOT is_archived ORDER BY id",
        (row["uid"],),
    ).fetchall():
        yield _to(row, "contradicts", uid, text)


def _neighbours(connection: Connection, row: Row, rows: str, through: str) -> Iterator[Link]:
    """Yield the last event of an entity that was over before, and the first that began after."""
    of_entity = (
        "SELECT uid, text FROM memory WHERE type = 'episodic' AND NOT is_archived"  # noqa: S608 - numbers
        " AND uid <> :uid AND id IN (SELECT memory_id FROM memory_entity"
        f" WHERE entity_id IN ({rows}) UNION SELECT memory_id FROM memory_kin"
        f" WHERE alias_id IN ({rows}) OR named_id IN ({rows}))"
    )
    moments = {"uid": row["uid"], "start": row["occurred_from"], "stop": row["occurred_to"]}
    earlier = connection.execute(
        f"{of_entity} AND occurred_to <= :start ORDER BY occurred_from DESC, id DESC LIMIT 1",
        moments,
    ).fetchone()
    later = connection.execute(
        f"{of_entity} AND occurred_from >= :stop ORDER BY occurred_from, id LIMIT 1", moments
    ).fetchone()
    if earlier is not None:
        yield _to(row, "follows", earlier["uid"], earlier["text"], through=through)
    if later is not None:
        yield _from(row, "follows", later["uid"], later["text"], through=through)


def _wholes_and_parts(
    connection: Connection, row: Row, names: Names, about: Sequence[int]
) -> Iterator[Link]:
    shared = [root for root in about if names.rows[root].kind != "person"]
    if not shared or row["occurred_to"] is None:
        return
    rows = ",".join(str(one) for root in shared for one in names.rows_of(root))
    sql = (
        "SELECT uid, text, occurred_from, occurred_to, precision FROM memory"  # noqa: S608 - numbers
        " WHERE type = 'episodic' AND NOT is_archived AND uid <> :uid"
        f" AND id IN (SELECT memory_id FROM memory_entity WHERE entity_id IN ({rows}))"
        " AND occurred_from <= :stop AND occurred_to >= :start ORDER BY occurred_from, id"
    )
    moments = {"uid": row["uid"], "start": row["occurred_from"], "stop": row["occurred_to"]}
    for other in connection.execute(sql, moments).fetchall():
        if _lies_in(row, other):
            yield _to(row, "part-of", other["uid"], other["text"])
        elif _lies_in(other, row):
            yield _from(row, "part-of", other["uid"], other["text"])


def _lies_in(part: Row, whole: Row) -> bool:
    lasted = whole["occurred_to"] - whole["occurred_from"]
    return (
        _LEAST_WHOLE_MS <= lasted <= _MOST_WHOLE_MS
        and whole["precision"] == "day"
        and part["occurred_to"] - part["occurred_from"] < lasted
        and whole["occurred_from"] <= part["occurred_from"]
        and part["occurred_to"] <= whole["occurred_to"]
        and re.search(rf"\b(?:{_WHOLE})\b", whole["text"], re.IGNORECASE) is not None
    )


def _documents(connection: Connection, row: Row) -> Iterator[Link]:
    """Yield the document that a memory rests on, or the memories that rest on this document."""
    of_document = (
        " memory.type = 'resource' AND json_extract(memory.fields, '$.resource_type') <> 'link'"
    )
    if row["type"] == "resource":
        parts = connection.execute(
            "SELECT DISTINCT part.uid, part.text FROM memory JOIN evidence ON"  # noqa: S608 - ours
            " evidence.memory_id = memory.id JOIN item ON item.id = evidence.item_id"
            " JOIN evidence AS other ON other.item_id = item.id"
            " JOIN memory AS part ON part.id = other.memory_id"
            f" WHERE memory.id = ? AND {of_document} AND item.kind = 'document'"
            " AND part.type <> 'resource' AND NOT part.is_archived ORDER BY part.id",
            (row["id"],),
        ).fetchall()
        for uid, text in parts:
            yield _from(row, "part-of", uid, text)
        return
    wholes = connection.execute(
        "SELECT DISTINCT memory.uid, memory.text FROM evidence JOIN item"  # noqa: S608 - ours
        " ON item.id = evidence.item_id JOIN evidence AS other ON other.item_id = item.id"
        " JOIN memory ON memory.id = other.memory_id"
        f" WHERE evidence.memory_id = ? AND {of_document} AND item.kind = 'document'"
        " AND NOT memory.is_archived ORDER BY memory.id",
        (row["id"],),
    ).fetchall()
    for uid, text in wholes:
        yield _to(row, "part-of", uid, text)
