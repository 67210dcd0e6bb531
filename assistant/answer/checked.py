"""What of a model's answer is shown: the sentences that the words they cite bear out.

`checked` is the function. A sentence's citations are those whose numbers it gives, as in [2]; one
that gives none may rest on any of the answer's. The numbers shown are those of the citations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.sentences import sentences
from memassist.assistant.answer.support import missing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from memassist.assistant.answer.shown import Cited, Shown

_MARKS = r"(?:\s*\[\d+(?:\s*,\s*\d+)*\])+"
_MARK_AFTER_STOP = re.compile(rf"([.!?\u2026]+)({_MARKS})")
_MARK = re.compile(_MARKS)
_NUMBER = re.compile(r"\d+")
_BARE = re.compile(r"\W*(yes|no)\W*", re.IGNORECASE)
LONGEST_SHOWN = 80
"""Of a sentence that is left out, in the note that says so."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer after the check."""

    text: str
    """Empty where nothing of it was borne out. Numbers in brackets count `cited` from 1."""
    cited: tuple[Cited, ...]
    """What the answer rests on, in the order of the model's citations."""
    notes: tuple[str, ...]


def checked(
    text: str,
    claimed: object,
    entries: Sequence[Shown],
    question: str,
    asked_at: datetime,
) -> Checked:
    """Look every quote up and hold every sentence against what it cites.

    `claimed` are the model's citations, of the shape that the schema asks for.
    """
    assert isinstance(claimed, list)  # the schema was checked
    found: dict[int, list[Cited]] = {}
    lost = 0
    for one in claimed:
        number = one["n"]
        cited = entries[number - 1].cited(one["quote"]) if 1 <= number <= len(entries) else ()
        lost += not cited
        found.setdefault(number, []).extend(cited)
    everything = _distinct([one for several in found.values() for one in several])
    if not everything:
        note = "The model's answer quoted nothing that is stored; left out."
        return Checked("", (), (note,))
    notes = [f"{lost} of its citations were not found; left out."] if lost else []
    kept: list[str] = []
    text = _MARK_AFTER_STOP.sub(r"\2\1", text)
    for start, stop in sentences(text):
        said = text[start:stop]
        plain = _MARK.sub("", said)
        numbers = [
            int(number) for marks in _MARK.findall(said) for number in _NUMBER.findall(marks)
        ]
        own = [one for number in numbers for one in found.get(number, ())] or everything
        wrong = missing(_claim(plain, question), [one.ground for one in own], question, asked_at)
        if wrong:
            notes.append(
                f"Left out, as what it cites does not say {', '.join(wrong)}:"
                f" {plain[:LONGEST_SHOWN]!r}."
            )
            continue
        kept.append(_MARK.sub(lambda marks: _renumbered(marks[0], found, everything), said))
    return Checked(" ".join(kept), tuple(everything) if kept else (), tuple(notes))


def _claim(sentence: str, question: str) -> str:
    """Return what a sentence claims; a mere yes or no claims what was asked."""
    bare = _BARE.fullmatch(sentence)
    if bare is None:
        return sentence
    return question.rstrip("? ") + (" not" if bare[1].casefold() == "no" else "")


def _renumbered(marks: str, found: dict[int, list[Cited]], everything: list[Cited]) -> str:
    places = {
        _place(one, everything)
        for number in _NUMBER.findall(marks)
        for one in found.get(int(number), ())
    }
    return "".join(f" [{place}]" for place in sorted(places))


def _place(cited: Cited, everything: list[Cited]) -> int:
    keys = [_key(one) for one in everything]
    return keys.index(_key(cited)) + 1


def _distinct(cited: Sequence[Cited]) -> list[Cited]:
    return list({_key(one): one for one in reversed(cited)}.values())[::-1]


def _key(cited: Cited) -> tuple[str, str]:
    """Return what makes two citations one, as `citations` counts them."""
    return cited.source.item.id, cited.source.quote
