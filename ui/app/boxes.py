"""Boxes to type in, which take all keys in the order in which they are pressed.

Textual's own insert a letter at once, but let a key that does something (Backspace, Ctrl+U, Enter,
a dialog's Ctrl+S) climb to the app first, through the queue of each widget above them. Letters
pressed after it are there before it, as soon as the app has something else to do for a moment:
Ctrl+U then erases what was typed after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.widgets import Input, TextArea

if TYPE_CHECKING:
    from textual.widget import Widget


class LineBox(Input):
    """A box of one line."""

    async def on_key(self, event: events.Key) -> None:
        """Do in its turn what the key means."""
        await _do_in_turn(self, event)


class TextBox(TextArea):
    """A box of many lines."""

    async def on_key(self, event: events.Key) -> None:
        """Do in its turn what the key means."""
        await _do_in_turn(self, event)


async def _do_in_turn(box: Widget, event: events.Key) -> None:
    """Do here and now what a key means to the box or to what it stands in."""
    if box.screen is not box.app.screen:
        # A key before this one closed a dialog or opened one, for which it is meant.
        event.stop()
        event.prevent_default()
        box.app.post_message(events.Key(event.key, event.character))
        return
    if box.check_consume_key(event.key, event.character):
        return  # a letter
    for node in box.ancestors_with_self:
        for binding in node._bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await box.app.run_action(binding.action, node):
                event.stop()
                event.prevent_default()
                return
        if node.is_modal:
            return
