"""What the assistant layer raises beyond the errors of the layers below.

AssistantError
├── ConfigError        the settings file or a setting is wrong
├── QueryError         a query or question can't be searched for
├── NothingReadableError   no file of an import could be read
└── ModelError         the language model did not do its part
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of what `memassist.assistant` raises; carries the way out."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.advice = advice
        """What the person can do; empty where the reason says it."""


class ConfigError(AssistantError):
    """The settings file or a setting is wrong."""


class QueryError(AssistantError):
    """A query or question can't be searched for."""


class NothingReadableError(AssistantError):
    """No file of an import could be read."""


class ModelError(AssistantError):
    """The language model did not do its part: unreachable, empty, cut off or off the schema."""
