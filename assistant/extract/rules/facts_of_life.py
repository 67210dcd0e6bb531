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
    rule("work", rf"(?:{I_DO} work|{I_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?as "
         r"(?:an?|the) ", 0.8, slot="occupation", core="persona"),
    rule("work", rf"(?:{I_DO} work|{I_AM} (?:working|employed)) (?:(?:full|part)[- ]time )?"
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
         r"finance|marketing|sales|hr|healthcare|retail|education|it|insurance|real estate|"
         r"construction|hospitality|law|logistics)\b|from home)", 0.8, core="persona"),
    rule("work", rf"{I_AM} an? {ROLE}", 0.8, slot="occupation", core="persona"),
    rule("work", rf"[Aa]s an? {ROLE}(?:(?: at| for| in) [\w&' -]+)?(?=, I (?!want|need|can\b|"
         rf"should|would|expect|must|am able|will)\w)", 0.6,
         slot="occupation", core="persona", whole=False),
    rule("work", r"[Mm]y (?:day )?job (?:is (?:an? |as )|as an? )[\w/ -]+", 0.75,
         slot="occupation", core="persona"),
    rule("work", r"[Mm]y employer is [\w&. -]+", 0.8, slot="employer", core="persona"),
    rule("work", rf"(?<!lost )(?<!quit )(?<!left )(?<!losing )[Mm]y (?:new |current )?(?:role|"
         rf"job|position) (?:as|is) (?:an? |the )?{ROLE}",
         0.75, slot="occupation", core="persona", whole=False, is_presupposed=True),
    rule("work", rf"{I_DO} teach (?!my\b|them\b|him\b|her\b)[\w ,&-]{{3,}}", 0.75, core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:got|been|was) (?:promoted|hired|appointed) "
         rf"(?:to|as) (?:an? |the )?{ROLE}|(?:{I_DO}|{I_HAVE}) (?:started|accepted|got|landed) "
         rf"(?:a|"
         r"my) (?:new )?(?:job|position) as [\w ]+", 0.8, slot="occupation", core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:started|accepted|got|landed) (?:a|my) (?:new )?"
         r"(?:job|position) (?:at|with) (?=[A-Z])[\w ]+", 0.8, slot="employer", core="persona"),
    rule("work", rf"(?:{I_DO}|{I_HAVE}) (?:(?:got|been|was) (?:hired by|promoted (?:to|at))|"
         r"(?:started|accepted|got|landed) (?:a|my) (?:new )?(?:job|position) (?:at|with|in)) "
         r"[\w ]+", 0.8, core="persona"),
    rule("past work", r"[Mm]y (?:previous|former|old|last) (?:role|job|position|career) "
         rf"(?:as|was) (?:an? )?{ROLE}(?: at (?:an? |the )?"
         r"(?:(?!and\b|so\b|but\b)[\w&'-]+ ?){1,3})?", 0.75, whole=False, is_presupposed=True),
    rule("past work", r"I used to (?:be|work as) an? [\w -]+|I worked (?:as an? |at (?=[A-Z])|for "
         r"(?=[A-Z]))", 0.75),
    rule("past work", rf"(?:{I_DO}|{I_HAVE}) (?:lost|quit|left) my (?:[\w-]+ )?(?:job|position|"
                      rf"post|"
         rf"role) "
         r"(?:at|as|with|in) [\w ]+", 0.8),
    rule("work", rf"{I_AM} (?:training|studying|qualifying) (?:to be(?:come)?|as) an? {ROLE}|"
                 rf"{I_DO} "
         rf"(?:manage|lead|head) (?:an?|the) (?:[\w-]+ ){{0,4}}(?:team|department|office|unit|"
         rf"lab)\b",
         0.75, core="persona"),
    rule("trait", r"[Mm]y (?:blood (?:type|group)|height|star sign|"
         r"zodiac sign|pronouns|nationality|religion|faith|ethnicity|maiden name|surname|last "
         r"name|"
         r"middle name|nickname|native country|eye colou?r|hair colou?r) (?:is|are) "
         r"(?!not\b|empty|missing|required)[\w ]+", 0.85, core="persona"),
    rule("trait", rf"{I_AM} (?:an? )?(?:practi[sc]ing |devout |lapsed |proud )?(?:Catholic|"
         rf"Christian|"
         r"Muslim|Jewish|Hindu|Buddhist|Sikh|Quaker|atheist|agnostic|Protestant|Orthodox|Mormon|"
         r"Baptist|Anglican|Lutheran)\b(?! (?:school|church|wedding|recipe))|"
         rf"{I_AM} (?:half[- ])?(?:{LANGUAGE}|American|Canadian|Australian|British|Scottish|Indian|"
         r"Mexican|Brazilian|Nigerian|Kenyan|Egyptian|Pakistani|Belgian|Swiss|Austrian|Colombian|"
         r"Argentinian|Filipino|Lebanese|Iranian|Israeli|Ghanaian|Cuban|Jamaican|Peruvian|Chilean)"
         r"(?=$|[.,;!]| and\b| by birth)", 0.75, core="persona"),
    rule("possession", rf"[Mm]y (?:new |current |old )?{THING} is an? (?:[\w-]+ ){{0,2}}?"
         rf"(?P<entity>{NAME})", 0.7, entity="thing"),
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
