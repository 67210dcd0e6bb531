"""How much of the processor reading the screen may take: a purse that fills with time."""

from __future__ import annotations

FULL_SECONDS = 60.0
"""What can be saved up: some ten full screens of text in succession."""


class Budget:
    """Processor seconds that may be spent. Times are those of a clock that never goes back."""

    def __init__(self, percent: float, now_seconds: float) -> None:
        """Begin with a full purse; `percent` is of one core."""
        self._rate = max(0.1, percent) / 100
        self._seconds = FULL_SECONDS
        self._filled_at = now_seconds

    def wait_seconds(self, now_seconds: float, share: float = 1.0) -> float:
        """Return how long to wait before spending again; `share` slows the filling, 0 to 1."""
        rate = self._rate * max(share, 0.01)
        passed = max(0.0, now_seconds - self._filled_at)
        self._seconds = min(FULL_SECONDS, self._seconds + passed * rate)
        self._filled_at = now_seconds
        return 0.0 if self._seconds > 0 else -self._seconds / rate + 0.001

    def has(self, seconds: float) -> bool:
        """Whether so much was left when it was last asked for."""
        return self._seconds >= seconds

    def spend(self, seconds: float) -> None:
        """Take out what was used; the purse may go below nothing once."""
        self._seconds -= seconds
