"""Dated events and plans: "I went to Rome last weekend", "my flight is on 3 May at 9:40".

A sentence becomes an event only with a verb that names something worth dating, an object that
stands alone, and a time that can be placed. The time words are replaced by the date they meant,
since "last weekend" is true for a week only.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import (
    NAME,
    TECHNICAL,
    clause_stop,
    is_name,
    mentioned,
    opens_clause,
)
from memassist.assistant.extract.rules.event_patterns import (
    APPOINTED,
    BETWEEN_PEOPLE,
    CLOSER,
    COMING,
    ELIDED,
    FIXED,
    HOUSEHOLD,
    KIN_EVENT,
    NOTED,
    PATTERNS,
    SCHEDULED,
    TOLD_ELIDED,
)
from memassist.assistant.extract.rules.event_words import (
    BACKGROUND,
    LASTING,
    MILESTONE,
    OCCASION,
    PAPERS,
    SOCIETY,
)
from memassist.assistant.extract.rules.passages import is_supposed
from memassist.assistant.extract.rules.people import CLOSE_RELATION
from memassist.assistant.extract.rules.plain import is_alone
from memassist.assistant.extract.rules.times import TIME, find_times
from memassist.plugins.types import Candidate, EntityMention

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from memassist.assistant.extract.rules.calendar_dates import Direction
    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker
    from memassist.assistant.extract.rules.times import Told

_NAMED = re.compile(rf"(?<![\w'])({NAME})")
_HEADLESS = re.compile(
    r"^(?:some(?! time (?:at|in|with))|something|that|one|ones|so|the same|the other|stuff|such|"
    r"both|mine|his|others?|"
    r"everything|anything|another one|a few|two(?! [a-z]{4,})|more|few|an? places?\b|places|an? "
    r"(?:\w+ "
    r"){0,2}ones?)\b|\b(?:it|them|this|these|those|there|here|him|her(?! (?:\w+ )?(?:sister|"
    r"brother|mom|husband)))\b|\b(?:for|of|about|at|like|to|from|in|on|with) that\b",
    re.I,
)
_SEVERAL_DAYS = re.compile(
    r"\bfrom the \d|\b(?:to|and|until|through|-|\u2013) (?:the )?\d{1,2}(?:st|nd|rd|th)\b"
    r"(?! (?:birthday|century|anniversary|street|floor|grade))"
)
_WHOLE = re.compile(r".* |graduated|retired|married|proposed|resigned")
"""Verbs of life that need no object."""
_ERRAND = re.compile(
    r"\band (?:got|bought|found|scored|picked up|ordered) (?:an?|some|the)\b",
    re.I,
)
_NEGATED = re.compile(r"\b(?:not|never|\w+n't|hardly|barely|neither)\b")
_ORDINARY = re.compile(
    r"^(?:to |at |in |from |back from )?(?:the|a|an|some|my|this|that) (?:[\w'-]+ )?(?:store|shop|"
    r"mall|gym|supermarket|grocery "
    r"store|bank|office|bed|park|market|restaurant|class|movies?)$"
)
LOOK_AHEAD_CHARACTERS = 160
"""How far after a sentence a day that contradicts it is looked for."""
_MATTER = re.compile(
    r"(?<!expected )\b(?:with|about|to|for|regarding)\b(?! (?:last|be)\b| (?:an?|one|two|three|"
    r"\d+) (?:hours?|minutes?)\b)"
)
"""With whom or what about a meeting is, and not how long."""
_PURPOSE = re.compile(
    r"^with (?:Dr|Prof)\b|\b(?:about|regarding|on the|to (?!last|be)\w+|from [A-Z])\b"
)
_RUNNING = frozenset(
    ("lease", "visa", "passport", "deadline", "contract", "license", "licence", "insurance",
     "subscription", "reservation", "membership", "rent", "probation")
)  # fmt: skip
"""What matters while it runs: that it once ended or was due is no event to keep."""
_NOBODYS = re.compile(
    r"(?:(?:an?|the|some) )(?:[a-z-]+ )?(?:wedding|funeral|graduation|reunion|anniversary|birthday|"
    r"baby shower|bridal shower)(?: (?:ceremony|party|dinner|celebration|reception))?$"
)
"""A family occasion of nobody named."""
_CONTINENT = re.compile(
    r"\b(?:(?:(?:South|North|Central|Latin)(?:east|ern)? )?(?:America|Europe|Asia|Africa)|"
    r"(?:South|North|East|West)(?:east|ern)? (?:Europe|Asia|Africa|America))\b"
)
_NAMED_IN = re.compile(r" (?:with|to|at|in) (?:Dr )?[A-Z]")
_OPENING = re.compile(
    r"(?:(?:[Yy]eah|[Yy]ep|[Yy]es|[Oo]h|[Ww]ell|[Ww]ow|[Ww]oah|[Ss]o|[Aa]lso|[Aa]nyway|"
    r"[Aa]ctually|[Hh]ey"
    r"(?: [A-Z]\w+)?|[Bb]y the way|[Gg]uess what)[,!]? (?:- )?)?(?:[Jj]ust )?"
)
_THING = re.compile(
    r"\w{3,}\W(?:.*\W)?\w{3,}|^(?:an?|my|our|the|two|three) (?:\w+ )?[\w-]{4,}|^\w{3,}ing\b"
)
"""What somebody did or made, named well enough to be told apart."""
_PERSONAL = re.compile(r"\b(?:I|[Mm]y|[Ww]e|[Oo]ur)\b")
_OF_A_FIRM = frozenset(("hosting", "presenting", "performing", "participating", "expecting"))
"""What a firm's "we" does in texts that people have rewritten."""
_DIRECTIONS: tuple[Direction, Direction] = ("past", "future")


def events_in(sentence: Sentence, speaker: Speaker, extractor: str) -> Iterator[Candidate]:
    """Yield the dated events and plans of the speaker in the sentence: at most one.

    Needs the item's `occurred_at`, from which relative times are counted.
    """
    text = sentence.text
    is_note = sentence.item.kind == "document" and speaker.is_owner
    is_letter = sentence.item.kind == "message" and sentence.item.author is not None
    is_short = (
        is_alone(sentence) and _NAMED_IN.search(text) is not None and not _PERSONAL.search(text)
    )
    # What a closer pattern turned down of a statement that stands alone stays turned down.
    is_told = is_letter or (
        is_alone(sentence) and not any(one.search(text) for one, *_ in PATTERNS[:CLOSER])
    )
    if (
        sentence.item.occurred_at is None
        or not (
            is_note
            or is_short
            or _PERSONAL.search(text)
            or (speaker.is_owner and HOUSEHOLD.match(text))
            or (TOLD_ELIDED if is_letter else ELIDED).match(text)
        )
        or TIME.search(text) is None
    ):
        return
    for pattern, direction, confidence in PATTERNS:
        if (pattern is NOTED and not is_note and not is_short) or (
            pattern in BETWEEN_PEOPLE and not is_told
        ):
            continue
        for found in pattern.finditer(text):
            event = _event(found, sentence, speaker, extractor, direction, confidence)
            if event is not None:
                yield event
                return


def _event(
    found: re.Match[str],
    sentence: Sentence,
    speaker: Speaker,
    extractor: str,
    direction: Direction,
    confidence: float,
) -> Candidate | None:
    text, item = sentence.text, sentence.item
    assert item.occurred_at is not None
    opening = TIME.match(text, _OPENING.match(text).end())  # type: ignore[union-attr] # matches always
    start = found.start()
    if opening is not None and re.fullmatch(r",? ", text[opening.end() : start]):
        start = opening.start()
    elif not opens_clause(text, start) or (
        found.re in BETWEEN_PEOPLE and text[:start].endswith(("that ", "which ", "when "))
    ):
        return None
    stop = clause_stop(text, start, found.end())
    clause = text[start:stop]
    if re.search(r"\b(?:booked|scheduled|registered|signed up)\b", found["verb"]):
        direction = _booked_direction(clause, item.occurred_at)
    elif found["verb"].startswith("is "):
        # "My brother is getting married on 6 June" tells of the June to come.
        direction = "future"
    times = find_times(clause, item.occurred_at, direction)
    if not times:
        return None
    told = times[0]
    if _SEVERAL_DAYS.search(clause[: told.start] + clause[told.stop :]):
        return None
    if re.search(r"\b(?:from|between|until|till|of|since|the) $", clause[: told.start]) or re.match(
        r"(?: (?:to|until|till|through|and)|,|-) ?(?:the )?\d", clause[told.stop :]
    ):
        # A range, a list or a part of a month: more than one expression can say.
        return None
    after = found.end() - start
    second = clause.find(" and ", max(after, told.stop))
    if second > 0 and _HEADLESS.search(clause[second:]):
        # "I baked a cake on Friday and shared it": what points back tells nothing more.
        clause = clause[:second]
        stop = start + second
    rest = clause[after:]
    if told.start >= after:
        rest = clause[after : told.start] + clause[told.stop :]
    between = clause[after : told.start]
    if re.search(r"\b(?:who|whose|which|that|when|where|I|he|she|we|they)\b", between):
        # The time is that of a clause within: "the lens I got last week".
        return None
    if found["who"].lower() == "we" and found["verb"] in _OF_A_FIRM:
        return None
    if (found["verb"].endswith(("birthday", "anniversary")) and "party" not in rest) or re.match(
        r"my (?:\w+ )?birthday\b(?! \w*(?:party|trip|dinner))", rest.strip()
    ):
        # A birthday comes every year: a fact, which the people rules read.
        return None
    if found["verb"].startswith("planning") and _is_vague_plan(told, rest):
        return None
    if _is_odd_time(told, found.group(), item.occurred_at) or _is_told_otherwise(told, sentence):
        return None
    if (
        is_supposed(clause)
        or _NEGATED.search(clause)
        or (told.when.precision == "year" and found.re in (COMING, APPOINTED, SCHEDULED))
        or not 15 <= len(clause) <= 220
        or not _stands_alone(found, rest)
    ):
        return None
    if told.when.stop < item.occurred_at and (
        found.re in (COMING, APPOINTED, SCHEDULED, NOTED)
        or found.groupdict().get("what") in _RUNNING
    ):
        # What is to come cannot be over.
        return None
    if found.re in (ELIDED, TOLD_ELIDED):
        said = f"I {clause[0].lower()}{clause[1 : told.start]}{told.phrase}{clause[told.stop :]}"
        statement = speaker.state(said)
    elif start < found.start():
        main = speaker.state(clause[found.start() - start :])
        if main.startswith("My "):
            main = main[0].lower() + main[1:]
        statement = f"{told.phrase[0].upper()}{told.phrase[1:]}, {main}"
    else:
        said = clause[: told.start] + told.phrase + clause[told.stop :]
        statement = speaker.state(re.sub(r"\bspent (?:in|on) the\b", "spent the", said))
    entities = mentioned(clause)
    if not speaker.is_owner and speaker.name is not None:
        entities = (EntityMention(speaker.name, "person"), *entities)
        confidence -= 0.1
    places = [mention.name for mention in entities if mention.kind == "place"]
    return Candidate(
        type="episodic",
        text=statement,
        evidence=(sentence.span(start, stop),),
        extractor=extractor,
        confidence=round(confidence, 2),
        fields={
            "actor": speaker.name or ("owner" if speaker.is_owner else None),
            "event_type": "plan" if told.when.start > item.occurred_at else "event",
            "summary": statement,
            "place": places[0] if places else None,
        },
        when=told.when,
        entities=entities,
    )


def _is_odd_time(told: Told, opening: str, written_at: datetime) -> bool:
    """Whether the time told does not suit the words.

    What is planned for the same day is gone tomorrow, and a day of nearly a year ago is not what
    "just" means: its year was guessed wrongly.
    """
    if "planning" in opening and told.when.precision == "day":
        return told.when.start <= written_at and told.when.stop <= written_at + timedelta(days=1)
    is_fresh = re.search(r"\b(?:just|recently)\b", opening) is not None
    return is_fresh and told.when.stop < written_at - timedelta(days=270)


def _is_told_otherwise(told: Told, sentence: Sentence) -> bool:
    """Whether the next sentence gives it another day: "a month ago. I got it on 15 February."."""
    item = sentence.item
    if not told.phrase.startswith("around") or item.occurred_at is None:
        return False
    following = item.text[sentence.start + len(sentence.text) :][:LOOK_AHEAD_CHARACTERS]
    following = re.split(r"[.!?\n]", following.lstrip(" .!"))[0]
    return any(
        exact.when.precision == "day"
        and re.search(r"\b(?:it|that)\b", following[: exact.start]) is not None
        and (exact.when.stop <= told.when.start or told.when.stop <= exact.when.start)
        for exact in find_times(following, item.occurred_at, "past")
    )


def _is_vague_plan(told: Told, rest: str) -> bool:
    """Whether a plan has neither a week to it nor a place or a person: "to Europe next month"."""
    if told.when.stop - told.when.start <= timedelta(days=7):
        return False
    named = [name[1] for name in _NAMED.finditer(_CONTINENT.sub("", rest))]
    return not any(map(is_name, named)) and not re.search(rf"\b{CLOSE_RELATION}\b", rest)


def _booked_direction(clause: str, written_at: datetime) -> Direction:
    """Return whether a booking's date is that of the booking or of what was booked.

    "For" tells the latter; else the nearer of the two dates is the likelier.
    """
    if re.search(r"\bfor (?:the )?(?:next|this|\d|[A-Z]|tomorrow)", clause):
        return "future"
    past, future = (find_times(clause, written_at, way) for way in _DIRECTIONS)
    if not past or not future:
        return "past"
    since, until = written_at - past[0].when.start, future[0].when.start - written_at
    return "past" if since <= until else "future"


def _stands_alone(found: re.Match[str], rest: str) -> bool:
    """Whether what the verb is about is named, and weighty enough for its verb."""
    rest = re.sub(r"\s+", " ", rest).strip(" ,.")
    # "This cute puppy" is told of as if it were there; the puppy is named all the same.
    rest = re.sub(
        r"\bthis (?=(?:cute|adorable|lovely|little|beautiful|amazing|great|new)\b)", "a ", rest
    )
    if _HEADLESS.search(rest) or BACKGROUND.search(rest):
        return False
    if (theirs := re.search(r"\btheir\b", rest)) and not re.search(
        r"[A-Z]", rest[: theirs.start()]
    ):
        return False
    groups = found.groupdict()
    if found["verb"].startswith("moved") and re.match(TECHNICAL, rest):
        return False
    if groups.get("life"):
        return len(rest.split()) >= 2 or _WHOLE.match(found["verb"]) is not None
    if groups.get("what") in ("meeting", "call"):
        return _MATTER.search(rest) is not None
    if found["verb"].startswith("had a ") and re.match(r"with [A-Z][a-z]+(?! and\b)\b", rest):
        # With a first name alone, what is over tells neither who it was nor what for.
        return _PURPOSE.search(rest) is not None
    if found.re in (KIN_EVENT, FIXED, HOUSEHOLD, APPOINTED, NOTED):
        return True
    if found.re in BETWEEN_PEOPLE:
        return _THING.search(rest) is not None and not _ORDINARY.match(rest)
    if re.match(r"joined\b|signed up\b", found["verb"]) and SOCIETY.search(rest):
        return True
    if _ORDINARY.match(rest) or _ERRAND.search(rest) or _NOBODYS.match(rest):
        return False
    named = any(is_name(detail[1] or "?") for detail in _NAMED.finditer(rest)) or '"' in rest
    if groups.get("deed"):
        if re.match(r"(?:bought|purchased|got|received)$", found["verb"]):
            return (named and LASTING.search(rest) is not None) or PAPERS.match(rest) is not None
        is_told = re.match(r"started learning|booked|switched|inherited", found["verb"])
        return LASTING.search(rest) is not None or (is_told is not None and named)
    if found.re is COMING:
        is_kin = re.match(rf"my (?:\w+ )?{CLOSE_RELATION}\b", rest) is not None
        return named or is_kin or OCCASION.search(f"{found['verb']} {rest}") is not None
    return named or MILESTONE.search(f"{found['verb']} {rest}") is not None
