"""A model's answer while it is being written: its text for showing, the whole for checking."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.model.faults import cancelled
from memassist.assistant.model.protocol import Completion
from memassist.assistant.model.reply import clean, parsed, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memassist.assistant.model import Cancel, Message, Model
    from memassist.assistant.model.protocol import Schema

_TEXT = re.compile(r'"answer"\s*:\s*"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)')
_HALF_A_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")


class AnswerSoFar:
    """The value of `answer` in a JSON object of which only the beginning is known."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._written = ""
        self._told = ""

    def add(self, piece: str) -> str:
        """Return what the piece adds to the answer's text; mostly less than the piece."""
        self._written += piece
        found = _TEXT.search(self._written)
        if found is None:
            return ""
        # Two escapes make one character beyond the first 65,536.
        whole = _HALF_A_PAIR.sub("", found[1])
        try:
            text = clean(json.loads(f'"{whole}"', strict=False))
        except ValueError:  # an escape that JSON does not know; the whole is refused in the end
            return ""
        assert isinstance(text, str)
        more = text[len(self._told) :]
        self._told = text
        return more


def complete_streaming(
    model: Model,
    messages: Sequence[Message],
    schema: Schema,
    max_tokens: int,
    on_text: Callable[[str], None],
    cancel: Cancel | None,
) -> Completion:
    """Return what `Model.complete` would, and hand over the answer's text while it is written.

    What is handed over is not checked yet. Raises `ModelError`.
    """
    so_far, pieces = AnswerSoFar(), []
    for piece in model.stream(messages, max_tokens=max_tokens, schema=schema, cancel=cancel):
        pieces.append(piece)
        if more := so_far.add(piece):
            on_text(more)
    if cancel is not None and cancel.is_cancelled:
        raise cancelled()
    text = taken("".join(pieces))
    try:
        return Completion(text, parsed(text, schema))
    except ModelError:
        # A server may stream what its schema does not bind; asked for the whole, it is told again.
        return model.complete(messages, schema, max_tokens=max_tokens, cancel=cancel)
