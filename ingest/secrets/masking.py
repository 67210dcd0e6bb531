"""Runs the detectors over one text and puts masks where they found something.

Invariant: in `Masked.text` each `SecretFound` stands as its mask at its `start`, and masking the
result again finds nothing. Detectors look at the original text only; where two of them overlap,
the union is masked. A second look follows the first, as a mask can lay bare what stood glued to
a secret. `tests/ingest/test_secrets.py` checks both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.ingest.secrets.cards import find_cards
from memassist.ingest.secrets.codes import find_codes
from memassist.ingest.secrets.passwords import find_passwords
from memassist.ingest.secrets.spans import SecretSpan
from memassist.ingest.secrets.tokens import find_tokens
from memassist.plugins.types import SecretFound

if TYPE_CHECKING:
    from collections.abc import Iterable

_DETECTORS = (find_cards, find_tokens, find_passwords, find_codes)
_ROUNDS = 5
"""Looks at one text. Two are enough for all but text made to need more."""
_REPEAT_BUDGET = 500_000_000
"""Characters that may be read to find further places of secrets already found, some 0.5 s."""

MASKED = re.compile(r"\[(?:card|key|token|password|code) hidden\]")
"""A mask. Text that already holds one keeps it."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets, and the secrets taken out."""

    text: str
    """The text to store. The very same object where nothing was found."""
    found: tuple[SecretFound, ...]
    """In the order of their masks."""


def mask(text: str) -> Masked:
    """Replace each secret in the text by what it was: `[password hidden]`.

    A found secret is masked wherever else it stands in the same text, unless it is a short number
    or an ordinary word. Takes time linear in the text; ordinary prose costs some microseconds
    a kilobyte. Any thread may call it.
    """
    found: list[SecretFound] = []
    for _ in range(_ROUNDS):
        spans = _find(text)
        if not spans:
            break
        spans = _merged([*spans, *_repeats(text, spans)])
        text, found = _replace(text, spans, found)
    return Masked(text, tuple(found))


def contains_secret(text: str) -> bool:
    """Whether `mask` would change the text. For queries and log lines."""
    return bool(_find(text))


def _find(text: str) -> list[SecretSpan]:
    spans = [span for detector in _DETECTORS for span in detector(text)]
    if not spans:
        return spans
    spans = _merged(spans)
    if "hidden]" in text:
        masks = [(match.start(), match.end()) for match in MASKED.finditer(text)]
        spans = _apart_from(spans, masks)
    return spans


def _merged(spans: Iterable[SecretSpan]) -> list[SecretSpan]:
    """Return disjoint spans in text order; the longest of an overlap names the union."""
    merged: list[SecretSpan] = []
    longest = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.stop)):
        length = span.stop - span.start
        if merged and span.start < merged[-1].stop:
            last = merged[-1]
            kind = span.kind if length > longest else last.kind
            longest = max(longest, length)
            merged[-1] = SecretSpan(last.start, max(last.stop, span.stop), kind)
        else:
            longest = length
            merged.append(span)
    return merged


def _apart_from(spans: list[SecretSpan], masks: list[tuple[int, int]]) -> list[SecretSpan]:
    """Leave out spans that touch a mask: what a mask stands for is no longer there."""
    kept: list[SecretSpan] = []
    position = 0
    for span in spans:
        while position < len(masks) and masks[position][1] <= span.start:
            position += 1
        if position == len(masks) or masks[position][0] >= span.stop:
            kept.append(span)
    return kept


def _repeats(text: str, spans: list[SecretSpan]) -> list[SecretSpan]:
    """Find the secrets again elsewhere in the text, without what announced them.

    Four digits or a plain word stay: the person's year of birth or pet must not vanish.
    """
    kinds = {text[span.start : span.stop]: span.kind for span in spans}
    budget = _REPEAT_BUDGET
    repeats: list[SecretSpan] = []
    for secret, kind in kinds.items():
        if len(secret) < 6 or secret.isalpha() or text.count(secret) < 2:
            continue
        budget -= len(text)
        if budget < 0:
            break
        start = text.find(secret)
        while start >= 0:
            stop = start + len(secret)
            alone = not (text[start - 1 : start].isalnum() or text[stop : stop + 1].isalnum())
            if alone or len(secret) >= 12:
                repeats.append(SecretSpan(start, stop, kind))
            start = text.find(secret, stop)
    return repeats


def _replace(
    text: str, spans: list[SecretSpan], earlier: list[SecretFound]
) -> tuple[str, list[SecretFound]]:
    """Put the masks in and move the starts of the masks that were there before."""
    pieces: list[str] = []
    found: list[SecretFound] = []
    position = length = 0
    waiting = iter(earlier)
    next_earlier = next(waiting, None)
    for span in spans:
        while next_earlier is not None and next_earlier.start < span.start:
            found.append(_moved(next_earlier, length - position))
            next_earlier = next(waiting, None)
        length += span.start - position
        label = f"[{span.kind} hidden]"
        found.append(SecretFound(span.kind, text[span.start : span.stop], length))
        pieces += (text[position : span.start], label)
        length += len(label)
        position = span.stop
    while next_earlier is not None:
        found.append(_moved(next_earlier, length - position))
        next_earlier = next(waiting, None)
    pieces.append(text[position:])
    return "".join(pieces), found


def _moved(found: SecretFound, by: int) -> SecretFound:
    return SecretFound(found.kind, found.secret, found.start + by)
