"""Tell mail by its first lines, without parsing it."""

from __future__ import annotations

import re

_HEADER = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]?")
_TELLING = frozenset(
    {b"from", b"to", b"subject", b"date", b"message-id", b"received", b"mime-version"}
    | {b"return-path", b"delivered-to", b"content-type", b"x-gmail-labels", b"reply-to"}
)
_ENOUGH = 3


def is_mbox(head: bytes) -> bool:
    """Whether a file begins as an mbox does: a `From ` line and headers."""
    first, _, rest = head.partition(b"\n")
    return first.startswith(b"From ") and _telling_headers(rest) >= _ENOUGH - 1


def is_mail(head: bytes) -> bool:
    """Whether a file begins with the headers of a mail."""
    return _telling_headers(head) >= _ENOUGH


def _telling_headers(head: bytes) -> int:
    found: set[bytes] = set()
    for line in head.splitlines():
        if line[:1] in (b" ", b"\t"):
            continue
        match = _HEADER.match(line)
        if match is None:
            break
        found.add(match[1].lower())
    return len(found & _TELLING)
