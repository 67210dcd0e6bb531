"""What a demo run found: frozen values that serialise; nothing in them is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from memassist.assistant.results import Answer
    from memassist.plugins.types import FieldValue, MemoryType, Precision, Problem
    from memassist.store.stats import Stats
    from memassist.store.vault import VaultEntry


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of one source."""

    name: str
    files: int
    stored: int
    skipped: dict[str, int]
    """How many were left out on purpose, by reason."""
    problem_count: int
    problems: tuple[Problem, ...]
    """The first ones."""
    secrets: int
    """Masked before anything was stored."""


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """The words a memory rests on, and where they stand."""

    item_id: str
    quote: str
    author: str | None
    title: str | None
    source: str
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownMemory:
    """A memory with its evidence."""

    id: str
    type: MemoryType
    text: str
    fields: dict[str, FieldValue]
    confidence: float
    extractor: str | None
    occurred_from: datetime | None
    """When it happened, for an episodic one; in UTC."""
    precision: Precision | None
    valid_to: datetime | None
    """When a fact ceased to hold; None for one that holds."""
    superseded_by: str | None
    """Id of the memory that took its place."""
    evidence: tuple[ShownEvidence, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A candidate that a person has to decide about."""

    text: str
    type: MemoryType
    reason: str


@dataclass(frozen=True, slots=True)
class MaskedPlace:
    """A line of stored text in which a secret stood."""

    item_id: str
    line: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class DemoResult:
    """All that the demo shows."""

    taken_in: tuple[TakenIn, ...]
    memories: tuple[ShownMemory, ...]
    """All of them, core first, then in the order of `MEMORY_TYPES`."""
    waiting: tuple[Waiting, ...]
    vault: tuple[VaultEntry, ...]
    masked: tuple[MaskedPlace, ...]
    """Where the masks stand in what is stored, the latest items first."""
    asked: tuple[Asked, ...]
    stats: Stats
    notes: tuple[str, ...]
    """Plain sentences, such as why only words are searched."""
    seconds: float
    home: Path | None
    """Where the home lies; None where it was removed at the end."""
    key_file: Path | None
