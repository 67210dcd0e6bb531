"""A GGUF file chosen, examined and asked from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from memassist.assistant import Memory
from memassist.assistant.answer import prose
from memassist.assistant.config import load, set_value
from memassist.assistant.errors import ModelError
from memassist.assistant.model import battery
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("llama_cpp", reason="llama.cpp is not installed: run tests/llm/run.py")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home that knows one thing, with a short context for its model."""
    place = tmp_path / "home"
    with Memory.create(place, routes=[]) as memory:
        set_value(place, "embedding.model", ("none",))
        set_value(place, "model.context_tokens", ("4096",))
        memory.add("The boiler was serviced on 4 May by Jonas Brandt.")
    return place


@pytest.fixture
def run(home: Path) -> Callable[..., Result]:
    """Return a function that runs a command on the home."""

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--home", str(home), *words])

    return command


def test_a_file_that_answers_is_used(
    home: Path, run: Callable[..., Result], tiny_gguf: Path
) -> None:
    set_value(home, "model.url", ("http://127.0.0.1:9/v1",))
    used = json.loads(run("model", "use", str(tiny_gguf), "--json").stdout)
    assert used["checked"]["context_tokens"] == 4_096
    assert load(home).text("model.path") == str(tiny_gguf)
    assert load(home).text("model.url") == ""
    assert f"tiny in {tiny_gguf}, by llama.cpp" in run("model", "status").stdout


def test_a_damaged_file_is_refused_and_changes_nothing(
    home: Path, run: Callable[..., Result], tiny_gguf: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny_gguf.read_bytes()[:50_000])
    assert isinstance(run("model", "use", str(cut)).exception, ModelError)
    assert load(home).text("model.path") == ""


def test_rubbish_is_called_not_good_enough(
    home: Path, run: Callable[..., Result], tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(battery, "MAX_TOKENS", 24)  # it would never end
    set_value(home, "model.path", (str(tiny_gguf),))
    set_value(home, "model.context_tokens", ("2048",))
    done = run("model", "test", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["verdict"]["can_learn"] is False
    assert report["verdict"]["can_answer"] is False
    assert "Not good enough" in report["verdict"]["text"]


def test_what_rubbish_says_is_replaced_by_a_quoted_answer(
    home: Path, run: Callable[..., Result], tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prose, "ANSWER_TOKENS", 60)
    set_value(home, "model.path", (str(tiny_gguf),))
    answer = json.loads(run("ask", "--json", "Who serviced the boiler?").stdout)
    assert "Jonas Brandt" in answer["answer"]
    assert any("quoted without it" in note for note in answer["notes"])
