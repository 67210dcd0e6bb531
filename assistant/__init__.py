"""What memassist does, with no terminal. `Memory` is the one public door."""

from memassist.assistant.memory import Memory
from memassist.assistant.recall import Query

__all__ = ["Memory", "Query"]
