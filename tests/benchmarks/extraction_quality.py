"""How many memories the rule extractors make of LongMemEval, of which types, and a sample to judge.

Run it from the repository's root, with the data beside it:

    uv run python tests/benchmarks/extraction_quality.py ../shared/data/longmemeval/dev.json.gz \
        --sample 100 --seed 1 --half second

Histories share conversations, so each conversation is read once. A window is one conversation.
Judge a sampled memory as worth keeping where it is true by its context, about the owner or their
people, durable or a real dated event, understood without its context, and no passing remark.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.types import Trust, Window, WindowItem

if TYPE_CHECKING:
    from memassist.plugins.types import Candidate


class Turn(TypedDict):
    """One line of a history."""

    ref: str
    conversation: str
    role: str
    text: str
    occurred_at: str


class Question(TypedDict):
    """A question about a history, and the turns that answer it."""

    query: str
    answer: str
    evidence: list[str]
    category: str


class History(TypedDict):
    """All that one person wrote, and the questions about it."""

    id: str
    items: list[Turn]
    questions: list[Question]


def windows(histories: list[History]) -> dict[str, Window]:
    """Return one window per conversation, in the order of the data."""
    turns: dict[str, dict[str, Turn]] = {}
    for history in histories:
        for turn in history["items"]:
            turns.setdefault(turn["conversation"], {})[turn["ref"]] = turn
    return {
        name: Window(
            tuple(
                WindowItem(
                    item_id=turn["ref"],
                    text=turn["text"],
                    role="user" if turn["role"] == "user" else "assistant",
                    author=None,
                    is_owner=turn["role"] == "user",
                    trust=Trust.OWNER if turn["role"] == "user" else Trust.UNKNOWN,
                    occurred_at=datetime.fromisoformat(turn["occurred_at"]),
                )
                for turn in conversation.values()
            ),
            conversation=name,
        )
        for name, conversation in turns.items()
    }


def extract(windows_by_name: dict[str, Window]) -> list[tuple[Window, Candidate]]:
    """Return every candidate with its window, checking each quote."""
    found = []
    for window in windows_by_name.values():
        for extractor in builtin_extractors():
            for candidate in extractor.extract(window):
                assert all(window.check(span) for span in candidate.evidence), candidate
                found.append((window, candidate))
    return found


def report(name: str, windows_by_name: dict[str, Window], threshold: float) -> None:
    """Print rates and speed for one set of conversations."""
    started = time.perf_counter()
    found = [pair for pair in extract(windows_by_name) if pair[1].confidence >= threshold]
    seconds = time.perf_counter() - started
    turns = sum(len(window.items) for window in windows_by_name.values())
    owner = sum(item.is_owner for window in windows_by_name.values() for item in window.items)
    print(f"{name}: {owner} owner turns, {turns / seconds:.0f} turns/s")
    print(f"  {len(found)} memories, {1000 * len(found) / owner:.1f} per 1,000 owner turns")
    for kind, count in Counter((c.type, c.extractor) for _, c in found).most_common():
        print(f"  {kind[0]:<11} {kind[1]:<20} {count:>4}  {1000 * count / owner:.2f}")


def sample(windows_by_name: dict[str, Window], count: int, seed: int, threshold: float) -> None:
    """Print random candidates with their context, for judging."""
    found = [pair for pair in extract(windows_by_name) if pair[1].confidence >= threshold]
    chosen = random.Random(seed).sample(found, min(count, len(found)))
    for number, (window, candidate) in enumerate(chosen, 1):
        span = candidate.evidence[0]
        item = next(item for item in window.items if item.item_id == span.item_id)
        when = candidate.when
        print(f"{number}. [{candidate.type} {candidate.confidence}] {candidate.text}")
        if when:
            print(f"   when: {when.start:%Y-%m-%d} to {when.stop:%Y-%m-%d} ({when.precision})")
        print(f"   quote: {span.quote}")
        print(f"   {span.item_id}: {item.text[max(0, span.start - 200) : span.stop + 120]!r}")


def answers(histories: list[History], windows_by_name: dict[str, Window]) -> None:
    """Print, by category, how many questions have a memory on one of their evidence turns."""
    remembered = {span.item_id for _, c in extract(windows_by_name) for span in c.evidence}
    asked: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for history in histories:
        for question in history["questions"]:
            asked[question["category"]] += 1
            met[question["category"]] += any(ref in remembered for ref in question["evidence"])
    for category, count in sorted(asked.items()):
        print(f"  {category:<28} {met[category]:>3} of {count}")


def main() -> None:
    """Read the arguments and print what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="memories to print for judging")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=("first", "second", "all"), default="all")
    parser.add_argument("--threshold", type=float, default=0.5, help="least confidence")
    options = parser.parse_args()
    with gzip.open(options.data, "rt", encoding="utf-8") as file:
        histories: list[History] = json.load(file)
    middle = len(histories) // 2
    first = windows(histories[:middle])
    every = windows(histories)
    second = {name: window for name, window in every.items() if name not in first}
    halves = {"first": first, "second": second, "all": every}
    for name in ("first", "second", "all") if options.half == "all" else (options.half,):
        report(name, halves[name], options.threshold)
    print("questions with a memory on an evidence turn:")
    answers(histories, every)
    if options.sample:
        sample(halves[options.half], options.sample, options.seed, options.threshold)


if __name__ == "__main__":
    main()
