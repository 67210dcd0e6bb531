"""What a person decides about names: merging, splitting, further names; and taking that back.

Each decision is one revision of the entity that was kept. It holds how every name it touched stood
before and after, so undoing it is giving them back as they were. Memories are not changed, but for
those that a person says are about somebody else of the same name: each by a revision of its own,
which the decision names and takes back with it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from memassist.store import memories
from memassist.store.entities import KnownEntity, Names, memories_naming
from memassist.store.entity_names import folded
from memassist.store.errors import CannotUndoError, EntityError
from memassist.store.history import record
from memassist.store.identifiers import content_id
from memassist.store.memory_values import Entity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from memassist.store.database import Connection
    from memassist.store.memory_values import MemoryState, Revision

LONGEST_NAME = 100
Standing: TypeAlias = dict[str, list[object] | None]
"""By the uid of a name: kind, name, uid of what it is a name of (None for itself), and whether a
person decided that. None for a name that has no row."""


def merge(
    connection: Connection,
    kept: str,
    others: Sequence[str],
    actor: str,
    owner_names: Sequence[str] = (),
) -> KnownEntity:
    """Make other entities names of the one that is kept, and return it. Within a write.

    Raises `NotFoundError`, and `EntityError` where they are one already.
    """
    names = Names(connection, owner_names)
    root = names.find(kept)
    roots = [root, *(one for one in map(names.find, others) if one != root)]
    if len(roots) == 1:
        raise EntityError(
            f"{names.rows[root].name} is that already.",
            "Name two different ones; see them with: memassist entities list",
        )
    before = _said(names, roots)
    uids = [_kept_row(connection, names, one) for one in roots]
    changed = dict.fromkeys(_decided_under(names, roots) + uids)
    standing = _standing(connection, changed)
    _put_under(connection, list(changed), uids[0])
    after = _standing(connection, changed)
    _record(connection, uids[0], actor, "merge", (before, standing), after, owner_names)
    return _shown(connection, uids[0], owner_names)


def add_alias(
    connection: Connection,
    wanted: str,
    alias: str,
    actor: str,
    owner_names: Sequence[str] = (),
) -> KnownEntity:
    """Give an entity a further name, and return it. Within a write.

    An entity that is there under that name is merged into it. Raises `NotFoundError`, and
    `EntityError` for a name that it has or that is none.
    """
    alias = _checked(alias)
    names = Names(connection, owner_names)
    root = names.find(wanted)
    plain = folded(alias, tuple(owner_names))
    same = {names.roots[one.row] for one in names.spelled.get(plain, ())}
    if same == {root}:
        raise EntityError(f"{names.rows[root].name} has the name {alias} already.", "")
    if same - {root}:
        uids = [names.rows[one].uid for one in same if one != root]
        return merge(connection, names.rows[root].uid, uids, actor, owner_names)
    before = _said(names, [root])
    head = _kept_row(connection, names, root)
    kind = names.rows[root].kind
    uid = content_id(kind, alias.casefold())
    standing = _standing(connection, [head, uid])
    _add_row(connection, kind, alias)
    _put_under(connection, [head, uid], head)
    after = _standing(connection, [head, uid])
    _record(connection, head, actor, "alias", (before, standing), after, owner_names)
    return _shown(connection, head, owner_names)


def split(
    connection: Connection,
    wanted: str,
    name: str,
    actor: str,
    *,
    memory_ids: Sequence[str] = (),
    owner_names: Sequence[str] = (),
) -> KnownEntity:
    """Let a name stand for somebody else, and return that entity. Within a write.

    Without memories `name` is one of the entity's other names. With them it is a name it has not,
    and the memories are about that one from now on. Raises `NotFoundError` and `EntityError`.
    """
    name = _checked(name)
    names = Names(connection, owner_names)
    root = names.find(wanted)
    before = _said(names, [root])
    plain = folded(name, tuple(owner_names))
    own = [one for one in names.groups[root] if names.fold(one) == plain]
    title = names.rows[root].name
    if not memory_ids:
        if not own:
            raise EntityError(
                f"{title} has no other name {name}.",
                "To tell apart two of one name, say which memories are about the other:"
                " memassist entities split ENTITY NAME --memory ID",
            )
        if plain == names.fold(names.rows[root]):
            raise EntityError(f"{name} is its own name.", "Split off one of its other names.")
        uid = own[0].uid
        head = _kept_row(connection, names, root)
        rest = [one.uid for one in own if one.row > 0]
        standing = _standing(connection, [head, uid, *rest])
        for one in own:
            _add_row(connection, one.kind, one.name)
        _put_under(connection, [uid, *rest], uid)
        _put_under(connection, [head], head)
        after = _standing(connection, [head, uid, *rest])
        _record(connection, uid, actor, "split", (before, standing), after, owner_names)
        return _shown(connection, uid, owner_names)
    if own:
        raise EntityError(f"{title} has the name {name} itself.", "Give the other one a new name.")
    kind = names.rows[root].kind
    uid = content_id(kind, name.casefold())
    standing = _standing(connection, [uid])
    edited = _told_apart(connection, names, root, memory_ids, Entity(kind, name), actor)
    row = connection.execute("SELECT merged_into FROM entity WHERE uid = ?", (uid,)).fetchone()
    if row[0] is None:
        _put_under(connection, [uid], uid)
    after = _standing(connection, [uid])
    _record(connection, uid, actor, "split", (before, standing), after, owner_names, edited)
    return _shown(connection, uid, owner_names)


def restore(connection: Connection, revision: Revision, actor: str) -> Revision:
    """Bring names back to how they stood before a revision. Within a write.

    Raises `CannotUndoError` where one of them was decided about again since.
    """
    before, after = (json.loads(one or "{}") for one in (revision.before, revision.after))
    standing: Standing = before.get("names", {})
    stands = _standing(connection, after.get("names", {}))
    if any(_decision(stands[uid]) != _decision(one) for uid, one in after["names"].items()):
        raise CannotUndoError(
            "Something was decided about these names since; undo that first. See it with:"
            " memassist memories history"
        )
    _give_back(connection, standing)
    undone = [memories.undo(connection, one, actor).id for one in after.get("edited_by", ())]
    _drop_empty(connection, [uid for uid, one in standing.items() if one is None])
    said_before = after | {"edited_by": []}
    said_after = before | {"edited_by": undone}
    return record(
        connection,
        "entity",
        revision.target,
        actor,
        "undo",
        json.dumps(said_before, ensure_ascii=False),
        json.dumps(said_after, ensure_ascii=False),
        revision.id,
    )


def _told_apart(
    connection: Connection,
    names: Names,
    root: int,
    memory_ids: Sequence[str],
    other: Entity,
    actor: str,
) -> list[str]:
    """Let memories be about the other one instead; return the revisions."""
    rows = names.rows_of(root)
    naming = set(memories_naming(connection, rows))
    spelled = {names.fold(one) for one in names.groups[root]}
    edited = []
    for wanted in dict.fromkeys(memory_ids):
        memory = memories.get(connection, wanted)
        row = connection.execute("SELECT id FROM memory WHERE uid = ?", (memory.id,)).fetchone()[0]
        is_named = names.rows[root].name.casefold() in memory.state.text.casefold()
        if row not in naming and not is_named:
            raise EntityError(
                f"Memory {memory.id[-8:]} is not about {names.rows[root].name}.",
                f"See what is with: memassist entities show {names.rows[root].uid[-8:]}",
            )
        changed = _about(memory.state, other, spelled, names)
        edited.append(memories.change(connection, memory.id, changed, actor, "edit").id)
    return edited


def _about(state: MemoryState, other: Entity, instead_of: set[str], names: Names) -> MemoryState:
    kept = [one for one in state.entities if folded(one.name) not in instead_of]
    return replace(state, entities=(*kept, other), is_touched=True)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise EntityError(
            "A name can't be blank." if not name else "That is too long for a name.",
            f"Give one of at most {LONGEST_NAME} characters.",
        )
    return name


def _add_row(connection: Connection, kind: str, name: str) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO entity (uid, kind, name) VALUES (?, ?, ?)",
        (content_id(kind, name.casefold()), kind, name),
    )


def _kept_row(connection: Connection, names: Names, root: int) -> str:
    """Return the uid of a root; an author that no memory names gets its row first."""
    one = names.rows[root]
    _add_row(connection, one.kind, one.name)
    return one.uid


def _decided_under(names: Names, roots: Iterable[int]) -> list[str]:
    return [one.uid for root in roots for one in names.groups[root] if one.is_decided]


def _put_under(connection: Connection, uids: Iterable[str], head: str) -> None:
    connection.executemany(
        "UPDATE entity SET is_decided = 1, merged_into ="
        " (SELECT id FROM entity AS head WHERE head.uid = ? AND head.uid <> entity.uid)"
        " WHERE uid = ?",
        [(head, uid) for uid in uids],
    )


def _standing(connection: Connection, uids: Iterable[str]) -> Standing:
    found: Standing = {}
    for uid in uids:
        row = connection.execute(
            "SELECT kind, name, (SELECT uid FROM entity AS head"
            " WHERE head.id = entity.merged_into), is_decided FROM entity WHERE uid = ?",
            (uid,),
        ).fetchone()
        found[uid] = None if row is None else list(row)
    return found


def _decision(standing: list[object] | None) -> list[object]:
    """Return what was decided; a name without a row and one nobody decided about are alike."""
    return [None, 0] if standing is None else standing[2:]


def _give_back(connection: Connection, standing: Standing) -> None:
    for uid, one in standing.items():
        if one is not None:
            connection.execute(
                "INSERT OR IGNORE INTO entity (uid, kind, name) VALUES (?, ?, ?)", (uid, *one[:2])
            )
    for uid, one in standing.items():
        head, is_decided = (None, 0) if one is None else one[2:]
        connection.execute(
            "UPDATE entity SET is_decided = ?, merged_into ="
            " (SELECT id FROM entity AS head WHERE head.uid = ?) WHERE uid = ?",
            (is_decided, head, uid),
        )


def _drop_empty(connection: Connection, uids: Iterable[str]) -> None:
    """Take out rows that a decision made and that nothing names."""
    connection.executemany(
        "DELETE FROM entity WHERE uid = ? AND id NOT IN (SELECT entity_id FROM memory_entity)"
        " AND id NOT IN (SELECT alias_id FROM memory_kin)"
        " AND id NOT IN (SELECT named_id FROM memory_kin WHERE named_id NOT NULL)"
        " AND id NOT IN (SELECT merged_into FROM entity WHERE merged_into NOT NULL)",
        [(uid,) for uid in uids],
    )


def _said(names: Names, roots: Iterable[int]) -> str:
    """Return in words what entities are, for a person who reads the history."""
    return "; ".join(_words(names.known(root, 0)) for root in roots)


def _words(one: KnownEntity) -> str:
    return f"{one.name} (also {', '.join(one.aliases)})" if one.aliases else one.name


def _shown(connection: Connection, uid: str, owner_names: Sequence[str]) -> KnownEntity:
    names = Names(connection, owner_names)
    root = next(names.roots[one.row] for one in names.rows.values() if one.uid == uid)
    return names.known(root, len(memories_naming(connection, names.rows_of(root))))


def _record(
    connection: Connection,
    uid: str,
    actor: str,
    action: str,
    before: tuple[str, Standing],
    after: Mapping[str, object],
    owner_names: Sequence[str],
    edited_by: Sequence[str] = (),
) -> None:
    said = _words(_shown(connection, uid, owner_names))
    record(
        connection,
        "entity",
        uid,
        actor,
        action,
        json.dumps({"text": before[0], "names": before[1]}, ensure_ascii=False),
        json.dumps({"text": said, "names": after, "edited_by": edited_by}, ensure_ascii=False),
    )
