"""Closed slots a person fills about themselves: name, home, work, education, health, diet ...

Each rule is one pattern that must open a clause of the speaker's own. The statement is the clause
itself, restated about the speaker, so that nothing is claimed that was not said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.claims import (
    Claim,
    clause_stop,
    is_name,
    mentioned,
    opens_clause,
)
from memassist.assistant.extract.rules.fact_statements import slot_of, statement_of
from memassist.assistant.extract.rules.fact_words import (
    COMMON_USE,
    DATED,
    DURATION,
    SHOP_CARD,
    VAGUE,
)
from memassist.assistant.extract.rules.facts_of_body import RULES as RULES_OF_BODY
from memassist.assistant.extract.rules.facts_of_life import RULES as RULES_OF_LIFE
from memassist.assistant.extract.rules.facts_of_ways import RULES as RULES_OF_WAYS
from memassist.assistant.extract.rules.passages import is_supposed
from memassist.assistant.extract.rules.times import TIME, dated
from memassist.plugins.types import EntityMention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.assistant.extract.rules.fact_rules import Rule
    from memassist.assistant.extract.rules.passages import Sentence
    from memassist.assistant.extract.rules.speakers import Speaker

_RULES = (*RULES_OF_LIFE, *RULES_OF_BODY, *RULES_OF_WAYS)
"""The first that reads a clause is the closest."""
_KINDS = ("favourite", "possession", "account", "contact")
"""Rules whose slot depends on what was said."""
_PREFILTER = re.compile(r"\bI\b|\b[Mm]y\b|\bme\b|\b[Ww]e\b")
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


def _in_time(rule: Rule, clause: str, sentence: Sentence) -> tuple[str, str]:
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
