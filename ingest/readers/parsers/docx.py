"""Word documents, by mammoth to HTML and from there to text: headings, lists, tables, footnotes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import mammoth

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import office_document, office_file
from memassist.ingest.readers.parsers.markup import add_markup, parse_markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its headings, or its paragraphs where it has none."""
    out = BlockText(options.max_text_characters)
    try:
        with office_file(file, "word/document.xml", "damaged Word document") as opened:
            stream, properties = opened
            # It takes a stream's name for a path, and the name of ours is a number. By default
            # it would put each picture into the page as text.
            copy = io.BytesIO(stream.read())
            result = mammoth.convert_to_html(copy, convert_image=_no_picture)
            if result.value.strip():
                add_markup(out, parse_markup(f"<html><body>{result.value}</body></html>"))
    except TooLongError:
        yield too_long(file.name, options)
        return
    yield office_document(file, options, out.text, out.marks(), properties)


def _no_picture(image: object) -> list[object]:
    del image
    return []
