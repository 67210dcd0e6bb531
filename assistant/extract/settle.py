"""Decide what becomes of a candidate: memory, inbox, more evidence for a known one, or nothing.

The order of the questions is the policy:
1. Does every quote stand in its item, and is the item still there? If not it is dropped: the
   item may have been forgotten while an extractor was reading it.
2. Was this very statement forgotten? Then nothing.
3. Is it known? Then its evidence is united with the memory's. A model's statement on words that
   carry one already is known too; where it says all of a rule's statement and more, it takes its
   place, as long as no person has touched that.
4. Is it unsure, or would it become core or procedural memory on words that are not the owner's,
   or is core memory full? Then a person decides, in the inbox.
5. Does it fill a slot that holds something else? The later one is believed, the earlier one is
   closed (`valid_to`, `superseded_by`) and kept; but less trusted text never closes what more
   trusted text says: that goes to the inbox.
Trust is the lowest of the evidence, stamped here and never taken from the text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from memassist.assistant.core import has_room
from memassist.assistant.extract.alike import says_more, says_same
from memassist.plugins.types import Trust
from memassist.store import inbox, items, memories, slots, supports, times, tombstones
from memassist.store.forget import memory_key
from memassist.store.memories import Entity, Evidence, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memassist.plugins.types import Candidate, Window, WindowItem
    from memassist.store.database import Connection
    from memassist.store.memories import Memory

_TOLD = ("summary", "value")
"""Fields that repeat the statement."""
CHANGING = frozenset({"added", "superseded", "replaced"})
"""What becomes of a candidate that leaves something for consolidation to look at."""
BY_MODEL = "model:"
"""How the names of extractors begin that ask a language model."""
NEEDS_A_PERSON = ("core", "procedural")
"""Types that steer every later answer, so a stranger's text must not become one unseen."""


def settle(
    connection: Connection,
    window: Window,
    candidates: Iterable[Candidate],
    threshold: float,
    actor: str = "rule",
    *,
    core_tokens: int | None = None,
) -> Counter[str]:
    """Bring candidates of one window into the store; returns how many became what.

    Within a write. Candidates below `threshold` go to the inbox, and so do those of core memory
    beyond `core_tokens`; None knows no bound. The same window twice changes nothing.
    """
    became: Counter[str] = Counter()
    by_id = {item.item_id: item for item in window.items}
    for candidate in candidates:
        became[
            _settle_one(connection, window, by_id, candidate, threshold, actor, core_tokens)
        ] += 1
    return became


def _settle_one(
    connection: Connection,
    window: Window,
    by_id: dict[str, WindowItem],
    candidate: Candidate,
    threshold: float,
    actor: str,
    core_tokens: int | None,
) -> str:
    if not candidate.evidence or not all(window.check(span) for span in candidate.evidence):
        return "unsupported"
    if not items.exist(connection, {span.item_id for span in candidate.evidence}):
        return "forgotten"
    state = _state(candidate, by_id)
    if tombstones.holds(connection, memory_key(state.type, state.text)):
        return "forgotten"
    known = memories.with_text(connection, state.type, state.text)
    if known is not None and not _holds_again(known.state, state):
        return _unite(connection, known, state, actor)
    other = next(_on_the_same_words(connection, state), None)
    if other is not None:
        return _improve(connection, other, state, threshold, actor)
    reason = (
        reason_for_review(candidate, state.trust, threshold)
        or _contradiction(connection, state)
        or _fullness(connection, state, core_tokens)
    )
    if reason is not None:
        proposed = inbox.propose(connection, state, reason)
        return "inbox" if proposed else "known"
    return slots.fill(connection, state, actor)[1]


def _state(candidate: Candidate, by_id: dict[str, WindowItem]) -> MemoryState:
    sources = [by_id[span.item_id] for span in candidate.evidence]
    said = [times.to_ms(item.occurred_at) for item in sources if item.occurred_at is not None]
    when = candidate.when
    return MemoryState(
        type=candidate.type,
        text=candidate.text,
        fields=dict(candidate.fields),
        slot=candidate.slot,
        confidence=candidate.confidence,
        trust=int(min(item.trust for item in sources)),
        tags=candidate.tags,
        occurred_from=None if when is None else times.to_ms(when.start),
        occurred_to=None if when is None else times.to_ms(when.stop),
        precision=None if when is None else when.precision,
        valid_from=max(said) if said and candidate.slot else None,
        extractor=candidate.extractor,
        evidence=tuple(
            Evidence(span.item_id, span.start, span.stop, span.quote) for span in candidate.evidence
        ),
        entities=tuple(Entity(one.kind, one.name) for one in candidate.entities),
    )


def reason_for_review(candidate: Candidate, trust: int, threshold: float) -> str | None:
    """Return why a person has to decide about a candidate of this trust; None where none has to."""
    if candidate.type in NEEDS_A_PERSON and trust < Trust.OWNER:
        return f"It would become {candidate.type} memory and rests on text you did not write."
    if candidate.confidence < threshold:
        return f"The extractor is not sure ({candidate.confidence:.2f})."
    return None


def _contradiction(connection: Connection, state: MemoryState) -> str | None:
    held = [] if state.slot is None else memories.in_slot(connection, state.slot)
    if any(one.state.trust > state.trust for one in held):
        return "It contradicts what a more trusted text says."
    return None


def _fullness(connection: Connection, state: MemoryState, core_tokens: int | None) -> str | None:
    if core_tokens is None or state.type != "core" or has_room(connection, state, core_tokens):
        return None
    return f"Core memory is full ({core_tokens:,} tokens, core.budget_tokens)."


def _holds_again(known: MemoryState, state: MemoryState) -> bool:
    """Whether a closed fact is told anew, as when somebody moves back."""
    return known.valid_to is not None and (state.valid_from or 0) > known.valid_to


def _on_the_same_words(connection: Connection, state: MemoryState) -> Iterator[Memory]:
    """Yield memories that say the same of the same words, where a model made either of the two.

    Archived ones count: what a person put away is known too.
    """
    is_models = _is_models(state)
    for span in state.evidence:
        for start, stop, uid in supports.memories_on(connection, span.item_id):
            if start >= span.stop or span.start >= stop:
                continue
            other = memories.get(connection, uid)
            if other.state.is_summary:
                continue  # it repeats what others say
            if (is_models or _is_models(other.state)) and says_same(other.state.text, state.text):
                yield other


def _is_models(state: MemoryState) -> bool:
    return (state.extractor or "").startswith(BY_MODEL)


def _improve(
    connection: Connection, known: Memory, state: MemoryState, threshold: float, actor: str
) -> str:
    old = known.state
    is_free = not (old.is_touched or old.is_pinned or old.is_archived or old.valid_to is not None)
    if (
        not is_free
        or _is_models(old)
        or old.type != state.type
        or state.confidence < threshold
        or (state.type in NEEDS_A_PERSON and state.trust < Trust.OWNER)
        or not says_more(state.text, old.text)
    ):
        return "known"
    better = replace(
        old,
        text=state.text,
        fields=old.fields
        | {name: state.text for name in ("summary", "value") if name in old.fields},
        confidence=max(old.confidence, state.confidence),
        trust=min(old.trust, state.trust),
        extractor=state.extractor,
        evidence=tuple(dict.fromkeys((*old.evidence, *state.evidence))),
        entities=tuple(dict.fromkeys((*old.entities, *state.entities))),
    )
    memories.edit(connection, known.id, better, actor, "replace")
    return "replaced"


def _unite(connection: Connection, known: Memory, state: MemoryState, actor: str) -> str:
    new = tuple(one for one in state.evidence if one not in known.state.evidence)
    if not new or known.state.is_archived:
        return "known"
    merged = replace(
        known.state,
        evidence=known.state.evidence + new,
        trust=min(known.state.trust, state.trust),
        confidence=max(known.state.confidence, state.confidence),
    )
    memories.edit(connection, known.id, merged, actor, "merge")
    return "merged"
