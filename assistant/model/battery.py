"""A short examination of a language model, on tasks of the kind that it would get here.

Four parts: answers keep to the schema; times are resolved; quotes are copied; what the passages
don't say is not answered. All texts are ours and invented, so no model has learnt them by heart.
`verdict` says what the marks mean; its thresholds are our judgement, not a published measure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.errors import ModelError
from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.model.protocol import Message
from memassist.assistant.model.quotes import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from memassist.assistant.model.protocol import Cancel, Model, Schema

Part: TypeAlias = Literal["schema", "dates", "quotes", "abstention"]
MAX_TOKENS = 400
SLOW_TOKENS_PER_SECOND = 8.0
ANSWER_TOKENS = 150
"""A usual answer, for saying how long one takes."""
WRITTEN = "Thursday 14 May 2026"
DATES = (
    ("I was at the dentist's yesterday.", "2026-05-13"),
    ("We fly to Oslo the day after tomorrow.", "2026-05-16"),
    ("Last Sunday we walked up to the ridge.", "2026-05-10"),
    ("The boiler was serviced three days ago.", "2026-05-11"),
    ("My sister marries on 6 June.", "2026-06-06"),
    ("A week ago I handed in the report.", "2026-05-07"),
    ("In two weeks from today the lease ends.", "2026-05-28"),
    ("On New Year's Eve I broke my wrist.", "2025-12-31"),
)
"""Written on the day of `WRITTEN`, with the day that each tells of."""
PASSAGES = (
    "Picked the keys up from Ilse. The flat in Marden Street is ours, 3rd floor, no lift.",
    "Heat pump quote from Brandl & Co: 14,300 euros without the buffer tank, 15,900 with it.",
    "Tova isn't allergic to nuts, that was Ruben. Tova can't have sesame.",
    "Kestrel meeting moved from Tuesday to Friday because Priya is at the printer's.",
    "Granny's bread: 500 g rye, 10 g salt, sourdough, and never the oven above 220 degrees.",
)
QUOTES = (
    ("What does the heat pump cost with the buffer tank?", 2, "15,900"),
    ("What can't Tova eat?", 3, "sesame"),
    ("Why was the Kestrel meeting moved?", 4, "Priya"),
    ("How hot may the oven be for the bread?", 5, "220"),
    ("Who handed over the keys of the flat?", 1, "Ilse"),
    ("How much salt goes into the bread?", 5, "10 g"),
)
"""With the number of the passage that answers, and what a quote that does has to hold."""
QUESTIONS = (
    ("On which floor is the flat?", ("3", "third")),
    ("Who is allergic to nuts?", ("ruben",)),
    ("On which day is the Kestrel meeting now?", ("friday",)),
    ("How much rye is in the bread?", ("500",)),
    ("What is the rent of the flat in Marden Street?", None),
    ("Which car does Priya drive?", None),
    ("When was Brandl & Co founded?", None),
    ("What is Ruben's birthday?", None),
)
"""With the words of which one is in a right answer; None where the passages don't say."""
_DATE_SCHEMA: Schema = {
    "type": "object",
    "properties": {"date": {"type": "string"}},
    "required": ["date"],
    "additionalProperties": False,
}
_QUOTE_SCHEMA: Schema = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "quote": {"type": "string"}},
    "required": ["n", "quote"],
    "additionalProperties": False,
}
_ANSWER_SCHEMA: Schema = {
    "type": "object",
    "properties": {"abstained": {"type": "boolean"}, "answer": {"type": "string"}},
    "required": ["abstained", "answer"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How many tasks of a part were done right."""

    part: Part
    right: int
    asked: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model is good for."""

    can_learn: bool
    """Pick memories out of chats and notes."""
    can_answer: bool
    """Answer questions in prose from what is stored."""
    text: str
    """The same in plain words."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a model did."""

    model: str
    marks: tuple[Mark, ...]
    seconds: float
    tokens_per_second: float | None
    """Written ones over all the time, reading included; None where a server counts none."""
    faults: tuple[str, ...]
    """What went wrong with single answers, each kind once."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Task:
    part: Part
    messages: tuple[Message, ...]
    schema: Schema
    is_right: Callable[[Mapping[str, object]], bool]


def examine(
    model: Model,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cancel: Cancel | None = None,
) -> Report:
    """Give a model all tasks. Raises `ModelError` for what every further task would meet too."""
    tasks = _tasks()
    right: dict[Part, int] = {"schema": 0, "dates": 0, "quotes": 0, "abstention": 0}
    faults: dict[str, None] = {}
    written: list[int | None] = []
    started = time.monotonic()
    for number, task in enumerate(tasks):
        on_progress(number, len(tasks))
        try:
            completion = model.complete(
                task.messages, task.schema, max_tokens=MAX_TOKENS, cancel=cancel
            )
        except ModelError as error:
            if error.is_lasting or error.fault in ("cancelled", "http", "too long"):
                raise
            faults[str(error)] = None
            continue
        written.append(completion.written_tokens)
        right["schema"] += 1
        right[task.part] += task.is_right(completion.value)
    on_progress(len(tasks), len(tasks))
    seconds = time.monotonic() - started
    counted = [count for count in written if count is not None]
    speed = sum(counted) / seconds if counted and len(counted) == len(written) else None
    marks = tuple(
        Mark(part, right[part], sum(part in ("schema", task.part) for task in tasks))
        for part in right
    )
    return Report(model.name, marks, seconds, speed, tuple(faults), verdict(marks, speed))


def verdict(marks: tuple[Mark, ...], tokens_per_second: float | None) -> Verdict:
    """Return what the marks say the model is good for."""
    share = {mark.part: mark.right / mark.asked for mark in marks}
    keeps_shape = share["schema"] >= 0.9
    can_learn = keeps_shape and share["quotes"] >= 0.8
    can_answer = can_learn and share["abstention"] >= 0.85
    said = []
    if can_answer:
        said.append("Good enough for answers in prose and for learning from chats and notes.")
    elif can_learn:
        said.append(
            "Good enough for learning from chats and notes, as every quote is checked; not for"
            " answers: it answers what the passages don't say, or misses what they do."
        )
    elif keeps_shape:
        said.append(
            "Not good enough: it does not copy quotes faithfully, so that most of what it finds"
            " would be thrown away. Answers are better quoted without it."
        )
    else:
        said.append(
            "Not good enough: its answers don't keep to the shape asked for. Answers are better"
            " quoted without it."
        )
    if can_learn and share["dates"] < 0.75:
        said.append("It is weak at dates; those are worked out without it where they can be.")
    if can_learn and tokens_per_second is not None and tokens_per_second < SLOW_TOKENS_PER_SECOND:
        seconds = ANSWER_TOKENS / max(tokens_per_second, 0.01)
        said.append(f"It is slow here: an answer takes about {seconds:.0f} s.")
    return Verdict(can_learn, can_answer, " ".join(said))


def _tasks() -> list[_Task]:
    passages = fenced(
        "PASSAGES", [{"n": number, "text": text} for number, text in enumerate(PASSAGES, 1)]
    )
    tasks = []
    for sentence, day in DATES:
        system = "You work out on which day something happens. Answer with date as YYYY-MM-DD."
        question = f"On {WRITTEN} somebody wrote: {sentence}\nOn which day is that?"
        tasks.append(_Task("dates", _turns(system, question), _DATE_SCHEMA, _is_day(day)))
    for question, number, held in QUOTES:
        system = (
            f"You find the passage that answers a question.\n{RULE}\nn is its number; quote is a"
            " few words that answer, copied from it exactly."
        )
        turns = _turns(system, f"{passages}\nQuestion: {question}")
        tasks.append(_Task("quotes", turns, _QUOTE_SCHEMA, _is_quote_of(number, held)))
    for question, words in QUESTIONS:
        system = (
            f"You answer a question from passages in a few words.\n{RULE}\nIf they don't answer"
            " it, set abstained to true and answer to an empty text; else abstained is false."
        )
        turns = _turns(system, f"{passages}\nQuestion: {question}")
        tasks.append(_Task("abstention", turns, _ANSWER_SCHEMA, _is_answer(words)))
    return tasks


def _turns(system: str, user: str) -> tuple[Message, ...]:
    return (Message("system", system), Message("user", user))


def _is_day(day: str) -> Callable[[Mapping[str, object]], bool]:
    return lambda value: str(value["date"]).strip()[:10] == day


def _is_quote_of(number: int, held: str) -> Callable[[Mapping[str, object]], bool]:
    def is_right(value: Mapping[str, object]) -> bool:
        quote = str(value["quote"])
        is_copied = locate(quote, PASSAGES[number - 1]) is not None
        return value["n"] == number and is_copied and held in quote

    return is_right


def _is_answer(words: tuple[str, ...] | None) -> Callable[[Mapping[str, object]], bool]:
    def is_right(value: Mapping[str, object]) -> bool:
        answer = str(value["answer"]).casefold()
        if words is None:
            return value["abstained"] is True or not answer.strip()
        return value["abstained"] is False and any(word in answer for word in words)

    return is_right
