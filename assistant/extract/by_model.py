"""An extractor that asks a language model, and believes of its answer what the text bears out.

The model proposes (kind, statement, quote, item); code decides. A quote must stand in the item it
is said to be from (`quotes.locate`), the item must be a person's words, names and numbers of the
statement must occur in what was shown, and times are counted from the item's own time. What fails
the first two is dropped; what fails the third is left so unsure that it waits in the inbox.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from memassist.assistant.extract.rules.claims import mentioned
from memassist.assistant.extract.rules.times import find_times
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.model.quotes import locate
from memassist.plugins.types import Candidate, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from memassist.assistant.model import Model
    from memassist.plugins.types import FieldValue, MemoryType, When, Window, WindowItem

VERSION = 1
ASKED_CHARACTERS = 5_000
"""Text of one prompt: a 3-4B model keeps an eye on about that much."""
ASKED_ITEMS = 24
CONTEXT_CHARACTERS = 300
"""So much of an assistant's turn is shown: enough to know what a person answered to."""
LONGEST_STATEMENT = 240
MOST_MEMORIES = 8
ANSWER_TOKENS = 1_200
SURE, UNSURE = 0.7, 0.3
"""Confidence of a borne-out statement, and of one with a name or number from nowhere. The second is
under any sensible `inbox.threshold`."""
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "memories": {
            "type": "array",
            "maxItems": MOST_MEMORIES,
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["fact", "preference", "event", "plan"]},
                    "n": {"type": "integer"},
                    "quote": {"type": "string"},
                    "statement": {"type": "string"},
                },
                "required": ["kind", "n", "quote", "statement"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["memories"],
    "additionalProperties": False,
}
_INSTRUCTION = (
    "You pick out what is worth remembering for years about the owner of some notes and chats and"
    " the people in their life: lasting facts, preferences, dated events and plans.\n"
    f"{RULE}\n"
    "For each: n is the line's number, quote copies the words that say it exactly, statement is one"
    " short sentence in the third person that stands alone, with names instead of pronouns; keep"
    " time words such as yesterday as they are. Lines by an assistant are context only: never take"
    " a memory from them. Leave out questions, requests, small talk, guesses and anything pasted or"
    " made up. Mostly nothing is worth it: then memories is an empty list."
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][^\W\d_]+")


class ModelExtractor:
    """Proposes memories from what people wrote, by a language model. It does network I/O."""

    version = VERSION

    def __init__(self, model: Model) -> None:
        """Take the model; it is asked once for every few thousand characters."""
        self._model = model
        self.name = f"model:{model.name}"

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return borne-out candidates in the model's order. Raises `ModelError`."""
        found: dict[tuple[str, str], Candidate] = {}
        for lines in _prompts(window):
            completion = self._model.complete(
                _messages(lines, window.owner_names), SCHEMA, max_tokens=ANSWER_TOKENS
            )
            for candidate in self._candidates(completion.value["memories"], lines, window):
                found.setdefault((candidate.type, candidate.text.casefold()), candidate)
        return tuple(found.values())

    def _candidates(
        self, proposed: object, lines: Sequence[tuple[WindowItem, str]], window: Window
    ) -> Iterator[Candidate]:
        assert isinstance(proposed, list)  # the schema was checked
        for one in proposed:
            if not 1 <= one["n"] <= len(lines):
                continue
            item = lines[one["n"] - 1][0]
            place = locate(one["quote"], item.text) if _is_quotable(item) else None
            if place is None:
                continue
            span = Span(item.item_id, *place, item.text[slice(*place)])
            candidate = self._candidate(one["kind"], one["statement"], item, span, window)
            if candidate is not None:
                yield candidate

    def _candidate(
        self,
        kind: Literal["fact", "preference", "event", "plan"],
        said: str,
        item: WindowItem,
        span: Span,
        window: Window,
    ) -> Candidate | None:
        statement = " ".join(said.split()).rstrip(" .") + "."
        if not 8 <= len(statement) <= LONGEST_STATEMENT or statement.endswith("?."):
            return None
        if not item.is_owner and _is_about_owner(statement, window.owner_names):
            return None  # nobody else's words make the owner's facts
        direction: Literal["past", "future"] = "future" if kind == "plan" else "past"
        statement, when = _dated(statement, span.quote, item, direction)
        type_ = _type(kind, item)
        confidence = SURE if _is_borne_out(statement, item, window) else UNSURE
        fields: dict[str, FieldValue] = {"name": kind, "summary": statement}
        if type_ == "core":
            fields = {"label": "preferences", "value": statement}
        elif type_ == "episodic":
            fields = {"event_type": kind, "summary": statement, "actor": item.author}
        return Candidate(
            type=type_,
            text=statement,
            evidence=(span,),
            extractor=f"{self.name}@{self.version}",
            confidence=confidence if item.is_owner else min(confidence, SURE - 0.1),
            fields=fields,
            when=when if type_ == "episodic" else None,
            entities=mentioned(span.quote),
        )


def _is_quotable(item: WindowItem) -> bool:
    """Whether a memory may rest on it: a person's words, and no screen or stranger's document."""
    is_strangers = item.kind != "message" and not item.is_owner
    return (
        item.role == "user" and item.is_main_branch and item.origin != "screen" and not is_strangers
    )


def _prompts(window: Window) -> Iterator[list[tuple[WindowItem, str]]]:
    """Yield what each prompt shows: items with the text that is shown of them."""
    lines: list[tuple[WindowItem, str]] = []
    for item in window.items:
        for text in _pieces(item):
            shown = sum(len(other) for _, other in lines)
            if lines and (shown + len(text) > ASKED_CHARACTERS or len(lines) == ASKED_ITEMS):
                yield from _worth_asking(lines)
                lines = []
            lines.append((item, text))
    yield from _worth_asking(lines)


def _worth_asking(
    lines: list[tuple[WindowItem, str]],
) -> Iterator[list[tuple[WindowItem, str]]]:
    if any(_is_quotable(item) for item, _ in lines):
        yield lines


def _pieces(item: WindowItem) -> list[str]:
    if item.role == "assistant" and item.is_main_branch:
        return [item.text[:CONTEXT_CHARACTERS]]
    if not _is_quotable(item):
        return []
    text, pieces = item.text, []
    while len(text) > ASKED_CHARACTERS:
        cut = max(text.rfind(mark, 1, ASKED_CHARACTERS) for mark in ("\n", " "))
        cut = cut if cut > ASKED_CHARACTERS // 2 else ASKED_CHARACTERS
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]


def _messages(lines: Sequence[tuple[WindowItem, str]], owner_names: Sequence[str]) -> list[Message]:
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


def _type(kind: str, item: WindowItem) -> MemoryType:
    if kind in ("event", "plan"):
        return "episodic"
    return "core" if kind == "preference" and item.is_owner else "semantic"


def _is_about_owner(statement: str, owner_names: Sequence[str]) -> bool:
    subjects = ("I ", "I'", "My ", "The owner", "Owner ", *owner_names)
    return statement.startswith(subjects)


def _dated(
    statement: str, quote: str, item: WindowItem, direction: Literal["past", "future"]
) -> tuple[str, When | None]:
    """Return the statement with times that stay true, and when it happened, if that was told."""
    if item.occurred_at is None:
        return statement, None
    told = find_times(quote, item.occurred_at, direction)
    for one in reversed(find_times(statement, item.occurred_at, direction)):
        statement = statement[: one.start] + one.phrase + statement[one.stop :]
    return statement[:1].upper() + statement[1:], told[0].when if told else None


def _is_borne_out(statement: str, item: WindowItem, window: Window) -> bool:
    """Whether every name and number of a statement was in what the model was shown."""
    shown = " ".join(
        [item.author or "", item.title or "", *window.owner_names]
        + [f"{one.author or ''} {one.text}" for one in window.items]
    )
    times = find_times(statement, item.occurred_at, "past") if item.occurred_at else []
    rest = statement
    for one in reversed(times):
        rest = rest[: one.start] + rest[one.stop :]
    numbers = set(_NUMBER.findall(rest)) - set(_NUMBER.findall(shown))
    known = shown.casefold()
    return not numbers and all(name.casefold() in known for name in _NAME.findall(rest))
