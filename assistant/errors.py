"""What the assistant layer raises beyond the errors of the layers below.

AssistantError
├── ConfigError        the settings file or a setting is wrong
├── QueryError         a query or question can't be searched for
├── WatchError         a folder can't be watched
├── EvaluationError    a file of questions or expectations is not of its format
├── NothingReadableError   no file of an import could be read
└── ModelError         the language model did not do its part
"""

from __future__ import annotations

from typing import Literal, TypeAlias

ModelFault: TypeAlias = Literal[
    "refused",
    "unreachable",
    "timeout",
    "http",
    "empty",
    "truncated",
    "malformed",
    "off schema",
    "too long",
    "cancelled",
]
"""What went wrong with a model or its server; the first three say the same of every further
request, and the last is the person's own wish."""


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


class WatchError(AssistantError):
    """A folder can't be watched."""


class EvaluationError(AssistantError):
    """A file of questions or expectations can't be measured with: it is not of its format."""


class NothingReadableError(AssistantError):
    """No file of an import could be read."""


class ModelError(AssistantError):
    """The language model did not do its part. Its message never holds what the model wrote."""

    def __init__(self, reason: str, advice: str = "", fault: ModelFault = "http") -> None:
        super().__init__(reason, advice)
        self.fault = fault
        """Which part it did not do."""

    @property
    def is_lasting(self) -> bool:
        """Whether the next request would meet the same."""
        return self.fault in ("refused", "unreachable", "timeout")
