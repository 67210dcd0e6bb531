"""A benchmark with a GGUF file: rubbish is taken for what it is, and counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.assistant.answer import prose
from memassist.assistant.config import set_value
from memassist.assistant.extract import by_model
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("llama_cpp", reason="llama.cpp is not installed: run tests/llm/run.py")


def test_a_benchmark_runs_with_a_file_that_writes_rubbish(
    tmp_path: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prose, "ANSWER_TOKENS", 60)  # it would never end
    monkeypatch.setattr(by_model, "ANSWER_TOKENS", 60)
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    set_value(home, "model.path", (str(tiny_gguf),))
    set_value(home, "model.context_tokens", ("4096",))
    line = {"ref": "a", "author": "Ann", "text": "The boiler was mended by Jonas."}
    asked = {"id": "q", "query": "Who mended the boiler?", "answer": "Jonas", "evidence": ["a"]}
    path = tmp_path / "bench.json"
    path.write_text(json.dumps([{"id": "c", "items": [line], "questions": [asked]}]))
    words = ["--home", str(home), "eval", "longmemeval", str(path), "--words-only", "--json"]
    done = CliRunner().invoke(cli, [*words, "--work", str(tmp_path / "work")])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["model"] == "tiny"
    assert found["requests"] >= 2
    assert found["failed_requests"] >= 1
    assert found["rows"][0]["holds"] == 1.0
