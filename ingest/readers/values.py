"""Take typed values out of parsed JSON, and make strings safe to store."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memassist.plugins.types import FieldValue

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_FIELD_CHARACTERS = 10_000
"""Ids, titles and metadata above it are cut or left out: they are no text to read."""


class BrokenJsonError(ValueError):
    """Not JSON; the message says why, in words for people."""


def parse_json(content: bytes) -> JsonValue:
    """Parse one JSON text. Raises `BrokenJsonError`, whatever the bytes are.

    Lone surrogates in `\\u` escapes are let through.
    """
    try:
        parsed: JsonValue = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BrokenJsonError(f"invalid UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        what = error.msg.lower().removesuffix(" at")
        raise BrokenJsonError(f"broken JSON: {what} at {error.pos}") from error
    except RecursionError as error:
        raise BrokenJsonError("JSON nested too deeply") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise BrokenJsonError("a number in it is too long") from error
    return parsed


def clean(text: str) -> str:
    """Without lone surrogates, which no UTF-8 file or database can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def label(value: object) -> str | None:
    """A short name or id: text or a whole number; anything else, or blank, is None."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64:
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        return None
    return clean(value[:MAX_FIELD_CHARACTERS])


def scalars(values: Mapping[str, object]) -> dict[str, FieldValue]:
    """What of a JSON object can be kept as metadata: short scalars and lists of short strings."""
    kept: dict[str, FieldValue] = {}
    for key, value in values.items():
        if isinstance(value, str):
            if len(value) <= MAX_FIELD_CHARACTERS:
                kept[clean(key)] = clean(value)
        elif isinstance(value, list):
            texts = [clean(entry) for entry in value if isinstance(entry, str)]
            if texts and len(texts) == len(value) and sum(map(len, texts)) <= MAX_FIELD_CHARACTERS:
                kept[clean(key)] = texts
        elif isinstance(value, bool):
            kept[clean(key)] = value
        elif isinstance(value, int):
            if abs(value) < 1 << 63:
                kept[clean(key)] = value
        elif isinstance(value, float) and math.isfinite(value):
            kept[clean(key)] = value
    return kept
