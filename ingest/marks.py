"""Keep the marks of a document true when secrets in its text are replaced by masks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.plugins.types import Mark, SecretFound


def moved_marks(marks: Sequence[Mark], secrets: Iterable[SecretFound]) -> tuple[Mark, ...]:
    """Return the marks at their places in the masked text.

    `secrets` are those that `mask` found, in the order of their masks. A mark within a secret
    moves to the start of its mask.
    """
    moved: list[Mark] = []
    done = 0
    shift = 0
    """What is to be added to a place in the original to get that in the masked text."""
    for secret in secrets:
        start = secret.start - shift
        stop = start + len(secret.secret)
        while done < len(marks) and marks[done].start < stop:
            moved.append(replace(marks[done], start=min(marks[done].start, start) + shift))
            done += 1
        shift += len(f"[{secret.kind} hidden]") - len(secret.secret)
    moved += [replace(mark, start=mark.start + shift) for mark in marks[done:]]
    return tuple(moved)
