"""The daemon's language model as other processes use it."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from memassist.assistant.daemon.protocol import (
    ANSWER_SECONDS,
    DaemonUnreachableError,
    ask,
    connect,
    receive,
)
from memassist.assistant.errors import AssistantError, ModelError
from memassist.assistant.model import choose
from memassist.assistant.model.faults import cancelled, too_slow
from memassist.assistant.model.protocol import Completion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from memassist.assistant.config import Config
    from memassist.assistant.daemon.protocol import Message as Wire
    from memassist.assistant.model.protocol import Cancel, Message, Model, Schema

LOADING_SECONDS = 300.0
"""Beyond the time for an answer: a large file is read from a slow disk, or others are first."""
_LOOK_SECONDS = 0.1


def model_of(
    home: Path, config: Config, revive: Callable[[Path], bool] | None = None
) -> Model | None:
    """Return the language model that the settings name, a file by way of the home's daemon.

    None where they name none. `revive` as for `HostedModel`.
    """
    local, path = choose.model_of(config), config.text("model.path")
    if local is None or not path:
        return local
    return HostedModel(home, path, local, config.number("model.timeout_seconds"), revive)


class HostedModel:
    """A GGUF file that the home's daemon has loaded; without a daemon this process loads it."""

    leaves_machine = False

    def __init__(
        self,
        home: Path,
        path: str,
        local: Model,
        timeout_seconds: float,
        revive: Callable[[Path], bool] | None = None,
    ) -> None:
        """Connect to nothing yet. `path` is the file as the settings name it.

        `revive` starts the daemon where none runs; None where that is not wanted.
        """
        self._home = home
        self._path = path
        self._local = local
        self._seconds = timeout_seconds
        self._revive = revive

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._local.name

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Completion:
        """Return one completion that conforms to the schema. Raises `ModelError`."""
        connection = self._accepted(messages, schema, max_tokens, stop, is_streamed=False)
        if connection is None:
            return self._local.complete(
                messages, schema, max_tokens=max_tokens, stop=stop, cancel=cancel
            )
        with connection:
            for reply in self._replies(connection, cancel):
                return Completion(
                    str(reply["text"]),
                    reply["value"],
                    reply["prompt_tokens"],
                    reply["written_tokens"],
                )
        raise cancelled()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Schema | None = None,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield what the model writes as it writes it. Raises `ModelError`."""
        connection = self._accepted(messages, schema, max_tokens, stop, is_streamed=True)
        if connection is None:
            yield from self._local.stream(
                messages, max_tokens=max_tokens, schema=schema, stop=stop, cancel=cancel
            )
            return
        with connection:
            for reply in self._replies(connection, cancel):
                if "end" in reply:
                    return
                yield str(reply["piece"])

    def _accepted(
        self,
        messages: Sequence[Message],
        schema: Schema | None,
        max_tokens: int,
        stop: Sequence[str],
        *,
        is_streamed: bool,
    ) -> Connection | None:
        """Return a connection on which the daemon writes; None where it does not take it on."""
        request: Wire = {
            "operation": "generate",
            "path": self._path,
            "messages": [asdict(message) for message in messages],
            "schema": schema,
            "max_tokens": max_tokens,
            "stop": list(stop),
            "is_streamed": is_streamed,
        }
        connection = self._connected()
        if connection is None:
            return None
        try:
            ask(connection, request, ANSWER_SECONDS)
        except (DaemonUnreachableError, AssistantError):
            # It is locked, of another version or about to leave: then this process has to.
            connection.close()
            return None
        return connection

    def _connected(self) -> Connection | None:
        try:
            return connect(self._home)
        except DaemonUnreachableError:
            pass
        if self._revive is None or not self._revive(self._home):
            return None
        try:
            return connect(self._home)
        except DaemonUnreachableError:
            return None

    def _replies(self, connection: Connection, cancel: Cancel | None) -> Iterator[Wire]:
        """Yield what the daemon sends; ends early once `cancel` says so. Raises `ModelError`."""
        deadline = time.monotonic() + self._seconds + LOADING_SECONDS
        while True:
            if cancel is not None and cancel.is_cancelled:
                return
            try:
                if not connection.poll(_LOOK_SECONDS):
                    if time.monotonic() > deadline:
                        raise too_slow(self._seconds)
                    continue
                reply = receive(connection)
            except (OSError, EOFError, ValueError) as error:
                raise ModelError(
                    "The daemon went away while its model wrote.", "Ask again.", "http"
                ) from error
            if "reason" in reply:
                raise ModelError(reply["reason"], reply["advice"], reply["fault"])
            yield reply
            if "end" in reply:
                return
