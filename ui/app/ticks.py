"""Lists to tick and to choose from, whose marks differ by sign: not all see, or have, colours.

Textual's own draw the same sign whether on or off, in another colour.
"""

from __future__ import annotations

from typing import TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip
from textual.widgets import RadioButton, SelectionList

Value = TypeVar("Value")


class TickList(SelectionList[Value]):
    """A list of lines with `[x]` or `[ ]` before them."""

    def render_line(self, y: int) -> Strip:
        """Draw a line with its mark."""
        drawn = super().render_line(y)
        place = self.scroll_offset.y + y
        if place >= self.option_count:
            return drawn
        _, inner, _, space, *label = drawn
        sign = "x" if self.get_option_at_index(place).value in self.selected else " "
        row = Style() if space.style is None else Style(bgcolor=space.style.bgcolor)
        return Strip([Segment(f"[{sign}]", (inner.style or Style()) + row), space, *label])


class Choice(RadioButton):
    """One of several, with `(o)` or `( )` before it."""

    def render(self) -> Content:
        """Draw the mark and the label."""
        mark = "(o)" if self.value else "( )"
        label = self.label.pad(1, 1).stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble((mark, self.get_visual_style("toggle--button")), label)
