"""What is said where the embedding model does not suit the texts, and what a change brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.assistant import Memory, Query
from memassist.assistant.recall.language import foreign_share
from memassist.assistant.work import possible_jobs, work
from memassist.plugins.types import Record
from memassist.store import vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

GERMAN = "Ich habe gestern mit meiner Schwester telefoniert, und sie kommt am Wochenende zu uns."
ENGLISH = "I talked with my sister yesterday, and she will come to see us at the weekend."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GERMAN, 1.0),
        ("Nous avons mangé dans un petit restaurant avec les enfants, ce n'était pas cher.", 1.0),
        ("Ayer fui a la playa con mis amigos y comimos en el puerto, pero hacía frío.", 1.0),
        ("昨日、東京タワーに登って夜景を見た。", 1.0),
        ("Мы вчера ходили в кино вместе", 1.0),
        (ENGLISH, 0.0),
        ("We ate at the Café Les Deux, and it was not as dear as they said.", 0.0),
        ("File Edit View History Bookmarks Tools Help", None),
        ("2023-05-01 12:00:07 INFO worker-3 request 00af done in 12 ms", None),
        ("def main(argv: list[str]) -> int: return len(argv)", None),
        ("", None),
    ],
)
def test_the_language_of_texts_is_told_by_letters_and_small_words(
    text: str, expected: float | None
) -> None:
    assert foreign_share([text] * 30) == expected


def test_a_few_texts_say_nothing() -> None:
    assert foreign_share([GERMAN] * 5) is None


class Named:
    """A model by some name; all texts mean the same to it."""

    dimensions = 8

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one and the same unit vector for each text."""
        return np.full((len(texts), 8), 8**-0.5, np.float32)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        yield memory


def _use(memory: Memory, monkeypatch: pytest.MonkeyPatch, model_id: str) -> None:
    monkeypatch.setattr(memory.wiring, "embedder", lambda: Named(model_id))


def _fill(memory: Memory, text: str, count: int = 40) -> None:
    memory.add_items(
        [Record(text=f"{text} {number}", place="", ref=f"{text[:3]}{number}")
         for number in range(count)],
        source="test",
    )  # fmt: skip


def _notes(memory: Memory, text: str) -> str:
    return " ".join(memory.search(Query(text)).notes)


def test_a_german_home_is_told_of_models_that_know_german(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, "all-MiniLM-L6-v2@1/8/int8")
    _fill(memory, GERMAN)
    work(memory.wiring)
    found = _notes(memory, "Schwester")
    assert "100% of what is stored is not in English" in found
    assert "memassist model pull" in found
    assert _notes(memory, "Wochenende") == found
    assert not memory.search(Query("Schwester"), lexical=True).notes


@pytest.mark.parametrize(
    ("model_id", "text"),
    [("all-MiniLM-L6-v2@1/8/int8", ENGLISH), ("multilingual@1/8/int8", GERMAN)],
)
def test_a_home_that_the_model_suits_is_told_nothing(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, model_id: str, text: str
) -> None:
    _use(memory, monkeypatch, model_id)
    _fill(memory, text)
    work(memory.wiring)
    assert _notes(memory, "sister") == ""


def test_before_anything_has_a_vector_it_is_said(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, "multilingual@1/8/int8")
    assert _notes(memory, "sister") == ""
    _fill(memory, ENGLISH, 3)
    assert "nothing has a vector of multilingual yet" in _notes(memory, "sister")


def _counts(memory: Memory) -> dict[str, int]:
    connection = memory.wiring.database.read()
    return dict(
        connection.execute(
            "SELECT name, count(passage_id) FROM embedding_model"
            " LEFT JOIN vector ON vector.model_id = embedding_model.id GROUP BY name"
        ).fetchall()
    )


def test_a_change_of_model_embeds_everything_anew_and_keeps_the_old_set(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, "one@1")
    _fill(memory, ENGLISH, 10)
    assert work(memory.wiring).embedded == 10
    _use(memory, monkeypatch, "two@1")
    assert memory.wiring.has_due_jobs()
    assert memory.search(Query("sister")).hits
    assert work(memory.wiring).embedded == 10
    assert not memory.wiring.has_due_jobs()
    _fill(memory, GERMAN, 5)
    work(memory.wiring)
    assert _counts(memory) == {"one@1": 10, "two@1": 15}
    _use(memory, monkeypatch, "one@1")
    assert work(memory.wiring).embedded == 5
    assert _counts(memory) == {"one@1": 15, "two@1": 15}


def test_the_first_model_queues_nothing_twice(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, "one@1")
    _fill(memory, ENGLISH, 10)
    before = memory.maintenance.stats().jobs["queued"]
    possible_jobs(memory.wiring)
    assert memory.maintenance.stats().jobs["queued"] == before
    assert vectors.find_model(memory.wiring.database.read(), "one@1", 8) is None
