"""Family, friends and pets that a person names: "my sister Maria", "my son Tom is 7".

A name beside "my <relation>" is taken as said, wherever it stands in an assertion, as it is
presupposed there: "I'm meeting my sister Maria" says that Maria is the sister.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import PERSON, Claim, clause_stop, is_name, mentioned
from memassist.assistant.extract.rules.occupations import ROLE
from memassist.assistant.extract.rules.passages import is_supposed
from memassist.assistant.extract.rules.times import dated
from memassist.plugins.types import EntityMention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker

CLOSE_RELATION = (
    r"(?:(?:step|half[- ]|grand|god|great-)?(?:sister|brother|mother|father|mom|mum|dad|son|"
    r"daughter|parents|kids|children|sibling)(?:-in-law)?|grandma|grandpa|granny|nana|wife|"
    r"husband|partner|spouse|girlfriend|boyfriend|fianc[eé]e?|cousin|niece|nephew|aunt|uncle|"
    r"twin(?: sister| brother)?|ex-(?:wife|husband))"
)
OTHER_RELATION = (
    r"(?:best friend|friend|roommate|room ?mate|flatmate|housemate|boss|manager|mentor|colleague|"
    r"co-?worker|neighbou?r|therapist|doctor|dentist|dermatologist|gp|physician|psychiatrist|"
    r"accountant|lawyer|landlord|landlady|teacher|coach|trainer|tutor|advisor|supervisor|"
    r"business partner|hairdresser|vet|assistant|babysitter|nanny)"
)
ANIMAL = (
    r"(?:dog|cat|puppy|kitten|rabbit|bunny|hamster|guinea pig|parrot|parakeet|budgie|bird|horse|"
    r"pony|goldfish|fish|turtle|tortoise|snake|lizard|gecko|ferret|pet|chinchilla|rat|chicken|goat|"
    r"cockatiel|golden retriever|labrador|lab|german shepherd|poodle|beagle|bulldog|corgi|husky|"
    r"dachshund|terrier|spaniel|collie|greyhound|pug|boxer|rottweiler|siamese|tabby|maine coon)"
)
_ANIMAL_NAME = r"[A-Z][a-z]+(?: [A-Z][a-z]+)?"
_DESCRIBED = (
    r"(?:(?:older|elder|eldest|younger|youngest|little|big|baby|twin|new|old|close|good|dear|"
    r"current|former|longtime|high school|college|childhood|school|work|family|primary care|"
    r"\d{1,2}-(?:year|month)-old|other|late|first|second|late|teenage|newborn|adopted|beloved|"
    r"university|office|next-door) )*"
)
_NAMED = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION}|"
    rf"{OTHER_RELATION})"
    rf"(?:(?:'s name)? is (?:called |named )?|, (?:named |called )?| (?:named |called )?)"
    rf"(?P<name>{PERSON})(?P<after>(?: and (?P<second>[A-Z][a-z]+))?)"
)
_REVERSED = re.compile(
    rf"(?:^|[,;:] |\band )(?P<name>{PERSON}) is my (?P<described>{_DESCRIBED})"
    rf"(?P<relation>{CLOSE_RELATION}|{OTHER_RELATION}|{ANIMAL})\b(?!'s)"
)
_PET = re.compile(
    rf"\b(?:[Mm]y(?: (?:two|three|four))?|(?:I|[Ww]e)(?:'ve)? (?:just |recently |also )*"
    rf"(?:have|own|got|adopted) (?:an?|two|another)|and (?:an?|two|my)) "
    rf"(?P<described>(?:(?!(?:and|or|of|with|for|in|at|to|a)\b)[\w-]+ ){{0,4}}?)"
    rf"(?P<relation>(?i:{ANIMAL})s?)(?:(?:'s name)? is (?:called |named )?|"
    rf" are (?:called |named )|, (?:named |called )?| (?:named |called )?)"
    rf"(?P<name>{_ANIMAL_NAME})(?P<after>(?: and (?P<second>[A-Z][a-z]+))?)"
)
_AGED = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION})(?:,? "
    rf"(?P<name>[A-Z][a-z]+),?)? "
    r"(?:is|just turned|turned|is turning|will be) (?P<age>\d{1,3})\b(?: (?:years|months|weeks)(?: "
    r"old)?)?(?=[.,;!]|$| and| now| this| next| last| in)"
)
_AGED_AFTER = re.compile(
    rf"(?:^|[,;:] )(?P<name>[A-Z][a-z]+), my "
    rf"(?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION}),? "
    r"(?:is|just turned|turned|is turning) (?P<age>\d{1,3})\b(?=[.,;!]|$| and| now| this| last| "
    r"yesterday| today)"
)
_OF_THEIRS = (
    rf"\b(?:[Mm]y|[Oo]ur) (?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION}|"
    rf"{OTHER_RELATION}|"
    rf"{ANIMAL})"
    r"(?:,? (?P<name>[A-Z][a-z]+),?)? "
)
_LIVING = re.compile(rf"{_OF_THEIRS}(?:lives (?:in|near)|(?:has )?moved to) [A-Z]\w+")
_WORKING = re.compile(rf"{_OF_THEIRS}(?:works as \w+|is an? {ROLE})")
_EMPLOYED = re.compile(rf"{_OF_THEIRS}works (?:at|for|in) \w+")
_OCCUPIED = re.compile(
    rf"{_OF_THEIRS}(?:"
    r"has (?:been diagnosed with |asthma|diabetes|an? (?:[\w-]+ )?allergy|dementia|"
    r"Alzheimer's|Parkinson's|cancer|autism|ADHD|MS\b|arthritis|epilepsy|dyslexia|coeliac|celiac|"
    r"eczema|"
    r"depression)|used to (?:work|drive|run|teach|own) \w+|"
    r"is (?:currently )?(?:studying|majoring in|training to be|learning) \w+|"
    r"is (?:allergic|intolerant) to \w+|is (?:an? )?"
    r"(?:vegan|vegetarian|diabetic|celiac|autistic|deaf|pregnant))"
)
_FROM = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION})(?:,? "
    r"(?P<name>[A-Z][a-z]+),?)? (?:is|are|was|were) (?:both |all |originally )*from [A-Z]\w+"
)
_BIRTHDAY = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<described>{_DESCRIBED})(?P<relation>{CLOSE_RELATION}|"
    rf"{OTHER_RELATION})(?: "
    rf"(?P<name>[A-Z][a-z]+))?"
    r"(?:'s birthday(?:(?:,? which)? (?:is|'s)(?: coming up)?(?: soon)?,?) (?:on |in )?(?:the )?|"
    r" was born (?:on|in) (?:the )?)"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\b(?! (?:days|weeks|months|years))|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|"
    r"Aug|Sep|Oct|Nov|Dec)\w*\b(?: \d)?)"
)
_COMING_UP = re.compile(r",? (?:which )?(?:is|'s) coming up(?: soon)?,?|,? which (?:is|'s)")
_CHILDREN = re.compile(
    r"\b(?:I have|I've got|[Ww]e have|[Ww]e've got) (?:an? |one |two |three |four |five |six |"
    r"seven |\d )(?:(?:[\w-]+ "
    r"){0,2}?)(?P<whom>kid|child|son|daughter|sister|brother|sibling|grandchild|stepchild|cat|dog|"
    r"niece|nephew|horse|rabbit|chicken|twin)(?:s|ren)?\b(?=$|[.,;!]|'| (?:and|who|aged|that|in|at|"
    r"with|now|from|under|living|of|named|called|already|to|so|but|because|already|together|too)\b)"
)
_CLOSE = rf"{CLOSE_RELATION}|{ANIMAL}"
_PASSING = re.compile(
    r"(?:friend|colleague|co-?worker|neighbou?r|teacher|tutor|coach|trainer|assistant|instructor)"
)
"""Relations that say too little alone: "Alex is my friend" is no memory, a trait of Alex is."""
_ONE_AT_A_TIME = frozenset(
    ("boss", "manager", "wife", "husband", "spouse", "girlfriend", "boyfriend", "landlord",
     "landlady", "dentist", "gp", "doctor", "therapist", "accountant", "lawyer", "hairdresser",
     "vet", "primary care physician")
)  # fmt: skip
"""Whoever is so called next takes the place of the one before; "my late wife" does not."""
_SINGULAR = {"parents", "kids", "children"}


def people_in(sentence: Sentence, speaker: Speaker) -> Iterator[Claim]:
    """Yield the people and pets the sentence names in relation to its speaker."""
    text = sentence.text
    if re.search(r"\b(?:[Mm]y|[Oo]ur|I|I've|[Ww]e|[Ww]e've)\b", text) is None:
        return
    if text.startswith(("If ", "if ", "Imagine ")):
        return
    for found in _NAMED.finditer(text):
        yield from _relation(found, text, speaker, is_pet=False)
    for found in _REVERSED.finditer(text):
        is_pet = re.fullmatch(ANIMAL, found["relation"], re.I) is not None
        yield from _relation(found, text, speaker, is_pet=is_pet)
    for found in _PET.finditer(text):
        owned = re.search(r"\b(?:(?:I|[Ww]e) (?:have|own|got|adopted)|my)\b", text[: found.start()])
        if found.group().startswith("and ") and owned is None:
            continue
        yield from _relation(found, text, speaker, is_pet=True)
    # A person has one age, one home and one birthday, and many traits.
    for pattern, aspect in (
        (_AGED, "age"),
        (_AGED_AFTER, "age"),
        (_LIVING, "home"),
        (_WORKING, "work"),
        (_EMPLOYED, "employer"),
        (_OCCUPIED, None),
        (_FROM, None),
        (_BIRTHDAY, "birthday"),
        (_CHILDREN, "count"),
    ):
        for found in pattern.finditer(text):
            stop = clause_stop(text, found.start(), found.end())
            clause = text[found.start() : stop]
            if is_supposed(text[: found.end()]) or len(clause) > 160:
                continue
            groups = found.groupdict()
            relation = groups.get("relation") or groups.get("whom") or "family"
            who = f"{groups.get('described') or ''}{relation}"
            person = groups.get("name")
            close = pattern is _CHILDREN or re.fullmatch(_CLOSE, relation) is not None
            if not close and person is None:
                continue
            told = _placed(clause, aspect, sentence)
            if pattern is _AGED_AFTER:
                told = re.sub(
                    r"^(?:[,;:] )?(\w+), (my [\w -]+?),? (?=is|just|turned)", r"\2 \1 ", told
                )
            yield Claim(
                found.start(),
                stop,
                speaker.state(told),
                relation,
                0.75,
                slot=f"{who.lower()}:{(person or '').lower()}:{aspect}" if aspect else None,
                core="people" if close else None,
                entities=((EntityMention(person, "person"),) if person else mentioned(clause)),
            )


def _placed(clause: str, aspect: str | None, sentence: Sentence) -> str:
    if aspect == "birthday":
        # ", which is coming up on 3 June, ...": the day is all that lasts of it.
        clause, is_aside = _COMING_UP.subn(" is", clause, count=1)
        clause = clause.partition(",")[0] if is_aside else clause
    said_at = sentence.item.occurred_at
    # A birthday is a day of every year.
    return clause if aspect == "birthday" or said_at is None else dated(clause, said_at)


def _is_kind(found: re.Match[str]) -> bool:
    """Whether animal and name are one name of a kind, as in "my Snake Plant"."""
    written = found["relation"].split()[-1]
    return written[:1].isupper() and found.group().endswith(f"{written} {found['name']}")


def _relation(
    found: re.Match[str], text: str, speaker: Speaker, *, is_pet: bool
) -> Iterator[Claim]:
    relation, described = found["relation"].lower(), found["described"].strip().lower()
    names = [found["name"]]
    if is_pet and (not is_name(names[0]) or _is_kind(found)):
        return
    if second := found.groupdict().get("second"):
        if not relation.endswith("s") and not is_pet:
            # "my sister Ann and Tom": only the first is the sister.
            second = None
        elif is_name(second):
            names.append(second)
    if not all(is_name(name) for name in names):
        return
    if len(names) == 1 and relation in _SINGULAR:
        return
    words = f"{described} {relation}".strip()
    kind = re.sub(r"^(?:(?:new|current|beloved|other|good|dear) )+", "", words)
    if not is_pet and _PASSING.fullmatch(kind):
        return
    stop = found.start("after") + len(" and " + names[1]) if len(names) > 1 else found.end("name")
    joined = " and ".join(names)
    copula = "are" if len(names) > 1 else "is"
    owner = speaker.possessive if speaker.name else "my"
    close = is_pet or re.fullmatch(CLOSE_RELATION, relation) is not None
    yield Claim(
        found.start(),
        stop,
        f"{joined} {copula} {owner} {kind}.",
        relation,
        0.8 if close else 0.65,
        slot=kind if kind in _ONE_AT_A_TIME else f"{relation}:{joined.lower()}",
        core="people" if close else None,
        entities=tuple(EntityMention(name, "thing" if is_pet else "person") for name in names),
        tags=("pet",) if is_pet else (),
    )
