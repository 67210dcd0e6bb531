"""What a person types at the command line: kept, and said in words for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from memassist.assistant import Memory, config
from memassist.assistant.errors import ConfigError, QueryError
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    with Memory.create(place, routes=[]):
        config.set_value(place, "embedding.model", ("none",))
    return place


def run(home: Path, *words: str) -> Result:
    result = CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_a_remark_makes_no_memory_and_it_is_said_how_to_make_one(home: Path) -> None:
    result = run(home, "add", "The boiler makes a knocking noise.")
    assert "1 stored" in result.stdout
    assert "memassist add --as semantic" in result.stderr
    assert json.loads(run(home, "memories", "list", "--json").stdout) == {"memories": []}


def test_what_became_a_memory_needs_no_advice(home: Path) -> None:
    assert "--as" not in run(home, "add", "Remember that the key is with Maria.").stderr


def test_text_can_be_kept_as_a_memory_that_rests_on_it(home: Path) -> None:
    text = "The boiler makes a knocking noise."
    kept = json.loads(run(home, "add", "--as", "semantic", "--json", text).stdout)
    assert (kept["type"], kept["text"]) == ("semantic", text)
    assert [one["quote"] for one in kept["evidence"]] == [text]
    with Memory.open(home) as memory:
        assert memory.item(kept["evidence"][0]["item_id"]).is_owner
        assert memory.undo().action == "undo"
        assert memory.memories.list() == []


def test_kept_twice_it_is_one_memory(home: Path) -> None:
    for _ in range(2):
        run(home, "add", "--as", "core", "The boiler is a Vaillant.")
    with Memory.open(home) as memory:
        assert len(memory.memories.list()) == 1
        assert len(memory.timeline()) == 1


def test_a_secret_is_masked_in_a_memory_that_is_kept(home: Path) -> None:
    result = run(home, "add", "--as", "semantic", "My card is 4111 1111 1111 1111, valid 2029.")
    assert "4111" not in result.output
    assert "My card is" in result.stdout


def test_what_was_forgotten_is_not_kept_again(home: Path) -> None:
    with Memory.open(home) as memory:
        kept = memory.keep("The boiler is loud.", "semantic")
        memory.forget(item_ids=[kept.state.evidence[0].item_id])
        with pytest.raises(QueryError, match="forgotten"):
            memory.keep("The boiler is loud.", "semantic")
        with pytest.raises(QueryError, match="one statement"):
            memory.keep("loud " * 1_000, "semantic")


def test_a_memory_is_shown_in_words_and_not_as_code(home: Path) -> None:
    with Memory.open(home) as memory:
        memory_id = memory.keep("Ask for the key.", "procedural").id
        memory.memories.edit(memory_id, fields={"steps": ["Ring.", "Ask."]}, tags=("house", "key"))
    shown = run(home, "memories", "show", memory_id).stdout
    assert "    fields:\n" in shown
    assert "        1. Ring.\n        2. Ask.\n" in shown
    assert "    tags: house, key\n" in shown
    assert "    trust: owner\n" in shown
    assert not set("{}[]'") & set(shown)


def test_an_unknown_time_zone_is_one_error_of_usage(home: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("a.md", "b.md"):
        (notes / name).write_text("A note.", encoding="utf-8")
    with Memory.open(home) as memory:
        with pytest.raises(QueryError, match="'Mars/Olympus'") as caught:
            memory.import_path(notes, timezone="Mars/Olympus")
        assert "Europe/Berlin" in caught.value.advice
        assert memory.maintenance.stats().problems == 0
        assert memory.import_path(notes, timezone="Europe/Berlin").stored == 2
    with pytest.raises(ConfigError, match="'Mars/Olympus'"):
        config.set_value(home, "timezone", ("Mars/Olympus",))
