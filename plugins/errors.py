"""Errors a plugin may raise.

PluginError
└── UnreadableFileError   nothing of a file can be read
"""

from __future__ import annotations


class PluginError(Exception):
    """Base of what plugins raise."""


class UnreadableFileError(PluginError):
    """Nothing of the file can be read as this format."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """Why, in words for the person."""
        self.advice = advice
        """The way out; empty where there is none."""
