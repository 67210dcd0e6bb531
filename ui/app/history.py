"""How one memory came to say what it says: what was believed when, and each change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.dialogs import Dialog
from memassist.ui.app.text import day_of_ms, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from memassist.assistant import Memory
    from memassist.store.memories import Memory as StoredMemory
    from memassist.store.memories import Revision


class HistoryDialog(Dialog[str]):
    """Shows a fact over time and its changes; Enter gives back the change to undo."""

    class Loaded(Message):
        """What was believed, and the changes."""

        def __init__(
            self, revisions: tuple[Revision, ...], beliefs: Sequence[StoredMemory]
        ) -> None:
            """Take the changes, newest first, and the beliefs, earliest first."""
            self.revisions = revisions
            self.beliefs = beliefs
            super().__init__()

    def __init__(self, memory: Memory, memory_id: str) -> None:
        """Take whose history."""
        super().__init__()
        self._memory = memory
        self._memory_id = memory_id
        self._revisions: tuple[Revision, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the beliefs above the changes."""
        with Vertical(classes="box"):
            yield Static("", id="beliefs")
            yield Static("Changes, newest first", classes="title")
            yield OptionList(id="revisions")
            yield Static("Enter undoes a change   Esc closes", classes="note")

    def on_mount(self) -> None:
        """Read it."""
        memory, memory_id = self._memory, self._memory_id
        self.query_one("#beliefs").display = False

        def work() -> Message:
            memories = memory.memories
            return self.Loaded(tuple(memories.history(memory_id)), memories.over_time(memory_id))

        in_background(self, "history", work)

    def on_history_dialog_loaded(self, message: Loaded) -> None:
        """Show it; a fact that never had another value needs no table of them."""
        self._revisions = message.revisions
        listed = self.query_one(OptionList)
        listed.set_options(Option(_change(one)) for one in message.revisions)
        listed.highlighted = 0 if message.revisions else None
        listed.focus()
        beliefs = self.query_one("#beliefs", Static)
        beliefs.display = len(message.beliefs) > 1
        beliefs.update(_beliefs(message.beliefs, self._memory_id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give back the change to undo."""
        event.stop()
        self.dismiss(self._revisions[event.option_index].id)


def _beliefs(beliefs: Sequence[StoredMemory], memory_id: str) -> Content:
    lines = [Content.styled("Over time", "bold $text-primary")]
    for one in beliefs:
        state = one.state
        start = "" if state.valid_from is None else day_of_ms(state.valid_from)
        stop = "now" if state.valid_to is None else day_of_ms(state.valid_to)
        span = f"{start:>11} to {stop:<11}  "
        style = "bold" if one.id == memory_id else "$foreground"
        lines.append(
            Content.styled(span, "$foreground-muted")
            + Content.styled(one_line(state.text, 120), style)
            + Content.styled(f"  learned {day_of_ms(one.created_at)}", "$foreground-muted")
        )
    return Content("\n").join([*lines, Content("")])


def _change(revision: Revision) -> Content:
    import json

    head = f"{day_of_ms(revision.created_at)}  {revision.action} by {revision.actor}"
    texts = [json.loads(text) for text in (revision.before, revision.after) if text]
    states = [one.get("candidate", one) for one in texts]
    said = " → ".join(dict.fromkeys(one_line(str(one.get("text", "")), 120) for one in states))
    if revision.is_erased:
        said = "something was erased"
    return Content("\n").join([Content.styled(head, "$foreground-muted"), Content(said)])
