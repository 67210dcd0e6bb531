"""The terminal app: `run` shows it until the person quits.

Model: widgets draw what messages tell them. All work on the store or a model happens in thread
workers (`background.in_background`), which post messages and never touch a widget, so no key press
waits for a disk. `session` is what the app does without a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def run(home: Path) -> None:
    """Show the app on this terminal; returns when the person quits."""
    from memassist.plugins.heap import keep_heaps_small
    from memassist.ui.app.app import MemassistApp

    keep_heaps_small()
    app = MemassistApp(home)
    try:
        app.run()
    finally:
        app.session.close()
