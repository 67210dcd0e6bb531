"""How fast the daemon works off its jobs: what it leaves to the person on a machine with little.

A job is never broken off for it. Between jobs it rests as long as the machine's share asks for,
and it begins none while power or disk run out; what waits is told by `state`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.ingest.capture.sensors import Sensors

SENSOR_SECONDS = 15.0
"""Between looks at the machine."""
LONGEST_REST_SECONDS = 30.0
"""After one job, however long that was."""


class JobPace:
    """Whether jobs may run now, and how long to rest between two. Any thread may ask."""

    def __init__(self, sensors: Sensors, clock: Callable[[], float] = time.monotonic) -> None:
        """Look at the machine once. `clock` is one that never goes back, in seconds."""
        self._sensors = sensors
        self._clock = clock
        self._sensed = sensors.read()
        self._sensed_at = clock()

    def why_not(self) -> str | None:
        """Return why no job should begin now; None where there is no reason."""
        self._sense()
        return self._sensed.why_not

    def rest_seconds(self, worked_seconds: float) -> float:
        """Return how long to rest after a job that took so long, 0 with all to spare."""
        self._sense()
        return min(worked_seconds * (1 / self._sensed.share - 1), LONGEST_REST_SECONDS)

    def state(self) -> str:
        """Return why jobs wait or are slow, as of the last look; empty where they are neither."""
        reason = self._sensed.why_not
        if reason is not None:
            return f"jobs wait: {reason}"
        slower = self._sensed.why_less
        return f"jobs take their time: {slower}" if slower else ""

    def _sense(self) -> None:
        now = self._clock()
        if now - self._sensed_at > SENSOR_SECONDS:
            self._sensed, self._sensed_at = self._sensors.read(), now
