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


@dataclass(slots=True)
class ScriptedServer:
    """Answers each request by the script; keeps what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
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
    if reply.only_json_object and request["response_format"]["type"] == "json_schema":
        status = 400
    message: dict[str, Any] = {"role": "assistant"}
    if reply.content is not None:
        message["content"] = reply.content
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    body = json.dumps({"choices": [choice]}).encode() if reply.raw is None else reply.raw
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
