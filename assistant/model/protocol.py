"""The shape of a language model: messages and a schema in, a checked JSON object out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

Schema: TypeAlias = Mapping[str, object]
"""A JSON schema of the subset that `schema.py` checks."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt. Stored text belongs into `user` turns, fenced, never into `system`."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered."""

    text: str
    """Without reasoning blocks; never blank."""
    value: Mapping[str, object]
    """The parsed object, which conforms to the schema asked for."""


@runtime_checkable
class Model(Protocol):
    """A language model that decodes under a JSON schema."""

    @property
    def name(self) -> str:
        """What is shown and recorded with what it made."""

    @property
    def leaves_machine(self) -> bool:
        """Whether what it is given goes to another machine."""

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
    ) -> Completion:
        """Return one completion that conforms to the schema.

        Blocks until it is whole; any thread may call. Raises `ModelError`, and nothing else, for
        whatever the model or its server does wrong.
        """
