"""What stands beside a hit: the text around it, or how its score comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from memassist.ui.app.text import marked, moment_of, one_line, origin_of, safe, speaker_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.assistant import Memory
    from memassist.assistant.results import Hit
    from memassist.store.items import Item

BEFORE_CHARACTERS, AFTER_CHARACTERS = 400, 2_000
"""Shown around the passage in the preview."""
NEIGHBOURS, ASIDE_CHARACTERS = 3, 240
"""Messages shown before and after the hit's, and of each so much."""
BAR_CELLS = 20


def explained(hit: Hit) -> Content:
    """Return the table of what each signal adds to a hit's score."""
    most = max((abs(value) for value in hit.signals.values()), default=1.0) or 1.0
    width = max((len(name) for name in hit.signals), default=5)
    lines = [Content.styled("How the score comes about", "bold"), Content("")]
    for name, value in sorted(hit.signals.items(), key=lambda one: -abs(one[1])):
        if not value:
            continue
        bar = "█" * round(abs(value) / most * BAR_CELLS)
        row = Content(f"{name:<{width}}  {value:6.3f}  ")
        lines.append(row + Content.styled(bar, "$primary"))
    lines.append(Content.styled(f"{'score':<{width}}  {hit.score:6.3f}", "bold"))
    lines += [Content(""), Content.styled("e shows the text again", "$foreground-muted")]
    return Content("\n").join(lines)


def previewed(hit: Hit, items: Sequence[Item], words: list[str]) -> Content:
    """Return a hit's passage with the text around it, and what was said before and after."""
    item = next((one for one in items if one.id == hit.item_id), None)
    if item is None:
        return marked(hit.text, words)
    head = [
        Content.styled(f"{moment_of(item.occurred_at)}  {origin_of(item)}", "$foreground-muted")
    ]
    if item.uri:
        head.append(Content.styled(one_line(item.uri, 200), "$foreground-muted"))
    if hit.memory_id is not None:
        sentence = marked(hit.text, words)
        quoted = safe(item.text[:AFTER_CHARACTERS])
        rests = Content.styled("rests on", "$foreground-muted")
        return Content("\n").join(
            [sentence, Content(""), rests, *head, Content(""), marked(quoted, words)]
        )
    start, stop = hit.start or 0, hit.stop or len(item.text)
    first = max(0, start - BEFORE_CHARACTERS)
    before = Content.styled(safe(item.text[first:start]), "$foreground-muted")
    after = Content.styled(safe(item.text[stop : stop + AFTER_CHARACTERS]), "$foreground-muted")
    body = before + marked(item.text[start:stop], words) + after
    place = items.index(item)
    said_before = [_aside(one) for one in items[:place]]
    said_after = [_aside(one) for one in items[place + 1 :]]
    if items[1:]:
        body = Content(f"{speaker_of(item)}: ") + body
    return Content("\n").join([*head, Content(""), *said_before, body, *said_after])


def _aside(item: Item) -> Content:
    said = f"{speaker_of(item)}: {one_line(item.text, ASIDE_CHARACTERS)}"
    return Content.styled(said, "$foreground-muted")


def around(memory: Memory, hit: Hit) -> Sequence[Item]:
    """Return a hit's item with its neighbours; of a memory, what it rests on, if anything."""
    if hit.item_id is None:
        return ()
    if hit.memory_id is not None:
        return [memory.item(hit.item_id)]
    return memory.around(hit.item_id, NEIGHBOURS)
