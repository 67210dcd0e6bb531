"""Plain text: one document a file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import (
    MAX_BYTES_PER_CHARACTER,
    decode_text,
    is_text,
    too_long,
)
from memassist.ingest.readers.sources import read_source, uri_of
from memassist.ingest.readers.times import date_in_name, time_of_file, zone_of
from memassist.ingest.readers.values import clean
from memassist.plugins.types import Mark, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import FieldValue, Problem, ReadOptions, ReadOutcome, SourceFile

_SUFFIXES = frozenset({".txt", ".text", ".log", ".rst", ".org", ".adoc", ".tex", ".eml", ""})

_NOT_PROSE = frozenset(
    {".json", ".jsonl", ".ndjson", ".html", ".htm", ".xhtml", ".xml", ".svg", ".css", ".js"}
    | {".map", ".ipynb", ".lock", ".csv", ".tsv", ".rtf", ".ps", ".eps", ".pem", ".key"}
)
"""Text by their bytes, but written for machines: as one document they only blur a search."""


def load_text(file: SourceFile, options: ReadOptions) -> tuple[str, str] | Problem:
    """Return a file's text and encoding, or the problem that it is too long.

    Raises `UnreadableFileError` where it can't be opened or is no text.
    """
    content = read_source(file, MAX_BYTES_PER_CHARACTER * options.max_text_characters)
    if content is None:
        return too_long(file.name, options)
    text, encoding = decode_text(content)
    if len(text) > options.max_text_characters:
        return too_long(file.name, options)
    return text, encoding


def suffix_of(name: str) -> str:
    """The last extension of a shown name in lower case, with its dot; empty where it has none."""
    return PurePosixPath(name).suffix.lower()


def stem_of(name: str) -> str:
    """The file's name without folder and extension."""
    return clean(PurePosixPath(name).stem) or name


class TextReader:
    """Reads any file that is text and that no other reader knows."""

    name = "text"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the bytes; also every empty file, to say that it is empty."""
        if file.size_bytes == 0:
            return 1.0
        suffix = suffix_of(file.name)
        if suffix in _NOT_PROSE or not is_text(file.head):
            return 0.0
        return 0.4 if suffix in _SUFFIXES else 0.2

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one document, or one skip or problem."""
        zone = zone_of(options.timezone)
        loaded = load_text(file, options)
        if not isinstance(loaded, tuple):
            yield loaded
            return
        text, encoding = loaded
        if not text:
            yield Skipped(file.name, "empty file")
            return
        if not text.strip():
            yield Skipped(file.name, "blank text")
            return
        metadata: dict[str, FieldValue] = {"file_name": file.name}
        if encoding != "utf-8":
            metadata["encoding"] = encoding
        yield Record(
            text=text,
            place=file.name,
            kind="document",
            origin="file",
            title=stem_of(file.name),
            sequence=0,
            occurred_at=date_in_name(file.name, zone) or time_of_file(file.path),
            uri=uri_of(file),
            marks=(Mark(0, "line 1", counts_lines=True),),
            metadata=metadata,
        )
