"""Finding: from a query to hits, each with what every signal added to its score."""

from memassist.assistant.recall.search import Query, search
from memassist.assistant.recall.syntax import Filter

__all__ = ["Filter", "Query", "search"]
