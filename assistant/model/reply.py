"""What a model wrote, made into what we take: no reasoning or control characters, checked.

The same for every back end. What the model wrote never becomes part of an error's message.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from memassist.assistant.errors import ModelError
from memassist.assistant.model.schema import fault_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memassist.assistant.model.protocol import Schema

_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPEN_REASONING = re.compile(r"<(?:think|thinking|reasoning)>.*", re.DOTALL | re.IGNORECASE)
_END_OF_REASONING = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_OPENING = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_CLOSING = re.compile(r"</(think|thinking|reasoning)>", re.IGNORECASE)
_BEGUN_MARK = re.compile(r"</?[a-z]{0,9}$", re.IGNORECASE)
"""What may be the beginning of a mark that the next piece completes."""
_FENCE = re.compile(r"^```(?:json)?\s*\n(.*?)\n?```\s*$", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def taken(text: str) -> str:
    """Return a whole reply without reasoning and code fence. Raises `ModelError` if that is all."""
    text = _REASONING.sub("", text)
    # Some chat templates open the block themselves, others never close it.
    text = _END_OF_REASONING.sub("", text)
    text = _OPEN_REASONING.sub("", text).strip()
    fenced = _FENCE.match(text)
    text = fenced[1].strip() if fenced else text
    if not text:
        raise ModelError("The model answered with nothing.", "Try another model.", "empty")
    return text


def parsed(text: str, schema: Schema) -> Mapping[str, object]:
    """Return the object that a reply is, cleaned. Raises `ModelError`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "The model's answer is not valid JSON.", "Try another model.", "malformed"
        ) from error
    fault = fault_of(value, schema)
    if fault is not None:
        raise ModelError(
            f"The model's answer is not of the shape asked for: {fault}.",
            "Try another model.",
            "off schema",
        )
    assert isinstance(value, dict)
    cleaned = clean(value)
    assert isinstance(cleaned, dict)
    return cleaned


def clean(value: object) -> object:
    """Return a value whose texts hold nothing that steers a terminal or that UTF-8 can't hold."""
    if isinstance(value, str):
        kept = value.encode("utf-8", "replace").decode("utf-8")
        return _CONTROL.sub("", kept)
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {name: clean(one) for name, one in value.items()}
    return value


class Shown:
    """Lets through what of a growing reply is to be shown, as soon as that is sure.

    A block of reasoning that the chat template opened is known by `is_reasoning` alone: without it
    such a block is shown until its closing mark, as nothing before tells it apart.
    """

    def __init__(self, *, is_reasoning: bool = False) -> None:
        """Begin within or without reasoning."""
        self._is_reasoning = is_reasoning
        self._held = ""
        self._has_shown = False

    def add(self, piece: str) -> str:
        """Return what can be shown now that a piece has come; mostly the piece itself."""
        self._held += piece
        out: list[str] = []
        while True:
            mark = (_CLOSING if self._is_reasoning else _OPENING).search(self._held)
            if mark is None:
                break
            if not self._is_reasoning:
                out.append(self._held[: mark.start()])
            self._held = self._held[mark.end() :]
            self._is_reasoning = not self._is_reasoning
        begun = _BEGUN_MARK.search(self._held)
        sure = len(self._held) if begun is None else begun.start()
        if not self._is_reasoning:
            out.append(self._held[:sure])
        self._held = self._held[sure:]
        return self._cleaned("".join(out))

    def end(self) -> str:
        """Return what was held back and turned out to be no mark."""
        rest, self._held = self._held, ""
        return "" if self._is_reasoning else self._cleaned(rest)

    def _cleaned(self, text: str) -> str:
        cleaned = clean(text)
        assert isinstance(cleaned, str)
        if not self._has_shown:
            cleaned = cleaned.lstrip()
        self._has_shown = self._has_shown or bool(cleaned)
        return cleaned
