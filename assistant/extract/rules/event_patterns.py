"""The sentences that tell of an event, by the form of the verb: patterns for `events`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import PERSON
from memassist.assistant.extract.rules.event_words import DEED, LIFE, OUTING, WHO
from memassist.assistant.extract.rules.people import CLOSE_RELATION

if TYPE_CHECKING:
    from memassist.assistant.extract.rules.calendar_dates import Direction

PAST = re.compile(
    rf"(?<![\w'])(?P<who>{WHO}) (?P<verb>(?P<life>{LIFE})|(?P<outing>{OUTING})|"
    rf"(?P<deed>{DEED}))"
    r"(?![\w'])"
)
ELIDED = re.compile(
    rf"^(?P<who>)(?:Just |Finally |Also )?(?P<verb>(?i:(?P<life>{LIFE})|(?P<outing>{OUTING})|"
    rf"(?P<deed>{DEED})))(?![\w'])"
)
"""The past without its subject, as chats tell it: "Went to Rome last week"."""
COMING = re.compile(
    r"(?<![\w'])(?P<who>I|[Ww]e|[Mm]y (?:\w+ ){1,2}(?:[A-Z]\w+ )?and I)(?: will be|'ll be|'m| am|"
    r"'re| are) (?:also |actually |officially |finally |currently |definitely |now "
    r")*(?P<verb>meeting|flying|travel(?:l)?ing|"
    r"leaving|moving|hosting|attending|visiting|getting married|having (?:an?|my|surgery|dinner|"
    r"lunch)|running (?:an?|the|my|in)|taking (?:my|an?|the) (?:[\w'-]+ )*(?:exam|test|trip|course|"
    r"class|train|flight)|starting (?:my|an?) (?:[\w'-]+ )*(?:job|course|role|degree|internship|"
    r"class|program\w*)|starting (?:at|work)|seeing|going to(?= (?!I\b)[A-Z])|going (?:to (?!be\b|"
    r"have\b|make\b|need\b|try\b|"
    r"start\b|look\b|do\b|get\b|use\b|check\b|take\b|go\b|see\b|buy\b|give\b|keep\b|add\b|\w+ "
    r"(?:it|that|this)\b)(?:an?|the|my|our|[A-Z])|on (?:an?|my|our)|hiking|camping|skiing)|"
    r"performing|presenting|speaking|interviewing|(?:in|at)(?= [A-Z])|competing|participating|"
    r"off to(?= [A-Z])|graduating|turning \d+|volunteering|due|planning to (?:attend|visit|host|"
    r"take (?=an? |my |our )|"
    r"move to|"
    r"fly to|travel to|drive to|run (?:in )?the)|planning (?:an?|my|our|the) (?:[\w'-]+ )*(?:trip|"
    r"vacation|wedding|party|holiday|getaway|visit|reunion|move|honeymoon|shower|dinner|retreat|"
    r"tournament|fundraiser|camp|exhibition|concert|festival|tour)|expecting)(?![\w'])"
)
APPOINTED = re.compile(
    r"(?<![\w'])(?P<who>I)(?:'ve got| have|'ve)(?: got)? (?P<verb>an?|my|our|the|another) (?!few\b|"
    r"lot\b|bit\b)(?:[\w'&-]+ ){0,4}?(?P<what>appointment|flight|interview|exam|meeting|deadline|"
    r"reservation|surgery|trip|wedding|test|presentation|party|concert|performance|check-?up|call|"
    r"race|marathon|tournament|fundraiser|gig|convention|festival|retreat|conference|workshop|"
    r"recital|competition|audition|viewing|hearing|dinner|"
    r"reunion|vacation|final|procedure|tickets?|visit|event|shift|lesson|orientation|ceremony)s?\b"
)
FIXED = re.compile(
    r"(?<![\w'])(?P<who>[Mm]y|[Oo]ur|[Tt]he (?=[\w'-]+ (?:on|for|of) (?:my|our) )) "
    r"?(?P<verb>(?:[\w'-]+ ){0,4}?(?P<what>flight|appointment|"
    r"interview|exam|surgery|wedding|lease|visa|passport|deadline|train|move|graduation|trip|"
    r"checkup|check-up|anniversary|birthday|due date|contract|licen[cs]e|insurance|subscription|"
    r"reservation|presentation|meeting|party|race|marathon|conference|concert|test|hearing|"
    r"probation|membership|MOT|warranty|mortgage|retirement|operation|audition|annual leave|"
    r"maternity leave|leave|term|semester|internship|apprenticeship|treatment|scan|results?|"
    r"holiday|course|thesis|rent|session))(?: [\w'-]+){0,4}?(?: is|'s| was| are| "
    r"expires| ends| starts| begins| renews| runs until| falls on| comes up| opens| closes| takes "
    r"place| has been (?:moved|scheduled|rescheduled|booked)| "
    r"will be| runs out| is due| is (?:booked|scheduled|set) for| leaves| departs| arrives| lands| "
    r"takes off)(?![\w'])"
)
KIN_EVENT = re.compile(
    rf"(?<![\w'])(?P<who>(?:[Mm]y|[Oo]ur) (?:[\w-]+ ){{0,2}}?(?:{CLOSE_RELATION}|best friend|"
    rf"friend|dog|cat|boss)"
    rf"(?:,? {PERSON},?)?)(?: just| recently| also| finally)* "
    r"(?P<verb>got (?:married|engaged|divorced|promoted|diagnosed)|graduated|passed away|died|"
    r"was born|had (?:a baby|surgery|twins|an operation)|gave birth|moved (?:to|out|in)|retired|"
    r"visited|came to (?:visit|stay)|was (?:diagnosed|hospitali[sz]ed)|turned \d+|"
    r"is getting married|is (?:moving|visiting|coming to|graduating|retiring|expecting|starting|"
    r"getting divorced|having (?:a baby|surgery|an operation))|started (?:school|university|"
    r"college|nursery|work|an? (?:new )?(?:job|business))|got an? (?:[\w-]+ )?(?:job|place|"
    r"scholarship|promotion|puppy|dog)|passed (?:his|her|their)|won (?:an?|the|his|her|their)|"
    r"bought an?|opened (?:an?|his|her|their)|had an? (?:[\w-]+ )?(?:stroke|heart attack|fall|"
    r"accident|miscarriage)|lost (?:his|her|their) job|fell |flew to|came out|broke (?:his|her|"
    r"their))(?![\w'])"
)
NOTED = re.compile(
    r"^(?P<who>)(?P<verb>(?:[A-Z][\w'&-]*(?: [\w'&-]+){0,5}? )?(?i:appointment|flight|interview|"
    r"exam|surgery|meeting|dinner|lunch|concert|wedding|check-?up|party|call|trip|train)\b)"
)

_STARTS = (
    r"(?:start|begin|fly|leave|move|graduate|retire|return|present|perform|sit|take|see|meet|land|"
    r"arrive|go|travel|turn|finish|defend|launch|open|close on|play|run)"
)
SCHEDULED = re.compile(
    rf"(?<![\w'])(?P<who>I|[Ww]e)(?: also)? (?P<verb>{_STARTS}) "
    r"(?=(?:an?|my|our|the|at|to|in|for|[A-Z]|\d)\b)"
)
"""The present of timetables: "I start my new job on 1 September"."""
HOUSEHOLD = re.compile(
    r"(?:^|, )(?P<who>[Tt]he )(?P<verb>(?:kids|children|boiler|plumber|electrician|builders?|"
    r"landlord|"
    r"movers|lease|conference|course|concert|term|exams?|festival|match|holidays|delivery|car|cat|"
    r"dog|school|nursery|rent|baby|house|painters?) (?:is|are|gets?|comes?|breaks? "
    r"up|"
    r"starts?|ends?|arrives?|goes|go|has|have|closes|opens|needs)(?: (?:due|coming|being \w+|back|"
    r"off|serviced|booked in|an? [\w-]+(?: [\w-]+)?))*)(?= (?:on|at|from|in|next|tomorrow|for) )"
)
"""What is to come at home: "the boiler gets serviced on Thursday"."""
_NO_DEED = (
    r"(?!(?:cleaned|updated|washed|fixed|checked|texted|emailed|called|phoned|ordered|downloaded|"
    r"searched|clicked|printed|tidied|vacuumed|mowed|ironed|forgot|paid (?:the|my|an?) (?:\w+ "
    r")?bill|tried (?:the|out the)|walked the dog|did the|thought|felt|wanted|needed|realized|"
    r"realised|hoped|wished|liked|loved|enjoyed|"
    r"believed|decided (?:to be|on|not|against|it)|considered|remembered|noticed|heard|knew|told|"
    r"said|asked|mentioned|wondered|missed|"
    r"used|tried (?:to|it|that)|looked|seemed|talked|chatted|shared|posted|planned|supposed|"
    r"watched it|thanked|"
    r"needed|stopped|managed|worried|learned|stayed|kept|read|saw|had (?:fun|to|been|no|"
    r"some|"
    r"trouble|time|enough|so|such|it|the (?:chance|opportunity|best|most)|an? (?:\w+ )?(?:\w+ )?"
    r"(?:(?:time|day|day out|night|week|weekend|experience|blast)(?![^.!?]* (?:at|in|with) (?:the|"
    r"an?|my|our|[A-Z]))|game|battle|call|chat|meeting|chance|moment|feeling|idea|"
    r"thought|problem|issue|"
    r"setback|thing|break|rest|lot|few|bit|go|look|good|tough|hard)\b)|won (?:an?|the|another) "
    r"(?:\w+ )?games?\b|met (?:my|the|our) (?:deadline|goals?|targets?)|got (?:to (?:know|be|see|"
    r"go|have|do)|into|some|so|"
    r"a (?:lot|bit|chance)|stuck|tired|sick|back to|inspired)|came (?:up|across|to)|made (?:it|me|"
    r"sure|some|progress|a "
    r"(?:mistake|decision|lot))|took (?:a (?:look|break|nap|bath|shower|pic|picture|photo|chance)|"
    r"some|time|this|that|it|your)|"
    r"gave (?:it|up|me|you|in)|went (?:well|through|over|for it|great|crazy)|found (?:out|myself|"
    r"that|some)|"
    r"did (?:some|it|well|not|a lot))\b)"
)
_DID = (
    r"(?:[a-z]{2,}ed|went|had|made|took|got|met|found|gave|built|wrote|won|ran|did|taught|began|"
    r"bought|"
    r"sold|lost|broke|caught|drew|drove|flew|grew|held|hung out|led|lent|paid|rode|sang|sent|shot|"
    r"spent|spoke|swam|threw|came|brought|put up|set up|beat|cut|hurt|saw|read)"
)
TOLD = re.compile(rf"(?<![\w'])(?P<who>{WHO}) {_NO_DEED}(?P<verb>{_DID})(?![\w'])")
"""Whatever somebody says they did: between people, that is worth the day it was on."""
TOLD_ELIDED = re.compile(
    rf"^(?P<who>)(?:Just |Finally |Also )?(?i:{_NO_DEED})(?P<verb>(?i:{_DID})|Started "
    rf"\w+ing)(?![\w'])"
)
TOLD_COMING = re.compile(
    r"(?<![\w'])(?P<who>I|[Ww]e|[Mm]y (?:\w+ ){1,2}(?:[A-Z]\w+ )?and I)(?:'m| am|'re| are)(?: "
    r"also| "
    r"actually)? (?!(?:thinking|hoping|looking|wondering|trying|feeling|getting|being|doing|"
    r"having|relaxing|resting|chilling|catching|"
    r"considering|excited|working|wanting|needing|wishing|gonna|taking some|going to (?:be|try|do|"
    r"make)|"
    r"planning (?:on|to|something))\b)(?P<verb>\w{3,}ing)(?![\w'])"
)

PATTERNS: tuple[tuple[re.Pattern[str], Direction, float], ...] = (
    (PAST, "past", 0.75),
    (ELIDED, "past", 0.7),
    (KIN_EVENT, "past", 0.75),
    (COMING, "future", 0.7),
    (APPOINTED, "future", 0.75),
    (FIXED, "future", 0.75),
    (SCHEDULED, "future", 0.7),
    (HOUSEHOLD, "future", 0.7),
    (NOTED, "future", 0.6),
    (TOLD, "past", 0.65),
    (TOLD_ELIDED, "past", 0.6),
    (TOLD_COMING, "future", 0.6),
)
"""What is looked for, in this order; which way a date without a year lies; the confidence."""
BETWEEN_PEOPLE = (TOLD, TOLD_ELIDED, TOLD_COMING)
"""Read only where people write to each other,
and of a statement that is a message of its own: among
requests to an assistant, such things are said in passing."""
CLOSER = len(PATTERNS) - len(BETWEEN_PEOPLE)
"""How many patterns come before those."""
