"""The values that cross a plugin boundary, defined once and here.

Readers yield `Record`, `Skipped` and `Problem`; the pipeline turns records into stored items.
Extractors get a `Window` of stored items and return `Candidate`s, each resting on `Span`s whose
quote must be a literal slice of the item's text (`Window.check` is the function that tests it).
All are frozen: a plugin can never change what another one sees.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

Role: TypeAlias = Literal["user", "assistant", "system", "tool"]
"""Who speaks: `user` is any person, `assistant` a model, `tool` a tool's output."""

Origin: TypeAlias = Literal["hand", "file", "chat", "screen", "mcp"]
"""Where text came from; the pipeline stamps trust by it, never by what the text says."""

Kind: TypeAlias = Literal["message", "document", "picture"]

MemoryType: TypeAlias = Literal["core", "episodic", "semantic", "procedural", "resource"]
MEMORY_TYPES: tuple[MemoryType, ...] = ("core", "episodic", "semantic", "procedural", "resource")

Precision: TypeAlias = Literal["minute", "day", "month", "year"]

FieldValue: TypeAlias = str | int | float | bool | list[str] | None


class Trust(enum.IntEnum):
    """How far text may be believed; a memory has the lowest trust of its evidence."""

    UNKNOWN = 0
    MCP = 1
    SCREEN = 2
    CHAT = 3
    FILE = 4
    OWNER = 5


@dataclass(frozen=True, slots=True)
class Box:
    """One line of text on a picture or page, and where it stands."""

    start: int
    """First character of the line in the item's text."""
    stop: int
    """One past its last character."""
    left: int
    top: int
    right: int
    bottom: int
    """Edges in pixels of the original picture, origin at the top left."""
    page: int | None = None
    """Page number from 1, None for a single picture."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a part of a document begins: a page, a sheet, a slide, a chapter."""

    start: int
    """First character of the part in the item's text; it reaches to the next mark."""
    label: str
    """What a citation says: `page 3`, `sheet Costs, row 2`, `slide 5`, `line 1`."""
    counts_lines: bool = False
    """The number that ends the label grows by one with each line feed after the mark."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing a reader found, before it is stored as an item."""

    text: str
    """What is stored and searched. A reader passes it on as found; the pipeline cleans it."""
    place: str
    """Where in the input, for people: `line 12`, `conversation "Trip", message 4`."""
    kind: Kind = "message"
    origin: Origin = "chat"
    role: Role = "user"
    author: str | None = None
    """Name of the person or model; None where the format has none."""
    is_owner: bool | None = None
    """True or False where the format itself tells; None leaves it to `config me`."""
    account: str = ""
    """The source's own account id: part of the item's identity, empty where there is none."""
    conversation: str | None = None
    """Native id of the conversation or document family; None for a thing that stands alone."""
    title: str | None = None
    """Title of the conversation or document."""
    native_id: str | None = None
    """Id within the conversation; with None the content's hash and count identify the item."""
    ref: str | None = None
    """The importer's own name for this record; comes back on every hit that rests on it."""
    sequence: int | None = None
    """Reading order within the conversation, from 0; None where it is unknown."""
    occurred_at: datetime | None = None
    """Aware; its offset is kept. None where the input has no time."""
    uri: str | None = None
    """Where a person can open the original."""
    is_main_branch: bool = True
    """False for an edited or regenerated message that is not in the shown thread."""
    app: str | None = None
    window: str | None = None
    boxes: tuple[Box, ...] = ()
    marks: tuple[Mark, ...] = ()
    """Of a document of several parts, in the order of their starts."""
    metadata: dict[str, FieldValue] = field(default_factory=dict)
    """Whatever else the format knows, by name: `model`, `tags`, `content_type`."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something left out on purpose: blank text, a hidden system node, a file of no known kind."""

    place: str
    reason: str
    """Short and the same for all of its kind, as skips are counted by it: `blank text`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be taken in. Stored and shown, never fatal."""

    place: str
    reason: str
    advice: str = ""
    """What the person can do about it; empty where nothing helps."""


ReadOutcome: TypeAlias = Record | Skipped | Problem


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the person said about an import."""

    timezone: str | None = None
    """IANA name for times without a zone; None is the machine's."""
    me: tuple[str, ...] = ()
    """Names and addresses that mean the owner."""
    max_text_characters: int = 5_000_000
    """A single record above it is a problem, as no person reads or searches it as one thing."""


@dataclass(frozen=True, slots=True)
class WindowItem:
    """One stored item as an extractor sees it; text is already masked of secrets."""

    item_id: str
    text: str
    role: Role
    author: str | None
    is_owner: bool
    trust: Trust
    occurred_at: datetime | None
    kind: Kind = "message"
    origin: Origin = "chat"
    title: str | None = None
    uri: str | None = None
    is_main_branch: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring items of one conversation, or one document, in reading order."""

    items: tuple[WindowItem, ...]
    conversation: str | None = None
    owner_names: tuple[str, ...] = ()

    def check(self, span: Span) -> bool:
        """Whether the span's quote is exactly that slice of the item's text."""
        return any(
            item.item_id == span.item_id and item.text[span.start : span.stop] == span.quote
            for item in self.items
        ) and bool(span.quote.strip())


@dataclass(frozen=True, slots=True)
class Span:
    """Where a claim stands in an item's text."""

    item_id: str
    start: int
    stop: int
    """Character offsets, half open."""
    quote: str
    """`text[start:stop]`, verbatim."""


@dataclass(frozen=True, slots=True)
class When:
    """An interval of time with the precision it was told in."""

    start: datetime
    stop: datetime
    """Aware UTC, half open."""
    precision: Precision


EntityKind: TypeAlias = Literal["person", "place", "organisation", "project", "thing"]
"""What an entity is; a thing where the words do not tell."""


@dataclass(frozen=True, slots=True)
class EntityMention:
    """A person, place, organisation, project or thing a candidate is about."""

    name: str
    kind: EntityKind = "thing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory that an extractor proposes; the store decides what becomes of it."""

    type: MemoryType
    text: str
    """The statement in one sentence that stands alone: `Ann lives in Leeds.`"""
    evidence: tuple[Span, ...]
    """At least one."""
    extractor: str
    """`name@version`."""
    confidence: float
    """0 to 1."""
    slot: str | None = None
    """For a fact of which only one can hold at a time, its key: `home`, `birthday`."""
    fields: dict[str, FieldValue] = field(default_factory=dict)
    """The fields of its type, by the names in `memory_fields`."""
    when: When | None = None
    entities: tuple[EntityMention, ...] = ()
    tags: tuple[str, ...] = ()


memory_fields: dict[MemoryType, tuple[str, ...]] = {
    "core": ("label", "value"),
    "episodic": ("actor", "event_type", "summary", "details", "place"),
    "semantic": ("name", "summary", "details"),
    "procedural": ("kind", "description", "steps", "trigger"),
    "resource": ("title", "summary", "resource_type", "uri"),
}
"""The fields each memory type has beyond the common ones. Others are refused."""


@dataclass(frozen=True, slots=True)
class SecretFound:
    """A secret that was masked before anything was stored."""

    kind: str
    """`card`, `key`, `token`, `password`, `code`: what the mask says."""
    secret: str
    start: int
    """Where the mask begins in the masked text."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file offered to a reader."""

    path: Path
    """Readable now. Readers open it read-only and never write beside it."""
    name: str
    """Shown name: the path relative to what the person asked for."""
    size_bytes: int
    head: bytes
    """The first 8 KiB, for recognising formats by content."""
    entry: str | None = None
    """With it, `path` is a zip and this the name of the file in it that is meant. Only offered to
    built-in readers, which read it in memory."""
