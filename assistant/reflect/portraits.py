"""Summaries of people, places and projects: which are worth one, and what each is made of.

A portrait tells what holds now and what happened last, as the entity's page has it, and rests on
the words that those rest on. It is never made of another summary: no page lists one among its facts
(`store.entity_page.page_of`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.reflect.entries import Entry
from memassist.plugins.types import Trust
from memassist.store import reflections, times
from memassist.store.entities import get_entity, list_entities
from memassist.store.entity_page import page_of
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo
    from typing import Literal

    from memassist.store.database import Connection
    from memassist.store.entities import KnownEntity
    from memassist.store.memories import Memory

MOST_FACTS, MOST_EVENTS = 6, 3
LEAST_TOLD = 4
"""Fewer facts and events are as quickly read on the page itself."""
MOST_SUMMED_UP = 20
"""People and projects that get a summary by themselves, those that most memories name."""
KINDS = ("person", "project")
_LOOKED_AT = 50
"""Facts, and as many events, of one page."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A person, place, project or organisation to sum up."""

    memory_id: str
    """The id of its summary: the same whenever and wherever it is written."""
    title: str
    """Its name."""
    entity_id: str | None
    """None where nothing names it any more."""
    owner_names: tuple[str, ...]


def portrait_of(connection: Connection, wanted: str, owner_names: Sequence[str]) -> Portrait:
    """Return whom an id or name stands for. Raises `NotFoundError`."""
    return _portrait(get_entity(connection, wanted, owner_names=owner_names), owner_names)


def _portrait(entity: KnownEntity, owner_names: Sequence[str]) -> Portrait:
    uid = reflections.portrait_id(entity.id)
    return Portrait(uid, entity.name, entity.id, tuple(owner_names))


def recent_portraits(connection: Connection, owner_names: Sequence[str]) -> list[Portrait]:
    """Return those to look at each night: who is named most, and who has a summary already."""
    names = tuple(owner_names)
    listed = [one for kind in KINDS for one in list_entities(connection, kind, owner_names=names)]
    listed.sort(key=lambda one: -one.memories)
    found = {
        reflections.portrait_id(one.id): _portrait(one, names)
        for one in listed[:MOST_SUMMED_UP]
        if one.memories >= LEAST_TOLD
    }
    for uid, title, entity_id in reflections.portraits(connection):
        found.setdefault(uid, Portrait(uid, title, entity_id, names))
    return list(found.values())


def portrait_entries(
    connection: Connection, portrait: Portrait, zone: tzinfo | None
) -> list[Entry]:
    """Return the facts that hold and the last events; too little is nothing.

    So is somebody who is nobody any more, or only a further name of another. Of facts those come
    first that are pinned, most trusted, and told most often; events are in order of time.
    """
    if portrait.entity_id is None:
        return []
    try:
        page = page_of(connection, portrait.entity_id, portrait.owner_names, limit=_LOOKED_AT)
    except NotFoundError:
        return []
    if page.entity.id != portrait.entity_id:
        return []
    facts = [one for one in page.facts if one.state.valid_to is None and _may_be_told(one)]
    facts.sort(key=_worth, reverse=True)
    events = [one for one in page.events if _may_be_told(one)][:MOST_EVENTS]
    found = [_entry(one, "fact", zone) for one in facts[:MOST_FACTS]]
    found += [_entry(one, "happened", zone) for one in reversed(events)]
    return found if len(found) >= LEAST_TOLD else []


def _may_be_told(memory: Memory) -> bool:
    state = memory.state
    # What a program says of itself must be out of use as soon as its memory is.
    return bool(state.evidence) and state.trust >= Trust.SCREEN


def _worth(memory: Memory) -> tuple[bool, int, int, float]:
    state = memory.state
    return state.is_pinned, state.trust, len(state.evidence), state.confidence


def _entry(memory: Memory, kind: Literal["fact", "happened"], zone: tzinfo | None) -> Entry:
    state = memory.state
    moment = state.occurred_from or state.valid_from or memory.created_at
    return Entry(
        text=state.text.rstrip(" ."),
        evidence=state.evidence[0],
        trust=state.trust,
        confidence=state.confidence,
        moment=times.from_ms(moment).astimezone(zone),
        kind=kind,
        updated_at=memory.updated_at,
    )
