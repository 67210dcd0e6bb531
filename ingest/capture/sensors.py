"""What the machine has to spare: power, disk, processor."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

LOW_BATTERY_PERCENT = 15.0
LOW_DISK_BYTES = 500_000_000
"""Capturing ends with so much left, so that what a person saves still fits."""
BUSY_LOAD = 2.0
"""Processes that want each core."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The machine at one moment."""

    battery_percent: float | None = None
    """None where there is no battery."""
    is_plugged_in: bool = True
    free_bytes: int = 1 << 40
    """On the disk of the home."""
    load_per_core: float = 0.0
    """Processes that ran or waited for a core in the last minute, for each core."""

    @property
    def why_not(self) -> str | None:
        """Why nothing should be captured now; None where there is no reason."""
        if self.free_bytes < LOW_DISK_BYTES:
            return "disk nearly full"
        is_low = self.battery_percent is not None and self.battery_percent < LOW_BATTERY_PERCENT
        if is_low and not self.is_plugged_in:
            return "battery low"
        return None

    @property
    def why_less(self) -> str | None:
        """Why less than the usual share of the processor may be taken; None where all of it may."""
        reasons = [] if self.is_plugged_in else ["on battery"]
        if self.load_per_core > BUSY_LOAD:
            reasons.append("other programs want the processor")
        return ", ".join(reasons) or None

    @property
    def share(self) -> float:
        """How much of the usual share of the processor may be taken, 0 to 1."""
        on_battery = 1.0 if self.is_plugged_in else 0.5
        return on_battery * (0.25 if self.load_per_core > BUSY_LOAD else 1.0)


class Sensors(Protocol):
    """Tells what the machine has to spare."""

    def read(self) -> Reading:
        """Return the machine as it is now."""


class MachineSensors:
    """This machine's."""

    def __init__(self, home: Path) -> None:
        """Watch the disk that the home is on."""
        self._home = home

    def read(self) -> Reading:
        """Return the machine as it is now."""
        import psutil

        try:
            battery = psutil.sensors_battery()
        except (AttributeError, OSError, RuntimeError):  # a system that has no such thing
            battery = None
        return Reading(
            battery_percent=None if battery is None else float(battery.percent),
            # None where the system does not know.
            is_plugged_in=battery is None or battery.power_plugged is not False,
            free_bytes=shutil.disk_usage(self._home).free,
            load_per_core=psutil.getloadavg()[0] / (os.cpu_count() or 1),
        )


def since_boot() -> float:
    """Return seconds on a clock that never goes back and goes on while the machine sleeps.

    Setting the machine's time does not move it, and a night in a closed laptop counts.
    """
    # On macOS CLOCK_MONOTONIC counts sleep and `time.monotonic` does not; on Linux neither does.
    clock = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic() if clock is None else time.clock_gettime(clock)
