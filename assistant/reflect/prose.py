"""A summary's text: a list of its entries, or a language model's prose as far as they bear it out.

The model sees the entries as fenced, numbered data and says for each sentence which of them it
tells. A sentence is kept if those bear out its names, numbers, times and negations
(`answer.support.missing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.answer.support import Ground, missing
from memassist.assistant.model import Message
from memassist.assistant.model.fence import RULE, fenced
from memassist.assistant.reflect.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memassist.assistant.model import Model
    from memassist.assistant.reflect.entries import Entry
    from memassist.assistant.reflect.portraits import Portrait

Topic: TypeAlias = "Period | Portrait"
"""What there can be a summary of."""

MOST_SENTENCES = 5
LONGEST_SENTENCE = 300
ANSWER_TOKENS = 500
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "maxItems": MOST_SENTENCES,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "n": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["text", "n"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}
_OF_PERIOD = "You sum up a day or a week of somebody's life from notes about it.\n"
_OF_ENTITY = "You sum up what is known of a person, place or project from notes about it.\n"
_INSTRUCTION = (
    f"{RULE}\n"
    f"Write two to {MOST_SENTENCES} short sentences in the third person about what matters most, in"
    " order of time, and nothing that the notes don't say. For each sentence give in n the numbers"
    " of the notes that it tells. Notes of the kind told need not have happened then, and those of"
    " the kind conversation are only titles."
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a summary is to say."""

    text: str
    """Without the topic's title."""
    entries: tuple[Entry, ...]
    """What it was made of."""
    is_prose: bool


def as_list(entries: Sequence[Entry]) -> Draft:
    """Return the entries' own statements, one after the other."""
    parts = []
    leads = {"fact": "", "happened": "", "told": "Told: ", "conversation": "Conversations: "}
    for kind, lead in leads.items():
        texts = [one.text for one in entries if one.kind == kind]
        parts += [f"{lead}{'; '.join(texts)}."] if texts else []
    return Draft(" ".join(parts), tuple(entries), False)


def in_prose(model: Model, topic: Topic, entries: Sequence[Entry]) -> Draft:
    """Ask the model; the list, where nothing it says is borne out. Raises `ModelError`."""
    notes: list[dict[str, object]] = [
        {
            "n": number,
            "when": f"{one.moment:%A %d %B %Y}",
            "kind": one.kind,
            "text": one.text,
        }
        for number, one in enumerate(entries, 1)
    ]
    if isinstance(topic, Period):
        opening, whom = _OF_PERIOD, f"The {'week' if topic.is_week else 'day'}: {topic.title}"
    else:
        # The name is somebody's text as well, and stays within the fence.
        opening, whom = _OF_ENTITY, "It is named in the last note."
        notes.append({"n": 0, "when": "", "kind": "name", "text": topic.title})
    request = f"{fenced('NOTES', notes)}\n{whom}"
    prompt = [Message("system", f"{opening}{_INSTRUCTION}"), Message("user", request)]
    completion = model.complete(prompt, SCHEMA, max_tokens=ANSWER_TOKENS)
    proposed = completion.value["sentences"]
    assert isinstance(proposed, list)  # the schema was checked
    kept: list[str] = []
    for one in proposed[:MOST_SENTENCES]:
        numbers = [number for number in one["n"] if 1 <= number <= len(entries)]
        text = " ".join(str(one["text"]).split())
        if len(text) > LONGEST_SENTENCE or not _is_borne_out(text, numbers, entries, topic):
            continue
        kept.append(text if text[-1] in ".!?" else f"{text}.")
    if not kept:
        return as_list(entries)
    return Draft(" ".join(kept), tuple(entries), True)


def _is_borne_out(
    text: str, numbers: Sequence[int], entries: Sequence[Entry], topic: Topic
) -> bool:
    told = [entries[number - 1] for number in numbers]
    grounds = [Ground(one.text, topic.title, one.moment) for one in told]
    return bool(text and told) and not missing(text, grounds, "", told[0].moment)
