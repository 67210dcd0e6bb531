"""What people type into a search box beside words: phrases, exclusions and filters.

`"exact phrase"`, `-without`, `-"without this"`, `name:value`, `name:"two words"`, `-name:value`.
Whatever is not one of these is words, so no character of a query can break it.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from memassist.assistant.recall.query_words import LONGEST_QUERY_CHARACTERS

FilterName: TypeAlias = Literal[
    "author", "source", "app", "type", "tag", "after", "before", "in", "phrase", "without"
]
TYPED = tuple(name for name in get_args(FilterName) if name not in ("phrase", "without"))
"""Those that are typed as `name:value`."""

_QUOTES = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\uff02", '"')
)
"""Quotation marks that telephones and other languages write."""
_TOKEN = re.compile(
    r'(?<![^\s(])(?P<minus>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]*))'
)
_IS_WORD = re.compile(r"[^\W_]")
_ASKS = re.compile(
    r"[?\uff1f\u061f]\s*$|^\s*(?:who|whose|whom|what|when|where|why|how|which|did|do|does|is|are|was|"
    r"were|would|could|can|should|has|have|had)\s+\S+\s+\S+\s+\S",
    re.I,
)
_LIKE = 0.75


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing that a hit must be, or must not be."""

    name: FilterName
    value: str
    is_excluded: bool = False
    """Only for what is typed as `name:value`, and no time."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query taken apart."""

    text: str
    """The words that are left, and those of the phrases: what is ranked by."""
    filters: tuple[Filter, ...]
    notes: tuple[str, ...]
    """Hints about what looks like a mistake."""


def parse(query: str) -> Parsed:
    """Take a query apart; one that only excludes is searched for as it stands.

    In a question quotation marks are a title's or a speaker's, and ask for no exact phrase.
    """
    text = query[:LONGEST_QUERY_CHARACTERS].translate(_QUOTES)
    if not any(mark in text for mark in ':-"'):
        return Parsed(query, (), ())
    is_question = _ASKS.search(text) is not None
    filters: list[Filter] = []
    notes: list[str] = []

    def taken(found: re.Match[str]) -> str:
        one = _filter(found, notes, is_question=is_question)
        if one is None:
            return found[0]
        filters.append(one)
        return f" {one.value} " if one.name == "phrase" else " "

    rest = _TOKEN.sub(taken, text)
    if text.count('"') % 2 and not is_question:
        notes.append("A quotation mark is not closed, so its words were searched one by one.")
    if filters and not _IS_WORD.search(rest) and all(_only_excludes(one) for one in filters):
        notes.append("A search needs something to find beside what it leaves out.")
        return Parsed(query, (), tuple(notes))
    # A space after the last word says that it is whole, for a search while typing.
    return Parsed(rest.lstrip() if filters else query, tuple(filters), tuple(notes))


def _only_excludes(one: Filter) -> bool:
    return one.is_excluded or one.name == "without"


def _filter(found: re.Match[str], notes: list[str], *, is_question: bool) -> Filter | None:
    """Return the filter that a token is, None for words."""
    name, quoted = found["name"], found["quoted"]
    value = (found["plain"] if quoted is None else quoted).strip()
    if name is not None:
        return _named(name.casefold(), value, notes, is_excluded=bool(found["minus"]))
    if not _IS_WORD.search(value):
        return None
    if found["minus"]:
        # "-5" is a number, and "-" before anything else leaves it out.
        return None if value[0].isdigit() and quoted is None else Filter("without", value)
    return Filter("phrase", value) if quoted is not None and not is_question else None


def _named(name: str, value: str, notes: list[str], *, is_excluded: bool) -> Filter | None:
    if name not in TYPED:
        like = difflib.get_close_matches(name, TYPED, 1, _LIKE)
        if like and value and not value.startswith("/"):
            notes.append(f"There is no filter {name}: - did you mean {like[0]}:{_shown(value)}?")
        return None
    if not _IS_WORD.search(value):
        notes.append(f"{name}: needs a value right after the colon, such as {_EXAMPLES[name]}.")
        return None
    return Filter(name, value, is_excluded)  # type: ignore[arg-type]  # looked for in TYPED


def _shown(value: str) -> str:
    return f'"{value}"' if " " in value else value


_EXAMPLES = {
    "author": "author:Maria",
    "source": "source:whatsapp",
    "app": "app:firefox",
    "type": "type:document",
    "tag": "tag:travel",
    "after": "after:2023-05-01",
    "before": "before:2024",
    "in": 'in:"Book club"',
}
