"""Work off the screen: a thread does it, and a message brings the result back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import get_current_worker

from memassist.plugins.heap import give_back_at_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode


class Failed(Message):
    """Something asked for in the background could not be done; the app says why."""

    def __init__(self, error: Exception, group: str) -> None:
        """Take the error and the group of work it ended."""
        self.error = error
        self.group = group
        super().__init__()


def in_background(node: DOMNode, group: str, work: Callable[[], Message | None]) -> None:
    """Do `work` in a thread and post what it returns to `node`; an error is posted as `Failed`.

    Newer work of the same group on the same node makes the older one's result unwanted: it is
    dropped. `work` may post messages of its own while it goes on; `post_message` is thread-safe.
    """

    def run() -> None:
        worker = get_current_worker()
        message: Message | None
        try:
            message = work()
        # What a bug or a plugin raises must not end the person's session; the app shows it.
        except Exception as error:  # noqa: BLE001
            message = Failed(error, group)
        if message is not None and not worker.is_cancelled and node.is_attached:
            node.post_message(message)
        give_back_at_times()

    node.run_worker(run, name=group, group=group, exclusive=True, thread=True)
