"""Tables as text: CSV and its kin, a document whose lines are the rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import is_text, strip_mark, too_long
from memassist.ingest.readers.sources import uri_of
from memassist.ingest.readers.text import load_text, stem_of, suffix_of
from memassist.ingest.readers.times import date_in_name, time_of_file, zone_of
from memassist.ingest.readers.values import clean
from memassist.plugins.types import Mark, Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 8
_ENOUGH_FIELDS, _ENOUGH_LINES = 3, 4
_PROSE = frozenset({".md", ".markdown", ".txt", ".text", ".log", ".rst", ".org", ".tex", ".eml"})


class TableReader:
    """Reads comma-separated values, and those with semicolons or tabs."""

    name = "csv"
    version = 1

    def recognises(self, file: SourceFile) -> float:
        """By the name; without one by lines of equally many fields."""
        suffix = suffix_of(file.name)
        if suffix in _SUFFIXES:
            # Hardly at all where it is no text; reading it tells what is wrong.
            return 0.7 if is_text(file.head) else 0.05
        if not file.size_bytes or not is_text(file.head):
            return 0.0
        return 0.45 if suffix not in _PROSE and _looks_like_table(file.head) else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one document, or one skip or problem."""
        zone = zone_of(options.timezone)
        loaded = load_text(file, options)
        if not isinstance(loaded, tuple):
            yield loaded
            return
        text, _ = loaded
        if not text.strip():
            yield Skipped(file.name, "blank text" if text else "empty file")
            return
        lines: list[str] = []
        marks: list[Mark] = []
        length = expected = columns = 0
        rows = csv.reader(
            io.StringIO(text.replace("\x00", ""), newline=""), delimiter=_separator(text)
        )
        try:
            for number, row in enumerate(rows, 1):
                cells = [" ".join(clean(cell).split()) for cell in row]
                if not any(cells):
                    continue
                # A cell may hold line breaks and rows may be blank, so rows are not lines.
                if number != expected:
                    marks.append(Mark(length, f"row {number}", counts_lines=True))
                expected = number + 1
                columns = max(columns, len(cells))
                lines.append(" | ".join(cells))
                length += len(lines[-1]) + 1
        except csv.Error as error:
            yield Problem(file.name, f"broken table: {error}", "save it again as CSV")
            return
        shown = "\n".join(lines)
        if len(shown) > options.max_text_characters:
            yield too_long(file.name, options)
            return
        yield Record(
            text=shown,
            place=file.name,
            kind="document",
            origin="file",
            title=stem_of(file.name),
            sequence=0,
            occurred_at=date_in_name(file.name, zone) or time_of_file(file.path),
            uri=uri_of(file),
            marks=tuple(marks),
            metadata={"file_name": file.name, "rows": len(lines), "columns": columns},
        )


def _separator(text: str) -> str:
    """The separator that parts the first lines into the most equal fields; a comma for none."""
    sample = text.splitlines()[:_SAMPLE_LINES]
    scores = []
    for separator in _SEPARATORS:
        counts = [line.count(separator) for line in sample if line.strip()]
        even = sum(count == counts[0] for count in counts) if counts else 0
        scores.append((counts[0] > 0 if counts else False, even, counts[0] if counts else 0))
    best = max(range(len(_SEPARATORS)), key=lambda place: (scores[place], -place))
    return _SEPARATORS[best] if scores[best][0] else ","


def _looks_like_table(head: bytes) -> bool:
    lines = strip_mark(head).decode("utf-8", "replace").splitlines()[:-1][:_SAMPLE_LINES]
    if len(lines) < _ENOUGH_LINES:
        return False
    return any(
        lines[0].count(separator) >= _ENOUGH_FIELDS - 1
        and all(line.count(separator) == lines[0].count(separator) for line in lines)
        for separator in _SEPARATORS[:3]
    )
