"""A language model that the daemon has loaded, asked by other processes over its socket."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.assistant.daemon import process
from memassist.assistant.errors import ModelError
from memassist.assistant.model import Cancel, Message, battery
from memassist.assistant.model.llama_file import LoadedFile
from memassist.store.keys import Route, make_key_file
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.assistant.model import Model, Schema

pytest.importorskip("llama_cpp", reason="llama.cpp is not installed: run tests/llm/run.py")

TURNS = [Message("system", "You answer in JSON."), Message("user", "Is ice frozen water?")]
SCHEMA: Schema = {
    "type": "object",
    "properties": {"yes": {"type": "boolean"}},
    "required": ["yes"],
    "additionalProperties": False,
}


def home_with(path: Path, folder: Path) -> Path:
    home = folder / "home"
    key = folder / "keys" / "key"
    make_key_file(key, home)
    Memory.create(home, routes=[Route("key-file", path=key)]).close()
    settings = f'[embedding]\nmodel = "none"\n[model]\npath = "{path}"\n'
    (home / "config.toml").write_text(settings, encoding="utf-8")
    return home


@pytest.fixture
def memory(tiny_gguf: Path, tmp_path: Path) -> Iterator[Memory]:
    """Yield a home whose daemon runs, opened by this process."""
    home = home_with(tiny_gguf, tmp_path)
    assert process.start(home)
    with Memory.open(home) as opened:
        yield opened
    process.stop(home)


def model_of(memory: Memory) -> Model:
    model = memory.wiring.model()
    assert model is not None
    return model


def written(model: Model, cancel: Cancel | None = None, max_tokens: int = 40) -> Iterator[str]:
    return model.stream(TURNS, max_tokens=max_tokens, cancel=cancel)


def test_the_daemon_has_it_loaded_and_the_others_ask(memory: Memory) -> None:
    completion = model_of(memory).complete(TURNS, SCHEMA, max_tokens=40)
    assert isinstance(completion.value["yes"], bool)
    assert completion.prompt_tokens
    found = process.status(memory.wiring.home)
    assert found is not None
    assert found["model_loaded"] is True
    assert not LoadedFile.is_loaded()


def test_what_is_streamed_is_what_this_process_would_write(memory: Memory) -> None:
    hosted = "".join(written(model_of(memory)))
    assert not LoadedFile.is_loaded()
    local = memory.wiring.local_model()
    assert local is not None
    assert hosted == "".join(written(local))
    assert hosted


def test_the_test_asks_the_one_that_is_loaded(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(battery, "MAX_TOKENS", 8)  # it would never end
    words = ["--home", str(memory.wiring.home), "model", "test", "--json"]
    report = json.loads(CliRunner().invoke(cli, words, catch_exceptions=False).stdout)
    assert report["verdict"]["can_learn"] is False
    found = process.status(memory.wiring.home)
    assert found is not None
    assert found["model_loaded"] is True
    assert not LoadedFile.is_loaded()


def test_without_a_daemon_this_process_loads_it(memory: Memory) -> None:
    process.stop(memory.wiring.home)
    assert model_of(memory).complete(TURNS, SCHEMA, max_tokens=40).value
    assert LoadedFile.is_loaded()


def test_an_error_of_the_model_keeps_its_kind_and_its_advice(memory: Memory) -> None:
    with pytest.raises(ModelError) as caught:
        model_of(memory).complete(TURNS, SCHEMA, max_tokens=1_000_000)
    assert caught.value.fault == "too long"
    assert "model.context_tokens" in caught.value.advice
    assert not LoadedFile.is_loaded()


def test_several_ask_at_once_and_each_gets_its_own(memory: Memory) -> None:
    expected = "".join(written(model_of(memory)))
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append("".join(written(model_of(memory)))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_who_no_longer_wants_it_leaves_the_model_to_others(memory: Memory) -> None:
    cancel = Cancel()
    pieces = written(model_of(memory), cancel, max_tokens=3_500)
    first = next(pieces)
    cancel.cancel()
    assert len(first + "".join(pieces)) < 3_000
    with pytest.raises(ModelError) as caught:
        model_of(memory).complete(TURNS, SCHEMA, max_tokens=40, cancel=cancel)
    assert caught.value.fault == "cancelled"
    assert model_of(memory).complete(TURNS, SCHEMA, max_tokens=40).value


def test_a_daemon_that_dies_while_it_writes_is_an_error_and_the_next_answer_comes(
    memory: Memory,
) -> None:
    found = process.status(memory.wiring.home)
    assert found is not None
    pieces = written(model_of(memory), max_tokens=3_500)
    next(pieces)
    os.kill(int(found["pid"]), signal.SIGKILL)
    with pytest.raises(ModelError, match="daemon went away"):
        list(pieces)
    assert model_of(memory).complete(TURNS, SCHEMA, max_tokens=40).value


def test_the_daemon_follows_a_change_of_the_settings(memory: Memory, tiny_gguf: Path) -> None:
    copy = tiny_gguf.with_name("other.gguf")
    copy.write_bytes(tiny_gguf.read_bytes())
    settings = f'[embedding]\nmodel = "none"\n[model]\npath = "{copy}"\n'
    (memory.wiring.home / "config.toml").write_text(settings, encoding="utf-8")
    memory.wiring.reload_config()
    assert model_of(memory).name == "other"
    assert model_of(memory).complete(TURNS, SCHEMA, max_tokens=40).value
    assert not LoadedFile.is_loaded()
