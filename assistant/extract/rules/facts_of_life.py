"""Who a person is: name, home, origin, household, work, faith, business and education."""

from __future__ import annotations

from memassist.assistant.extract.rules.claims import NAME, PLACE, TECHNICAL
from memassist.assistant.extract.rules.fact_rules import I_AM, I_DO, I_HAVE, WE_DO, Rule, rule
from memassist.assistant.extract.rules.fact_words import DEGREE, DURATION, LANGUAGE, THING
from memassist.assistant.extract.rules.occupations import ROLE

RULES: tuple[Rule, ...] = (
    rule("name", rf"[Mm]y (?:full )?name(?: is|'s) (?P<entity>{NAME})|(?:I go by|[Cc]all me|"
         r"(?:[Ee]very(?:one|body)|[Mm]ost people|[Pp]eople|(?:[Mm]y )?[Ff]riends) calls? me) "
         rf"(?P<entity2>{NAME})", 0.9, slot="name", core="persona", whole=False, entity="person"),
    rule("home", rf"(?:{I_DO}|{WE_DO}) (?:live|reside) (?:just |right )?(?:in|near|at|outside|on) "
         rf"(?P<entity>{PLACE})", 0.85, slot="home", core="persona", entity="place"),
    rule("home", rf"(?:(?:{I_AM}|{I_HAVE} been) (?:living|based|located|residing)|"
         rf"[Ww]e(?:'re| are)(?: all| now)? living) (?:in|near|at|out of) (?P<entity>{PLACE})",
         0.85, slot="home", core="persona", entity="place"),
    rule("home", rf"(?:{I_DO}|{I_HAVE}|{WE_DO}) (?:moved|relocated) (?:here |back |over |house )?"
         r"(?:from [\w ,]+? )?(?:to|into)(?: an? (?:[\w-]+ ){0,3}(?:flat|house|apartment|place|"
         rf"studio) in)? (?!{TECHNICAL})(?P<entity>{PLACE})(?! \d)", 0.85, slot="home",
         core="persona", entity="place"),
    rule("home", rf"{I_HAVE} lived in (?P<entity>{PLACE})", 0.85, slot="home", core="persona",
         entity="place"),
    rule("home", r"[Mm]y (?:flat|house|apartment|place|home|studio) is (?:in|on|at|near) (?:the "
         rf"[\w -]{{3,30}} (?:in|of|at) )?(?P<entity>{PLACE})|I've lived (?:here )?in "
         rf"(?P<entity2>{PLACE})",
         0.8, slot="home", core="persona", entity="place"),
    rule("home", rf"{I_HAVE} been in (?P<entity>{PLACE}) (?:since|for (?!work|a\b|an\b|the\b))",
         0.8, slot="home", core="persona", entity="place"),
    rule("home", rf"(?:{I_DO}|{WE_DO}) live (?:on|in) (?:an?|the) (?:[\w'-]+ ){{1,4}}(?:in|near|"
         rf"outside|of|by) (?P<entity>{PLACE})", 0.8, slot="home", core="persona", entity="place"),
    rule("home", rf"I (?:no longer live in (?P<entity>{PLACE})|don't live in (?P<entity2>{PLACE}) "
         rf"any ?more)", 0.75,
         slot="home", core="persona", negative=True, whole=False, entity="place"),
    rule("past home", rf"I used to live in (?P<entity>{PLACE})", 0.8, entity="place"),
    rule("home", r"[Mm]y (?:home |new |postal )?address is (?P<entity>\d*[\w ,.-]+)", 0.85,
         slot="address", core="persona", entity="place"),
    rule("origin", rf"{I_AM} from (?P<entity>{PLACE})|[Mm]y home ?town is (?P<entity2>{PLACE})",
         0.8, slot="origin", core="persona", entity="place"),
    rule("origin", rf"I was born in (?P<entity>{PLACE})", 0.85, slot="birthplace",
         core="persona", entity="place"),
    rule("origin", r"I (?:grew up|was raised|was born and raised) (?:on an? [\w-]+ )?(?:in|near|"
         rf"outside|around) (?P<entity>{PLACE})", 0.8, core="persona", entity="place"),
    rule("origin", r"[Mm]y (?:own )?(?:mixed )?(?:[A-Z]\w+(?: and |-))?[A-Z]\w+ (?:heritage|roots|"
         r"ancestry|descent|origins|background)\b", 0.7, core="persona", whole=False,
         is_presupposed=True),
    rule("origin", rf"[Mm]y home (?:country|state|town|city)(?: is|,) (?P<entity>{PLACE})", 0.8,
         core="persona", whole=False, is_presupposed=True, entity="place"),
    rule("household", rf"(?:{I_DO} live|{I_AM} living) (?:alone\b|by myself\b|with (?:my|two|three|"
         r"an?)\b|in an? (?:[\w-]+ ){0,4}(?:apartment|flat|house|studio|condo|cottage|dorm|"
         r"townhouse|loft|bungalow|home)\b)", 0.7, slot="household"),
    rule("household", rf"(?:{I_DO} (?:share|rent|own)|{I_AM} renting) an? (?:[\w-]+ ){{0,4}}"
         r"(?:apartment|flat|house|studio|condo|cottage|townhouse|home)\b", 0.7),
    rule("work", rf"(?:{I_DO} work|{I_AM} (?:working|employed)|{I_HAVE} been working) (?:(?:full|"
         rf"part)[- ]time )?as "
         r"(?:an?|the) ", 0.8, slot="occupation", core="persona"),
    rule("work", rf"(?:{I_DO} work|{I_AM} (?:working|employed)|{I_HAVE} been working) (?:(?:full|"
         rf"part)[- ]time )?"
         r"(?:for|at|by) (?:(?=[A-Z])|the (?=(?:[\w'-]+ ){0,3}(?:council|government|university|"
         r"college|hospital|clinic|authority|police|railways?|army|navy|city|county|state|"
         r"ministry|embassy|church|library|museum|post office|fire (?:department|brigade))\b))",
         0.8, slot="employer", core="persona"),
    rule("work", rf"{I_AM} (?:self-employed|a freelancer|freelancing|unemployed|between jobs|"
         r"semi-retired|on (?:maternity|paternity|parental|sick) leave)\b", 0.8,
         core="persona"),
    rule("work", rf"{I_HAVE} been (?:teaching|nursing|driving|coaching) [\w ,&-]{{3,}} (?:at|for) "
         rf"[\w' &-]+ {DURATION}\b", 0.75, core="persona"),
    rule("work", rf"(?:{I_DO} work|{I_AM} working) (?:(?:full|part)[- ]time )?(?:at an? |for an? |"
                 rf"in "
         r"(?:the )?[\w&/ -]{2,40}?(?:industry|sector|field|department|business)\b|in (?:tech|"
         r"finance|marketing|sales|hr|healthcare|publishing|advertising|banking|media|academia|"
         r"government|catering|manufacturing|accounting|pharma|journalism|childcare|social work|"
         r"public health|agriculture|consulting|transport|customer service|retail|education|it|"
         r"insurance|real estate|"
         r"construction|hospitality|law|logistics)\b|from home)", 0.8, core="persona"),
    rule("work", rf"{I_AM} an? {ROLE}", 0.8, slot="occupation", core="persona"),
    rule("work", rf"[Aa]s an? {ROLE}(?:(?: at| for| in) [\w&' -]+)?(?=, I (?!want|need|can\b|"
         rf"should|would|expect|must|am able|will)\w)", 0.6,
         slot="occupation", core="persona", whole=False),
    rule("work", r"[Mm]y (?:day )?job (?:is (?:an? |as )|as an? )\w+", 0.75,
         slot="occupation", core="persona"),
    rule("work", r"[Mm]y employer is \w+", 0.8, slot="employer", core="persona"),
    rule("work", rf"(?<!lost )(?<!quit )(?<!left )(?<!losing )[Mm]y (?:new |current )?(?:role|"
         rf"job|position) (?:as|is) (?:an? |the )?{ROLE}",
         0.75, slot="occupation", core="persona", whole=False, is_presupposed=True),
    rule("work", rf"{I_DO} teach (?!my\b|them\b|him\b|her\b)\w{{2}}", 0.75, core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:got|been|was) (?:promoted|hired|appointed) "
         rf"(?:to|as) (?:an? |the )?{ROLE}|(?:{I_DO}|{I_HAVE}) (?:started|accepted|got|landed) "
         rf"(?:a|"
         r"my) (?:new )?(?:job|position) as \w+", 0.8, slot="occupation", core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:started|accepted|got|landed) (?:a|my) (?:new )?"
         r"(?:job|position) (?:at|with) (?=[A-Z])\w+", 0.8, slot="employer", core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:(?:got|been|was) (?:hired by|promoted (?:to|at))|"
         r"(?:started|accepted|got|landed) (?:a|my) (?:new )?(?:job|position) (?:at|with|in)) "
         r"\w+", 0.8, core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) joined (?P<entity>{NAME}) as (?:an? |the |their )?\w+", 0.8,
         slot="employer", core="persona", entity="organisation"),
    rule("work", rf"{I_HAVE} been an? {ROLE} (?:for|since)\b", 0.8, slot="occupation",
         core="persona"),
    rule("work", rf"{I_DO} work (?:(?:night|day|early|late|split|twelve-hour) shifts?|nights|"
         r"weekends|(?:part|full)[- ]time|remotely|shifts|for myself)\b", 0.75, core="persona"),
    rule("work", rf"{I_DO} report to (?P<entity>{NAME})", 0.75, core="persona", entity="person"),
    rule("work", rf"{I_AM} (?:now )?(?:on the (?:board|committee|council) of|(?:the )?(?:chair|"
         r"president|treasurer|secretary|captain|vice[- ]president|head|director|leader|founder) "
         r"(?:of|at)) (?!it\b|this\b|that\b)\w+", 0.75, core="persona"),
    rule("work", rf"I (?:no longer work (?:at|for) (?:the )?(?P<entity>{NAME})|don't work "
         rf"(?:at|for) (?:the )?(?P<entity2>{NAME}) any ?more)", 0.75, slot="employer", core=
         "persona", negative=True, whole=False,
         entity="organisation"),
    rule("work", r"I(?:'ve| have| was| got) (?:been )?(?:made redundant|laid off)\b", 0.75,
         core="persona"),
    rule("past work", r"I served in the (?:army|navy|air force|marines|military|coast guard|"
         r"reserves|peace corps)\b", 0.8),
    rule("past work", r"[Mm]y (?:previous|former|old|last) (?:role|job|position|career) "
         rf"(?:as|was) (?:an? )?{ROLE}(?: at (?:an? |the )?"
         r"(?:(?!and\b|so\b|but\b)[\w&'-]+ ?){1,3})?", 0.75, whole=False, is_presupposed=True),
    rule("past work", r"I used to (?:be|work as) an? \w+|I worked (?:as an? |at (?=[A-Z])|for "
         r"(?=[A-Z]))", 0.75),
    rule("past work", rf"(?:{I_DO}|{I_HAVE}) (?:lost|quit|left) my (?:[\w-]+ )?(?:job|position|"
                      rf"post|"
         rf"role) "
         r"(?:at|as|with|in) \w+", 0.8),
    rule("work", rf"{I_AM} (?:training|studying|qualifying) (?:to be(?:come)?|as) an? {ROLE}|"
                 rf"{I_DO} "
         rf"(?:manage|lead|head) (?:an?|the) (?:[\w-]+ ){{0,4}}(?:team|department|office|unit|"
         rf"lab)\b",
         0.75, core="persona"),
    rule("trait", r"[Mm]y (?:blood (?:type|group)|height|star sign|"
         r"zodiac sign|pronouns|nationality|religion|faith|ethnicity|maiden name|surname|last "
         r"name|"
         r"middle name|nickname|native country|eye colou?r|hair colou?r) (?:is|are) "
         r"(?!not\b|empty|missing|required)\w+", 0.85, core="persona"),
    rule("trait", rf"{I_AM} (?:an? )?(?:practi[sc]ing |devout |lapsed |proud )?(?:Catholic|"
         rf"Christian|"
         r"Muslim|Jewish|Hindu|Buddhist|Sikh|Quaker|atheist|agnostic|Protestant|Orthodox|Mormon|"
         r"Baptist|Anglican|Lutheran)\b(?! (?:school|church|wedding|recipe))|"
         rf"{I_AM} (?:half[- ])?(?:{LANGUAGE}|American|Canadian|Australian|British|Scottish|Indian|"
         r"Mexican|Brazilian|Nigerian|Kenyan|Egyptian|Pakistani|Belgian|Swiss|Austrian|Colombian|"
         r"Argentinian|Filipino|Lebanese|Iranian|Israeli|Ghanaian|Cuban|Jamaican|Peruvian|Chilean)"
         r"(?=$|[.,;!]| and\b| but\b| by birth)", 0.75, core="persona"),
    rule("trait", r"[Mm]y (?:shoe|ring|dress|shirt|jacket|trouser|hat|clothes|glove|bra|waist) "
         r"size "
         r"is \w+|[Mm]y commute (?:is|takes) (?!not|so\b|too\b|pretty|really|quite|very)\w+", 0.8),
    rule("trait", rf"{I_AM} (?:(?:four|five|six|\d)(?: foot| feet| ?ft\b|')(?: ?(?:\d{{1,2}}|two|"
         rf"three|four|five|six|seven|eight|nine|ten|eleven|one)\b)?|[12]\.\d+ ?(?:m\b|metres)|"
         r"1\d\d ?cm\b)(?: tall)?", 0.8, core="persona"),
    rule("trait", rf"{I_DO} (?:have|hold) (?:dual|both|an? [A-Z][a-z]+|[A-Z][a-z]+) (?:citizenship|"
         rf"nationality|passport)\b", 0.8, core="persona"),
    rule("possession", rf"[Mm]y (?:new |current |old )?{THING} is an? (?:[\w-]+ ){{0,2}}?"
         rf"(?P<entity>{NAME}|i(?:Phone|Pad|Mac)\b)", 0.7, entity="thing"),
    rule("business", rf"{I_DO} (?:run|own|co-own|founded|co-founded|started|manage) (?:an?|my own|"
         r"the|my) (?:[\w'-]+ ){0,4}(?:business|company|shop|store|studio|restaurant|agency|"
         r"startup|start-up|bakery|farm|café|cafe|salon|blog|podcast|channel|practice|"
         r"consultancy|firm|non-?profit|club|band)\b", 0.75),
    rule("education", rf"(?:{I_DO}|{I_HAVE}) graduated (?:from|with|in)\b|{I_DO} (?:have|hold|"
                      rf"earned|"
         rf"received|completed|got) (?:an?|my) (?:[\w'-]+ ){{0,3}}?(?i:{DEGREE}) (?:in|from|"
         rf"of)\b|"
         rf"(?:{I_DO}|{I_HAVE}) (?:did|done|did|got|have) (?:an?|my) (?i:{DEGREE}) (?:in|at|on) "
         rf"[\w]+|"
         r"I (?:majored|minored) in [A-Za-z]+|I studied [\w ]+ (?:at|in)\b", 0.8),
    rule("education", rf"{I_AM} (?:studying [\w ,&-]{{3,}} at|(?:majoring|minoring) in|pursuing "
         rf"(?:an?|my) |(?:doing|working on|completing|finishing) (?:an?|my) (?:[\w'-]+ "
         rf"){{0,2}}?(?i:{DEGREE})\b|an? (?:[\w-]+ ){{0,3}}(?:student|undergrad(?:uate)?|"
         r"PhD candidate) (?:at|in|studying)\b|enrolled in)", 0.8, slot="studies"),
    rule("education", rf"(?:{I_DO}|{I_HAVE}) (?:switched|changed) (?:my )?(?:major|course|degree|"
         r"subject)s? (?:from [\w ]+ )?to \w+", 0.8, slot="studies"),
    rule("education", r"[Aa]s an? (?:(?:international|graduate|exchange|mature|part-time|full-time|"
         r"[a-z]+) )?student(?: at [A-Z]\w+| of \w+)?(?=, I\b)|I(?:'m| am) an? (?:(?:[\w-]+ ){0,2}"
         r"student|apprentice)(?=[.,;!]|$| and\b)", 0.7, slot="occupation", core="persona",
         whole=False),
    rule("education", r"I dropped out of (?:(?:law|med(?:ical)?|high|grad(?:uate)?|art|business|"
         rf"nursing) school|college|university|uni\b|{NAME})|{I_AM} in my (?:first|second|third|"
         r"fourth|final|last|junior|senior|freshman|sophomore) year (?:of|at) ", 0.75),
    rule("education", r"[Mm]y (?:(?:undergraduate|graduate|bachelor'?s?|master'?s?|associate'?s?|"
         r"doctoral|law|college) )+degree (?:in [\w ]+? )?from (?:the )?(?P<entity>"
         rf"{NAME})", 0.75, whole=False, is_presupposed=True, entity="organisation"),
    rule("education", r"[Mm]y (?:(?:undergraduate|graduate|bachelor'?s?|master'?s?|associate'?s?|"
         r"doctoral|law|college|first|second) )*(?:degree|major|minor|PhD|thesis|doctorate) (?:is|"
         r"was) (?:in|on|from) [\w]+", 0.75),
    rule("education", rf"(?<=, )graduating from (?P<entity>{NAME})", 0.75, entity="organisation"),
)  # fmt: skip
