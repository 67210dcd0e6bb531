"""Score extractors on labelled statements: precision and recall, with every miss and false memory.

Each case is a conversation of its own. What counts as found is what would become a memory without
a person: candidates that would wait in the inbox are left out. A memory is right where it meets one
of its case's expectations; a second one that says the same is right too, and met once. Types are
part of it; `Report.any_type` counts without them.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.extract.settle import reason_for_review
from memassist.plugins.types import MEMORY_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from memassist.assistant.evaluation.cases import Case, Expected, Period
    from memassist.plugins.protocols import Extractor
    from memassist.plugins.types import Candidate, When

SHARED_WORDS = 0.6
"""Least share of a labelled statement's content words that a memory of the same has."""
LONGEST_GUESS_DAYS = 14
"""A day may be remembered as the week or fortnight around it, and not as a month."""
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a an and are as at be been by for from had has have he her his i i'm i've in is it its me"
        " my of on or our she that the their them they this to user owner was we were who will"
        " with",
    )
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many memories were expected and made, and how many of them met."""

    expected: int
    met: int
    """Of the expected ones."""
    made: int
    right: int
    """Of those made."""

    @property
    def precision(self) -> float | None:
        """The share of right ones among those made; None where none was made."""
        return self.right / self.made if self.made else None

    @property
    def recall(self) -> float | None:
        """The share of the expected ones that were met; None where none was expected."""
        return self.met / self.expected if self.expected else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None where one of them is."""
        precision, recall = self.precision, self.recall
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class Miss:
    """An expected memory that was not made."""

    case: str
    types: tuple[str, ...]
    expected: str
    """How the file tells it."""
    text: str
    """What was said."""


@dataclass(frozen=True, slots=True)
class FalseMemory:
    """A memory that no expectation of its case is met by."""

    case: str
    type: str
    text: str
    quote: str
    extractor: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the extractors did on a file of cases."""

    cases: int
    all_types: Counts
    any_type: Counts
    """The same where the type of a memory doesn't matter."""
    types: dict[str, Counts]
    """By type, those met as what was made of them, misses as the first type they may be."""
    silent_cases: int
    """Cases of which nothing may be remembered."""
    kept_silent: int
    """Of them, those without a memory."""
    misses: tuple[Miss, ...]
    false_memories: tuple[FalseMemory, ...]
    seconds: float


def evaluate(
    cases: Sequence[Case],
    extractors: Sequence[Extractor],
    threshold: float,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Run the extractors over each case and compare. Raises what they raise, a `ModelError`."""
    began = time.monotonic()
    expected, met, made, right = (Counter[str]() for _ in range(4))
    loosely_met = loosely_right = silent = kept_silent = 0
    misses: list[Miss] = []
    false: list[FalseMemory] = []
    for number, case in enumerate(cases, 1):
        memories = list(_memories(case, extractors, threshold))
        silent += not case.expected
        kept_silent += not case.expected and not memories
        for memory in memories:
            is_right = any(_is_met(one, memory, case) for one in case.expected)
            made[memory.type] += 1
            right[memory.type] += is_right
            loosely_right += any(_is_met(one, memory, case, any_type=True) for one in case.expected)
            if not is_right:
                quote = memory.evidence[0].quote
                false.append(
                    FalseMemory(case.id, memory.type, memory.text, quote, memory.extractor)
                )
        for one in case.expected:
            by = next((memory.type for memory in memories if _is_met(one, memory, case)), None)
            if by is None and one.is_optional:
                continue
            expected[by or one.types[0]] += 1
            met[by or one.types[0]] += by is not None
            loosely_met += any(_is_met(one, memory, case, any_type=True) for memory in memories)
            if by is None:
                misses.append(_miss(one, case))
        on_progress(number)
    types: dict[str, Counts] = {
        name: Counts(expected[name], met[name], made[name], right[name])
        for name in MEMORY_TYPES
        if expected[name] or made[name]
    }
    sums = [sum(counts.values()) for counts in (expected, met, made, right)]
    return Report(
        cases=len(cases),
        all_types=Counts(*sums),
        any_type=Counts(sums[0], loosely_met, sums[2], loosely_right),
        types=types,
        silent_cases=silent,
        kept_silent=kept_silent,
        misses=tuple(misses),
        false_memories=tuple(false),
        seconds=round(time.monotonic() - began, 1),
    )


def _memories(case: Case, extractors: Sequence[Extractor], threshold: float) -> Iterable[Candidate]:
    """Yield what would become a memory at once, by the checks that `settle` makes."""
    trusts = {item.item_id: item.trust for item in case.window.items}
    for extractor in extractors:
        for candidate in extractor.extract(case.window):
            if not candidate.evidence or not all(map(case.window.check, candidate.evidence)):
                continue
            trust = min(trusts[span.item_id] for span in candidate.evidence)
            if reason_for_review(candidate, trust, threshold) is None:
                yield candidate


def _is_met(expected: Expected, memory: Candidate, case: Case, *, any_type: bool = False) -> bool:
    if memory.type not in expected.types and not any_type:
        return False
    said = memory.text.casefold()
    return (
        all(words.casefold() in said for words in expected.contains)
        and (expected.quote is None or _touches(memory, expected.quote, case))
        and (expected.when is None or _is_then(memory.when, expected.when))
        and (expected.text is None or _says(memory, expected.text, case))
    )


def _touches(memory: Candidate, quote: str, case: Case) -> bool:
    """Whether the memory rests on some of the quoted words."""
    for item in case.window.items:
        start = item.text.find(quote)
        while start >= 0:
            for span in memory.evidence:
                is_apart = span.stop <= start or start + len(quote) <= span.start
                if span.item_id == item.item_id and not is_apart:
                    return True
            start = item.text.find(quote, start + 1)
    return False


def _is_then(when: When | None, period: Period) -> bool:
    """Whether the remembered time touches the told one and is about as exact."""
    if when is None:
        return False
    overlaps = when.start < period.stop and period.start < when.stop
    told_days = (period.stop - period.start).days
    return overlaps and (when.stop - when.start).days <= max(told_days, LONGEST_GUESS_DAYS)


def _says(memory: Candidate, statement: str, case: Case) -> bool:
    """Whether a memory has most of a statement's content words, whoever they are said of."""
    names = {word for name in case.window.owner_names for word in _words(name)}
    told = _words(statement) - names
    said = _words(memory.text)
    shared = [word for word in told if any(_is_same(word, other) for other in said)]
    return bool(told) and len(shared) >= SHARED_WORDS * len(told)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w'-]+", text.casefold())) - _EMPTY_WORDS


def _is_same(one: str, other: str) -> bool:
    """Whether two words are forms of one: `move` and `moved`, `adopt` and `adopting`."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    stem = short[: max(3, len(short) - 1)]
    return len(short) >= 4 and long.startswith(stem) and len(long) - len(short) < 4


def _miss(expected: Expected, case: Case) -> Miss:
    told = expected.text or " ... ".join(expected.contains) or expected.quote or ""
    said = "\n".join(item.text for item in case.window.items)
    return Miss(case.id, expected.types, told, said)
