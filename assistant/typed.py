"""What a person types to have it remembered: as an item, or as one memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.errors import QueryError
from memassist.plugins.types import Record
from memassist.store import items, memories

if TYPE_CHECKING:
    from memassist.assistant.memory import Memory
    from memassist.plugins.types import MemoryType
    from memassist.store.memories import Memory as StoredMemory

LONGEST_TYPED_CHARACTERS = 1_000_000
LONGEST_KEPT_CHARACTERS = 4_000
"""Of what becomes one memory as it stands."""


def keep(memory: Memory, text: str, type_: MemoryType, title: str | None) -> StoredMemory:
    """Store a text as an item and make a memory of it; as `Memory.keep`."""
    from memassist.ingest.pipeline import clean_and_mask

    if len(text) > LONGEST_KEPT_CHARACTERS:
        raise QueryError(
            f"A memory is one statement of at most {LONGEST_KEPT_CHARACTERS:,} characters.",
            "Without a type it is kept whole, as an item that search finds.",
        )
    record = record_of(text.strip(), title)
    memory.add_items([record], source="typed")
    with memory.wiring.database.write(durable=True) as connection:
        masked = replace(record, text=clean_and_mask(record.text)[0])
        item = items.latest_of(connection, items.identity_of(masked))
        if item is None:
            raise QueryError("You had this forgotten; it is not stored again.")
        known = memories.with_text(connection, type_, item.text)
        if known is not None and not known.state.is_archived:
            return known
        state = memories.MemoryState(
            type=type_,
            text=item.text,
            trust=item.trust,
            is_touched=True,
            evidence=(memories.Evidence(item.id, 0, len(item.text), item.text),),
        )
        return memories.add(connection, state, "user")


def record_of(text: str, title: str | None) -> Record:
    """Return what a person typed as their own words of this moment. Raises `QueryError`."""
    if not text.strip():
        raise QueryError("There is nothing to remember in blank text.")
    if len(text) > LONGEST_TYPED_CHARACTERS:
        raise QueryError("That is too long to type.", "Save it as a file and import that.")
    return Record(
        text=text,
        place="typed",
        kind="message",
        origin="hand",
        is_owner=True,
        title=title,
        occurred_at=datetime.now(UTC).astimezone(),
    )
