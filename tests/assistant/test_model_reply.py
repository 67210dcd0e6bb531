"""What is shown of a reply while it grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from memassist.assistant.model.reply import Shown


def shown(pieces: list[str], *, is_reasoning: bool = False) -> str:
    growing = Shown(is_reasoning=is_reasoning)
    return "".join([growing.add(piece) for piece in pieces] + [growing.end()])


def cut(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A heron.", "A heron."),
        ("\n  A heron.", "A heron."),
        ("<think>Swan?</think>A heron.", "A heron."),
        ("<THINKING>a</THINKING> A <b>heron</b>", "A <b>heron</b>"),
        ("One.<reasoning>x</reasoning> Two.", "One. Two."),
        ("<think>never closed", ""),
        ("a < b and a </ b <", "a < b and a </ b <"),
        ("her\x1b[31mon\x07", "her[31mon"),
    ],
)
def test_reasoning_is_left_out_however_the_text_is_cut(
    written: str, expected: str, size: int
) -> None:
    assert shown(cut(written, size)) == expected


def test_reasoning_that_the_template_opened_ends_at_its_mark() -> None:
    assert shown(["Swan? ", "No.</th", "ink>A heron."], is_reasoning=True) == "A heron."


@given(some.lists(some.text(some.characters(exclude_characters="<", exclude_categories=["C"]))))
def test_all_else_comes_through(pieces: list[str]) -> None:
    assert shown(pieces) == "".join(pieces).lstrip()
