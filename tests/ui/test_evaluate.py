"""`memassist eval` from the outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant.errors import EvaluationError
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

LINES = (
    {"id": "a", "text": "I live in Leeds.", "expect": [{"type": "core", "contains": "Leeds"}]},
    {"id": "b", "text": "I live in Hull.", "expect": [{"type": "core", "contains": "York"}]},
    {"id": "c", "text": "Thanks!", "expect": []},
)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return path


def test_extraction_is_scored_without_a_home(cases: Path) -> None:
    done = CliRunner().invoke(cli, ["eval", "extraction", str(cases), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["cases"], found["silent_cases"], found["kept_silent"]) == (3, 1, 1)
    assert found["types"]["core"] == {
        "expected": 2, "met": 1, "made": 2, "right": 1,
        "precision": 0.5, "recall": 0.5, "f1": 0.5,
    }  # fmt: skip
    assert [one["case"] for one in found["misses"]] == ["b"]
    assert [one["text"] for one in found["false_memories"]] == ["I live in Hull."]


def test_extraction_is_shown_as_a_table_with_every_error_on_request(cases: Path) -> None:
    done = CliRunner().invoke(cli, ["eval", "extraction", str(cases), "--list"])
    assert done.exit_code == 0, done.output
    assert "core                2       1       2       1      0.500   0.500   0.500" in done.stdout
    assert "missed  b core: York\n        I live in Hull." in done.stdout
    assert "false   b core, rules-facts@1: I live in Hull." in done.stdout


def test_a_model_is_asked_for_only_where_one_is_set(cases: Path) -> None:
    done = CliRunner().invoke(cli, ["eval", "extraction", str(cases), "--with-model"])
    assert done.exit_code == 2
    assert "memassist model use" in done.stderr


def test_a_file_that_is_no_set_is_named() -> None:
    done = CliRunner().invoke(cli, ["eval", "extraction", "nowhere.jsonl"])
    assert isinstance(done.exception, EvaluationError)
    assert "nowhere.jsonl can't be read: No such file or directory." in str(done.exception)


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    line = {"ref": "a", "author": "Ann", "text": "The boiler was mended by Jonas."}
    asked = [
        {"id": "q1", "query": "Who mended the boiler?", "answer": "Jonas", "evidence": ["a"]},
        {"id": "q2", "query": "Who mended the boiler?", "answer": "Bo", "evidence": ["a"]},
    ]
    path = tmp_path / "bench.json"
    path.write_text(json.dumps([{"id": "c", "items": [line], "questions": asked}]))
    return path


def test_a_benchmark_is_shown_as_a_table(bench: Path, tmp_path: Path) -> None:
    words = ["eval", "locomo", str(bench), "--words-only", "--work", str(tmp_path / "work")]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith("answerable"))
    assert (row[1], row[4], row[5], row[7]) == ("2", "0.500", "1.000", "-")
    assert "1 items in 1 homes" in done.stdout
    assert "goes on from there" in done.stderr


def test_what_is_done_is_kept_for_the_same_file_and_settings(bench: Path) -> None:
    words = ["eval", "longmemeval", str(bench), "--words-only", "--json"]
    first = json.loads(CliRunner().invoke(cli, [*words, "--questions", "1"]).stdout)
    assert [row["questions"] for row in first["rows"]] == [1, 1]
    second = json.loads(CliRunner().invoke(cli, words).stdout)
    assert second["folder"] == first["folder"]
    assert [row["questions"] for row in second["rows"]] == [2, 2]
    third = json.loads(CliRunner().invoke(cli, words).stdout)
    assert third == second  # nothing is done again


@pytest.mark.parametrize(
    ("judge", "said"), [("same", "no model that answers"), ("nowhere.gguf", "no file nowhere")]
)
def test_a_judge_has_to_be_there(bench: Path, judge: str, said: str) -> None:
    done = CliRunner().invoke(cli, ["eval", "locomo", str(bench), "--judge", judge])
    assert done.exit_code == 2
    assert said in done.stderr
