"""All that is known of one person, place or project, each part with what it rests on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store import memories, reflections
from memassist.store.entities import LISTED_KINDS, KnownEntity, Names, memories_naming
from memassist.store.entity_names import is_relative
from memassist.store.links import Link, links_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.store.database import Connection
    from memassist.store.memory_values import Memory

MOST_DOCUMENTS = 50
MOST_RELATED = 20
MOST_LOOKED_AT = 2_000
"""Texts that hold a name's words, looked at for the name itself."""
_BEFORE, _AFTER = r"(?<!\w)", r"(?!\w| [A-Z][^\W\d_])"
SHORTEST_NAME = 3
"""A shorter name stands in too many words to be looked for in texts."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that names an entity."""

    item_id: str
    title: str
    uri: str | None
    occurred_at: int | None


@dataclass(frozen=True, slots=True)
class Related:
    """Another entity, and in how many memories both are."""

    id: str
    kind: str
    name: str
    memories: int


@dataclass(frozen=True, slots=True)
class EntityPage:
    """One entity and all that is stored about it. Archived memories are left out."""

    entity: KnownEntity
    mentions: int
    """How many memories more only have a name of it in their sentence, where no rule saw one.

    They stand among `facts` and `events`, and are not counted by `entity.memories`.
    """
    summary: Memory | None
    """What reflection made of all of it; None where it made nothing yet."""
    facts: tuple[Memory, ...]
    """What is not an event: what holds now first, then what no longer does, the latest first."""
    events: tuple[Memory, ...]
    """The latest first."""
    links: tuple[Link, ...]
    """Between these and other memories, but for the order of events, which they stand in."""
    documents: tuple[Document, ...]
    """Those that name it, the latest first; at most `MOST_DOCUMENTS`."""
    related: tuple[Related, ...]
    """Others in the same memories, those with most in common first."""
    perhaps_same: tuple[KnownEntity, ...]
    """Persons whose name holds this one's, or is held by it, for a person to decide."""


def page_of(
    connection: Connection, wanted: str, owner_names: Sequence[str] = (), *, limit: int = -1
) -> EntityPage:
    """Return the page of an entity by its id or any name of it. Raises `NotFoundError`.

    At most `limit` facts and as many events; -1 is all.
    """
    names = Names(connection, owner_names)
    root = names.find(wanted)
    naming = memories_naming(connection, names.rows_of(root))
    spelled = _spelled(names, root)
    rows = sorted({*naming, *_memories_with(connection, spelled, names, root)})
    facts = _memories(
        connection, rows, "type <> 'episodic'", "valid_to NOT NULL, updated_at DESC", limit
    )
    events = _memories(
        connection, rows, "type = 'episodic'", "coalesce(occurred_from, created_at) DESC", limit
    )
    found = {
        (link.from_id, link.relation, link.to_id): link
        for one in (*facts, *events)
        for link in links_of(connection, one.id, names, with_order=False)
        if link.relation != "about"
    }
    return EntityPage(
        names.known(root, len(naming)),
        len(rows) - len(naming),
        _summary(connection, names.rows[root].uid),
        facts,
        events,
        tuple(found.values()),
        _documents(connection, rows, spelled),
        _related(connection, rows, names, root),
        _perhaps_same(names, root),
    )


def _summary(connection: Connection, entity_id: str) -> Memory | None:
    found = memories.find(connection, reflections.portrait_id(entity_id))
    return None if found is None or found.state.is_archived else found


def _memories(
    connection: Connection, rows: Sequence[int], of_type: str, order: str, limit: int
) -> tuple[Memory, ...]:
    marks = ",".join(map(str, rows)) or "NULL"
    uids = connection.execute(
        f"SELECT uid FROM memory WHERE id IN ({marks}) AND {of_type}"  # noqa: S608 - ours
        f" ORDER BY {order}, id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return tuple(memories.get(connection, uid) for (uid,) in uids)


def _spelled(names: Names, root: int) -> re.Pattern[str] | None:
    """Return what finds the entity's names in a text, None where none is telling enough."""
    known = names.known(root, 0)
    telling = sorted(
        (
            name
            for name in (known.name, *known.aliases)
            if len(name) >= SHORTEST_NAME and not is_relative(name)
        ),
        key=len,
        reverse=True,
    )
    if not telling:
        return None
    # "Helen Marsh" in a text is perhaps not the Helen that is known.
    return re.compile(rf"{_BEFORE}(?:{'|'.join(map(re.escape, telling))}){_AFTER}")


def _phrases(spelled: re.Pattern[str]) -> str:
    """Return the names as an FTS5 query."""
    inside = spelled.pattern.removeprefix(f"{_BEFORE}(?:").removesuffix(f"){_AFTER}")
    names = re.split(r"(?<!\\)\|", inside)
    return " OR ".join('"' + re.sub(r"\W+", " ", name.replace("\\", "")) + '"' for name in names)


def _memories_with(
    connection: Connection, spelled: re.Pattern[str] | None, names: Names, root: int
) -> Iterable[int]:
    """Yield the memories whose sentence has a name of the entity, though no rule saw it there.

    Not those that name somebody else of that name: "Maria Weber" is another than "Maria".
    """
    if spelled is None:
        return
    own = {names.fold(one) for one in names.groups[root]}
    rows = connection.execute(
        "SELECT memory.id, memory.text FROM memory_index JOIN memory ON memory.id ="  # noqa: S608 - ours
        " memory_index.rowid WHERE memory_index MATCH ? AND NOT is_archived"
        f" AND NOT {reflections.IS_ONE} LIMIT ?",
        (_phrases(spelled), MOST_LOOKED_AT),
    ).fetchall()
    for row_id, text in rows:
        if spelled.search(text) is None:
            continue
        others = (
            one[0]
            for one in connection.execute(
                "SELECT entity_id FROM memory_entity WHERE memory_id = ?", (row_id,)
            )
        )
        if not any(names.roots[one] != root and _holds(names, one, own) for one in others):
            yield row_id


def _holds(names: Names, row: int, own: Iterable[str]) -> bool:
    """Whether a name holds one of an entity's own names, word for word."""
    theirs = f" {names.fold(names.rows[row])} "
    return any(f" {one} " in theirs for one in own)


def _documents(
    connection: Connection, rows: Sequence[int], spelled: re.Pattern[str] | None
) -> tuple[Document, ...]:
    marks = ",".join(map(str, rows)) or "NULL"
    columns = "item.id, item.uid, item.title, item.uri, item.occurred_at"
    found = {
        row["id"]: row
        for row in connection.execute(
            f"SELECT DISTINCT {columns} FROM evidence JOIN item ON item.id = evidence.item_id"  # noqa: S608 - numbers
            f" WHERE memory_id IN ({marks}) AND item.kind = 'document' AND is_latest"
        ).fetchall()
    }
    if spelled is not None:
        for row in connection.execute(
            f"SELECT {columns}, item.text FROM passage_index JOIN passage"  # noqa: S608 - ours
            " ON passage.id = passage_index.rowid JOIN item ON item.id = passage.item_id"
            " WHERE passage_index MATCH ? AND item.kind = 'document' AND is_latest LIMIT ?",
            (_phrases(spelled), MOST_LOOKED_AT),
        ):
            if row["id"] not in found and spelled.search(f"{row['title']}\n{row['text']}"):
                found[row["id"]] = row
    documents = [
        Document(row["uid"], row["title"] or row["uri"] or "", row["uri"], row["occurred_at"])
        for row in found.values()
    ]
    documents.sort(key=lambda one: (-(one.occurred_at or 0), one.title))
    return tuple(documents[:MOST_DOCUMENTS])


def _related(
    connection: Connection, rows: Sequence[int], names: Names, root: int
) -> tuple[Related, ...]:
    marks = ",".join(map(str, rows)) or "NULL"
    pairs = connection.execute(
        f"SELECT memory_id, entity_id FROM memory_entity WHERE memory_id IN ({marks})"  # noqa: S608 - numbers
        " UNION SELECT memory_id, coalesce(named_id, alias_id) FROM memory_kin"
        f" WHERE memory_id IN ({marks})"
    ).fetchall()
    together = Counter({(memory, names.roots[entity]) for memory, entity in pairs})
    counted = Counter(other for _memory, other in together if other != root)
    related = [
        Related(names.rows[other].uid, names.rows[other].kind, names.known(other, 0).name, number)
        for other, number in counted.items()
        if names.rows[other].kind in LISTED_KINDS and names.is_shown(other)
    ]
    related.sort(key=lambda one: (-one.memories, one.name.casefold()))
    return tuple(related[:MOST_RELATED])


def _perhaps_same(names: Names, root: int) -> tuple[KnownEntity, ...]:
    head = names.rows[root]
    words = set(names.fold(head).split())
    if head.kind != "person" or is_relative(head.name):
        return ()
    found = []
    for other, group in names.groups.items():
        one = names.rows[other]
        theirs = set(names.fold(one).split())
        is_alike = theirs < words or words < theirs
        # A person who told two apart is not asked again.
        is_settled = head.is_decided and any(each.is_decided for each in group)
        if other != root and one.kind == "person" and is_alike and not is_settled:
            if is_relative(one.name) or not names.is_shown(other):
                continue
            found.append(names.known(other, 0))
    return tuple(sorted(found, key=lambda one: one.name.casefold()))
