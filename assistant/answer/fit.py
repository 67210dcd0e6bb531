"""Whether a sentence holds the kind of thing a question asks for: a time, a number, a name."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from memassist.assistant.answer.words import stem, word_set, words_of

if TYPE_CHECKING:
    from memassist.assistant.answer.question import Question
    from memassist.assistant.answer.words import Word

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = (
    r"(?:twenty-|thirty-)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
_TIME = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|{_MONTH}\.? \d{{1,4}}(?:st|nd|rd|th)?"
    rf"|(?:{_ORDINAL}) (?:of )?(?:the )?{_MONTH}|{_MONTH} (?:the )?(?:{_ORDINAL})"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
    r"|(?:19|20)\d\d|yesterday|today|tonight|tomorrow|last night|weekend|\d{1,2}(?:st|nd|rd|th)"
    r"|(?:last|next|this|past|coming) (?:week|month|year|spring|summer|autumn|fall|winter)\w*"
    r"|(?:few|couple of|two|three|four|five|six|\d+|a|an) (?:day|week|month|year)s?(?: ago| later)?"
    r"|(?:in|since|until|by|before|after|every|end of|early|late|last|next|this) "
    rf"(?:the )?(?:{_MONTH}|spring|summer|autumn|winter|christmas|easter)"
    r"|[0-2]?\d[:.][0-5]\d|\d{1,2} ?(?:am|pm|o'clock)|half past|quarter (?:to|past)|noon|midnight"
    r"|at (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"|(?:a|the) (?:day|week|month|year)s? (?:ago|before|after)|recently|just now|earlier)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundred|thousand|million|dozen|half|once|twice|both|several|few|couple|daily|weekly"
    r"|monthly|every)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|to|from|near|on|behind|beside|under|by|inside|into|outside|next to|opposite"
    r"|between|around|through|across|home|here|there|downtown|abroad)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:m[uo]m|mother|dad|father|sister|brother|wife|husband|partner|son|daughter|kids?|aunt"
    r"|uncle|cousin|grand(?:ma|pa|mother|father)|friends?|boss|colleagues?|neighbours?|neighbors?"
    r"|family|teacher|doctor|girlfriend|boyfriend|he|she|they|nurse|coach|mentors?)\b",
    re.IGNORECASE,
)
_TITLES = word_set("mr mrs ms miss dr prof sir")
NOT_NAMES = word_set(
    """
    i the a an and but or so my our your his her their its it we you he she they this that
    these those what which when where who why how yes no not oh ok okay hey hi hello wow well
    then thanks thank great good perfect fine sure also just only both still here there now
    today tomorrow yesterday if in on at to for from with of by as is are was were be do did
    does has have had can could will would should may might must let all some any more most
    one two three four five maybe please sorry never always really very too need ask bought
    sold went got read ran note idea new first last next monday tuesday wednesday thursday
    friday saturday sunday january february march april june july august september october
    november december haha lol yeah yep nope hmm definitely absolutely congrats
    congratulations btw guess
    """
)
_DURATION = re.compile(
    r"\b(?:second|minute|hour|day|week|month|year|decade|night)s?\b|\b(?:since|until|till)\b", re.I
)
_MONEY = re.compile(
    r"[$\u00a3\u20ac]\s?\d|\b\d[\d,.]*\s?k?\b|\b(?:pounds?|dollars?|euros?|free|bucks|pence)\b",
    re.I,
)
_CODE = re.compile(r"\b(?:code|phone|registration|pin|password|postcode|plate|account)\b")
_CODE_AND_DIGITS = re.compile(
    r"\b(?:codes?|number|pin|password|plate|phone|call|account)\b[^.!?]*\d{2}"
    r"|\d{2}[^.!?]*\b(?:codes?|number|pin|password|plate|phone|account)\b",
    re.IGNORECASE,
)
"""A code in the very sentence that speaks of one."""
_AGE = re.compile(
    r"\b(?:years?[ -]old|turn(?:s|ed|ing)? \w+|aged? \d+|(?:is|am|was|i'm|she's|he's) \d{1,2}"
    r"(?=$|[.,;!?]| (?:now|today|and|this|next|years?)\b)"
    r"|\d{1,3}(?:th|st|nd|rd) birthday|thirtieth|fortieth|fiftieth|sixtieth|born (?:in|on)"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)\b",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"\d\s?(?:mm|cm|m|km|ft|in)\b|\b(?:metres?|meters?|miles?|feet|foot|inch(?:es)?|yards?"
    r"|(?:centi|kilo|milli)met(?:re|er)s?)\b|\d['\u2032\"]",
    re.IGNORECASE,
)
_UNITS = {
    "tall": _LENGTH,
    "wide": _LENGTH,
    "deep": _LENGTH,
    "high": _LENGTH,
    "far": re.compile(_LENGTH.pattern + r"|\b(?:minutes?|hours?)\b", re.IGNORECASE),
    "heavy": re.compile(
        r"\d\s?(?:k?g|lbs?|oz|st)\b|\b(?:kilos?|pounds?|grams?|stone|ounces?|tons?|tonnes?"
        r"|kilograms?)\b",
        re.IGNORECASE,
    ),
    "often": re.compile(
        r"\b(?:every|each|once|twice|times|daily|weekly|monthly|yearly|always|never|on \w+days)\b",
        re.IGNORECASE,
    ),
}
_HOW = re.compile(rf"\bhow ({'|'.join(_UNITS)})\b")
_COLOUR = re.compile(
    r"\b(?:red|blue|green|yellow|orange|purple|pink|brown|black|white|gr[ea]y|silver|gold(?:en)?"
    r"|beige|turquoise|violet|navy|teal|cream|crimson|ginger|blond|blonde|maroon)\b",
    re.IGNORECASE,
)


def fit(
    question: Question,
    sentence: str,
    author: str | None,
    names_seen: frozenset[str],
    wanted: float,
) -> float:
    """Return 1 where the sentence holds such a thing, 0 where it does not, 0.5 where all fits.

    `names_seen` are stems of words known to be names: a capital alone says nothing at a
    sentence's beginning. `wanted` is how near the sentence comes to the noun after "which".
    """
    kind = question.kind
    if kind == "time":
        return 1.0 if _TIME.search(sentence) else 0.0
    if kind == "number":
        return _number_fit(question.text.casefold(), sentence)
    if kind == "colour":
        return 1.0 if _COLOUR.search(sentence) else 0.0
    if kind == "any":
        return 0.5 if question.wanted is None else 0.25 + 0.5 * wanted
    if kind == "place":
        is_placed = _PLACE.search(sentence) is not None
        named = _new_names(question, sentence, names_seen)
        return 1.0 if named and is_placed else 0.6 if is_placed or named else 0.1
    if kind == "full name":
        return 1.0 if _has_full_name(question, sentence) else 0.0
    named = _new_names(question, sentence, names_seen)
    if kind == "name":
        if question.wanted is None:  # "the name of her husband": a town is none
            named = [word for word in named if not _is_placed(word, sentence)]
        return 1.0 if named else 0.7 if _begins_with_name(question, sentence) else 0.1
    if any(not _is_placed(word, sentence) for word in named):
        return 1.0
    is_told_by_another = author is not None and stem(author) not in _known(question)
    kin = {stem(found[0]) for found in _KIN.finditer(sentence)} - _known(question)
    return 0.7 if kin else 0.4 if is_told_by_another else 0.0


def has_time(sentence: str) -> bool:
    """Whether a sentence names a time."""
    return _TIME.search(sentence) is not None


def _number_fit(question: str, sentence: str) -> float:
    if not _NUMBER.search(sentence):
        return 0.0
    if "how long" in question:
        return 1.0 if _DURATION.search(sentence) else 0.2
    if _CODE.search(question) and not _CODE_AND_DIGITS.search(sentence):
        return 0.0
    if "how much" in question and not _MONEY.search(sentence):
        return 0.3
    if "how old" in question:
        return 1.0 if _AGE.search(sentence) else 0.2
    measured = _HOW.search(question)
    if measured is not None:
        return 1.0 if _UNITS[measured[1]].search(sentence) else 0.1
    return 1.0


def _known(question: Question) -> set[str]:
    return {word.stem for word in (*question.names, *question.content)}


def _new_names(question: Question, sentence: str, seen: frozenset[str]) -> list[Word]:
    """Return the names in a sentence that the question does not hold."""
    known = _known(question)
    return [
        word
        for word in words_of(sentence)
        if word.is_capital
        and len(word.surface) > 1
        and word.surface.casefold() not in NOT_NAMES
        and word.stem not in known
        and (word.stem in seen or not _is_first(word, sentence))
    ]


def _begins_with_name(question: Question, text: str) -> bool:
    """Whether a sentence begins with a word that may be a name: one that does something."""
    known = _known(question)
    return any(
        _is_first(one, text)
        and one.is_capital
        and one.surface.casefold() not in NOT_NAMES
        and one.stem not in known
        and not other.is_capital
        and other.surface.endswith(("s", "ed"))
        and text[one.stop : other.start] == " "
        for one, other in pairwise(words_of(text))
    )


def _is_first(word: Word, sentence: str) -> bool:
    return sentence[: word.start].rstrip()[-1:] in ("", ".", "!", "?", ":", "(", '"')


def _is_placed(word: Word, sentence: str) -> bool:
    """Whether it follows a word that a place follows: "to Rotterdam"."""
    before = sentence[: word.start].split()[-1:]
    return bool(before) and before[0].casefold() in ("to", "in", "at", "from", "near")


def _has_full_name(question: Question, sentence: str) -> bool:
    known = {word.stem for word in question.names}
    words = words_of(sentence)
    for one, other in pairwise(words):
        if not (one.is_capital and other.is_capital) or sentence[one.stop : other.start] != " ":
            continue
        if one.surface.casefold().rstrip(".") in _TITLES | NOT_NAMES:
            continue
        is_whose = "'s" in question.text or "\u2019s" in question.text
        if not (known and is_whose) or one.stem in known or other.stem in known:
            return True
    return False
