"""What opens over the tabs: evidence, an edit, a question, history, help, the passphrase."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static, TextArea

from memassist.store.errors import WrongKeyError
from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.boxes import LineBox, TextBox
from memassist.ui.app.text import (
    parse_day,
    short_path,
)

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from memassist.ui.app.session import Session

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A box over the tabs that Escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Close")]

    def __init__(self) -> None:
        """Open nothing yet."""
        super().__init__()
        self._early: list[events.Event] = []
        """Pressed before anything here had the cursor."""

    def keep_early(self, event: events.Event) -> bool:
        """Keep a key that is pressed while the dialog opens: on a busy machine that takes a moment.

        False where it is open.
        """
        if self.is_mounted or self.focused is not None:
            return False
        self._early.append(event)
        return True

    def set_focus(
        self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False
    ) -> None:
        """Put the cursor somewhere, and hand on what was typed so far before anything else is."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        if widget is not None:
            early, self._early = self._early, []
            for event in early:
                widget.post_message(event)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)


class EditDialog(Dialog[str]):
    """Asks for a changed text; gives None where the person leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "save", "Save")]

    def __init__(self, title: str, text: str) -> None:
        """Take what is being changed, and its present text."""
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay out the text above the buttons."""
        with Vertical(classes="box small"):
            yield Static(self._title, classes="title")
            yield TextBox(self._text, id="edit-text")
            with Horizontal(classes="buttons"):
                yield Button("Save  ^s", variant="primary", id="save")
                yield Button("Cancel  Esc", id="leave")

    def on_mount(self) -> None:
        """Put the cursor at the end."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save or leave."""
        event.stop()
        if event.button.id == "save":
            self.action_save()
        else:
            self.action_leave()

    def action_save(self) -> None:
        """Give back the text; a blank or unchanged one changes nothing."""
        text = self.query_one(TextArea).text.strip()
        self.dismiss(text if text and text != self._text else None)


class ConfirmDialog(Dialog[bool]):
    """Asks whether to do what cannot be undone."""

    def __init__(self, question: str, verb: str) -> None:
        """Take the question, and the word on the button that does it."""
        super().__init__()
        self._question = question
        self._verb = verb

    def compose(self) -> ComposeResult:
        """Lay out the question above the buttons; the harmless one has the cursor."""
        with Vertical(classes="box small"):
            yield Static(Content(self._question))
            with Horizontal(classes="buttons"):
                yield Button("Keep it", id="leave")
                yield Button(self._verb, variant="error", id="do")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Give back what was chosen."""
        event.stop()
        self.dismiss(event.button.id == "do")


class UnlockDialog(Dialog[bool]):
    """Asks for the passphrase, or the recovery code, until it opens the home."""

    class Opened(Message):
        """The home is open."""

    def __init__(self, session: Session, reason: str) -> None:
        """Take what to open, and why it is closed."""
        super().__init__()
        self._session = session
        self._reason = reason

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box small"):
            yield Static(Content(self._reason), classes="title")
            yield Static(Content(short_path(self._session.home)), classes="note")
            yield LineBox(
                password=True, placeholder="Passphrase, or recovery code", id="passphrase"
            )
            yield Static("Enter opens it   Esc quits", id="unlock-note", classes="note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try it; deriving the key takes a moment by design."""
        event.stop()
        typed = event.value
        if typed:
            event.input.disabled = True
            self.query_one("#unlock-note", Static).update("Opening …")
            session = self._session

            def work() -> Message:
                session.open(typed)
                return self.Opened()

            in_background(self, "unlock", work)

    def on_unlock_dialog_opened(self, message: Opened) -> None:
        """Done."""
        message.stop()
        self.dismiss(True)

    def on_failed(self, message: Failed) -> None:
        """Let the person try again where only the words were wrong."""
        box = self.query_one(Input)
        box.disabled = False
        box.clear()
        box.focus()
        note = self.query_one("#unlock-note", Static)
        note.update("Try again. Esc quits.")
        if isinstance(message.error, WrongKeyError):
            message.stop()
            note.update("That does not open it. Try again, or type the recovery code.")


class DateDialog(Dialog[date]):
    """Asks for a day."""

    def __init__(self, title: str = "Go to a day") -> None:
        """Take what the day is for."""
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box small"):
            yield Static(self._title, classes="title")
            yield LineBox(placeholder="2026-05-12, 2026-05, or 2026", id="day")
            yield Static("Enter goes there   Esc closes", id="day-note", classes="note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give back the day, or say what one looks like."""
        event.stop()
        found = parse_day(event.value)
        if found is None:
            self.query_one("#day-note", Static).update("A day looks like 2026-05-12.")
        else:
            self.dismiss(found)


class HelpScreen(Dialog[None]):
    """All keys on one page; the key that opened it closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [("question_mark", "leave", "Close")]

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll(classes="box", id="help"):
            yield Static(help_page())


KEYS = (
    (
        "Everywhere",
        (
            ("1 … 7; typing: F1 … F7", "go to a tab"),
            ("Tab, Shift+Tab", "go to the next or previous part"),
            ("Enter", "open what is under the cursor"),
            ("Esc", "close, or back to the box"),
            ("Ctrl+P", "all commands by name"),
            ("Ctrl+N", "remember something: type it in"),
            ("Ctrl+O", "take in chats, notes and folders"),
            ("Ctrl+T", "light or dark"),
            ("Ctrl+R", "read anew"),
            ("?", "this page"),
            ("Ctrl+Q", "quit"),
        ),
    ),
    ("Ask", (("Esc", "stop the answer, or back to the box"),)),
    (
        "Search",
        (
            ("↓", "from the box to the hits"),
            ("e", "how the score of a hit comes about"),
        ),
    ),
    (
        "Memories",
        (
            ("t", "the next type"),
            ("e", "change the text"),
            ("p", "pin to the top, or unpin"),
            ("x", "archive, or bring back"),
            ("a", "show the archived ones too"),
            ("h", "its history; Enter there undoes a change"),
            ("b", "what was believed on a day, and back"),
            ("w", "people, places and projects, and their pages"),
            ("u", "undo your last change"),
            ("f", "forget for good"),
        ),
    ),
    (
        "People",
        (
            ("m", "merge: two names of one"),
            ("a", "add a further name"),
            ("u", "undo the last change made there"),
        ),
    ),
    (
        "Evidence",
        (
            ("p", "all of a screen's picture, or a part"),
            ("f", "forget the item, and what rests on it alone"),
        ),
    ),
    ("Timeline", (("[ and ]", "a day back, a day on"), ("g", "go to a date"))),
    (
        "Inbox",
        (
            ("a", "approve: it becomes a memory"),
            ("e", "change the text first"),
            ("m", "merge into a memory that says the same"),
            ("r", "reject: it does not come back"),
            ("u", "undo your last decision"),
        ),
    ),
    (
        "Problems",
        (
            ("r, R", "read this one again, or all"),
            ("c, C", "clear this one, or all"),
        ),
    ),
)


def help_page() -> Content:
    """Return the page of keys."""
    lines = []
    for title, rows in KEYS:
        lines.append(Content.styled(title, "bold $text-accent"))
        for keys, meaning in rows:
            lines.append(Content.styled(f"  {keys:<24}", "$text-primary") + Content(meaning))
        lines.append(Content(""))
    lines.append(Content("The mouse works too: click a tab, a hit, a source, a button."))
    return Content("\n").join(lines)
