"""The forgetting curve: how likely a memory is still wanted, by use, age and importance.

Anderson & Schooler ("Reflections of the environment in memory", Psychological Science 2, 1991)
found that whether something is wanted again falls as a power of the time since it was, and that
occurrences add up. ACT-R's base-level activation says it so: B = ln(sum of t^-d) over the times t
since each occurrence. Only the number of occurrences and the first and last are kept here, from
which Petrov's approximation ("Computationally efficient approximation of the base-level learning
equation in ACT-R", ICCM 2006, with k = 1) reckons it. Activation above a threshold becomes a
probability by a logistic curve (Anderson & Lebiere, "The atomic components of thought", 1998). That
unused memories should fade, and use should strengthen them, is as in MemoryBank (arXiv 2305.10250),
whose exponential forgets within days what is wanted after a year.

It archives, which a revision records and undo takes back, and it never deletes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.plugins.types import Trust
from memassist.store import memories, uses

if TYPE_CHECKING:
    from memassist.store.database import Connection, Database
    from memassist.store.memory_values import MemoryState
    from memassist.store.uses import Presence

DECAY = 0.5
"""The exponent d, the usual one in ACT-R."""
NOISE = 0.4
"""The logistic curve's s, in the middle of what models in ACT-R use."""
THRESHOLD = -2.2
"""Activation at which it is as likely wanted as not: that of a memory of the confidence .75 that
rests on one text of somebody else and was not used for a year."""
OWNERS_WORD = 0.5
ASKED_FOR = 1.0
"""Added to the activation of what rests on the owner's own words, and of what they asked to have
remembered; confidence, 0 to 1, is added too. One more makes a memory last 7.4 times as long."""
MOST_AT_ONCE = 10
"""So many are archived in one night at most, so that a wrong setting shows in time."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Faded:
    """A memory that is of use no more."""

    memory_id: str
    text: str
    retention: float
    """0 to 1."""


def activation(presence: Presence, now: int) -> float:
    """Return the base-level activation at a moment in milliseconds since 1970, UTC.

    Times count in days, and less than a day as one: all of today is equally present.
    """
    count = presence.items + presence.uses
    last = max(presence.met_at, presence.last_used_at or 0)
    age = max((now - presence.learned_at) / _DAY_MS, 1.0)
    since = min(max((now - last) / _DAY_MS, 1.0), age)
    if since == age:
        return math.log(count * age**-DECAY)
    power = 1 - DECAY
    others = (count - 1) * (age**power - since**power) / (power * (age - since))
    return math.log(since**-DECAY + others)


def importance(state: MemoryState) -> float:
    """Return what a memory's kind and origin add to its activation."""
    added = OWNERS_WORD if state.trust >= Trust.OWNER else 0.0
    return state.confidence + added + (ASKED_FOR if "explicit" in state.tags else 0.0)


def retention(state: MemoryState, presence: Presence, now: int) -> float:
    """Return how likely a memory is still wanted, 0 to 1."""
    above = activation(presence, now) + importance(state) - THRESHOLD
    return 1 / (1 + math.exp(-above / NOISE))


def gain_by_use(presence: Presence, now: int) -> float:
    """Return the activation that a memory's uses added; 0 for one that was never used."""
    if not presence.uses:
        return 0.0
    return activation(presence, now) - activation(replace(presence, uses=0, last_used_at=None), now)


def faded(connection: Connection, below: float, now: int) -> list[Faded]:
    """Return what has come below a retention, the least wanted first; nothing for 0."""
    found = []
    for memory_id, presence in uses.fading(connection, now).items() if below > 0 else ():
        state = memories.get(connection, memory_id).state
        kept = retention(state, presence, now)
        if kept < below:
            found.append(Faded(memory_id, state.text, kept))
    return sorted(found, key=lambda one: one.retention)[:MOST_AT_ONCE]


def archive_faded(database: Database, below: float, now: int) -> list[Faded]:
    """Archive what has come below a retention, a revision each, and return it."""
    if not faded(database.read(), below, now):
        return []
    with database.write(durable=True) as connection:
        found = faded(connection, below, now)
        for one in found:
            state = replace(memories.get(connection, one.memory_id).state, is_archived=True)
            memories.edit(connection, one.memory_id, state, uses.FORGETTING, "archive")
    return found
