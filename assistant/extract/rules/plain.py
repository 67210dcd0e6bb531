"""Short statements that somebody makes for their own sake: "I can read Arabic."

A message that is one short sentence about its writer and nothing else was written to be taken
note of. So wider forms are read of it than of what stands among requests, where most of what is
said of oneself is said in passing. Between people the same is small talk, and not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import Claim, mentioned
from memassist.assistant.extract.rules.occupations import OCCUPATION
from memassist.assistant.extract.rules.passages import is_supposed
from memassist.assistant.extract.rules.people import ANIMAL, CLOSE_RELATION
from memassist.assistant.extract.rules.times import TIME, dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker

MOST_WORDS = 14
"""Of a statement that stands alone; longer ones are about something else as well."""
CONFIDENCE = 0.6

_TASTE = re.compile(
    r"^I (?:really |absolutely )?(?:love|adore|like|hate|dislike|detest|loathe|can't stand|avoid|"
    r"prefer|don't (?:like|eat|drink)|never (?:eat|drink)|eat|drink|only (?:eat|drink))\b(?! "
    r"(?:the (?!sea|mountains|countryside|theatre|opera|cinema|outdoors|rain|snow|beach|forest)|"
    r"(?:my|\w+ing)\b))|^I'm (?:mad about|keen on|fond of|hooked on|not a fan of|no fan of|good "
    r"at|bad at|terrible at) |"
    r"^I'd rather have\b"
)
_SELF = re.compile(
    rf"^I(?:'m| am) (?:an? (?!bit\b|little\b|lot\b|beginner|newbie|fan\b|big\b|huge\b|few\b)[\w-]+"
    rf"(?: [\w-]+){{0,4}}$|(?:[\w-]+ ){{0,3}}{OCCUPATION}\b|in an? (?:[\w-]+ )?(?:club|band|choir|"
    r"relationship|wheelchair|league|team|orchestra|union|quartet)|in the (?:army|navy|air force|"
    r"choir|scouts)|insured with|on (?:call|benefits|probation)|recovering from|studying for|"
    r"reading [A-Z]|saving (?:up )?for|related to [A-Z]|doing an? (?:internship|apprenticeship|"
    r"placement|residency|course|degree|master's|PhD))|^I(?:'ve| have) (?:settled|worked|lived|"
    r"played|had an? bad) |^(?:I|[Ww]e) (?:settled|call [A-Z]\w+ home)|^I have an? (?:bad|weak) |"
    r"^I get (?:hay fever|migraines|seasick|car ?sick|headaches|nosebleeds|cold sores)|"
    r"^I(?:'ve| have) been (?:to|in|on) [A-Z]|^I went to (?:school|university|college) in\b|"
    r"^I earn my living|^I stay with my\b|^I spend (?:the|my) \w+s in\b|^I(?:'ve| have) been an? "
    r"(?:[\w-]+ ){1,3}(?:for|since) |^I (?:recently |just )?became an? |^I met my (?:wife|husband|"
    r"partner|best friend)\b|^I have an? (?:[\w-]+ )?(?:account|policy|pension|mortgage|contract|"
    r"membership|card) (?:with|at) [A-Z]|^I can (?:read|speak|play|"
    r"drive|sew|cook|juggle|ski|sail|touch-type|lip-read|fly)\b|^I (?:don't|can't|do not) (?:drive|"
    r"smoke|swim|cook|own|celebrate|speak|have (?:a|an|any) (?:car|pets|children|kids|tv|licence|"
    r"phone))\b"
)
_WAYS = re.compile(
    r"^(?:I|We) (?:usually |always |mostly |normally |only |often |sometimes )?(?:(?:play|paint|"
    r"draw|"
    r"write|fast|go to|get up|wake up|wear|sleep|swim|cycle|walk to|drive|commute|lead|manage|"
    r"captain|own|keep a (?=diary|journal|log|blog)|knit|"
    r"sew|"
    r"bake|cook|grow|breed|sing|dance|meditate|pray|attend|celebrate|observe|rent|share|foster|"
    r"coach|look after|care for|restore|repair|design|translate|collect|subscribe to|belong to|"
    r"work|teach|study|volunteer|speak)\b(?! (?:on|out|well|fine|the second|with)\b)|(?:do|make|"
    r"take|"
    r"read|visit|run|keep) (?!the\b|an?\b|my\b|well|sure|sense|note|care|notes|time|\w+ing\b|up\b|"
    r"into\b|out\b)\w+)|"
    r"^(?:I|We) have (?:(?:an?|two|three|four|five|no|\d+) )?(?:[\w-]+ ){0,2}(?:allotment|garden|"
    r"licen[cs]e|solar panels|swimming pool|balcony|caravan|motorhome|cabin|cottage|holiday home|"
    r"tattoos?|piercings?|stutter|lisp|dimples|freckles|twin|horses?|goats?|bees|chickens|degree|"
    r"diploma|green card|season ticket|blog|channel|stall|greenhouse|treehouse|piano|motorbike|"
    r"electric car|boat|van|lodger|tenants?|au pair|cleaner|scar|prosthesis|wheelchair)\b"
)
_THEIRS = re.compile(
    rf"^(?:My|Our) (?:[\w'-]+ ){{0,2}}?(?:{CLOSE_RELATION}|{ANIMAL}|roommate|flatmate|boss|"
    rf"landlord|landlady|grandparents|"
    rf"eldest|"
    r"youngest|supervisor|best man|godfather|godmother|godson|goddaughter|neighbours|neighbors|ex|"
    r"in-laws|kids|children|office|desk|title|job title|salary|contract|mortgage|pension|flat|"
    r"house|"
    r"home|car|bike|phone|laptop|camera|blood pressure|cholesterol|eyesight|hair|eyes|weight|"
    r"school|"
    r"university|college|church|mosque|temple|synagogue|club|band|choir|licence plate|anniversary|"
    r"locker|insurance|policy|garden|allotment|boat|colou?r|sign)"
    r"(?:, [A-Z]\w+,| [A-Z]\w+)?(?:(?: is| are| was| were|'s) (?:an? (?!mess|pain|joke|disaster|"
    r"problem|"
    r"bit|little|nightmare|lot|bad|good|great)|the (?!best|worst|problem|same|second)|[A-Z\d]|"
    r"from |"
    r"with [A-Z]|in (?:the )?[A-Z]|on the |at (?:university|school|college|uni)|called |named |"
    r"married|"
    r"divorced|retired|buried|high$|low$|senior |junior |head of |purple|blue|green|red|brown|"
    r"black|white|grey|yellow|"
    r"orange)|"
    r" (?:(?:can't|doesn't|don't) (?:eat|drink|drive|like|speak|have)|lives?|works?|has|have|"
    r"comes? from|goes to|studies|plays?|speaks?|died|moved to|owns?|"
    r"runs?|"
    r"teaches|makes|likes|loves|hates|collects|sings|drives) )|"
    r"^[A-Z]\w+, my (?:[\w-]+ )?"
    rf"(?:{CLOSE_RELATION}), (?:is (?:an? |from |in [A-Z])|was born|has|works|lives|plays|loves|"
    rf"hates)\b"
)
_LOOSE = re.compile(
    r"\b(?:it|its|this|that|these|those|them|there|here|one|ones|some|something|stuff|things?|"
    r"you|your|yours|him|her|his|hers|their|too|also|just|definitely|probably|anyway|idea|way|"
    r"how|what|why|when|which|who|better|more|instead|rather than what|now that|please|thanks|"
    r"help|hear|know|try|trying|need|want|different|types?|kinds?|sorts?|ideas?|so|will|tables?|"
    r"databases?|process\w*|quer(?:y|ies)|servers?|code|apps?|scripts?|data|columns?|rows?|"
    r"variables?|"
    r"models?|api|websites?|users?|customers?|clients?|products?|software|files?|functions?|"
    r"errors?|"
    r"tests?|builds?|deadlines?|essay|assignment|homework|today|tonight|tomorrow|currently|lately|"
    r"right now|at the moment)\b|\w+'ll\b|\bin (?:\w+ ){1,2}(?:days|weeks|months|hours|minutes)\b|"
    r"[:()\[\]{}=<>/*]|\.\.|,.*,.*,",
    re.I,
)
"""What needs the conversation, or asks for something."""


def is_alone(sentence: Sentence) -> bool:
    """Whether the owner's message is this one short sentence."""
    item = sentence.item
    return (
        item.kind == "message"
        and item.is_owner
        and item.author is None
        and item.text.strip().rstrip(".!") == sentence.text.strip().rstrip(".!")
        and 3 <= len(sentence.text.split()) <= MOST_WORDS
    )


def plain_in(sentence: Sentence, speaker: Speaker) -> Iterator[Claim]:
    """Yield what a statement that stands alone says of its writer: at most one."""
    text = re.sub(r"[ .!]+$", "", sentence.text)
    if not is_alone(sentence) or _LOOSE.search(text) or is_supposed(text):
        return
    is_taste = _TASTE.match(text) is not None
    is_self = _SELF.match(text) is not None
    is_theirs = _THEIRS.match(text) is not None
    if not (is_taste or is_self or is_theirs or _WAYS.match(text)):
        return
    said_at = sentence.item.occurred_at
    if TIME.search(text):
        if said_at is None:
            return
        text = dated(text, said_at)
    core = "preferences" if is_taste else "people" if is_theirs else "persona" if is_self else None
    yield Claim(
        0,
        len(re.sub(r"[ .!]+$", "", sentence.text)),
        speaker.state(text),
        "taste" if is_taste else "about",
        CONFIDENCE,
        core=core,
        entities=mentioned(text),
    )
