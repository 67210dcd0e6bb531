"""The rule extractors: each reads one family of statements off a window."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import candidate_of
from memassist.assistant.extract.rules.events import events_in
from memassist.assistant.extract.rules.explicit import ASKED, explicit_in, is_asked
from memassist.assistant.extract.rules.facts import facts_in
from memassist.assistant.extract.rules.howtos import howtos_in
from memassist.assistant.extract.rules.passages import own_sentences
from memassist.assistant.extract.rules.people import people_in
from memassist.assistant.extract.rules.plain import plain_in
from memassist.assistant.extract.rules.resources import resources_in
from memassist.assistant.extract.rules.speakers import speaker_of
from memassist.assistant.extract.rules.times import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from memassist.assistant.extract.rules.claims import Claim
    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker
    from memassist.plugins.types import Candidate, Window


SAME_EVENT = 72
"""Least rapidfuzz token set ratio, 0 to 100, of two tellings of one event."""


_COMMON = frozenset(
    (
        "attended", "went", "visited", "just", "back", "from", "recently", "actually",
        "with", "local", "this", "that", "also",
    )
)  # fmt: skip


class FactExtractor:
    """Closed slots of a person: name, home, work, family, pets, health, diet, birthday ..."""

    name = "rules-facts"
    version = 1

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return facts in reading order: core and semantic."""
        return _distinct(self._candidates(window))

    def _candidates(self, window: Window) -> Iterator[Candidate]:
        label = f"{self.name}@{self.version}"
        for sentence in own_sentences(window):
            speaker = speaker_of(sentence.item, window)
            if speaker is None:
                continue
            claims: list[Claim] = []
            for claim in facts_in(sentence, speaker):
                # A clause that two rules read is one fact: the earlier rule is the closer one.
                if not any(claim.start == other.start for other in claims):
                    claims.append(claim)
            claims.extend(people_in(sentence, speaker))
            events = {event.text for event in events_in(sentence, speaker, label)}
            if not claims and not events:
                claims.extend(plain_in(sentence, speaker))
            for claim in claims:
                candidate = candidate_of(claim, sentence, speaker, label)
                if candidate.type == "semantic" and candidate.text in events:
                    # The event says the same, and when.
                    continue
                if speaker.is_owner and is_asked(sentence):
                    candidate = replace(candidate, confidence=max(candidate.confidence, ASKED))
                yield candidate


class EventExtractor:
    """Dated events and plans, each with the interval it happened or will happen in."""

    name = "rules-events"
    version = 1

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return episodic candidates in reading order."""
        label = f"{self.name}@{self.version}"
        return _distinct(_by_sentence(window, label, events_in))


class ExplicitExtractor:
    """What the owner asked to have remembered."""

    name = "rules-explicit"
    version = 1

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return semantic candidates in reading order."""
        label = f"{self.name}@{self.version}"
        return _distinct(_by_sentence(window, label, explicit_in))


class HowToExtractor:
    """Ordered steps that the owner wrote down."""

    name = "rules-howtos"
    version = 1

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return procedural candidates in reading order."""
        label = f"{self.name}@{self.version}"
        return _distinct(
            candidate
            for item in window.items
            if item.role == "user" and item.is_main_branch and item.kind != "picture"
            for candidate in howtos_in(item, label)
        )


class ResourceExtractor:
    """Documents with a title, and links kept with a description."""

    name = "rules-resources"
    version = 1

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return resource candidates in reading order."""
        label = f"{self.name}@{self.version}"
        return _distinct(
            candidate
            for item in window.items
            if item.role == "user" and item.is_main_branch and item.kind != "picture"
            for candidate in resources_in(item, label)
        )


def _by_sentence(
    window: Window,
    label: str,
    read: Callable[[Sentence, Speaker, str], Iterator[Candidate]],
) -> Iterator[Candidate]:
    for sentence in own_sentences(window):
        speaker = speaker_of(sentence.item, window)
        if speaker is not None:
            yield from read(sentence, speaker, label)


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Drop statements already made in the window, and second ones of a slot in one item."""
    texts: set[tuple[str, str]] = set()
    slots: set[tuple[str, str]] = set()
    kept: list[Candidate] = []
    for candidate in candidates:
        text = (candidate.type, candidate.text.casefold())
        slot = (candidate.evidence[0].item_id, candidate.slot or "")
        if text in texts or (candidate.slot is not None and slot in slots):
            continue
        if candidate.type == "episodic" and any(_is_same_event(candidate, other) for other in kept):
            continue
        texts.add(text)
        slots.add(slot)
        kept.append(candidate)
    return tuple(kept)


def _is_same_event(one: Candidate, other: Candidate) -> bool:
    """Whether two events of a window are one, told twice: overlapping times and most words."""
    from rapidfuzz.fuzz import token_set_ratio

    if one.when is None or other.when is None:
        return False
    one_words, other_words = (_content(each) for each in (one, other))
    overlap = one.when.start < other.when.stop and other.when.start < one.when.stop
    return overlap and token_set_ratio(one_words, other_words) >= SAME_EVENT


def _content(event: Candidate) -> str:
    """Return the words that tell one event from another of the same time."""
    words = re.sub(r"[^\w\s]", " ", TIME.sub(" ", event.evidence[0].quote)).casefold().split()
    return " ".join(word for word in words if len(word) > 3 and word not in _COMMON)
