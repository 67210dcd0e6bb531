"""Timeline: what happened, by day, newest first."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.panes.base import OpenEvidence, Pane
from memassist.ui.app.text import one_line, origin_of

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.store.items import Item

PAGE = 150
EDGE = 20
"""The next page is read when the cursor comes so near to the end."""


class TimelinePane(Pane):
    """The tab with all items by day."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("[", "day_back", "Day back"),
        ("]", "day_on", "Day on"),
        ("g", "go", "Go to a date"),
    ]

    class Loaded(Message):
        """One page of items."""

        def __init__(self, items: list[Item], *, is_first: bool) -> None:
            """Take items, newest first; the first page takes the place of what is shown."""
            self.items = items
            self.is_first = is_first
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Timeline", id="timeline")
        self._rows: list[Item | None] = []
        """One for each line of the list, None for the heading of a day."""
        self._stop: datetime | None = None
        self._is_loading = False
        self._has_more = False

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield OptionList(id="days")
        yield Static("", id="timeline-note", classes="note")

    def load(self) -> None:
        """Read the first page."""
        self._read(self._stop, is_first=True)

    def _read(self, stop: datetime | None, *, is_first: bool) -> None:
        memory = self.memory
        if memory is None:
            return
        self._is_loading = True
        shown = {one.id for one in self._rows if one is not None}

        def work() -> Message:
            if is_first:
                return self.Loaded(memory.timeline(stop=stop, limit=PAGE), is_first=True)
            # Items of one moment may stand on both sides of a page's end.
            found = memory.timeline(stop=stop, limit=PAGE + len(shown))
            fresh = [one for one in found if one.id not in shown]
            return self.Loaded(fresh[:PAGE], is_first=False)

        in_background(self, "timeline", work)

    def on_timeline_pane_loaded(self, message: Loaded) -> None:
        """Show the page."""
        message.stop()
        self._is_loading = False
        self._has_more = len(message.items) >= PAGE
        listed = self.query_one("#days", OptionList)
        if message.is_first:
            self._rows = []
            listed.clear_options()
        last = next((one for one in reversed(self._rows) if one is not None), None)
        day = None if last is None else _day(last)
        options: list[Option] = []
        for item in message.items:
            if _day(item) != day:
                day = _day(item)
                options.append(Option(_heading(day), disabled=True))
                self._rows.append(None)
            options.append(Option(_line(item)))
            self._rows.append(item)
        listed.add_options(options)
        note = self.query_one("#timeline-note", Static)
        note.update("" if self._rows else "Nothing with a date was taken in yet.")
        note.display = not self._rows
        if message.is_first and len(self._rows) > 1:
            listed.highlighted = 1

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Read on when the end comes near."""
        event.stop()
        is_near_end = event.option_index > len(self._rows) - EDGE
        last = self._rows[-1] if self._rows else None
        if is_near_end and self._has_more and not self._is_loading and last is not None:
            moment = last.occurred_at
            if moment is not None and moment < datetime.max.replace(tzinfo=moment.tzinfo):
                self._read(moment + timedelta(milliseconds=1), is_first=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the item."""
        event.stop()
        item = self._rows[event.option_index]
        if item is not None:
            self.post_message(OpenEvidence(item.id, span=(0, 0)))

    def action_day_back(self) -> None:
        """Go to the next older day."""
        self._jump(1)

    def action_day_on(self) -> None:
        """Go to the next newer day."""
        self._jump(-1)

    def action_go(self) -> None:
        """Ask for a day and go there."""
        from memassist.ui.app.dialogs import DateDialog

        def go(day: date | None) -> None:
            if day is not None:
                start = datetime.combine(day, time()).astimezone()
                self._stop = start + timedelta(days=1)
                self.load()

        self.app.push_screen(DateDialog(), go)

    def _jump(self, step: int) -> None:
        listed = self.query_one("#days", OptionList)
        place = listed.highlighted or 0
        headings = [number for number, row in enumerate(self._rows) if row is None]
        here = max((number for number in headings if number < place), default=0)
        index = headings.index(here) + step if here in headings else 0
        if 0 <= index < len(headings):
            listed.highlighted = headings[index] + 1
        elif step < 0 and self._stop is not None:
            self._stop = None
            self.load()


def _day(item: Item) -> date:
    assert item.occurred_at is not None  # the timeline has only items with a time
    return item.occurred_at.date()


def _heading(day: date) -> Content:
    return Content.styled(f"{day:%A}, {day.day} {day:%B %Y}", "bold $text-accent")


def _line(item: Item) -> Content:
    assert item.occurred_at is not None  # the timeline has only items with a time
    head = Content.styled(f"  {item.occurred_at:%H:%M}  ", "$foreground-muted")
    who = Content.styled(one_line(origin_of(item), 24), "$text-secondary")
    return head + who + Content("  ") + Content(one_line(item.text, 200))
