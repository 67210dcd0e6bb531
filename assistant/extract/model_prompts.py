"""What a language model is shown of a window: prompts that it has room for, overlapping.

Text is counted in estimated tokens, which are about right for any model; a prompt that is too long
for the model's own count is halved (`halves`). Neighbouring prompts share a few lines, so that what
is told across a boundary is seen whole once. `is_quotable` says what a memory may rest on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.core import ASCII_PER_TOKEN, estimated_tokens
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.plugins.types import Window, WindowItem

Line: TypeAlias = "tuple[WindowItem, str]"
"""An item, and what is shown of its text."""

ASKED_TOKENS = 1_250
"""Text of one prompt: a 3-4B model keeps an eye on about that much."""
ASKED_ITEMS = 24
OVERLAP_TOKENS = 150
"""At most so much of one prompt's end is shown again at the next one's beginning."""
OVERLAP_LINES = 2
CONTEXT_CHARACTERS = 300
"""So much of an assistant's turn is shown: enough to know what a person answered to."""
SHORTEST_HALVED = 200
"""Characters; a model that has no room for that has none for anything."""
_INSTRUCTION = (
    "You pick out what is worth remembering for years about the owner of some notes and chats and"
    " the people in their life: lasting facts, preferences, dated events and plans, how-tos with"
    " steps, and links or files to come back to (kind resource).\n"
    f"{RULE}\n"
    "For each: n is the line's number, quote copies the words that say it exactly, statement is one"
    " short sentence in the third person that stands alone, with names instead of pronouns; keep"
    " time words such as yesterday as they are. A how-to also has steps, each copied exactly."
    " names are the people, places, projects and organisations in the statement, as they are"
    " written. Lines by an assistant are context only: never take a memory from them. Leave out"
    " questions, requests, small talk, guesses and anything pasted or made up. Mostly nothing is"
    " worth it: then memories is an empty list."
)


def is_quotable(item: WindowItem) -> bool:
    """Whether a memory may rest on it: a person's words, and no screen or stranger's document."""
    is_strangers = item.kind != "message" and not item.is_owner
    return (
        item.role == "user" and item.is_main_branch and item.origin != "screen" and not is_strangers
    )


def prompts(window: Window) -> Iterator[list[Line]]:
    """Yield what each prompt shows, in reading order; none without a line that may be quoted."""
    lines: list[Line] = []
    new = 0
    for line in (line for item in window.items for line in _pieces(item)):
        if new and (_tokens([*lines, line]) > ASKED_TOKENS or len(lines) == ASKED_ITEMS):
            yield from _worth_asking(lines, new)
            lines, new = _overlap(lines), 0
        lines.append(line)
        new += 1
    yield from _worth_asking(lines, new)


def halves(lines: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """Return a prompt as two that overlap; None for what is too short to be halved."""
    if len(lines) > 1:
        middle = (len(lines) + 1) // 2
        return [*lines[:middle]], [*lines[middle - (len(lines) > 2) :]]
    item, text = lines[0]
    if len(text) < SHORTEST_HALVED:
        return None
    first, second = _cut(text, len(text) // 2 + SHORTEST_HALVED // 4)
    return [(item, first)], [(item, second)]


def messages(lines: Sequence[Line], owner_names: Sequence[str]) -> list[Message]:
    """Return the prompt: what is asked, and the lines as fenced data."""
    owner = owner_names[0] if owner_names else "Owner"
    entries = [
        {
            "n": number,
            "by": owner if item.is_owner else item.author or item.role,
            "role": "person" if item.role == "user" else "assistant",
            "written": None if item.occurred_at is None else f"{item.occurred_at:%A %d %B %Y}",
            "text": text,
        }
        for number, (item, text) in enumerate(lines, 1)
    ]
    question = f"The owner is called {owner}. What is worth remembering?"
    return [
        Message("system", _INSTRUCTION),
        Message("user", f"{fenced('LINES', entries)}\n{question}"),
    ]


def _worth_asking(lines: list[Line], new: int) -> Iterator[list[Line]]:
    if any(is_quotable(item) for item, _ in lines[len(lines) - new :]):
        yield lines


def _overlap(lines: Sequence[Line]) -> list[Line]:
    """Return the last few lines, and of a long one its end."""
    shown: list[Line] = []
    for item, text in reversed(lines[-OVERLAP_LINES:]):
        room = OVERLAP_TOKENS - _tokens(shown)
        if estimated_tokens(text) > room:
            end = text[-(room * ASCII_PER_TOKEN) :].partition(" ")[2]
            return [(item, end), *shown] if end and not shown else shown
        shown.insert(0, (item, text))
    return shown


def _tokens(lines: Sequence[Line]) -> int:
    return sum(estimated_tokens(text) for _, text in lines)


def _pieces(item: WindowItem) -> Iterator[Line]:
    """Yield an item's text in pieces that a prompt has room for."""
    if item.role == "assistant" and item.is_main_branch:
        yield item, item.text[:CONTEXT_CHARACTERS]
        return
    if not is_quotable(item):
        return
    text = item.text
    room = ASKED_TOKENS - OVERLAP_TOKENS
    while (tokens := estimated_tokens(text)) > room:
        most = len(text) * room // tokens
        while estimated_tokens(text[:most]) > room:  # its beginning is of another script
            most //= 2
        piece, text = _cut(text, most)
        yield item, piece
    yield item, text


def _cut(text: str, most: int) -> tuple[str, str]:
    """Return the beginning of a text up to a line feed or space, and the rest."""
    cut = max(text.rfind(mark, 1, most) for mark in ("\n", " "))
    cut = cut if cut > most // 2 else most
    return text[:cut], text[cut:]
