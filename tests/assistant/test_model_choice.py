"""Choosing and examining a language model from the command line, and saying where texts go."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from memassist.assistant import Memory
from memassist.assistant.config import load, set_value
from memassist.assistant.errors import ModelError
from memassist.assistant.model import battery, choose
from memassist.assistant.model.server import ServerModel
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.assistant.conftest import Reply, ScriptedServer

GIGABYTE = 2**30


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home that names no model."""
    place = tmp_path / "home"
    Memory.create(place, routes=[]).close()
    set_value(place, "embedding.model", ("none",))
    return place


@pytest.fixture
def run(home: Path) -> Callable[..., Result]:
    """Return a function that runs a command on the home."""

    def command(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--home", str(home), "model", *words])

    return command


def settings(home: Path) -> tuple[str, str, str, bool]:
    config = load(home)
    texts = [config.text(f"model.{name}") for name in ("path", "url", "name")]
    return (*texts, config.flag("model.allow_remote"))  # type: ignore[return-value]  # three texts


def test_a_server_that_answers_is_used(
    home: Path, run: Callable[..., Result], model_server: ScriptedServer
) -> None:
    model_server.models = ["small"]
    model_server.says({"yes": True})
    done = run("use", model_server.url)
    assert done.exit_code == 0, done.output
    assert settings(home) == ("", model_server.url, "small", False)
    assert "is used from now on" in done.stdout
    assert "small" in run("status").stdout
    assert run("use", "none").exit_code == 0
    assert settings(home) == ("", "", "", False)
    assert "no model" in run("status").stdout


def test_of_several_models_the_person_names_one(
    home: Path, run: Callable[..., Result], model_server: ScriptedServer
) -> None:
    model_server.models = ["small", "large"]
    model_server.says({"yes": True})
    done = run("use", model_server.url)
    assert isinstance(done.exception, ModelError)
    assert "small, large" in str(done.exception)
    assert "--name" in done.exception.advice
    assert settings(home) == ("", "", "", False)
    assert run("use", model_server.url, "--name", "large").exit_code == 0
    assert model_server.requests[-1]["model"] == "large"


@pytest.mark.parametrize(
    "reply", [{"content": "no JSON"}, {"status": 500}, {"content": '{"no": 1}'}]
)
def test_a_server_that_fails_changes_no_setting(
    home: Path, run: Callable[..., Result], model_server: ScriptedServer, reply: dict[str, Any]
) -> None:
    set_value(home, "model.url", ("http://127.0.0.1:9/v1",))
    model_server.models = ["small"]
    model_server.says(**reply)
    assert isinstance(run("use", model_server.url).exception, ModelError)
    assert settings(home) == ("", "http://127.0.0.1:9/v1", "", False)


def test_a_remote_server_needs_the_persons_word(home: Path, run: Callable[..., Result]) -> None:
    done = run("use", "https://192.0.2.7/v1", "--name", "big")
    assert isinstance(done.exception, ModelError)
    assert "allow_remote" in done.exception.advice
    assert settings(home) == ("", "", "", False)


def test_every_command_says_that_texts_may_leave_the_machine(
    home: Path, run: Callable[..., Result]
) -> None:
    set_value(home, "model.url", ("https://models.example.org/v1",))
    assert "models.example.org" not in run("status").stderr  # nothing leaves it yet
    set_value(home, "model.allow_remote", ("true",))
    for words in (("model", "status"), ("stats",), ("search", "--json", "heron"), ("add", "x")):
        done = CliRunner().invoke(cli, ["--home", str(home), *words])
        assert "sent to models.example.org, away from this machine" in done.stderr
        assert "models.example.org, away" not in done.stdout
    set_value(home, "model.path", ("/somewhere/model.gguf",))
    assert run("status").stderr.count("away from this machine") == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no model", "no GGUF file"), (None, "no model file")],
)
def test_a_file_that_is_no_model_is_not_used(
    home: Path, run: Callable[..., Result], tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    done = run("use", str(path))
    assert isinstance(done.exception, ModelError)
    assert said in str(done.exception)
    assert settings(home) == ("", "", "", False)


@pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is not None, reason="the extra llm is installed"
)
def test_without_llama_cpp_a_file_is_refused_with_the_way_out(
    home: Path, run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF and more")
    done = run("use", str(path))
    assert isinstance(done.exception, ModelError)
    assert "llama.cpp, which is not installed" in str(done.exception)
    assert "memassist[llm]" in done.exception.advice
    assert settings(home) == ("", "", "", False)


def test_files_and_servers_are_found(
    run: Callable[..., Result],
    tmp_path: Path,
    model_server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub-home"))
    monkeypatch.setenv("LLAMA_CACHE", str(tmp_path / "llama"))
    folder = tmp_path / "hub-home" / "hub" / "models--a--b" / "snapshots" / "c"
    folder.mkdir(parents=True)
    for name in ("b.gguf", "mmproj-b.gguf", "c-00001-of-00002.gguf", "c-00002-of-00002.gguf"):
        (folder / name).write_bytes(b"GGUF")
    (tmp_path / "llama").mkdir()
    (tmp_path / "llama" / "same.gguf").symlink_to(folder / "b.gguf")
    (tmp_path / "llama" / "gone.gguf").symlink_to(tmp_path / "nowhere")
    port = int(model_server.url.rpartition(":")[2].partition("/")[0])
    monkeypatch.setattr(choose, "SERVERS", (("Ollama", port), ("LM Studio", 9)))
    model_server.models = ["small"]
    found = json.loads(run("list", "--json").stdout)
    assert [file["path"].rpartition("/")[2] for file in found["files"]] == [
        "b.gguf",
        "c-00001-of-00002.gguf",
    ]
    assert [(server["name"], server["models"]) for server in found["servers"]] == [
        ("Ollama", ["small"])
    ]
    assert "b.gguf" in run("list").stdout


def test_who_names_no_model_is_told_the_size(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "recommended", lambda: choose.SIZES[1])
    done = run("use")
    assert done.exit_code == 2
    assert "3 to 4 billion" in done.output
    monkeypatch.setattr(choose, "recommended", lambda: None)
    assert "too little memory" in run("use").output


@pytest.mark.parametrize(
    ("gigabytes", "parameters"),
    [(2, None), (3.8, "1 to 2 billion"), (7.6, "3 to 4 billion"), (15.5, "7 to 9 billion"),
     (128, "12 to 15 billion")],
)  # fmt: skip
def test_size_goes_by_memory(gigabytes: float, parameters: str | None) -> None:
    size = choose.recommended(int(gigabytes * GIGABYTE))
    assert (size and size.parameters) == parameters


class Examinee:
    """Plays a model on the server: knows the answers, and fails where it is told to."""

    def __init__(self, server: ScriptedServer, *weak_in: str) -> None:
        self.server = server
        self.weak_in = weak_in

    def __call__(self, request: dict[str, Any]) -> Reply:
        asked = request["messages"][1]["content"]
        usage = {"prompt_tokens": 100, "completion_tokens": 20}
        if "shape" in self.weak_in and "bread" in asked.rpartition("\n")[2]:
            return self.server.reply("Bread.", usage=usage)
        return self.server.reply(self.answer(asked), usage=usage)

    def answer(self, asked: str) -> dict[str, object]:
        for sentence, day in battery.DATES:
            if sentence in asked:
                return {"date": "2026-05-14" if "dates" in self.weak_in else day}
        question = asked.rpartition("Question: ")[2]
        for one, number, held in battery.QUOTES:
            if one == question:
                quote = f"It is about {held}, I think." if "quotes" in self.weak_in else held
                return {"n": number, "quote": quote}
        words = dict(battery.QUESTIONS)[question]
        if words is None and "abstention" not in self.weak_in:
            return {"abstained": True, "answer": ""}
        return {"abstained": False, "answer": words[0] if words else "In 1987."}


def test_all_right_answers_get_all_marks(
    home: Path, run: Callable[..., Result], model_server: ScriptedServer
) -> None:
    set_value(home, "model.url", (model_server.url,))
    model_server.script = Examinee(model_server)
    report = json.loads(run("test", "--json").stdout)
    assert [(mark["part"], mark["right"], mark["asked"]) for mark in report["marks"]] == [
        ("schema", 22, 22), ("dates", 8, 8), ("quotes", 6, 6), ("abstention", 8, 8),
    ]  # fmt: skip
    assert report["tokens_per_second"] > 0
    said = run("test").stdout
    assert "Good enough for answers in prose and for learning" in said
    assert "22 of 22" in said


@pytest.mark.parametrize(
    ("weak_in", "can_learn", "can_answer", "said"),
    [
        ("dates", True, True, "weak at dates"),
        ("abstention", True, False, "not for answers"),
        ("quotes", False, False, "copy quotes"),
        ("shape", False, False, "shape asked for"),
    ],
)
def test_verdict_names_the_weakness(
    model_server: ScriptedServer, weak_in: str, can_learn: bool, can_answer: bool, said: str
) -> None:
    model_server.script = Examinee(model_server, weak_in)
    report = battery.examine(ServerModel(model_server.url, "small"))
    assert (report.verdict.can_learn, report.verdict.can_answer) == (can_learn, can_answer)
    assert said in report.verdict.text
    assert bool(report.faults) == (weak_in == "shape")


def test_a_slow_model_is_called_slow() -> None:
    marks = tuple(battery.Mark(part, 8, 8) for part in ("schema", "dates", "quotes", "abstention"))
    assert "about 75 s" in battery.verdict(marks, 2.0).text
    assert "slow" not in battery.verdict(marks, 30.0).text
    assert "slow" not in battery.verdict(marks, None).text


def test_examination_ends_where_no_task_could_be_done(
    home: Path, run: Callable[..., Result], model_server: ScriptedServer
) -> None:
    set_value(home, "model.url", (model_server.url,))
    model_server.says(status=401)
    assert isinstance(run("test").exception, ModelError)
    assert len(model_server.requests) == 1


def test_examination_needs_a_model(run: Callable[..., Result]) -> None:
    done = run("test")
    assert done.exit_code == 2
    assert "memassist model use" in done.output
