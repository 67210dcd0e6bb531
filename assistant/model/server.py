"""A client for OpenAI-compatible servers: Ollama, llama-server, LM Studio, vLLM.

Decoding is always constrained: by a JSON schema, or by JSON alone where the server knows no
schemas. What comes back is parsed and checked here, so a caller gets a conforming object or a
`ModelError`. No redirect is followed and no proxy is used, as either would lead elsewhere than to
the address that was checked.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import time
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.errors import ModelError
from memassist.assistant.model.address import (
    checked_addresses,
    is_this_machine,
    parse_address,
)
from memassist.assistant.model.protocol import Completion
from memassist.assistant.model.schema import fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memassist.assistant.model.address import Address
    from memassist.assistant.model.protocol import Message, Schema

KEY_VARIABLE = "MEMASSIST_MODEL_KEY"
"""Environment variable with the server's API key, for servers that ask for one."""
LARGEST_RESPONSE_BYTES = 8_000_000
_Format: TypeAlias = Literal["json_schema", "json_object"]
_FORMATS: tuple[_Format, ...] = ("json_schema", "json_object")
_NOT_UNDERSTOOD = frozenset({400, 404, 415, 422, 500, 501})
"""Codes by which servers turn down a response format they don't know."""
_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPEN_REASONING = re.compile(r"<(?:think|thinking|reasoning)>.*", re.DOTALL | re.IGNORECASE)
_END_OF_REASONING = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*?)\n?```\s*$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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
    ) -> Completion:
        """Return one completion that conforms to the schema. Raises `ModelError`."""
        deadline = time.monotonic() + self._timeout_seconds
        status, payload = self._ask(self._format, messages, schema, max_tokens, stop, deadline)
        if status in _NOT_UNDERSTOOD and self._format == "json_schema":
            again = self._ask("json_object", messages, schema, max_tokens, stop, deadline)
            if again[0] == http.HTTPStatus.OK:
                self._format = "json_object"
                status, payload = again
        if status != http.HTTPStatus.OK:
            raise _http_error(status)
        text = _content(payload)
        return Completion(text, _parsed(text, schema))

    def _ask(
        self,
        response_format: _Format,
        messages: Sequence[Message],
        schema: Schema,
        max_tokens: int,
        stop: Sequence[str],
        deadline: float,
    ) -> tuple[int, bytes]:
        turns = [{"role": one.role, "content": one.text} for one in messages]
        shape: dict[str, object] = {"type": response_format}
        if response_format == "json_schema":
            shape["json_schema"] = {"name": "answer", "strict": True, "schema": schema}
        else:
            # The server constrains to JSON only, so the model has to be told which.
            wanted = f"Answer with one JSON object of this JSON schema:\n{json.dumps(schema)}"
            turns.append({"role": "user", "content": wanted})
        body: dict[str, object] = {
            "model": self._name,
            "messages": turns,
            "response_format": shape,
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": False,
        }
        if stop:
            body["stop"] = [*stop]
        return self._post(json.dumps(body).encode(), deadline)

    def _post(self, body: bytes, deadline: float) -> tuple[int, bytes]:
        address = parse_address(self._url)
        targets = checked_addresses(address, allow_remote=self._allow_remote)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if key:
            if not key.isascii() or not key.isprintable():
                raise ModelError(f"{KEY_VARIABLE} holds more than one line.", "", "refused")
            headers["Authorization"] = f"Bearer {key}"
        connection = http.client.HTTPConnection(address.host, address.port)
        try:
            channel = connection.sock = _connect(address, targets, deadline)
            connection.request("POST", f"{address.path}/chat/completions", body, headers)
            channel.settimeout(_left(deadline))
            response = connection.getresponse()
            # The connection lets go of its socket where the server closes after each answer.
            return response.status, _read(response, channel, deadline)
        except TimeoutError as error:
            raise _too_slow(self._timeout_seconds) from error
        except (OSError, http.client.HTTPException) as error:
            raise ModelError(
                f"The model server broke off ({type(error).__name__}).",
                "See whether it still runs.",
                "unreachable",
            ) from error
        finally:
            connection.close()


def _connect(address: Address, targets: Sequence[str], deadline: float) -> socket.socket:
    """Return a connection to the first target that takes one; the name is not looked up again."""
    refused: OSError | None = None
    for target in targets:
        try:
            plain = socket.create_connection((target, address.port), timeout=_left(deadline))
        except TimeoutError:
            raise
        except OSError as error:
            refused = error
            continue
        if address.scheme == "http":
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)
    raise ModelError(
        "No model server answers at model.url.",
        "Start it (such as: ollama serve), or unset model.url.",
        "unreachable",
    ) from refused


def _read(response: http.client.HTTPResponse, channel: socket.socket, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        # A server that sends a byte now and then must not hold us for ever.
        channel.settimeout(_left(deadline))
        piece = response.read1(65_536)
        if not piece:
            return b"".join(pieces)
        size += len(piece)
        if size > LARGEST_RESPONSE_BYTES:
            raise ModelError("The model server sends without end.", "", "malformed")
        pieces.append(piece)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _too_slow(seconds: float) -> ModelError:
    return ModelError(
        f"The model did not answer within {seconds:g} s.",
        "Give it longer (memassist config set model.timeout_seconds 300) or use a smaller one.",
        "timeout",
    )


def _http_error(status: int) -> ModelError:
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
    return ModelError(f"The model server answered with code {status}.", "See the server's log.")


def _content(payload: bytes) -> str:
    """Return what the model wrote, without its reasoning. Raises `ModelError`."""
    try:
        choice = json.loads(payload)["choices"][0]
        written, finish = choice["message"].get("content"), choice.get("finish_reason")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            "The server's answer is not of the OpenAI kind.", "Check model.url.", "malformed"
        ) from error
    if finish == "length":
        raise ModelError(
            "The model's answer was cut off.", "Use a model that reasons less.", "truncated"
        )
    text = _without_reasoning(written) if isinstance(written, str) else ""
    if not text:
        raise ModelError("The model answered with nothing.", "Try another model.", "empty")
    return text


def _without_reasoning(text: str) -> str:
    text = _REASONING.sub("", text)
    # Some chat templates open the block themselves, others never close it.
    text = _END_OF_REASONING.sub("", text)
    text = _OPEN_REASONING.sub("", text).strip()
    fenced = _FENCE.match(text)
    return fenced[1].strip() if fenced else text


def _parsed(text: str, schema: Schema) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "The model's answer is not valid JSON.", "Try another model.", "malformed"
        ) from error
    fault = fault_of(value, schema)
    if fault is not None:
        raise ModelError(
            f"The model's answer is not of the shape asked for: {fault}.",
            "Try another model.",
            "off schema",
        )
    assert isinstance(value, dict)
    cleaned = _clean(value)
    assert isinstance(cleaned, dict)
    return cleaned


def _clean(value: object) -> object:
    """Return a value whose texts hold nothing that steers a terminal or that UTF-8 can't hold."""
    if isinstance(value, str):
        kept = value.encode("utf-8", "replace").decode("utf-8")
        return _CONTROL.sub("", kept)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    return value
