"""Spreadsheets: each row a line, as last calculated by the program that saved them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

import openpyxl

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.common import office_document, office_file
from memassist.ingest.readers.values import clean
from memassist.plugins.types import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its sheets and rows. Hidden sheets are read too."""
    lines: list[str] = []
    marks: list[Mark] = []
    length = 0
    with office_file(file, "xl/workbook.xml", "damaged spreadsheet") as (stream, properties):
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            expected = 0
            # What a sheet says of its size may be wrong, or meant to exhaust us.
            sheet.reset_dimensions()
            for number, line in _rows(sheet):
                if number != expected:
                    name = " ".join(clean(sheet.title).split())
                    marks.append(Mark(length, f"sheet {name}, row {number}", counts_lines=True))
                expected = number + 1
                lines.append(line)
                length += len(line) + 1
                if length > options.max_text_characters:
                    yield too_long(file.name, options)
                    return
    yield office_document(
        file,
        options,
        "\n".join(lines),
        tuple(marks),
        properties,
        metadata={"sheets": len(book.worksheets)},
    )


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, str]]:
    """Yield row numbers from 1 and lines of the rows that hold something."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_shown(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, " | ".join(cells)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(clean(str(value)).split())
