"""How fast long work goes and how long it will take, in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MEASURED_SECONDS = 2.0
"""Before that nothing is said: the first moments tell little."""
_LOOKED_BACK_SECONDS = 30.0
"""An import that first skips what it knows and then reads what is new changes its pace."""


class Pace:
    """Measures work as it is told of; made when the work begins."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin."""
        self._clock = clock
        self._seen = [(clock(), 0, 0.0)]
        """When how many things and what share were done, from some time ago until now."""

    def said(self, done: int, share: float | None) -> str:
        """Take how far the work is, and return rate and time left: `230/s, 3 min left`.

        A share is from 0 to 1, None where it is unknown; what is not yet known is left out.
        """
        now = self._clock()
        self._seen.append((now, done, share or 0.0))
        while len(self._seen) > 2 and now - self._seen[1][0] > _LOOKED_BACK_SECONDS:
            del self._seen[0]
        then, done_then, share_then = self._seen[0]
        seconds = now - then
        if seconds < MEASURED_SECONDS:
            return ""
        parts = []
        rate = (done - done_then) / seconds
        if rate > 0:
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if share is not None and share > share_then:
            parts.append(f"{_span(seconds * (1 - share) / (share - share_then))} left")
        return ", ".join(parts)


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
