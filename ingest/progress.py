"""How far an import is, told often enough to be seen and no oftener."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.ingest.pipeline import ImportReport

TOLD_EVERY_SECONDS = 0.2


class Told:
    """What the caller of one import is told. `on_progress` may raise to stop it."""

    def __init__(
        self,
        report: ImportReport,
        on_progress: Callable[[ImportReport], None],
        position: Callable[[], int],
    ) -> None:
        """Take the report to tell; `position` says how far into the file in hand its reader is."""
        self._report = report
        self._on_progress = on_progress
        self._position = position
        self._ended_bytes = 0
        self._told_at = 0.0

    def now(self, report: ImportReport) -> None:
        """Tell it."""
        self._told_at = time.monotonic()
        report.read_bytes = self._ended_bytes + self._position()
        self._on_progress(report)

    def soon(self) -> None:
        """Tell it, unless that was done a moment ago."""
        if time.monotonic() - self._told_at >= TOLD_EVERY_SECONDS:
            self.now(self._report)

    def end_of_file(self, size_bytes: int) -> None:
        """Count a file that was read."""
        self._ended_bytes += size_bytes
        self.soon()
