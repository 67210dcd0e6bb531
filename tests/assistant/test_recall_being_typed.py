"""Searching while the last word is still being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = (
    "The doctor wrote penicillin on the card.",
    "A pencil lay beside the pension letter.",
    "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}lle paints the fence green.",
    "She was running along the canal.",
)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Yield a home with some notes, searched by words."""
    home: Path = tmp_path_factory.mktemp("typing") / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
    with Memory.open(home) as opened:
        for text in TEXTS:
            opened.add(text)
        yield opened


def found(memory: Memory, text: str, *, is_being_typed: bool = True) -> list[str]:
    query = Query(text, kind="evidence", is_being_typed=is_being_typed)
    return [hit.text for hit in memory.search(query, lexical=True).hits]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("penici", 0),
        ("doctor penici", 0),
        ("PENCI", 1),
        ("pens", 1),
        ("zoel", 2),
        ("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}l", 2),
        ("canal runn", 3),
        ("after:2020 penici", 0),
    ],
)
def test_the_beginning_of_a_word_finds_it(memory: Memory, typed: str, number: int) -> None:
    assert found(memory, typed)[0] == TEXTS[number]


def test_only_the_last_word_may_be_a_beginning(memory: Memory) -> None:
    assert found(memory, "penici doctor") == [TEXTS[0]]
    assert found(memory, "penici ") == []
    assert found(memory, "after:2020 penici ") == []
    assert found(memory, "penici after:2020") == []
    assert found(memory, "penici", is_being_typed=False) == []


@pytest.mark.parametrize(
    "typed", ["p", "pe", "*", '"pen', "pen'", "pen*", "NEAR(", "\N{SNOWMAN}pe"]
)
def test_what_is_typed_on_the_way_is_never_an_error(memory: Memory, typed: str) -> None:
    found(memory, typed)


def test_the_words_typed_whole_go_before_what_only_begins_so(memory: Memory) -> None:
    assert found(memory, "green fenc")[0] == TEXTS[2]
