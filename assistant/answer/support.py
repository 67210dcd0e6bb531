"""Whether cited words bear out a sentence: its names, numbers, times and negations compared.

`missing` is the function that checks. It is strict about what can be compared and blind to the
rest: a sentence that turns round who did what to whom is not found out. A sentence that fails is
not shown, so what is said in an answer stands in what it cites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from memassist.assistant.answer.fit import NOT_NAMES
from memassist.assistant.answer.question import EMPTY
from memassist.assistant.answer.sentences import sentences
from memassist.assistant.answer.words import word_set, words_of
from memassist.assistant.extract.rules.times import find_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from memassist.assistant.answer.words import Word
    from memassist.assistant.extract.rules.times import Told

MOST_DAYS = 7
"""A time told no closer than by a week, as "two weeks ago" is, bears out any day in it."""
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)")
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_COUNTS = (
    {word: number for number, word in enumerate(_ONES)}
    | {word: 20 + 10 * number for number, word in enumerate(_TENS)}
    | {"dozen": 12, "hundred": 100, "twice": 2, "once": 1}
)
_NO_COUNTS = word_set("one once hundred")
"""Said of many things that nobody counted: looked for in what is cited and not in an answer."""
_TENS_AND_ONES = re.compile(rf"\b({'|'.join(_TENS)})[- ]({'|'.join(_ONES[1:10])})\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[,;:()\u2013\u2014]|\b(?:and|but|because|although|though|while|which|so|as|since|instead)\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"^(?:yes|no|well)\b,?|\bnot only\b|\bno (?:doubt|problem|wonder)\b|\bcan(?:'t|not) wait\b"
    r"|\bcouldn't be \w+er\b|\bwhy not\b|\bif not\b|,? (?:isn't|aren't|don't|doesn't|didn't|wasn't)"
    r" (?:it|they|you|he|she|we)\?",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|nowhere|cannot|without)\b"
    r"|n't\b|\bno longer\b",
    re.IGNORECASE,
)
_HALF_NEGATION = re.compile(
    r"\b(?:stop\w*|quit\w*|g[ai]ve up|giving up|avoid\w*|refus\w*|fail\w*|unable|lack\w*|hardly"
    r"|used to|cancel\w*|hate[sd]?|dislike[sd]?|allerg\w+|miss\w*|except|free of|instead of"
    r"|negative|can't stand|nowadays|former\w*|forbid\w*|forbidden|banned)\b",
    re.IGNORECASE,
)
"""Words that may stand for a "not", or for its lack: neither side is told to be wrong by them."""
_PRONOUNS = word_set("he she they him her hers his them their theirs it its we us our i my me mine")
_WROTE = re.compile(r"\b(?:wrote|written|said|told|mention\w*|noted|dated|message|as of)\b", re.I)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_ASKED_OPENLY = re.compile(r"\b(?:what|which|when|where|who|whose|whom|why|how)\b", re.IGNORECASE)
_CURLY = str.maketrans({"\u2019": "'", "\u2018": "'"})


@dataclass(frozen=True, slots=True)
class Ground:
    """Words that a sentence cites, and what stands around them."""

    text: str
    """The whole sentences that hold the quote."""
    around: str
    """The text they stand in, its title, its author, and what was said just before."""
    written_at: datetime | None


def whole_sentences(text: str, start: int, stop: int) -> str:
    """Return the sentences of a text that a slice touches."""
    touched = [place for place in sentences(text) if place[0] < stop and start < place[1]]
    return text[touched[0][0] : touched[-1][1]] if touched else text[start:stop]


def missing(
    sentence: str, grounds: Sequence[Ground], question: str, asked_at: datetime
) -> tuple[str, ...]:
    """Return what of a sentence its grounds don't bear out, in words for people; empty is well.

    `asked_at` is what the sentence's own "last week" is counted from.
    """
    sentence = sentence.translate(_CURLY)
    if not grounds:
        return ("nothing cited",)
    strange_times, rest = _times(sentence, grounds, asked_at)
    told = [
        *strange_times,
        *(f"the number {one}" for one in _numbers(rest, grounds, question)),
        *(f"the name {one}" for one in _names(rest, grounds, question)),
    ]
    if _is_negated_otherwise(sentence, grounds):
        told.append("a negation")
    if not told and not _touches(sentence, grounds):
        told.append("any of it")
    return tuple(dict.fromkeys(told))


def _times(sentence: str, grounds: Sequence[Ground], asked_at: datetime) -> tuple[list[str], str]:
    """Return the times that are not borne out, and the sentence without any of its times."""
    told = find_times(sentence, asked_at, "past")
    strange, rest = [], sentence
    for one in reversed(told):
        words = sentence[one.start : one.stop]
        if not any(_is_told(words, ground, asked_at, sentence) for ground in grounds):
            strange.append(f"the time {words.strip()}")
        rest = f"{rest[: one.start]} {rest[one.stop :]}"
    return strange[::-1], rest


def _is_told(words: str, ground: Ground, asked_at: datetime, sentence: str) -> bool:
    text = ground.text.translate(_CURLY)
    if " ".join(words.casefold().split()) in " ".join(text.casefold().split()):
        return True
    written_at = ground.written_at or asked_at
    evidence = _readings(text, written_at)
    if (not evidence or _WROTE.search(sentence)) and ground.written_at is not None:
        evidence = [*evidence, *_readings("today", ground.written_at)]
    weekday = _WEEKDAY.search(words)
    if weekday is not None and any(
        _is_short(one)
        and f"{one.when.start.astimezone(written_at.tzinfo):%A}" == weekday[0].title()
        for one in evidence
    ):
        return True
    asked = [*_readings(words, asked_at), *_readings(words, written_at)]
    return any(_bears_out(known, said) for known in evidence for said in asked)


def _readings(text: str, moment: datetime) -> list[Told]:
    return [*find_times(text, moment, "past"), *find_times(text, moment, "future")]


def _bears_out(known: Told, said: Told) -> bool:
    is_within = said.when.start <= known.when.start and known.when.stop <= said.when.stop
    is_about = known.when.start <= said.when.start and said.when.stop <= known.when.stop
    return is_within or (is_about and _is_short(known))


def _is_short(one: Told) -> bool:
    length: timedelta = one.when.stop - one.when.start
    return length.days <= MOST_DAYS


def _numbers(rest: str, grounds: Sequence[Ground], question: str) -> Iterable[str]:
    known: set[str] = set()
    for ground in grounds:
        known |= {value for _, value in _values(ground.text)}
        if re.search(r"\ban?\b", ground.text, re.IGNORECASE):
            known.add("1")
        around = {value for _, value in _values(ground.around)}
        known |= around & {value for _, value in _values(question)}
    for words, value in _values(rest):
        if value not in known and words.casefold() not in _NO_COUNTS:
            yield words


def _values(text: str) -> list[tuple[str, str]]:
    """Return (words, value) of the numbers in a text."""
    found = []
    for match in _DIGITS.finditer(text):
        words = match[0]
        value = words.replace(",", "") if _THOUSANDS.fullmatch(words) else words.replace(",", ".")
        if value.count(".") == 1:
            value = value.rstrip("0").rstrip(".")
        found.append((words, value.lstrip("0") or "0"))
    rest = text
    for match in _TENS_AND_ONES.finditer(text):
        value = str(_COUNTS[match[1].casefold()] + _COUNTS[match[2].casefold()])
        found.append((match[0], value))
        rest = rest.replace(match[0], " ")
    for word in words_of(rest):
        count = _COUNTS.get(word.surface.casefold())
        if count is not None:
            found.append((word.surface, str(count)))
    return found


def _names(rest: str, grounds: Sequence[Ground], question: str) -> Iterable[str]:
    known: set[str] = set()
    is_open = _ASKED_OPENLY.search(question) is not None
    asked = {word.stem for word in words_of(question)}
    for ground in grounds:
        said = words_of(ground.text)
        known |= {word.stem for word in said}
        around = {word.stem for word in words_of(ground.around)}
        points = any(word.surface.casefold() in _PRONOUNS for word in said)
        known |= around if points else around & asked
        known |= asked if points and is_open else set()
    words = words_of(rest)
    for place, word in enumerate(words):
        if not word.is_capital or word.surface.casefold() in NOT_NAMES or word.stem in known:
            continue
        if len(word.surface) == 1 or _NEGATION.fullmatch(word.surface):
            continue
        is_first = rest[: word.start].rstrip()[-1:] in ("", ".", "!", "?", ":")
        if not is_first or _is_name_at_start(words, place, rest, grounds):
            yield word.surface


def _is_name_at_start(
    words: Sequence[Word], place: int, text: str, grounds: Sequence[Ground]
) -> bool:
    """Whether a sentence's first word, which has a capital anyway, is a name.

    It is one with "'s" after it or another name, and where it stands in for a name of the evidence.
    """
    word = words[place]
    if text[word.start + len(word.surface) :][:2] == "'s":
        return True
    if place + 1 == len(words) or text[word.stop : words[place + 1].start] != " ":
        return False
    following = words[place + 1]
    if following.is_capital:
        return True
    for ground in grounds:
        said = words_of(ground.text)
        for one, other in pairwise(said):
            is_subject = one.is_capital or one.surface.casefold() in _PRONOUNS
            if other.stem == following.stem and is_subject:
                return True
    return False


def _is_negated_otherwise(sentence: str, grounds: Sequence[Ground]) -> bool:
    """Whether a clause denies what the nearest clause of the evidence says, or the other way."""
    evidence = [
        (words, _polarity(clause))
        for ground in grounds
        for clause in _clauses(ground.text.translate(_CURLY))
        if (words := _telling(clause))
    ]
    for clause in _clauses(sentence):
        asked = _telling(clause)
        shared = [(len(asked & words), polarity) for words, polarity in evidence]
        most = max((count for count, _ in shared), default=0)
        if not most:
            continue
        nearest = {polarity for count, polarity in shared if count == most}
        polarity = _polarity(clause)
        if polarity is not None and None not in nearest and polarity not in nearest:
            return True
    return False


def _polarity(clause: str) -> bool | None:
    """Return whether a clause denies; None where its words leave that open."""
    plain = _NO_NEGATION.sub(" ", clause.strip())
    if _NEGATION.search(plain):
        return True
    return None if _HALF_NEGATION.search(plain) else False


def _clauses(text: str) -> list[str]:
    """Return the clauses of a text; what tells nothing by itself stays with what comes next."""
    clauses, start = [], 0
    for first, last in sentences(text):
        start = first
        for end in _CLAUSE_END.finditer(text, first, last):
            if len(_telling(text[start : end.start()])) > 1:
                clauses.append(text[start : end.start()])
                start = end.end()
        clauses.append(text[start:last])
    return clauses


def _telling(text: str) -> set[str]:
    return {
        word.stem
        for word in words_of(text)
        if word.surface.casefold().translate(_CURLY) not in EMPTY
        and not _NEGATION.search(word.surface)
    }


def _touches(sentence: str, grounds: Sequence[Ground]) -> bool:
    """Whether a sentence has a word or number of its grounds, or none that tells anything."""
    words = _telling(sentence)
    return not words or any(
        words & _telling(ground.text)
        or {value for _, value in _values(sentence)} & {value for _, value in _values(ground.text)}
        for ground in grounds
    )
