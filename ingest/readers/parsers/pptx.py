"""Slides: the text of their shapes, tables and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pptx.package import Package
from pptx.shapes.autoshape import Shape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.util import Emu

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import office_document, office_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its slides."""
    out = BlockText(options.max_text_characters)
    try:
        with office_file(file, "ppt/presentation.xml", "damaged slides") as (stream, properties):
            # `pptx.Presentation` refuses shows (.ppsx) and templates, which are the same inside.
            show = Package.open(stream).presentation_part.presentation
            for number, slide in enumerate(show.slides, 1):
                out.line_break(2)
                out.mark(f"slide {number}")
                _add_slide(out, slide)
    except TooLongError:
        yield too_long(file.name, options)
        return
    yield office_document(file, options, out.text, out.marks(), properties)


def _add_slide(out: BlockText, slide: Slide) -> None:
    for shape in _in_reading_order(slide.shapes):
        if isinstance(shape, Shape):
            for paragraph in shape.text_frame.paragraphs:
                out.add(paragraph.text.replace("\v", " "))
                out.line_break()
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            for row in shape.table.rows:
                out.add(" | ".join(" ".join(cell.text.split()) for cell in row.cells))
                out.line_break()
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for line in slide.notes_slide.notes_text_frame.text.splitlines():
            out.add(line)
            out.line_break()


def _in_reading_order(shapes: object) -> list[BaseShape]:
    """The shapes from top to bottom, groups taken apart; the title comes first."""
    found: list[BaseShape] = []
    waiting = list(shapes)  # type: ignore[call-overload]  # python-pptx has no type for groups
    while waiting:
        shape = waiting.pop(0)
        inner = getattr(shape, "shapes", None)
        if inner is not None:
            waiting = [*inner, *waiting]
        else:
            found.append(shape)
    nowhere = Emu(0)
    return sorted(found, key=lambda shape: (shape.top or nowhere, shape.left or nowhere))
