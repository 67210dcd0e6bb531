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
    VICE,
)

RULES: tuple[Rule, ...] = (
    rule("allergy", rf"{I_AM} (?:severely |highly |mildly |deathly )?(?:allergic|intolerant) to "
         r"[\w ,-]+", 0.9, core="persona"),
    rule("health", rf"(?:{I_DO} (?:have|suffer from|live with|struggle with)|{I_HAVE} (?:got|had)|"
         rf"{I_AM} (?:living|dealing) with) (?:an? |the )?(?i:{CONDITION})\b|(?:{I_DO} was|"
         rf"{I_HAVE} "
         rf"been|I got) diagnosed with |{I_AM} (?:(?:type [12] )?diabetic|asthmatic|lactose "
         rf"intolerant|colou?r "
         rf"?blind|"
         r"dyslexic|autistic|pregnant|hypertensive|left-handed|deaf|hard of hearing|"
         r"short-sighted|anaemic|anemic)\b|"
         rf"{I_DO} have an? (?:[\w-]+ )?(?:allergy|intolerance|sensitivity) to ", 0.85,
         core="persona"),
    rule("health", rf"[Mm]y (?i:{CONDITION})\b(?= (?:has|is|was|flares?|acts?|gets?))", 0.7),
    rule("health", rf"(?:{I_DO} have|I've got|{I_DO} wear|{I_DO} use) an? (?:[\w-]+ )?(?i:{AID})\b|"
         rf"{I_DO} (?:wear|use) hearing aids\b", 0.8, core="persona"),
    rule("diet", rf"{I_DO} keep (?:kosher|halal)\b|(?:{I_DO}|{I_HAVE}) (?:gave up|given up|quit|"
         rf"stopped) {VICE}\b(?! (?:for (?:a|the)|so|companies|industry))", 0.75,
         core="preferences"),
    rule("medication", rf"(?:{I_DO} take|{I_AM} (?:taking|on)) (?:[\w-]+ ){{0,4}}?{MEDICINE}\b|"
                       rf"{I_DO} "
         rf"take (?:[\w-]+ ){{1,4}}for my (?:[\w-]+ )?(?i:{CONDITION})|[Mm]y (?:medication|"
         r"prescription) is ", 0.75),
    rule("diet", rf"(?:{I_AM}|{I_HAVE} been|{I_HAVE} (?:gone|turned|become)|{I_DO} (?:went|turned|"
         rf"became)) (?:an? )?(?:strict |lifelong )?(?i:{DIET})\b(?! (?:recipe|option|meal))",
         0.85, slot="diet", core="preferences"),
    rule("diet", rf"(?:{I_AM}|{I_HAVE} been) (?:an? )?(?:strict |strictly )?(?i:{RESTRICTION})\b"
         rf"(?! (?:recipe|option|meal))|(?:{I_DO} (?:follow|keep|stick to)|(?:{I_AM}|{I_HAVE} "
         rf"been) "
         r"(?:following|keeping to|on)) an? (?:[\w-]+ ){0,2}diet\b", 0.85, core="preferences"),
    rule("diet", rf"I (?:really )?(?:don't|do not|can't|cannot|never) (?:eat|have|consume|"
         rf"tolerate) (?:any )?{FOOD}\b|I (?:don't|do not|can't|never) drink (?:any )?{DRINK}\b|"
         r"I (?:don't|do not) drink(?=[.,]|$)", 0.8, core="preferences", negative=True),
    rule("birthday", r"[Mm]y birthday(?: is|'s) (?:on |in )?(?:the )?(?:[A-Z]\w+ \d|\d|[A-Z]\w+)"
         r"|I was born (?:on|in) (?:the )?(?:\d|[A-Z]\w+ \d)", 0.85, slot="birthday",
         core="persona"),
    rule("age", rf"{I_AM} \d{{1,2}}(?: years old\b| yrs old\b|(?=[,.;]|$| and| now))", 0.75,
         slot="age", core="persona", whole=False),
    rule("age", rf"(?:{I_DO}|{I_HAVE}) turn(?:ed|ing) \d{{1,2}}\b|{I_AM} turning \d{{1,2}}\b|"
         rf"{I_DO} celebrated my \d+(?:st|nd|rd|th) birthday", 0.75, slot="age", core="persona"),
    rule("language", rf"{I_DO} speak (?:fluent |some |a (?:little|bit of) |both )?{LANGUAGE}\b|"
         rf"{I_AM} (?:fluent|bilingual|conversational|a native speaker) (?:in|of) {LANGUAGE}\b|"
         rf"[Mm]y "
         rf"(?:native|first|mother) (?:language|tongue) is {LANGUAGE}\b", 0.85, core="persona"),
    rule("language", rf"(?:{I_AM}|{I_HAVE}(?: already)? been) (?:(?:learning|studying|taking) "
         rf"{LANGUAGE}\b|taking an? (?:[\w-]+ )*?{LANGUAGE} (?:language )?(?:course|class|"
         r"lessons?)\b)", 0.7),
    rule("language", rf"(?P<entity>{LANGUAGE}) is my (?:first|native|mother|second) "
         r"(?:language|tongue)\b", 0.85, core="persona", entity="thing"),
    rule("status", r"[Ww]e(?:'re| are) expecting (?:an?|our|twins)\b(?: (?:first|second|third|"
         r"fourth|new))?(?: (?:child|baby|daughter|son|kid|boy|girl))?(?=$|[.,!]| in| on|\band)",
         0.8, core="people"),
    rule("status", rf"{I_AM} (?:married|engaged|divorced|widowed|separated|single)\b(?! (?:in|"
         r"with my work)\b)", 0.8, slot="marital status", core="people"),
    rule("status", rf"{I_AM} (?:expecting (?:a|our|my) |a (?:single )?(?:mother|father|mom|mum|dad|"
         r"parent) (?:of|to)\b|an only child|retired\b)", 0.8, core="people"),
)  # fmt: skip
