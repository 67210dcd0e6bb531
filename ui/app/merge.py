"""Which memory an inbox entry says again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.card import memory_prompt
from memassist.ui.app.dialogs import Dialog
from memassist.ui.app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from memassist.assistant import Memory
    from memassist.store.memories import Memory as StoredMemory

NEAREST = 12


class MergeDialog(Dialog[str]):
    """Shows the nearest memories to a proposed one; gives back the id of the chosen one."""

    class Loaded(Message):
        """The nearest memories."""

        def __init__(self, memories: Sequence[StoredMemory]) -> None:
            """Take them, the nearest first."""
            self.memories = memories
            super().__init__()

    def __init__(self, memory: Memory, text: str) -> None:
        """Take what the entry says."""
        super().__init__()
        self._memory = memory
        self._text = text
        self._memories: Sequence[StoredMemory] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list under what is to be merged."""
        with Vertical(classes="box"):
            yield Static("Merge into which memory?", classes="title")
            yield Static(Content(f"“{one_line(self._text, 300)}”"), classes="note")
            yield OptionList(id="merge-list")
            yield Static("Looking …", id="merge-note", classes="note")

    def on_mount(self) -> None:
        """Look for memories that share its words: no model need be loaded for that."""
        memory, text = self._memory, self._text

        def work() -> Message:
            from memassist.assistant import Query

            query = Query(text, k=NEAREST, kind="memory")
            hits = memory.search(query, lexical=True).hits
            return self.Loaded(
                [memory.memories.get(hit.memory_id) for hit in hits if hit.memory_id]
            )

        in_background(self, "merge", work)

    def on_merge_dialog_loaded(self, message: Loaded) -> None:
        """Show them."""
        message.stop()
        self._memories = message.memories
        listed = self.query_one(OptionList)
        listed.set_options(Option(memory_prompt(one.state, 200)) for one in message.memories)
        note = "Enter merges: it keeps its words and rests on this evidence too.   Esc closes"
        if message.memories:
            listed.highlighted = 0
            listed.focus()
        else:
            note = "No memory says anything like it. Esc closes; a approves it as a new one."
        self.query_one("#merge-note", Static).update(note)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give back the chosen memory."""
        event.stop()
        self.dismiss(self._memories[event.option_index].id)
