"""Ids. What is imported gets an id from its content, so that two devices give it the same one;
what is made here gets a UUIDv7, which sorts by time."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import uuid


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562, section 5.7) as 32 hex digits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value).hex


def digest(*parts: str) -> bytes:
    """Return 16 bytes that depend on every part and on where one ends and the next begins."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.digest()


def content_id(*parts: str) -> str:
    """Return an id of 26 lower-case letters and digits made from the parts."""
    return base64.b32encode(digest(*parts)).decode("ascii").rstrip("=").lower()
