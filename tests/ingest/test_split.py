"""Passages hold all of a text, none of it twice, and break where it breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memassist.ingest.split import LONGEST_CHARACTERS, STATEMENT_CHARACTERS, split

KINDS = ("message", "document", "picture")
_WORDS = st.text("abc é日\U0001f600.!?\n\t \u2028", max_size=60)


@given(
    text=st.lists(_WORDS, max_size=60).map(lambda parts: " ".join(parts)),
    kind=st.sampled_from(KINDS),
)
def test_every_visible_character_is_in_one_passage(text: str, kind: str) -> None:
    spans = split(text, kind)
    covered = [position for start, stop in spans for position in range(start, stop)]
    assert covered == sorted(set(covered))
    missing = set(range(len(text))) - set(covered)
    assert all(text[position].isspace() for position in missing)
    for start, stop in spans:
        assert 0 < stop - start <= LONGEST_CHARACTERS
        assert text[start:stop] == text[start:stop].strip()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "\n\t \u2028"])
def test_blank_text_has_no_passages(text: str, kind: str) -> None:
    assert split(text, kind) == []


def test_a_text_without_breaks_is_cut_by_length() -> None:
    spans = split("x" * 2_500, "document")
    assert [stop - start for start, stop in spans] == [1_000, 1_000, 500]


def test_a_message_of_a_few_sentences_is_cut_between_them() -> None:
    first = "I would like some tips for the garden, as the beans are not doing very well. " * 3
    second = "By the way, my sister has moved to Leeds and works at the big library there now."
    text = f"{first}{second}"
    assert LONGEST_CHARACTERS >= len(text) > STATEMENT_CHARACTERS > len(first)
    spans = split(text, "message")
    assert len(spans) == 2
    assert all(text[start:stop].endswith(".") for start, stop in spans)
    assert split(text, "document") == [(0, len(text))]


def test_a_short_message_stays_whole() -> None:
    assert split("See you on Friday. Bring the map.") == [(0, 33)]


def test_a_long_message_is_cut_like_a_document() -> None:
    text = "\n\n".join(f"{number}. " + "words and more words " * 12 for number in range(20))
    assert split(text, "message") == split(text, "document")


def test_paragraphs_are_kept_together_where_they_fit() -> None:
    paragraph = "Some words of a paragraph. " * 16
    text = f"{paragraph}\n\n{paragraph}\n\n{paragraph}"
    spans = split(text, "document")
    assert text[spans[0][0] : spans[0][1]].count("\n\n") == 1
    assert len(spans) == 2
