"""What is just enough to be worth keeping; `test_rules_silence` has what is just too little."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.types import Candidate, Trust, Window, WindowItem

WRITTEN = datetime(2023, 5, 20, 7, 47, tzinfo=UTC)
"""A Saturday."""


def extract(text: str, names: tuple[str, ...] = ("Ann",)) -> list[Candidate]:
    item = WindowItem("i1", text, "user", None, True, Trust.OWNER, WRITTEN)
    window = Window((item,), conversation="c1", owner_names=names)
    return [each for extractor in builtin_extractors() for each in extractor.extract(window)]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("My childhood friend Alex came along.", "Alex is Ann's childhood friend."),
        ("My roommate, Mike, won the game.", "Mike is Ann's roommate."),
        ("I have an Amazon Prime membership.", "Ann has an Amazon Prime membership."),
        ("I'm planning a trip to Peru next month.", "Ann is planning a trip to Peru in June 2023."),
        (
            "I'm planning a road trip to see my aunt next month.",
            "Ann is planning a road trip to see their aunt in June 2023.",
        ),
        (
            "I'm planning a road trip to the beach next weekend.",
            "Ann is planning a road trip to the beach on the weekend of 27 May 2023.",
        ),
        (
            "On Thursday, I have a meeting with my lawyer.",
            "On 25 May 2023, Ann has a meeting with their lawyer.",
        ),
        (
            "I had a meeting with Rachel on March 3rd about the merger.",
            "Ann had a meeting with Rachel on 3 March 2023 about the merger.",
        ),
        ("My lease ends in August.", "Ann's lease ends in August 2023."),
        (
            "I went to my cousin's graduation ceremony last week.",
            "Ann went to their cousin's graduation ceremony in the week of 8 May 2023.",
        ),
        (
            "I got my engagement ring a month ago.",
            "Ann got their engagement ring around April 2023.",
        ),
        (
            "I got my new passport a month ago. I received it on April 15th.",
            "Ann got their new passport around April 2023.",
        ),
    ],
)
def test_with_a_little_more_it_is_worth_keeping(text: str, statement: str) -> None:
    assert statement in [each.text for each in extract(text)]


def test_a_fact_that_is_an_event_too_is_kept_as_the_event() -> None:
    found = extract("I graduated from UCLA with a degree in biology in 2020.")
    assert [(each.type, each.text) for each in found] == [
        ("episodic", "Ann graduated from UCLA with a degree in biology in 2020.")
    ]


@pytest.mark.parametrize(
    ("names", "statement"),
    [
        (("ann@example.org", "Ann"), "Ann lives in Leeds."),
        (("+44 113 496 0000", "ann@example.org"), "I live in Leeds."),
    ],
)
def test_the_owner_is_spoken_of_by_a_name_and_no_address(
    names: tuple[str, ...], statement: str
) -> None:
    assert [each.text for each in extract("I live in Leeds.", names)] == [statement]
