"""The summary of a period or an entity: written, written anew, archived, or left alone.

Invariant: the same one twice changes nothing. A summary has an id of its topic's own and is
written anew only where what it tells of is no longer the same, or where a model can say in prose
what stood as a list. What a person did to it, undoing included, stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.errors import ModelError
from memassist.assistant.reflect.entries import entries_of
from memassist.assistant.reflect.periods import Period
from memassist.assistant.reflect.portraits import portrait_entries
from memassist.assistant.reflect.prose import Draft, as_list, in_prose
from memassist.store import history, memories, reflections, times, tombstones
from memassist.store.errors import NotFoundError
from memassist.store.memories import MemoryState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from memassist.assistant.model import Model
    from memassist.assistant.reflect.entries import Entry
    from memassist.assistant.reflect.portraits import Portrait
    from memassist.assistant.reflect.prose import Topic
    from memassist.store.database import Connection, Database
    from memassist.store.memories import Evidence, Memory

ACTOR = "reflection"
"""Who writes a summary without a model; `model:<name>` does with one."""

Outcome: TypeAlias = Literal["written", "rewritten", "archived", "known", "yours", "too little"]
"""`known`: it stands as it is. `yours`: a person changed, archived, undid or forgot it. `archived`:
what it told of is no longer there. `too little`: nothing to sum up, and nothing was."""
CHANGES: tuple[Outcome, ...] = ("written", "rewritten", "archived")


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one topic."""

    title: str
    outcome: Outcome
    memory_id: str | None
    """None where there is no summary."""
    text: str
    """What it says; empty where there is none."""
    evidence: tuple[Evidence, ...]
    """What it rests on, in the order it was told."""
    note: str = ""
    """Why a model's prose was not taken."""


def summarise(
    database: Database,
    topic: Topic,
    zone: tzinfo | None,
    model: Model | None = None,
    *,
    is_trial: bool = False,
) -> Summary:
    """Bring the summary of a topic up to date; a trial only tells what would become of it.

    A model, if any, writes outside of every transaction; where it fails the summary is a list.
    """
    connection = database.read()
    entries = _entries(connection, topic, zone)
    outcome = _outcome(connection, topic, entries, has_model=model is not None)
    if outcome not in CHANGES:
        return _standing(connection, topic, outcome)
    draft, actor, note = as_list(entries), ACTOR, ""
    if model is not None and outcome != "archived":
        try:
            draft = in_prose(model, topic, entries)
            actor = f"model:{model.name}" if draft.is_prose else ACTOR
        except ModelError as error:
            note = f"{error} {error.advice}".rstrip()
    if is_trial:
        held = _held(connection, topic)
        state = held.state if outcome == "archived" and held else _state(topic, zone, draft)
        return Summary(topic.title, outcome, topic.memory_id, state.text, state.evidence, note)
    with database.write(durable=True) as writing:
        # Asked again inside the lock: somebody may have changed or forgotten something meanwhile.
        if _entries(writing, topic, zone) == entries:
            outcome = _outcome(writing, topic, entries, has_model=draft.is_prose)
            if outcome in CHANGES:
                outcome = _write(writing, topic, zone, draft, actor, outcome)
        else:
            outcome = "known"
        return replace(_standing(writing, topic, outcome), note=note)


def _outcome(
    connection: Connection, topic: Topic, entries: Sequence[Entry], *, has_model: bool
) -> Outcome:
    held = _held(connection, topic)
    if tombstones.holds(connection, reflections.tombstone(topic.memory_id)):
        return "yours"
    is_prose = False
    for newest in history.revisions(connection, topic.memory_id, limit=1):
        is_prose = newest.actor.startswith("model:")
        # Items forgotten under a summary take it away, which says nothing about the summary.
        if not is_prose and newest.actor != ACTOR and newest.action != "remove":
            return "yours"
    if held is None or held.state.is_archived:
        return "written" if entries else "too little"
    if held.state.is_touched:
        return "yours"
    if not entries:
        return "archived"
    if set(held.state.evidence) != {one.evidence for one in entries}:
        return "rewritten"
    if is_prose:
        has_changed = any(one.updated_at > held.updated_at for one in entries)
    else:
        has_changed = has_model or held.state.text != _text(topic, as_list(entries))
    return "rewritten" if has_changed else "known"


def _write(
    connection: Connection,
    topic: Topic,
    zone: tzinfo | None,
    draft: Draft,
    actor: str,
    outcome: Outcome,
) -> Outcome:
    held = _held(connection, topic)
    if outcome == "archived" and held is not None:
        archived = replace(held.state, is_archived=True)
        memories.edit(connection, held.id, archived, actor, "archive")
        return outcome
    state = _state(topic, zone, draft)
    if held is None:
        memories.add(connection, state, actor, uid=topic.memory_id)
        return outcome
    state = replace(state, is_pinned=held.state.is_pinned)
    if state == held.state:  # the model had nothing to add to the list
        return "known"
    memories.edit(connection, held.id, state, actor, "replace")
    return outcome


def _entries(connection: Connection, topic: Topic, zone: tzinfo | None) -> list[Entry]:
    if isinstance(topic, Period):
        return entries_of(connection, topic, zone)
    return portrait_entries(connection, topic, zone)


def _state(topic: Topic, zone: tzinfo | None, draft: Draft) -> MemoryState:
    common = MemoryState(
        type="semantic",
        text=_text(topic, draft),
        confidence=min(one.confidence for one in draft.entries),
        trust=min(one.trust for one in draft.entries),
        tags=(reflections.TAG,),
        extractor=reflections.EXTRACTOR,
        evidence=tuple(dict.fromkeys(one.evidence for one in draft.entries)),
    )
    return _of_period(common, topic, zone) if isinstance(topic, Period) else _of(common, topic)


def _of_period(common: MemoryState, period: Period, zone: tzinfo | None) -> MemoryState:
    start, stop = period.interval(zone)
    return replace(
        common,
        type="episodic",
        fields={"event_type": "week summary" if period.is_week else "day summary"},
        occurred_from=times.to_ms(start),
        occurred_to=times.to_ms(stop),
        precision="day",
    )


def _of(common: MemoryState, portrait: Portrait) -> MemoryState:
    return replace(common, fields={"name": portrait.title})


def _text(topic: Topic, draft: Draft) -> str:
    return f"{topic.title}: {draft.text}"


def _held(connection: Connection, topic: Topic) -> Memory | None:
    try:
        return memories.get(connection, topic.memory_id)
    except NotFoundError:
        return None


def _standing(connection: Connection, topic: Topic, outcome: Outcome) -> Summary:
    held = _held(connection, topic)
    if held is None or (held.state.is_archived and outcome != "archived"):
        return Summary(topic.title, outcome, None if held is None else held.id, "", ())
    return Summary(topic.title, outcome, held.id, held.state.text, held.state.evidence)
