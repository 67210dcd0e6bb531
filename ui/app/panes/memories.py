"""Memories by type: read, open the evidence, correct, pin, archive, undo, forget."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widgets import OptionList, Static, Tab, Tabs
from textual.widgets.option_list import Option

from memassist.plugins.types import MEMORY_TYPES
from memassist.ui.app.background import in_background
from memassist.ui.app.card import MemoryCard, memory_prompt
from memassist.ui.app.panes.base import OpenMemory, Pane, StoreChanged, newest_revision
from memassist.ui.app.text import day_of_ms, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.plugins.types import MemoryType
    from memassist.store.memories import Memory as StoredMemory

SHOWN = 500
"""A longer list is no list any more; search finds the rest."""
EMPTY = (
    "No memories of this kind yet.\n\n"
    "They are learned from what you take in: Ctrl+O. Or type one: Ctrl+N."
)


class MemoriesPane(Pane):
    """The tab with the list of memories and one of them in full."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("t", "next_type", "Type"),
        ("e", "edit", "Edit"),
        ("p", "pin", "Pin"),
        ("x", "archive", "Archive"),
        ("h", "history", "History"),
        ("u", "app.undo", "Undo"),
        ("f", "forget", "Forget"),
        Binding("a", "archived", "Archived too", show=False),
        Binding("b", "believed", "Believed on", show=False),
        Binding("w", "people", "Who", show=False),
    ]

    class Loaded(Message):
        """The memories of the chosen type."""

        def __init__(self, memories: list[StoredMemory], counts: Mapping[str, int]) -> None:
            """Take them, pinned ones first, and how many of each type there are."""
            self.memories = memories
            self.counts = counts
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Memories", id="memories")
        self._memories: list[StoredMemory] = []
        self._with_archived = False
        self._wanted: str | None = None
        self._believed: date | None = None
        """The day whose beliefs are shown; None is the present."""

    def compose(self) -> ComposeResult:
        """Lay out types, list and card."""
        yield Tabs(Tab("all", id="type-all"), *(Tab(one, id=f"type-{one}") for one in MEMORY_TYPES))
        with Container(classes="split"):
            yield OptionList(id="memory-list")
            yield MemoryCard(EMPTY)
        yield Static("", id="memories-note", classes="note")

    def load(self) -> None:
        """Read the memories of the chosen type."""
        memory = self.memory
        if memory is None:
            return
        chosen = self._chosen()
        with_archived, day = self._with_archived, self._believed

        def work() -> Message:
            if day is not None:
                past = memory.memories.as_of(recorded_at=_end_of(day), type_=chosen)
                return self.Loaded(list(past[:SHOWN]), Counter(one.state.type for one in past))
            found = memory.memories.list(chosen, with_archived=with_archived, limit=SHOWN)
            return self.Loaded(found, memory.maintenance.stats().memories)

        in_background(self, "memories", work)

    def show_memory(self, memory_id: str) -> None:
        """Go to one memory."""
        self._wanted = memory_id
        types = self.query_one(Tabs)
        if types.active == "type-all":
            self.load()
        else:
            types.active = "type-all"

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        """Show another type."""
        event.stop()
        self.load()

    def on_memories_pane_loaded(self, message: Loaded) -> None:
        """Show the list; the cursor stays on the memory it was on."""
        message.stop()
        current = self._current()
        wanted = self._wanted or (None if current is None else current.id)
        listed = self.query_one("#memory-list", OptionList)
        before = listed.highlighted or 0
        self._memories, self._wanted = message.memories, None
        listed.set_options(Option(memory_prompt(one.state)) for one in self._memories)
        types = self.query_one(Tabs)
        for name, count in {"all": sum(message.counts.values()), **message.counts}.items():
            types.query_one(f"#type-{name}", Tab).label = f"{name} {count:,}"
        ids = [one.id for one in self._memories]
        if ids:
            place = ids.index(wanted) if wanted in ids else min(before, len(ids) - 1)
            listed.highlighted = place
        else:
            self.query_one(MemoryCard).show(None)
        more = f"The first {SHOWN}; search finds the others. " if len(ids) >= SHOWN else ""
        also = "With the archived ones." if self._with_archived else ""
        if self._believed is not None:
            also = f"As believed on {self._believed:%d %b %Y}; b goes back to the present."
        note = self.query_one("#memories-note", Static)
        note.update(f"{more}{also}")
        note.display = bool(more or also)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the memory in full."""
        if event.option_list.id != "memory-list":
            return
        event.stop()
        one = self._current()
        if one is not None:
            changed = f"learned {day_of_ms(one.created_at)}"
            if one.version > 1:
                changed += f", changed {day_of_ms(one.updated_at)} (version {one.version})"
            self.query_one(MemoryCard).show(one.state, below=changed)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on to the evidence."""
        event.stop()
        sources = self.query_one(MemoryCard).query_one(OptionList)
        if sources.display:
            sources.focus()
            sources.highlighted = 0

    def action_next_type(self) -> None:
        """Go to the next type."""
        self.query_one(Tabs).action_next_tab()

    def action_archived(self) -> None:
        """Show the archived ones too, or not."""
        self._with_archived = not self._with_archived
        self.load()

    def action_believed(self) -> None:
        """Show what was believed on a day, or the present again."""
        from memassist.ui.app.dialogs import DateDialog

        def show(day: date | None) -> None:
            if day is not None:
                self._believed = day
                self.load()

        if self._believed is not None:
            self._believed = None
            self.load()
        else:
            self.app.push_screen(DateDialog("What was believed on which day?"), show)

    def action_edit(self) -> None:
        """Change the text."""
        from memassist.ui.app.dialogs import EditDialog

        one = self._changeable()
        if one is None:
            return

        def save(text: str | None) -> None:
            if text is not None:
                self._edit(one, "Changed.", text=text)

        self.app.push_screen(EditDialog(f"Edit this {one.state.type} memory", one.state.text), save)

    def action_pin(self) -> None:
        """Pin to the top, or unpin."""
        one = self._changeable()
        if one is not None:
            is_pinned = not one.state.is_pinned
            self._edit(one, "Pinned." if is_pinned else "Unpinned.", is_pinned=is_pinned)

    def action_archive(self) -> None:
        """Archive, or bring back."""
        one = self._changeable()
        if one is not None:
            is_archived = not one.state.is_archived
            said = "Archived; u brings it back." if is_archived else "Brought back."
            self._edit(one, said, is_archived=is_archived)

    def action_history(self) -> None:
        """Show the changes, and undo the chosen one."""
        from memassist.ui.app.history import HistoryDialog

        one, memory = self._current(), self.memory
        if one is None or memory is None:
            return

        def undo(revision: str | None) -> None:
            if revision is not None:
                self.change("change", lambda memory: _undone(memory, revision))

        self.app.push_screen(HistoryDialog(memory, one.id), undo)

    def action_people(self) -> None:
        """Show people, places and projects, first whom the memory is about."""
        from memassist.ui.app.people import PeopleScreen

        one, memory = self._current(), self.memory
        if memory is None:
            return

        def go(memory_id: str | None) -> None:
            if memory_id is not None:
                self.memassist.post_message(OpenMemory(memory_id))

        self.app.push_screen(PeopleScreen(memory, None if one is None else one.id), go)

    def action_forget(self) -> None:
        """Erase for good, after asking."""
        from memassist.ui.app.dialogs import ConfirmDialog

        one = self._changeable()
        if one is None:
            return

        def forget(is_sure: bool | None) -> None:
            if is_sure:
                self.change("change", lambda memory: _forgotten(memory, one.id))

        question = (
            f"Forget “{one_line(one.state.text, 200)}”?\n\n"
            "This memory and its history are erased and can't be brought back. What it was "
            "learned from stays, and is not learned from again."
        )
        self.app.push_screen(ConfirmDialog(question, "Forget for good"), forget)

    def _edit(
        self,
        one: StoredMemory,
        said: str,
        *,
        text: str | None = None,
        is_pinned: bool | None = None,
        is_archived: bool | None = None,
    ) -> None:
        def make(memory: Memory) -> StoreChanged:
            memory.memories.edit(
                one.id,
                text=text,
                is_pinned=is_pinned,
                is_archived=is_archived,
                expected_version=one.version,
            )
            return StoreChanged(said, newest_revision(memory, one.id))

        self.change("change", make)

    def _changeable(self) -> StoredMemory | None:
        """Return the chosen memory, unless it is shown as it once was."""
        if self._believed is not None:
            self.notify("That is the past, which stays as it was. b goes back to the present.")
            return None
        return self._current()

    def _chosen(self) -> MemoryType | None:
        active = self.query_one(Tabs).active.removeprefix("type-")
        return next((one for one in MEMORY_TYPES if one == active), None)

    def _current(self) -> StoredMemory | None:
        place = self.query_one("#memory-list", OptionList).highlighted
        return None if place is None or place >= len(self._memories) else self._memories[place]


def _end_of(day: date) -> datetime:
    """Return the last moment of a day in this machine's zone."""
    return datetime.combine(day, time.max).astimezone()


def _undone(memory: Memory, revision: str) -> StoreChanged:
    done = memory.undo(revision)
    return StoreChanged("Undone.", done.id)


def _forgotten(memory: Memory, memory_id: str) -> StoreChanged:
    memory.forget(memory_id=memory_id)
    return StoreChanged("Forgotten for good.")
