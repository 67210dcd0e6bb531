"""Where on a picture there is anything but background, so that empty margins are not read.

Text recognition takes time for each pixel, written on or not: a line on the left half of a wide
window costs a third when the right half is cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memassist.ingest.capture.changes import TILE_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.readers.picture_layout import Line

GAP_PIXELS = 160
"""As many columns without anything part what stands left of them from what stands right."""
MARGIN_PIXELS = 12
"""Around each part: letters at the very edge of a picture are seldom recognised."""
CONTRAST = 40
"""Between the lightest and the darkest of a tile, for it to hold anything."""
SMALLEST_PIXELS = (6, 1)
"""Width and height: narrower is the edge of a window or a rule."""
SMALLEST_UNTOLD_PIXELS = (24, 8)
"""Of what an application left untold: less is a scroll bar, an icon or an underline."""


def inked_parts(
    pixels: Pixels, smallest_pixels: tuple[int, int] = SMALLEST_PIXELS
) -> list[tuple[int, int, int, int]]:
    """Return left, top, right and bottom of the parts that hold anything, from left to right.

    `pixels` is `uint8[height, width, 4]`. A column of one colour from top to bottom holds nothing,
    nor does a part that is narrower or lower than `smallest_pixels`.
    """
    height, width, _ = pixels.shape
    words = np.ascontiguousarray(pixels).view("<u4")[:, :, 0] & 0xFFFFFF
    if height < 2:
        return []
    columns = np.flatnonzero((words[1:] != words[:-1]).any(axis=0))
    parts: list[tuple[int, int, int, int]] = []
    for run in _runs(columns):
        first, last = int(run[0]), int(run[-1])
        if last - first + 1 < smallest_pixels[0]:
            continue
        left, right = max(0, first - MARGIN_PIXELS), min(width, last + 1 + MARGIN_PIXELS)
        part = words[:, left:right]
        rows = np.flatnonzero((part[:, 1:] != part[:, :-1]).any(axis=1))
        if not len(rows) or int(rows[-1]) - int(rows[0]) + 1 < smallest_pixels[1]:
            continue
        top = max(0, int(rows[0]) - MARGIN_PIXELS)
        bottom = min(height, int(rows[-1]) + 1 + MARGIN_PIXELS)
        parts.append((left, top, right, bottom))
    return parts


def without_lines(pixels: Pixels, lines: Iterable[Line]) -> Pixels:
    """Return a copy of a picture on which each of these lines is wiped out by its background."""
    wiped = pixels.copy()
    height, width, _ = pixels.shape
    for line in lines:
        left, top = max(0, line.left), max(0, line.top)
        right, bottom = min(width, line.right), min(height, line.bottom)
        if left < right and top < bottom:
            # Letters seldom reach up to there.
            colours, counts = np.unique(pixels[top, left:right], axis=0, return_counts=True)
            wiped[top:bottom, left:right] = colours[counts.argmax()]
    return wiped


def shown_lines(pixels: Pixels, lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines at whose places a picture shows anything at all.

    An application also tells what another window covers, which is painted over on its picture.
    Lines without text, the places of password fields, stay.
    """
    return tuple(
        line
        for line in lines
        if not line.text
        or len(np.unique(pixels[line.top : line.bottom, line.left : line.right, 1])) > 1
    )


def accounted_share(pixels: Pixels, lines: Iterable[Line]) -> float:
    """Return how much of what stands on a picture these lines account for, 0 to 1.

    Counted in tiles with anything on them; 1 where nothing is.
    """
    height, width, _ = pixels.shape
    rows, columns = height // TILE_PIXELS, width // TILE_PIXELS
    if not rows or not columns:
        return 0.0
    green = pixels[: rows * TILE_PIXELS, : columns * TILE_PIXELS, 1]
    tiles = green.reshape(rows, TILE_PIXELS, columns, TILE_PIXELS)
    is_inked = tiles.max(axis=(1, 3)) - tiles.min(axis=(1, 3)) > CONTRAST
    is_told = np.zeros((rows, columns), np.bool_)
    for line in lines:
        down = slice(line.top // TILE_PIXELS, -(-line.bottom // TILE_PIXELS))
        is_told[down, line.left // TILE_PIXELS : -(-line.right // TILE_PIXELS)] = True
    inked = int(np.count_nonzero(is_inked))
    return 1.0 if not inked else int(np.count_nonzero(is_inked & is_told)) / inked


def _runs(columns: npt.NDArray[np.intp]) -> list[npt.NDArray[np.intp]]:
    """Return numbers in groups that lie apart by `GAP_PIXELS` at least."""
    if not len(columns):
        return []
    return np.split(columns, np.flatnonzero(np.diff(columns) >= GAP_PIXELS) + 1)
