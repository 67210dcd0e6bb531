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
from memassist.assistant.extract.rules.fact_statements import slot_of, statement_of
from memassist.assistant.extract.rules.fact_words import (
    AID,
    COMMON_USE,
    CONDITION,
    DATED,
    DEGREE,
    DIET,
    DRINK,
    DURATION,
    FOOD,
    GENRE,
    HABIT,
    INSTRUMENT,
    LANGUAGE,
    MEDICINE,
    RESTRICTION,
    SHOP_CARD,
    THING,
    VAGUE,
    VICE,
    WEEKDAY,
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
_WE = r"[Ww]e(?:'ve| have)?(?: (?:currently|also|now|still|just|recently|all|finally))*"
_HAVE = r"I(?:'ve| have)(?: (?:also|just|recently|always|actually|now|only|finally))*"
_I = r"I(?: (?:currently|actually|also|now|still|mostly|mainly|only|just|recently|already))*"


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
    _rule("name", rf"[Mm]y (?:full )?name(?: is|'s) (?P<entity>{NAME})|(?:I go by|[Cc]all me|"
          r"(?:[Ee]very(?:one|body)|[Mm]ost people|[Pp]eople|(?:[Mm]y )?[Ff]riends) calls? me) "
          rf"(?P<entity2>{NAME})", 0.9, slot="name", core="persona", whole=False, entity="person"),
    _rule("home", rf"(?:{_I}|{_WE}) (?:live|reside) (?:just |right )?(?:in|near|at|outside|on) "
          rf"(?P<entity>{PLACE})", 0.85, slot="home", core="persona", entity="place"),
    _rule("home", rf"(?:(?:{_AM}|{_HAVE} been) (?:living|based|located|residing)|"
          rf"[Ww]e(?:'re| are)(?: all| now)? living) (?:in|near|at|out of) (?P<entity>{PLACE})",
          0.85, slot="home", core="persona", entity="place"),
    _rule("home", rf"(?:{_I}|{_HAVE}|{_WE}) (?:moved|relocated) (?:here |back |over |house )?"
          r"(?:from [\w ,]+? )?(?:to|into)(?: an? (?:[\w-]+ ){0,3}(?:flat|house|apartment|place|"
          rf"studio) in)? (?!{TECHNICAL})(?P<entity>{PLACE})(?! \d)", 0.85, slot="home",
          core="persona", entity="place"),
    _rule("home", rf"{_HAVE} lived in (?P<entity>{PLACE})", 0.85, slot="home", core="persona",
          entity="place"),
    _rule("home", r"[Mm]y (?:flat|house|apartment|place|home|studio) is (?:in|on|at|near) (?:the "
          rf"[\w -]{{3,30}} (?:in|of|at) )?(?P<entity>{PLACE})|I've lived (?:here )?in "
          rf"(?P<entity2>{PLACE})",
          0.8, slot="home", core="persona", entity="place"),
    _rule("past home", rf"I used to live in (?P<entity>{PLACE})", 0.8, entity="place"),
    _rule("home", r"[Mm]y (?:home |new |postal )?address is (?P<entity>\d*[\w ,.-]+)", 0.85,
          slot="address", core="persona", entity="place"),
    _rule("origin", rf"{_AM} from (?P<entity>{PLACE})|[Mm]y home ?town is (?P<entity2>{PLACE})",
          0.8, slot="origin", core="persona", entity="place"),
    _rule("origin", rf"I was born in (?P<entity>{PLACE})", 0.85, slot="birthplace",
          core="persona", entity="place"),
    _rule("origin", r"I (?:grew up|was raised|was born and raised) (?:on an? [\w-]+ )?(?:in|near|"
          rf"outside|around) (?P<entity>{PLACE})", 0.8, core="persona", entity="place"),
    _rule("origin", r"[Mm]y (?:own )?(?:mixed )?(?:[A-Z]\w+(?: and |-))?[A-Z]\w+ (?:heritage|roots|"
          r"ancestry|descent|origins|background)\b", 0.7, core="persona", whole=False,
          is_presupposed=True),
    _rule("origin", rf"[Mm]y home (?:country|state|town|city)(?: is|,) (?P<entity>{PLACE})", 0.8,
          core="persona", whole=False, is_presupposed=True, entity="place"),
    _rule("household", rf"(?:{_I} live|{_AM} living) (?:alone\b|by myself\b|with (?:my|two|three|"
          r"an?)\b|in an? (?:[\w-]+ ){0,4}(?:apartment|flat|house|studio|condo|cottage|dorm|"
          r"townhouse|loft|bungalow|home)\b)", 0.7, slot="household"),
    _rule("household", rf"(?:{_I} (?:share|rent|own)|{_AM} renting) an? (?:[\w-]+ ){{0,4}}"
          r"(?:apartment|flat|house|studio|condo|cottage|townhouse|home)\b", 0.7),
    _rule("work", rf"(?:{_I} work|{_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?as "
          r"(?:an?|the) ", 0.8, slot="occupation", core="persona"),
    _rule("work", rf"(?:{_I} work|{_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?"
          r"(?:for|at|by) (?:(?=[A-Z])|the (?=(?:[\w'-]+ ){0,3}(?:council|government|university|"
          r"college|hospital|clinic|authority|police|railways?|army|navy|city|county|state|"
          r"ministry|embassy|church|library|museum|post office|fire (?:department|brigade))\b))",
          0.8, slot="employer", core="persona"),
    _rule("work", rf"{_AM} (?:self-employed|a freelancer|freelancing|unemployed|between jobs|"
          r"semi-retired|on (?:maternity|paternity|parental|sick) leave)\b", 0.8,
          core="persona"),
    _rule("work", rf"{_HAVE} been (?:teaching|nursing|driving|coaching) [\w ,&-]{{3,}} (?:at|for) "
          rf"[\w' &-]+ {DURATION}\b", 0.75, core="persona"),
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
    _rule("work", rf"(?<!lost )(?<!quit )(?<!left )(?<!losing )[Mm]y (?:new |current )?(?:role|"
                  rf"job|position) (?:as|is) (?:an? |the )?{ROLE}",
          0.75, slot="occupation", core="persona", whole=False, is_presupposed=True),
    _rule("work", rf"{_I} teach (?!my\b|them\b|him\b|her\b)[\w ,&-]{{3,}}", 0.75, core="persona"),
    _rule("work", rf"(?:{_I}|{_HAVE}) (?:got|been|was) (?:promoted|hired|appointed) "
          rf"(?:to|as) (?:an? |the )?{ROLE}|(?:{_I}|{_HAVE}) (?:started|accepted|got|landed) (?:a|"
          r"my) (?:new )?(?:job|position) as [\w ]+", 0.8, slot="occupation", core="persona"),
    _rule("work", rf"(?:{_I}|{_HAVE}) (?:started|accepted|got|landed) (?:a|my) (?:new )?"
          r"(?:job|position) (?:at|with) (?=[A-Z])[\w ]+", 0.8, slot="employer", core="persona"),
    _rule("work", rf"(?:{_I}|{_HAVE}) (?:(?:got|been|was) (?:hired by|promoted (?:to|at))|"
          r"(?:started|accepted|got|landed) (?:a|my) (?:new )?(?:job|position) (?:at|with|in)) "
          r"[\w ]+", 0.8, core="persona"),
    _rule("past work", r"[Mm]y (?:previous|former|old|last) (?:role|job|position|career) "
          rf"(?:as|was) (?:an? )?{ROLE}(?: at (?:an? |the )?"
          r"(?:(?!and\b|so\b|but\b)[\w&'-]+ ?){1,3})?", 0.75, whole=False, is_presupposed=True),
    _rule("past work", r"I used to (?:be|work as) an? [\w -]+|I worked (?:as an? |at (?=[A-Z])|for "
          r"(?=[A-Z]))", 0.75),
    _rule("past work", rf"(?:{_I}|{_HAVE}) (?:lost|quit|left) my (?:[\w-]+ )?(?:job|position|post|"
                       rf"role) "
          r"(?:at|as|with|in) [\w ]+", 0.8),
    _rule("work", rf"{_AM} (?:training|studying|qualifying) (?:to be(?:come)?|as) an? {ROLE}|{_I} "
          rf"(?:manage|lead|head) (?:an?|the) (?:[\w-]+ ){{0,4}}(?:team|department|office|unit|"
          rf"lab)\b",
          0.75, core="persona"),
    _rule("trait", r"[Mm]y (?:blood (?:type|group)|height|star sign|"
          r"zodiac sign|pronouns|nationality|religion|faith|ethnicity|maiden name|surname|last "
          r"name|"
          r"middle name|nickname|native country|eye colou?r|hair colou?r) (?:is|are) "
          r"(?!not\b|empty|missing|required)[\w ]+", 0.85, core="persona"),
    _rule("trait", rf"{_AM} (?:an? )?(?:practi[sc]ing |devout |lapsed |proud )?(?:Catholic|"
                   rf"Christian|"
          r"Muslim|Jewish|Hindu|Buddhist|Sikh|Quaker|atheist|agnostic|Protestant|Orthodox|Mormon|"
          r"Baptist|Anglican|Lutheran)\b(?! (?:school|church|wedding|recipe))|"
          rf"{_AM} (?:half[- ])?(?:{LANGUAGE}|American|Canadian|Australian|British|Scottish|Indian|"
          r"Mexican|Brazilian|Nigerian|Kenyan|Egyptian|Pakistani|Belgian|Swiss|Austrian|Colombian|"
          r"Argentinian|Filipino|Lebanese|Iranian|Israeli|Ghanaian|Cuban|Jamaican|Peruvian|Chilean)"
          r"(?=$|[.,;!]| and\b| by birth)", 0.75, core="persona"),
    _rule("possession", rf"[Mm]y (?:new |current |old )?{THING} is an? (?:[\w-]+ ){{0,2}}?"
          rf"(?P<entity>{NAME})", 0.7, entity="thing"),
    _rule("business", rf"{_I} (?:run|own|co-own|founded|co-founded|started|manage) (?:an?|my own|"
          r"the|my) (?:[\w'-]+ ){0,4}(?:business|company|shop|store|studio|restaurant|agency|"
          r"startup|start-up|bakery|farm|café|cafe|salon|blog|podcast|channel|practice|"
          r"consultancy|firm|non-?profit|club|band)\b", 0.75),
    _rule("education", rf"(?:{_I}|{_HAVE}) graduated (?:from|with|in)\b|{_I} (?:have|hold|earned|"
          rf"received|completed|got) (?:an?|my) (?:[\w'-]+ ){{0,3}}?(?i:{DEGREE}) (?:in|from|"
          rf"of)\b|"
          rf"(?:{_I}|{_HAVE}) (?:did|done|did|got|have) (?:an?|my) (?i:{DEGREE}) (?:in|at|on) "
          rf"[\w]+|"
          r"I (?:majored|minored) in [A-Za-z]+|I studied [\w ]+ (?:at|in)\b", 0.8),
    _rule("education", rf"{_AM} (?:studying [\w ,&-]{{3,}} at|(?:majoring|minoring) in|pursuing "
          rf"(?:an?|my) |(?:doing|working on|completing|finishing) (?:an?|my) (?:[\w'-]+ "
          rf"){{0,2}}?(?i:{DEGREE})\b|an? (?:[\w-]+ ){{0,3}}(?:student|undergrad(?:uate)?|"
          r"PhD candidate) (?:at|in|studying)\b|enrolled in)", 0.8, slot="studies"),
    _rule("education", r"I dropped out of (?:(?:law|med(?:ical)?|high|grad(?:uate)?|art|business|"
          rf"nursing) school|college|university|uni\b|{NAME})|{_AM} in my (?:first|second|third|"
          r"fourth|final|last|junior|senior|freshman|sophomore) year (?:of|at) ", 0.75),
    _rule("education", r"[Mm]y (?:(?:undergraduate|graduate|bachelor'?s?|master'?s?|associate'?s?|"
          r"doctoral|law|college) )+degree (?:in [\w ]+? )?from (?:the )?(?P<entity>"
          rf"{NAME})", 0.75, whole=False, is_presupposed=True, entity="organisation"),
    _rule("education", r"[Mm]y (?:(?:undergraduate|graduate|bachelor'?s?|master'?s?|associate'?s?|"
          r"doctoral|law|college|first|second) )*(?:degree|major|minor|PhD|thesis|doctorate) (?:is|"
          r"was) (?:in|on|from) [\w]+", 0.75),
    _rule("education", rf"(?<=, )graduating from (?P<entity>{NAME})", 0.75, entity="organisation"),
    _rule("allergy", rf"{_AM} (?:severely |highly |mildly |deathly )?(?:allergic|intolerant) to "
          r"[\w ,-]+", 0.9, core="persona"),
    _rule("health", rf"(?:{_I} (?:have|suffer from|live with|struggle with)|{_HAVE} (?:got|had)|"
          rf"{_AM} (?:living|dealing) with) (?:an? |the )?(?i:{CONDITION})\b|(?:{_I} was|{_HAVE} "
          rf"been|I got) diagnosed with |{_AM} (?:(?:type [12] )?diabetic|asthmatic|lactose "
          rf"intolerant|colou?r "
          rf"?blind|"
          r"dyslexic|autistic|pregnant|hypertensive|left-handed|deaf|hard of hearing|"
          r"short-sighted|anaemic|anemic)\b|"
          rf"{_I} have an? (?:[\w-]+ )?(?:allergy|intolerance|sensitivity) to ", 0.85,
          core="persona"),
    _rule("health", rf"[Mm]y (?i:{CONDITION})\b(?= (?:has|is|was|flares?|acts?|gets?))", 0.7),
    _rule("health", rf"(?:{_I} have|I've got|{_I} wear|{_I} use) an? (?:[\w-]+ )?(?i:{AID})\b|"
          rf"{_I} (?:wear|use) hearing aids\b", 0.8, core="persona"),
    _rule("diet", rf"{_I} keep (?:kosher|halal)\b|(?:{_I}|{_HAVE}) (?:gave up|given up|quit|"
          rf"stopped) {VICE}\b(?! (?:for (?:a|the)|so|companies|industry))", 0.75,
          core="preferences"),
    _rule("medication", rf"(?:{_I} take|{_AM} (?:taking|on)) (?:[\w-]+ ){{0,4}}?{MEDICINE}\b|{_I} "
          rf"take (?:[\w-]+ ){{1,4}}for my (?:[\w-]+ )?(?i:{CONDITION})|[Mm]y (?:medication|"
          r"prescription) is ", 0.75),
    _rule("diet", rf"(?:{_AM}|{_HAVE} been|{_HAVE} (?:gone|turned|become)|{_I} (?:went|turned|"
          rf"became)) (?:an? )?(?:strict |lifelong )?(?i:{DIET})\b(?! (?:recipe|option|meal))",
          0.85, slot="diet", core="preferences"),
    _rule("diet", rf"(?:{_AM}|{_HAVE} been) (?:an? )?(?:strict |strictly )?(?i:{RESTRICTION})\b"
          rf"(?! (?:recipe|option|meal))|(?:{_I} (?:follow|keep|stick to)|(?:{_AM}|{_HAVE} been) "
          r"(?:following|keeping to|on)) an? (?:[\w-]+ ){0,2}diet\b", 0.85, core="preferences"),
    _rule("diet", rf"I (?:really )?(?:don't|do not|can't|cannot|never) (?:eat|have|consume|"
          rf"tolerate) (?:any )?{FOOD}\b|I (?:don't|do not|can't|never) drink (?:any )?{DRINK}\b|"
          r"I (?:don't|do not) drink(?=[.,]|$)", 0.8, core="preferences", negative=True),
    _rule("birthday", r"[Mm]y birthday(?: is|'s) (?:on |in )?(?:the )?(?:[A-Z]\w+ \d|\d|[A-Z]\w+)"
          r"|I was born (?:on|in) (?:the )?(?:\d|[A-Z]\w+ \d)", 0.85, slot="birthday",
          core="persona"),
    _rule("age", rf"{_AM} \d{{1,2}}(?: years old\b| yrs old\b|(?=[,.;]|$| and| now))", 0.75,
          slot="age", core="persona", whole=False),
    _rule("age", rf"(?:{_I}|{_HAVE}) turn(?:ed|ing) \d{{1,2}}\b|{_AM} turning \d{{1,2}}\b|"
          rf"{_I} celebrated my \d+(?:st|nd|rd|th) birthday", 0.75, slot="age", core="persona"),
    _rule("language", rf"{_I} speak (?:fluent |some |a (?:little|bit of) |both )?{LANGUAGE}\b|"
          rf"{_AM} (?:fluent|bilingual|conversational|a native speaker) (?:in|of) {LANGUAGE}\b|"
          rf"[Mm]y "
          rf"(?:native|first|mother) (?:language|tongue) is {LANGUAGE}\b", 0.85, core="persona"),
    _rule("language", rf"(?:{_AM}|{_HAVE}(?: already)? been) (?:(?:learning|studying|taking) "
          rf"{LANGUAGE}\b|taking an? (?:[\w-]+ )*?{LANGUAGE} (?:language )?(?:course|class|"
          r"lessons?)\b)", 0.7),
    _rule("language", rf"(?P<entity>{LANGUAGE}) is my (?:first|native|mother|second) "
          r"(?:language|tongue)\b", 0.85, core="persona", entity="thing"),
    _rule("status", r"[Ww]e(?:'re| are) expecting (?:an?|our|twins)\b(?: (?:first|second|third|"
          r"fourth|new))?(?: (?:child|baby|daughter|son|kid|boy|girl))?(?=$|[.,!]| in| on|\band)",
          0.8, core="people"),
    _rule("status", rf"{_AM} (?:married|engaged|divorced|widowed|separated|single)\b(?! (?:in|"
          r"with my work)\b)", 0.8, slot="marital status", core="people"),
    _rule("status", rf"{_AM} (?:expecting (?:a|our|my) |a (?:single )?(?:mother|father|mom|mum|dad|"
          r"parent) (?:of|to)\b|an only child|retired\b)", 0.8, core="people"),
    _rule("possession", rf"{_I} (?:own|drive|ride|fly|shoot with|play) (?:an?|my) (?:[\w-]+ "
          rf"){{0,3}}?"
          rf"(?P<entity>{NAME})(?: (?:[\w-]+ )?{THING}\b)?", 0.75, entity="thing"),
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
    _rule("account", rf"{_I} bank with (?:the )?(?P<entity>{NAME})|[Mm]y bank is (?:the )?"
          rf"(?P<entity2>{NAME})", 0.75, entity="thing"),
    _rule("favourite", r"[Mm]y (?:all[- ]time |absolute )?favou?rite [\w ]{3,25}?, (?:the )?"
          rf"(?P<entity>{NAME})(?=[,.!]|$)", 0.75, core="preferences", entity="thing",
          whole=False, is_presupposed=True),
    _rule("preference", r"I (?:really |absolutely |also |just )*(?:love|adore|enjoy|prefer) "
          r"(?!the\b|your\b|these\b|those\b|this\b|my\b|how\b|\w+ing\b|all\b|some\b|good\b|"
          rf"great\b|different\b|hearing\b|seeing\b)(?:[\w-]+,? ){{1,4}}{GENRE}(?=[.,!;]|$| and\b|"
          rf" because\b)", 0.7,
          core="preferences"),
    _rule("pastime", r"I (?:usually |always |generally )?(?:go|do|play|attend|swim|run|train|"
          r"practi[sc]e|sing|volunteer|teach|dance|climb|row|cycle) (?:[\w'&-]+ ){0,5}?(?:every "
          rf"(?:other |second )?|on ){WEEKDAY}\b", 0.7),
    _rule("favourite", r"[Mm]y (?:all[- ]time |absolute |personal )?favou?rite (?!one\b|part\b|"
          r"things?\b|way\b|memor)[\w ]{2,40}? (?:is|are|has always been) (?!probably|the one|when|"
          r"how|that|this|it\b|super\b|very\b|really\b|so\b|also\b|from\b|at\b|in\b|on\b|to\b|"
          r"getting\b|being\b|just\b|always\b|not\b|pretty\b|definitely\b|quite\b|"
          r"still\b)[\w\"]+", 0.75,
          core="preferences"),
    _rule("favourite", rf"(?P<entity>{NAME}) is my (?:all[- ]time |absolute )?favou?rite "
                       rf"[a-z]+(?=[.,!;]|"
          r"$| and\b| of all)", 0.7, core="preferences", entity="thing"),
    _rule("preference", rf"I (?:always|never|only ever|exclusively) {HABIT}\b(?! (?:about|back|"
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
          rf"(?!it\b|them\b|this\b|that\b|there\b)[\w' ,&-]{{3,70}}? {DURATION}\b", 0.7),
    _rule("pastime", rf"{_HAVE} (?:(?:had|owned) (?=my |an? |two |three )|(?:lived in|worked (?:at|"
          rf"as|for|in)|been with) )(?!it\b|them\b|this\b|that\b|him\b|her\b)[\w' ,&-]{{3,70}}? "
          rf"{DURATION}\b", 0.7),
    _rule("pastime", rf"(?:{_AM}|{_HAVE} been) volunteering (?:at|for|with) [\w' &-]{{3,}}|"
          rf"{_I} (?:collect|breed|coach|volunteer (?:at|for|with|as)|sing in|"
          r"play (?:in (?:an?|the)|for (?:an?|the))|belong to|attend [A-Z]) ?[\w' &-]{3,}|"
          rf"{_I} play (?:the )?{INSTRUMENT}\b", 0.7),
)  # fmt: skip

_KINDS = ("favourite", "possession", "account")
"""Rules whose slot depends on what was said."""
_PREFILTER = re.compile(r"\bI\b|\b[Mm]y\b|\b[Cc]alls? me\b|\b[Ww]e\b")
_NEGATED = re.compile(r"\b(?:not|never|no longer|\w+n't|hardly|barely|neither|nor|without)\b")
_POINTING = re.compile(
    r"\b(?:it|them|him|her|his|hers|this|these|those|their)\b(?! (?:year|month|days))",
    re.I,
)
"""Words that need the conversation to be understood."""


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
            or VAGUE.search(clause)
            or _POINTING.search(clause)
            or (rule.name not in DATED and TIME.search(clause))
            or (rule.name == "account" and SHOP_CARD.search(text))
            or (rule.name == "tool" and COMMON_USE.search(clause))
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
            statement_of(rule.name, placed, name, speaker)[:-1] + as_of + ".",
            rule.name,
            rule.confidence,
            slot=rule.slot or (slot_of(clause) if rule.name in _KINDS else None),
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
    if passes or re.search(DURATION, clause):
        return clause, f" (said on {said_at.day} {said_at:%B %Y})"
    return clause, ""
