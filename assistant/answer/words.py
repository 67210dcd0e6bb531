"""Words as answering compares them: cut to a stem, so that "went" meets "go" and "boots" "boot".

The stems are for comparing only and are never shown. English; words of other languages compare by
their own spelling less a few endings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[.,:'\u2019-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s?$")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written with spaces."""
    return frozenset(text.split())


def _forms() -> dict[str, str]:
    groups = """
    be am is are was were been being
    go went gone goes going
    do did done does doing
    have had has having
    buy bought / bring brought / think thought / teach taught / catch caught / sell sold
    tell told / say said / pay paid / make made / take took taken / give gave given
    get got gotten / see saw seen / come came / become became / run ran / begin began begun
    break broke broken / speak spoke spoken / write wrote written / drive drove driven
    ride rode ridden / eat ate eaten / fall fell fallen / meet met / leave left / lose lost
    find found / hold held / keep kept / sleep slept / feel felt / send sent / spend spent
    lend lent / build built / sing sang sung / swim swam swum / drink drank drunk / win won
    wear wore worn / choose chose chosen / know knew known / grow grew grown / fly flew flown
    draw drew drawn / throw threw thrown / hear heard / stand stood / fight fought / read reading
    child children kid kids / person people / woman women / man men / foot feet / tooth teeth
    mouse mice / knife knives / wife wives
    mum mom mother mummy mommy / dad father daddy / grandma grandmother / grandpa grandfather
    photo photograph / phone telephone / bike bicycle / fridge refrigerator / flat apartment
    holiday vacation / colour color / favourite favorite
    """
    return {
        form: words[0]
        for group in re.split(r"[/\n]", groups)
        if (words := group.split())
        for form in words
    }


_BASE = _forms()


def _related() -> dict[str, frozenset[str]]:
    groups = """
    live home house flat move unpack settle landlord address reside base rent
    work job boss office employer colleague career hire profession company clinic salary
    study university college degree course school graduate exam
    birthday born turn birth
    marry wedding wife husband spouse engaged fiance anniversary
    parent mum dad
    sibling sister brother
    pet dog cat hamster rabbit puppy kitten
    car drive garage vehicle
    fly flight plane airport airline
    travel trip visit holiday journey go tour
    cost pay price pound dollar euro spend bill fee worth
    buy purchase order get
    ill sick hurt injury sprain fracture pain
    allergic allergy intolerant reaction hives
    medicine tablet pill prescribe drug
    surgery operation surgeon
    eat food meal dinner lunch restaurant cook
    favourite love prefer like enjoy
    phone number call
    hobby enjoy practise play
    exercise run swim yoga gym workout
    child kid son daughter baby
    begin start
    teacher lesson class teach
    win prize award
    """
    found: dict[str, frozenset[str]] = {}
    for group in groups.strip().splitlines():
        stems = frozenset(stem(word) for word in group.split())
        for one in stems:
            found[one] = found.get(one, frozenset()) | stems
    return found


def related(asked: str) -> frozenset[str]:
    """Return stems that speak of the same matter as a stem, itself among them if it is known."""
    return _RELATED.get(asked, frozenset())


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text."""

    surface: str
    """As it stands there, without a possessive ending."""
    stem: str
    start: int
    stop: int
    """Place in the text, half open."""

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.surface[:1].isupper()


def words_of(text: str) -> list[Word]:
    """Return the words of a text in order."""
    found = []
    for match in _WORD.finditer(text):
        surface = _POSSESSIVE.sub("", match[0])
        found.append(Word(surface, stem(surface), match.start(), match.end()))
    return found


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what all forms of a word share, in lower case."""
    plain = word.casefold().replace("\u2019", "'")
    if plain in _BASE:
        return _BASE[plain]
    if not plain.isalpha() or len(plain) < 4:
        return plain
    cut = _without_ending(plain)
    base = _BASE.get(cut, cut)
    return base.removesuffix("e") if len(base) > 3 else base


def _without_ending(word: str) -> str:
    for ending, stays, least in (
        ("ies", "y", 5),
        ("ied", "y", 5),
        ("sses", "ss", 6),
        ("xes", "x", 5),
        ("ches", "ch", 6),
        ("shes", "sh", 6),
        ("ing", "", 6),
        ("ed", "", 5),
        ("ly", "", 6),
    ):
        if word.endswith(ending) and len(word) >= least:
            cut = word[: -len(ending)] + stays
            is_doubled = not stays and len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "lsz"
            return cut[:-1] if is_doubled else cut
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_RELATED = _related()
