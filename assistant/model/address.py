"""Where a model's server is, and whether what we say to it stays on this machine.

Invariant: without `model.allow_remote` no connection is made but to a loopback address, and to the
very address that was checked: a name is looked up once, here, and not again by the connection.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from memassist.assistant.errors import ModelError

_PORTS = {"http": 80, "https": 443}
_ADVICE = "Set model.url to one like http://127.0.0.1:11434/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """A server as the settings name it."""

    scheme: str
    host: str
    port: int
    path: str
    """Without a slash at its end."""


def parse_address(url: str) -> Address:
    """Return the parts of a server's URL. Raises `ModelError`."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ModelError("model.url is not a valid URL.", _ADVICE, "refused") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ModelError("model.url is not an http or https URL.", _ADVICE, "refused")
    if parts.username is not None or parts.password is not None:
        raise ModelError(
            "model.url holds a user name or password.",
            "Leave it out, and give a key in the variable MEMASSIST_MODEL_KEY.",
            "refused",
        )
    if parts.query or parts.fragment:
        raise ModelError("model.url holds more than a path.", _ADVICE, "refused")
    return Address(
        parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/")
    )


def is_this_machine(address: Address) -> bool:
    """Whether the name says so by itself: localhost or a loopback address. Looks nothing up."""
    try:
        return ipaddress.ip_address(address.host).is_loopback
    except ValueError:
        return address.host in ("localhost", "localhost.localdomain", "ip6-localhost")


def checked_addresses(address: Address, *, allow_remote: bool) -> list[str]:
    """Return the IP addresses to connect to, in order. Raises `ModelError`.

    Without `allow_remote` every address that the name stands for must be a loopback one.
    """
    try:
        return _checked([ipaddress.ip_address(address.host)], allow_remote)
    except ValueError:
        pass
    if not allow_remote and not is_this_machine(address):
        raise _refusal()
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ModelError(
            "The model server's name can't be looked up.", "Check model.url.", "unreachable"
        ) from error
    names = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return _checked([ipaddress.ip_address(name) for name in names], allow_remote)


def _checked(
    found: list[ipaddress.IPv4Address | ipaddress.IPv6Address], allow_remote: bool
) -> list[str]:
    if not allow_remote and not all(one.is_loopback for one in found):
        raise _refusal()
    return [str(one) for one in found]


def _refusal() -> ModelError:
    return ModelError(
        "model.url leads away from this machine, and your memories would go with it.",
        "Use a server on 127.0.0.1, or allow it: memassist config set model.allow_remote true",
        "refused",
    )
