"""Errors of taking things in.

IngestError
└── NoSuchPathError   the path the person named does not exist
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class IngestError(Exception):
    """Base of what `memassist.ingest` raises."""


class NoSuchPathError(IngestError):
    """The path the person named does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no such file or folder: {path}")
        self.path = path
        """As it was asked for."""
