"""The daemon's language model: a GGUF file loaded once and asked by all of the home's processes.

A request has a connection of its own. The daemon first says that it takes it on, then sends what
the model writes, and in the end how it went. Whoever no longer wants it closes the connection.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memassist.assistant.daemon.protocol import send
from memassist.assistant.errors import AssistantError, ModelError
from memassist.assistant.model.protocol import Cancel, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from memassist.assistant.daemon.protocol import Message as Wire
    from memassist.assistant.model import Model
    from memassist.assistant.wiring import Wiring

KEEP_SECONDS = 600.0
"""A model that nobody asked for so long is let go: it is the largest thing in memory."""
_LISTEN_SECONDS = 0.1
_LOADER = "memassist.assistant.model.llama_file"


class ModelHost:
    """Answers requests for the language model and lets it go after a while."""

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        self._running = 0
        self._last_used = time.monotonic()
        self._guard = threading.Lock()

    def is_loaded(self) -> bool:
        """Whether a model takes up memory."""
        loader = sys.modules.get(_LOADER)
        return loader is not None and loader.LoadedFile.is_loaded()

    def is_writing(self) -> bool:
        """Whether somebody waits for what it writes."""
        return self._running > 0

    def step(self) -> None:
        """Let the model go once nobody has asked for long."""
        with self._guard:
            is_idle = not self._running and time.monotonic() - self._last_used > KEEP_SECONDS
        if is_idle and self.is_loaded():
            sys.modules[_LOADER].LoadedFile.drop()

    def serve(self, connection: Connection, wiring: Wiring | None, request: Wire) -> None:
        """Answer one request on its connection. Raises `OSError` where nobody listens any more."""
        try:
            model = _model_for(wiring, request)
            messages = [Message(one["role"], str(one["text"])) for one in request["messages"]]
        except AssistantError as error:
            send(connection, {"error": str(error)})
            return
        except (KeyError, TypeError):
            send(connection, {"error": "The request is malformed."})
            return
        send(connection, {"hosting": True})
        with self._in_use(), _heeding(connection) as cancel:
            try:
                last = _written(connection, model, messages, request, cancel)
            except ModelError as error:
                last = {"reason": str(error), "advice": error.advice, "fault": error.fault}
        send(connection, last)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._guard:
            self._running += 1
        try:
            yield
        finally:
            with self._guard:
                self._running -= 1
                self._last_used = time.monotonic()


def _model_for(wiring: Wiring | None, request: Wire) -> Model:
    """Return the model that is asked for. Raises `AssistantError` where it is not ours to run."""
    if wiring is None:
        raise AssistantError("The home is locked.")
    wiring.reload_config()
    model = wiring.local_model()
    if model is None or wiring.config.text("model.path") != request["path"]:
        raise AssistantError("The daemon has another model.")
    return model


def _written(
    connection: Connection, model: Model, messages: list[Message], request: Wire, cancel: Cancel
) -> Wire:
    """Have the model write, send what is to be shown at once, and return the end of it."""
    schema, stop = request.get("schema"), tuple(request.get("stop", ()))
    max_tokens = int(request["max_tokens"])
    if request.get("is_streamed"):
        pieces = model.stream(
            messages, max_tokens=max_tokens, schema=schema, stop=stop, cancel=cancel
        )
        for piece in pieces:
            send(connection, {"piece": piece})
        return {"end": True}
    done = model.complete(messages, schema or {}, max_tokens=max_tokens, stop=stop, cancel=cancel)
    return {
        "end": True,
        "text": done.text,
        "value": dict(done.value),
        "prompt_tokens": done.prompt_tokens,
        "written_tokens": done.written_tokens,
    }


@contextmanager
def _heeding(connection: Connection) -> Iterator[Cancel]:
    """Give a `Cancel` that is said as soon as the other side closes the connection."""
    cancel = Cancel()
    is_over = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            try:
                if connection.poll(_LISTEN_SECONDS):
                    cancel.cancel()  # nothing more is ever sent: it was closed
                    return
            except OSError:
                cancel.cancel()
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield cancel
    finally:
        is_over.set()
        listener.join()
