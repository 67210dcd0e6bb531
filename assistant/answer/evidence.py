"""Sentences that may answer a question, each with what speaks for and against it.

`gather` is the one function that makes them. A feature is 1 where it speaks fully for the
sentence and 0 where it does not; `weights.py` says how much each counts.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.citations import Source
from memassist.assistant.answer.fit import fit, has_time
from memassist.assistant.answer.sentences import sentences
from memassist.assistant.answer.words import related, stem, word_set, words_of
from memassist.store import memories, vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant.answer.question import Question
    from memassist.assistant.answer.words import Word
    from memassist.assistant.results import Hit
    from memassist.plugins.protocols import Embedder
    from memassist.store.database import Connection
    from memassist.store.items import Item
    from memassist.store.vocabulary import Surroundings

SENTENCES_PER_HIT = 12
WHOLE_CHARACTERS = 2_000
"""A text up to this is looked at around the passage too."""
BEFORE, BEFORE_CHARACTERS = 3, 400
"""So many items before, and of each so much of its end, are looked at: what is talked of there is
seldom named again."""
RUN, RUN_CHARACTERS = 3, 240
"""Neighbouring sentences are quoted together up to this: who and what often stand in two."""
WORDS_EMBEDDED = 160
"""Distinct words of the candidates that are compared by meaning; a bound on the time it takes."""
RELATED, SAME = 0.35, 0.75
"""Cosines of two single words by MiniLM: below the first they have nothing to do with each other,
above the second they say the same."""
NEARBY = 0.75
"""What a word counts that stands beside the sentence and not in it."""
FAR = 0.5
"""What it counts two or three items before."""
ANOTHERS = 0.6
"""What it leaves of a match that the sentence gives what it tells of to somebody else."""
TOLD_THEN = 0.6
"""What it counts for a question of when that something was told on a known day."""
KIN = 0.7
"""What a word counts that shares only its beginning, or its matter."""
_FIRST_PERSON = word_set("i me my mine we us our i'm i've i'd i'll we're we've myself")
_SECOND_PERSON = word_set("you your you're you've")
_PRONOUNS = word_set("he she they him her his their them it its")


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
class _Bare:
    """A sentence before its features are known."""

    text: str
    sources: tuple[Source, ...]
    is_memory: bool
    rank: int
    words: tuple[Word, ...]
    near: frozenset[str]
    """Stems of the sentences beside it, the title, and of the item before."""
    far: frozenset[str]
    """Stems of the items before that."""
    author: str
    """Whose words it is; empty for a memory and where nobody is named."""
    author_before: str
    """Who spoke just before; empty for nobody."""

    @property
    def item(self) -> Item:
        """The first item it rests on."""
        return self.sources[0].item


def gather(
    connection: Connection,
    question: Question,
    hits: Sequence[Hit],
    embedder: Embedder | None,
    owner_names: Sequence[str],
) -> list[Sentence]:
    """Return the sentences of the hits with their features, in the hits' order."""
    ids = [hit.item_id for hit in hits if hit.item_id is not None]
    around = vocabulary.surroundings(connection, ids, BEFORE)
    ranks: Counter[str] = Counter()
    bare: list[_Bare] = []
    for hit in hits:
        if hit.kind == "memory":
            bare += _of_memory(connection, hit, ranks[hit.kind])
        else:
            bare += _of_item(hit, around, ranks[hit.kind])
        ranks[hit.kind] += 1
    weights = _telling(connection, question)
    meaning = _Meaning(question, bare, embedder)
    owner = frozenset(stem(part) for name in owner_names for part in name.split())
    seen = _names_seen(bare)
    return [
        Sentence(
            one.text,
            one.sources,
            one.is_memory,
            _features(question, one, weights, meaning.of(number), owner, seen),
        )
        for number, one in enumerate(bare)
    ]


def _names_seen(bare: Sequence[_Bare]) -> frozenset[str]:
    """Return stems of what is written with a capital inside a sentence, and of the authors.

    A memory's statement begins with the name of whom it is about.
    """
    found = {
        word.stem
        for one in bare
        for word in one.words
        if word.is_capital
        and (one.is_memory or one.text[: word.start].rstrip()[-1:] not in ("", *".!?:"))
    }
    authors = {one.author for one in bare}
    return frozenset(found | {stem(part) for author in authors for part in author.split()})


def _of_item(hit: Hit, around: dict[str, Surroundings], rank: int) -> list[_Bare]:
    found = around.get(hit.item_id or "")
    if found is None or hit.start is None or hit.stop is None:
        return []
    text = found.item.text
    places = _sentences_at(text, hit.start, hit.stop)
    stems = [{word.stem for word in words_of(text[start:stop])} for start, stop in places]
    outer = {word.stem for word in words_of(hit.title or "")}
    told = [{word.stem for word in words_of(one.text[-BEFORE_CHARACTERS:])} for one in found.before]
    outer.update(*told[:1])
    bare = []
    for first, last in _runs(places):
        start, stop = places[first][0], places[last][1]
        bare.append(
            _Bare(
                text=text[start:stop],
                sources=(Source(found.item, start, stop),),
                is_memory=False,
                rank=rank,
                words=tuple(words_of(text[start:stop])),
                near=frozenset(outer.union(*stems[max(0, first - 2) : last + 2])),
                far=frozenset(set[str]().union(*told[1:])),
                author=found.item.author or "",
                author_before=(found.before[0].author or "") if found.before else "",
            )
        )
    return bare


def _of_memory(connection: Connection, hit: Hit, rank: int) -> list[_Bare]:
    """Return a memory that still holds as one statement resting on its evidence."""
    state = memories.get(connection, hit.memory_id or "").state
    if state.valid_to is not None or state.is_archived:
        return []
    around = vocabulary.surroundings(connection, [one.item_id for one in state.evidence], 0)
    sources = tuple(
        Source(around[one.item_id].item, one.start, one.stop)
        for one in state.evidence
        if one.item_id in around
    )
    if not sources:
        return []
    words = tuple(words_of(state.text))
    near = frozenset(word.stem for source in sources for word in words_of(source.quote))
    return [_Bare(state.text, sources, True, rank, words, near, frozenset(), "", "")]


def _sentences_at(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Return the sentences of a passage; in a short text with those beside it.

    A passage may be a single statement of a message, and who it is about stands in the next one.
    """
    if len(text) > WHOLE_CHARACTERS:
        inner = sentences(text[start:stop])
        return [(start + first, start + last) for first, last in inner][:SENTENCES_PER_HIT]
    places = sentences(text)
    within = [
        number for number, (first, last) in enumerate(places) if first < stop and start < last
    ]
    if not within:
        return []
    return places[max(0, within[0] - 2) : within[-1] + 3][:SENTENCES_PER_HIT]


def _runs(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (first, last) of all runs of neighbouring sentences that are short enough to quote."""
    return [
        (first, last)
        for first in range(len(places))
        for last in range(first, min(first + RUN, len(places)))
        if first == last or places[last][1] - places[first][0] <= RUN_CHARACTERS
    ]


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


class _Near:
    """How near one sentence is to the question by meaning; all 0 without a model."""

    def __init__(self, sentence: float = 0.0, words: dict[str, float] | None = None) -> None:
        self.sentence = sentence
        """Cosine of the whole sentence."""
        self._words = words or {}

    def word(self, asked: str) -> float:
        """Return how near the sentence's nearest word is to one of the question, 0 to 1."""
        return self._words.get(asked, 0.0)


class _Meaning:
    """How near sentences, and their words, are to the question's by meaning."""

    def __init__(
        self, question: Question, bare: Sequence[_Bare], embedder: Embedder | None
    ) -> None:
        self._near: list[_Near] = [_Near() for _ in bare]
        if embedder is None or not bare:
            return
        asked = [*question.content, *([question.wanted] if question.wanted else [])]
        told: dict[str, str] = {}
        for one in bare:
            for word in one.words:
                if len(word.stem) > 2 and len(told) < WORDS_EMBEDDED:
                    told.setdefault(word.stem, word.surface.lower())
        texts = [f"{one.author}: {one.text}".removeprefix(": ") for one in bare]
        vectors = embedder.embed(
            [question.text, *texts, *(word.surface.lower() for word in asked), *told.values()]
        )
        whole = vectors[1 : 1 + len(bare)] @ vectors[0]
        first = 1 + len(bare)
        pairs = vectors[first : first + len(asked)] @ vectors[first + len(asked) :].T
        column = {name: number for number, name in enumerate(told)}
        for number, one in enumerate(bare):
            columns = [column[word.stem] for word in one.words if word.stem in column]
            words = {
                word.stem: _as_share(max((float(row[place]) for place in columns), default=0.0))
                for word, row in zip(asked, pairs, strict=True)
            }
            self._near[number] = _Near(float(whole[number]), words)

    def of(self, number: int) -> _Near:
        """Return what is known of the sentence at that place."""
        return self._near[number]


def _as_share(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - RELATED) / (SAME - RELATED)))


def _features(
    question: Question,
    one: _Bare,
    weights: dict[str, float],
    near: _Near,
    owner: frozenset[str],
    seen: frozenset[str],
) -> dict[str, float]:
    stems = {word.stem for word in one.words}
    words = _mean(
        [(weights[word.stem], _cover(word.stem, one, stems, near)) for word in question.content]
    )
    another = ANOTHERS if _is_anothers(question, one, seen) else 1.0
    names = another * _mean(
        [(weights[word.stem], _name_cover(word.stem, one, stems, owner)) for word in question.names]
    )
    wanted = 1.0
    if question.wanted is not None:
        asked = question.wanted.stem
        wanted = 1.0 if asked in stems else max(near.word(asked), 0.5 * (asked in one.near))
    fits = fit(question, one.text, one.author or None, seen, wanted)
    is_told_then = (
        question.kind == "time"
        and question.is_past
        and one.item.occurred_at is not None
        and not has_time(one.text)
    )
    return {
        "fit": fits,
        "told then": float(is_told_then),
        "names": names,
        "words": words,
        "words and names": words * names,
        "all": words * names * max(fits, TOLD_THEN * is_told_then),
        "meaning": near.sentence,
        "rank": 1 / (1 + one.rank / 2),
        "question": float(one.text.endswith("?")),
        "short": 1 / (1 + len(stems) / 3),
    }


def _cover(asked: str, one: _Bare, stems: set[str], near: _Near) -> float:
    """Return how far a sentence holds one telling word of the question."""
    if asked in stems:
        return 1.0
    if asked in one.near:
        return NEARBY
    if related(asked) & stems or _is_kin_of_any(asked, stems):
        return KIN
    return max(0.9 * near.word(asked), FAR * (asked in one.far))


def _name_cover(name: str, one: _Bare, stems: set[str], owner: frozenset[str]) -> float:
    """Return how surely a sentence is about somebody."""
    surfaces = {word.surface.casefold() for word in one.words}
    is_first_person = bool(_FIRST_PERSON & surfaces)
    is_of_another = bool(_PRONOUNS & surfaces)
    is_asker = name in owner and one.item.is_owner and not one.is_memory
    if is_asker or name in _stems(one.author):
        return 1.0 if is_first_person else 0.5 if is_of_another else 0.8
    if name in stems:
        return 1.0
    if name in one.near:
        return 0.7 if is_of_another or not is_first_person else 0.4
    if name in _stems(one.author_before):
        return 0.5 if _SECOND_PERSON & surfaces else 0.1
    return 0.0


def _is_anothers(question: Question, one: _Bare, seen: frozenset[str]) -> bool:
    """Whether a sentence has something that belongs to somebody the question does not name."""
    if question.kind in ("person", "name", "full name"):
        return False
    asked = {word.stem for word in (*question.names, *question.content)}
    return any(
        word.is_capital
        and word.stem in seen
        and word.stem not in asked
        and one.text[word.start + len(word.surface) :][:2] in ("'s", "\u2019s")
        for word in one.words
    )


def _stems(name: str) -> set[str]:
    return {stem(part) for part in name.split()}


def _is_kin_of_any(asked: str, stems: set[str]) -> bool:
    """Whether a word begins as the asked one does: surgery and surgeon."""
    head = asked[: max(5, len(asked) - 3)]
    return len(asked) >= 6 and any(one.startswith(head) for one in stems)


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * value for weight, value in pairs) / total if total else 1.0
