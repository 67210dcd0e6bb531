"""What the owner said they would do for somebody, and of which nothing says yet that it is done.

Read off their own words each time, and never stored: what closes a promise may come in later. Only
words to people count, as nobody owes an assistant anything, and only what can be ticked off: "I'll
send you the photos" is a promise, "I'll be there for you" is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import opens_clause
from memassist.assistant.extract.rules.passages import is_assertion, is_supposed, own_sentences
from memassist.assistant.extract.rules.times import find_times
from memassist.assistant.extract.windows import windows
from memassist.assistant.recall.query_words import content_words
from memassist.store.items import timeline
from memassist.store.memory_values import Evidence
from memassist.store.times import to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.plugins.types import Window, WindowItem
    from memassist.store.database import Connection

DAYS_BACK = 60
"""What was promised earlier is kept, or forgotten by both."""
MOST_MESSAGES = 20_000
LONGEST_CHARACTERS = 200
_SOMEBODY = r"(?:you|him|her|them|your|his|their|[A-Z][a-z]+)"
_CLEAR = (
    r"(?:send|bring|call|ring|phone|text|pay|transfer|return|email|mail|forward|book|order|fix|"
    r"repair|renew|cancel|submit|pick (?:\w+ )?up|drop (?:\w+ )?off)"
)
"""Deeds that are one for somebody, whoever is named."""
_FOR_SOMEBODY = (
    r"(?:lend|find out|look into|sort out|take care of|get back to|give|write|sign|upload|share|"
    r"introduce|invite|finish|buy|get)"
)
_WILL = r"I(?:'ll| will|'m going to| am going to)(?: \w+ly)?"
_NOTHING_NAMED = (
    r"(?! (?:it|them|this|that|these|those|back|out|on|off|up)\b(?! (?:the|my|your)\b))"
)
_PROMISE = re.compile(
    rf"(?<![\w'])(?:(?P<will>{_WILL} {_CLEAR}{_NOTHING_NAMED} .+|"
    rf"{_WILL} {_FOR_SOMEBODY}{_NOTHING_NAMED} (?=.*\b{_SOMEBODY}\b).+)"
    r"|(?P<vow>I promise(?:d)? (?:(?:you|him|her|them|[A-Z]\w+) )?(?:to |that I'll |I'll |I would )"
    r"(?!be\b|not\b|never\b|always\b|love\b|try\b).+)"
    r"|(?P<debt>I (?:still )?owe (?:you|him|her|them|my \w+|[A-Z]\w+) "
    r"(?!one\b|an? (?:apology|explanation)\b|(?:so )?much\b|everything\b|my\b|it\b).+)"
    r"|(?P<reminder>(?:I (?:still )?(?:need|have) to|I must|[Rr]emind me to|[Dd]on't let me forget "
    r"to) (?!be\b|say\b|admit\b|confess\b|agree\b|think\b|ask\b|go\b(?! to)|learn\b|remember\b).+))"
)
_VAGUE = re.compile(
    r"\b(?:keep (?:you|in touch)|some ?time|someday|some day|one day|a (?:hug|call sometime|try)|"
    r"good luck|credit|vibes|love|support|shout|holler|never|not|n't|anytime|whenever)\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:sent|brought|called|rang|phoned|texted|paid|transferred|returned|lent|emailed|mailed|"
    r"forwarded|booked|finished|fixed|repaired|ordered|found out|sorted|picked|dropped|gave|given|"
    r"wrote|written|signed|submitted|uploaded|shared|invited|cancelled|canceled|renewed|bought|got|"
    r"done|attached|here (?:it is|they are|you go|are|is))\b",
    re.IGNORECASE,
)
_THANKED = re.compile(r"\b(?:thanks?|thank you|got (?:it|them|your)|received|arrived)\b", re.I)


@dataclass(frozen=True, slots=True)
class Promised:
    """Something said that is still to do, as far as is stored."""

    text: str
    """The owner's own words."""
    said_at: datetime
    due: datetime | None
    """The last moment of the time it names; None where it names none."""
    to: str | None
    """The title of the conversation, or who else writes in it."""
    evidence: Evidence


def open_promises(connection: Connection, names: Sequence[str], now: datetime) -> list[Promised]:
    """Return what is open at an aware moment: by due time, then without one the newest first."""
    start = now - timedelta(days=DAYS_BACK)
    newest_first = timeline(connection, to_ms(start), to_ms(now), MOST_MESSAGES)
    spoken = [one for one in reversed(newest_first) if one.kind == "message"]
    found = [one for window in windows(spoken, names) for one in _of_window(window)]
    dated = sorted((one for one in found if one.due), key=lambda one: one.due or now)
    undated = [one for one in found if one.due is None]
    return [*dated, *sorted(undated, key=lambda one: one.said_at, reverse=True)]


def _of_window(window: Window) -> Iterator[Promised]:
    if any(item.role != "user" for item in window.items):
        return
    places = {item.item_id: place for place, item in enumerate(window.items)}
    for sentence in own_sentences(window):
        if not sentence.item.is_owner:
            continue
        promised = _promised(sentence, window)
        if promised is not None:
            later = window.items[places[sentence.item.item_id] + 1 :]
            if not _is_kept(promised.text, later):
                yield promised


def _promised(sentence: Sentence, window: Window) -> Promised | None:
    text, said_at = sentence.text, sentence.item.occurred_at
    found = _PROMISE.search(text)
    if found is None or said_at is None or len(text) > LONGEST_CHARACTERS:
        return None
    if not opens_clause(text, found.start()):
        return None
    if not is_assertion(text) or is_supposed(text) or _VAGUE.search(found.group()):
        return None
    times = find_times(found.group(), said_at, "future")
    if (
        found["reminder"] is not None
        and not times
        and not found.group().lower().startswith(("remind", "don't"))
    ):
        return None  # a need without a day is a remark
    span = sentence.span(found.start(), len(text.rstrip(" .!;,")))
    evidence = Evidence(span.item_id, span.start, span.stop, span.quote)
    due = times[0].when.stop if times else None
    return Promised(span.quote, said_at, due, _whom(window), evidence)


def _whom(window: Window) -> str | None:
    title = next((item.title for item in window.items if item.title), None)
    others = dict.fromkeys(
        item.author for item in window.items if not item.is_owner and item.author
    )
    return title or ", ".join(others) or None


def _is_kept(text: str, later: Sequence[WindowItem]) -> bool:
    """Whether the owner says later that it is done, or somebody thanks for it."""
    things = {word.casefold() for word in content_words(text)}
    for item in later:
        words = {word.casefold() for word in content_words(item.text)}
        said = _DONE if item.is_owner else _THANKED
        if said.search(item.text) and (things & words or len(words) <= 1):
            return True
    return False
