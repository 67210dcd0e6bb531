"""Answers while a model writes them: what is shown early, what counts, who may stop it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory
from memassist.assistant.answer.streamed import AnswerSoFar
from memassist.assistant.errors import ModelError
from memassist.assistant.model import Cancel
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.assistant.conftest import ScriptedServer

QUESTION = "What does the heat pump cost?"
SAID = "Greenfold's heat pump costs 10,150 pounds in all."


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    with Memory.open(asking_home) as memory:
        moment = datetime(2025, 6, 5, 9, tzinfo=UTC)
        note = Record(text=SAID, place="1", is_owner=True, author="Ann", occurred_at=moment)
        memory.add_items([note], source="test")
        memory.work()
        yield memory


def answered(text: str, quote: str) -> dict[str, Any]:
    return {"abstained": False, "answer": text, "citations": [{"n": 1, "quote": quote}]}


@pytest.mark.parametrize(
    "text",
    [
        "It costs 10,150 pounds.",
        'A "quoted" word, a \\ and a line\nmore.',
        "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS} \N{SNOWMAN} \N{GRINNING FACE}!",
        "",
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_pieces_of_any_size_make_the_text(text: str, ascii_only: bool) -> None:
    whole = json.dumps(answered(text, "x"), ensure_ascii=ascii_only)
    chance = random.Random(text)
    for _ in range(20):
        so_far, place, told = AnswerSoFar(), 0, ""
        while place < len(whole):
            size = chance.randint(1, 9)
            told += so_far.add(whole[place : place + size])
            place += size
        assert told == text


def test_what_steers_a_terminal_is_never_handed_over() -> None:
    told = AnswerSoFar().add(json.dumps(answered("\x1b[2Jgone\x07", "x")))
    assert told == "[2Jgone"


def test_the_text_is_handed_over_while_it_is_written(
    memory: Memory, model_server: ScriptedServer
) -> None:
    model_server.says(answered("It costs 10,150 pounds.", "costs 10,150 pounds"))
    pieces: list[str] = []
    answer = memory.ask(QUESTION, on_text=pieces.append)
    assert len(pieces) > 3
    assert "".join(pieces) == answer.answer == "It costs 10,150 pounds."
    assert [one.quote for one in answer.citations] == ["costs 10,150 pounds"]
    assert model_server.requests[0]["stream"] is True


def test_a_streamed_lie_gives_way_to_the_quoted_answer(
    memory: Memory, model_server: ScriptedServer
) -> None:
    model_server.says(answered("It costs 99 pounds.", "the heat pump costs 99"))
    answer = memory.ask(QUESTION, on_text=lambda text: None)
    assert answer.model == "extractive"
    assert answer.answer == SAID


def test_a_stream_that_is_no_json_is_asked_for_again_as_a_whole(
    memory: Memory, model_server: ScriptedServer
) -> None:
    good = model_server.reply(answered("It costs 10,150 pounds.", "costs 10,150 pounds"))

    def script(request: dict[str, Any]) -> Any:
        return model_server.reply("Well, it costs") if request["stream"] else good

    model_server.script = script
    answer = memory.ask(QUESTION, on_text=lambda text: None)
    assert (answer.answer, answer.model) == ("It costs 10,150 pounds.", "scripted")


def test_a_person_who_stops_it_gets_no_answer_and_no_quote(
    memory: Memory, model_server: ScriptedServer
) -> None:
    model_server.says(answered("It costs " + "very " * 500, "costs"), pause_seconds=0.01)
    cancel = Cancel()
    with pytest.raises(ModelError) as caught:
        memory.ask(QUESTION, on_text=lambda text: cancel.cancel(), cancel=cancel)
    assert caught.value.fault == "cancelled"
