"""Core memory: what every prompt says about the owner, within a budget of tokens.

What doesn't fit is told, never dropped unseen: a machine's candidate for a full core memory waits
in the inbox (`extract.settle`), and of what a person put there beyond the budget the least
important stays out of prompts, which `CoreMemory.notice` says. A core memory changes like any
other, by revisions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.core import CoreStatement, core_statements

if TYPE_CHECKING:
    from memassist.store.database import Connection
    from memassist.store.memories import MemoryState

ASCII_PER_TOKEN = 4
"""About so many characters of English make a token in the vocabularies of present models."""


@dataclass(frozen=True, slots=True)
class CoreLine:
    """One statement with what it takes in a prompt."""

    statement: CoreStatement
    tokens: int
    is_in_prompts: bool
    """False where the more important lines leave no room."""


@dataclass(frozen=True, slots=True)
class CoreMemory:
    """All of core memory against its budget."""

    lines: tuple[CoreLine, ...]
    """The most important first."""
    budget_tokens: int

    @property
    def tokens(self) -> int:
        """Tokens of all lines together."""
        return sum(line.tokens for line in self.lines)

    @property
    def left_out(self) -> int:
        """How many lines stay out of prompts."""
        return sum(not line.is_in_prompts for line in self.lines)

    @property
    def meter(self) -> str:
        """How full it is, in a line."""
        share = round(100 * self.tokens / self.budget_tokens) if self.budget_tokens else 100
        return f"{self.tokens:,} of {self.budget_tokens:,} tokens ({share}%)"

    @property
    def notice(self) -> str:
        """What the person should know and can do; empty while all fits."""
        if not self.left_out:
            return ""
        number = f"{self.left_out:,} line{'s' if self.left_out > 1 else ''}"
        return (
            f"Core memory is over its budget: the {number} of least importance"
            f" {'stay' if self.left_out > 1 else 'stays'} out of prompts. Shorten, archive or unpin"
            " some (memassist memories edit), or raise core.budget_tokens."
        )


def read_core(connection: Connection, budget_tokens: int) -> CoreMemory:
    """Return core memory and which of its lines go into prompts."""
    lines: list[CoreLine] = []
    left = budget_tokens
    for statement in core_statements(connection):
        tokens = _tokens_of_line(statement.label, statement.text)
        lines.append(CoreLine(statement, tokens, tokens <= left))
        # A short line of less importance may still fit where a long one did not.
        left -= tokens if tokens <= left else 0
    return CoreMemory(tuple(lines), budget_tokens)


def has_room(connection: Connection, state: MemoryState, budget_tokens: int) -> bool:
    """Whether another core memory fits; what it would follow in its slot gives its room to it."""
    kept = sum(
        _tokens_of_line(one.label, one.text)
        for one in core_statements(connection)
        if state.slot is None or one.slot != state.slot
    )
    label = str(state.fields.get("label") or "")
    return kept + _tokens_of_line(label, state.text) <= budget_tokens


def prompt_entry(statement: CoreStatement) -> dict[str, object]:
    """Return a statement as it stands in a prompt."""
    return _entry(statement.label, statement.text)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text takes, rather too many than too few.

    Core memory is the same for every model, so no model's own vocabulary counts it.
    """
    of_ascii = sum(character.isascii() for character in text)
    return -(-of_ascii // ASCII_PER_TOKEN) + len(text) - of_ascii


def _tokens_of_line(label: str, text: str) -> int:
    return estimated_tokens(json.dumps(_entry(label, text), ensure_ascii=False))


def _entry(label: str, text: str) -> dict[str, object]:
    return {"about": label, "text": text} if label else {"text": text}
