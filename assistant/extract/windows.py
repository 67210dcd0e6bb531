"""Group stored items into the windows that extractors see.

Left out is what nothing may be learned from: what the person told the service not to remember, our
own answers, and the files that programs give their models at their start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from memassist.plugins.types import Trust, Window, WindowItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import Kind, Origin, Role
    from memassist.store.items import Item


_BOOT_FILES = frozenset(
    (
        "claude.md", "claude.local.md", "agents.md", "agent.md", "agents.override.md", "gemini.md",
        "soul.md", "skill.md", "copilot-instructions.md", ".cursorrules", ".windsurfrules",
        ".clinerules", ".roorules", ".goosehints", "conventions.md", "llms.txt", "llms-full.txt",
    )
)  # fmt: skip
_BOOT_FOLDERS = ("/.cursor/rules/", "/.claude/", "/.github/instructions/", "/.windsurf/rules/")


def _is_boot_file(item: Item) -> bool:
    """Whether a file is what a program tells its model at its start: orders, and no facts."""
    if item.kind != "document":
        return False
    place = unquote(item.uri or item.title or "").casefold()
    return place.rpartition("/")[2] in _BOOT_FILES or any(one in place for one in _BOOT_FOLDERS)


def windows(items: Sequence[Item], owner_names: Sequence[str]) -> list[Window]:
    """Return one window per conversation, and one per item that stands alone, in stored order."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        if item.metadata.get("do_not_remember") or _is_boot_file(item):
            continue  # searchable, and never learned
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
