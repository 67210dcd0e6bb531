"""Allergies, health, diet, birthday, age, languages and family status."""

from __future__ import annotations

from memassist.assistant.extract.rules.fact_rules import I_AM, I_DO, I_HAVE, Rule, rule
from memassist.assistant.extract.rules.fact_words import (
    AID,
    CONDITION,
    DIET,
    DRINK,
    FOOD,
    LANGUAGE,
    MEDICINE,
    RESTRICTION,
    TENS,
    VICE,
)

RULES: tuple[Rule, ...] = (
    rule("allergy", rf"{I_AM} (?:severely |highly |mildly |deathly )?(?:allergic|intolerant) to "
         r"\w", 0.9, core="persona"),
    rule("health", rf"(?:{I_DO} (?:have|suffer from|live with|struggle with)|{I_HAVE} (?:got|had)|"
         rf"{I_AM} (?:living|dealing) with) (?:an? |the )?(?i:{CONDITION})\b|(?:{I_DO} was|"
         rf"{I_HAVE} "
         rf"been|I got) diagnosed with |{I_AM} (?:(?:type [12] )?diabetic|asthmatic|lactose "
         rf"intolerant|colou?r[ -]?blind|"
         r"dyslexic|autistic|pregnant|hypertensive|left-handed|deaf|hard of hearing|"
         r"short-sighted|anaemic|anemic)\b|"
         rf"{I_DO} have an? (?:[\w-]+ )?(?:allergy|intolerance|sensitivity) to ", 0.85,
         core="persona"),
    rule("health", rf"[Mm]y (?i:{CONDITION})\b(?= (?:has|is|was|flares?|acts?|gets?))", 0.7),
    rule("health", rf"(?:{I_DO} have|I've got|{I_DO} wear|{I_DO} use) an? (?:[\w-]+ )?(?i:{AID})\b|"
         rf"{I_DO} (?:wear|use) (?:hearing aids|contact lenses|contacts|reading glasses|glasses|"
         rf"varifocals|braces)\b(?! (?:for (?:a|the)|with)\b)", 0.8, core="persona"),
    rule("diet", rf"{I_DO} keep (?:kosher|halal)\b|(?:{I_DO}|{I_HAVE}) (?:gave up|given up|quit|"
         rf"stopped) {VICE}\b(?! (?:for (?:a|the)|so|companies|industry))", 0.75,
         core="preferences"),
    rule("reaction", r"(?!I\b|My\b|It\b|This\b|That\b|They\b|He\b|She\b|You\b|"
         r"These\b)(?:[A-Z][\w-]+|"
         r"(?:[Ee]ating|[Dd]rinking) \w+)(?: \w+)? (?:makes? me (?:really |very |so |quite |feel "
         r")?(?:ill|"
         r"sick|sneeze|itch|wheeze|break out)|brings? me out in \w+|gives? me (?:hives|a rash|"
         r"migraines|headaches|heartburn|stomach ?aches?))\b", 0.75, core="persona"),
    rule("fear", rf"(?:{I_AM} (?:\w+ly )?(?:afraid|terrified|scared|frightened) of|{I_DO} have a "
         r"(?:phobia|fear) of) (?:the dark|flying|heights|spiders|snakes|dogs|needles|clowns|birds|"
         r"public speaking|enclosed spaces|small spaces|lifts|elevators|thunder\w*|insects|bees|"
         r"wasps|mice|rats|(?:deep |open )?water|crowds|dentists|blood|driving|drowning)\b", 0.75),
    rule("ability", r"I (?:can't|cannot|never learn(?:ed|t) to) (?:swim|drive|ride a bike|cook|"
         r"whistle|ski|read music|dance|sing)(?=[.,!;]|$| and\b| so\b| but\b)", 0.7, negative=True),
    rule("medication", rf"(?:{I_DO} take|{I_AM} (?:taking|on)) (?:[\w-]+ ){{0,4}}?{MEDICINE}\b|"
                       rf"{I_DO} "
         rf"take (?:[\w-]+ ){{1,4}}for my (?:[\w-]+ )?(?i:{CONDITION})|[Mm]y (?:medication|"
         r"prescription) is ", 0.75),
    rule("diet", rf"(?:{I_AM}|{I_HAVE} been|{I_HAVE} (?:gone|turned|become)|{I_DO} (?:went|turned|"
         rf"became)) (?:an? )?(?:strict |lifelong )?(?i:{DIET})\b(?! (?:recipe|option|meal))",
         0.85, slot="diet", core="preferences"),
    rule("diet", rf"(?:{I_AM}|{I_HAVE} been) (?:an? )?(?:strict |strictly )?(?i:{RESTRICTION})\b"
         r"(?! (?:recipe|option|meal))", 0.85, core="preferences"),
    rule("diet", rf"[Aa]s an? (?:strict |lifelong )?(?i:{DIET})(?=, I\b(?! want))|(?<=for me )as "
         rf"an? "
         rf"(?i:{DIET})\b", 0.7, slot="diet", core="preferences", whole=False, is_presupposed=True),
    rule("diet", rf"(?:{I_DO} (?:follow|keep|stick to)|(?:{I_AM}|{I_HAVE} been) (?:following|"
         rf"keeping to|on)) "
         r"an? (?:[\w-]+ ){0,2}diet\b", 0.85, slot="diet plan", core="preferences"),
    rule("diet", rf"I(?:'m| am) (?:no longer (?:an? )?(?i:{DIET})\b|not (?:an? )?(?i:{DIET}) any "
         rf"?more\b)"
         r"|I eat (?:meat|fish|everything|dairy) again\b|I(?:'ve| have) gone back to eating \w+",
         0.8, slot="diet", core="preferences", negative=True),
    rule("diet", rf"I (?:really )?(?:don't|do not|can't|cannot|never) (?:eat|have|consume|"
         rf"tolerate) (?:any )?(?:{FOOD}|{DRINK})\b|I (?:don't|do not|can't|never) drink (?:any "
         rf")?{DRINK}\b|"
         r"I (?:don't|do not) drink(?=[.,]|$)", 0.8, core="preferences", negative=True),
    rule("birthday", r"[Mm]y birthday(?: is|'s) (?:on |in )?(?:the )?(?:[A-Z]\w+ \d|\d|[A-Z]\w+)"
         r"|I was born (?:on|in) (?:the )?(?:\d|[A-Z]\w+ \d)", 0.85, slot="birthday",
         core="persona"),
    rule("age", rf"{I_AM} \d{{1,2}}(?: years old\b| yrs old\b|(?=[,;]|\.(?!\d)|$| and| now| these "
         rf"days))|{I_AM} {TENS}(?: years old\b|(?=[,.;]|$| and| now))|"
         rf"{I_AM} an? \d{{1,2}}-year-old\b", 0.75,
         slot="age", core="persona", whole=False),
    rule("age", rf"(?:{I_DO}|{I_HAVE}|{I_AM}) turn(?:ed|ing) (?:\d{{1,2}}|{TENS})\b|"
         rf"{I_DO} celebrated my \d+(?:st|nd|rd|th) birthday", 0.75, slot="age", core="persona"),
    rule("language", rf"{I_DO} speak (?:fluent |some |a (?:little|bit of) |both )?{LANGUAGE}\b|"
         rf"{I_AM} (?:fluent|bilingual|conversational|a native speaker) (?:in|of) {LANGUAGE}\b|"
         rf"[Mm]y "
         rf"(?:native|first|mother) (?:language|tongue) is {LANGUAGE}\b|"
         rf"I grew up (?:speaking|bilingual in) {LANGUAGE}\b", 0.85, core="persona"),
    rule("language", rf"(?:{I_AM}|{I_HAVE}(?: already)? been) (?:(?:learning|studying|taking) "
         rf"{LANGUAGE}\b|taking an? (?:[\w-]+ )*?{LANGUAGE} (?:language )?(?:course|class|"
         r"lessons?)\b)", 0.7),
    rule("language", rf"(?P<entity>{LANGUAGE}) is my (?:first|native|mother|second) "
         r"(?:language|tongue)\b", 0.85, core="persona", entity="thing"),
    rule("status", r"[Ww]e(?:'re| are) expecting (?:an?|our|twins)\b(?: (?:first|second|third|"
         r"fourth|new))?(?: (?:child|baby|daughter|son|kid|boy|girl))?(?=$|[.,!]| in| on|\band)",
         0.8, core="people"),
    rule("status", rf"{I_AM} (?:married|engaged|divorced|widowed|separated|single)\b(?! (?:in|"
         r"with my work)\b)|I(?:'m| am) no longer (?:married|engaged|single)\b|[Mm]y (?:wife|"
         r"husband|"
         r"partner|girlfriend|boyfriend) and I (?:have been|are|got|just got) (?:married|engaged|"
         r"divorced|separated|together)\b|(?:I|[Ww]e|[A-Z][a-z]+ and I)(?:'ve| have)? (?:just |"
         r"recently "
         r"|finally )?(?:got|gotten) (?:married|engaged|divorced|separated)\b", 0.8, slot=
         "marital status", core="people"),
    rule("status", rf"{I_AM} (?:expecting (?:a|our|my) |a (?:single )?(?:mother|father|mom|mum|dad|"
         r"parent) (?:of|to)\b|an only child|retired\b|the (?:oldest|eldest|"
         r"youngest|middle|second|third) (?:child |son |daughter |boy |girl )?(?:of (?:\w+ "
         r")?(?:siblings|children|kids|"
         r"brothers|sisters|us|\w+)|in my family)\b)", 0.8, core="people"),
    rule("status", r"[Mm]y parents (?:are |got |have been |were )?(?:divorced|separated|married)\b",
         0.8, core="people", whole=False),
)  # fmt: skip
