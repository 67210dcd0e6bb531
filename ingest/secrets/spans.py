"""What a detector yields: where a secret stands in the text as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["card", "key", "token", "password", "code"]
"""What the mask says. A PIN, a CVV and a one-time code are codes; a seed phrase is a key."""


@dataclass(frozen=True, slots=True)
class SecretSpan:
    """One secret, `text[start:stop]`, half open and never empty."""

    start: int
    stop: int
    kind: Kind
