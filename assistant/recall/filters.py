"""Filters as typed, turned into what the store can look for, with hints where nothing fits."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.recall.query_times import ALWAYS_MS, times_asked
from memassist.plugins.types import MEMORY_TYPES
from memassist.store import restrict, times
from memassist.store.restrict import ITEM_TYPES, Restriction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.recall.syntax import Filter
    from memassist.store.database import Connection
    from memassist.store.restrict import Name

_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_STORE_NAMES: dict[str, Name] = {
    "author": "author",
    "source": "source",
    "app": "app",
    "in": "conversation",
    "type": "type",
}
_SAID: dict[str, str] = {
    "author": "Nothing here is by",
    "source": "Nothing here came from a source called",
    "app": "Nothing here was seen in",
    "in": "There is no conversation or document called",
    "tag": "There is no tag",
}
_LIKE = 0.6
_SHOWN_NAMES = 3


def restriction(
    filters: Sequence[Filter], asked_at: datetime | None
) -> tuple[Restriction, list[str]]:
    """Return what the filters ask for, and notes on those that could not be read."""
    any_of: dict[Name, list[str]] = defaultdict(list)
    none_of: dict[Name, list[str]] = defaultdict(list)
    texts: dict[str, list[str]] = defaultdict(list)
    start_ms: int | None = None
    stop_ms: int | None = None
    notes: list[str] = []
    for given in filters:
        # Half a character, as a cut-off paste may end with, is nothing the store can be asked for.
        one = replace(given, value=given.value.encode("utf-8", "replace").decode("utf-8"))
        if one.name in ("after", "before"):
            moment = _moment(one.value, asked_at)
            if moment is None:
                notes.append(
                    f"{one.name}:{one.value} is no time that is understood, so it was left out."
                    f" Try {one.name}:2023-05-01, {one.name}:2023 or {one.name}:yesterday."
                )
            elif one.name == "after":
                start_ms = moment if start_ms is None else max(start_ms, moment)
            else:
                stop_ms = moment if stop_ms is None else min(stop_ms, moment)
        elif one.name in _STORE_NAMES:
            values = [value.strip() for value in one.value.split(",") if value.strip()]
            if one.name == "type":
                values = _types(values, notes)
            if values:
                (none_of if one.is_excluded else any_of)[_STORE_NAMES[one.name]] += values
        else:
            texts[f"-{one.name}" if one.is_excluded else one.name].append(one.value)
    asked = Restriction(
        any_of={name: tuple(values) for name, values in any_of.items()},
        none_of={name: tuple(values) for name, values in none_of.items()},
        tags=tuple(texts["tag"]),
        without_tags=tuple(texts["-tag"]),
        start_ms=start_ms,
        stop_ms=stop_ms,
        phrases=tuple(texts["phrase"]),
        without=tuple(texts["without"]),
    )
    return asked, notes


def hints(connection: Connection, filters: Sequence[Filter]) -> list[str]:
    """Return what to try where each filter by itself leaves nothing; for a search without hits."""
    notes: list[str] = []
    for one in filters:
        if one.is_excluded or one.name not in _SAID:
            continue
        alone, _ = restriction([one], None)
        left = restrict.allowed(connection, alone)
        if len(left.passages) or left.memories:
            continue
        name = "tag" if one.name == "tag" else _STORE_NAMES[one.name]
        names = restrict.known_names(connection, name)
        by_fold = {restrict.fold(known): known for known in names}
        wanted = restrict.fold(one.value.encode("utf-8", "replace").decode("utf-8"))
        close = difflib.get_close_matches(wanted, by_fold, _SHOWN_NAMES, _LIKE)
        close = close or [known for known in by_fold if wanted in known][:_SHOWN_NAMES]
        hint = f" Did you mean {' or '.join(by_fold[known] for known in close)}?" if close else ""
        notes.append(f"{_SAID[one.name]} {one.value}.{hint}")
    return notes


def _types(values: Sequence[str], notes: list[str]) -> list[str]:
    known = (*MEMORY_TYPES, *ITEM_TYPES)
    for value in values:
        if value.casefold() not in known:
            notes.append(f"type:{value} is no type, so it was left out: {', '.join(known)} are.")
    return [value for value in values if value.casefold() in known]


def _moment(value: str, asked_at: datetime | None) -> int | None:
    """Return the beginning of the time that is told, None where it is not understood."""
    now = asked_at or datetime.now(UTC).astimezone()
    if now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    found = _DATE.fullmatch(value)
    try:
        if found is not None:
            year, month, day = (int(part or 1) for part in found.groups())
            return times.to_ms(datetime(year, month, day, tzinfo=now.tzinfo))
        exact = datetime.fromisoformat(value)
        return times.to_ms(exact if exact.tzinfo else exact.replace(tzinfo=now.tzinfo))
    except (ValueError, OverflowError):
        if found is not None:
            return None
    words = value if " " in value else re.sub(r"[-_]", " ", value)
    for text in (words, f"in {words}"):
        intervals = times_asked(text, now).intervals
        if intervals and intervals[0].start_ms > -ALWAYS_MS:
            return intervals[0].start_ms
    return None
