"""A client for OpenAI-compatible servers: Ollama, llama-server, LM Studio, vLLM.

Decoding is always constrained: by a JSON schema, or by JSON alone where the server knows no
schemas. What comes back is parsed and checked here, so a caller gets a conforming object or a
`ModelError`. `exchange` says what it takes of the network.
"""

from __future__ import annotations

import http
import json
import time
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.errors import ModelError
from memassist.assistant.model.address import is_this_machine, parse_address
from memassist.assistant.model.exchange import KEY_VARIABLE, exchange
from memassist.assistant.model.faults import cancelled, cut_off
from memassist.assistant.model.protocol import Completion
from memassist.assistant.model.reply import Shown, parsed, taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from memassist.assistant.model.exchange import Response
    from memassist.assistant.model.protocol import Cancel, Message, Schema

_Format: TypeAlias = Literal["json_schema", "json_object", "text"]
_FORMATS: tuple[_Format, ...] = ("json_schema", "json_object")
_NOT_UNDERSTOOD = frozenset({400, 404, 415, 422, 500, 501})
"""Codes by which servers turn down a response format they don't know."""
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")
"""`code` (OpenAI, LM Studio) or `type` (llama-server) of the error of too long a prompt."""
_TOO_LONG_WORDS = ("maximum context length", "context size", "context window")
"""How servers say it that have no code for it (vLLM, Ollama)."""
_LISTING_SECONDS = 10.0


class ServerModel:
    """One model on one server. Opens a connection for each request; any thread may call."""

    def __init__(
        self, url: str, name: str, *, allow_remote: bool = False, timeout_seconds: float = 120.0
    ) -> None:
        """Look at nothing yet; the first `complete` says whether the address is allowed."""
        self._url = url
        self._name = name or "default"
        self._allow_remote = allow_remote
        self._timeout_seconds = timeout_seconds
        self._format: _Format = _FORMATS[0]

    @property
    def name(self) -> str:
        """The model's name on the server."""
        return self._name

    @property
    def leaves_machine(self) -> bool:
        """Whether the address is not this machine's own."""
        try:
            return not is_this_machine(parse_address(self._url))
        except ModelError:
            return False

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
        deadline = time.monotonic() + self._timeout_seconds

        def ask(response_format: _Format) -> tuple[int, bytes]:
            body = self._body(response_format, messages, schema, max_tokens, stop)
            with self._exchange(body, deadline, cancel) as response:
                return response.status, response.body()

        status, payload = ask(self._format)
        if _is_other_format_worth_trying(self._format, status, payload):
            again = ask("json_object")
            if again[0] == http.HTTPStatus.OK:
                self._format = "json_object"
                status, payload = again
        if cancel is not None and cancel.is_cancelled:
            raise cancelled()
        if status != http.HTTPStatus.OK:
            raise _http_error(status, payload)
        return _completion(payload, schema)

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Schema | None = None,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield what the model writes as the server sends it. Raises `ModelError`."""
        deadline = time.monotonic() + self._timeout_seconds
        formats: tuple[_Format, ...] = ("text",)
        if schema is not None:
            formats = _FORMATS[_FORMATS.index(self._format) :]
        try:
            for response_format in formats:
                body = self._body(
                    response_format, messages, schema, max_tokens, stop, is_stream=True
                )
                with self._exchange(body, deadline, cancel) as response:
                    if response.status == http.HTTPStatus.OK:
                        if schema is not None:
                            self._format = response_format
                        yield from _written(response)
                        return
                    status, payload = response.status, response.body()
                if not _is_other_format_worth_trying(response_format, status, payload):
                    break
            raise _http_error(status, payload)
        except ModelError:
            if cancel is None or not cancel.is_cancelled:
                raise

    def served(self) -> tuple[str, ...]:
        """Return the names of the models that the server has. Raises `ModelError`."""
        deadline = time.monotonic() + min(self._timeout_seconds, _LISTING_SECONDS)
        with self._exchange(None, deadline, None, "/models") as response:
            status, payload = response.status, response.body()
        if status != http.HTTPStatus.OK:
            raise _http_error(status, payload)
        try:
            entries = json.loads(payload)["data"] or []
            return tuple(str(one["id"]) for one in entries)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _not_openai() from error

    def _exchange(
        self,
        body: bytes | None,
        deadline: float,
        cancel: Cancel | None,
        path: str = "/chat/completions",
    ) -> AbstractContextManager[Response]:
        return exchange(
            self._url,
            path,
            body,
            allow_remote=self._allow_remote,
            timeout_seconds=self._timeout_seconds,
            deadline=deadline,
            cancel=cancel,
        )

    def _body(
        self,
        response_format: _Format,
        messages: Sequence[Message],
        schema: Schema | None,
        max_tokens: int,
        stop: Sequence[str],
        *,
        is_stream: bool = False,
    ) -> bytes:
        turns = [{"role": one.role, "content": one.text} for one in messages]
        body: dict[str, object] = {
            "model": self._name,
            "messages": turns,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": is_stream,
        }
        if response_format == "json_schema":
            wanted = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": response_format, "json_schema": wanted}
        elif response_format == "json_object":
            # The server constrains to JSON only, so the model has to be told which.
            told = f"Answer with one JSON object of this JSON schema:\n{json.dumps(schema)}"
            turns.append({"role": "user", "content": told})
            body["response_format"] = {"type": response_format}
        if stop:
            body["stop"] = [*stop]
        return json.dumps(body).encode()


def _is_other_format_worth_trying(tried: _Format, status: int, payload: bytes) -> bool:
    return (
        tried == "json_schema" and status in _NOT_UNDERSTOOD and not _is_too_long(status, payload)
    )


def _is_too_long(status: int, payload: bytes) -> bool:
    """Whether a server refused a prompt for its length, as far as it says so."""
    if status not in (400, 413, 422, 500):
        return False
    try:
        error = json.loads(payload)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    if not isinstance(error, dict):
        error = {"message": error}
    if error.get("code") in _TOO_LONG or error.get("type") in _TOO_LONG:
        return True
    said = str(error.get("message", "")).casefold()
    return any(words in said for words in _TOO_LONG_WORDS)


def _http_error(status: int, payload: bytes) -> ModelError:
    if 300 <= status < 400:
        return ModelError(
            "The model server sends us elsewhere, and we don't follow.", "Correct model.url."
        )
    if status in (401, 403):
        return ModelError("The model server asks for a key.", f"Set it in {KEY_VARIABLE}.")
    if status == http.HTTPStatus.NOT_FOUND:
        return ModelError(
            "The server has no such model or path.",
            "Check model.name and model.url; the URL mostly ends with /v1.",
        )
    if _is_too_long(status, payload):
        return ModelError(
            "This is too long for the model's context.",
            "Start the server with a longer context.",
            "too long",
        )
    return ModelError(f"The model server answered with code {status}.", "See the server's log.")


def _not_openai() -> ModelError:
    return ModelError(
        "The server's answer is not of the OpenAI kind.", "Check model.url.", "malformed"
    )


def _completion(payload: bytes, schema: Schema) -> Completion:
    """Return what the model wrote, without its reasoning. Raises `ModelError`."""
    try:
        answer = json.loads(payload)
        choice = answer["choices"][0]
        written, finish = choice["message"].get("content"), choice.get("finish_reason")
        usage = answer.get("usage") or {}
        counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise _not_openai() from error
    if finish == "length":
        raise cut_off()
    text = taken(written if isinstance(written, str) else "")
    prompt, wrote = (count if isinstance(count, int) else None for count in counts)
    return Completion(text, parsed(text, schema), prompt, wrote)


def _written(response: Response) -> Iterator[str]:
    """Yield the text of server-sent events until the last. Raises `ModelError`.

    Format: https://html.spec.whatwg.org/multipage/server-sent-events.html, of which these servers
    use lines of `data:` alone, each with one JSON object, and at the end the word [DONE].
    """
    shown = Shown()
    is_ended = False
    for line in response.lines():
        field, _, data = line.partition(b":")
        if field != b"data":
            continue
        if data.strip() == b"[DONE]":
            is_ended = True
            break
        text, is_last = _event(data)
        is_ended = is_ended or is_last
        if piece := shown.add(text):
            yield piece
    if rest := shown.end():
        yield rest
    if not is_ended:
        raise ModelError("The model server broke off.", "See whether it still runs.", "truncated")


def _event(data: bytes) -> tuple[str, bool]:
    """Return the text of one event, and whether the model ends with it. Raises `ModelError`."""
    try:
        event = json.loads(data)
        if "error" in event:
            raise ModelError("The model server failed while it wrote.", "See the server's log.")
        choices = event["choices"]
        if not choices:
            return "", False  # such as the count of tokens at the end
        text = choices[0]["delta"].get("content")
        is_last = choices[0].get("finish_reason") is not None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise _not_openai() from error
    return (text if isinstance(text, str) else ""), is_last
