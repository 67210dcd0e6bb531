"""An extractor that asks a language model, and believes of its answer what the text bears out.

The model proposes (kind, statement, quote, item); code decides. A quote must stand in the item it
is said to be from (`quotes.locate`), the item must be a person's words, names and numbers of the
statement must occur in what was shown, and times are counted from the item's own time. What fails
the first two is dropped; what fails the third is left so unsure that it waits in the inbox.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from memassist.assistant.errors import ModelError
from memassist.assistant.extract.alike import is_reworded
from memassist.assistant.extract.model_prompts import halves, is_quotable, messages, prompts
from memassist.assistant.extract.rules.claims import is_name, mentioned
from memassist.assistant.extract.rules.passages import is_own_words, played_items
from memassist.assistant.extract.rules.speakers import speaker_of
from memassist.assistant.extract.rules.times import find_times
from memassist.assistant.model.quotes import locate
from memassist.plugins.types import Candidate, EntityMention, Span
from memassist.store.entity_names import is_telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from memassist.assistant.extract.model_prompts import Line
    from memassist.assistant.model import Model
    from memassist.plugins.types import EntityKind, FieldValue, MemoryType, When, Window, WindowItem

VERSION = 3
LONGEST_STATEMENT = 240
MOST_MEMORIES = 8
ANSWER_TOKENS = 1_200
SURE, UNSURE = 0.7, 0.3
"""Confidence of a borne-out statement, and of one with a name or number from nowhere, or on words
that its author quotes, pastes or plays. The second is under any sensible `inbox.threshold`."""
LEAST_STEPS, MOST_STEPS = 2, 12
"""Of a how-to; each is looked up in the text."""
MOST_NAMES = 4
NAMED: list[EntityKind] = ["person", "place", "project", "organisation"]
KINDS = ["fact", "preference", "event", "plan", "howto", "resource"]
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "memories": {
            "type": "array",
            "maxItems": MOST_MEMORIES,
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": KINDS},
                    "n": {"type": "integer"},
                    "quote": {"type": "string"},
                    "statement": {"type": "string"},
                    "steps": {
                        "type": "array",
                        "maxItems": MOST_STEPS,
                        "items": {"type": "string"},
                    },
                    "names": {
                        "type": "array",
                        "maxItems": MOST_NAMES,
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "kind": {"type": "string", "enum": NAMED},
                            },
                            "required": ["name", "kind"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["kind", "n", "quote", "statement"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["memories"],
    "additionalProperties": False,
}
_ADDRESS = re.compile(
    r"https?://[^\s<>\"']+|\b[\w.-]+\.(?:pdf|docx?|xlsx?|pptx?|md|txt|epub|csv)\b"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_THE_OWNER = re.compile(
    r"^(?:the )?(?:owner|user)(?:(?P<own>'s)(?= )"
    r"|(?= (?:is|has|had|was|will|can|can't|went|met|lives|works|wants|needs|plans|owns|likes|loves"
    r"|hates|prefers|enjoys|dislikes|moved|bought|visited)\b))",
    re.IGNORECASE,
)
"""How models call whom the lines give a name: "The user likes tea"."""
_FIRST_PERSON = re.compile(r"^(?:I(?='|\b)|[Mm]y |[Ww]e(?='|\b)|[Oo]ur )")
_LEANING = re.compile(r"(?:He|She|They|It|This|That|These|Those)\b")
"""A statement begins so where the model left out whom or what it tells of."""
_SPEAKER = re.compile(r"\b(?:I|me|my|mine|we|us|our)\b")
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
        found: list[Candidate] = []
        for lines in prompts(window):
            for candidate in self._asked(lines, window):
                if not any(_is_again(candidate, one) for one in found):
                    found.append(candidate)
        return tuple(found)

    def _asked(self, lines: Sequence[Line], window: Window) -> Iterator[Candidate]:
        """Yield what one prompt gives, or each half of one that the model has no room for."""
        try:
            completion = self._model.complete(
                messages(lines, window.owner_names), SCHEMA, max_tokens=ANSWER_TOKENS
            )
        except ModelError as error:
            parts = halves(lines) if error.fault == "too long" else None
            if parts is None:
                raise
            for part in parts:
                yield from self._asked(part, window)
            return
        yield from self._candidates(completion.value["memories"], lines, window)

    def _candidates(
        self, proposed: object, lines: Sequence[Line], window: Window
    ) -> Iterator[Candidate]:
        assert isinstance(proposed, list)  # the schema was checked
        played = played_items(window)
        for one in proposed:
            if not 1 <= one["n"] <= len(lines):
                continue
            item = lines[one["n"] - 1][0]
            place = locate(one["quote"], item.text) if is_quotable(item) else None
            if place is None:
                continue
            span = Span(item.item_id, *place, item.text[slice(*place)])
            steps = _steps(one.get("steps", []), item)
            candidate = self._candidate(one["kind"], one["statement"], item, span, steps, window)
            if candidate is not None:
                entities = {each.name: each for each in candidate.entities}
                for each in _named_by(one.get("names", []), candidate, item):
                    entities.setdefault(each.name, each)
                candidate = replace(candidate, entities=tuple(entities.values()))
            if candidate is not None and item.item_id in played:
                candidate = replace(candidate, confidence=UNSURE)
            if candidate is not None:
                yield candidate

    def _candidate(
        self,
        kind: str,
        said: str,
        item: WindowItem,
        span: Span,
        steps: Sequence[Span],
        window: Window,
    ) -> Candidate | None:
        statement = _named(" ".join(said.split()).rstrip(" .!"), item, window) + "."
        if not 8 <= len(statement) <= LONGEST_STATEMENT or statement.endswith("?."):
            return None
        if _LEANING.match(statement) or (not item.is_owner and _SPEAKER.search(statement)):
            return None  # it does not stand alone
        if not item.is_owner and _is_about_owner(statement, window.owner_names):
            return None  # nobody else's words make the owner's facts
        direction: Literal["past", "future"] = "future" if kind == "plan" else "past"
        statement, when = _dated(statement, span.quote, item, direction)
        type_ = _type(kind, item)
        is_said = type_ == "resource" or all(
            is_own_words(item, one.start, one.stop) for one in (span, *steps)
        )
        confidence = SURE if is_said and _is_borne_out(statement, item, window) else UNSURE
        fields: dict[str, FieldValue] = {"name": kind, "summary": statement}
        if type_ == "core":
            fields = {"label": "preferences", "value": statement}
        elif type_ == "episodic":
            fields = {"event_type": kind, "summary": statement, "actor": item.author}
        elif type_ == "procedural":
            if len(steps) < LEAST_STEPS:
                return None
            fields = {"kind": "how-to", "description": statement}
            fields["steps"] = [step.quote for step in steps]
        elif type_ == "resource":
            address = _ADDRESS.search(span.quote) or _ADDRESS.search(item.text)
            if address is None:
                return None
            uri = address[0].rstrip(".,;:)!?")
            fields = {"title": statement.rstrip("."), "summary": statement, "uri": uri}
            fields["resource_type"] = "link" if uri.startswith("http") else "file"
        return Candidate(
            type=type_,
            text=statement,
            evidence=tuple(dict.fromkeys((span, *(steps if type_ == "procedural" else ())))),
            extractor=f"{self.name}@{self.version}",
            confidence=confidence if item.is_owner else min(confidence, SURE - 0.1),
            fields=fields,
            when=when if type_ == "episodic" else None,
            entities=(*_author(item, window), *mentioned(span.quote)),
        )


def _steps(proposed: Sequence[str], item: WindowItem) -> list[Span]:
    """Return the steps that stand in the item, as they stand there and in its order."""
    places = {place for one in proposed if (place := locate(one, item.text)) is not None}
    return [Span(item.item_id, *place, item.text[slice(*place)]) for place in sorted(places)]


def _named_by(
    proposed: Sequence[Mapping[str, str]], candidate: Candidate, item: WindowItem
) -> Iterator[EntityMention]:
    """Yield whom and what a model says the statement names, where the item and it do name them."""
    kinds = {str(kind): kind for kind in NAMED}
    for one in proposed:
        name = " ".join(one["name"].split())
        spelled = re.compile(rf"\b{re.escape(name)}\b") if is_name(name) else None
        if spelled is None or not name[:1].isupper() or not is_telling(one["kind"], name):
            continue
        if spelled.search(item.text) and spelled.search(candidate.text):
            yield EntityMention(name, kinds[one["kind"]])


def _author(item: WindowItem, window: Window) -> tuple[EntityMention, ...]:
    """Return who says it, where that is not the owner: it is about them too."""
    speaker = speaker_of(item, window)
    if speaker is None or speaker.is_owner or speaker.name is None:
        return ()
    return (EntityMention(speaker.name, "person"),)


def _is_again(one: Candidate, other: Candidate) -> bool:
    """Whether overlapping prompts gave the same twice."""
    return one.type == other.type and any(
        mine.item_id == theirs.item_id
        and mine.start < theirs.stop
        and theirs.start < mine.stop
        and is_reworded(one.text, other.text)
        for mine in one.evidence
        for theirs in other.evidence
    )


def _type(kind: str, item: WindowItem) -> MemoryType:
    if kind in ("event", "plan"):
        return "episodic"
    if kind == "howto":
        return "procedural"
    if kind == "resource":
        return "resource"
    return "core" if kind == "preference" and item.is_owner else "semantic"


def _named(statement: str, item: WindowItem, window: Window) -> str:
    """Return the owner's statement with their name where a model wrote "I" or "the user"."""
    speaker = speaker_of(item, window)
    if speaker is None or not speaker.is_owner or speaker.name is None:
        return statement
    if found := _THE_OWNER.match(statement):
        name = speaker.possessive if found["own"] else speaker.name
        return name + statement[found.end() :]
    if _FIRST_PERSON.match(statement):
        return speaker.state(re.sub(r"^[Oo]ur\b", "My", statement)).rstrip(".")
    return statement


def _is_about_owner(statement: str, owner_names: Sequence[str]) -> bool:
    """Whether a statement on somebody else's words is about the owner, or does not say whom."""
    is_owners = _THE_OWNER.match(statement) or _FIRST_PERSON.match(statement)
    return is_owners is not None or any(
        re.match(rf"{re.escape(name)}\b", statement) for name in owner_names
    )


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
