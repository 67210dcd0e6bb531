"""An item opened at the span that something rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Selection

from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.dialogs import ConfirmDialog, Dialog
from memassist.ui.app.panes.base import StoreChanged
from memassist.ui.app.picture import ScreenPicture, drawn
from memassist.ui.app.text import (
    conversation,
    count_of,
    excerpt,
    moment_of,
    one_line,
    origin_of,
    place_in,
    source_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.store.items import Item
    from memassist.ui.app.panes.base import OpenEvidence
    from memassist.ui.app.picture import Drawn as Pixels


class EvidenceScreen(Dialog[None]):
    """An item with a span of it marked and scrolled to; a message among its neighbours."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("f", "forget", "Forget"),
        ("p", "turn_picture", "Picture"),
    ]

    class Loaded(Message):
        """The item, and what was said around it."""

        def __init__(self, item: Item, around: Sequence[Item]) -> None:
            """Take it, and the conversation around it, the item among it."""
            self.item = item
            self.around = around
            super().__init__()

    class Drawn(Message):
        """The picture of what was on the screen."""

        def __init__(self, picture: Pixels) -> None:
            """Take its pixels."""
            self.picture = picture
            super().__init__()

    def __init__(self, memory: Memory, asked: OpenEvidence) -> None:
        """Take where to look."""
        super().__init__()
        self._span = (0, 0)
        self._is_whole = False
        self._memory = memory
        self._asked = asked

    def compose(self) -> ComposeResult:
        """Lay out what is known of the item above its text."""
        with Vertical(id="evidence", classes="box"):
            yield Static("Opening …", id="evidence-head")
            yield ScreenPicture()
            yield TextArea(read_only=True, show_cursor=False, id="evidence-text")
            yield Static(
                "Esc closes   ↑↓ PgUp PgDn scroll   f forgets it",
                id="evidence-keys",
                classes="note",
            )

    def on_mount(self) -> None:
        """Read the item."""
        memory, item_id = self._memory, self._asked.item_id

        def work() -> Message:
            around = memory.around(item_id)
            return self.Loaded(next(one for one in around if one.id == item_id), around)

        in_background(self, "item", work)

    def on_evidence_screen_loaded(self, message: Loaded) -> None:
        """Show it, the span in the middle."""
        item = message.item
        start, stop = self._asked.span or place_in(item.text, self._asked.quote)
        self._span = start, stop
        if item.origin == "screen":
            self._draw()
        if len(message.around) > 1:
            text, start, stop = conversation(message.around, item.id, start, stop)
        else:
            text, start, stop = excerpt(item.text, start, stop)
        head = [Content.styled(origin_of(item), "bold")]
        facts = [moment_of(item.occurred_at), f"from {source_name(item.source)}", item.reader]
        facts += ["an earlier branch"] if not item.is_main_branch else []
        head.append(Content.styled(one_line("  ".join(facts), 200), "$foreground-muted"))
        if item.uri:
            head.append(Content.styled(one_line(item.uri, 300), "$foreground-muted"))
        self.query_one("#evidence-head", Static).update(Content("\n").join(head))
        area = self.query_one("#evidence-text", TextArea)
        area.load_text(text)
        area.selection = Selection(_location(text, start), _location(text, stop))
        area.focus()
        self.call_after_refresh(self._centre)

    def action_turn_picture(self) -> None:
        """Show the whole picture, or the part around what was found."""
        if self.query_one(ScreenPicture).display:
            self._is_whole = not self._is_whole
            self._draw()

    def _draw(self) -> None:
        memory, item_id, is_whole = self._memory, self._asked.item_id, self._is_whole
        (start, stop), area = self._span, self.query_one("#evidence").size

        def work() -> Message | None:
            found = memory.picture(item_id)
            if found is None:
                return None
            picture, boxes = found
            there = [box for box in boxes if box.start < stop and start < box.stop]
            lines = max(4, area.height // 2)
            return self.Drawn(
                drawn(picture.content, there, max(20, area.width), lines, is_whole=is_whole)
            )

        in_background(self, "picture", work)

    def on_evidence_screen_drawn(self, message: Drawn) -> None:
        """Show it above the text."""
        message.stop()
        self.query_one(ScreenPicture).show(message.picture)
        keys = "Esc closes   ↑↓ scroll   p whole picture or part   f forgets it"
        self.query_one("#evidence-keys", Static).update(keys)
        self.call_after_refresh(self._centre)

    def action_forget(self) -> None:
        """Erase the item and all that rests on it alone, after asking."""
        memory, item_id = self._memory, self._asked.item_id

        def work() -> Message:
            done = memory.forget(item_ids=[item_id])
            said = f"Forgotten for good, with {count_of(done.memories, 'memory')}."
            later = " Its last traces go when other programs let go of the store."
            return StoreChanged(said if done.is_complete else said + later)

        def forget(is_sure: bool | None) -> None:
            if is_sure:
                in_background(self, "forget", work)

        question = (
            "Forget this item?\n\n"
            "It is erased with all that rests on it alone, and is not taken in again. It can't be "
            "brought back. The original outside of memassist stays."
        )
        self.app.push_screen(ConfirmDialog(question, "Forget for good"), forget)

    def on_store_changed(self) -> None:
        """Close; the app says what was done."""
        self.dismiss(None)

    def _centre(self) -> None:
        """Scroll to the span. There is no cursor to follow, so that the arrow keys scroll."""
        area = self.query_one("#evidence-text", TextArea)
        line = area.wrapped_document.location_to_offset(area.selection.start).y
        area.scroll_to(y=max(0, line - area.size.height // 3), animate=False)

    def on_failed(self, message: Failed) -> None:
        """There is nothing to show; the app says why."""
        del message
        self.query_one("#evidence-head", Static).update("It can't be shown.")


def _location(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    row = before.count("\n")
    return row, offset - (before.rfind("\n") + 1)
