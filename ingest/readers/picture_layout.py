"""Put the lines that OCR found into reading order.

A recursive cut along white space (XY-cut, Nagy and Seth 1984): a page with a gutter between two
blocks of prose is read column by column; everything else from top to bottom, and what stands side
by side, such as the cells of a table, becomes one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

_MIN_GUTTER_LINES = 1.0
_MIN_BREAK_LINES = 1.0
"""White space that separates columns or blocks, in heights of a line."""

_MIN_PROSE_LINES = 3
_MIN_PROSE_CHARACTERS = 18
_MIN_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as OCR found it; edges in pixels."""

    text: str
    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """At least one pixel."""
        return max(1, self.bottom - self.top)


def rows_in_reading_order(lines: list[Line]) -> list[list[Line]]:
    """Return rows from top to bottom, column by column, each row from left to right."""
    rows: list[list[Line]] = []
    stack = [lines] if lines else []
    while stack:
        block = stack.pop()
        line_height = median(line.height for line in block)
        columns = _cut(block, _MIN_GUTTER_LINES * line_height, is_vertical=True)
        if len(columns) > 1 and all(map(_is_prose, columns)):
            stack.extend(reversed(columns))
            continue
        blocks = _cut(block, _MIN_BREAK_LINES * line_height, is_vertical=False)
        if len(blocks) > 1:
            stack.extend(reversed(blocks))
        else:
            rows.extend(_rows(block))
    return rows


def _cut(block: list[Line], gap: float, *, is_vertical: bool) -> list[list[Line]]:
    """Split wherever no line lies over at least `gap` pixels of one axis."""

    def span(line: Line) -> tuple[int, int]:
        return (line.left, line.right) if is_vertical else (line.top, line.bottom)

    parts: list[list[Line]] = []
    reached = 0
    for line in sorted(block, key=span):
        start, stop = span(line)
        if not parts or start - reached >= gap:
            parts.append([])
            reached = stop
        parts[-1].append(line)
        reached = max(reached, stop)
    return parts


def _is_prose(block: list[Line]) -> bool:
    return (
        len(block) >= _MIN_PROSE_LINES
        and median(len(line.text) for line in block) >= _MIN_PROSE_CHARACTERS
    )


def _rows(block: list[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(block, key=lambda line: line.top + line.bottom):
        if rows and _is_beside(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _is_beside(one: Line, other: Line) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap >= _MIN_OVERLAP * min(one.height, other.height)
