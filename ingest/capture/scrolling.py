"""What only moved up or down on a picture, so that a page that was scrolled is not read anew.

And which rows of a changed tile are those that changed.

Each row of pixels is hashed in pieces of 32 columns. Pieces that are there once before and once
after tell by how much the page moved (a vote); a line that stands where the vote says, pixel for
pixel, is the line of before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.ingest.capture.changes import TILE_PIXELS, Band, piece_weights

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.readers.picture_layout import Line

    Pieces: TypeAlias = npt.NDArray[np.uint64]
    """`uint64[height, columns]`."""

CHANGED_SHARE = 0.02
"""Of all pieces: less is no scrolling, and is read as it is."""
FEWEST_VOTES = 40
VOTES_SHARE = 0.3
"""Of the pieces that could vote."""
GAP_ROWS = 8


def row_pieces(pixels: Pixels) -> Pieces:
    """Return a number for each piece of each row; equal pieces of one column have equal ones."""
    height, width, _ = pixels.shape
    columns = -(-width // TILE_PIXELS)
    words = np.zeros((height, columns * TILE_PIXELS), np.uint64)
    words[:, :width] = np.ascontiguousarray(pixels).view("<u4")[:, :, 0] & 0xFFFFFF
    pieces: Pieces = np.einsum(
        "ycx,x->yc", words.reshape(height, columns, TILE_PIXELS), piece_weights()
    )
    return pieces


def rows_moved(before: Pieces, after: Pieces) -> int:
    """Return by how many rows the page went up (down where negative); 0 where it did not."""
    if before.shape != after.shape:
        return 0
    if np.count_nonzero(before != after) < CHANGED_SHARE * before.size:
        return 0
    columns = before.shape[1]
    # What is equal in two columns is not one and the same piece.
    salt = np.arange(columns, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    values_before, places_before = _single((before + salt).ravel())
    values_after, places_after = _single((after + salt).ravel())
    _, first, second = np.intersect1d(
        values_before, values_after, assume_unique=True, return_indices=True
    )
    moved = places_before[first] // columns - places_after[second] // columns
    voters = min(len(values_before), len(values_after))
    if not len(moved):
        return 0
    shifts, votes = np.unique(moved, return_counts=True)
    best = int(np.argmax(votes))
    if votes[best] < max(FEWEST_VOTES, VOTES_SHARE * voters):
        return 0
    return int(shifts[best])


def trimmed(bands: list[Band], before: Pieces, after: Pieces) -> list[Band]:
    """Return bands from the first row that changed to the last one: tiles also hold other lines.

    A band whose rows are all as before stays as it is.
    """
    if before.shape != after.shape:
        return bands
    found: list[Band] = []
    for band in bands:
        differs = before[band.top : band.bottom] != after[band.top : band.bottom]
        rows = np.flatnonzero(differs.any(axis=1))
        found.append(
            Band(band.top + int(rows[0]), band.top + int(rows[-1]) + 1) if len(rows) else band
        )
    return found


def moved_lines(
    lines: list[Line], before: Pieces, after: Pieces, shift: int
) -> tuple[list[Line], list[Band]]:
    """Return the lines that are still there, in their places now, and the rows to be read."""
    height = after.shape[0]
    expected = np.zeros_like(after)
    there = np.zeros(height, np.bool_)
    there[max(0, -shift) : height - max(0, shift)] = True
    expected[there] = before[max(0, shift) : height - max(0, -shift)]
    is_known = (after == before) | ((after == expected) & there[:, None])
    kept = [line for line in lines if _is_same(line, before, after, 0)]
    tops = {(line.top, line.left) for line in kept}
    for line in lines:
        moved = replace(line, top=line.top - shift, bottom=line.bottom - shift)
        is_there = (
            moved.top >= 0 and moved.bottom <= height and _is_same(line, before, after, shift)
        )
        if is_there and (moved.top, moved.left) not in tops:
            kept.append(moved)
    bands: list[Band] = []
    for row in np.flatnonzero(~is_known.all(axis=1)):
        if bands and row - bands[-1].bottom < GAP_ROWS:
            bands[-1] = Band(bands[-1].top, int(row) + 1)
        else:
            bands.append(Band(int(row), int(row) + 1))
    return kept, bands


def _single(values: npt.NDArray[np.uint64]) -> tuple[Pieces, npt.NDArray[np.intp]]:
    """Return the values that are there once, and where."""
    found, places, counts = np.unique(values, return_index=True, return_counts=True)
    return found[counts == 1], places[counts == 1]


def _is_same(line: Line, before: Pieces, after: Pieces, shift: int) -> bool:
    columns = slice(line.left // TILE_PIXELS, -(-line.right // TILE_PIXELS))
    old = before[line.top : line.bottom, columns]
    new = after[max(0, line.top - shift) : max(0, line.bottom - shift), columns]
    return old.shape == new.shape and old.size > 0 and bool((old == new).all())
