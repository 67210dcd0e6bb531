"""Where on a picture there is anything but background, so that empty margins are not read.

Text recognition takes time for each pixel, written on or not: a line on the left half of a wide
window costs a third when the right half is cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.ingest.capture.desktop import Pixels

GAP_PIXELS = 160
"""As many columns without anything part what stands left of them from what stands right."""
MARGIN_PIXELS = 12
"""Around each part: letters at the very edge of a picture are seldom recognised."""
NARROWEST_PIXELS = 6
"""Less is the edge of a window or a rule."""


def inked_parts(pixels: Pixels) -> list[tuple[int, int, int, int]]:
    """Return left, top, right and bottom of the parts that hold anything, from left to right.

    `pixels` is `uint8[height, width, 4]`. A column of one colour from top to bottom holds nothing.
    """
    height, width, _ = pixels.shape
    words = np.ascontiguousarray(pixels).view("<u4")[:, :, 0] & 0xFFFFFF
    if height < 2:
        return []
    columns = np.flatnonzero((words[1:] != words[:-1]).any(axis=0))
    parts: list[tuple[int, int, int, int]] = []
    for run in _runs(columns):
        first, last = int(run[0]), int(run[-1])
        if last - first + 1 < NARROWEST_PIXELS:
            continue
        left, right = max(0, first - MARGIN_PIXELS), min(width, last + 1 + MARGIN_PIXELS)
        part = words[:, left:right]
        rows = np.flatnonzero((part[:, 1:] != part[:, :-1]).any(axis=1))
        if not len(rows):
            continue
        top = max(0, int(rows[0]) - MARGIN_PIXELS)
        bottom = min(height, int(rows[-1]) + 1 + MARGIN_PIXELS)
        parts.append((left, top, right, bottom))
    return parts


def _runs(columns: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    """Return numbers in groups that lie apart by `GAP_PIXELS` at least."""
    if not len(columns):
        return []
    return np.split(columns, np.flatnonzero(np.diff(columns) >= GAP_PIXELS) + 1)
