"""Whose sister is meant, and who that is, as statements tell it."""

from __future__ import annotations

import pytest

from memassist.plugins.types import Trust
from memassist.store.kinship import is_trusted, told_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Helen is Ann's sister.", [("Ann's sister", "Helen")]),
        ("My sister Helen lives in Leeds.", [("my sister", "Helen")]),
        ("My sister, Helen Marsh, sings.", [("my sister", "Helen Marsh")]),
        ("James' wife is called Eve.", [("James' wife", "Eve")]),
        ("Ann's mum is named Ruth.", [("Ann's mother", "Ruth")]),
        ("Ann's mother-in-law Ruth is 80.", [("Ann's mother-in-law", "Ruth")]),
        (
            "Helen is my little sister.",
            [("my little sister", "Helen"), ("my sister", "Helen")],
        ),
        ("Ann's older sister lives in York.", [("Ann's older sister", None)]),
        ("Ann visited their sister in York.", [("Ann's sister", None)]),
        ("On 3 May 2024, Ann went to Rome with their mom.", [("Ann's mother", None)]),
        ("Ann's sister Tuesday came.", [("Ann's sister", None)]),
        ("Ann's best friend Kim cooks.", [("Ann's best friend", "Kim")]),
    ],
)
def test_relations_and_their_holders(text: str, told: list[tuple[str, str | None]]) -> None:
    assert [(one.alias, one.name) for one in told_in(text, (), is_trusted=True)] == told


@pytest.mark.parametrize(
    "text",
    [
        "Ann has a sister.",
        "Ann's sister's husband is a doctor.",
        "Tom met Maria and her sister.",
        "She visited her sister.",
        "Ann's friend Kim cooks.",
        "Ann's cousin lives in York.",
        "Monday's boss is nobody.",
    ],
)
def test_what_names_nobody_for_certain_is_left(text: str) -> None:
    assert list(told_in(text, (), is_trusted=True)) == []


def test_the_person_a_memory_is_about_is_meant_in_full() -> None:
    (told,) = told_in("Ann's sister Helen sings.", ("Tom Kern", "Helen Marsh"), is_trusted=True)
    assert told.name == "Helen Marsh"


def test_no_program_and_no_screen_says_who_somebody_is() -> None:
    assert [is_trusted(one, 0) for one in (Trust.MCP, Trust.SCREEN, Trust.CHAT)] == [
        False,
        False,
        True,
    ]
    assert is_trusted(Trust.MCP, is_touched=True)
    (told,) = told_in("Eve is my sister.", (), is_trusted=False)
    assert told.name is None
