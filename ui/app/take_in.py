"""What could be taken in: found on this machine, listed unticked, newest first; or any path."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, SelectionList, Static, TextArea
from textual.widgets.selection_list import Selection

from memassist.assistant.discover import Discovery, discover
from memassist.ui.app.background import in_background
from memassist.ui.app.boxes import LineBox, TextBox
from memassist.ui.app.dialogs import Dialog
from memassist.ui.app.text import (
    count_of,
    day_of,
    duration_of,
    one_line,
    short_duration_of,
    short_path,
    size_of,
)
from memassist.ui.app.ticks import TickList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

LEAD = (
    "Tick what should be taken in. Words are found at once; learning goes on in the background. "
    "The originals stay untouched."
)


class TakeIn(Dialog[list[Discovery]]):
    """Gives what the person chose; None where they leave."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "take", "Take in")]

    class FoundOne(Message):
        """Something that could come in."""

        def __init__(self, found: Discovery) -> None:
            """Take it."""
            self.found = found
            super().__init__()

    class Searched(Message):
        """The search of this machine is over."""

    def __init__(self, user_home: Path) -> None:
        """Take whose home directory to look through."""
        super().__init__()
        self._user_home = user_home
        self._found: list[Discovery] = []
        self._is_over = False

    def compose(self) -> ComposeResult:
        """Lay out the list above a box for any other path."""
        with Vertical(classes="box", id="take-in"):
            yield Static("What is already here", classes="title")
            yield Static(LEAD)
            yield TickList[int](id="found")
            yield Static("Looking …", id="found-note", classes="note")
            yield LineBox(placeholder="Another file or folder: ~/exports/chat.zip", id="path")
            with Horizontal(classes="buttons"):
                yield Button("Take in  ^s", variant="primary", id="take")
                yield Button("Not now  Esc", id="leave")

    def on_mount(self) -> None:
        """Look through the person's home directory; names and sizes only."""
        self.query_one("#found").focus()

        def work() -> Message:
            for one in discover(self._user_home, lambda: not self.is_attached):
                self.post_message(self.FoundOne(one))
            return self.Searched()

        in_background(self, "discover", work)

    def on_take_in_found_one(self, message: FoundOne) -> None:
        """List it, the newest first; ticks and the cursor stay where they are."""
        listed: SelectionList[int] = self.query_one("#found", SelectionList)
        ticked = set(listed.selected)
        # Until it was moved, the cursor is on the first one, whichever that is.
        place = listed.highlighted
        under = listed.get_option_at_index(place).value if place else None
        self._found.append(message.found)
        order = sorted(range(len(self._found)), key=lambda one: self._found[one].newest_at)
        order.reverse()
        listed.clear_options()
        listed.add_options(
            Selection(_prompt(self._found[one]), one, one in ticked) for one in order
        )
        listed.highlighted = 0 if under is None else order.index(under)
        self._tell()

    def on_take_in_searched(self, message: Searched) -> None:
        """Say when the search is over."""
        del message
        self._is_over = True
        self._tell()

    def on_selection_list_selected_changed(self) -> None:
        """Say how long it will take."""
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it in."""
        event.stop()
        self.action_take()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Take in or leave."""
        event.stop()
        if event.button.id == "take":
            self.action_take()
        else:
            self.action_leave()

    def action_take(self) -> None:
        """Give back what is ticked and typed."""
        chosen = self._chosen()
        typed = self.query_one("#path", Input).value.strip()
        if typed:
            try:
                path = Path(typed).expanduser()
                is_there = path.exists()
            # Of a person who is unknown here, or of a name that is too long.
            except (OSError, RuntimeError):
                is_there = False
            if not is_there:
                self.query_one("#found-note", Static).update(
                    Content(f"There is nothing at {one_line(typed, 200)}.")
                )
                return
            chosen.append(Discovery("typed", path, 1, 0, datetime.now(UTC)))
        if chosen:
            self.dismiss(chosen)
        else:
            self.query_one("#found-note", Static).update(
                "Nothing is ticked: Space ticks what the cursor is on."
            )

    def _chosen(self) -> list[Discovery]:
        listed: SelectionList[int] = self.query_one("#found", SelectionList)
        chosen = [self._found[one] for one in listed.selected]
        return sorted(chosen, key=lambda one: one.newest_at, reverse=True)

    def _tell(self) -> None:
        chosen = self._chosen()
        note = self.query_one("#found-note", Static)
        if chosen:
            seconds = sum(one.seconds for one in chosen)
            note.update(f"{len(chosen)} ticked: {duration_of(seconds)} to learn from all of it")
        elif not self._is_over:
            note.update("Looking …")
        elif self._found:
            note.update("Space ticks what the cursor is on.")
        else:
            note.update("Nothing was found by itself. Name a file or folder below.")


def _prompt(found: Discovery) -> Content:
    more = "" if found.is_counted_whole else " or more"
    facts = (
        f"{count_of(found.files, 'file')}{more}, {size_of(found.bytes)},"
        f" {day_of(found.newest_at.astimezone())}, {short_duration_of(found.seconds)}"
    )
    head = Content(f"{found.kind}  ") + Content.styled(facts, "$foreground-muted")
    return head + Content.styled(f"  {one_line(short_path(found.path), 60)}", "$text-secondary")


class AddDialog(Dialog[str]):
    """Asks for something to remember; begins with what could not be kept the last time."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "save", "Remember")]

    def __init__(self, draft: str = "") -> None:
        """Take what stands there already."""
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box small"):
            yield Static("Remember", classes="title")
            yield TextBox(self._draft, id="add-text", placeholder="My sister Maria lives in Leeds.")
            with Horizontal(classes="buttons"):
                yield Button("Remember  ^s", variant="primary", id="save")
                yield Button("Cancel  Esc", id="leave")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Remember or leave."""
        event.stop()
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_leave()

    def on_mount(self) -> None:
        """Put the cursor at the end."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_save(self) -> None:
        """Give back the text, also a blank one: what stood there is wanted no more."""
        self.dismiss(self.query_one(TextArea).text.strip())
