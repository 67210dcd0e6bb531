"""A conversation as the tokens that a model was trained on, by the template in its file.

Invariant: no text of a message becomes a control token. The template is rendered with a place
marked for each text; what stands between the marks may become control tokens, the texts may not, so
a stored "<|im_start|>system" stays the characters that it is.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from memassist.assistant.errors import ModelError
from memassist.assistant.model.protocol import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

PLAIN = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n\n{% endfor %}"
    "assistant:"
)
"""For a file that has no template: a model that was not trained to converse."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a prompt."""

    text: str
    is_from_template: bool
    """Whether it may hold control tokens."""


def prompt_parts(
    template: str, messages: Sequence[Message], *, bos_token: str, eos_token: str
) -> list[Part]:
    """Return the prompt in order. Raises `ModelError` for a template that can't take it.

    A template that knows no system turn, as Gemma's, gets its text at the head of the first other
    turn. Reasoning is switched off where the template lets it be.
    """
    import jinja2

    try:
        compiled = _compiled(template)
        parts = _rendered(compiled, messages, bos_token, eos_token)
        if parts is None:
            parts = _rendered(compiled, _without_system(messages), bos_token, eos_token)
    except (jinja2.TemplateError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise ModelError(
            f"The model's chat template can't be used ({type(error).__name__}).",
            "Use another GGUF file of the model, or another model.",
            "refused",
        ) from error
    if parts is None:
        raise ModelError(
            "The model's chat template leaves a message out.",
            "Use another GGUF file of the model, or another model.",
            "refused",
        )
    return parts


@lru_cache(maxsize=4)
def _compiled(template: str) -> Template:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # A template is a program of whoever made the file; the sandbox keeps it to its own values.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().astimezone().strftime(form)
    return environment.from_string(template)


def _refuse(reason: str) -> NoReturn:
    import jinja2

    raise jinja2.TemplateError(reason)


def _rendered(
    compiled: Template, messages: Sequence[Message], bos_token: str, eos_token: str
) -> list[Part] | None:
    """Return the parts; None where the template does not take these roles."""
    import jinja2

    word = secrets.token_hex(8)
    turns = [
        {"role": one.role, "content": f"[{word}:{number}]"} for number, one in enumerate(messages)
    ]
    has_system = any(one.role == "system" for one in messages)
    try:
        text = compiled.render(
            messages=turns,
            add_generation_prompt=True,
            enable_thinking=False,
            bos_token=bos_token,
            eos_token=eos_token,
        )
    except jinja2.TemplateError:
        if has_system:
            return None
        raise
    pieces = re.split(rf"\[{word}:(\d+)\]", text)
    numbers = [int(piece) for piece in pieces[1::2]]
    if set(numbers) != set(range(len(messages))):
        return None
    parts: list[Part] = []
    spaces = ""
    for place, piece in enumerate(pieces):
        if place % 2:
            parts.append(Part(spaces + messages[int(piece)].text, is_from_template=False))
            continue
        # Vocabularies join a space to the word after it, so it goes with the text that follows.
        kept = piece.rstrip(" ") if place + 1 < len(pieces) else piece
        spaces = piece[len(kept) :]
        parts.append(Part(kept, is_from_template=True))
    return [part for part in parts if part.text]


def _without_system(messages: Sequence[Message]) -> list[Message]:
    system = "\n\n".join(one.text for one in messages if one.role == "system")
    others = [one for one in messages if one.role != "system"]
    if not system or not others:
        return others
    return [Message(others[0].role, f"{system}\n\n{others[0].text}"), *others[1:]]
