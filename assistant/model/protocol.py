"""The shape of a language model: messages and a schema in, a checked JSON object out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    prompt_tokens: int | None = None
    """How many tokens it was given; None where a server does not say."""
    written_tokens: int | None = None
    """How many tokens it wrote, reasoning included; None where a server does not say."""


class Cancel:
    """A person's wish that a model stops writing. Any thread may say it, once and for all."""

    def __init__(self) -> None:
        """Begin with nothing cancelled."""
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._actions: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody said so."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Say so; what waits for the model wakes up."""
        with self._lock:
            self._is_cancelled = True
            actions = [*self._actions]
        for action in actions:
            action()

    @contextmanager
    def calling(self, action: Callable[[], None]) -> Iterator[None]:
        """Have an action called at the moment of the wish, at once if that is past.

        For what blocks where no flag can be looked at, such as a read from a server. The action
        may be called from another thread, and more than once; it must not raise.
        """
        with self._lock:
            self._actions.append(action)
        try:
            if self._is_cancelled:
                action()
            yield
        finally:
            with self._lock:
                self._actions.remove(action)


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
        cancel: Cancel | None = None,
    ) -> Completion:
        """Return one completion that conforms to the schema.

        Blocks until it is whole; any thread may call. Raises `ModelError`, and nothing else, for
        whatever the model or its server does wrong; its fault is "too long" where the messages and
        `max_tokens` don't fit the model's context (the caller leaves some of the evidence out), and
        "cancelled" once `cancel` says so.
        """

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Schema | None = None,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield what the model writes, piece by piece, without reasoning and control characters.

        For showing only: nothing here is checked, and what is to be kept goes through `complete`.
        With a schema the pieces are a JSON object's. Ends early and quietly once `cancel` says so
        or the caller closes it, and where `max_tokens` are written. Raises as `complete` does.
        """
