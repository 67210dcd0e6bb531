"""What the command palette offers: everything that a key does, by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.tabs import TABS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ui.app.app import MemassistApp


def commands(app: MemassistApp) -> Iterator[SystemCommand]:
    """Yield the commands of all screens."""
    for number, name in enumerate(TABS, 1):
        go = partial(app.action_show_tab, name)
        yield SystemCommand(f"Go to {name}", f"Key {number}, or F{number} while typing", go)
    yield SystemCommand("Remember", "Type something to remember", app.action_add)
    yield SystemCommand("Take in", "Chats, notes, folders", app.action_take_in)
    people = app.query_one(MemoriesPane).action_people
    yield SystemCommand("People, places and projects", "All that is known of one", people)
    yield SystemCommand("Undo", "Take back your latest change", app.action_undo)
    yield SystemCommand(
        "Unlock for other programs", "The daemon holds the key for a while", app.action_share
    )
    yield SystemCommand("Read anew", "Look again at what is shown", app.action_reload)
    yield SystemCommand("Light or dark", "Turn the colours", app.action_turn_theme)
    yield SystemCommand("Keys", "All keys on one page", app.action_help)
    yield SystemCommand("Quit", "Leave; what was taken in is kept", app.action_quit)
