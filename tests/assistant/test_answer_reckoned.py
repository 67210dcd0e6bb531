"""Questions that are counted from dates: how long ago, how old, how many days between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.assistant.conftest import ScriptedServer

ASKED_AT = datetime(2025, 7, 20, 12, tzinfo=UTC)
LINES = (
    ("2025-06-05", "Greenfold came yesterday and measured the house."),
    ("2025-06-22", "The heat pump came and was installed today, at last."),
    ("2025-06-23", "We fly to Lisbon on 3 August 2025."),
    ("2025-05-10", "My sister Maria was born on 3 August 1990 in Leeds."),
    ("2025-05-11", "I started at Kestrel Labs in March 2021."),
    ("2025-05-12", "Beryl is 84 and still rides her bike."),
    ("2025-03-01", "Maria got married on 6 June 2015."),
    ("2025-02-01", "In 2019 I quit smoking for good."),
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    home = tmp_path / "home"
    with Memory.create(home, routes=[]) as memory:
        (home / "config.toml").write_text('me = ["Ann"]\n[embedding]\nmodel = "none"\n')
        memory.wiring.reload_config()
        memory.add_items(lines(), source="test")
        memory.work()
        yield memory


def lines() -> list[Record]:
    return [
        Record(
            text=text,
            place=day,
            author="Ann",
            is_owner=True,
            conversation=day,
            occurred_at=datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC),
        )
        for day, text in LINES
    ]


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How long ago did Greenfold measure the house?", "6 weeks and 4 days ago: 4 June 2025."),
        ("How many days ago did Greenfold measure the house?", "46 days ago: 4 June 2025."),
        ("How many weeks ago was the heat pump installed?", "4 weeks ago: 22 June 2025."),
        (
            "How many days lie between when Greenfold measured the house and when the pump came?",
            "18 days, from 4 June 2025 to 22 June 2025.",
        ),
        (
            "How many days after Greenfold measured the house was the heat pump installed?",
            "18 days, from 4 June 2025 to 22 June 2025.",
        ),
        ("How many days until we fly to Lisbon?", "14 days: 3 August 2025."),
        ("How long has Maria been married?", "10 years and 1 month, since 6 June 2015."),
        ("How old is Maria?", "34: born on 3 August 1990, counted to 20 July 2025."),
        ("How old was Maria in 2019?", "28 or 29: born on 3 August 1990, counted to 2019."),
        ("How long ago did I quit smoking?", "about 6 years ago: 2019."),
        ("How many months ago did I start at Kestrel Labs?", "about 52 months ago: March 2021."),
        (
            "How many days are there between 3 May 2025 and 10 June 2025?",
            "38 days, from 3 May 2025 to 10 June 2025.",
        ),
    ],
)
def test_time_is_counted_by_the_calendar(memory: Memory, question: str, counted: str) -> None:
    answer = memory.ask(question, asked_at=ASKED_AT)
    assert answer.answer.splitlines()[0] == counted
    assert not answer.abstained
    assert answer.citations or "between 3 May" in question


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How old is Beryl?", "Beryl is 84"),
        ("How long ago did Tom break his wrist?", "I don't know."),
        ("How old is Tom?", "I don't know."),
        ("How many days until the submarine race?", "I don't know."),
    ],
)
def test_without_a_date_the_usual_answer_is_given(memory: Memory, question: str, said: str) -> None:
    assert said in memory.ask(question, asked_at=ASKED_AT).answer


def test_the_models_arithmetic_is_not_asked_for(
    asking_home: Path, model_server: ScriptedServer
) -> None:
    def script(request: object) -> object:
        assert isinstance(request, dict)
        question = request["messages"][-1]["content"].splitlines()[-1]
        assert question == "Question: When did Greenfold measure the house?"
        return model_server.reply(
            {
                "abstained": False,
                "answer": "Greenfold measured the house on 4 June 2025 [1].",
                "citations": [{"n": 1, "quote": "Greenfold came yesterday and measured"}],
            }
        )

    model_server.script = script  # type: ignore[assignment]  # a Reply, which the test can't name
    with Memory.open(asking_home) as memory:
        memory.add_items(lines()[:1], source="test")
        answer = memory.ask("How many days ago did Greenfold measure the house?", asked_at=ASKED_AT)
    assert answer.answer.splitlines() == [
        "46 days ago: 4 June 2025.",
        "Greenfold measured the house on 4 June 2025 [1].",
    ]
    assert answer.model == "scripted"
