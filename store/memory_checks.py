"""Whether memories are what their newest revisions say, for `doctor`."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import TYPE_CHECKING

from memassist.store.memories import get
from memassist.store.memory_values import Entity, MemoryState, state_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.store.database import Connection


def differing_from_revisions(connection: Connection) -> Iterator[str]:
    """Yield the ids of memories whose newest revision says something else, or that they are gone.

    And of those that their newest revision says are there and that are not.
    """
    newest = (
        "SELECT target, after, is_erased FROM revision WHERE id IN"
        " (SELECT max(id) FROM revision WHERE target_kind = 'memory' GROUP BY target)"
    )
    said = {
        row["target"]: row["after"]
        for row in connection.execute(newest).fetchall()
        if not row["is_erased"]
    }
    for (uid,) in connection.execute("SELECT uid FROM memory").fetchall():
        after, state = said.pop(uid, None), get(connection, uid).state
        if after is None or _comparable(state_from_json(after)) != _comparable(state):
            yield uid
    yield from (uid for uid, after in said.items() if after is not None)


def _comparable(state: MemoryState) -> MemoryState:
    """Without the order and spelling that the tables do not keep."""
    entities = {Entity(one.kind, one.name.casefold()) for one in state.entities}
    return replace(
        state,
        evidence=tuple(sorted(set(state.evidence), key=astuple)),
        entities=tuple(sorted(entities, key=astuple)),
    )
