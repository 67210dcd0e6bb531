"""What a person has, uses, likes, can't stand and keeps doing."""

from __future__ import annotations

from memassist.assistant.extract.rules.claims import NAME
from memassist.assistant.extract.rules.fact_rules import I_AM, I_DO, I_HAVE, WE_DO, Rule, rule
from memassist.assistant.extract.rules.fact_words import (
    DURATION,
    GENRE,
    HABIT,
    INSTRUMENT,
    THING,
    WEEKDAY,
)

RULES: tuple[Rule, ...] = (
    rule("possession", rf"{I_DO} (?:own|drive|ride|fly|shoot with|play) (?:an?|my) (?:[\w-]+ "
         rf"){{0,3}}?"
         rf"(?P<entity>{NAME})(?: (?:[\w-]+ )?{THING}\b)?", 0.75, entity="thing"),
    rule("account", rf"{I_DO} (?:have|pay for) an? (?!Google|Facebook|Gmail|"
         rf"Twitter)(?P<entity>{NAME}) (?:[\w-]+ )?(?:account|subscription|membership|"
         rf"licen[cs]e)\b(?! (?:table|model|page|class|object|field|form|type|settings|plan|"
         rf"number|key))|(?:{I_AM}|{I_DO}) (?:subscribed?|a member of|a subscriber (?:of|to)) "
         rf"(?:to |"
         rf"of )?(?:the )?(?P<entity2>{NAME})", 0.75,
         entity="thing"),
    rule("tool", rf"(?:{I_DO} (?:use|rely on)|{I_HAVE} been using) (?:the |an? )?"
         rf"(?P<entity>{NAME})(?: (?:app|website))?(?:,? and (?:{NAME}))? (?:for(?! a (?:while|"
         rf"bit|long|few|couple|year|month)| \w+ (?:years?|months?|weeks?)\b| (?:the (?:past|"
         rf"last)|about|over|almost|nearly|around)\b| some time| ages)|to|as|in the|every)\b", 0.7,
         entity="thing"),
    rule("account", rf"{I_DO} bank with (?:the )?(?P<entity>{NAME})|[Mm]y bank is (?:the )?"
         rf"(?P<entity2>{NAME})", 0.75, entity="thing"),
    rule("favourite", r"[Mm]y (?:all[- ]time |absolute )?favou?rite [\w ]{3,25}?, (?:the )?"
         rf"(?P<entity>{NAME})(?=[,.!]|$)", 0.75, core="preferences", entity="thing",
         whole=False, is_presupposed=True),
    rule("preference", r"I (?:really |absolutely |also |just )*(?:love|adore|enjoy|prefer) "
         r"(?!the\b|your\b|these\b|those\b|this\b|my\b|how\b|\w+ing\b|all\b|some\b|good\b|"
         rf"great\b|different\b|hearing\b|seeing\b)(?:[\w-]+,? ){{1,4}}{GENRE}(?=[.,!;]|$| and\b|"
         rf" because\b)", 0.7,
         core="preferences"),
    rule("pastime", r"I (?:usually |always |generally )?(?:go|do|play|attend|swim|run|train|"
         r"practi[sc]e|sing|volunteer|teach|dance|climb|row|cycle) (?:[\w'&-]+ ){0,5}?(?:every "
         rf"(?:other |second )?|on ){WEEKDAY}\b", 0.7),
    rule("favourite", r"[Mm]y (?:all[- ]time |absolute |personal )?favou?rite (?!one\b|part\b|"
         r"things?\b|way\b|memor)[\w ]{2,40}? (?:is|are|has always been) (?!probably|the one|when|"
         r"how|that|this|it\b|super\b|very\b|really\b|so\b|also\b|from\b|at\b|in\b|on\b|to\b|"
         r"getting\b|being\b|just\b|always\b|not\b|pretty\b|definitely\b|quite\b|"
         r"still\b)[\w\"]+", 0.75,
         core="preferences"),
    rule("favourite", rf"(?P<entity>{NAME}) is my (?:all[- ]time |absolute )?favou?rite "
         rf"[a-z]+(?=[.,!;]|"
         r"$| and\b| of all)", 0.7, core="preferences", entity="thing"),
    rule("preference", rf"I (?:always|never|only ever|exclusively) {HABIT}\b(?! (?:about|back|"
         rf"for "
         r"granted|into|it\b|them\b|that\b|this\b|care\b))", 0.65, core="preferences"),
    rule("preference", r"I (?:generally |usually |always |strongly |much |really )*prefer "
         r"(?!it\b|them\b|this\b|that\b|these\b|those\b|to have\b)[\w' -]+? "
         r"(?:over|to|rather than|instead of|than) [\w]+", 0.65, core="preferences"),
    rule("preference", r"I (?:can't stand|really hate|hate|loathe|despise) (?!not\b|you\b|it\b|"
         r"that\b|this\b|when\b|how\b|to\b|them\b|these\b|those\b|the\b|having\b|being\b|"
         r"myself\b)[\w]+", 0.6,
         core="preferences"),
    rule("preference", rf"{I_AM} an? (?:huge|big|massive|lifelong|long-?time|die-?hard|avid) fan "
         rf"of (?P<entity>(?:the )?{NAME})", 0.65),
    rule("pastime", rf"{I_AM} an? (?:avid|keen|passionate|lifelong|long-?time) (?:reader|runner|"
         r"cyclist|hiker|gardener|collector|gamer|travell?er|swimmer|photographer|cook|baker|"
         r"climber|birder|birdwatcher|knitter|skier|surfer|chess player)\b", 0.65),
    rule("pastime", rf"{I_HAVE} been (?!meaning|thinking|wanting|trying|looking|considering|"
         rf"planning|"
         r"feeling|having|getting|seeing|hearing|waiting|wondering|putting|noticing|going every|"
         r"taking classes|telling|asking|hoping|using|working (?:in|at) my|working on|"
         r"doing)\w+ing "
         rf"(?!it\b|them\b|this\b|that\b|there\b|\w+ly\b)[\w' ,&-]{{3,70}}? {DURATION}\b", 0.7),
    rule("pastime", rf"{I_HAVE} (?:(?:had|owned) (?=my |an? |two |three )|(?:lived in|worked (?:at|"
         rf"as|for|in)|been with) )(?!it\b|them\b|this\b|that\b|him\b|her\b)[\w' ,&-]{{3,70}}? "
         rf"{DURATION}\b", 0.7),
    rule("pastime", rf"(?:{I_AM}|{I_HAVE} been) volunteering (?:at|for|with) \w+|"
         rf"{I_DO} (?:collect|breed|coach|volunteer (?:at|for|with|as)|sing in|"
         r"play (?:in (?:an?|the)|for (?:an?|the))|belong to|attend [A-Z]) ?\w+|"
         rf"{I_DO} play (?:the )?{INSTRUMENT}\b", 0.7),
    rule("switch", rf"(?:{I_DO}|{I_HAVE}|{WE_DO}) (?:switched|changed|moved) (?:our |my "
         rf")?(?:(?:bank|phone|"
         rf"energy|broadband|internet|insurance)(?: provider| supplier)? )?(?:over )?from "
         rf"(?P<other>{NAME}) "
         rf"to (?P<entity>{NAME})", 0.75, entity="thing"),
    rule("contact", r"[Mm]y (?:new |work |personal |current )?(?:(?:e-?mail|phone|mobile|cell)(?: "
         r"(?:address|number))?) is (?:now )?(?=\S*[@\d])\S+", 0.85, core="persona"),
    rule("account", rf"[Mm]y (?:new )?(?:gym|church|(?:broadband|internet|phone|mobile|energy)(?: "
         rf"provider| supplier)?|pharmacy|insurer|airline|football team|local pub) is (?:called )?"
         rf"(?P<entity>{NAME})|{I_DO} keep (?:my|our) (?:savings|money|pension|mortgage) (?:with|"
         rf"at) "
         rf"(?:the )?(?P<entity2>{NAME})", 0.75, entity="thing"),
    rule("place of things", rf"(?:{I_DO}|{WE_DO}) keep (?:my|the|our|an?) (?:[\w'-]+ "
         rf"){{1,4}}(?:in|on|under|"
         r"behind|at|above|below|inside) (?:the|my|our|an?) (?:[\w'-]+ ){0,3}(?:drawer|cupboard|"
         r"shelf|"
         r"box|cabinet|safe|attic|loft|garage|cellar|basement|shed|wardrobe|closet|desk|pot|mat|"
         r"bank|folder|jar|tin)\b", 0.7),
    rule("possession", rf"(?:{I_DO}|{WE_DO}) keep (?:\w+ )?(?:bees|chickens|hens|goats|horses|"
         rf"ducks|sheep|"
         r"rabbits|pigeons|alpacas|pigs)\b", 0.75),
    rule("preference", rf"{I_AM} an? (?:(?:huge|big|massive|lifelong|long-?time|die-?hard|avid) )?"
         rf"(?P<entity>{NAME}) (?:fan|supporter)\b|{I_DO} support (?P<entity2>{NAME})(?=[.,!]|$| "
         rf"and\b)",
         0.7, entity="thing"),
    rule("preference", r"I (?:like|take|drink|have|prefer) my (?:coffee|tea|steak|eggs|espresso|"
         r"toast|"
         r"curry|latte) (?!to\b|in the\b|at\b|on\b|when\b)\w+", 0.75, core="preferences"),
    rule("preference", r"I (?:generally |usually |always |strongly |much |really )*prefer "
         r"(?:(?:an? |"
         r"the )?(?:aisle|window|morning|evening|paper|physical|printed|audio|tea|coffee|cash|"
         r"trains?|"
         r"cats|dogs|texts?|phone calls|e-?mails?|early|late|red wine|white wine)\b(?! or\b))", 0.7,
         core="preferences"),
    rule("preference", r"I (?:hate|can't stand|dislike|don't like) being (?:phoned|called|rushed|"
         r"late|"
         r"interrupted|touched|photographed|hugged|woken)\b", 0.7, core="preferences",
         negative=True),
    rule("preference", rf"{I_AM} (?:very much |definitely |not )?an? (?:morning|night|early|cat|"
         rf"dog|"
         r"people|tea|coffee) (?:person|owl|bird|drinker)\b", 0.7, core="preferences",
         negative=True),
    rule("preference", r"I (?:really |absolutely )?(?:love|adore|enjoy) \w+ing (?:in|on|around|"
         r"along) "
         r"(?:the )?(?=[A-Z])\w+", 0.65, core="preferences"),
    rule("preference", rf"{I_AM} (?:obsessed with|really into|crazy about|passionate about) (?!the "
         r"idea|how\b|what\b|getting\b|it\b|this\b|that\b|these\b|trying\b|making\b|my\b)"
         r"[\w-]+(?: [\w-]+)?(?=[.!]|$)", 0.65),
    rule("pastime", rf"{I_DO} (?!have|get|need|want|feel|know|think)[a-z]+ (?:[\w'&-]+ "
         rf"){{1,5}}?in my "
         r"(?:spare|free) time\b|I (?:mostly |mainly )?read (?:mostly |mainly )?(?:\w+ )?(?:crime|"
         r"fantasy|sci-fi|science fiction|historical|romance|non-?fiction|biograph\w+|thrillers|"
         r"poetry|"
         r"mysteries)\b", 0.7),
    rule("pastime", r"(?:I|[Ww]e) (?:usually |always |generally )?(?:go|do|play|swim|run|train|"
         r"practi[sc]e|sing|volunteer|teach|dance|climb|row|cycle|meet|attend|walk|meditate|see|"
         r"visit|"
         r"call) (?:(?!that\b|when\b|so\b|it\b)[\w'&-]+ ){0,6}?(?:(?:once|twice|(?:two|three|"
         r"four|five|\d) times) (?:a|"
         r"per|every) (?:week|month|year)|every (?:other |single |second )?(?:morning|evening|"
         r"night|week|"
         r"weekend|fortnight|month|year|summer|winter|spring|autumn|Christmas))\b", 0.7),
    rule("pastime", rf"{I_AM} (?:training for (?:the|an?|my) (?:[\w'-]+ )*(?:marathon|triathlon|"
         rf"race|"
         r"ironman|ultra\w*|10k|5k|tournament|season|swim|ride)|learning (?:how )?to (?:play|drive|"
         r"swim|sail|ski|knit|sew|dance|fly|ride|surf|weld|draw|paint|crochet)|learning (?:the "
         r")?(?:guitar|"
         r"piano|violin|cello|drums|flute|ukulele|saxophone|harp))\b(?! (?:in|on) python)", 0.7),
    rule("past pastime", r"I used to (?:play|compete|dance|sing|row|box|fence|coach|teach|smoke|"
         r"collect|"
         r"go \w+ing|do (?:ballet|judo|karate|gymnastics)) (?!all\b|it\b|that\b|this\b|a "
         r"lot\b)\w+", 0.7),
    rule("collection", r"I have an? (?:[\w-]+ )?collection of (?!the\b|my\b|these\b|books that)\w+",
         0.7),
    rule("owned", rf"\b[Mm]y (?:new |old |trusty )?(?P<entity>(?:\d{{4}} )?(?!I\b|App\b|"
         rf"Google\b)[A-Z][\w-]+(?: "
         rf"[A-Z\d][\w-]*){{0,3}}) (?P<thing>{THING})\b(?!'s| (?:app|account|screen|case|strap|"
         rf"course))", 0.65,
         whole=False, is_presupposed=True, entity="thing"),
    rule("business", rf"{I_DO} (?:write|edit|publish|host|produce) an? (?:[\w-]+ "
         rf"){{0,3}}(?:newsletter|"
         r"blog|column|podcast|zine|magazine)\b", 0.75),
    rule("project", r"(?:I'm|I am|[Ww]e're|[Ww]e are) (?:currently )?in the process of (?:buying|"
         r"selling|renovating|building|opening) an? (?:[\w-]+ ){1,4}(?:in|near|on) (?=[A-Z])\w+",
         0.7),
)  # fmt: skip
