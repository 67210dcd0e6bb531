"""Word documents, by mammoth to HTML and from there to text: headings, lists, tables, footnotes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import mammoth

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import DAMAGED, Properties, check_zip, document
from memassist.ingest.readers.parsers.markup import add_markup, parse_markup
from memassist.ingest.readers.sources import open_source
from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its headings, or its paragraphs where it has none."""
    check_zip(file, "word/document.xml")
    out = BlockText(options.max_text_characters)
    with open_source(file) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                properties = Properties(archive)
            stream.seek(0)
            # It takes a stream's name for a path, and the name of ours is a number. By default
            # it would put each picture into the page as text.
            copy = io.BytesIO(stream.read())
            result = mammoth.convert_to_html(copy, convert_image=_no_picture)
        # mammoth lets errors of XML and of missing parts through as they come.
        except Exception as error:
            raise UnreadableFileError("damaged Word document", DAMAGED) from error
    try:
        if result.value.strip():
            add_markup(out, parse_markup(f"<html><body>{result.value}</body></html>"))
    except TooLongError:
        yield too_long(file.name, options)
        return
    yield document(
        file,
        options,
        out.text,
        out.marks(),
        title=properties.title,
        author=properties.author,
        written_at=properties.written_at,
    )


def _no_picture(image: object) -> list[object]:
    del image
    return []
