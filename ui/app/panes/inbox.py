"""Inbox: what a machine proposes and a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.card import MemoryCard, memory_prompt
from memassist.ui.app.panes.base import Pane, StoreChanged, newest_revision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.store.inbox import InboxEntry

EMPTY = (
    "Nothing waits for you.\n\n"
    "What is not sure enough, and what other programs want you to remember, is shown here before "
    "it becomes a memory."
)


class InboxPane(Pane):
    """The tab with what waits for a decision."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("a", "approve", "Approve"),
        ("e", "edit", "Edit"),
        ("m", "merge", "Merge"),
        ("r", "reject", "Reject"),
        ("u", "app.undo", "Undo"),
    ]

    class Loaded(Message):
        """What is shown today."""

        def __init__(self, entries: Sequence[InboxEntry], others: int) -> None:
            """Take entries, the most useful first, and how many more wait for another day."""
            self.entries = entries
            self.others = others
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Inbox", id="inbox")
        self._entries: Sequence[InboxEntry] = ()

    def compose(self) -> ComposeResult:
        """Lay out list and card."""
        with Container(classes="split"):
            yield OptionList(id="entries")
            yield MemoryCard(EMPTY)
        yield Static("", id="inbox-note", classes="note")

    def load(self) -> None:
        """Read what this day shows of what waits: ten at most."""
        memory = self.memory
        if memory is None:
            return

        def work() -> Message:
            entries = memory.inbox.today()
            return self.Loaded(entries, memory.maintenance.stats().inbox - len(entries))

        in_background(self, "inbox", work)

    def on_inbox_pane_loaded(self, message: Loaded) -> None:
        """Show the list; the cursor goes to what follows what was decided."""
        message.stop()
        current = self._current()
        listed = self.query_one("#entries", OptionList)
        before = listed.highlighted or 0
        self._entries = message.entries
        listed.set_options(Option(memory_prompt(one.candidate)) for one in self._entries)
        listed.display = bool(self._entries)
        ids = [one.id for one in self._entries]
        others = max(0, message.others)
        note = self.query_one("#inbox-note", Static)
        note.display = others > 0
        note.update(f"{others:,} more {'wait' if others > 1 else 'waits'}: ten are shown a day.")
        if not ids:
            self.query_one(MemoryCard).show(None)
            return
        is_there = current is not None and current.id in ids
        listed.highlighted = (
            ids.index(current.id) if current and is_there else min(before, len(ids) - 1)
        )
        if self.memassist.active_pane is self and self.screen.focused is None:
            listed.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the proposal in full, and why it waits."""
        if event.option_list.id != "entries":
            return
        event.stop()
        one = self._current()
        if one is not None:
            self.query_one(MemoryCard).show(one.candidate, above=f"Why it waits: {one.reason}")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on to the evidence."""
        event.stop()
        sources = self.query_one(MemoryCard).query_one(OptionList)
        if sources.display:
            sources.focus()
            sources.highlighted = 0

    def action_approve(self) -> None:
        """Make it a memory."""
        self._decide("Approved: it is a memory now.", lambda memory, uid: memory.inbox.approve(uid))

    def action_reject(self) -> None:
        """Decide against it."""
        self._decide("Rejected; u brings it back.", lambda memory, uid: memory.inbox.reject(uid))

    def action_merge(self) -> None:
        """Let a memory that says the same rest on its evidence too."""
        from memassist.ui.app.merge import MergeDialog

        one, memory = self._current(), self.memory
        if one is None or memory is None:
            return

        def merge(memory_id: str | None) -> None:
            if memory_id is not None:
                said = "Merged: that memory rests on this too."
                self._decide(said, lambda memory, uid: memory.inbox.merge(uid, memory_id))

        self.app.push_screen(MergeDialog(memory, one.candidate.text), merge)

    def action_edit(self) -> None:
        """Change the text before deciding."""
        from memassist.ui.app.dialogs import EditDialog

        one = self._current()
        if one is None:
            return

        def save(text: str | None) -> None:
            if text is not None:
                self._decide("Changed.", lambda memory, uid: memory.inbox.edit(uid, text=text))

        self.app.push_screen(EditDialog("Edit before you decide", one.candidate.text), save)

    def _decide(self, said: str, make: Callable[[Memory, str], object]) -> None:
        one = self._current()
        if one is None:
            return
        uid = one.id

        def work(memory: Memory) -> StoreChanged:
            make(memory, uid)
            return StoreChanged(said, newest_revision(memory, uid))

        self.change("change", work)

    def _current(self) -> InboxEntry | None:
        place = self.query_one("#entries", OptionList).highlighted
        return None if place is None or place >= len(self._entries) else self._entries[place]
