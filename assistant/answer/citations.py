"""What an answer points to: literal slices of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.assistant.places import place_of
from memassist.assistant.results import Citation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.store.items import Item


@dataclass(frozen=True, slots=True)
class Source:
    """A literal slice of an item's text."""

    item: Item
    start: int
    stop: int
    """Half open."""

    @property
    def quote(self) -> str:
        """The slice."""
        return self.item.text[self.start : self.stop]


def citations(sources: Iterable[Source]) -> tuple[Citation, ...]:
    """Return citations of slices, each slice once, in order."""
    made = [
        Citation(
            item_id=source.item.id,
            quote=source.quote,
            ref=source.item.ref,
            title=source.item.title,
            author=source.item.author,
            source=source.item.source,
            occurred_at=source.item.occurred_at,
            uri=source.item.uri,
            place=place_of(source.item, source.start, source.stop),
        )
        for source in sources
    ]
    return tuple({(one.item_id, one.quote): one for one in made}.values())
