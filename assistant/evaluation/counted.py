"""A language model that counts what it costs, and remembers that it can't be reached."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memassist.assistant.model import Cancel, Completion, Message, Model
    from memassist.assistant.model.protocol import Schema


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model was asked and what that took."""

    requests: int = 0
    failed: int = 0
    """Of the requests."""
    prompt_tokens: int = 0
    written_tokens: int = 0
    """Both as the model counts; 0 where a server doesn't say."""
    seconds: float = 0.0

    def minus(self, earlier: Cost) -> Cost:
        """Return what came since an earlier count."""
        return Cost(
            self.requests - earlier.requests,
            self.failed - earlier.failed,
            self.prompt_tokens - earlier.prompt_tokens,
            self.written_tokens - earlier.written_tokens,
            self.seconds - earlier.seconds,
        )


class CountedModel:
    """Passes everything on to another model. One thread at a time may ask it."""

    def __init__(self, model: Model) -> None:
        """Take the model that is really asked."""
        self._model = model
        self.cost = Cost()
        """What it came to so far."""
        self.lost: ModelError | None = None
        """Why every further request would fail; None as long as that is not so."""

    @property
    def name(self) -> str:
        """The other's name."""
        return self._model.name

    @property
    def leaves_machine(self) -> bool:
        """Whether the other does."""
        return self._model.leaves_machine

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Completion:
        """Return the other's completion. Raises `ModelError`."""
        began = time.monotonic()
        failed, prompt, written = 0, 0, 0
        try:
            done = self._model.complete(
                messages, schema, max_tokens=max_tokens, stop=stop, cancel=cancel
            )
            prompt, written = done.prompt_tokens or 0, done.written_tokens or 0
        except ModelError as error:
            failed = 1
            if error.is_lasting:
                self.lost = error
            raise
        finally:
            cost = self.cost
            self.cost = replace(
                cost,
                requests=cost.requests + 1,
                failed=cost.failed + failed,
                prompt_tokens=cost.prompt_tokens + prompt,
                written_tokens=cost.written_tokens + written,
                seconds=cost.seconds + time.monotonic() - began,
            )
        return done

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Schema | None = None,
        stop: Sequence[str] = (),
        cancel: Cancel | None = None,
    ) -> Iterator[str]:
        """Yield what the other streams; it is not counted. Raises `ModelError`."""
        return self._model.stream(
            messages, max_tokens=max_tokens, schema=schema, stop=stop, cancel=cancel
        )
