"""Group stored items into the windows that extractors see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memassist.plugins.types import Trust, Window, WindowItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import Kind, Origin, Role
    from memassist.store.items import Item


def windows(items: Sequence[Item], owner_names: Sequence[str]) -> list[Window]:
    """Return one window per conversation, and one per item that stands alone, in stored order."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        if item.metadata.get("do_not_remember"):
            continue  # the person told the service it came from; searchable, and never learned
        groups.setdefault(item.conversation or f"\0{item.id}", []).append(item)
    names = tuple(owner_names)
    return [
        Window(tuple(_window_item(item) for item in group), group[0].conversation, names)
        for group in groups.values()
    ]


def _window_item(item: Item) -> WindowItem:
    return WindowItem(
        item_id=item.id,
        text=item.text,
        role=cast("Role", item.role),
        author=item.author,
        is_owner=item.is_owner,
        trust=Trust(item.trust),
        occurred_at=item.occurred_at,
        kind=cast("Kind", item.kind),
        origin=cast("Origin", item.origin),
        title=item.title,
        uri=item.uri,
        is_main_branch=item.is_main_branch,
    )
