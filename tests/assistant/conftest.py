"""A scripted OpenAI-compatible server on loopback, and a home that asks it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with one request."""

    content: str | None = ""
    """The message's text, None where a broken server leaves it out."""
    finish_reason: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """The whole body, instead of one of the OpenAI kind."""
    pause_seconds: float = 0.0
    """Between the bytes of the body."""
    only_json_object: bool = False
    """Turn down a request for a JSON schema, as servers do that know none."""
    usage: dict[str, int] | None = None
    """Counts of tokens, where the server gives them."""
    breaks_off: bool = False
    """Leave out the end of a stream."""


@dataclass(slots=True)
class ScriptedServer:
    """Answers each request by the script; keeps what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    """What the server says it has."""
    script: Callable[[dict[str, Any]], Reply] = field(default=lambda request: Reply())

    def says(self, content: object = "", **how: Any) -> None:
        """Give every request the same answer: a text, or an object as JSON; `how` as in Reply."""
        fixed = self.reply(content, **how)
        self.script = lambda request: fixed

    def reply(self, content: object = "", **how: Any) -> Reply:
        """Return a reply, for a script of one's own."""
        is_text = content is None or isinstance(content, str)
        return Reply(content if is_text else json.dumps(content), **how)  # type: ignore[arg-type]  # is_text says so


@pytest.fixture
def model_server() -> Iterator[ScriptedServer]:
    """Yield a server on a free port of this machine."""
    state = ScriptedServer("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            state.headers.append(dict(self.headers.items()))
            state.paths.append(self.path)
            _send(self, state.script(body), body)

        def do_GET(self) -> None:
            state.paths.append(self.path)
            body = json.dumps({"data": [{"id": name} for name in state.models]}).encode()
            self.send_response(200 if self.path.endswith("/models") else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
            del format, arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def _send(handler: BaseHTTPRequestHandler, reply: Reply, request: dict[str, Any]) -> None:
    status = reply.status
    asked_format = request.get("response_format", {}).get("type")
    if reply.only_json_object and asked_format == "json_schema":
        status = 400
    if request["stream"] and status == 200 and reply.raw is None:
        _send_stream(handler, reply)
        return
    message: dict[str, Any] = {"role": "assistant"}
    if reply.content is not None:
        message["content"] = reply.content
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    answer: dict[str, Any] = {"choices": [choice]}
    if reply.usage is not None:
        answer["usage"] = reply.usage
    body = json.dumps(answer).encode() if reply.raw is None else reply.raw
    handler.send_response(status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    try:
        if not reply.pause_seconds:
            handler.wfile.write(body)
            return
        for place in range(len(body)):
            handler.wfile.write(body[place : place + 1])
            handler.wfile.flush()
            time.sleep(reply.pause_seconds)
    except OSError:
        pass  # the client has hung up, which is what a slow server's test waits for


def _send_stream(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Send a reply as server-sent events of three characters each."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()
    text = reply.content or ""
    pieces = [text[place : place + 3] for place in range(0, len(text), 3)]
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
        for piece in pieces
    ]
    if not reply.breaks_off:
        last = {"index": 0, "delta": {}, "finish_reason": reply.finish_reason}
        events += [{"choices": [last]}, {"choices": [], "usage": {"completion_tokens": 9}}]
    try:
        for event in events:
            handler.wfile.write(f": a comment\ndata: {json.dumps(event)}\n\n".encode())
            handler.wfile.flush()
            time.sleep(reply.pause_seconds)
        if not reply.breaks_off:
            handler.wfile.write(b"data: [DONE]\n\n")
    except OSError:
        pass  # the client has hung up, which is what a test of cancelling waits for


@pytest.fixture
def asking_home(tmp_path: Path, model_server: ScriptedServer) -> Path:
    """Return a home whose settings name the scripted server; words only, owner Ann."""
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(
        'me = ["Ann"]\n[embedding]\nmodel = "none"\n[model]\n'
        f'url = "{model_server.url}"\nname = "scripted"\ntimeout_seconds = 5.0\n',
        encoding="utf-8",
    )
    return home
