"""What Obsidian and other wikis of notes write into Markdown: links in brackets, and tags.

A link stands in the text as it is shown, `[[Maria Keller|Maria]]` as `Maria`, so that a sentence
with links is one that can be read, embedded and learned from; where it leads is kept beside it.
Code stays as it is. Line breaks are never touched, so lines count as in the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_NAMES = 500
"""Links or tags of one note that are kept by name."""

_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*$.*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)|`[^`\n]+`",
    re.DOTALL | re.MULTILINE,
)
_LINK = re.compile(
    r"!?\[\[(?P<target>[^\[\]|#^\n]*)(?P<part>[#^][^\[\]|\n]*)?(?:\|(?P<shown>[^\[\]\n]*))?\]\]"
)
_TAG = re.compile(r"(?<![^\s(>,;])#(?P<tag>[\w/-]*[^\W\d][\w/-]*)")
_EXCALIDRAW = re.compile(r"^(?:%%\n)?#+ Drawing\n", re.MULTILINE)


def shown_links(text: str) -> tuple[str, list[str]]:
    """Return the text with links as they are shown, and the notes and files they lead to, once."""
    targets: dict[str, None] = {}

    def shown(match: re.Match[str]) -> str:
        target = match["target"].strip()
        part = (match["part"] or "").strip("#^ ").replace("#", " > ")
        if target and len(targets) < MOST_NAMES:
            targets.setdefault(target)
        if match["shown"] and not match[0].startswith("!"):  # of an embedded picture its width
            return match["shown"].strip()
        return " > ".join(one for one in (target, part) if one)

    return _outside_code(text, lambda prose: _LINK.sub(shown, prose)), [*targets]


def tags_in(text: str) -> list[str]:
    """Return the tags in a text, each once, without `#`; a number alone is none."""
    found: dict[str, None] = {}

    def note(prose: str) -> str:
        for match in _TAG.finditer(prose):
            if len(found) < MOST_NAMES:
                found.setdefault(match["tag"].strip("/"))
        return prose

    _outside_code(text, note)
    return [*found]


def without_drawing(text: str) -> str:
    """Return a drawing of Excalidraw without the packed picture behind its words."""
    match = _EXCALIDRAW.search(text)
    return text if match is None else text[: match.start()]


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    pieces: list[str] = []
    position = 0
    for code in _CODE.finditer(text):
        pieces += (change(text[position : code.start()]), code[0])
        position = code.end()
    pieces.append(change(text[position:]))
    return "".join(pieces)
