"""What all tabs share: how they reach the memory, and what they ask of the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import Input, TabPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant import Memory
    from memassist.ui.app.app import MemassistApp


class OpenEvidence(Message):
    """The person wants to see an item, at a span or a quote in it."""

    def __init__(
        self, item_id: str, *, span: tuple[int, int] | None = None, quote: str = ""
    ) -> None:
        """Take the item's id, and the span in characters or the quote to look for."""
        self.item_id = item_id
        self.span = span
        self.quote = quote
        super().__init__()


class OpenMemory(Message):
    """The person wants to see a memory among the others."""

    def __init__(self, memory_id: str) -> None:
        """Take the memory's id."""
        self.memory_id = memory_id
        super().__init__()


class StoreChanged(Message):
    """The person changed something: counts and other tabs are out of date."""

    def __init__(self, said: str, revision: str | None = None) -> None:
        """Take what to tell the person, and the revision that `u` takes back."""
        self.said = said
        self.revision = revision
        super().__init__()


class Pane(TabPane):
    """One tab. It reads the store when it is shown, never while it is composed."""

    TYPED_INTO: ClassVar[str] = ""
    """The box that takes what is typed beside it; empty where there is none."""

    @property
    def memassist(self) -> MemassistApp:
        """The app, with its own type."""
        return cast("MemassistApp", self.app)

    @property
    def memory(self) -> Memory | None:
        """The open memory; None until it is open."""
        return self.memassist.session.memory

    def load(self) -> None:
        """Read anew what is shown. Called when the tab is shown, and after the person's changes."""

    def follow(self) -> None:
        """Show what came in in the background, as far as nothing moves that somebody reads."""
        self.load()

    def focus_first(self) -> None:
        """Put the cursor where the person will want it, before the next key is read."""
        for widget in self.query("Input, OptionList"):
            if widget.focusable:
                self.screen.set_focus(widget)
                return

    def take_typed(self, event: Key | Paste) -> bool:
        """Put the cursor into the tab's box and hand it what was typed; False where it has none.

        A blank begins nothing.
        """
        if not self.TYPED_INTO:
            return False
        box = self.query_one(self.TYPED_INTO, Input)
        text = event.text if isinstance(event, Paste) else event.character or ""
        if not text.strip() and self.screen.focused is not box:
            return False
        self.screen.set_focus(box)
        # Behind the news that it has the cursor, at which it may select what it holds.
        box.post_message(event)
        return True

    def on_tab_pane_focused(self, event: TabPane.Focused) -> None:
        """Keep the tabs from going back to one that the cursor has left by now."""
        focused = self.screen.focused
        if focused is None or self not in focused.ancestors:
            event.stop()

    def change(self, group: str, make: Callable[[Memory], StoreChanged]) -> None:
        """Change the store in the background; the result bubbles up to the app."""
        from memassist.ui.app.background import in_background

        memory = self.memory
        if memory is not None:
            in_background(self, group, lambda: make(memory))


def newest_revision(memory: Memory, target: str) -> str | None:
    """Return the id of the person's newest change to a memory or inbox entry.

    Another program may have changed it since, and that is not theirs to take back.
    """
    return next((one.id for one in memory.history(target) if one.actor == "user"), None)
