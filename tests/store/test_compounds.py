"""Compounds and other forms of a word in German and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, Query
from memassist.store.compounds import compounds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GERMAN = (
    "Die Krankenversicherung hat den Antrag abgelehnt.",
    "Wir wohnen in der langen Straße am Bahnhof.",
    "Meine Versicherungsnummer steht auf der Karte.",
    "Die Kündigungsfrist beträgt drei Monate.",
    "Wir haben zwei Häuser besichtigt, und der Kaufpreis war zu hoch.",
    "Eine Versicherung brauchen wir nicht.",
    "Der Rollladen klemmt und die Heizung tropft.",
)
ENGLISH = ("The household insurance is due.", "We painted the house and the fence.")


def _home(path: Path, texts: tuple[str, ...]) -> Memory:
    Memory.create(path, routes=[]).close()
    (path / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
    memory = Memory.open(path)
    for text in texts:
        memory.add(text)
    return memory


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    with _home(tmp_path_factory.mktemp("german") / "home", GERMAN) as memory:
        yield memory


def _found(memory: Memory, text: str) -> list[str]:
    hits = memory.search(Query(text, kind="evidence"), lexical=True).hits
    return [hit.text for hit in hits]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("Versicherung", {0, 2, 5}),
        ("versicherungen", {0, 2, 5}),
        ("Krankenversicherung", {0}),
        ("Frist", {3}),
        ("Kündigung", {3}),
        ("Kundigung", {3}),
        ("Kündigungsfristen", {3}),
        ("Nummer", {2}),
        ("Haus", {4}),
        ("Straße", {1}),
        ("Strasse", {1}),
        ("STRASSE", {1}),
        ("Laden", {6}),
        ("Reis", set()),
        ("Reise", set()),
        ("Zahn", set()),
    ],
)
def test_a_german_word_is_found_in_its_compounds_and_other_forms(
    german: Memory, query: str, numbers: set[int]
) -> None:
    assert set(_found(german, query)) == {GERMAN[number] for number in numbers}


def test_the_word_itself_goes_before_its_compounds(german: Memory) -> None:
    assert _found(german, "Versicherung")[0] == GERMAN[5]


def test_words_that_came_later_are_found_too(tmp_path: Path) -> None:
    with _home(tmp_path / "home", GERMAN[-2:]) as memory:
        assert _found(memory, "Prüfung") == []
        memory.add("Die Abschlussprüfung war leicht.")
        assert _found(memory, "Prüfung") == ["Die Abschlussprüfung war leicht."]


def test_a_home_of_english_texts_looks_for_no_compounds(tmp_path: Path) -> None:
    with _home(tmp_path / "home", ENGLISH) as memory:
        connection = memory.wiring.database.read()
        assert compounds(connection, ["house"]) == []
        assert _found(memory, "house") == [ENGLISH[1]]
        tables = connection.execute("SELECT name FROM temp.sqlite_master").fetchall()
        assert "long_word" not in {row[0] for row in tables}
