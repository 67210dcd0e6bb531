"""What counts as an open promise of the owner, and what closes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.assistant.reflect.promises import DAYS_BACK
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.assistant.reflect.promises import Promised
    from memassist.plugins.types import Role

SAID = datetime(2026, 4, 27, 10, tzinfo=UTC)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
"""A Friday; it was said on the Monday before."""


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    with Memory.open(asking_home) as memory:
        yield memory


def talk(memory: Memory, *turns: str, role: Role = "user", title: str | None = "Ben") -> None:
    """Store a conversation of turns such as `Ann: Hello`."""
    records = []
    for number, turn in enumerate(turns):
        author, _, text = turn.partition(": ")
        records.append(
            Record(
                text=text,
                place=turn,
                author=author,
                is_owner=author == "Ann",
                role="user" if author == "Ann" else role,
                conversation="c1",
                title=title,
                sequence=number,
                occurred_at=SAID + timedelta(hours=number),
            )
        )
    memory.add_items(records, source="test")


def promised(memory: Memory) -> list[Promised]:
    return memory.reflection.promises(now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "I'll send you the photos.",
        "I'll bring some of my recipes!",
        "Sure, I will definitely call your mother.",
        "I'm going to book the table.",
        "I'll share more recipes with you soon.",
        "I'll give Maria the keys.",
        "I promise to fix the gate.",
        "I still owe you 20 pounds.",
        "Remind me to water the plants.",
        "I have to renew my passport by next Friday.",
    ],
)
def test_what_can_be_ticked_off_is_a_promise(memory: Memory, text: str) -> None:
    talk(memory, f"Ann: {text}")
    (found,) = promised(memory)
    assert found.text in text
    assert (found.to, found.said_at) == ("Ben", SAID)
    item = memory.item(found.evidence.item_id)
    assert item.text[found.evidence.start : found.evidence.stop] == found.evidence.quote


@pytest.mark.parametrize(
    "text",
    [
        "I'll be there for you.",
        "I'll let you know.",
        "I'll send it to you later.",
        "If I find them, I'll send you the photos.",
        "Maybe I'll bring you some cake.",
        "Should I send you the photos?",
        "I'll never call you again.",
        "I owe you one.",
        "I have to say you look great.",
        "I need to sleep.",
        "My kids remind me to slow down.",
        'Ben wrote: "I\'ll send you the photos."',
        "I'll definitely check it out.",
    ],
)
def test_remarks_and_conditions_are_none(memory: Memory, text: str) -> None:
    talk(memory, f"Ann: {text}")
    assert promised(memory) == []


def test_others_promises_and_words_to_an_assistant_are_none(memory: Memory) -> None:
    talk(memory, "Ben: I'll send you the photos.", "Ann: Great!")
    assert promised(memory) == []
    talk(memory, "Ann: I'll send you the error message.", "Bot: Please do.", role="assistant")
    assert promised(memory) == []


@pytest.mark.parametrize(
    "later",
    [
        "Ann: Here are the photos.",
        "Ann: Done!",
        "Ann: Sent the photos.",
        "Ben: Thanks, great photos",
    ],
)
def test_what_is_done_is_no_longer_open(memory: Memory, later: str) -> None:
    talk(memory, "Ann: I'll send you the photos.", "Ben: Great!", later)
    assert promised(memory) == []


@pytest.mark.parametrize("later", ["Ann: I bought a kayak today.", "Ben: Thanks for the cake!"])
def test_what_was_done_otherwise_leaves_it_open(memory: Memory, later: str) -> None:
    talk(memory, "Ann: I'll send you the photos.", later)
    assert len(promised(memory)) == 1


def test_those_with_a_day_come_first_and_old_ones_not_at_all(memory: Memory) -> None:
    talk(
        memory,
        "Ann: I'll bring you the ladder.",
        "Ann: I'll send you the photos by Friday.",
        "Ann: I'll pay Zoe for the tickets tomorrow.",
    )
    found = promised(memory)
    assert [one.text.split()[1] for one in found] == ["pay", "send", "bring"]
    assert found[0].due == datetime(2026, 4, 29, tzinfo=UTC)
    assert memory.reflection.promises(now=NOW + timedelta(days=DAYS_BACK)) == []
