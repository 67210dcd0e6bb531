"""`import --me`: whose words they are, and of whom the memories speak, then and later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from memassist.assistant import Memory, config
from memassist.assistant.daemon.server import Daemon
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    with Memory.create(place, routes=[]):
        config.set_value(place, "embedding.model", ("none",))
    return place


def chat(folder: Path, name: str, **line: str) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_text(json.dumps({"conversation": name, **line}) + "\n", encoding="utf-8")
    return path


def run(home: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def texts(home: Path) -> list[str]:
    with Memory.open(home) as memory:
        return [one.state.text for one in memory.memories.list(None)]


def test_memories_speak_of_the_owner_by_the_name_given(home: Path, tmp_path: Path) -> None:
    path = chat(tmp_path, "one", author="Ann", text="I'm allergic to penicillin.")
    result = run(home, "import", str(path), "--me", "Ann", "--json")
    assert texts(home) == ["Ann is allergic to penicillin."]
    assert "Ann means you" in result.stderr
    assert json.loads(result.stdout)["stored"] == 1


def test_the_name_is_kept_for_what_comes_later(home: Path, tmp_path: Path) -> None:
    run(home, "import", str(chat(tmp_path, "one", author="Ann", text="Hello.")), "--me", "Ann")
    result = run(home, "import", str(chat(tmp_path, "two", author="Ann", text="I live in Leeds.")))
    assert texts(home) == ["Ann lives in Leeds."]
    assert "means you" not in result.stderr


def test_names_are_added_once_and_after_those_known(home: Path, tmp_path: Path) -> None:
    config.set_value(home, "me", ("Ann",))
    path = chat(tmp_path, "one", author="ann_l", text="I live in Leeds.")
    result = run(home, "import", str(path), "--me", "ANN", "--me", "ann_l", "--me", "ann_l")
    assert config.load(home).names("me") == ("Ann", "ann_l")
    assert result.stderr.count("means you") == 1
    assert texts(home) == ["Ann lives in Leeds."]


def test_a_daemon_that_runs_already_learns_the_name_too(home: Path, tmp_path: Path) -> None:
    daemon = Daemon(home)
    path = chat(tmp_path, "one", author="Ann", text="I live in Leeds.")
    run(home, "import", str(path), "--me", "Ann", "--no-wait")
    daemon._work_once()
    assert texts(home) == ["Ann lives in Leeds."]
