"""Consolidation: memories that say the same collapse into one, with the evidence of all.

Rules decide where it is clear: the same words but for case, order of words of no weight, endings
and a few synonyms. Where the embedding model finds two alike and rules can't tell, a language model
is asked, if there is one; without one both stay. No vector and no model is believed where numbers,
names, negations or times differ (`alike.cannot_be_same`).

Everything is worked out before anything is written, and then lands in one write. A plan that would
take away more than `budget` allows is not carried out at all: it becomes a problem, with the
command to look at it. Looking at the same memories twice changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from memassist.assistant.extract.alike import cannot_be_same, key_of
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced
from memassist.plugins.types import Problem
from memassist.store import collapse, consolidation, jobs, memories, problems, slots, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from memassist.assistant.model import Model
    from memassist.plugins.protocols import Embedder
    from memassist.store.consolidation import Look
    from memassist.store.database import Connection, Database
    from memassist.store.jobs import Job
    from memassist.store.memories import Memory

    Relation = Literal["same", "update", "different"]

MOST_SHARE = 50
"""A run may take away one of so many memories, which is 2%,"""
MOST_MEMORIES, ALWAYS = 10, 3
"""but no more than the first; and the second always, or a young home could not be tidied."""
ALIKE = 0.8
"""Least cosine of two statements that a language model is asked about."""
MOST_ASKED = 50
"""Pairs that a model is asked about in one run, the most alike first."""
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {"relation": {"type": "string", "enum": ["same", "update", "different"]}},
    "required": ["relation"],
    "additionalProperties": False,
}
_INSTRUCTION = (
    "You compare two remembered statements.\n"
    f"{RULE}\n"
    "relation is same if both say the same fact in other words, update if both are about the same"
    " thing and can't both be true now, so that the later one replaces the earlier, and different"
    " in every other case. If in doubt, different."
)
_ANSWER_TOKENS = 60
ACTOR = "consolidation"


@dataclass(frozen=True, slots=True)
class Step:
    """One change that is planned."""

    stays: Memory
    goes: Memory
    is_update: bool = False
    """The one that stays is newer and contradicts the other, which is closed and kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    steps: tuple[Step, ...]
    budget: int
    is_done: bool
    """False where the budget stopped it, or nothing was to be written."""


def budget(count: int) -> int:
    """Return how many of so many memories a run may take away without being told to."""
    return max(ALWAYS, min(MOST_MEMORIES, count // MOST_SHARE))


def run(
    database: Database, embedder: Embedder | None, model: Model | None, job: Job
) -> Counter[str]:
    """Consolidate what changed, and end the job; by the model too where the job is for that.

    Returns how many memories became what. Raises `ModelError`.
    """
    asked = model if job.kind == "consolidate-model" else None
    outcome = consolidate(database, embedder, asked)
    with database.write() as connection:
        if model is not None and asked is None and embedder is not None:
            jobs.enqueue_once(connection, "consolidate-model")
        jobs.finish(connection, job)
    if not outcome.is_done:
        return Counter()
    return Counter("updated" if one.is_update else "collapsed" for one in outcome.steps)


def consolidate(
    database: Database,
    embedder: Embedder | None,
    model: Model | None,
    *,
    allowed: int | None = None,
    is_rehearsal: bool = False,
) -> Outcome:
    """Plan, and carry the plan out where it takes away no more than allowed; None is `budget`.

    With `is_rehearsal` nothing is written. Raises `ModelError`, and then nothing was written.
    """
    connection = database.read()
    look: Look = "rules" if model is None else "model"
    up_to = consolidation.newest_change(connection)
    changed = consolidation.changed(connection, look)
    known = consolidation.standing(connection)
    steps = _plan(connection, known, changed, embedder, model) if changed else []
    most = budget(len(known)) if allowed is None else allowed
    if is_rehearsal:
        return Outcome(tuple(steps), most, is_done=False)
    with database.write() as connection:
        problem = _too_much(len(steps), most) if len(steps) > most else None
        told = problems.of_source(connection, ACTOR)
        mended = [one.id for one in told if problem is None or one.reason != problem.reason]
        problems.clear(connection, mended)
        if problem is not None:
            problems.add(connection, ACTOR, problem)
            return Outcome(tuple(steps), most, is_done=False)
        for step in steps:
            _take(connection, step)
        consolidation.looked(connection, look, up_to)
    return Outcome(tuple(steps), most, is_done=True)


def _too_much(count: int, most: int) -> Problem:
    return Problem(
        place="memories",
        reason=f"{count} memories would go into others at once, more than {most}: nothing was done",
        advice=f"Look at them with memassist consolidate --dry-run, then --allow {count}.",
    )


def _plan(
    connection: Connection,
    known: Sequence[Memory],
    changed: set[str],
    embedder: Embedder | None,
    model: Model | None,
) -> list[Step]:
    steps: list[Step] = []
    gone: set[str] = set()
    for one, other in _same_by_rules(known, changed):
        if one.id not in gone and other.id not in gone:
            step = _step(one, other)
            if step is not None:
                steps.append(step)
                gone.add(step.goes.id)
    if model is None or embedder is None:
        return steps
    for one, other in _alike(connection, known, changed, embedder)[:MOST_ASKED]:
        if one.id in gone or other.id in gone:
            continue
        relation = _asked(model, one, other)
        step = None
        if relation == "same" and not cannot_be_same(one.state, other.state):
            step = _step(one, other)
        elif relation == "update":
            step = _update(one, other)
        if step is not None:
            steps.append(step)
            gone.add(step.goes.id)
    return steps


def _same_by_rules(known: Sequence[Memory], changed: set[str]) -> Iterator[tuple[Memory, Memory]]:
    groups: dict[tuple[str, str], list[Memory]] = {}
    for memory in known:
        groups.setdefault((memory.state.type, key_of(memory.state.text)), []).append(memory)
    for group in groups.values():
        for one, other in combinations(group, 2):
            is_new = one.id in changed or other.id in changed
            if is_new and not cannot_be_same(one.state, other.state):
                yield one, other


def _alike(
    connection: Connection, known: Sequence[Memory], changed: set[str], embedder: Embedder
) -> list[tuple[Memory, Memory]]:
    """Return pairs of one type that are near by meaning, the nearest first."""
    row = vectors.find_model(connection, embedder.model_id, embedder.dimensions)
    if row is None:
        return []
    ids, matrix = vectors.vectors_of_memories(connection, row, embedder.dimensions)
    by_id = {one.id: one for one in known}
    places = [place for place, uid in enumerate(ids) if uid in by_id]
    found: list[tuple[float, Memory, Memory]] = []
    for place in places:
        one = by_id[ids[place]]
        if one.id not in changed:
            continue
        cosines = matrix @ matrix[place]
        for second in places:
            other = by_id[ids[second]]
            is_second_look = other.id in changed and second <= place
            if second == place or is_second_look or other.state.type != one.state.type:
                continue
            if cosines[second] >= ALIKE:
                found.append((float(cosines[second]), one, other))
    found.sort(key=lambda each: -each[0])
    return [(one, other) for _, one, other in found]


def _step(one: Memory, other: Memory) -> Step | None:
    """Return which of two that say the same goes; None where a person meant both to be there."""
    if one.state.is_touched and other.state.is_touched:
        return None

    def worth(memory: Memory) -> tuple[bool, bool, int, bool, int]:
        state = memory.state
        has_slot = state.slot is not None
        return state.is_touched, state.is_pinned, state.trust, has_slot, -memory.created_at

    stays, goes = sorted((one, other), key=worth, reverse=True)
    return None if goes.state.is_touched or goes.state.is_pinned else Step(stays, goes)


def _update(one: Memory, other: Memory) -> Step | None:
    """Return the later of two that can't both be true, in place of the earlier.

    None where either has no time, where a person touched the earlier one, or where it is of higher
    trust.
    """
    if one.state.type not in ("core", "semantic"):
        return None
    told = [(_told_at(memory), memory) for memory in (one, other)]
    (first, earlier), (second, later) = sorted(told, key=lambda pair: pair[0] or 0)
    if first is None or second is None or first == second:
        return None
    is_machines = not (earlier.state.is_touched or earlier.state.is_pinned)
    if not is_machines or earlier.state.trust > later.state.trust:
        return None
    return Step(later, earlier, is_update=True)


def _told_at(memory: Memory) -> int | None:
    return memory.state.valid_from or memory.state.occurred_from


def _asked(model: Model, one: Memory, other: Memory) -> Relation:
    entries = [
        {"n": number, "statement": memory.state.text, "words": memory.state.evidence[0].quote}
        for number, memory in enumerate((one, other), 1)
        if memory.state.evidence
    ]
    if len(entries) < 2:
        return "different"
    prompt = [
        Message("system", _INSTRUCTION),
        Message("user", f"{fenced('STATEMENTS', entries)}\nHow do the two relate?"),
    ]
    relation = model.complete(prompt, SCHEMA, max_tokens=_ANSWER_TOKENS).value["relation"]
    return "same" if relation == "same" else "update" if relation == "update" else "different"


def _take(connection: Connection, step: Step) -> None:
    """Carry a step out, unless either memory changed since it was planned. Within a write."""
    stays, goes = (memories.find(connection, one.id) for one in (step.stays, step.goes))
    if stays is None or goes is None or goes.version != step.goes.version:
        return
    if step.is_update:
        slots.close(connection, goes, stays, _told_at(stays) or 0, ACTOR)
    else:
        collapse.collapse(connection, stays, goes, ACTOR)
