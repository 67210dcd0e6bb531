"""Whom a sentence is about: who says it, who is spoken to, or somebody it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.answer.fit import NOT_NAMES
from memassist.assistant.answer.words import stem, word_set

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from memassist.assistant.answer.words import Word

_FIRST_PERSON = word_set("i me my mine we us our ours i'm i've i'd i'll we're we've we'll myself")
_SECOND_PERSON = word_set("you your yours you're you've you'll you'd yourself")
_PRONOUNS = word_set("he she they him her hers his them their theirs it its he's she's they're")
_GREETINGS = word_set(
    """
    hey hi hello thanks thank you wow oh yeah yes yep no nope congrats congratulations sorry
    welcome well ok okay sure bye great nice cool awesome absolutely exactly totally and but so
    """
)
_OPENINGS = word_set("the this that these those there it its a an")
_STATES = word_set(
    """
    is was has had will would does did can could went got said says told isn't wasn't
    doesn't didn't
    """
)


@dataclass(frozen=True, slots=True)
class Told:
    """Words, who said them, and what was said around them."""

    text: str
    words: tuple[Word, ...]
    author: str
    """Empty for a memory and where nobody is named."""
    author_before: str
    """Who spoke just before; empty for nobody."""
    near: frozenset[str]
    """Stems of the sentences beside it, the title, and of what its speaker said or was asked
    just before."""
    heard: frozenset[str]
    """Stems of what somebody else had told just before."""
    far: frozenset[str]
    """Stems of what was said before that."""
    is_asker: bool
    """Whether the person who asks said it."""


def name_stems(name: str) -> frozenset[str]:
    """Return the stems of a name's parts."""
    return frozenset(stem(part) for part in name.split())


def how_surely_about(
    name: str, told: Told, owner: Collection[str], speakers: Collection[str]
) -> float:
    """Return how surely a sentence tells of the person or thing with the stem `name`, 0 to 1.

    `owner` are stems of the asking person's names, `speakers` of all who speak in what was found:
    what one of them says of themselves is seldom about another, whose name may stand there only
    because they are spoken to.
    """
    surfaces = {word.surface.casefold().replace("\u2019", "'") for word in told.words}
    is_first_person = not surfaces.isdisjoint(_FIRST_PERSON)
    is_second_person = not surfaces.isdisjoint(_SECOND_PERSON)
    is_of_another = not surfaces.isdisjoint(_PRONOUNS)
    if (name in owner and told.is_asker) or name in name_stems(told.author):
        if is_first_person:
            return 1.0
        if is_second_person:
            return 0.3
        is_of_a_thing = told.words[0].surface.casefold() in _OPENINGS if told.words else False
        return 0.5 if is_of_another or is_of_a_thing else 0.8
    is_speaker = name in speakers and bool(told.author)
    places = [word for word in told.words if word.stem == name]
    if places and not (is_speaker and all(_is_addressed(word, told.text) for word in places)):
        return 0.8 if is_speaker and is_first_person else 1.0
    is_spoken_to = bool(places) or name in name_stems(told.author_before)
    if is_speaker and is_spoken_to:
        return (0.2 if is_first_person else 0.6) if is_second_person else 0.1
    if name in told.near or name in told.heard:
        if is_speaker:
            return 0.1 if is_first_person else 0.5 if is_of_another else 0.3
        return 0.7 if is_of_another or not is_first_person else 0.4
    if is_spoken_to:
        return 0.5 if is_second_person else 0.1
    is_still_meant = name in told.far and not is_first_person
    return 0.4 if is_still_meant and (is_of_another or not is_speaker) else 0.0


def is_anothers(told: Told, asked: Collection[str], names: Collection[str]) -> bool:
    """Whether a sentence gives something to somebody of `names` whom the question does not name.

    "Ann's cake was late" and "Ann is 84": both tell of Ann.
    """
    return any(
        word.is_capital
        and word.stem in names
        and word.stem not in asked
        and word.surface.casefold() not in NOT_NAMES
        and not word.surface.startswith(("I'", "I\u2019"))
        and _is_owner_or_subject(number, told)
        for number, word in enumerate(told.words)
    )


def is_a_relatives(told: Told, asked: Collection[str]) -> bool:
    """Whether the asking person's sentence is about their sister, boss or friend alone.

    "My sister Maria lives in Hull" tells of her, "my sister and I moved" of both. `asked` are stems
    of the question, which may ask for the sister.
    """
    found = _RELATIVES.match(told.text) if told.is_asker else None
    if found is None or stem(found["who"]) in asked:
        return False
    return _SUBJECT_I.search(told.text) is None


_RELATIVES = re.compile(
    r"(?:and |but |so )?my (?:\w+ )?(?P<who>sister|brother|mum|mom|mother|dad|father|parents|wife"
    r"|husband|partner|son|daughter|aunt|uncle|cousin|nephew|niece|friend|boss|colleague|neighbour"
    r"|neighbor|girlfriend|boyfriend|grand\w+|gran|(?:\w+-in-law))\b",
    re.IGNORECASE,
)
_SUBJECT_I = re.compile(r"\b(?:I|we|We)\b")


def _is_owner_or_subject(number: int, told: Told) -> bool:
    word = told.words[number]
    if told.text[word.start + len(word.surface) :][:2] in ("'s", "\u2019s"):
        return True
    following: Sequence[Word] = told.words[number + 1 : number + 2]
    return any(
        one.surface.casefold().replace("\u2019", "'") in _STATES
        and told.text[word.stop : one.start] == " "
        for one in following
    )


def _is_addressed(word: Word, text: str) -> bool:
    """Whether a name stands as it does in "Hey Ann!", "Ann, look" and "that is great, Ann"."""
    before, after = text[: word.start].rstrip(), text[word.stop :].lstrip()
    is_alone_after = not after[:1].isalnum() and after[:1] not in ("'", "(", "\u2019", "&")
    if text[word.start + len(word.surface) : word.stop]:
        return False
    if before[-1:] in ("", *",!.?\u2026-"):
        return is_alone_after or "you" in after.casefold().split()[:2]
    last = before.split()[-1].casefold().strip(",!.")
    return is_alone_after and last in _GREETINGS
