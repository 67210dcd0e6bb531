"""Check a value against the part of JSON schema that our own schemas use.

Small on purpose: type, properties, required, additionalProperties, items, maxItems, enum, minimum,
maximum. A keyword beyond it is a mistake in our schema and raises `ValueError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.assistant.model.protocol import Schema

_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "maxItems", "enum",
    "minimum", "maximum", "description",
}  # fmt: skip


def fault_of(value: object, schema: Schema, place: str = "answer") -> str | None:
    """Return what does not conform and where, without the value itself; None if all does."""
    unknown = set(schema) - _KNOWN
    if unknown:
        raise ValueError(f"schema keywords that are not checked: {sorted(unknown)}")
    kind = schema.get("type")
    if not _is_of(kind, value):
        return f"{place} is not of type {kind}"
    choices = schema.get("enum")
    if isinstance(choices, list) and value not in choices:
        return f"{place} is none of the choices"
    if isinstance(value, Mapping):
        return _object_fault(value, schema, place)
    if isinstance(value, list):
        return _array_fault(value, schema, place)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum"), schema.get("maximum")
        if (isinstance(low, (int, float)) and value < low) or (
            isinstance(high, (int, float)) and value > high
        ):
            return f"{place} is out of range"
    return None


def _is_of(kind: object, value: object) -> bool:
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    types: dict[object, type | tuple[type, ...]] = {
        "object": Mapping, "array": list, "string": str, "boolean": bool,
    }  # fmt: skip
    return isinstance(value, types[kind])


def _object_fault(value: Mapping[object, object], schema: Schema, place: str) -> str | None:
    properties = schema.get("properties", {})
    assert isinstance(properties, Mapping)
    required = schema.get("required", [])
    assert isinstance(required, list)
    for name in required:
        if name not in value:
            return f"{place} lacks {name}"
    for name, one in value.items():
        if name not in properties:
            if schema.get("additionalProperties") is False:
                return f"{place} has a field that was not asked for"
            continue
        fault = fault_of(one, properties[name], f"{place}.{name}")
        if fault is not None:
            return fault
    return None


def _array_fault(value: list[object], schema: Schema, place: str) -> str | None:
    most = schema.get("maxItems")
    if isinstance(most, int) and len(value) > most:
        return f"{place} has more than {most} entries"
    items = schema.get("items")
    assert isinstance(items, Mapping)
    faults = (fault_of(one, items, f"{place}[{number}]") for number, one in enumerate(value))
    return next((fault for fault in faults if fault is not None), None)
