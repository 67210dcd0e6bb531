"""What memassist does, with no terminal. `Memory` is the one public door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.assistant.memory import Memory
    from memassist.assistant.recall import Query

__all__ = ["Memory", "Query"]


def __getattr__(name: str) -> object:
    """Import the door when it is asked for: its parts of the package start quickly without it."""
    if name == "Memory":
        from memassist.assistant.memory import Memory

        return Memory
    if name == "Query":
        from memassist.assistant.recall import Query

        return Query
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
