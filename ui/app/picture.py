"""A captured picture in a terminal: half blocks, two pixels a cell, with what was found framed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import Box

UPPER_HALF = "▀"
FRAME = (255, 140, 0)
LEAST_WIDTH_PIXELS = 480
"""Of what is shown around a line: less has no surroundings to know it by."""
AROUND = 1.25
"""What is shown around a line is so much wider than the line."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pixels for the cells of a terminal."""

    width: int
    rows: tuple[tuple[Rgb, ...], ...]
    """From the top, an even number; two of them are one line of cells."""


def drawn(
    content: bytes, boxes: Sequence[Box], columns: int, lines: int, *, is_whole: bool
) -> Drawn:
    """Return a picture for so many cells, the boxes framed; the part around them, or all of it.

    Runs in a worker: it decodes and scales.
    """
    from PIL import Image, ImageDraw

    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    left, top, right, bottom = _shown(picture.size, boxes, columns / (2 * lines), is_whole=is_whole)
    scale = min(columns / (right - left), 2 * lines / (bottom - top))
    width = max(1, round((right - left) * scale))
    height = max(2, round((bottom - top) * scale / 2) * 2)
    part = picture.resize((width, height), Image.Resampling.LANCZOS, (left, top, right, bottom))
    pen = ImageDraw.Draw(part)
    for box in boxes:
        across = (box.left - left) * scale - 1, (box.right - left) * scale + 1
        down = (box.top - top) * scale - 1, (box.bottom - top) * scale + 1
        pen.rectangle((across[0], down[0], across[1], down[1]), outline=FRAME)
    pixels = part.tobytes()
    rows = tuple(
        tuple(
            (pixels[at], pixels[at + 1], pixels[at + 2])
            for at in range(row * width * 3, (row + 1) * width * 3, 3)
        )
        for row in range(height)
    )
    return Drawn(width, rows)


def _shown(
    size: tuple[int, int], boxes: Sequence[Box], aspect: float, *, is_whole: bool
) -> tuple[int, int, int, int]:
    """Return the edges of the part that is shown, of about that width by height."""
    width, height = size
    if is_whole or not boxes:
        return 0, 0, width, height
    first, last = min(box.left for box in boxes), max(box.right for box in boxes)
    upper, lower = min(box.top for box in boxes), max(box.bottom for box in boxes)
    wide = min(width, max(LEAST_WIDTH_PIXELS, round((last - first) * AROUND)))
    high = min(height, max(round(wide / aspect), lower - upper))
    left = max(0, min((first + last - wide) // 2, width - wide))
    top = max(0, min((upper + lower - high) // 2, height - high))
    return left, top, left + wide, top + high


class ScreenPicture(Widget):
    """Shows what was drawn; nothing until then."""

    def __init__(self) -> None:
        """Begin hidden."""
        super().__init__(id="picture")
        self.display = False
        self._drawn: Drawn | None = None

    def show(self, picture: Drawn) -> None:
        """Show pixels."""
        self._drawn = picture
        self.styles.height = len(picture.rows) // 2
        self.display = True
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        """Return one line of cells, in the middle."""
        picture = self._drawn
        if picture is None or 2 * y + 1 >= len(picture.rows):
            return Strip.blank(self.size.width, self.rich_style)
        margin = max(0, (self.size.width - picture.width) // 2)
        cells = [
            Segment(UPPER_HALF, Style.from_color(_colour(above), _colour(below)))
            for above, below in zip(picture.rows[2 * y], picture.rows[2 * y + 1], strict=True)
        ]
        strip = Strip([Segment(" " * margin, self.rich_style), *cells])
        return strip.adjust_cell_length(self.size.width, self.rich_style)


def _colour(pixel: Rgb) -> Color:
    return Color.from_rgb(*pixel)
