"""How keys, clicks and what is typed reach the tab that is shown, also while others still go on.

Textual acts on a key after it has climbed through the queues of all widgets above the cursor, and
moves the cursor by way of further messages. On a busy machine the next key comes sooner, so what a
key of a tab or of a dialog does is done before the next one is looked at (`boxes` does so within a
box). `tests/ui/test_app_typing_ahead.py` checks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import App
from textual.binding import Binding
from textual.widgets import TabbedContent

from memassist.ui.app.panes.base import Pane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import BindingType

TABS = ("ask", "search", "memories", "timeline", "inbox", "problems", "status")
"""The tabs' names in their order, which is also that of their keys."""


def _tab_keys() -> Iterator[Binding]:
    """Yield the keys that go to a tab.

    Those with F are bound twice: ahead of all that is typed after them, which goes where the cursor
    is then; and once more behind the key before, which may close a dialog.
    """
    for number, name in enumerate(TABS, 1):
        action, title = f"show_tab('{name}')", name.title()
        yield Binding(f"{number},f{number}", action, title, show=False)
        yield Binding(f"f{number}", action, title, show=False, priority=True)


class TabbedApp(App[None]):
    """An app whose tabs are panes named as in `TABS`."""

    BINDINGS: ClassVar[list[BindingType]] = [*_tab_keys()]

    @property
    def active_pane(self) -> Pane | None:
        """The tab that is shown."""
        pane = self.query_one(TabbedContent).active_pane
        return pane if isinstance(pane, Pane) else None

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Read what the tab shows."""
        if isinstance(event.pane, Pane):
            event.pane.load()

    def action_show_tab(self, name: str) -> None:
        """Go to a tab, unless a dialog is open.

        One that is about to close has done so by the time the key comes a second time, behind the
        key that closes it.
        """
        if len(self.screen_stack) > 1:
            raise SkipAction
        self.show_tab(name)

    def show_tab(self, name: str) -> None:
        """Go to a tab, with the cursor."""
        self.query_one(TabbedContent).active = name
        # At once: the next key may be there already.
        if self.active_pane is not None:
            self.active_pane.focus_first()

    async def on_event(self, event: events.Event) -> None:
        """Let a dialog that opens have the keys that are pressed meanwhile."""
        is_pressed = isinstance(event, events.Key) and not event.is_forwarded
        if is_pressed and len(self.screen_stack) > 1:
            from memassist.ui.app.dialogs import Dialog

            if isinstance(self.screen, Dialog) and self.screen.keep_early(event):
                return
        await super().on_event(event)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor into the tab that was clicked: its keys show, and can be clicked too."""
        tabs = self.query_one(TabbedContent)
        clicked = next((name for name in TABS if tabs.get_tab(name) is event.widget), None)
        if clicked is not None:
            self.show_tab(clicked)

    def on_key(self, event: events.Key) -> None:
        """Let what is typed beside the tab's box go into it, unless it means something there."""
        is_free = event.is_printable and event.key not in self.screen.active_bindings
        if is_free and self._take_typed(events.Key(event.key, event.character)):
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Let what is pasted beside the tab's box go into it, too."""
        self._take_typed(events.Paste(" ".join(event.text.split())))

    def _take_typed(self, event: events.Key | events.Paste) -> bool:
        pane = self.active_pane if len(self.screen_stack) == 1 else None
        return pane is not None and pane.take_typed(event)
