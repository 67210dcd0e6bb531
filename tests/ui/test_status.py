"""`memassist status`, and what is told of memories and pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.store import doctor
from memassist.store.pictures import PICTURES_NAME, Picture, Pictures
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one thing to remember in it."""
    path = tmp_path / "home"
    with Memory.create(path, routes=[]) as memory:
        (path / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
        memory.add("Remember that my passport is in the blue box.")
        memory.work()
    return path


def run(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False)
    return done.exit_code, done.output


def test_status_tells_what_came_in_today_and_where_it_lies(home: Path) -> None:
    code, said = run(home, "status", "--json")
    found = json.loads(said)
    assert code == 0
    assert [one["items"] for one in found["today"]["taken_in"]] == [1]
    assert found["stats"]["items"] == 1
    assert found["is_encrypted"] is False
    size = len("Remember that my passport is in the blue box.")
    assert [(one["name"], one["bytes"]) for one in found["sources"]] == [("typed", size)]
    assert sum(one["bytes"] for one in found["places"]) > 0
    code, said = run(home, "status")
    assert "1 items from" in said
    assert "not encrypted" in said
    assert str(home) in said


def test_a_memory_is_shown_in_words(home: Path) -> None:
    with Memory.open(home) as memory:
        (one,) = memory.memories.list()
    _, said = run(home, "memories", "show", one.id)
    assert "blue box" in said
    assert "{" not in said


def test_pictures_are_counted_and_damage_to_them_is_found(home: Path) -> None:
    def failing() -> list[str]:
        return [check.name for check in doctor.check(memory.wiring.database) if not check.ok]

    with Memory.open(home) as memory:
        assert memory.maintenance.stats().picture_bytes == 0
        pictures = Pictures(home, memory.wiring.database.key)
        for number in range(50):
            pictures.keep(f"item {number}", Picture(1, 1, b"picture" * 500))
        pictures.truncate_log()
        pictures.close()
        size = (home / PICTURES_NAME).stat().st_size
        assert memory.maintenance.stats().picture_bytes >= size
        assert failing() == []
        content = bytearray((home / PICTURES_NAME).read_bytes())
        content[size // 2 : size // 2 + 64] = bytes(64)
        (home / PICTURES_NAME).write_bytes(content)
        assert failing() == ["the pictures are whole"]
