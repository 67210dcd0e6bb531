"""Errors of capturing a screen.

IngestError
└── CaptureError                what follows
    ├── NoDesktopError          there is no screen that can be captured here
    └── DesktopLostError        the screen went away while it was captured
"""

from __future__ import annotations

from memassist.ingest.errors import IngestError


class CaptureError(IngestError):
    """Base of what capturing raises; carries the way out."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.advice = advice
        """What the person can do; empty where the reason says it."""


class NoDesktopError(CaptureError):
    """There is no screen that can be captured here."""


class DesktopLostError(CaptureError):
    """The screen went away while it was captured, as at the end of a session."""
