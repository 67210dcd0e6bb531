"""The Ask tab with a language model: what it writes shows at once, and a person can stop it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, Static

from memassist.assistant import config
from memassist.ui.app.background import Failed
from memassist.ui.app.panes.ask import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio

WRITTEN = "The heat pump costs 14,200 euros, [bold]as offered[/bold]."
QUESTION = "How much does the heat pump cost?"


class Server:
    """Writes its answer in two halves, the second when it is let."""

    def __init__(self) -> None:
        self.url = ""
        self.go_on = threading.Event()
        self.hung_up = threading.Event()
        self.questions: list[str] = []


@pytest.fixture
def server(filled: SimpleNamespace) -> Iterator[Server]:
    """Yield a server of this machine that the home's settings name."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            prompt = request["messages"][-1]["content"]
            state.questions.append(prompt.rpartition("Question: ")[2])
            lines = [json.loads(line) for line in prompt.splitlines() if line.startswith("{")]
            source = next(line for line in lines if "14,200 euros" in line["text"])
            citation = {"n": source["n"], "quote": "14,200 euros"}
            answer = {"abstained": False, "answer": WRITTEN, "citations": [citation]}
            text = json.dumps(answer)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                self.send(text[:50])
                while not state.go_on.wait(0.02):
                    self.wfile.write(b": still there\n\n")
                self.send(text[50:])
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                state.hung_up.set()

        def send(self, text: str) -> None:
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name
            del format, arguments

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    config.set_value(filled.home, "model.url", (f"http://127.0.0.1:{running.server_port}/v1",))
    config.set_value(filled.home, "model.name", ("scripted",))
    yield state
    state.go_on.set()
    running.shutdown()
    running.server_close()


async def asked(run: Any, question: str) -> None:
    run.app.query_one("#question", Input).focus()
    run.app.query_one("#question", Input).value = question
    await run.pilot.press("enter")


def shown(run: Any) -> str:
    return str(run.app.query(".answer").first(Static).render())


async def test_the_answer_grows_on_the_screen_and_is_checked_in_the_end(
    server: Server, driven: Driven
) -> None:
    async with driven() as run:
        await asked(run, QUESTION)
        while not run.all(Exchange.Written):
            await run.pilot.pause(0.01)
        await run.pilot.pause()
        assert shown(run).startswith("The heat")
        assert not run.all(Exchange.Answered)
        server.go_on.set()
        await run.settle()
        assert shown(run) == WRITTEN
        answer = run.last(Exchange.Answered).answer
        assert answer.model == "scripted"
        assert [one.quote for one in answer.citations] == ["14,200 euros"]


async def test_escape_hangs_up_on_the_model(server: Server, driven: Driven) -> None:
    async with driven() as run:
        await asked(run, QUESTION)
        while not run.all(Exchange.Written):
            await run.pilot.pause(0.01)
        await run.pilot.press("escape")
        while not server.hung_up.is_set():
            await run.pilot.pause(0.01)
        await run.settle()
        assert shown(run) == "Stopped; no answer."
        assert not run.all(Exchange.Answered)
        assert not run.all(Failed)


async def test_a_follow_up_leans_on_the_question_before(server: Server, driven: Driven) -> None:
    server.go_on.set()
    async with driven() as run:
        await asked(run, QUESTION)
        await run.settle()
        await asked(run, "And who offered it?")
        await run.settle()
        assert "heat pump" in server.questions[-1]
        assert "who offered it" in server.questions[-1]
