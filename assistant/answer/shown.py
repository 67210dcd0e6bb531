"""What a language model is shown to answer from: passages, memories of them, and core memory.

Each is one numbered entry of the prompt. A model may quote any of them; what it quotes of a memory
is cited as the words that the memory rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.citations import Source
from memassist.assistant.answer.support import Ground, whole_sentences
from memassist.assistant.core import prompt_entry
from memassist.assistant.model.quotes import locate
from memassist.store import memories, times, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.core import CoreMemory
    from memassist.assistant.results import Hit
    from memassist.store.database import Connection
    from memassist.store.memories import Evidence, MemoryState
    from memassist.store.vocabulary import Surroundings

EVIDENCE_CHARACTERS = 12_000
"""All passages together; a model of 8k tokens has room for them and its answer."""
PASSAGE_CHARACTERS = 1_500
MEMORY_CHARACTERS = 2_500
"""All memories together, core memory apart, which has a budget of its own."""
AROUND_CHARACTERS = 400
BEFORE = 2
"""Items before a passage in which a name may stand that the passage only points to."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote that was found."""

    source: Source
    ground: Ground


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry, without its number."""

    entry: dict[str, object]
    sources: tuple[Source, ...]
    """For a memory the words it rests on; for a passage its whole item."""
    statement: str = ""
    """Of a memory."""
    before: str = ""
    """What was said before the passage."""
    names: tuple[str, ...] = ()
    """The asking person's, where they wrote it."""

    def cited(self, quote: str) -> tuple[Cited, ...]:
        """Return what a quote stands for; nothing where the entry does not hold it."""
        if not self.statement:
            item = self.sources[0].item
            place = locate(quote, item.text)
            return () if place is None else (self._of(Source(item, *place)),)
        if locate(quote, self.statement) is not None:
            return tuple(self._of(one) for one in self.sources)
        return tuple(self._of(one) for one in self.sources if locate(quote, one.quote) is not None)

    def _of(self, source: Source) -> Cited:
        item, text = source.item, source.item.text
        said = whole_sentences(text, source.start, source.stop)
        first = max(0, source.start - AROUND_CHARACTERS)
        near = text[first : source.stop + AROUND_CHARACTERS]
        around = (near, item.title or "", item.author or "", self.before, *self.names)
        ground = f"{self.statement}\n{said}" if self.statement else said
        return Cited(source, Ground(ground, "\n".join(around), item.occurred_at))


def shown(
    connection: Connection, hits: Sequence[Hit], core: CoreMemory, owner_names: Sequence[str]
) -> list[Shown]:
    """Return what goes into the prompt: passages, the best first, then memories.

    Nothing where search found no passage: core memory alone answers no question.
    """
    passages = _passages(connection, hits, owner_names)
    if not passages:
        return []
    found = {
        hit.memory_id: memories.get(connection, hit.memory_id).state
        for hit in hits
        if hit.memory_id is not None
    }
    known, characters = [], 0
    for state in found.values():
        characters += len(state.text)
        entry = _memory(connection, state)
        if entry is not None and characters <= MEMORY_CHARACTERS:
            known.append(entry)
    lines = [line.statement for line in core.lines if line.is_in_prompts]
    return [
        *passages,
        *known,
        *(
            Shown(prompt_entry(one), _sources(connection, one.evidence), one.text)
            for one in lines
            if one.memory_id not in found
        ),
    ]


def _passages(
    connection: Connection, hits: Sequence[Hit], owner_names: Sequence[str]
) -> list[Shown]:
    evidence = [hit for hit in hits if hit.kind == "evidence" and hit.item_id is not None]
    ids = [hit.item_id or "" for hit in evidence]
    around = vocabulary.surroundings(connection, ids, BEFORE)
    entries, characters = [], 0
    for hit in evidence:
        characters += min(len(hit.text), PASSAGE_CHARACTERS)
        if hit.item_id in around and characters <= EVIDENCE_CHARACTERS:
            entries.append(_passage(hit, around[hit.item_id], owner_names))
    return entries


def _passage(hit: Hit, around: Surroundings, owner_names: Sequence[str]) -> Shown:
    item = around.item
    entry: dict[str, object] = {
        "by": "the person who asks" if item.is_owner else item.author or item.role,
        "written": None if item.occurred_at is None else f"{item.occurred_at:%A %d %B %Y}",
        "title": item.title,
        "text": hit.text[:PASSAGE_CHARACTERS],
    }
    said = "\n".join(f"{one.author}: {one.text[-AROUND_CHARACTERS:]}" for one in around.before)
    names = tuple(owner_names) if item.is_owner else ()
    return Shown(entry, (Source(item, 0, len(item.text)),), before=said, names=names)


def _memory(connection: Connection, state: MemoryState) -> Shown | None:
    """Return a memory with the time it held, None for one without words that still stand."""
    sources = _sources(connection, state.evidence)
    if not sources or state.is_archived:
        return None
    entry: dict[str, object] = {"by": "memory", "text": state.text}
    if state.valid_from is not None:
        entry["since"] = f"{times.from_ms(state.valid_from):%d %B %Y}"
    if state.valid_to is not None:
        entry["until"] = f"{times.from_ms(state.valid_to):%d %B %Y}"
    return Shown(entry, sources, state.text)


def _sources(connection: Connection, evidence: Sequence[Evidence]) -> tuple[Source, ...]:
    around = vocabulary.surroundings(connection, [one.item_id for one in evidence], 0)
    return tuple(
        Source(around[one.item_id].item, one.start, one.stop)
        for one in evidence
        if one.item_id in around
    )
