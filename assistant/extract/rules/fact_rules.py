"""The form of a rule that reads one closed slot, and how its patterns begin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

I_AM = r"I(?:'m| am)(?: (?:currently|actually|also|now|still|originally|a bit|very|really|quite))*"
WE_DO = r"[Ww]e(?:'ve| have)?(?: (?:currently|also|now|still|just|recently|all|finally))*"
I_HAVE = r"I(?:'ve| have)(?: (?:also|just|recently|always|actually|now|only|finally))*"
I_DO = r"I(?: (?:currently|actually|also|now|still|mostly|mainly|only|just|recently|already))*"


@dataclass(frozen=True, slots=True)
class Rule:
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


def rule(name: str, pattern: str, confidence: float = 0.8, **rest: object) -> Rule:
    """Return a rule whose pattern begins at a word; `rest` are more of its fields."""
    return Rule(name, re.compile(rf"(?<![\w'])(?:{pattern})"), confidence, **rest)  # type: ignore[arg-type] # keywords of Rule
