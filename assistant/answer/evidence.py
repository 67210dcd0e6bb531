"""Sentences that may answer a question, each with what speaks for and against it.

`gather` is the one function that makes them. A feature is 1 where it speaks fully for the
sentence and 0 where it does not; `weights.py` says how much each counts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.candidates import candidates
from memassist.assistant.answer.fit import fit, has_time
from memassist.assistant.answer.meaning import Meaning
from memassist.assistant.answer.subject import (
    how_surely_about,
    is_a_relatives,
    is_anothers,
    name_stems,
)
from memassist.assistant.answer.words import related
from memassist.store import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.answer.candidates import Candidate
    from memassist.assistant.answer.citations import Source
    from memassist.assistant.answer.meaning import Near
    from memassist.assistant.answer.question import Question
    from memassist.assistant.answer.subject import Told
    from memassist.assistant.results import Hit
    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Connection

NEARBY = 0.75
"""What a word counts that stands beside the sentence and not in it."""
HEARD = 0.5
"""What it counts where somebody else had told it just before."""
FAR = 0.5
"""What it counts two or three items before."""
KIN = 0.7
"""What a word counts that shares only its beginning, or its matter."""
ANOTHERS = 0.6
"""What it leaves of a match that the sentence gives what it tells of to somebody else."""
TOLD_THEN = 0.6
"""What it counts for a question of when that something was told on a known day."""
RIVAL = 0.35
"""Surely about the person asked for by less than this, a sentence is rather about another."""


_ASKS_OF_I = re.compile(
    r"\b(?:am|do|did|was|have|had|can|could|will|would|should|don't|didn't|haven't) I\b", re.I
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that may answer, and their features."""

    text: str
    """One to three sentences of an item, or a memory's statement."""
    sources: tuple[Source, ...]
    """Where the words stand, or what the memory rests on; at least one."""
    is_memory: bool
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, and what the store and the hits tell of its words."""

    question: Question
    telling: dict[str, float]
    """How telling each word is, by stem."""
    owner: frozenset[str]
    """Stems of the asking person's names."""
    speakers: frozenset[str]
    """Stems of the names of all who speak in the hits, the owner among them."""
    seen: frozenset[str]
    """Stems that stand as names in the hits."""


def gather(
    connection: Connection,
    question: Question,
    hits: Sequence[Hit],
    embedder: Embedder | None,
    owner_names: Sequence[str],
) -> list[Sentence]:
    """Return the sentences of the hits with their features, in the hits' order."""
    found = candidates(connection, hits)
    owner = frozenset[str]().union(*(name_stems(name) for name in owner_names))
    speakers = owner.union(*(name_stems(one.told.author) for one in found))
    telling = _telling(connection, question)
    asked = _Asked(question, telling, owner, speakers, _names_seen(found))
    meaning = Meaning(question, [one.told for one in found], embedder, speakers)
    sure = [_sure(asked, one.told) for one in found]
    features = [
        _features(asked, one, sure[number], meaning.of(number)) for number, one in enumerate(found)
    ]
    if any(word.stem in speakers for word in question.names):
        _set_rivals(features, [of_speakers < RIVAL for _, of_speakers in sure])
    return [
        Sentence(one.told.text, one.sources, one.is_memory, told)
        for one, told in zip(found, features, strict=True)
    ]


def _set_rivals(features: Sequence[dict[str, float]], is_rival: Sequence[bool]) -> None:
    """Note how much better somebody else's sentences fit a question about one of the speakers.

    Where another person tells of just what is asked, a paler sentence of the right person is
    seldom the answer: the question may be about the wrong one.
    """
    rivals = [one for one, is_one in zip(features, is_rival, strict=True) if is_one]
    for name in ("words", "meaning"):
        best = max((one[name] for one in rivals), default=0.0)
        for one in features:
            one[f"rival {name}"] = max(0.0, best - one[name])


def _names_seen(found: Sequence[Candidate]) -> frozenset[str]:
    """Return stems of what is written with a capital inside a sentence, and of the authors.

    A memory's statement begins with the name of whom it is about.
    """
    capitals = {
        word.stem
        for one in found
        for word in one.told.words
        if word.is_capital
        and (one.is_memory or one.told.text[: word.start].rstrip()[-1:] not in ("", *".!?:"))
    }
    return frozenset(capitals.union(*(name_stems(one.told.author) for one in found)))


def _telling(connection: Connection, question: Question) -> dict[str, float]:
    """Return how telling each word of the question is, 0 to 1: rare words tell most."""
    words = (*question.names, *question.content)
    total = vocabulary.passage_count(connection)
    counts = vocabulary.passages_with(connection, [word.surface for word in words])
    top = math.log(total + 2)
    return {
        word.stem: max(0.1, math.log((total + 2) / (counts[word.surface] + 1)) / top)
        for word in words
    }


def _sure(asked: _Asked, told: Told) -> tuple[float, float]:
    """Return how surely a sentence is about all that the question names, and about the speakers.

    The first is weighted by how telling each name is, and never above the second.
    """
    question = asked.question
    sure = {
        word.stem: how_surely_about(word.stem, told, asked.owner, asked.speakers)
        for word in question.names
    }
    of_speakers = min((sure[name] for name in sure if name in asked.speakers), default=1.0)
    if _ASKS_OF_I.search(question.text):
        stems = {word.stem for word in (*question.names, *question.content)}
        stems |= set() if question.wanted is None else {question.wanted.stem}
        of_speakers *= ANOTHERS if is_a_relatives(told, stems) else 1.0
    if question.kind not in ("person", "name", "full name"):
        known = {word.stem for word in (*question.names, *question.content)}
        of_speakers *= ANOTHERS if is_anothers(told, known, asked.seen) else 1.0
    mean = _mean([(asked.telling[name], share) for name, share in sure.items()])
    return min(mean, of_speakers), of_speakers


def _features(
    asked: _Asked, one: Candidate, sure: tuple[float, float], near: Near
) -> dict[str, float]:
    question, told = asked.question, one.told
    stems = {word.stem for word in told.words}
    names = sure[0]
    words = _mean(
        [
            (asked.telling[word.stem], _cover(word.stem, told, stems, near))
            for word in question.content
        ]
    )
    wanted = 1.0
    if question.wanted is not None:
        noun = question.wanted.stem
        wanted = 1.0 if noun in stems else max(near.word(noun), 0.5 * (noun in told.near))
    fits = fit(question, told.text, told.author or None, asked.seen, wanted)
    is_told_then = (
        question.kind == "time"
        and question.is_past
        and one.item.occurred_at is not None
        and not has_time(told.text)
    )
    return {
        "fit": fits,
        "wanted": wanted,
        "told then": float(is_told_then),
        "words": words,
        "words and names": words * names,
        "all": words * names * max(fits, TOLD_THEN * is_told_then),
        "meaning": near.sentence,
        "meaning above": near.above,
        "rank": 1 / (1 + one.rank / 2),
        "lift": one.lift,
        "question": float(told.text.endswith("?")),
        "short": 1 / (1 + len(stems) / 3),
        "rival words": 0.0,
        "rival meaning": 0.0,
    }


def _cover(asked: str, told: Told, stems: set[str], near: Near) -> float:
    """Return how far a sentence holds one telling word of the question."""
    if asked in stems:
        return 1.0
    if asked in told.near:
        return NEARBY
    if asked in told.heard:
        return max(HEARD, 0.9 * near.word(asked))
    if related(asked) & stems or _is_kin_of_any(asked, stems):
        return KIN
    return max(0.9 * near.word(asked), FAR * (asked in told.far))


def _is_kin_of_any(asked: str, stems: set[str]) -> bool:
    """Whether a word begins as the asked one does: surgery and surgeon."""
    head = asked[: max(5, len(asked) - 3)]
    return len(asked) >= 6 and any(one.startswith(head) for one in stems)


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / total if total else 1.0
