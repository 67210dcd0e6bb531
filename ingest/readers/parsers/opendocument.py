"""OpenDocument texts, spreadsheets and presentations (ISO/IEC 26300), as LibreOffice saves them.

The XML is walked here: the format is one tree of few elements, and the libraries for it are larger
than this and slower.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from lxml import etree

from memassist.ingest.readers.archive import DAMAGE
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import DAMAGED, check_zip, document, parse_xml
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import clean, label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE = f"{{{_NAMESPACE}table:1.0}}"
_TEXT = f"{{{_NAMESPACE}text:1.0}}"
_OFFICE = f"{{{_NAMESPACE}office:1.0}}"
_DRAW = f"{{{_NAMESPACE}drawing:1.0}}"
_LEFT_OUT = frozenset(
    {f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation"}
    | {f"{_TEXT}sequence-decls", f"{_OFFICE}forms", f"{_OFFICE}scripts"}
    | {f"{_TEXT}table-of-content", f"{_TABLE}shapes"}
)
_MAX_PART_BYTES = 128 << 20
_MAX_REPEATED_COLUMNS = 1_000
"""An empty rest of a row is written as one cell that is repeated ten thousand times."""


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its headings, its slides, or its sheets and rows."""
    check_zip(file, "content.xml")
    with open_source(file) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
                    raise UnreadableFileError(
                        "encrypted OpenDocument", "save a copy without a password and import that"
                    )
                content = parse_xml(_part(archive, "content.xml"))
                facts = _part(archive, "meta.xml")
        except DAMAGE as error:
            raise UnreadableFileError("damaged OpenDocument", DAMAGED) from error
    body = content.find(f"{_OFFICE}body")
    if body is None:
        raise UnreadableFileError("damaged OpenDocument", DAMAGED)
    title, author, written_at = _facts(facts, zone_of(options.timezone))
    try:
        sheets = body.find(f"{_OFFICE}spreadsheet")
        if sheets is not None:
            text, marks = _spreadsheet(sheets, options.max_text_characters)
        else:
            out = BlockText(options.max_text_characters)
            _walk(out, body)
            text, marks = out.text, out.marks()
    except TooLongError:
        yield too_long(file.name, options)
        return
    yield document(file, options, text, marks, title=title, author=author, written_at=written_at)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return one part, empty where there is none. Raises what `zipfile` raises."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as stream:
        return stream.read(_MAX_PART_BYTES)


def _facts(content: bytes, zone: tzinfo | None) -> tuple[str | None, str | None, datetime | None]:
    """Title, author and time of the last change."""
    try:
        root = parse_xml(content)
    except UnreadableFileError:
        return None, None, None
    found = {
        etree.QName(element).localname: element.text or ""
        for element in root.iter()
        if isinstance(element.tag, str)
    }
    try:
        written_at = parse_time(found.get("date") or found.get("creation-date") or None, zone)
    except ValueError:
        written_at = None
    author = found.get("creator") or found.get("initial-creator")
    return label(found.get("title")), label(author), written_at


def _walk(out: BlockText, body: etree._Element) -> None:
    left_out: etree._Element | None = None
    slides = cells = 0
    is_item = False
    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if left_out is not None:
            if event == "end" and element is left_out:
                left_out = None
                out.add(element.tail or "")
            continue
        if event == "start":
            if tag in _LEFT_OUT:
                left_out = element
                continue
            if tag == f"{_DRAW}page":
                slides += 1
                out.line_break(2)
                out.mark(f"slide {slides}")
            elif tag == f"{_TEXT}list-item":
                is_item = True
            elif tag in (f"{_TEXT}h", f"{_TEXT}p"):
                _begin_block(
                    out, element, is_item=is_item, is_cell=bool(cells), on_slide=bool(slides)
                )
                is_item = False
            elif tag == f"{_TABLE}table-row":
                out.line_break()
            elif tag == f"{_TABLE}table-cell":
                cells += 1
                if element.getprevious() is not None:
                    out.add(" | ")
            elif tag in (f"{_TEXT}s", f"{_TEXT}tab"):
                out.add(" ")
            elif tag == f"{_TEXT}line-break":
                out.line_break()
            out.add(element.text or "")
        else:
            cells -= tag == f"{_TABLE}table-cell"
            if tag == f"{_TABLE}table":
                out.line_break(2)
            elif tag in (f"{_TEXT}h", f"{_TEXT}p") and not cells:
                out.line_break()
            out.add(element.tail or "")


def _begin_block(
    out: BlockText, element: etree._Element, *, is_item: bool, is_cell: bool, on_slide: bool
) -> None:
    if is_cell:
        out.add(" ")
        return
    is_in_list = element.getparent().tag == f"{_TEXT}list-item"
    out.line_break(1 if is_in_list or on_slide else 2)
    if element.tag == f"{_TEXT}h" and not on_slide:
        words = " ".join("".join(element.itertext()).split())
        if words:
            out.mark(f"section {words}")
    if is_item:
        out.add("- ")


def _spreadsheet(body: etree._Element, max_characters: int) -> tuple[str, tuple[Mark, ...]]:
    lines: list[str] = []
    marks: list[Mark] = []
    length = 0
    for table in body.iter(f"{_TABLE}table"):
        name = " ".join(clean(table.get(f"{_TABLE}name") or "").split())
        number, expected = 1, 0
        for row in table.iter(f"{_TABLE}table-row"):
            cells = _cells(row)
            if cells:
                if number != expected:
                    marks.append(Mark(length, f"sheet {name}, row {number}", counts_lines=True))
                expected = number + 1
                lines.append(" | ".join(cells))
                length += len(lines[-1]) + 1
                if length > max_characters:
                    raise TooLongError
            repeats = _count(row.get(f"{_TABLE}number-rows-repeated"))
            if repeats > 1:
                # A full row that is repeated is shown once.
                expected = 0
            number += repeats
    return "\n".join(lines), tuple(marks)


def _cells(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        paragraphs = [
            " ".join(clean("".join(one.itertext())).split()) for one in cell.iterfind(f"{_TEXT}p")
        ]
        text = " ".join(one for one in paragraphs if one)
        repeats = _count(cell.get(f"{_TABLE}number-columns-repeated"))
        cells += [text] * min(repeats, _MAX_REPEATED_COLUMNS)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _count(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else 1
