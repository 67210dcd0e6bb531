"""What a question asks: about whom, with which telling words, and what kind of thing answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from memassist.assistant.answer.words import Word, stem, word_set, words_of

Kind: TypeAlias = Literal["time", "number", "person", "place", "name", "full name", "colour", "any"]

_ASKING = word_set("what which when where who whose whom why how")
_AUXILIARY = word_set(
    """
    is are was were am be been do does did has have had can could will would should shall may
    might must
    """
)
EMPTY = (
    _ASKING
    | _AUXILIARY
    | word_set(
        """
    a an and any as at about by but for from he her hers him his how i if in into it its me
    mine my of off on or our ours out over she so some than that the their theirs them then
    there these they this those to up us we with you your yours am not no also ever again
    please tell remember know many much often long exactly currently now name names called
    call kind kinds type types sort one ones get got use used want happen happened anything
    something someone somebody there's
    """
    )
)
"""Words that tell nothing of what is asked."""
_NAMES_TOO = word_set("Will May")
"""Names of people, or of a month, where they stand inside a question with a capital."""
_OWNER_WORDS = word_set("i me my mine we us our ours")
_TIME_NOUNS = word_set(
    """
    date day year month week time birthday weekday deadline anniversary hour season
    """
)
_NUMBER_NOUNS = word_set(
    """
    price cost number amount size weight age salary rate budget fee rent height distance
    percentage score total quote estimate code pin temperature pressure speed count payment
    bill
    """
)
_HOW_NUMBER = word_set(
    """
    many much old long far tall heavy big large often high deep fast wide few
    """
)
_PLACE_NOUNS = word_set(
    """
    place city town country village street address location region county state area
    """
)
_NAME_NOUNS = word_set(
    """
    company firm shop store restaurant cafe pub bar hotel school university college bank
    airline hospital clinic agency nursery brand band team club street church theatre museum
    park city town country village book film movie song game app website person teacher doctor
    """
)
KIND_NOUNS = _TIME_NOUNS | _NUMBER_NOUNS | _PLACE_NOUNS
"""Words that say which kind of answer is wanted, and not of what."""
_FULL_NAME = frozenset({"surname", "last name", "first name", "full name", "family name"})


MOST_WORDS = 40
"""Telling words that are looked at, of each kind; a question has fewer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart."""

    text: str
    kind: Kind
    names: tuple[Word, ...]
    """Who and what it names: capitalised words."""
    content: tuple[Word, ...]
    """The other telling words, without the one that only says the kind of answer."""
    wanted: Word | None
    """The noun right after what or which, such as "instrument": an answer seldom repeats it."""
    is_past: bool
    """Whether it asks for what has happened: an item's own time can then be the answer."""
    is_about_owner: bool
    """Whether it says I, my, we or our."""


def parse(text: str) -> Question:
    """Take a question apart."""
    words = words_of(text)
    lower = [word.surface.casefold() for word in words]
    asking = next((place for place, word in enumerate(lower) if word in _ASKING), None)
    wanted_place = _wanted(lower, asking)
    kind = _kind(text, lower, asking, wanted_place)
    names, content = [], []
    for place, word in enumerate(words):
        is_person = place > 0 and word.surface in _NAMES_TOO
        if (lower[place] in EMPTY and not is_person) or place == wanted_place:
            continue
        if asking is not None and place == asking + 1 and lower[place] in _HOW_NUMBER:
            continue
        if kind == "full name" and lower[place] in {"surname", "first", "last", "full", "family"}:
            continue
        is_start = place == 0 or text[: word.start].rstrip()[-1:] in (".", "!", "?", ":")
        if word.is_capital and not (is_start and asking != 0 and place == 0 and len(words) > 1):
            names.append(word)
        else:
            content.append(word)
    if not content and wanted_place is not None:
        content.append(words[wanted_place])
    return Question(
        text=text,
        kind=kind,
        names=tuple(_distinct(names)[:MOST_WORDS]),
        content=tuple(_distinct(content)[:MOST_WORDS]),
        wanted=None if wanted_place is None else words[wanted_place],
        is_past=any(word in ("did", "was", "were", "had", "has", "have") for word in lower),
        is_about_owner=any(word in _OWNER_WORDS for word in lower),
    )


def _wanted(lower: list[str], asking: int | None) -> int | None:
    """Return the place of the head noun after what, which or whose."""
    if asking is None or lower[asking] not in ("what", "which", "whose"):
        return None
    place = asking + 1
    while place < len(lower) and lower[place] not in _AUXILIARY and place - asking <= 4:
        place += 1
    is_bounded = place < len(lower) and lower[place] in _AUXILIARY
    if not is_bounded:
        return asking + 1 if asking + 1 < len(lower) else None
    head = place - 1
    return head if head > asking and lower[head] not in ("kind", "type", "sort") else None


def _kind(text: str, lower: list[str], asking: int | None, wanted: int | None) -> Kind:
    if asking is None:
        return "any"
    if any(phrase in " ".join(lower) for phrase in _FULL_NAME):
        return "full name"
    word = lower[asking]
    following = lower[asking + 1] if asking + 1 < len(lower) else ""
    direct: dict[str, Kind] = {
        "when": "time", "where": "place", "who": "person", "whom": "person", "whose": "person",
    }  # fmt: skip
    if word in direct:
        return direct[word]
    if word == "how":
        return "number" if following in _HOW_NUMBER else "any"
    if word == "why":
        return "any"
    if "name" in lower or "names" in lower or "called" in lower:
        return "name"
    noun = lower[wanted] if wanted is not None else _subject_noun(lower, asking)
    for nouns, kind in _NOUN_KINDS:
        if noun in nouns or stem(noun) in {stem(one) for one in nouns}:
            return kind
    return "any"


_NOUN_KINDS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset({"colour", "color"}), "colour"),
    (_TIME_NOUNS, "time"),
    (_NUMBER_NOUNS, "number"),
    (_PLACE_NOUNS, "place"),
    (_NAME_NOUNS, "name"),
)


def _subject_noun(lower: list[str], asking: int) -> str:
    """Return the noun of "what is (the, my, Ann's) NOUN (of, for ...)"."""
    rest = lower[asking + 1 :]
    if not rest or rest[0] not in ("is", "was", "are", "were", "'s"):
        return ""
    phrase: list[str] = []
    for word in rest[1:]:
        if word in ("of", "for", "from", "in", "at", "on", "to", "with", "that", "which", "like"):
            break
        phrase.append(word)
    return phrase[-1] if phrase else ""


def _distinct(words: list[Word]) -> list[Word]:
    return list({word.stem: word for word in words}.values())
