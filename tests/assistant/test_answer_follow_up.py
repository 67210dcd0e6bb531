"""Questions that lean on the one before, and those that only look so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.assistant.answer.follow_up import resolved
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("earlier", "question", "words"),
    [
        ("Who did Tom marry?", "And when was that?", {"when", "tom", "marry"}),
        ("What did the boiler cost?", "Who repaired it?", {"who", "repaired", "boiler"}),
        ("Where does Maria live?", "What about Helen?", {"where", "live", "helen"}),
        ("Where does Maria live?", "And Helen?", {"where", "live", "helen"}),
        ("When is Helen's operation?", "Where?", {"where", "helen", "operation"}),
        ("Where does Helen work?", "Since when?", {"since", "when", "helen", "work"}),
        ("When is the concert?", "Who plays?", {"who", "plays", "concert"}),
        ("What is Jonas allergic to?", "How old is he?", {"how", "old", "jonas"}),
    ],
)
def test_what_is_left_out_comes_from_the_question_before(
    earlier: str, question: str, words: set[str]
) -> None:
    whole = resolved(question, [earlier]).casefold().replace("?", "").replace("'s", "").split()
    assert words <= set(whole)


def test_a_new_name_takes_the_place_of_the_earlier_one() -> None:
    assert "Maria" not in resolved("And Helen?", ["Where does Maria live?"])


@pytest.mark.parametrize(
    "question",
    [
        "Where does Priya work?",
        "What did the boiler cost?",
        "When do we fly to Lisbon?",
        "Who is Tom's boss?",
    ],
)
def test_a_question_that_stands_on_its_own_stays_as_it_is(question: str) -> None:
    assert resolved(question, ["Where does Maria live?"]) == question
    assert resolved(question, []) == question


def test_questions_lean_on_each_other_in_a_row() -> None:
    earlier = ["Who did Tom marry?", "And when was that?"]
    assert "Tom" in resolved("Where was it?", earlier)


def test_a_follow_up_is_answered(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text('me = ["Ann"]\n[embedding]\nmodel = "none"\n', "utf-8")
    said = ["Karl repaired the boiler on Monday.", "Ines repaired the bicycle in the yard."]
    moment = datetime(2025, 6, 5, 9, tzinfo=UTC)
    notes = [
        Record(text=text, place=text, author="Ann", is_owner=True, occurred_at=moment)
        for text in said
    ]
    with Memory.open(home) as memory:
        memory.add_items(notes, source="test")
        memory.work()
        for earlier, name in (("What did the boiler cost?", "Karl"), ("Where is my bike?", "Ines")):
            answer = memory.ask("Who repaired it?", earlier=[earlier])
            assert answer.answer.startswith(name)
