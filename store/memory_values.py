"""What a memory is, apart from how it is stored: its state, its evidence, and one change to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from memassist.plugins.types import FieldValue, MemoryType, Precision


TargetKind: TypeAlias = Literal["memory", "inbox", "entity", "link"]
"""What a revision may be about."""


SUMMARISER: Final = "reflection@"
"""What the extractor of every summary begins with."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The span of an item that a memory rests on."""

    item_id: str
    start: int
    stop: int
    quote: str


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something a memory is about."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class MemoryState:
    """All that a revision keeps of a memory. Times are milliseconds since 1970, UTC."""

    type: MemoryType
    text: str
    fields: dict[str, FieldValue] = field(default_factory=dict)
    slot: str | None = None
    confidence: float = 1.0
    trust: int = 0
    tags: tuple[str, ...] = ()
    occurred_from: int | None = None
    occurred_to: int | None = None
    precision: Precision | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    superseded_by: str | None = None
    is_pinned: bool = False
    is_archived: bool = False
    extractor: str | None = None
    """`name@version` of what made it, None for a person's own."""
    is_touched: bool = False
    """Whether a person edited, approved or pinned it: machines leave it alone then."""
    evidence: tuple[Evidence, ...] = ()
    entities: tuple[Entity, ...] = ()

    @property
    def is_summary(self) -> bool:
        """Whether it sums up other memories and says nothing beside them (`store.reflections`)."""
        return (self.extractor or "").startswith(SUMMARISER)

    def to_json(self) -> str:
        """Return the form a revision keeps; `state_from_json` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Memory:
    """A stored memory."""

    id: str
    version: int
    """Goes up by one with each change; give it back with an edit."""
    state: MemoryState
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Revision:
    """One change to a memory, an inbox entry, the names of an entity or a link."""

    id: str
    target_kind: TargetKind
    target: str
    actor: str
    """`user`, `rule`, `model:<name>`, `mcp:<client>`, `consolidation`."""
    action: str
    before: str | None
    """JSON of the state before; None where it did not exist."""
    after: str | None
    """JSON of the state after; None where it no longer exists."""
    created_at: int
    undoes: str | None
    is_erased: bool
    """True where its text was forgotten."""


def state_from_json(text: str) -> MemoryState:
    """Return the state a revision kept."""
    values = json.loads(text)
    values["tags"] = tuple(values["tags"])
    values["evidence"] = tuple(Evidence(**one) for one in values["evidence"])
    values["entities"] = tuple(Entity(**one) for one in values["entities"])
    return MemoryState(**values)
