"""The built-in extractors, offered through the same hook as anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.protocols import Extractor


class BuiltinExtractors:
    """The rule extractors that come with memassist."""

    @hookimpl
    def register_extractors(self) -> Sequence[Extractor]:
        """Return them in the order in which they look at a window."""
        return builtin_extractors()
