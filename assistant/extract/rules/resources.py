"""Resources: a note as a thing to find again, and the links a person kept with a description."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant.extract.rules.passages import is_played, own_text, split_sentences
from memassist.plugins.types import Candidate, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import WindowItem

MOST_LINKS = 10
"""A note with more links is itself the resource; its first links say enough."""

_MARKDOWN_LINK = re.compile(
    r"(?<!!)\[(?P<title>[^\]\n]{3,200})\]\((?P<uri>https?://[^\s)]+)[^)\n]*\)"
)
_DESCRIBED_LINK = re.compile(
    r"^[ \t]*(?:[-*+] +|\d+[.)] +)?(?P<title>[^\n:\u2013\u2014]{4,120}?)[ \t]*(?::|"
    r"[-\u2013\u2014])[ \t]*(?P<uri>https?://[^\s)>\]]+)[ \t]*$|^[ \t]*(?:[-*+] "
    r"+)?(?P<uri2>https?://[^\s)>\]]+)[ \t]+[-\u2013\u2014:][ \t]+(?P<title2>[^\n]{4,200})$",
    re.M,
)
_KEPT_LINK = re.compile(
    r"(?P<title>(?:[^\n.!?]|\.(?=\w)){0,160}?\b(?:save|saving|bookmark(?:ed|ing)?|keep|worth "
    r"(?:reading|keeping|watching)|useful|great|good|interesting|excellent|found|for later|"
    r"reference)\b[^\n?!]{0,120}?)(?P<uri>https?://[^\s)>\]]+)",
    re.I,
)
_TASK = re.compile(
    r"\b(?:summari[sz]e|analy[sz]e|explain|translate|read|review|visit|open|based on|from this|"
    r"what is|write|using|check out|can you|could you|please)\b|\?",
    re.I,
)
_TYPES = {
    "md": "note", "markdown": "note", "txt": "note", "org": "note", "rst": "note",
    "pdf": "document", "docx": "document", "odt": "document", "epub": "book",
    "pptx": "slides", "odp": "slides", "xlsx": "spreadsheet", "ods": "spreadsheet",
    "html": "web page", "htm": "web page",
}  # fmt: skip
"""Files a person goes back to by name. Code, tables of data and logs are found by search alone: a
project's folder would make a memory of each of its files."""


def resources_in(item: WindowItem, extractor: str) -> Iterator[Candidate]:
    """Yield the document itself, where it has a title, then the links kept in the item."""
    is_document = item.kind == "document"
    if is_document and item.title:
        document = _document(item, item.title, extractor)
        if document is not None:
            yield document
    if "http" not in item.text or not (item.is_owner or is_document):
        return
    is_assistant_chat = item.kind == "message" and item.origin in ("chat", "mcp")
    if is_assistant_chat and (_TASK.search(item.text) or len(item.text) > 600 or is_played(item)):
        return
    yield from _links(item, is_assistant_chat, extractor)


def _links(item: WindowItem, is_chat: bool, extractor: str) -> Iterator[Candidate]:
    text = own_text(item)
    patterns = [_MARKDOWN_LINK, _KEPT_LINK] if is_chat else [_MARKDOWN_LINK, _DESCRIBED_LINK]
    known: set[str] = set()
    for pattern in patterns:
        for found in pattern.finditer(text):
            groups = found.groupdict()
            uri = (groups["uri"] or groups.get("uri2") or "").rstrip(".,;")
            title = (groups["title"] or groups.get("title2") or "").strip(" :-\u2013\u2014*_\t")
            if not uri or len(re.findall(r"[^\W\d_]", title)) < 3 or uri in known:
                continue
            if len(known) == MOST_LINKS:
                return
            known.add(uri)
            start = found.start() + len(found.group()) - len(found.group().lstrip())
            yield Candidate(
                type="resource",
                text=f"{title} ({uri})",
                evidence=(Span(item.item_id, start, found.end(), item.text[start : found.end()]),),
                extractor=extractor,
                confidence=0.7,
                fields={"title": title, "summary": None, "resource_type": "link", "uri": uri},
            )


def _document(item: WindowItem, title: str, extractor: str) -> Candidate | None:
    sentences = [
        sentence
        for sentence in split_sentences(item, own_text(item)[:4000])
        if sentence.text.strip("# ").lower() != title.strip().lower()
        and len(sentence.text.split()) >= 3
        and item.text[max(0, sentence.start - 2) : sentence.start] != "# "
    ]
    if not sentences:
        return None
    first = sentences[0]
    ending = re.search(r"\.(\w{1,8})$", (item.uri or "").split("?")[0])
    if ending and ending[1].lower() not in _TYPES:
        return None
    return Candidate(
        type="resource",
        text=f"{title.strip()}: {first.text}",
        evidence=(first.span(0, len(first.text)),),
        extractor=extractor,
        confidence=0.8,
        fields={
            "title": title.strip(),
            "summary": first.text,
            "resource_type": _TYPES[ending[1].lower()] if ending else "note",
            "uri": item.uri,
        },
    )
