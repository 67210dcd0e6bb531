"""What the closed-slot rules share: the claim, the clause it stands in, and names in text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.passages import is_supposed
from memassist.plugins.types import Candidate, EntityMention
from memassist.store.entity_names import is_telling

if TYPE_CHECKING:
    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker
    from memassist.plugins.types import EntityKind, FieldValue

WORD = r"(?!I\b)(?:[A-Z][\w'&.-]*[\w&]|[A-Z])"
NAME = rf"(?:{WORD})(?:(?: (?:of|de|da|del|la|le|van|von|der|the|and|&))? (?:{WORD}))*"
"""A run of capitalised words: `Leeds`, `University of Mumbai`."""
PERSON = (
    r"(?:(?:Dr|Mrs?|Ms|Prof)\.? )?[A-Z][a-zé]+(?:[-'][A-Z][a-z]+)?(?: [A-Z][a-zé]+(?!\w|'s\b))?"
)
PLACE = rf"(?:the (?:city|town|village|suburbs) of )?{NAME}(?:, {NAME})?"

TECHNICAL = (
    r"(?:Python|Linux|Ubuntu|Windows|[Mm]ac ?OS|Mac|React|Vue|Angular|Postgres\w*|MySQL|Git\w*|"
    r"Notion|Obsidian|Slack|Teams|Discord|AWS|Azure|GCP|Google|Kubernetes|Docker|TypeScript|"
    r"JavaScript|Java|Rust|Go\b|Chrome|Firefox|Safari|iPhone|Android|Spotify|Netflix|Chapter|Part|"
    r"Step|Level|Plan|Phase|Section|Excel|Outlook|Gmail|Trello|Todoist|Asana|VS|Vim|Emacs|Neovim)"
)
"""What people move to that is no place."""

_NOT_NAMES = frozenset(
    (
        "I", "I'm", "I've", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
        "Saturday", "Sunday", "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December", "Christmas",
        "Easter", "Halloween", "And", "But", "So", "The", "This", "That", "He", "She",
        "They", "We", "It", "You", "Her", "His", "Their", "Our", "Your", "If", "When",
        "What", "Who", "Why", "How", "Is", "Are", "Was", "Were", "Can", "Could", "Would",
        "Should", "Do", "Does", "Did", "Will", "Also", "Oh", "Yes", "No", "Ok", "Okay",
        "Hi", "Hey", "Hello", "Thanks", "Thank", "Please", "Any", "Some", "Just", "Maybe",
        "Actually", "Recently", "Lately",
    )
)  # fmt: skip
_CLAUSE_HEAD = re.compile(
    r"(?:^|[,;:\u2013\u2014]|\s-|\b(?:and|but|so|since|because|as|that|while|plus|also|way|now|"
    r"however|actually|yes|yeah|well|honestly|personally|currently|btw|mention|say|remember|"
    r"before (?:this|that)|(?:found out|learn(?:ed|t)|discovered|turns out)(?: (?:recently|"
    r"yesterday|lately))?|"
    r"though|although|hi|hello|hey)\b,?)\s*(?:oh,? |also,? |actually,? |yes,? )*$",
    re.I,
)
_CLAUSE_TAIL = re.compile(
    r"\s*(?:[;()?!\u2013\u2014]| (?=(?:I'm|I've|I'll) )|\s-\s|(?<=\w)- (?=it|I|so|and|but|that)|"
    r"--|,(?: and| but| so| as| since| "
    r"because| which| where| who)? (?:I|I'm|I've|it|it's|we|we're|that|that's|they|he|she|so|but|"
    r"which|because|since|though|although|there|this|my|you|if|how|what|can|do|could|hence|thus|"
    r"however|and (?:I|I'm|I've|it|it's|we))\b| (?:and|but|so|because|since|as|though|although|"
    r"while) (?:I|I'm|I've|I'd|I'll|it|it's|we|we're|we've|that|that's|they|he|she|there|my|am|was|"
    r"were|would|wanted|want|need|is|are|honestly|can't|don't|won't|haven't|never|take|carry|use|"
    r"wear|keep|do|have|work|love|like|go|try)\b|, (?:and )?not\b|,? and (?:seeing|being|"
    r"having|feeling|"
    r"watching|knowing) |,? (?:but|because|which|although|whereas|so "
    r"(?:I|that|it|we|this|any)|so(?= \w+ing\b))\b|,? (?:and|but) (?:honestly|now|also|then|before|"
    r"after)\b)",
    re.I,
)

_LOOSE_END = re.compile(
    r"(?: and (?:had|have|loved|really|am|was|were) .*)?(?:[ ,;:.!-]+(?:and|but|so|or|actually|too|"
    r"as well|though|by the way|lately|recently|and all|you know|haha|lol))*[ ,;:.!-]*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact a rule read off a sentence, before it is a candidate."""

    start: int
    stop: int
    """Where the words that carry it stand in the sentence."""
    text: str
    """The statement, standing alone."""
    name: str
    """What it is about, for people: `home`, `allergy`, `sister`."""
    confidence: float
    slot: str | None = None
    """Also keeps one item from giving two claims about the same thing."""
    core: str | None = None
    """The label of the core memory an owner's claim becomes; None for a semantic memory."""
    entities: tuple[EntityMention, ...] = ()
    tags: tuple[str, ...] = ()


def candidate_of(claim: Claim, sentence: Sentence, speaker: Speaker, extractor: str) -> Candidate:
    """Return the claim as a candidate, core only for the owner's own identity."""
    is_core = claim.core is not None and speaker.is_owner
    fields: dict[str, FieldValue] = (
        {"label": claim.core, "value": claim.text}
        if is_core
        else {"name": claim.name, "summary": claim.text}
    )
    # What somebody else says about themselves is second-hand to the owner.
    confidence = claim.confidence if speaker.is_owner else claim.confidence - 0.2
    slot = claim.slot
    if slot is not None and not speaker.is_owner:
        slot = f"{speaker.subject}:{slot}"
    entities = claim.entities
    if not speaker.is_owner and speaker.name:
        entities = (EntityMention(speaker.name, "person"), *entities)
    return Candidate(
        type="core" if is_core else "semantic",
        text=claim.text,
        evidence=(sentence.span(claim.start, claim.stop),),
        extractor=extractor,
        confidence=round(confidence, 2),
        slot=slot,
        fields=fields,
        entities=entities,
        tags=claim.tags,
    )


def opens_clause(text: str, start: int) -> bool:
    """Whether a clause of the speaker's own begins at `start`, and no supposition comes before."""
    head = text[:start]
    return _CLAUSE_HEAD.search(head) is not None and not is_supposed(head)


def clause_stop(text: str, start: int, least: int) -> int:
    """Return where the clause that holds `start` ends, at `least` or after."""
    tail = _CLAUSE_TAIL.search(text, least)
    stop = tail.start() if tail else len(text)
    trimmed = _LOOSE_END.sub("", text[least:stop])
    return len(text[: least + len(trimmed)].rstrip(" .,;:!"))


def is_name(words: str) -> bool:
    """Whether capitalised words can be a name: no weekday, month or sentence opening."""
    first = words.split()[0] if words.split() else ""
    return bool(first) and first.rstrip(".'") not in _NOT_NAMES and first not in _NOT_NAMES


_ORGANISATION = re.compile(
    r"\b(?:University|College|School|Institute|Inc|Ltd|LLC|Corp\w*|Company|Club|Society|"
    r"Association|Foundation|Hospital|Clinic|Church|Museum|Library|Gallery|Theat(?:er|re)|Group|"
    r"Bank|Agency|Studios?|Cent(?:er|re)|Co-op|Shelter)\b"
)
_MENTION = re.compile(
    rf"\b(?P<word>with|from|for|to|in|at|near|by|and|visit(?:ed|ing)?|met|meeting) "
    rf"(?:my (?:\w+ ){{1,2}}|the |a )?(?P<name>(?:(?:Dr|Mrs?|Ms|Prof)\.? )?{NAME})"
    rf"(?! project\b)"
)
_PROJECT = re.compile(rf"\b(?:(?P<name>{WORD}(?: {WORD})?) project\b|Project (?P<second>{WORD}))")


_NAMED_AFTER = re.compile(
    r" (?!(?:and|or|on|in|at|by|for|from|to|with|of|near|next|last|this|that|during|before|after|"
    r"until|till|since|as|when|where|while|which|who|but|because|so|via|around|about|again|"
    r"today|tomorrow|yesterday|tonight|soon|now|then|once|twice|together|alone|is|was|are|were|"
    r"has|had|will|would|over|a|an|the|my|our|just|early|late|later|every|each|two|three|first|"
    r"than|too|yet|if|it|we|they|he|she|you|there)\b)[a-z]"
)
"""A noun that a name stands before and describes."""


def mentioned(text: str) -> tuple[EntityMention, ...]:
    """Return people, places, organisations and projects that the words around a name give away."""
    mentions: dict[str, EntityMention] = {}
    for found in _PROJECT.finditer(text):
        name = found["name"] or found["second"]
        if is_name(name) and is_telling("project", name):
            mentions[name] = EntityMention(name, "project")
    for found in _MENTION.finditer(text):
        whole = re.sub(r"'s$", "", found["name"])
        if not is_name(whole):
            continue
        is_in_title = text.count('"', 0, found.start("name")) % 2 == 1
        kind = "thing" if is_in_title else _kind(whole, found, text[found.end() :])
        # "Rachel and Mike" are two; "Trinity College and Library" may be one.
        for name in whole.split(" and ") if kind in ("person", "place") else (whole,):
            if is_telling(kind, name):
                mentions.setdefault(name, EntityMention(name, kind))
    return tuple(mentions.values())


def _kind(name: str, found: re.Match[str], after: str) -> EntityKind:
    if _ORGANISATION.search(name):
        return "organisation"
    if found["word"] in ("with", "met", "meeting"):
        return "person"
    if found["word"] in ("in", "to", "near", "visit", "visited", "visiting"):
        # "to Harry Potter trivia" is no way to a place, "to Rome last week" is.
        return "thing" if _NAMED_AFTER.match(after) else "place"
    return "thing"
