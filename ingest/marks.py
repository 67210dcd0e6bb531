"""Keep marks and boxes true when secrets in their text are replaced by masks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import Box, Mark, SecretFound


class MaskedPlaces:
    """Where a place in a text is once its secrets are masked."""

    def __init__(self, secrets: Sequence[SecretFound]) -> None:
        """Take the secrets that `mask` found, in the order of their masks."""
        self._starts: list[int] = []
        self._stops: list[int] = []
        """Of each secret, in the text as it was."""
        self._masked_starts = [secret.start for secret in secrets]
        self._masked_stops: list[int] = []
        shift = 0
        for secret in secrets:
            start = secret.start - shift
            length = len(f"[{secret.kind} hidden]")
            self._starts.append(start)
            self._stops.append(start + len(secret.secret))
            self._masked_stops.append(secret.start + length)
            shift += length - len(secret.secret)

    def start(self, position: int) -> int:
        """Return the place of what begins there; within a secret the start of its mask."""
        number = bisect_right(self._starts, position) - 1
        if number < 0:
            return position
        if position < self._stops[number]:
            return self._masked_starts[number]
        return self._masked_stops[number] + position - self._stops[number]

    def stop(self, position: int) -> int:
        """Return the place of what ends before it; within a secret the end of its mask."""
        number = bisect_left(self._starts, position) - 1
        if number < 0:
            return position
        return self._masked_stops[number] + max(0, position - self._stops[number])


def moved_marks(marks: Sequence[Mark], secrets: Sequence[SecretFound]) -> tuple[Mark, ...]:
    """Return the marks at their places in the masked text.

    `secrets` are those that `mask` found, in the order of their masks. A mark within a secret
    moves to the start of its mask.
    """
    places = MaskedPlaces(secrets)
    return tuple(replace(mark, start=places.start(mark.start)) for mark in marks)


def moved_boxes(boxes: Sequence[Box], secrets: Sequence[SecretFound]) -> tuple[Box, ...]:
    """Return the boxes with their stretches of the masked text.

    Of a secret over several lines each line's box stands for the whole mask.
    """
    places = MaskedPlaces(secrets)
    return tuple(
        replace(box, start=places.start(box.start), stop=places.stop(box.stop)) for box in boxes
    )
