"""How-tos with steps: a numbered list of at least three steps under words that announce it.

markdown-it-py finds the lists, so that nested lists, code in steps and lists of every numbering
are read as Markdown means them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.passages import is_played
from memassist.plugins.types import Candidate, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    from memassist.plugins.types import WindowItem

MOST_STEPS = 40
"""A longer list is a text, not something a person follows."""

MOST_CHARACTERS = 200_000
"""A longer text is a book or a log; parsing it as Markdown would take seconds."""

_HAS_LIST = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+\S", re.M)
_ANNOUNCED = re.compile(
    r"\b(?:how (?:to|i|we)\b|steps?\b|procedure|recipe|method|instructions?|workflow|routine|"
    r"set(?:ting)?[- ]?up|install\w*|process|guide|runbook|checklist|directions|deploy\w*|"
    r"release|backup|restor\w+|fix\w*|reset\w*|preparation|making|brew\w*)",
    re.I,
)
_GENERIC = re.compile(
    r"^(?:the )?(?:steps?|procedure|method|instructions?|directions|preparation|process)\s*:?$",
    re.I,
)
_ANNOUNCED_IN_CHAT = re.compile(
    r"\b(?:(?:here(?:'s| is| are)|this is) how (?:i|we)\b|how (?:i|we) \w+|my (?:[\w-]+ "
    r"){0,4}(?:recipe|routine|workflow|process|procedure|method|setup)\b)",
    re.I,
)
_ADDRESSED = re.compile(
    r"\b(?:you|your|please|write|generate|create|respond|answer|act as|chatgpt|following|"
    r"prompt)\b|\?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _List:
    """A numbered list and the words just before it."""

    announcement: str
    heading: str
    first_line: int
    """Line of the announcement, or of the list itself where it has none."""
    stop_line: int
    steps: tuple[str, ...]


def howtos_in(item: WindowItem, extractor: str) -> Iterator[Candidate]:
    """Yield the how-tos of a note, or of a message in which its author tells how they do it."""
    if len(item.text) > MOST_CHARACTERS or _HAS_LIST.search(item.text) is None or is_played(item):
        return
    is_note = item.kind == "document" or item.origin in ("hand", "file")
    if not is_note and (not item.is_owner or _ADDRESSED.search(item.text)):
        return
    line_starts = _line_starts(item.text)
    for found in _lists(item.text):
        announcement = found.announcement.rstrip(" :")
        title = announcement
        if not announcement or _GENERIC.match(announcement):
            title = found.heading or item.title or ""
        said = f"{found.heading} {announcement} {item.title or ''}" if is_note else announcement
        pattern = _ANNOUNCED if is_note else _ANNOUNCED_IN_CHAT
        if not title or len(title) > 160 or pattern.search(said) is None:
            continue
        start, stop = line_starts[found.first_line], line_starts[found.stop_line]
        quote = item.text[start:stop].rstrip()
        yield Candidate(
            type="procedural",
            text=f"{title.rstrip('.')}: {len(found.steps)} steps.",
            evidence=(Span(item.item_id, start, start + len(quote), quote),),
            extractor=extractor,
            confidence=0.8 if item.is_owner else 0.6,
            fields={
                "kind": "how-to",
                "description": title,
                "steps": list(found.steps),
                "trigger": _trigger(title),
            },
        )


def _trigger(title: str) -> str:
    doing = re.sub(
        r"^(?:(?:here(?:'s| is) |this is )?how (?:to|i|we)|steps (?:to|for))\s+",
        "",
        title,
        flags=re.I,
    )
    return f"when it is about: {doing}"


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    starts.append(len(text))
    return starts


def _lists(text: str) -> Iterator[_List]:
    # Only texts with a numbered list come here; the parser takes 40 ms to import.
    from markdown_it import MarkdownIt

    # One line of Markdown per line of Python's, or line numbers drift on odd separators.
    plain = re.sub(r"[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", " ", text)
    if len(plain.splitlines()) != len(text.splitlines()):
        return
    tokens = MarkdownIt("commonmark").parse(plain)
    heading, announcement, announced_at = "", "", 0
    depth_in_quote = 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        depth_in_quote += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "heading_open" and not depth_in_quote:
            heading = announcement = tokens[index + 1].content.strip()
            announced_at = token.map[0] if token.map else 0
        elif token.type == "paragraph_open" and token.level == 0:
            content = tokens[index + 1].content.strip()
            lines = content.splitlines()
            announcement = lines[-1].strip() if lines else ""
            announced_at = token.map[1] - 1 if token.map else 0
            if not announcement.endswith(":") and _ANNOUNCED.search(announcement) is None:
                announcement = heading
                announced_at = token.map[0] if token.map else 0
        elif token.type == "ordered_list_open" and token.level == 0 and not depth_in_quote:
            close = next(
                place
                for place in range(index, len(tokens))
                if tokens[place].type == "ordered_list_close" and tokens[place].level == token.level
            )
            steps = _steps(tokens[index:close], token.level + 1)
            if 3 <= len(steps) <= MOST_STEPS and token.map:
                first = announced_at if announcement else token.map[0]
                yield _List(announcement, heading, first, token.map[1], steps)
            announcement = ""
            index = close
        index += 1


def _steps(tokens: list[Token], level: int) -> tuple[str, ...]:
    steps: list[list[str]] = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == level:
            steps.append([])
        elif steps and token.content.strip():
            steps[-1].append(" ".join(token.content.split()))
    return tuple(" ".join(words) for words in steps if words)
