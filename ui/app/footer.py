"""The line of keys at the bottom, which lets go of the keys it no longer shows."""

from __future__ import annotations

from textual.widgets import Footer


class KeyFooter(Footer):
    """Textual's footer, without its leak of some ten widgets at each change of tab.

    Each key it shows watches `compact`, and a watcher that is gone is only forgotten when the value
    is set again (https://github.com/Textualize/textual/issues/6666).
    """

    async def recompose(self) -> None:
        """Show the keys anew, then forget those before."""
        await super().recompose()
        self.mutate_reactive(Footer.compact)
