"""Ending cleanly when the system, a terminal or the person says so."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP")
"""The last is what a terminal says when it is closed; Windows has none."""


def call_when_told_to_stop(stop: Callable[[], object]) -> None:
    """Let the signals that ask this process to end call `stop`, which must wait for nothing.

    One started to outlive its terminal (`nohup`) ignores that terminal's end as before. For the
    main thread alone.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
            continue
        signal.signal(number, lambda *_: stop())
