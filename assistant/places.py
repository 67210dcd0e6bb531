"""Where in a document something stands, in the words of its marks."""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.plugins.types import Mark
    from memassist.store.items import Item

_NUMBER = re.compile(r"\d+$")


def place_of(item: Item, start: int, stop: int) -> str | None:
    """Return the page, sheet, row or line of a span: `page 3`, or lines as a range.

    None for an item without marks and before the first one.
    """
    position = bisect.bisect_right(item.marks, start, key=lambda mark: mark.start) - 1
    if position < 0:
        return None
    mark = item.marks[position]
    first = _label(mark, item.text, start)
    # A further mark of the same name counts on after a gap, as the rows of a sheet do.
    last_at = bisect.bisect_left(item.marks, stop, lo=position, key=lambda mark: mark.start) - 1
    last = _label(item.marks[max(position, last_at)], item.text, max(start, stop - 1))
    if first == last or not mark.counts_lines or _NUMBER.split(first)[0] != _NUMBER.split(last)[0]:
        return first
    number = _NUMBER.search(last)
    return first if number is None else f"{first}\N{EN DASH}{number[0]}"


def _label(mark: Mark, text: str, at: int) -> str:
    number = _NUMBER.search(mark.label)
    if not mark.counts_lines or number is None:
        return mark.label
    count = int(number[0]) + text.count("\n", mark.start, at)
    return f"{mark.label[: number.start()]}{count}"
