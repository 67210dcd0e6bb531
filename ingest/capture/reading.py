"""From pictures of one window to the lines that are new on it.

Only what changed is read; the other lines are those of before, in their places. Secrets are looked
for in the whole text that is shown, as a new line may be the value of an old label, and are gone
before the lines are compared or passed on. A row that holds anything new is passed on whole.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memassist.ingest.capture.changes import PictureMemory, tile_hashes, widened
from memassist.ingest.capture.ink import (
    SMALLEST_PIXELS,
    SMALLEST_UNTOLD_PIXELS,
    inked_parts,
    without_lines,
)
from memassist.ingest.capture.scrolling import moved_lines, row_pieces, rows_moved, trimmed
from memassist.ingest.capture.seen_secrets import secret_spans
from memassist.ingest.readers.picture_layout import Line, rows_in_reading_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.ingest.capture.changes import Band
    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.capture.recogniser import Recogniser
    from memassist.ingest.capture.scrolling import Pieces

SEEN_LINES = 20_000
"""Lines of one window that are remembered as passed on; then the oldest go."""
SHORTEST_NEW = 2
"""Letters and digits that make a line worth passing on: fewer are bullets and broken icons."""

_JOINTS = re.compile(r"(?<=\d)[.,:/-](?=\d)")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one picture said that no picture of this window had said."""

    rows: tuple[tuple[Line, ...], ...]
    """In reading order, without secrets."""
    secret_lines: tuple[Line, ...]
    """Places of lines that held a secret, to be painted over; their text is the masked one."""
    cpu_seconds: float
    """What reading it took."""
    read_share: float
    """Of the picture's height; 0 where nothing had changed."""


class WindowText:
    """The text of one window, from its first picture to its last."""

    def __init__(self, seen: Iterable[str] = ()) -> None:
        """Begin with nothing seen but these lines, the oldest first."""
        self._pictures = PictureMemory()
        self._pieces: Pieces | None = None
        self._lines: list[Line] = []
        self._seen: OrderedDict[str, None] = OrderedDict.fromkeys(key_of(one) for one in seen)

    def read(
        self, pixels: Pixels, recogniser: Recogniser, told: Sequence[Line] | None = None
    ) -> Reading:
        """Return what is new on a picture. Raises `RecognitionError`, and is then as before.

        With `told`, the lines that the application tells of it, only those pixels are read that
        none of these lines accounts for.
        """
        height = pixels.shape[0]
        hashes = tile_hashes(pixels)
        bands = self._pictures.changed(hashes, height)
        if not bands:
            return Reading((), (), 0.0, 0.0)
        pieces = row_pieces(pixels)
        lines, smallest = self._lines, SMALLEST_PIXELS
        if told is not None:
            pixels, smallest = without_lines(pixels, told), SMALLEST_UNTOLD_PIXELS
            lines = [line for line in lines if not any(_is_slice(line, one) for one in told)]
        elif self._pieces is not None and (shift := rows_moved(self._pieces, pieces)):
            lines, bands = moved_lines(lines, self._pieces, pieces, shift)
        elif self._pieces is not None:
            bands = trimmed(bands, self._pieces, pieces)
        bands = widened(bands, [(line.top, line.bottom) for line in lines], height)
        found: list[Line] = []
        cpu_seconds = 0.0
        for band in bands:
            strip = pixels[band.top : band.bottom]
            for left, top, right, bottom in inked_parts(strip, smallest):
                recognised = recogniser.read(strip[top:bottom, left:right, :3].copy())
                cpu_seconds += recognised.cpu_seconds
                found += (_moved(line, left, top + band.top) for line in recognised.lines)
        self._pictures.keep(hashes, height)
        self._pieces = pieces
        self._lines = [*_merged(lines, found, bands), *(one for one in told or () if one.text)]
        masked = masked_lines(self._lines)
        rows = tuple(
            tuple(row)
            for row in rows_in_reading_order([one for one, _ in masked])
            if self._new(row)
        )
        secret_lines = tuple(one for one, is_secret in masked if is_secret)
        read_share = sum(band.bottom - band.top for band in bands) / height
        return Reading(rows, secret_lines, cpu_seconds, read_share)

    def _new(self, row: Iterable[Line]) -> bool:
        """Whether a row holds a piece that was not seen before; from now on all of it was."""
        is_new = False
        for line in row:
            key = key_of(line.text)
            if len(key) < SHORTEST_NEW:
                continue
            if key in self._seen:
                self._seen.move_to_end(key)
            else:
                is_new = True
                self._seen[key] = None
                if len(self._seen) > SEEN_LINES:
                    self._seen.popitem(last=False)
        return is_new


def key_of(text: str) -> str:
    """Return what two readings of one and the same line have in common.

    Spaces and marks come and go between readings, and so do capitals of letters that look alike.
    A mark between digits is part of a number.
    """
    marked = _JOINTS.sub("\N{MIDDLE DOT}", text.casefold())
    return "\N{MIDDLE DOT}".join(_NO_WORD.sub("", part) for part in marked.split("\N{MIDDLE DOT}"))


def masked_lines(lines: list[Line]) -> list[tuple[Line, bool]]:
    """Return lines with their secrets masked, and whether a line held one, in reading order."""
    spans: list[tuple[int, int, Line]] = []
    text = ""
    for row in rows_in_reading_order(lines):
        text += "\n" if text else ""
        for number, line in enumerate(row):
            text += " " if number else ""
            spans.append((len(text), len(text) + len(line.text), line))
            text += line.text
    hidden = secret_spans(text)
    if not hidden:
        return [(line, False) for _, _, line in spans]
    result: list[tuple[Line, bool]] = []
    for start, stop, line in spans:
        inside = [
            (max(first, start) - start, min(last, stop) - start, label)
            for first, last, label in hidden
            if first < stop and last > start
        ]
        shown = line.text
        for first, last, label in reversed(inside):
            shown = shown[:first] + label + shown[last:]
        result.append((replace(line, text=shown), bool(inside)))
    return result


def _merged(old: list[Line], found: list[Line], bands: list[Band]) -> list[Line]:
    """Return the lines of the picture now: the old ones outside the bands, the found ones inside.

    A slice of an old line at a band's edge is no line of its own.
    """
    kept = [line for line in old if not any(_is_in(line, band) for band in bands)]
    fresh = [line for line in found if not any(_is_slice(line, one) for one in kept)]
    return kept + fresh


def _moved(line: Line, right: int, down: int) -> Line:
    return Line(
        line.text, line.left + right, line.top + down, line.right + right, line.bottom + down
    )


def _is_in(line: Line, band: Band) -> bool:
    middle = (line.top + line.bottom) / 2
    return band.top <= middle < band.bottom


def _is_slice(line: Line, kept: Line) -> bool:
    down = min(line.bottom, kept.bottom) - max(line.top, kept.top)
    across = min(line.right, kept.right) - max(line.left, kept.left)
    return down > 0.5 * line.height and across > 0.5 * (line.right - line.left)
