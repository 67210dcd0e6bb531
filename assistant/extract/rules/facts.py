"""Closed slots a person fills about themselves: name, home, work, education, health, diet ...

Each rule is one pattern that must open a clause of the speaker's own. The statement is the clause
itself, restated about the speaker, so that nothing is claimed that was not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import (
    NAME,
    PLACE,
    TECHNICAL,
    Claim,
    clause_stop,
    is_name,
    mentioned,
    opens_clause,
)
from memassist.assistant.extract.rules.occupations import ROLE
from memassist.assistant.extract.rules.passages import is_supposed
from memassist.assistant.extract.rules.times import TIME, dated
from memassist.plugins.types import EntityMention

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker

_AM = r"I(?:'m| am)(?: (?:currently|actually|also|now|still|originally|a bit|very|really|quite))*"
_HAVE = r"I(?:'ve| have)(?: (?:also|just|recently|always|actually|now|only|finally))*"
_I = r"I(?: (?:currently|actually|also|now|still|mostly|mainly|only|just|recently|already))*"
_LANGUAGE = (
    r"(?:English|Spanish|French|German|Italian|Portuguese|Mandarin|Cantonese|Chinese|Japanese|"
    r"Korean|Arabic|Hindi|Urdu|Bengali|Punjabi|Tamil|Turkish|Russian|Ukrainian|Polish|Czech|Dutch|"
    r"Swedish|Norwegian|Danish|Finnish|Greek|Hebrew|Persian|Farsi|Vietnamese|Thai|Indonesian|"
    r"Malay|Swahili|Welsh|Irish|Catalan|Romanian|Hungarian|Tagalog|ASL|sign language)"
)
_CONDITION = (
    r"(?:(?:type [12] |seasonal |chronic |severe |mild |food |nut |peanut |dust |pollen |gluten |"
    r"dairy |lactose |generalized |clinical |high |low )*(?:asthma|diabetes|allerg(?:y|ies)|eczema|"
    r"psoriasis|migraines?|anxiety disorder|depression|adhd|add|ptsd|ocd|arthritis|hypertension|"
    r"blood pressure|cholesterol|ibs|celiac(?: disease)?|coeliac(?: disease)?|crohn's(?: disease)?|"
    r"hypothyroidism|endometriosis|pcos|epilepsy|insomnia|sleep apn(?:o)?ea|dyslexia|autism|"
    r"intolerance|fibromyalgia|sciatica|tinnitus|anaemia|anemia|cancer|lupus|gout|back pain|"
    r"acid reflux|gerd|heart condition|vertigo|sinusitis|dandruff|rosacea|knee pain))"
)
_MEDICINE = (
    r"(?:medication|antidepressants?|insulin|statins?|blood thinners?|birth control|antibiotics|"
    r"antihistamines?|beta[- ]blockers?|painkillers|ibuprofen|aspirin|vitamins?|supplements?|"
    r"pills?|tablets|\d+ ?mg|\w+(?:pril|statin|formin|oxetine|prazole|sartan|olol|cillin|"
    r"thyroxine))"
)
_DIET = r"(?:vegan|vegetarian|pescatarian|flexitarian)"
_RESTRICTION = r"(?:gluten[- ]free|dairy[- ]free|keto|halal|kosher|teetotal|plant-based|paleo)"
_FOOD = (
    r"(?:meat|pork|beef|fish|seafood|shellfish|dairy|gluten|eggs?|nuts|peanuts|sugar|wheat|"
    r"red meat|chicken|cheese|milk|bread|mushrooms|cilantro|onions?|garlic|soy|spicy food|lamb)"
)
_DRINK = r"(?:alcohol|coffee|milk|caffeine|soda|wine|beer|tea)"
_HABIT = (
    r"(?:take|book|order|buy|choose|prefer|wear|sit|drink|eat|carry|travel|fly|stay|bring|pay|"
    r"avoid|sleep|cook|drive|shop|ask for|go for|get an? (?:window|aisle)|request|reserve|walk|"
    r"cycle|bike|listen to|read)"
)
_DEGREE = (
    r"(?:(?:bachelor|master|associate)(?:'?s)?(?: degree)?|ph\.?d|doctorate|mba|bsc|msc|ba|ma|"
    r"b\.a\.|m\.a\.|b\.s\.|m\.s\.|(?:\w+ )?degree|law degree|diploma|certificate)"
)
_THING = (
    r"(?:car|camera|bike|bicycle|guitar|piano|keyboard|laptop|phone|tablet|watch|motorcycle|"
    r"truck|van|boat|drone|telescope|violin|printer|console|e-reader|headphones|tent|grill|smoker|"
    r"sewing machine|treadmill|tv|smart ?watch|fitness tracker|vacuum|blender|stand mixer|kayak)"
)
_DURATION = (
    r"for (?:about |around |over |almost |nearly |more than |the past |the last |at least )*"
    r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|several|"
    r"a few|a couple of|many) (?:and a half )?(?:years?|months?|decades?)"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern that opens a clause, and what a clause of it is about."""

    name: str
    pattern: re.Pattern[str]
    confidence: float
    slot: str | None = None
    core: str | None = None
    negative: bool = False
    """Whether the claim itself is a negation ("I don't eat meat")."""
    is_presupposed: bool = False
    """Whether the words claim it anywhere in a sentence: "in my role as a nurse I ..."."""
    whole: bool = True
    """Whether the statement is the whole clause; else only what the pattern matched."""
    entity: Literal["place", "organisation", "person", "thing"] | None = None
    """What the group `entity` of the pattern names."""


def _rule(name: str, pattern: str, confidence: float = 0.8, **rest: object) -> _Rule:
    return _Rule(name, re.compile(rf"(?<![\w'])(?:{pattern})"), confidence, **rest)  # type: ignore[arg-type] # keywords of _Rule


_RULES: tuple[_Rule, ...] = (
    _rule("name", rf"[Mm]y (?:full )?name(?: is|'s) (?P<entity>{NAME})|(?:I go by|[Cc]all me) "
          rf"(?P<entity2>{NAME})", 0.9, slot="name", core="persona", whole=False, entity="person"),
    _rule("home", rf"{_I} (?:live|reside) (?:just |right )?(?:in|near|at|outside|on) "
          rf"(?P<entity>{PLACE})", 0.85, slot="home", core="persona", entity="place"),
    _rule("home", rf"(?:{_AM}|{_HAVE} been) (?:living|based|located|residing) (?:in|near|at|out "
          rf"of) "
          rf"(?P<entity>{PLACE})", 0.85, slot="home", core="persona", entity="place"),
    _rule("home", rf"(?:{_I}|{_HAVE}) (?:moved|relocated) (?:here |back |over |house )?"
          rf"(?:from [\w ,]+? )?(?:to|into) (?!{TECHNICAL})(?P<entity>{PLACE})(?! \d)", 0.85, slot=
                "home",
          core="persona", entity="place"),
    _rule("home", rf"{_HAVE} lived in (?P<entity>{PLACE})", 0.85, slot="home", core="persona",
          entity="place"),
    _rule("past home", rf"I used to live in (?P<entity>{PLACE})", 0.8, entity="place"),
    _rule("home", r"[Mm]y (?:home |new |postal )?address is (?P<entity>\d*[\w ,.-]+)", 0.85,
          slot="address", core="persona", entity="place"),
    _rule("origin", rf"{_AM} from (?P<entity>{PLACE})|[Mm]y home ?town is (?P<entity2>{PLACE})",
          0.8, slot="origin", core="persona", entity="place"),
    _rule("origin", rf"I was born in (?P<entity>{PLACE})", 0.85, slot="birthplace",
          core="persona", entity="place"),
    _rule("origin", rf"I (?:grew up|was raised|was born and raised) in (?P<entity>{PLACE})", 0.8,
          core="persona", entity="place"),
    _rule("household", rf"(?:{_I} live|{_AM} living) (?:alone\b|by myself\b|with (?:my|two|three|"
          r"an?)\b|in an? (?:[\w-]+ ){0,4}(?:apartment|flat|house|studio|condo|cottage|dorm|"
          r"townhouse|loft|bungalow|home)\b)", 0.7, slot="household"),
    _rule("household", rf"(?:{_I} (?:share|rent|own)|{_AM} renting) an? (?:[\w-]+ ){{0,4}}"
          r"(?:apartment|flat|house|studio|condo|cottage|townhouse|home)\b", 0.7),
    _rule("work", rf"(?:{_I} work|{_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?as "
          r"(?:an?|the) ", 0.8, slot="occupation", core="persona"),
    _rule("work", rf"(?:{_I} work|{_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?"
          r"(?:for|at|by) (?=[A-Z])", 0.8, slot="employer", core="persona"),
    _rule("work", rf"(?:{_I} work|{_AM} working) (?:(?:full|part)[- ]time )?(?:at an? |for an? |in "
          r"(?:the )?[\w&/ -]{2,40}?(?:industry|sector|field|department|business)\b|in (?:tech|"
          r"finance|marketing|sales|hr|healthcare|retail|education|it|insurance|real estate|"
          r"construction|hospitality|law|logistics)\b|from home)", 0.8, core="persona"),
    _rule("work", rf"{_AM} an? {ROLE}", 0.8, slot="occupation", core="persona"),
    _rule("work", rf"[Aa]s an? {ROLE}(?:(?: at| for| in) [\w&' -]+)?(?=, I (?!want|need|can\b|"
          rf"should|would|expect|must|am able|will)\w)", 0.6,
          slot="occupation", core="persona", whole=False),
    _rule("work", r"[Mm]y (?:day )?job (?:is (?:an? |as )|as an? )[\w/ -]+", 0.75,
          slot="occupation", core="persona"),
    _rule("work", r"[Mm]y employer is [\w&. -]+", 0.8, slot="employer", core="persona"),
    _rule("work", rf"[Mm]y (?:new |current )?(?:role|job|position) (?:as|is) (?:an? |the )?{ROLE}",
          0.75, slot="occupation", core="persona", whole=False, is_presupposed=True),
    _rule("work", rf"{_I} teach (?!my\b|them\b|him\b|her\b)[\w ,&-]{{3,}}", 0.75, core="persona"),
    _rule("work", rf"(?:{_I}|{_HAVE}) (?:got|been|was) (?:promoted|hired|appointed) "
          rf"(?:to|as) (?:an? |the )?{ROLE}|(?:{_I}|{_HAVE}) (?:started|accepted|got|landed) (?:a|"
          r"my) (?:new )?(?:job|position) as [\w ]+", 0.8, slot="occupation", core="persona"),
    _rule("work", rf"(?:{_I}|{_HAVE}) (?:(?:got|been|was) (?:hired by|promoted (?:to|at))|"
          r"(?:started|accepted|got|landed) (?:a|my) (?:new )?(?:job|position) (?:at|with|in)) "
          r"[\w ]+", 0.8, core="persona"),
    _rule("past work", r"[Mm]y (?:previous|former|old|last) (?:role|job|position|career) "
          rf"(?:as|was) (?:an? )?{ROLE}(?: at (?:an? |the )?"
          r"(?:(?!and\b|so\b|but\b)[\w&'-]+ ?){1,3})?", 0.75, whole=False, is_presupposed=True),
    _rule("past work", r"I used to (?:be|work as) an? [\w -]+|I worked (?:as an? |at (?=[A-Z])|for "
          r"(?=[A-Z]))", 0.75),
    _rule("business", rf"{_I} (?:run|own|co-own|founded|co-founded|started|manage) (?:an?|my own|"
          r"the|my) (?:[\w'-]+ ){0,4}(?:business|company|shop|store|studio|restaurant|agency|"
          r"startup|start-up|bakery|farm|café|cafe|salon|blog|podcast|channel|practice|"
          r"consultancy|firm|non-?profit|club|band)\b", 0.75),
    _rule("education", rf"(?:{_I}|{_HAVE}) graduated (?:from|with|in)\b|{_I} (?:have|hold|earned|"
          rf"received|completed|got) (?:an?|my) (?:[\w'-]+ ){{0,3}}?(?i:{_DEGREE}) (?:in|from|"
          rf"of)\b|"
          r"I (?:majored|minored) in [A-Za-z]+|I studied [\w ]+ (?:at|in)\b", 0.8),
    _rule("education", rf"{_AM} (?:studying [\w ,&-]{{3,}} at|(?:majoring|minoring) in|pursuing "
          rf"(?:an?|my) |(?:doing|working on|completing|finishing) (?:an?|my) (?:[\w'-]+ "
          rf"){{0,2}}?(?i:{_DEGREE})\b|an? (?:[\w-]+ ){{0,3}}(?:student|undergrad(?:uate)?|"
          r"PhD candidate) (?:at|in|studying)\b|enrolled in)", 0.8, slot="studies"),
    _rule("allergy", rf"{_AM} (?:severely |highly |mildly |deathly )?(?:allergic|intolerant) to "
          r"[\w ,-]+", 0.9, core="persona"),
    _rule("health", rf"(?:{_I} (?:have|suffer from|live with|struggle with)|{_HAVE} (?:got|had)|"
          rf"{_AM} (?:living|dealing) with) (?:an? |the )?(?i:{_CONDITION})\b|(?:{_I} was|{_HAVE} "
          rf"been|I got) diagnosed with |{_AM} (?:diabetic|asthmatic|lactose intolerant|colou?r "
          rf"?blind|"
          r"dyslexic|autistic|pregnant|hypertensive|left-handed|deaf|hard of hearing|"
          r"short-sighted|anaemic|anemic)\b|"
          rf"{_I} have an? (?:[\w-]+ )?(?:allergy|intolerance|sensitivity) to ", 0.85,
          core="persona"),
    _rule("health", rf"[Mm]y (?i:{_CONDITION})\b(?= (?:has|is|was|flares?|acts?|gets?))", 0.7),
    _rule("medication", rf"(?:{_I} take|{_AM} (?:taking|on)) (?:[\w-]+ ){{0,4}}?{_MEDICINE}\b|{_I} "
          rf"take (?:[\w-]+ ){{1,4}}for my (?:[\w-]+ )?(?i:{_CONDITION})|[Mm]y (?:medication|"
          r"prescription) is ", 0.75),
    _rule("diet", rf"(?:{_AM}|{_HAVE} been|{_HAVE} (?:gone|turned|become)|{_I} (?:went|turned|"
          rf"became)) (?:an? )?(?:strict |lifelong )?(?i:{_DIET})\b(?! (?:recipe|option|meal))",
          0.85, slot="diet", core="preferences"),
    _rule("diet", rf"(?:{_AM}|{_HAVE} been) (?:an? )?(?:strict |strictly )?(?i:{_RESTRICTION})\b"
          rf"(?! (?:recipe|option|meal))|(?:{_I} (?:follow|keep|stick to)|(?:{_AM}|{_HAVE} been) "
          r"(?:following|keeping to|on)) an? (?:[\w-]+ ){0,2}diet\b", 0.85, core="preferences"),
    _rule("diet", rf"I (?:really )?(?:don't|do not|can't|cannot|never) (?:eat|have|consume|"
          rf"tolerate) (?:any )?{_FOOD}\b|I (?:don't|do not|can't|never) drink (?:any )?{_DRINK}\b|"
          r"I (?:don't|do not) drink(?=[.,]|$)", 0.8, core="preferences", negative=True),
    _rule("birthday", r"[Mm]y birthday(?: is|'s) (?:on |in )?(?:the )?(?:[A-Z]\w+ \d|\d|[A-Z]\w+)"
          r"|I was born (?:on|in) (?:the )?(?:\d|[A-Z]\w+ \d)", 0.85, slot="birthday",
          core="persona"),
    _rule("age", rf"{_AM} \d{{1,2}}(?: years old\b| yrs old\b|(?=[,.;]|$| and| now))", 0.75,
          slot="age", core="persona", whole=False),
    _rule("age", rf"(?:{_I}|{_HAVE}) turn(?:ed|ing) \d{{1,2}}\b|{_AM} turning \d{{1,2}}\b|"
          rf"{_I} celebrated my \d+(?:st|nd|rd|th) birthday", 0.75, slot="age", core="persona"),
    _rule("language", rf"{_I} speak (?:fluent |some |a (?:little|bit of) |both )?{_LANGUAGE}\b|"
          rf"{_AM} (?:fluent|bilingual|conversational|a native speaker) (?:in|of) {_LANGUAGE}\b|"
          rf"[Mm]y "
          rf"(?:native|first|mother) (?:language|tongue) is {_LANGUAGE}\b", 0.85, core="persona"),
    _rule("language", rf"(?:{_AM}|{_HAVE} been) (?:learning|studying|taking) {_LANGUAGE}\b", 0.7),
    _rule("status", rf"{_AM} (?:married|engaged|divorced|widowed|separated|single)\b(?! (?:in|"
          r"with my work)\b)", 0.8, slot="marital status", core="people"),
    _rule("status", rf"{_AM} (?:expecting (?:a|our|my) |a (?:single )?(?:mother|father|mom|mum|dad|"
          r"parent) (?:of|to)\b|an only child|retired\b)", 0.8, core="people"),
    _rule("possession", rf"{_I} (?:own|drive|ride|fly|shoot with|play) (?:an?|my) (?:[\w-]+ "
          rf"){{0,3}}?"
          rf"(?P<entity>{NAME})(?: (?:[\w-]+ )?{_THING}\b)?", 0.75, entity="thing"),
    _rule("account", rf"{_I} (?:have|pay for) an? (?!Google|Facebook|Gmail|"
          rf"Twitter)(?P<entity>{NAME}) (?:[\w-]+ )?(?:account|subscription|membership|"
          rf"licen[cs]e)\b(?! (?:table|model|page|class|object|field|form|type|settings|plan|"
          rf"number|key))|(?:{_AM}|{_I}) (?:subscribed?|a member of|a subscriber (?:of|to)) (?:to |"
          rf"of )?(?:the )?(?P<entity2>{NAME})", 0.75,
          entity="thing"),
    _rule("tool", rf"(?:{_I} (?:use|rely on)|{_HAVE} been using) (?:the )?"
          rf"(?P<entity>{NAME})(?: (?:app|website))?(?:,? and (?:{NAME}))? (?:for(?! a (?:while|"
          rf"bit|long|few|couple|year|month)| \w+ (?:years?|months?|weeks?)\b| (?:the (?:past|"
          rf"last)|about|over|almost|nearly|around)\b| some time| ages)|to|as|in the|every)\b", 0.7,
          entity="thing"),
    _rule("favourite", r"[Mm]y (?:all[- ]time |absolute |personal )?favou?rite (?!one\b|part\b|"
          r"things?\b|way\b|memor)[\w ]{2,40}? (?:is|are|has always been) (?!probably|the one|when|"
          r"how|that|this|it\b|super\b|very\b|really\b|so\b|also\b|from\b|at\b|in\b|on\b|to\b|"
          r"getting\b|being\b|just\b|always\b|not\b|pretty\b|definitely\b|quite\b|"
          r"still\b)[\w\"]+", 0.75,
          core="preferences"),
    _rule("preference", rf"I (?:always|never|only ever|exclusively) {_HABIT}\b(?! (?:about|back|"
          rf"for "
          r"granted|into|it\b|them\b|that\b|this\b|care\b))", 0.65, core="preferences"),
    _rule("preference", r"I (?:generally |usually |always |strongly |much |really )*prefer "
          r"(?!it\b|them\b|this\b|that\b|these\b|those\b|to have\b)[\w' -]+? "
          r"(?:over|to|rather than|instead of|than) [\w]+", 0.65, core="preferences"),
    _rule("preference", r"I (?:can't stand|really hate|hate|loathe|despise) (?!not\b|you\b|it\b|"
          r"that\b|this\b|when\b|how\b|to\b|them\b|these\b|those\b|the\b|having\b|being\b|"
          r"myself\b)[\w]+", 0.6,
          core="preferences"),
    _rule("preference", rf"{_AM} an? (?:huge|big|massive|lifelong|long-?time|die-?hard|avid) fan "
          rf"of (?P<entity>(?:the )?{NAME})", 0.65),
    _rule("pastime", rf"{_AM} an? (?:avid|keen|passionate|lifelong|long-?time) (?:reader|runner|"
          r"cyclist|hiker|gardener|collector|gamer|travell?er|swimmer|photographer|cook|baker|"
          r"climber|birder|birdwatcher|knitter|skier|surfer|chess player)\b", 0.65),
    _rule("pastime", rf"{_HAVE} been (?!meaning|thinking|wanting|trying|looking|considering|"
          rf"planning|"
          r"feeling|having|getting|seeing|hearing|waiting|wondering|putting|noticing|going every|"
          r"taking classes|telling|asking|hoping|using|working (?:in|at) my|working on|"
          r"doing)\w+ing "
          rf"(?!it\b|them\b|this\b|that\b|there\b)[\w' ,&-]{{3,70}}? {_DURATION}\b", 0.7),
    _rule("pastime", rf"{_HAVE} (?:(?:had|owned) (?=my |an? |two |three )|(?:lived in|worked (?:at|"
          rf"as|for|in)|been with) )(?!it\b|them\b|this\b|that\b|him\b|her\b)[\w' ,&-]{{3,70}}? "
          rf"{_DURATION}\b", 0.7),
    _rule("pastime", rf"{_I} (?:collect|breed|coach|volunteer (?:at|for|with|as)|sing in|"
          r"play (?:in (?:an?|the)|for (?:an?|the))|belong to|attend [A-Z]) ?[\w' &-]{3,}|"
          rf"{_I} play the (?:guitar|piano|violin|drums|cello|flute|ukulele|bass|saxophone|oboe|"
          r"clarinet|trumpet|harp|banjo|organ)\b", 0.7),
)  # fmt: skip

_PREFILTER = re.compile(r"\bI\b|\b[Mm]y\b|\bcall me\b|\bCall me\b")
_NEGATED = re.compile(r"\b(?:not|never|no longer|\w+n't|hardly|barely|neither|nor|without)\b")
_POINTING = re.compile(
    r"\b(?:it|them|him|her|his|hers|this|these|those|their)\b(?! (?:year|month))",
    re.I,
)
"""Words that need the conversation to be understood."""
_DATED = frozenset(
    {"home", "work", "past work", "education", "age", "birthday", "health", "status", "diet"}
)
"""What may come with a date; elsewhere "today" says that it was for once."""
_SHOP_CARD = re.compile(
    r"\b(?:[Rr]ewards?|[Pp]oints|Perks|[Ll]oyalty|Bonus|Club ?[Cc]ard|[Cc]oupons?|[Rr]ebates?|"
    r"[Cc]ash ?back)\b"
)
_COMMON_USE = re.compile(
    r"\b(?:to|for) (?:\w+ )?(?:my|the|our|all|most) (?:(?:daily|other) )?(?:projects?|tasks?|"
    r"work|stuff|needs|purposes)$|\b(?:to|for) (?:help )?(?:me )?(?:keep (?:track|up with)|"
    r"manag\w+|track\w*|organi[sz]\w+|listen\w*|read\w*|watch\w*|brows\w+|find\w*|search\w*|"
    r"check\w*|plan\w*|creat\w+|edit\w*|buy\w*|order\w*|shop\w*|save|share|stor\w+|"
    r"\w+ management|navigat\w+|(?:my )?schedul\w+)\b"
)
"""What everybody uses a tool for, which says nothing about the person."""
_VAGUE = re.compile(
    r"\b(?:it|this|that|these|those|them|there|here|him|her|the same|such|something|someone|"
    r"one|ones|some of|stuff|things?|etc)$",
    re.I,
)


def facts_in(sentence: Sentence, speaker: Speaker) -> Iterator[Claim]:
    """Yield the closed-slot facts the sentence states about its speaker, in rule order."""
    text = sentence.text
    if _PREFILTER.search(text) is None:
        return
    for rule in _RULES:
        found = rule.pattern.search(text)
        if found is None or not (rule.is_presupposed or opens_clause(text, found.start())):
            continue
        stop = clause_stop(text, found.start(), found.end()) if rule.whole else found.end()
        clause = text[found.start() : stop]
        if (
            is_supposed(clause)
            or (not rule.negative and _NEGATED.search(clause) and rule.name != "preference")
            or _VAGUE.search(clause)
            or _POINTING.search(clause)
            or (rule.name not in _DATED and TIME.search(clause))
            or (rule.name == "account" and _SHOP_CARD.search(text))
            or (rule.name == "tool" and _COMMON_USE.search(clause))
            or len(clause) > 200
        ):
            continue
        name = next(
            (value for group, value in found.groupdict().items()
             if group.startswith("entity") and value), None,
        )  # fmt: skip
        if rule.entity is not None and (name is None or not is_name(name)):
            continue
        if rule.name == "name" and name == speaker.name:
            continue
        placed, as_of = _in_time(rule, clause, sentence)
        yield Claim(
            found.start(),
            stop,
            _statement(rule, placed, name, speaker)[:-1] + as_of + ".",
            rule.name,
            rule.confidence,
            slot=rule.slot,
            core=rule.core,
            entities=((EntityMention(name.strip(" ,."), rule.entity),) if name and rule.entity
                      else mentioned(clause)),
        )  # fmt: skip


def _in_time(rule: _Rule, clause: str, sentence: Sentence) -> tuple[str, str]:
    """Return the clause with relative dates made absolute, and the day what passes was said."""
    said_at = sentence.item.occurred_at
    if said_at is None or rule.name == "birthday":
        # A birthday is a day of every year.
        return clause, ""
    clause = dated(clause, said_at)
    passes = rule.name == "age" and re.search(r"\bturned|celebrated", clause) is None
    if passes or re.search(_DURATION, clause):
        return clause, f" (said on {said_at.day} {said_at:%B %Y})"
    return clause, ""


def _statement(rule: _Rule, clause: str, name: str | None, speaker: Speaker) -> str:
    if rule.name == "name" and name is not None:
        return speaker.state(f"My name is {name}") if speaker.name is None else (
            f"{speaker.name}'s name is {name}."
        )  # fmt: skip
    if re.match(r"[Aa]s an? ", clause):
        return speaker.state("I am" + clause[2:])
    if found := re.match(r"[Mm]y (?:new |current |day )?(?:role|job|position) (?:as|is) ", clause):
        return speaker.state("I work as " + clause[found.end() :])
    if re.match(r"[Mm]y (?:previous|former|old|last) \w+ as ", clause):
        return speaker.state(re.sub(r"^my \w+ \w+ as ", "I used to work as ", clause, flags=re.I))
    if rule.name == "health" and re.match(r"[Mm]y ", clause):
        return speaker.state("I have " + clause[3:])
    return speaker.state(clause)
