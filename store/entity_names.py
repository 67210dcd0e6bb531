"""Which capitalised words can be somebody's or something's name.

A list of people that holds "Monday" and "Computer Science" is not believed. So a name is shown only
where nothing speaks against it: rather one too few than one that is none.
"""

from __future__ import annotations

import re

_NEVER = frozenset(
    """
    i i'm i've a an the this that these those he she they we it you him her his their our your my
    me us them its and but so or if when what who why how where which while because since also
    is are was were be been am can could would should do does did will shall may might must
    oh yes no ok okay hi hey hello thanks thank please any some just maybe actually recently
    lately finally today tomorrow yesterday tonight morning afternoon evening night noon midnight
    weekend week month year day now then later soon once here there everyone everybody someone
    somebody nobody everything something nothing all both each every other another more most
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat
    january february march april june july august september october november december jan feb mar
    apr jun jul aug sep sept oct nov dec spring summer autumn fall winter
    christmas easter halloween thanksgiving hanukkah ramadan eid diwali passover
    valentine's mother's father's bachelor bachelor's master's masters phd mba degree
    mom mum mommy mummy dad daddy grandma grandpa granny nana mother father sister brother aunt
    uncle cousin wife husband son daughter kids family friends team boss
    user assistant human ai system unknown admin administrator anonymous support service
    dear re fwd fw note notes update todo summary question answer step part chapter section
    plan phase level yes/no tbd tba etc gpa lgbtq lgbt covid dna faq pdf usb tv pc id url api
    english french german spanish italian portuguese dutch swedish danish norwegian finnish polish
    russian ukrainian turkish greek chinese japanese korean indian thai vietnamese mexican american
    british canadian australian irish scottish welsh european african asian arabic hebrew latin
    hindi urdu catholic christian muslim jewish buddhist hindu vegan vegetarian
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_MATTERS = frozenset(
    """
    science sciences engineering mathematics maths math physics chemistry biology history geography
    philosophy psychology sociology economics finance accounting marketing business administration
    management programming medicine nursing law literature linguistics art arts music design
    architecture analytics statistics data computer software machine learning intelligence
    education politics theology journalism communications sales operations
    """.split()  # noqa: SIM905 - as above
)
"""What is studied and done. A name made of such words alone names no place: `Data Science`."""
_WORK = frozenset(
    """
    diy home house school college university group team side personal final next last first new old
    big small craft work client pet current main other own same whole thesis capstone open source
    """.split()  # noqa: SIM905 - as above
)
"""What stands before "project" and is no name of one."""
_PROGRAMS = frozenset(
    """
    python java javascript typescript rust golang react angular vue django flask docker kubernetes
    linux ubuntu windows macos android ios iphone ipad excel word powerpoint outlook gmail google
    youtube facebook instagram twitter linkedin whatsapp telegram slack discord zoom notion trello
    spotify netflix amazon paypal github gitlab chatgpt claude siri alexa photoshop figma airbnb
    uber reddit pinterest tiktok etsy ebay
    """.split()  # noqa: SIM905 - as above
)
_ROLES = frozenset(
    "user assistant human ai system unknown admin anonymous me you customer owner".split()  # noqa: SIM905
)
_HAPPENING = re.compile(
    r"\b(?:[Ff]air|[Ff]estival|[Ss]ale|[Cc]onference|[Mm]arathon|[Cc]oncert|[Tt]ournament|"
    r"[Ww]orkshop|[Cc]hampionship|[Ee]xpo|[Pp]arade|[Gg]ala|[Ss]ummit|[Cc]up|Awards?|"
    r"[Pp]arty|[Mm]eeting|[Tt]rivia|[Cc]lass|[Cc]ourse|Challenge|Day|Eve)$"
)
_TITLES = frozenset(("dr", "mr", "mrs", "ms", "miss", "prof", "professor", "sir"))
_FORMS = re.compile(r"[^\W\d_](?:[\w'\u2019&.-]*[\w.])?", re.UNICODE)
_LONGEST_WORDS = {"person": 4, "place": 5, "project": 5, "organisation": 7, "thing": 7}
KINDS = ("person", "place", "project", "organisation", "thing")
"""The kinds there are, the most telling first: of equally many mentions the first kind counts."""
_RELATIVE = re.compile(r"^(?:my|[^\W\d_][\w'\u2019 -]*['\u2019]s?) [a-zé -]+$")
SPELLED = {"mum": "mother", "mom": "mother", "dad": "father"}
"""Short words for relations, and how they are kept."""
_ARTICLE = re.compile(r"^(?:the )?(?:(?:city|town|village|suburbs) of )?(?:the )?", re.I)


def is_telling(kind: str, name: str) -> bool:
    """Whether words can be the name of an entity of that kind.

    No weekdays, months, languages, subjects, programs as places, sentence openings, addresses or
    numbers.
    """
    # "Arcadia, California" is one place, "Ann, Tom" are two people.
    words = (name.replace(", ", " ") if kind == "place" else name).split()
    if not words or len(name) > 60 or len(words) > _LONGEST_WORDS.get(kind, 7):
        return False
    lowered = [re.sub(r"['\u2019]s$", "", word.casefold().rstrip(".,")) for word in words]
    if kind == "place" and lowered[0] == "the":
        words, lowered = words[1:], lowered[1:]
    if not words or lowered[0] in _NEVER or lowered[-1] in _NEVER:
        return False
    if not all(_FORMS.fullmatch(word) or word == "&" for word in words):
        return False
    if not any(word[0].isupper() for word in words) and name.isascii():
        return False
    if kind in ("person", "place") and ("and" in lowered or len(name) < 2):
        return False
    if kind == "person":
        return _is_persons(words, lowered)
    if kind == "place":
        return not (
            all(word in _MATTERS for word in lowered)
            or lowered[0] in _PROGRAMS
            or _HAPPENING.search(name)
            or (name.isupper() and len(name) > 3)
        )
    if kind == "project":
        return not any(word in _MATTERS or word in _WORK for word in lowered)
    return not (kind == "thing" and len(words) == 1 and len(name) < 3)


def _is_persons(words: list[str], lowered: list[str]) -> bool:
    if any(word in _MATTERS or word in _PROGRAMS for word in lowered):
        return False
    if any(word.isupper() and len(word) > 3 for word in words):
        return False
    if any(word in _NEVER for word in lowered) or lowered[-1] in _TITLES:
        return False
    # "First-Class" is none, "Jean-Luc" and "O'Neill" are.
    return not re.search(r"\b(?:First|Second|Third|Self|Non|Pre|Post|All|Half|Full)-", words[0])


def is_author(name: str) -> bool:
    """Whether the author of a message is a person by name: no address, number or program."""
    words = name.split()
    return (
        0 < len(words) <= 4
        and len(name) <= 60
        and all(_FORMS.fullmatch(word) and not re.search(r"\d", word) for word in words)
        and words[0][0].isupper()
        and not (len(words) == 1 and words[0].casefold() in _ROLES)
        and not re.search(r"(?i)\b(?:bot|support|team|service|newsletter|info)$|slackbot", name)
    )


def is_relative(name: str) -> bool:
    """Whether a name says what somebody is to somebody: `Ann's sister`, `my boss`."""
    return _RELATIVE.match(name) is not None


def plain_name(kind: str, name: str) -> str:
    """Return a name without what only leads to it: `the city of Leeds` is Leeds."""
    if kind != "place":
        return name
    return _ARTICLE.sub("", name) if _ARTICLE.match(name).end() > len("the ") else name  # type: ignore[union-attr]  # it matches always


def folded(name: str, owner_names: tuple[str, ...] = ()) -> str:
    """Return the form in which two spellings of a name are one.

    The owner's relations are `my ...`, whether a statement spoke of the owner by name or not.
    """
    plain = " ".join(name.casefold().replace("\u2019", "'").split())
    if _RELATIVE.match(plain):
        plain = re.sub(r"\b(mum|mom|dad)$", lambda found: SPELLED[found[1]], plain)
    for owner in owner_names:
        whose = f"{owner.casefold()}'" if owner.endswith("s") else f"{owner.casefold()}'s"
        if plain.startswith(whose + " "):
            return "my" + plain[len(whose) :]
    return plain
