"""An answer in prose by a language model, kept only as far as its citations hold.

The model sees the question, the found passages and memories and core memory as fenced data and must
quote what it used. Code looks every quote up in the item it is said to be from (`quotes.locate`),
cites the item's own words, and drops every sentence that they don't bear out (`checked`); where
none is left, the answer without a model is shown.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.answer.checked import checked
from memassist.assistant.answer.citations import citations
from memassist.assistant.answer.extractive import DONT_KNOW
from memassist.assistant.answer.matter import is_to_the_matter
from memassist.assistant.answer.shown import shown
from memassist.assistant.answer.streamed import complete_streaming
from memassist.assistant.errors import ModelError
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.results import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from memassist.assistant.answer.shown import Shown
    from memassist.assistant.core import CoreMemory
    from memassist.assistant.model import Cancel, Completion, Model
    from memassist.assistant.results import Found
    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Connection

ANSWER_TOKENS = 700
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
    "Use only what the passages say. Answer in one to three sentences, and after each put the"
    " numbers of its passages, as [2]. For each fact give a citation: n is the passage's number,"
    " quote a few words copied from its text exactly. Copy numbers and names; say on which day"
    " something was rather than how long ago."
    " If the passages don't answer the question, set abstained to true, answer to an empty text"
    " and citations to an empty list. A passage about somebody else answers nothing."
    " Entries without a writer are what is known about the person who asks; they are cited alike."
)


def answer_in_prose(
    connection: Connection,
    model: Model,
    question: str,
    found: Found,
    quoted: Answer,
    asked_at: datetime | None,
    *,
    core: CoreMemory,
    owner_names: Sequence[str] = (),
    embedder: Embedder | None = None,
    on_text: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
) -> Answer:
    """Ask the model; what it can't support gives way to `quoted`, the answer without a model.

    Where that abstains, a model's answer has to be to the matter (`matter.is_to_the_matter`).
    As much of core memory as its budget allows goes into the prompt behind the passages. `on_text`
    gets the answer piece by piece while it is written and not checked yet. What the model
    does wrong is a note of the answer; only a person's `cancel` is raised, as a `ModelError`.
    """
    entries = shown(connection, found.hits, core, owner_names)
    if not entries:
        return quoted
    try:
        completion, entries = _completed(model, question, entries, asked_at, on_text, cancel)
    except ModelError as error:
        if error.fault == "cancelled":
            raise
        note = f"{error} {error.advice} This answer is quoted without it.".replace("  ", " ")
        return _with_note(quoted, note)
    answer = _answer(model, completion, entries, question, quoted, asked_at, embedder)
    if model.leaves_machine:
        return _with_note(answer, "The question and passages were sent to another machine.")
    return answer


def _completed(
    model: Model,
    question: str,
    entries: list[Shown],
    asked_at: datetime | None,
    on_text: Callable[[str], None] | None,
    cancel: Cancel | None,
) -> tuple[Completion, list[Shown]]:
    """Ask with as many of the passages as the model's context has room for, the best first.

    Returns those with the answer. Raises `ModelError`.
    """
    while True:
        prompt = _prompt(question, entries, asked_at)
        try:
            if on_text is None:
                done = model.complete(prompt, SCHEMA, max_tokens=ANSWER_TOKENS, cancel=cancel)
            else:
                done = complete_streaming(model, prompt, SCHEMA, ANSWER_TOKENS, on_text, cancel)
            return done, entries
        except ModelError as error:
            if error.fault != "too long" or len(entries) == 1:
                raise
        entries = _fewer(entries)


def _fewer(entries: list[Shown]) -> list[Shown]:
    """Return the better half of the passages, and of memories as many as go with them."""
    known = [one for one in entries if one.statement]
    passages = [one for one in entries if not one.statement]
    return [*passages[: max(1, len(passages) // 2)], *known[: len(passages) // 2]]


def _prompt(question: str, entries: Sequence[Shown], asked_at: datetime | None) -> list[Message]:
    numbered = [{"n": number, **one.entry} for number, one in enumerate(entries, 1)]
    today = "" if asked_at is None else f"\nToday is {asked_at:%A %d %B %Y}."
    data = fenced("PASSAGES", numbered)
    return [
        Message("system", INSTRUCTION),
        Message("user", f"{data}{today}\nQuestion: {question}"),
    ]


def _answer(
    model: Model,
    completion: Completion,
    entries: Sequence[Shown],
    question: str,
    quoted: Answer,
    asked_at: datetime | None,
    embedder: Embedder | None,
) -> Answer:
    value = completion.value
    text = str(value["answer"]).strip()
    if value["abstained"] is True or not text:
        return Answer(DONT_KNOW, quoted.citations, True, model.name, quoted.notes)
    moment = asked_at or datetime.now(UTC)
    result = checked(text, value["citations"], entries, question, moment)
    notes = (*quoted.notes, *result.notes)
    if not result.text:
        return replace(quoted, notes=notes)
    told = [result.text, *(one.ground.text for one in result.cited)]
    if quoted.abstained and not is_to_the_matter(question, told, embedder):
        note = "The model's answer had nothing to do with the question; left out."
        return Answer(DONT_KNOW, quoted.citations, True, model.name, (*notes, note))
    cited = citations(one.source for one in result.cited)
    return Answer(result.text, cited, False, model.name, notes)


def _with_note(answer: Answer, note: str) -> Answer:
    return replace(answer, notes=(*answer.notes, note))
