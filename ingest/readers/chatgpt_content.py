"""The text in a ChatGPT message, by its content type.

The types are those that public importers and their fixtures name; of a type that nobody knows
yet, whatever text it carries is taken.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.ingest.readers.values import JsonValue

_REASONING = frozenset({"thoughts", "reasoning_recap"})
_PICTURE_PARTS = frozenset({"image_asset_pointer", "image_url", "image"})
_PICTURE = "[image]"

# A reference is START kind (SEPARATOR field)* STOP; a quoted passage stands between two more.
_REFERENCE = re.compile("( ?)\ue200([^\ue200\ue201]{0,4000})\ue201")
_CITATION = re.compile(" ?\u3010[0-9:]{1,12}\u2020[^\u3010\u3011\n]{0,300}\u3011")
"""As older answers wrote it: `\u30104:0\u2020source\u3011`."""
_SEPARATOR = "\ue202"
_MARKS = re.compile("[\ue200-\ue204]")

_TEXT_FIELDS: dict[str, tuple[str, ...]] = {
    "user_editable_context": ("user_profile", "user_instructions"),
    "tether_browsing_display": ("summary", "result"),
    "tether_quote": ("title", "text", "url"),
    "sonic_webpage": ("title", "text", "url"),
    "system_error": ("name", "text"),
}
_OTHER_TEXT_FIELDS = ("title", "text", "content", "result", "summary")


class SkippedContentError(Exception):
    """The message is left out on purpose."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """As in `Skipped.reason`."""


def content_text(content: JsonValue) -> str:
    """Return the text of a message's content, never blank.

    Raises `SkippedContentError` where there is nothing to keep, `ValueError` where the content is
    of a wrong shape.
    """
    if isinstance(content, str):
        return _not_blank(without_marks(content))
    if content is None:
        raise SkippedContentError("blank text")
    if not isinstance(content, dict):
        raise ValueError("the content is neither text nor an object")
    content_type = content.get("content_type")
    if not isinstance(content_type, str):
        content_type = "text"
    if content_type in _REASONING:
        raise SkippedContentError("reasoning")
    parts = content.get("parts")
    if parts is not None:
        if not isinstance(parts, list):
            raise ValueError("the parts of the content are no list")
        return _text_of_parts(parts)
    fields = _TEXT_FIELDS.get(content_type, _OTHER_TEXT_FIELDS)
    texts = [value for name in fields if isinstance(value := content.get(name), str)]
    if not texts and content_type == "text":
        raise ValueError("the content has no parts")
    return _not_blank(without_marks("\n".join(text for text in texts if text.strip())))


def without_marks(text: str) -> str:
    """Without ChatGPT's reference marks of either age; links and names keep their words."""
    text = _CITATION.sub("", text)
    if not _MARKS.search(text):
        return text
    return _MARKS.sub("", _REFERENCE.sub(_words_of_reference, text))


def _words_of_reference(match: re.Match[str]) -> str:
    kind, _, fields = match[2].partition(_SEPARATOR)
    words = ""
    if kind == "url":
        words = fields.partition(_SEPARATOR)[0]
    elif kind == "entity":
        try:
            named = json.loads(fields.partition(_SEPARATOR)[0])
        except (ValueError, RecursionError):
            named = None
        if isinstance(named, list) and len(named) > 1 and isinstance(named[1], str):
            words = named[1]
    return match[1] + words if words else ""


def _text_of_parts(parts: list[JsonValue]) -> str:
    texts: list[str] = []
    has_picture = has_other = has_words = False
    for part in parts:
        if isinstance(part, str):
            found = [part]
        elif isinstance(part, dict):
            found = list(_texts_of_part(part))
            if part.get("content_type") in _PICTURE_PARTS:
                has_picture = True
                found = [_PICTURE]
            elif not found:
                has_other = True
        else:
            # Null stands for a part that was taken away.
            continue
        kept = [text for text in found if text.strip()]
        has_words = has_words or any(text is not _PICTURE for text in kept)
        texts.extend(kept)
    if not has_words:
        if has_picture:
            raise SkippedContentError("picture without text")
        raise SkippedContentError("attachment without text" if has_other else "blank text")
    return _not_blank(without_marks("\n".join(texts)))


def _texts_of_part(part: dict[str, JsonValue]) -> Iterator[str]:
    text = part.get("text")
    if isinstance(text, str):
        yield text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise SkippedContentError("blank text")
    return text
