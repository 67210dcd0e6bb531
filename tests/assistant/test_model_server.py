"""The client of OpenAI-compatible servers, against a real server on loopback that misbehaves."""

from __future__ import annotations

import json
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.errors import ModelError
from memassist.assistant.model import Message, Model
from memassist.assistant.model.exchange import KEY_VARIABLE
from memassist.assistant.model.schema import fault_of
from memassist.assistant.model.server import ServerModel

if TYPE_CHECKING:
    from memassist.assistant.model import Completion
    from tests.assistant.conftest import ScriptedServer

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["word"],
    "additionalProperties": False,
}
GOOD = {"word": "heron", "count": 2}
TURNS = [Message("system", "Be brief."), Message("user", "Which bird?")]


def client(server: ScriptedServer, **changes: Any) -> ServerModel:
    return ServerModel(changes.pop("url", server.url), "small", **changes)


def ask(model: Model) -> Completion:
    return model.complete(TURNS, SCHEMA, max_tokens=50, stop=("\n\n",))


def fault(model: Model) -> str:
    with pytest.raises(ModelError) as caught:
        ask(model)
    return caught.value.fault


def test_request_carries_model_turns_schema_and_limits(model_server: ScriptedServer) -> None:
    model_server.says(GOOD)
    model = client(model_server)
    assert isinstance(model, Model)
    assert ask(model).value == GOOD
    request = model_server.requests[0]
    assert model_server.paths == ["/v1/chat/completions"]
    assert request["model"] == "small"
    assert request["messages"][1] == {"role": "user", "content": "Which bird?"}
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (request["max_tokens"], request["stop"]) == (50, ["\n\n"])


def test_server_without_schemas_is_asked_for_json_and_told_the_schema(
    model_server: ScriptedServer,
) -> None:
    model_server.says(GOOD, only_json_object=True)
    model = client(model_server)
    ask(model)
    ask(model)
    kinds = [request["response_format"]["type"] for request in model_server.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]
    assert "additionalProperties" in model_server.requests[1]["messages"][-1]["content"]


def test_server_without_schemas_still_has_to_keep_to_the_schema(
    model_server: ScriptedServer,
) -> None:
    model_server.says({"bird": "heron"}, only_json_object=True)
    assert fault(client(model_server)) == "off schema"


@pytest.mark.parametrize(
    "written",
    [
        '<think>A {"word": "swan"}? No.</think>\n{"word": "heron"}',
        'It was tall. </think>{"word": "heron"}',
        '```json\n{"word": "heron"}\n```',
        '\n  {"word": "heron"}\n',
    ],
)
def test_reasoning_and_fences_are_taken_off(model_server: ScriptedServer, written: str) -> None:
    model_server.says(written)
    assert ask(client(model_server)).value == {"word": "heron"}


def test_control_characters_do_not_reach_a_terminal(model_server: ScriptedServer) -> None:
    model_server.says({"word": "her\x1b[31mon\x07 \ud800"})
    assert ask(client(model_server)).value == {"word": "her[31mon ?"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"content": ""}, "empty"),
        ({"content": None}, "empty"),
        ({"content": "<think>for ever and ever"}, "empty"),
        ({"content": '{"word": "he', "finish_reason": "length"}, "truncated"),
        ({"content": '{"word": "he'}, "malformed"),
        ({"content": "A heron."}, "malformed"),
        ({"content": "[" * 100_000}, "malformed"),
        ({"content": '["heron"]'}, "off schema"),
        ({"content": '{"word": 3}'}, "off schema"),
        ({"content": '{"count": 3}'}, "off schema"),
        ({"content": '{"word": "heron", "why": "tall"}'}, "off schema"),
        ({"raw": b"<html>hello</html>"}, "malformed"),
        ({"raw": b'{"choices": []}'}, "malformed"),
        ({"raw": b'{"choices": [{"message": "heron"}]}'}, "malformed"),
        ({"raw": b" " * 9_000_000}, "malformed"),
        ({"status": 500}, "http"),
        ({"status": 401}, "http"),
        ({"status": 404}, "http"),
    ],
)
def test_every_fault_of_a_model_has_its_name(
    model_server: ScriptedServer, reply: dict[str, Any], expected: str
) -> None:
    model_server.says(**reply)
    assert fault(client(model_server)) == expected


def test_redirect_is_not_followed(model_server: ScriptedServer) -> None:
    elsewhere = {"Location": model_server.url + "/elsewhere"}
    model_server.says(GOOD, status=307, headers=elsewhere)
    assert fault(client(model_server)) == "http"
    assert model_server.paths == ["/v1/chat/completions"]


def test_server_that_drips_is_left_when_the_time_is_over(model_server: ScriptedServer) -> None:
    model_server.says(GOOD, pause_seconds=0.2)
    assert fault(client(model_server, timeout_seconds=0.5)) == "timeout"


def test_server_that_says_nothing_is_left_when_the_time_is_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        model = ServerModel(url, "small", timeout_seconds=0.2)
        assert fault(model) == "timeout"


def test_no_server_is_unreachable_and_says_how_to_start_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ModelError, match="No model server answers") as caught:
        ask(ServerModel(f"http://127.0.0.1:{port}/v1", "small"))
    assert caught.value.fault == "unreachable"
    assert caught.value.is_lasting
    assert "Start it" in caught.value.advice


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7:8080/v1",
        "http://0.0.0.0:8080/v1",
        "https://api.example.org/v1",
        "http://localhost.example.org/v1",
        "http://127.0.0.1@192.0.2.7/v1",
        "http://[::ffff:192.0.2.7]/v1",
        "http://10.0.0.1/v1",
        "ftp://127.0.0.1/v1",
        "file:///etc/passwd",
        "127.0.0.1:8080",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1/v1?to=192.0.2.7",
        "",
    ],
)
def test_address_away_from_this_machine_is_refused_before_anything_is_sent(url: str) -> None:
    assert fault(ServerModel(url, "small")) == "refused"


def test_localhost_is_looked_up_and_checked(
    model_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_server.says(GOOD)
    local = model_server.url.replace("127.0.0.1", "localhost")
    assert ask(client(model_server, url=local)).value == GOOD
    # A hosts file may point localhost anywhere.
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: elsewhere)
    assert fault(client(model_server, url=local)) == "refused"


def test_only_an_address_of_this_machine_stays_on_it(model_server: ScriptedServer) -> None:
    assert not client(model_server).leaves_machine
    assert ServerModel("https://192.0.2.7/v1", "big", allow_remote=True).leaves_machine


def test_key_is_sent_and_never_told(
    model_server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(KEY_VARIABLE, "canary-key-5521")
    model_server.says(status=401)
    with pytest.raises(ModelError) as caught:
        ask(client(model_server))
    assert model_server.headers[0]["Authorization"] == "Bearer canary-key-5521"
    told = f"{caught.value!r} {caught.value.advice} {caught.value.__cause__!r} {caplog.text}"
    assert "canary" not in told
    assert KEY_VARIABLE in caught.value.advice


def test_error_never_repeats_what_the_model_wrote(model_server: ScriptedServer) -> None:
    for written in ('{"word": "canary', '{"canary": 1}', '{"word": 1, "canary": 2}'):
        model_server.says(written)
        with pytest.raises(ModelError) as caught:
            ask(client(model_server))
        assert "canary" not in str(caught.value)


def test_schema_check_refuses_keywords_it_would_not_check() -> None:
    with pytest.raises(ValueError, match="pattern"):
        fault_of("x", {"type": "string", "pattern": "y"})


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        (True, {"type": "integer"}, "type"),
        (5, {"type": "number", "maximum": 1}, "range"),
        ("c", {"type": "string", "enum": ["a", "b"]}, "choices"),
        ([1, 2, 3], {"type": "array", "items": {"type": "integer"}, "maxItems": 2}, "more than 2"),
        ([1, "b"], {"type": "array", "items": {"type": "integer"}}, r"\[1\]"),
    ],
)
def test_schema_check_names_the_place_of_a_fault(value: object, schema: Any, said: str) -> None:
    found = fault_of(value, schema)
    assert found is not None
    assert said.replace("\\", "") in found
    assert fault_of(json.loads("0.5"), {"type": "number", "minimum": 0, "maximum": 1}) is None
