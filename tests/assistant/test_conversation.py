"""The app's own conversation: kept, never evidence, and gone with what it repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, Query, config
from memassist.assistant.results import Answer, Citation
from memassist.store import doctor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TALK = "0199aaaa"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Give a home that needs no key, with one thing in it."""
    with Memory.create(tmp_path / "home", routes=[]) as found:
        config.set_value(tmp_path / "home", "embedding.model", ("none",))
        found.wiring.reload_config()
        found.add("The quillwort boiler code is kept behind the blue jar.")
        yield found


def told(memory: Memory) -> None:
    """Keep an exchange whose answer repeats what it cites."""
    (item,) = memory.timeline()
    answer = Answer(
        "It is behind the blue jar [1].", (Citation(item.id, item.text),), False, "extractive"
    )
    memory.keep_exchange(TALK, 0, "My sister Maria lives in York. Where is the code?", answer)


def test_both_turns_are_items_of_the_app(memory: Memory) -> None:
    told(memory)
    answer, question, _ = memory.timeline()
    assert question.source == answer.source == "app:conversation"
    assert (question.is_owner, question.role) == (True, "user")
    assert (answer.is_owner, answer.role) == (False, "assistant")
    assert [one.id for one in memory.around(answer.id)] == [question.id, answer.id]


def test_neither_turn_is_found_as_evidence_before_and_after_a_rebuild(memory: Memory) -> None:
    told(memory)
    for _ in range(2):
        hits = memory.search(Query("where is the blue jar code"), lexical=True).hits
        assert [hit.source for hit in hits if hit.kind == "evidence"] == ["added:typed"]
        memory.maintenance.rebuild()
    assert [one for one in doctor.check(memory.wiring.database) if not one.ok] == []


def test_only_the_persons_turn_is_learned_from(memory: Memory) -> None:
    (item,) = memory.timeline()
    answer = Answer("Your brother Paul lives in Oslo.", (Citation(item.id, ""),), False, "stub")
    memory.keep_exchange(TALK, 0, "My sister Maria lives in York.", answer)
    memory.work()
    texts = [one.state.text for one in memory.memories.list()]
    assert any("Maria" in text for text in texts)
    assert not any("Paul" in text for text in texts)


def test_forgetting_what_an_answer_repeats_forgets_the_answer(memory: Memory) -> None:
    told(memory)
    source = next(one for one in memory.timeline() if one.source == "added:typed")
    assert memory.forget(item_ids=[source.id]).items == 1
    (left,) = memory.timeline()
    assert left.role == "user"
    home = memory.wiring.home
    memory.close()
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"blue jar" not in everything


def test_the_setting_keeps_nothing(memory: Memory) -> None:
    config.set_value(memory.wiring.home, "app.keep_conversation", ("false",))
    memory.wiring.reload_config()
    assert not memory.keep_exchange(TALK, 0, "Where?", Answer("There.", (), False, "stub"))
    assert len(memory.timeline()) == 1
