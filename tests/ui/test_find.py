"""`memassist search` from the outside: filters as options and in the text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.plugins.types import Record
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    with Memory.create(path, routes=[]) as memory:
        memory.add_items(
            [
                Record(text="The grey heron came.", place="", ref="a", author="Ann"),
                Record(text="A heron, grey and old, came.", place="", ref="b", author="Bob"),
            ],
            source="birds",
        )
    return path


def _search(home: Path, *words: str) -> dict[str, Any]:
    command = ["--home", str(home), "search", "--lexical", "--json", *words]
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("heron", "--author", "Ann"),
        ("heron author:Ann",),
        ("heron", "--exact", "grey heron"),
        ('"grey heron"',),
        ("heron", "--without", "old"),
        ("heron -old",),
        ("--author", "ann"),
        ("heron", "--source", "birds", "--without", "old", "--diverse"),
    ],
)
def test_options_and_typed_filters_are_the_same(home: Path, words: tuple[str, ...]) -> None:
    assert [hit["ref"] for hit in _search(home, *words)["hits"]] == ["a"]


def test_hints_come_with_the_result(home: Path) -> None:
    found = _search(home, "heron author:Anna")
    assert found["hits"] == []
    assert "Did you mean Ann" in found["notes"][0]


@pytest.mark.parametrize(
    "words",
    [
        ("heron", "--after", "someday"),
        ("heron", "--type", "bird"),
        ("heron", "--author", " "),
        (),
        ("--batch", "lines.jsonl", "--author", "Ann"),
    ],
)
def test_an_option_that_means_nothing_is_wrong_usage(home: Path, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, ["--home", str(home), "search", *words])
    assert result.exit_code == 2
