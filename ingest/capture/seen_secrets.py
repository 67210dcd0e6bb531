"""Secrets in text that was read from pixels, where a 1 may have become an i.

The detectors (`memassist.ingest.secrets`) look at the text as it was read, and once more with
letters that look like digits taken for digits wherever digits surround them. A number in the shape
of a card counts as one whatever its check digit says: one digit misread makes it wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from memassist.ingest.secrets import mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import SecretFound

Hidden: TypeAlias = tuple[int, int, str]
"""Start, stop, mask."""

_LIKE_DIGITS = str.maketrans("OoQDIil|!SsBZz", "00001111155822")
_NUMBER = re.compile(r"(?<![^\W_])[\dOoQDIil|!SsBZz](?:[ .-]?[\dOoQDIil|!SsBZz]){7,24}(?![^\W_])")
_DIGITS_SHARE = 0.6
_CARD_SHAPE = re.compile(
    r"(?<!\d)(?<![A-Z]{2}\d{2} )(?<!\d{4} )(?!20\d\d)"
    r"(?P<secret>[2-6]\d{3}(?:(?: ?\d{4}){3}|([.-])\d{4}\2\d{4}\2\d{4})|"
    r"3[47]\d\d(?: ?\d{6} ?\d{5}|([.-])\d{6}\3\d{5}))(?!\d| \d{4} )"
)
"""Four groups of four; four, six and five; the space between two is often not read. An account
number begins with a country's letters, and a row of years or of more groups is none."""
_CARD_WITH_DATE = re.compile(
    r"(?<!\d)(?P<secret>[2-6]\d{3}(?: ?\d{4}){3} ?(?:0[1-9]|1[0-2])/\d\d(?: ?\d{3,4})?)(?!\d)"
)
"""Where no space was read before the month of its end, which may be followed by the code."""
_PRIVATE_KEY = re.compile(
    r"(?P<secret>-*\s*BEGIN [A-Z ]{0,40}PRIVATE KEY[\s\S]*?(?:END [A-Z ]{0,40}PRIVATE KEY\s*-*|\Z))"
)
"""The dashes around are seldom read in full; without an end all that follows is hidden."""
_LONG_TOKEN = re.compile(
    r"(?<![\w/.-])(?=[\w.-]{0,80}[a-z])(?=[\w.-]{0,80}[A-Z])(?=[\w.-]{0,80}\d)(?P<secret>[\w.-]{32,})"
)
"""Letters of both sizes and digits without a break: prefixes that tell of a key are misread too."""
_SECURITY_CODE = re.compile(r"\bC(?:VV|W|VW|WV)2?\b\W{0,3}(?P<secret>\d{3,4})\b", re.IGNORECASE)
_SHAPES = (
    (_CARD_SHAPE, "[card hidden]"),
    (_CARD_WITH_DATE, "[card hidden]"),
    (_PRIVATE_KEY, "[key hidden]"),
    (_LONG_TOKEN, "[token hidden]"),
    (_SECURITY_CODE, "[code hidden]"),
)


def secret_spans(text: str) -> list[Hidden]:
    """Return the stretches of a text to be hidden, disjoint and in order, each with its mask."""
    read_as_digits = _NUMBER.sub(_as_digits, text)
    spans = _hidden(text, mask(text).found)
    if read_as_digits != text:
        spans += _hidden(read_as_digits, mask(read_as_digits).found)
    for shape, label in _SHAPES:
        spans += ((*one.span("secret"), label) for one in shape.finditer(read_as_digits))
    merged: list[Hidden] = []
    for start, stop, label in sorted(spans):
        if merged and start < merged[-1][1]:
            first, last, kept = merged[-1]
            merged[-1] = (first, max(last, stop), kept)
        else:
            merged.append((start, stop, label))
    return merged


def _as_digits(found: re.Match[str]) -> str:
    run = found.group()
    digits = sum(character.isdigit() for character in run)
    letters = sum(character.isalpha() or character in "|!" for character in run)
    return run.translate(_LIKE_DIGITS) if digits >= _DIGITS_SHARE * (digits + letters) else run


def _hidden(text: str, found: Sequence[SecretFound]) -> list[Hidden]:
    """Return which stretches of a text were masked.

    From where one is not what the mask's finder says, all that follows counts as hidden.
    """
    hidden: list[Hidden] = []
    shift = 0
    for one in found:
        label = f"[{one.kind} hidden]"
        start = one.start + shift
        stop = start + len(one.secret)
        if text[start:stop] != one.secret:
            return [*hidden, (hidden[-1][1] if hidden else 0, len(text), label)]
        hidden.append((start, stop, label))
        shift += len(one.secret) - len(label)
    return hidden
