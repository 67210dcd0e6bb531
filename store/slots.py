"""Facts of which only one can hold at a time, such as where somebody lives.

The later one is believed. The earlier one is closed (`valid_to`, `superseded_by`) and kept, so
that what was believed on a day can still be told. Both changes are undone as the one they are.
What was told at no known time gives way to whatever has one; of two such the one learned last is
believed, and the other held until the words for the new one came in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.store import memories, times

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.memories import Memory, MemoryState

Filled: TypeAlias = Literal["added", "superseded", "history"]


def fill(
    connection: Connection, state: MemoryState, actor: str, *, is_person: bool = False
) -> tuple[Memory, Filled]:
    """Add a fact and close what it follows; one told for an earlier time is closed itself.

    What a person settled is closed by a person alone (`is_person`). A state without a slot, or
    closed already, is only added. Within a write.
    """
    if state.slot is None or state.valid_to is not None:
        return memories.add(connection, state, actor), "added"
    held = memories.in_slot(connection, state.slot)
    began = state.valid_from or 0
    stays = [
        one
        for one in held
        if (one.state.valid_from or 0) > began or (one.state.is_touched and not is_person)
    ]
    if stays:
        until = max(began, stays[0].state.valid_from or began) or _came_in(connection, state)
        closed = replace(state, valid_to=until, superseded_by=stays[0].id)
        return memories.add(connection, closed, actor), "history"
    added = memories.add(connection, state, actor)
    ended = _came_in(connection, state) if held and state.valid_from is None else began
    for one in held:
        close(connection, one, added, ended, actor)
    return added, "superseded" if held else "added"


def close(connection: Connection, old: Memory, new: Memory, ended: int, actor: str) -> None:
    """End a fact where another took its place, in milliseconds since 1970. Within a write."""
    closed = replace(old.state, valid_to=ended, superseded_by=new.id)
    memories.edit(connection, old.id, closed, actor, "supersede")


def _came_in(connection: Connection, state: MemoryState) -> int:
    """Return when the words for a fact were taken in; the present where it rests on none."""
    rows = [
        connection.execute("SELECT captured_at FROM item WHERE uid = ?", (one.item_id,)).fetchone()
        for one in state.evidence
    ]
    return max((int(row[0]) for row in rows if row is not None), default=times.now_ms())


def over_time(connection: Connection, uid: str) -> list[Memory]:
    """Return all that was ever believed about what a memory tells, the earliest first.

    For a fact in a slot that is the whole slot, for any other the memory alone. Archived ones are
    left out. Raises `NotFoundError`.
    """
    memory = memories.get(connection, uid)
    if memory.state.slot is None:
        return [memory]
    held = memories.ever_in_slot(connection, memory.state.slot)
    return sorted(held, key=lambda one: (one.state.valid_from or 0, one.state.valid_to is None))
