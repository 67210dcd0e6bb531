"""The built-in readers, offered through the same hook as anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers import builtin_readers
from memassist.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.protocols import Reader


class BuiltinReaders:
    """The readers that come with memassist."""

    @hookimpl
    def register_readers(self) -> Sequence[Reader]:
        """Return them in the order in which they are asked."""
        return builtin_readers()
