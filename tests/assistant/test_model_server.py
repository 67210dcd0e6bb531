"""The client of OpenAI-compatible servers, against a real server on loopback that misbehaves."""

from __future__ import annotations

import json
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.errors import ModelError
from memassist.assistant.model import Cancel, Message, Model
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


def stream(model: ServerModel, **how: Any) -> str:
    return "".join(model.stream(TURNS, **{"max_tokens": 50, **how}))


def test_stream_gives_the_pieces_as_they_come(model_server: ScriptedServer) -> None:
    model_server.says("A grey heron stands there, \u00e4 \U0001f426.\x1b[31m")
    pieces = list(client(model_server).stream(TURNS, max_tokens=50, stop=("\n",)))
    assert len(pieces) > 5
    assert "".join(pieces) == "A grey heron stands there, \u00e4 \U0001f426.[31m"
    request = model_server.requests[0]
    assert request["stream"] is True
    assert "response_format" not in request
    assert (request["max_tokens"], request["stop"]) == (50, ["\n"])


def test_stream_leaves_reasoning_out(model_server: ScriptedServer) -> None:
    model_server.says("<think>Swan? No, a < b.</think>\n\nA heron <b> stands.")
    assert stream(client(model_server)) == "A heron <b> stands."


def test_stream_under_a_schema_falls_back_as_a_completion_does(
    model_server: ScriptedServer,
) -> None:
    model_server.says(GOOD, only_json_object=True)
    model = client(model_server)
    assert json.loads(stream(model, schema=SCHEMA)) == GOOD
    assert json.loads(stream(model, schema=SCHEMA)) == GOOD
    kinds = [request["response_format"]["type"] for request in model_server.requests]
    assert kinds == ["json_schema", "json_object", "json_object"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"content": "A her", "breaks_off": True}, "truncated"),
        ({"raw": b"data: {}\n\n"}, "malformed"),
        ({"raw": b'data: {"choices": [{}]}\n\n'}, "malformed"),
        ({"raw": b'data: {"error": "canary"}\n\n'}, "http"),
        ({"raw": b"<html>hello</html>"}, "truncated"),
        ({"raw": b"data: " + b"x" * 9_000_000}, "malformed"),
        ({"status": 503}, "http"),
    ],
)
def test_every_fault_of_a_stream_has_its_name(
    model_server: ScriptedServer, reply: dict[str, Any], expected: str
) -> None:
    model_server.says(**reply)
    with pytest.raises(ModelError) as caught:
        stream(client(model_server))
    assert caught.value.fault == expected
    assert "canary" not in str(caught.value)


def test_cancelling_ends_a_stream_that_waits_for_the_server(model_server: ScriptedServer) -> None:
    model_server.says("A grey heron stands there.", pause_seconds=0.2)
    cancel, pieces = Cancel(), []
    for piece in client(model_server).stream(TURNS, max_tokens=50, cancel=cancel):
        pieces.append(piece)
        cancel.cancel()
    assert pieces == ["A g"]


def test_cancelling_wakes_a_completion_up_from_another_thread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        cancel = Cancel()
        timer = threading.Timer(0.2, cancel.cancel)
        timer.start()
        with pytest.raises(ModelError) as caught:
            ServerModel(url, "small", timeout_seconds=60).complete(
                TURNS, SCHEMA, max_tokens=50, cancel=cancel
            )
        timer.join()
    assert caught.value.fault == "cancelled"
    assert not caught.value.is_lasting


def test_what_was_cancelled_before_is_not_asked(model_server: ScriptedServer) -> None:
    model_server.says("A heron.")
    cancel = Cancel()
    cancel.cancel()
    assert list(client(model_server).stream(TURNS, max_tokens=5, cancel=cancel)) == []
    with pytest.raises(ModelError) as caught:
        client(model_server).complete(TURNS, SCHEMA, max_tokens=5, cancel=cancel)
    assert caught.value.fault == "cancelled"
    assert model_server.requests == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"code": "context_length_exceeded", "message": "canary"}),
        (400, {"type": "exceed_context_size_error", "code": 400, "n_ctx": 4096}),
        (400, {"message": "This model's maximum context length is 4096 tokens. canary"}),
        (500, "input length exceeds the context window"),
    ],
)
def test_prompt_that_is_too_long_is_told_apart(
    model_server: ScriptedServer, status: int, error: object
) -> None:
    model_server.says(raw=json.dumps({"error": error}).encode(), status=status)
    with pytest.raises(ModelError) as caught:
        ask(client(model_server))
    assert caught.value.fault == "too long"
    assert "canary" not in str(caught.value)
    assert len(model_server.requests) == 1  # it is not asked once more in another format


def test_tokens_are_counted_where_the_server_tells(model_server: ScriptedServer) -> None:
    model_server.says(GOOD)
    assert ask(client(model_server)).written_tokens is None
    model_server.says(GOOD, usage={"prompt_tokens": 31, "completion_tokens": 9})
    told = ask(client(model_server))
    assert (told.prompt_tokens, told.written_tokens) == (31, 9)


def test_models_of_a_server_are_listed(model_server: ScriptedServer) -> None:
    assert client(model_server).served() == ()
    model_server.models = ["small", "large"]
    assert client(model_server).served() == ("small", "large")
    assert set(model_server.paths) == {"/v1/models"}


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
