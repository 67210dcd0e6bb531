"""How a clause that states a fact is told as a sentence of its own, and which slot it fills."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.assistant.extract.rules.speakers import Speaker

_ONE_OF_A_KIND = re.compile(
    r"[Mm]y (?:all[- ]time |absolute |personal )?favou?rite (?P<favourite>[\w ]{2,40}?)(?:, | is )|"
    r"favou?rite (?P<of>[a-z]+)$|[Mm]y (?P<bank>bank) is|\b(?P<banks>bank) with|"
    r"\b(?P<drives>drive) |[Mm]y (?:new |current )?(?P<thing>[a-z ]+) is (?:(?:now )?an? |(?:now |"
    r"called )?(?=[A-Z]|\S*[@\d]))|"
    r"(?P<keeps>savings|mortgage|pension)\b"
)
"""Of what a person has one at a time, by the groups' names."""


def slot_of(clause: str) -> str | None:
    """Return the slot of a favourite, a possession or an account, of which only one holds."""
    found = _ONE_OF_A_KIND.search(clause)
    if found is None:
        return None
    if noun := found["favourite"] or found["of"]:
        noun = re.sub(r" (?:these days|right now|at the moment|now|of all time)$", "", noun)
        return (
            None if noun.endswith("s") and not noun.endswith("ss") else f"favourite:{noun.lower()}"
        )
    if found["keeps"]:
        return found["keeps"]
    if found["bank"] or found["banks"]:
        return "bank"
    return "drives" if found["drives"] else f"possession:{found['thing']}"


def statement_of(rule: str, clause: str, name: str | None, speaker: Speaker) -> str:
    """Return what a rule read in a clause as a sentence; `name` is what the rule's entity names."""
    if rule == "name" and name is not None:
        return speaker.state(f"My name is {name}") if speaker.name is None else (
            f"{speaker.name}'s name is {name}."
        )  # fmt: skip
    if re.match(r"[Aa]s an? ", clause):
        return speaker.state("I am" + clause[2:])
    if found := re.match(r"[Mm]y (?:new |current |day )?(?:role|job|position) (?:as|is) ", clause):
        return speaker.state("I work as " + clause[found.end() :])
    if re.match(r"[Mm]y (?:previous|former|old|last) \w+ as ", clause):
        return speaker.state(re.sub(r"^my \w+ \w+ as ", "I used to work as ", clause, flags=re.I))
    if found := re.match(r"[Mm]y ((?:[\w']+ )+degree )(?!is\b|was\b)", clause):
        article = "an" if found[1][:1].lower() in "aeiou" else "a"
        return speaker.state(f"I have {article} {clause[3:]}")
    if rule == "origin" and re.match(r"[Mm]y (?:own |mixed |[A-Z])", clause):
        return speaker.state("I have " + re.sub(r"^[Mm]y (?:own )?", "", clause))
    if rule == "origin":
        clause = clause.replace(", ", " is ", 1) if re.match(r"[Mm]y home \w+,", clause) else clause
    if rule == "favourite" and not re.match(r"[Mm]y ", clause) and name is not None:
        owner = speaker.possessive if speaker.name else "my"
        return f"{name} is {owner} {clause.split(' my ', 1)[1]}."
    if clause.startswith("graduating "):
        return speaker.state("I graduated" + clause[len("graduating") :])
    if rule == "owned":
        thing = re.sub(r"^[Mm]y (?:new |old |trusty )?", "", clause)
        return speaker.state(f"I have {'an' if thing[0] in 'AEIO' else 'a'} {thing}")
    if rule == "reaction":
        return re.sub(r"\bme\b", speaker.name or "me", clause) + "."
    if rule == "favourite" and (found := re.match(r"((?!.* is )[^,]+), ", clause)):
        return speaker.state(f"{found[1]} is {clause[found.end() :]}")
    if rule == "language" and name is not None:
        return (
            f"{name} is {speaker.possessive if speaker.name else 'my'} {clause.split(' my ')[1]}."
        )
    if rule == "health" and re.match(r"[Mm]y ", clause):
        return speaker.state("I have " + clause[3:])
    return speaker.state(clause)
