"""Labelled statements: what should be remembered of a text, and what not.

One JSON object a line, described for people in docs/evaluation.md. What is read here was written
elsewhere, so every field is checked, and what is wrong is said with its line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from memassist.assistant.errors import EvaluationError
from memassist.plugins.types import MEMORY_TYPES, Trust, Window, WindowItem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from memassist.plugins.types import Kind, MemoryType

OWNER_WORDS = frozenset({"owner", "me", "user", "human"})
"""Authors that mean the owner without naming them."""
_EXPECTED_KEYS = frozenset(("type", "text", "contains", "quote", "when", "optional"))


@dataclass(frozen=True, slots=True)
class Period:
    """A day, month or year, half open, in UTC."""

    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """One memory that a case should give."""

    types: tuple[MemoryType, ...]
    """Any of them is right; all of them where the file names none."""
    text: str | None = None
    """The statement in words of whoever labelled it."""
    contains: tuple[str, ...] = ()
    """What the memory's own text has to hold, whatever the case of its letters."""
    quote: str | None = None
    """Words of the case that the memory's evidence has to touch."""
    when: Period | None = None
    """When it happened."""
    is_optional: bool = False
    """Right where it is found, and no miss where not."""


@dataclass(frozen=True, slots=True)
class Case:
    """A statement, or a few turns of a conversation, and what should be remembered of it."""

    id: str
    window: Window
    expected: tuple[Expected, ...]


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file in its order. Raises `EvaluationError`, naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} can't be read: {_reason(error)}.") from error
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(case_of(json.loads(line), f"line {number}"))
        except json.JSONDecodeError as error:
            raise EvaluationError(f"{path.name}, line {number}: not JSON ({error.msg}).") from error
        except ValueError as error:
            raise EvaluationError(f"{path.name}, line {number}: {error}.") from error
    if not cases:
        raise EvaluationError(f"{path.name} holds no cases.")
    return cases


def case_of(value: object, name: str) -> Case:
    """Return one case; `name` is its id where it has none. Raises `ValueError` for people."""
    fields = _object(value, "a case")
    case_id = _text(fields, "id") or name
    names = tuple(_texts(fields, "me"))
    if ("turns" in fields) == ("text" in fields):
        raise ValueError("a case has either text or turns")
    turns = [fields]
    if "turns" in fields:
        listed = fields["turns"]
        if not isinstance(listed, list) or not listed:
            raise ValueError("turns is no list of turns")
        turns = [_object(one, "a turn") for one in listed]
    items = tuple(
        _item(turn, fields, f"{case_id}#{number}", names, number)
        for number, turn in enumerate(turns)
    )
    expect = fields.get("expect")
    if not isinstance(expect, list):
        raise ValueError("expect is no list; where nothing may be remembered it is []")
    window = Window(items, case_id, names)
    return Case(case_id, window, tuple(_expected(one, window) for one in expect))


def _item(
    turn: Mapping[str, object],
    case: Mapping[str, object],
    item_id: str,
    names: Sequence[str],
    number: int,
) -> WindowItem:
    text = _text(turn, "text")
    if text is None or not text.strip():
        raise ValueError("text is missing or blank")
    role = _text(turn, "role") or "user"
    if role not in ("user", "assistant"):
        raise ValueError("role is neither user nor assistant")
    kind = _text(case, "kind") or "message"
    if kind not in ("message", "document"):
        raise ValueError("kind is neither message nor document")
    author = _text(turn, "author")
    is_owner = role == "user" and (
        author is None
        or author.casefold() in OWNER_WORDS
        or author.casefold() in {name.casefold() for name in names}
    )
    at = _time(turn, "at") or _time(case, "at")
    return WindowItem(
        item_id=item_id,
        text=text,
        role=cast("Literal['user', 'assistant']", role),
        author=None if author is not None and author.casefold() in OWNER_WORDS else author,
        is_owner=is_owner,
        trust=Trust.OWNER if is_owner else Trust.CHAT,
        occurred_at=None if at is None else at + timedelta(seconds=number),
        kind=cast("Kind", kind),
        origin="file" if kind == "document" else "chat",
        title=_text(case, "title"),
    )


def _expected(value: object, window: Window) -> Expected:
    fields = _object(value, "an expected memory")
    if unknown := sorted(set(fields) - _EXPECTED_KEYS):
        # One that is not understood would make the expectation an easier one.
        raise ValueError(f"an expected memory has no {unknown[0]!r}")
    types = tuple(_texts(fields, "type")) or MEMORY_TYPES
    if strange := [one for one in types if one not in MEMORY_TYPES]:
        raise ValueError(f"there is no type {strange[0]}; known: {', '.join(MEMORY_TYPES)}")
    quote, text = _text(fields, "quote"), _text(fields, "text")
    contains = tuple(_texts(fields, "contains"))
    if not (quote or text or contains):
        raise ValueError("an expected memory needs text, contains or quote")
    if quote and not any(quote in item.text for item in window.items):
        raise ValueError(f"the quote {quote!r} does not stand in the text")
    when = _text(fields, "when")
    return Expected(
        types=cast("tuple[MemoryType, ...]", types),
        text=text,
        contains=contains,
        quote=quote,
        when=None if when is None else period(when),
        is_optional=fields.get("optional") is True,
    )


def period(told: str) -> Period:
    """Return the day, month or year that `2026-05-01`, `2026-05` or `2026` names.

    Raises `ValueError` for people.
    """
    parts = told.split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return Period(datetime(numbers[0], 1, 1, tzinfo=UTC), _year(numbers[0] + 1))
        if len(numbers) == 2:
            year, month = numbers
            after = (year + month // 12, month % 12 + 1)
            return Period(datetime(year, month, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC))
        day = datetime.fromisoformat(told[:10]).replace(tzinfo=UTC)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{told!r} is no day, month or year like 2026-05-01") from error
    return Period(day, day + timedelta(days=1))


def _year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no JSON object")
    return value


def _text(fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int):
        return str(value)
    raise ValueError(f"{key} is no text")


def _texts(fields: Mapping[str, object], key: str) -> Iterator[str]:
    value = fields.get(key)
    listed = [] if value is None else value if isinstance(value, list) else [value]
    for one in listed:
        if not isinstance(one, str):
            raise ValueError(f"{key} is neither a text nor a list of texts")
        if one:
            yield one


def _time(fields: Mapping[str, object], key: str) -> datetime | None:
    told = _text(fields, key)
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told)
    except ValueError as error:
        raise ValueError(f"{key}: {told!r} is no time like 2026-05-01T14:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "no such file") if isinstance(error, OSError) else "not UTF-8"
