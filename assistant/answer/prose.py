"""An answer in prose by a language model, kept only as far as its citations hold.

The model sees the question, the found passages and core memory as fenced data and must quote what
it used. Code looks every quote up in the item it is said to be from (`quotes.locate`) and cites the
item's own words, for core memory those it rests on; an answer of which no quote is found is not
shown.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.answer.citations import Source, citations
from memassist.assistant.answer.extractive import DONT_KNOW
from memassist.assistant.answer.streamed import complete_streaming
from memassist.assistant.core import prompt_entry
from memassist.assistant.errors import ModelError
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.model.quotes import locate
from memassist.assistant.results import Answer
from memassist.store import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from memassist.assistant.core import CoreMemory
    from memassist.assistant.model import Cancel, Completion, Model
    from memassist.assistant.results import Found, Hit
    from memassist.store.core import CoreStatement
    from memassist.store.database import Connection
    from memassist.store.items import Item

ANSWER_TOKENS = 700
EVIDENCE_CHARACTERS = 12_000
"""All passages together; a model of 8k tokens has room for them and its answer."""
PASSAGE_CHARACTERS = 1_500
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "abstained": {"type": "boolean"},
        "answer": {"type": "string"},
        "citations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"n": {"type": "integer"}, "quote": {"type": "string"}},
                "required": ["n", "quote"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["abstained", "answer", "citations"],
    "additionalProperties": False,
}
INSTRUCTION = (
    "You answer a person's question from passages of their own notes and chats.\n"
    f"{RULE}\n"
    "Use only what the passages say. Answer in one to three sentences. For each fact give a"
    " citation: n is the passage's number, quote a few words copied from its text exactly."
    " If the passages don't answer the question, set abstained to true, answer to an empty text"
    " and citations to an empty list. A passage about somebody else answers nothing."
    " Entries without a writer are what is known about the person who asks; they are cited alike."
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
Known: TypeAlias = "tuple[CoreStatement, list[Source]]"
"""A line of core memory and the slices it rests on."""


def answer_in_prose(
    connection: Connection,
    model: Model,
    question: str,
    found: Found,
    quoted: Answer,
    asked_at: datetime | None,
    *,
    core: CoreMemory,
    on_text: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
) -> Answer:
    """Ask the model; what it can't support gives way to `quoted`, the answer without a model.

    As much of core memory as its budget allows goes into the prompt behind the passages. `on_text`
    gets the answer piece by piece while it is written and not checked yet. What the model
    does wrong is a note of the answer; only a person's `cancel` is raised, as a `ModelError`.
    """
    shown = _shown(connection, found.hits)
    if not shown:
        return quoted
    try:
        completion, shown, known = _completed(
            model, question, shown, _known(connection, core), asked_at, on_text, cancel
        )
    except ModelError as error:
        if error.fault == "cancelled":
            raise
        note = f"{error} {error.advice} This answer is quoted without it.".replace("  ", " ")
        return _with_note(quoted, note)
    answer = _checked(model, completion, shown, known, question, quoted)
    if model.leaves_machine:
        return _with_note(answer, "The question and passages were sent to another machine.")
    return answer


def _completed(
    model: Model,
    question: str,
    shown: list[tuple[Hit, Item]],
    known: list[Known],
    asked_at: datetime | None,
    on_text: Callable[[str], None] | None,
    cancel: Cancel | None,
) -> tuple[Completion, list[tuple[Hit, Item]], list[Known]]:
    """Ask with as much of passages and core memory as the model's context has room for.

    Returns that with the answer. Raises `ModelError`.
    """
    while True:
        prompt = _prompt(question, shown, known, asked_at)
        try:
            if on_text is None:
                done = model.complete(prompt, SCHEMA, max_tokens=ANSWER_TOKENS, cancel=cancel)
            else:
                done = complete_streaming(model, prompt, SCHEMA, ANSWER_TOKENS, on_text, cancel)
            return done, shown, known
        except ModelError as error:
            if error.fault != "too long" or (len(shown) == 1 and not known):
                raise
        shown, known = shown[: max(len(shown) // 2, 1)], known[: len(known) // 2]


def _shown(connection: Connection, hits: Sequence[Hit]) -> list[tuple[Hit, Item]]:
    """Return the passages that go into the prompt with their items, the best first."""
    evidence = [hit for hit in hits if hit.kind == "evidence" and hit.item_id is not None]
    around = vocabulary.surroundings(connection, [hit.item_id or "" for hit in evidence], 0)
    shown, characters = [], 0
    for hit in evidence:
        characters += min(len(hit.text), PASSAGE_CHARACTERS)
        if hit.item_id in around and characters <= EVIDENCE_CHARACTERS:
            shown.append((hit, around[hit.item_id].item))
    return shown


def _known(connection: Connection, core: CoreMemory) -> list[Known]:
    """Return core memory's lines for prompts with what they rest on, the most important first."""
    lines = [line.statement for line in core.lines if line.is_in_prompts]
    ids = [span.item_id for statement in lines for span in statement.evidence]
    around = vocabulary.surroundings(connection, ids, 0)
    return [
        (
            statement,
            [
                Source(around[span.item_id].item, span.start, span.stop)
                for span in statement.evidence
                if span.item_id in around
            ],
        )
        for statement in lines
    ]


def _prompt(
    question: str,
    shown: Sequence[tuple[Hit, Item]],
    known: Sequence[Known],
    asked_at: datetime | None,
) -> list[Message]:
    entries: list[dict[str, object]] = [
        {
            "n": number,
            "by": "the person who asks" if item.is_owner else item.author or item.role,
            "written": None if item.occurred_at is None else f"{item.occurred_at:%A %d %B %Y}",
            "title": item.title,
            "text": hit.text[:PASSAGE_CHARACTERS],
        }
        for number, (hit, item) in enumerate(shown, 1)
    ]
    entries += [
        {"n": number, **prompt_entry(statement)}
        for number, (statement, _) in enumerate(known, len(shown) + 1)
    ]
    today = "" if asked_at is None else f"\nToday is {asked_at:%A %d %B %Y}."
    data = fenced("PASSAGES", entries)
    return [
        Message("system", INSTRUCTION),
        Message("user", f"{data}{today}\nQuestion: {question}"),
    ]


def _checked(
    model: Model,
    completion: Completion,
    shown: Sequence[tuple[Hit, Item]],
    known: Sequence[Known],
    question: str,
    quoted: Answer,
) -> Answer:
    value = completion.value
    text = str(value["answer"]).strip()
    if value["abstained"] is True or not text:
        nearest = quoted.citations
        return Answer(DONT_KNOW, nearest, True, model.name, quoted.notes)
    sources = _supported(value["citations"], shown, known)
    if not sources:
        return _with_note(quoted, "The model's answer quoted nothing that is stored; left out.")
    claimed = value["citations"]
    notes = [*quoted.notes]
    if isinstance(claimed, list) and len(sources) < len(claimed):
        notes.append(f"{len(claimed) - len(sources)} of its citations were not found; left out.")
    strange = _strange_numbers(text, question, sources)
    if strange:
        notes.append(f"Not in the quoted evidence: {', '.join(strange)}.")
    return Answer(text, citations(sources), False, model.name, tuple(notes))


def _supported(
    claimed: object, shown: Sequence[tuple[Hit, Item]], known: Sequence[Known]
) -> list[Source]:
    """Return the slices that the claimed quotes stand for, each once."""
    assert isinstance(claimed, list)  # the schema was checked
    sources: dict[tuple[str, int, int], Source] = {}
    for one in claimed:
        number, quote = one["n"], one["quote"]
        if not 1 <= number <= len(shown) + len(known):
            continue
        if number > len(shown):
            statement, rests_on = known[number - len(shown) - 1]
            if locate(quote, statement.text) is not None:
                sources.update({(one.item.id, one.start, one.stop): one for one in rests_on})
            continue
        item = shown[number - 1][1]
        place = locate(quote, item.text)
        if place is not None:
            sources[item.id, *place] = Source(item, *place)
    return list(sources.values())


def _strange_numbers(text: str, question: str, sources: Sequence[Source]) -> list[str]:
    """Return numbers of the answer that neither the cited items, their dates nor the question hold.

    A model that copies words well still gets numbers wrong; the person is told to look.
    """
    known = set(_NUMBER.findall(question))
    for source in sources:
        known.update(_NUMBER.findall(source.item.text))
        if source.item.occurred_at is not None:
            when = source.item.occurred_at
            known.update((str(when.year), str(when.day), str(when.month), f"{when:%d}"))
    return [number for number in dict.fromkeys(_NUMBER.findall(text)) if number not in known]


def _with_note(answer: Answer, note: str) -> Answer:
    return replace(answer, notes=(*answer.notes, note))
