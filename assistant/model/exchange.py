"""One request to a model's server and its response, bounded in time and size, and cancellable.

No redirect is followed and no proxy is used, as either would lead elsewhere than to the address
that `address.checked_addresses` checked.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.model.address import checked_addresses, parse_address
from memassist.assistant.model.faults import cancelled, too_slow
from memassist.assistant.model.protocol import Cancel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.assistant.model.address import Address

KEY_VARIABLE = "MEMASSIST_MODEL_KEY"
"""Environment variable with the server's API key, for servers that ask for one."""
LARGEST_RESPONSE_BYTES = 8_000_000


class Response:
    """What a server sends back, read while the exchange is open."""

    def __init__(
        self, response: http.client.HTTPResponse, channel: socket.socket, deadline: float
    ) -> None:
        """Take a response of which the head is read."""
        self._response = response
        self._channel = channel
        self._deadline = deadline
        self.status = response.status

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        size = 0
        while True:
            # A server that sends a byte now and then must not hold us for ever.
            self._channel.settimeout(_left(self._deadline))
            piece = self._response.read1(65_536)
            if not piece:
                return
            size += len(piece)
            if size > LARGEST_RESPONSE_BYTES:
                raise ModelError("The model server sends without end.", "", "malformed")
            yield piece

    def body(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.pieces())

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the body as they come, without their ends."""
        held = bytearray()
        for piece in self.pieces():
            held += piece
            *whole, rest = held.split(b"\n")
            held = rest
            yield from (bytes(line.rstrip(b"\r")) for line in whole)
        if held:
            yield bytes(held)


@contextmanager
def exchange(
    url: str,
    path: str,
    body: bytes | None,
    *,
    allow_remote: bool,
    timeout_seconds: float,
    deadline: float,
    cancel: Cancel | None = None,
) -> Iterator[Response]:
    """Send a request below `url`, a POST where there is a body, and give its response.

    `deadline` is of the monotonic clock; `timeout_seconds` is what the person set, for the message.
    Raises `ModelError`, also for what goes wrong while the response is read.
    """
    address = parse_address(url)
    targets = checked_addresses(address, allow_remote=allow_remote)
    wish = cancel or Cancel()
    connection = http.client.HTTPConnection(address.host, address.port)
    try:
        channel = connection.sock = _connect(address, targets, deadline)
        with closing(channel), wish.calling(lambda: _break_off(channel)):
            method = "GET" if body is None else "POST"
            connection.request(method, address.path + path, body, _headers())
            channel.settimeout(_left(deadline))
            with closing(connection.getresponse()) as response:
                # The connection lets go of its socket where the server closes after each answer.
                yield Response(response, channel, deadline)
    except TimeoutError as error:
        raise too_slow(timeout_seconds) from error
    except (OSError, http.client.HTTPException) as error:
        if wish.is_cancelled:
            raise cancelled() from error
        raise ModelError(
            f"The model server broke off ({type(error).__name__}).",
            "See whether it still runs.",
            "unreachable",
        ) from error
    finally:
        connection.close()


def _headers() -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key:
        if not key.isascii() or not key.isprintable():
            raise ModelError(f"{KEY_VARIABLE} holds more than one line.", "", "refused")
        headers["Authorization"] = f"Bearer {key}"
    return headers


def _break_off(channel: socket.socket) -> None:
    """Wake up whoever reads from a connection; one that is gone already is no matter."""
    with suppress(OSError):
        # Of the socket itself: the one of TLS forgets its session under the reader's feet.
        socket.socket.shutdown(channel, socket.SHUT_RDWR)


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


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
