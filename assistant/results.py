"""What the facade returns: frozen values that serialise with `dataclasses.asdict`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that search found: a passage of an item, or a memory."""

    kind: Literal["evidence", "memory"]
    text: str
    """The passage or the memory's sentence."""
    score: float
    """The sum of `signals`; comparable within one search only."""
    signals: dict[str, float]
    """What each signal added to the score."""
    item_id: str | None = None
    passage_id: int | None = None
    memory_id: str | None = None
    memory_type: str | None = None
    ref: str | None = None
    """The importer's own name for the item."""
    refs: tuple[str, ...] = ()
    """For a memory, of all items it rests on."""
    author: str | None = None
    title: str | None = None
    source: str | None = None
    conversation: str | None = None
    occurred_at: datetime | None = None
    uri: str | None = None
    start: int | None = None
    stop: int | None = None
    """The passage's place in the item's text."""
    place: str | None = None
    """Where in the document it stands: `page 3`, `sheet Costs, row 2`; None where nothing tells."""
    is_owner: bool = False
    """Whether the owner wrote it; often such a thing names no author."""
    also: tuple[str, ...] = ()
    """Item ids of near-duplicates that were collapsed into this hit."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and what it could not use."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    """Plain sentences, such as why only words were searched."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The span of an item that an answer rests on."""

    item_id: str
    quote: str
    ref: str | None = None
    title: str | None = None
    author: str | None = None
    source: str | None = None
    occurred_at: datetime | None = None
    uri: str | None = None
    place: str | None = None
    """Where in the document the quote stands: `page 3`, `line 120`; None where nothing tells."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with what it rests on, or the honest lack of one."""

    answer: str
    citations: tuple[Citation, ...]
    abstained: bool
    """True where the evidence was too weak; `citations` then hold the nearest of it."""
    model: str
    """`extractive` or the name of the model that wrote the prose."""
    notes: tuple[str, ...] = field(default=())
