"""Web pages that were saved: the text of their main part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import (
    MAX_BYTES_PER_CHARACTER,
    decode_text,
    too_long,
)
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import document
from memassist.ingest.readers.parsers.markup import (
    add_markup,
    declared_encoding,
    parse_markup,
    title_of,
)
from memassist.ingest.readers.sources import read_source
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from lxml import html

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_MARKUP_FACTOR = 10
"""Pages are mostly markup: so many bytes for each byte of text are still read."""

_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(\S{1,2000}) -->")
_TIME_NAMES = ("article:published_time", "datePublished", "date", "dc.date", "dcterms.date")


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its headings."""
    limit = _MARKUP_FACTOR * MAX_BYTES_PER_CHARACTER * options.max_text_characters
    content = read_source(file, max(limit, 1 << 20))
    if content is None:
        yield too_long(file.name, options)
        return
    root = parse_markup(decode_page(content))
    facts = _facts(root)
    title = facts.get("og:title") or title_of(root)
    zone = zone_of(options.timezone)
    written_at = _written_at(facts, zone)
    metadata: dict[str, FieldValue] = {}
    saved = _SAVED_FROM.search(content[:4096].decode("ascii", "replace"))
    address = label(facts.get("og:url")) or (saved[1] if saved else None) or _canonical(root)
    if address is not None:
        metadata["address"] = address
    out = BlockText(options.max_text_characters)
    try:
        add_markup(out, root)
    except TooLongError:
        yield too_long(file.name, options)
        return
    yield document(
        file,
        options,
        out.text,
        out.marks(),
        title=title,
        author=label(facts.get("author")),
        written_at=written_at,
        metadata=metadata,
    )


def decode_page(content: bytes) -> str:
    """Return the text of HTML bytes by what they declare, else by what they look like."""
    named = declared_encoding(content)
    if named is not None:
        try:
            return content.decode(named)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_text(content)[0]


def _facts(root: html.HtmlElement) -> dict[str, str]:
    facts: dict[str, str] = {}
    for meta in root.findall(".//meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = meta.get("content")
        if name and content:
            facts.setdefault(name, content)
    return facts


def _written_at(facts: dict[str, str], zone: tzinfo | None) -> datetime | None:
    for name in _TIME_NAMES:
        try:
            found = parse_time(facts.get(name), zone)
        except ValueError:
            continue
        if found is not None:
            return found
    return None


def _canonical(root: html.HtmlElement) -> str | None:
    for link in root.findall(".//link"):
        if link.get("rel") == "canonical":
            return label(link.get("href"))
    return None
