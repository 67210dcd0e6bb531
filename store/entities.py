"""People, places and projects: which names are one, found from what memories and authors say.

A row of `entity` is one name, as memories write it or a person gave it. Which names are one entity
is read off, not stored: a person's decisions first (`merged_into`), then relations that memories
tell ("Ann's sister" is Helen, `store.kinship`), then the same spelling under another kind. So what
a memory says is never changed by a merge, and what is undone leaves no trace here.

Invariant: `merged_into` leads to a row that leads nowhere itself. `entity_changes` alone sets it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.entity_names import (
    KINDS,
    folded,
    is_author,
    is_relative,
    is_telling,
    plain_name,
)
from memassist.store.errors import NotFoundError
from memassist.store.identifiers import content_id
from memassist.store.lookup import SHORT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.store.database import Connection

LISTED_KINDS = ("person", "place", "project", "organisation")
"""Shown without being asked for. A thing is what no rule knew the kind of."""


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """A person, place, project or organisation under all its names."""

    id: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    """Its other names, in alphabetical order."""
    memories: int
    """How many memories that are not archived name it, by name or by relation."""
    items: int
    """How many messages it wrote."""


@dataclass(frozen=True, slots=True)
class Name:
    """One row: a name as somebody wrote it."""

    row: int
    """Below 0 for an author that no memory names, who has no row yet."""
    uid: str
    kind: str
    name: str
    merged_into: int | None
    is_decided: bool


class Names:
    """All names of a store at one moment, and which are one entity."""

    def __init__(self, connection: Connection, owner_names: Sequence[str] = ()) -> None:
        """Read them. `owner_names` mean the owner, who is no entity and whose sister is `my`."""
        self._connection = connection
        self._owner_names = tuple(owner_names)
        self.rows = {
            row["id"]: Name(
                row["id"],
                row["uid"],
                row["kind"],
                row["name"],
                row["merged_into"],
                bool(row["is_decided"]),
            )
            for row in connection.execute("SELECT * FROM entity").fetchall()
        }
        self.mentions: dict[int, int] = dict(
            connection.execute(
                "SELECT entity_id, count(*) FROM memory_entity GROUP BY entity_id"
            ).fetchall()
        )
        self.spelled: dict[str, list[Name]] = defaultdict(list)
        for one in self.rows.values():
            self.spelled[self.fold(one)].append(one)
        self.written: dict[int, int] = {}
        self._add_authors()
        self._aliases = self._read_aliases()
        self.roots = {row: self._root(one) for row, one in self.rows.items()}
        self.groups: dict[int, list[Name]] = defaultdict(list)
        for row, root in self.roots.items():
            self.groups[root].append(self.rows[row])

    def fold(self, one: Name) -> str:
        """Return the form in which the same names of a kind are the same."""
        return folded(plain_name(one.kind, one.name), self._owner_names)

    def find(self, wanted: str) -> int:
        """Return the root of what an id, an ending of one or a name means.

        A part of a name is enough where only one entity has it. Raises `NotFoundError`.
        """
        wanted = " ".join(wanted.split())
        if len(wanted) >= SHORT_ID and wanted.isalnum():
            ending = {self.roots[one.row] for one in self.rows.values() if one.uid.endswith(wanted)}
            if len(ending) == 1:
                return ending.pop()
        plain = folded(wanted, self._owner_names)
        same = {self.roots[one.row] for one in self.spelled.get(plain, ())}
        if not same and len(plain) > 1:
            same = {
                root
                for root, names in self.groups.items()
                if self.is_shown(root) and any(_has(plain, self.fold(one)) for one in names)
            }
        shown = [root for root in same if self.is_shown(root)]
        if len(same) > 1 and len(shown) == 1:
            same = set(shown)
        if len(same) != 1:
            several = "; ".join(
                sorted(f"{self.rows[one].name} {self.rows[one].uid[-8:]}" for one in same)
            )
            raise NotFoundError(f"one entity ({several})" if several else "entity", wanted)
        return same.pop()

    def is_shown(self, root: int) -> bool:
        """Whether an entity is worth showing: nothing speaks against one of its names.

        What a person decided is always shown, and the owner never is.
        """
        names = self.groups[root]
        if any(self.fold(one) in self._owners for one in names):
            return False
        return any(
            one.is_decided
            or one.row in self.written
            or is_telling(one.kind, plain_name(one.kind, one.name))
            or (is_relative(one.name) and one.kind == "person")
            for one in names
        )

    def known(self, root: int, memories: int) -> KnownEntity:
        """Return one entity as it is shown."""
        head = self.rows[root]
        name = plain_name(head.kind, head.name)
        others: dict[str, str] = {}
        for one in self.groups[root]:
            other = plain_name(one.kind, one.name)
            if self.fold(one) != self.fold(head):
                others.setdefault(self.fold(one), other)
        written = sum(self.written.get(one.row, 0) for one in self.groups[root])
        return KnownEntity(
            head.uid, head.kind, name, tuple(sorted(others.values())), memories, written
        )

    def rows_of(self, root: int) -> list[int]:
        """Return the rows of an entity's names that memories may refer to."""
        return [one.row for one in self.groups[root] if one.row > 0]

    @property
    def _owners(self) -> frozenset[str]:
        return frozenset(folded(one) for one in self._owner_names)

    def _add_authors(self) -> None:
        """Let each author of messages be a person, by the row of that name where there is one."""
        authors = self._connection.execute(
            "SELECT author, count(*) FROM item INDEXED BY item_author WHERE author NOT NULL"
            " AND NOT is_owner AND role = 'user' AND kind = 'message' AND is_latest"
            " GROUP BY author COLLATE NOCASE"
        ).fetchall()
        for number, (author, items) in enumerate(authors, 1):
            if not is_author(author):
                continue
            same = self.spelled.get(folded(author, self._owner_names), [])
            row = next((one.row for one in same if one.kind == "person"), -number)
            if row not in self.rows:
                uid = content_id("person", author.casefold())
                self.rows[row] = Name(row, uid, "person", author, None, is_decided=False)
                self.spelled[self.fold(self.rows[row])].append(self.rows[row])
            self.written[row] = self.written.get(row, 0) + items

    def _read_aliases(self) -> dict[str, set[int]]:
        """Return, for a relation as it is folded, the rows of who holds that place now."""
        told = self._connection.execute(
            "SELECT alias_id, named_id FROM memory_kin JOIN memory ON memory.id = memory_id"
            " WHERE named_id NOT NULL AND NOT is_archived AND valid_to IS NULL"
        ).fetchall()
        found: dict[str, set[int]] = defaultdict(set)
        for alias, named in told:
            found[self.fold(self.rows[alias])].add(named)
        return found

    def _root(self, one: Name) -> int:
        if one.is_decided:
            return one.merged_into or one.row
        named = {
            self._spelling_root(self.rows[row]) for row in self._aliases.get(self.fold(one), ())
        }
        return named.pop() if len(named) == 1 else self._spelling_root(one)

    def _spelling_root(self, one: Name) -> int:
        """Return the row that stands for all names spelled like this one."""
        if one.is_decided:
            return one.merged_into or one.row
        best = max(self.spelled[self.fold(one)], key=self._weight)
        return (best.merged_into or best.row) if best.is_decided else best.row

    def _weight(self, one: Name) -> tuple[bool, bool, bool, int, int]:
        """What a person decided counts first, then an author, then the kind most often given."""
        return (
            one.is_decided,
            one.row in self.written,
            one.kind != "thing",
            self.mentions.get(one.row, 0),
            -KINDS.index(one.kind) if one.kind in KINDS else -len(KINDS),
        )


def list_entities(
    connection: Connection,
    kind: str | None = None,
    *,
    owner_names: Sequence[str] = (),
    limit: int = -1,
) -> list[KnownEntity]:
    """Return entities, those that most memories name first; -1 is all.

    Without a kind those of `LISTED_KINDS`. The owner is left out.
    """
    names = Names(connection, owner_names)
    named = _counted(connection, names)
    kinds = LISTED_KINDS if kind is None else (kind,)
    written = {names.roots[row] for row in names.written}
    found = [
        names.known(root, named[root])
        for root in names.groups
        if names.rows[root].kind in kinds
        and (named[root] or root in written)
        and names.is_shown(root)
    ]
    found.sort(key=lambda one: (-one.memories, -one.items, one.name.casefold()))
    return found if limit < 0 else found[:limit]


def _counted(connection: Connection, names: Names) -> Counter[int]:
    """Return how many memories in use name an entity, by its root.

    Most entities have one name, which the index on names counts; only of the others are the
    memories themselves looked at, so that one with two of the names counts once.
    """
    archived = dict(
        connection.execute(
            "SELECT entity_id, count(*) FROM memory JOIN memory_entity ON memory_id = memory.id"
            " WHERE is_archived AND type IN"
            " ('core', 'episodic', 'semantic', 'procedural', 'resource') GROUP BY entity_id"
        ).fetchall()
    )
    kin = {
        row
        for pair in connection.execute("SELECT alias_id, named_id FROM memory_kin").fetchall()
        for row in pair
        if row is not None
    }
    counted: Counter[int] = Counter()
    several: list[int] = []
    for root, group in names.groups.items():
        if len(group) == 1 and group[0].row not in kin:
            row = group[0].row
            counted[root] = names.mentions.get(row, 0) - archived.get(row, 0)
        else:
            several += (one.row for one in group)
    marks = ",".join(map(str, several)) or "NULL"
    pairs = connection.execute(
        "SELECT entity_id, memory_id FROM memory_entity JOIN memory ON memory.id = memory_id"  # noqa: S608 - numbers
        f" WHERE entity_id IN ({marks}) AND NOT is_archived"
        " UNION ALL SELECT alias_id, memory_id FROM memory_kin JOIN memory"
        " ON memory.id = memory_id WHERE NOT is_archived"
        " UNION ALL SELECT named_id, memory_id FROM memory_kin JOIN memory"
        " ON memory.id = memory_id WHERE NOT is_archived AND named_id NOT NULL"
    ).fetchall()
    counted.update(root for root, _memory in {(names.roots[row], memory) for row, memory in pairs})
    return counted


def get_entity(
    connection: Connection, wanted: str, *, owner_names: Sequence[str] = ()
) -> KnownEntity:
    """Return one by its id, an ending of it, or any of its names. Raises `NotFoundError`."""
    names = Names(connection, owner_names)
    root = names.find(wanted)
    return names.known(root, len(memories_naming(connection, names.rows_of(root))))


def memories_naming(connection: Connection, rows: Iterable[int]) -> list[int]:
    """Return the rows of memories in use that name one of these, by name or by relation."""
    marks = ",".join(str(int(row)) for row in rows) or "NULL"
    found = connection.execute(
        "SELECT memory_id FROM memory_entity JOIN memory ON memory.id = memory_id"  # noqa: S608 - numbers
        f" WHERE entity_id IN ({marks}) AND NOT is_archived"
        " UNION SELECT memory_id FROM memory_kin JOIN memory ON memory.id = memory_id"
        f" WHERE (alias_id IN ({marks}) OR named_id IN ({marks})) AND NOT is_archived"
    ).fetchall()
    return [row[0] for row in found]


def _has(words: str, name: str) -> bool:
    """Whether a name has these words one after the other."""
    return f" {words} " in f" {name} "
