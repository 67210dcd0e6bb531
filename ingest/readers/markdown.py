"""Markdown notes: one document a file, with what its front matter, links and tags say."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import is_text
from memassist.ingest.readers.sources import uri_of
from memassist.ingest.readers.text import load_text, stem_of, suffix_of
from memassist.ingest.readers.times import date_in_name, parse_time, time_of_file, zone_of
from memassist.ingest.readers.values import label, scalars
from memassist.ingest.readers.wiki import shown_links, tags_in, without_drawing
from memassist.plugins.types import Mark, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx")
_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(.{0,65536}?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S | re.M
)
_HEADING_CHARACTERS = 20_000
"""A title further down is none."""

_MOST_PROPERTIES = 50
_PROPERTY_CHARACTERS = 1000
_NEW_LINE = "\n"
_DATE_KEYS = ("date", "created", "created_at", "date created", "day")
_TAG_KEYS = ("tags", "tag")
_OF_THE_NOTE = frozenset(
    {*_DATE_KEYS, *_TAG_KEYS, "title", "updated", "updated_at", "date updated", "modified"}
    | {"lastmod", "id", "uid", "uuid", "slug", "permalink", "layout", "template", "weight", "lang"}
    | {"position", "cssclass", "cssclasses", "publish", "draft"}
    | {"kanban-plugin", "excalidraw-plugin"}
)
"""Keys that speak of the note or to programs, not of what the note is about."""


class MarkdownReader:
    """Reads Markdown files, with or without YAML front matter."""

    name = "markdown"
    version = 3

    def recognises(self, file: SourceFile) -> float:
        """By the name, where the bytes are text."""
        named = suffix_of(file.name) in _SUFFIXES
        return 0.8 if named and file.size_bytes and is_text(file.head) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one document, or one skip or problem.

        What front matter says of the subject, such as a birthday, stands below the text; what it
        says of the note does not. Links between notes stand in the text as they are shown.
        """
        zone = zone_of(options.timezone)
        loaded = load_text(file, options)
        if not isinstance(loaded, tuple):
            yield loaded
            return
        text, encoding = loaded
        fields, body = split_front_matter(text)
        lines_before = text[: len(text) - len(body)].count(_NEW_LINE)
        if "excalidraw-plugin" in fields:
            body = without_drawing(body)
        in_text = tags_in(body)
        body, links = shown_links(body)
        marks = [Mark(0, f"line {1 + lines_before}", True)]
        stated_below = [(*shown_links(said), line) for said, line in properties(fields, text)]
        if body.strip() or not stated_below:
            body = body.rstrip() + "\n\n" if stated_below else body
        else:
            body, marks = "", []
        for said, targets, line in stated_below:
            marks.append(Mark(len(body), f"line {line}"))
            body += said + _NEW_LINE
            links = [*dict.fromkeys([*links, *targets])]
        if not body.strip():
            yield Skipped(file.name, "blank text" if text else "empty file")
            return
        metadata: dict[str, FieldValue] = {"file_name": file.name}
        tags = [*_tags(fields.get("tags")), *_tags(fields.get("tag")), *in_text]
        if tags:
            metadata["tags"] = [*dict.fromkeys(tags)]
        if links:
            metadata["links"] = links
        stated = {key: _plain(value) for key, value in fields.items() if key not in _TAG_KEYS}
        metadata = scalars(stated) | metadata
        if encoding != "utf-8":
            metadata["encoding"] = encoding
        yield Record(
            text=body,
            place=file.name,
            kind="document",
            origin="file",
            title=label(fields.get("title")) or first_heading(body) or stem_of(file.name),
            sequence=0,
            occurred_at=_stated_time(fields, zone)
            or date_in_name(file.name, zone)
            or time_of_file(file.path),
            uri=uri_of(file),
            marks=tuple(marks),
            metadata=metadata,
        )


def split_front_matter(text: str) -> tuple[dict[str, object], str]:
    """Return the front matter's fields and the text after it.

    What is no valid YAML mapping is no front matter: the text is then returned whole.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    import yaml  # type: ignore[import-untyped]  # PyYAML ships no types

    try:
        # With aliases a few lines of YAML could stand for gigabytes once they are walked through.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(match[1])):
            return {}, text
        loaded: object = yaml.safe_load(match[1])
    # PyYAML lets errors of its constructors through: a month 13 is a ValueError.
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return {}, text
    if loaded is None:
        return {}, text[match.end() :]
    if not isinstance(loaded, dict):
        return {}, text
    return {str(key): value for key, value in loaded.items()}, text[match.end() :]


def properties(fields: dict[str, object], text: str) -> list[tuple[str, int]]:
    """Return what front matter says of a note's subject, as `key: value`, each with its line.

    Times, numbers and texts, and lists of them; without tags and title, which are kept as such.
    """
    found: list[tuple[str, int]] = []
    for key, value in fields.items():
        values = value if isinstance(value, list) else [value]
        # True and False are switches of programs. Words are kept as written, but on one line.
        said = [" ".join(str(_plain(one)).split()) for one in values if _is_said(one)]
        if not said or len(said) != len(values) or key.casefold() in _OF_THE_NOTE:
            continue
        line = re.search(rf"^['\"]?{re.escape(key)}['\"]?[ \t]*:", text, re.MULTILINE)
        shown = f"{key}: {', '.join(said)}"
        if line is not None and len(shown) <= _PROPERTY_CHARACTERS:
            found.append((shown, 1 + text.count(_NEW_LINE, 0, line.start())))
    return found[:_MOST_PROPERTIES]


def _is_said(value: object) -> bool:
    is_plain = isinstance(value, str | int | float | date) and not isinstance(value, bool)
    return is_plain and bool(str(value).strip())


def first_heading(text: str) -> str | None:
    """The text of the first heading of level one, without its markup; None where there is none."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(text[:_HEADING_CHARACTERS])
    for heading, inline in itertools.pairwise(tokens):
        if heading.type == "heading_open" and heading.tag == "h1":
            words = "".join(
                child.content
                for child in inline.children or []
                if child.type in ("text", "code_inline", "text_special")
            )
            return label(words.strip())
    return None


def _tags(value: object) -> list[str]:
    if isinstance(value, str):
        value = re.split(r"[,\s]+", value)
    if not isinstance(value, list):
        return []
    return [tag for entry in value if (tag := (label(entry) or "").lstrip("#"))]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _stated_time(fields: dict[str, object], zone: tzinfo | None) -> datetime | None:
    for key in _DATE_KEYS:
        value = fields.get(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        try:
            # A bare number here is a year or a count, not seconds.
            found = parse_time(value, zone) if isinstance(value, datetime | str) else None
        except ValueError:
            continue
        if found is not None:
            return found
    return None
