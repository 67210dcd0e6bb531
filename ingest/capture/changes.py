"""What changed on a picture of a window since it was last read, to a tile of 32 pixels.

One changed digit changes a tile, so a changed line is never taken for the same picture, as it is
where whole pictures are compared by likeness. A caret that blinks is told by its tile showing what
it has shown before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.ingest.capture.desktop import Pixels

    Hashes: TypeAlias = npt.NDArray[np.uint64]

TILE_PIXELS = 32
REMEMBERED = 3
"""States of a tile beyond the last one that was read: a caret has two."""
FLICKER_TILES = 6
"""As many tiles that go back to what they showed before are a caret or a spinner; more are a page
that came back."""
MARGIN_PIXELS = 8
TOUCHED_SHARE = 0.2
"""Of a line's height that lies in a band, for the band to take the whole line."""
WHOLE_SHARE = 0.7
"""Above it the whole picture is read at once."""


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of a picture, half open."""

    top: int
    bottom: int


def tile_hashes(pixels: Pixels) -> Hashes:
    """Return `uint64[rows, columns]`, one number for each tile; equal tiles have equal ones.

    Multilinear hashing (Carter and Wegman 1979) with weights that this process drew.
    """
    height, width, _ = pixels.shape
    rows, columns = -(-height // TILE_PIXELS), -(-width // TILE_PIXELS)
    words = np.zeros((rows * TILE_PIXELS, columns * TILE_PIXELS), np.uint64)
    # The fourth byte means nothing, and need not be the same twice.
    words[:height, :width] = np.ascontiguousarray(pixels).view("<u4")[:, :, 0] & 0xFFFFFF
    tiles = words.reshape(rows, TILE_PIXELS, columns, TILE_PIXELS)
    hashes: Hashes = np.einsum("rycx,yx->rc", tiles, _weights())
    return hashes


@cache
def _weights() -> Hashes:
    drawn = np.frombuffer(os.urandom(8 * TILE_PIXELS**2), np.uint64)
    return (drawn | np.uint64(1)).reshape(TILE_PIXELS, TILE_PIXELS)


def piece_weights() -> Hashes:
    """Return the weights for one row of a tile."""
    weights: Hashes = _weights()[0]
    return weights


class PictureMemory:
    """What one window showed when it was last read."""

    def __init__(self) -> None:
        """Know nothing yet: the first picture is all new."""
        self._read: Hashes | None = None
        self._earlier: list[Hashes] = []
        self._height = 0

    def changed(self, hashes: Hashes, height: int) -> list[Band]:
        """Return the rows that have to be read, from top to bottom; none where nothing is new."""
        if self._read is None or self._read.shape != hashes.shape or self._height != height:
            return [Band(0, height)]
        differs = hashes != self._read
        known = np.zeros_like(differs)
        for states in self._earlier:
            known |= states == hashes
        flickers = differs & known
        if np.count_nonzero(flickers) <= FLICKER_TILES:
            differs &= ~flickers
        bands: list[Band] = []
        for row in np.flatnonzero(differs.any(axis=1)):
            top, bottom = int(row) * TILE_PIXELS, (int(row) + 1) * TILE_PIXELS
            if bands and bands[-1].bottom >= top:
                bands[-1] = Band(bands[-1].top, min(bottom, height))
            else:
                bands.append(Band(top, min(bottom, height)))
        return bands

    def keep(self, hashes: Hashes, height: int) -> None:
        """Remember that a picture with these tiles was read."""
        if self._read is None or self._read.shape != hashes.shape or self._height != height:
            self._earlier = []
        else:
            self._earlier = [self._read, *self._earlier][:REMEMBERED]
        self._read, self._height = hashes, height


def widened(bands: list[Band], lines: list[tuple[int, int]], height: int) -> list[Band]:
    """Return bands that cut through no line (top, bottom) that stood there before.

    They come with a margin, from top to bottom, and apart; one of the whole height where they
    would make most of it.
    """
    grown = [
        Band(max(0, band.top - MARGIN_PIXELS), min(height, band.bottom + MARGIN_PIXELS))
        for band in bands
    ]
    for number, band in enumerate(grown):
        # Boxes of neighbouring lines overlap by a pixel or two: those are no reason to grow on.
        touched = [
            (top, bottom)
            for top, bottom in lines
            if min(bottom, band.bottom) - max(top, band.top) > TOUCHED_SHARE * (bottom - top)
        ]
        top = max(0, min([band.top, *(one[0] - 2 for one in touched)]))
        bottom = min(height, max([band.bottom, *(one[1] + 2 for one in touched)]))
        grown[number] = Band(top, bottom)
    merged: list[Band] = []
    for band in sorted(grown, key=lambda one: one.top):
        if merged and merged[-1].bottom >= band.top:
            merged[-1] = Band(merged[-1].top, max(merged[-1].bottom, band.bottom))
        else:
            merged.append(band)
    if sum(band.bottom - band.top for band in merged) > WHOLE_SHARE * height:
        return [Band(0, height)]
    return merged
