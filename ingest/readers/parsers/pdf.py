"""PDF by PDFium, page by page. Pages that are pictures of text go through OCR."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pypdfium2

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.common import document
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.values import clean, label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Mark, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

MAX_SCANNED_PAGES = 30
"""Of one file; reading one takes a second or more."""

_PIXELS_PER_POINT = 2.0
_MAX_SIDE_PIXELS = 4_000
_SCAN_CHARACTERS = 8
"""A page with a picture and less text than this is a scan."""

# ISO 32000-1, 7.9.4: D:YYYYMMDDHHmmSSOHH'mm
_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?", re.ASCII
)


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its pages."""
    with open_source(file) as stream:
        try:
            pdf = pypdfium2.PdfDocument(stream)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise UnreadableFileError(
                    "encrypted PDF", "save a copy without a password and import that"
                ) from error
            raise UnreadableFileError(
                "damaged PDF", "open it in a viewer and print it to a new PDF"
            ) from error
        pieces: list[str] = []
        marks: list[Mark] = []
        length = unreadable = scanned = unseen = 0
        for number in range(len(pdf)):
            try:
                text, is_scan = _page_text(pdf, number, scanned < MAX_SCANNED_PAGES)
                unseen += is_scan and scanned >= MAX_SCANNED_PAGES
            except pypdfium2.PdfiumError:
                unreadable += 1
                continue
            scanned += is_scan and scanned < MAX_SCANNED_PAGES
            if not text.strip():
                continue
            if pieces:
                pieces.append("\n\n")
                length += 2
            marks.append(Mark(length, f"page {number + 1}"))
            pieces.append(text)
            length += len(text)
            if length > options.max_text_characters:
                yield too_long(file.name, options)
                return
        metadata: dict[str, FieldValue] = {"pages": len(pdf)}
        if scanned:
            metadata["scanned_pages"] = scanned
        if unreadable:
            yield Problem(file.name, f"{unreadable:,} damaged pages", "print it to a new PDF")
        if unseen:
            yield Problem(
                file.name,
                f"{unseen:,} pages are pictures, beyond the {MAX_SCANNED_PAGES} that are read",
                "split the file, or make its text searchable with an OCR program",
            )
        facts = pdf.get_metadata_dict()
        yield document(
            file,
            options,
            "".join(pieces),
            tuple(marks),
            title=label(facts.get("Title")),
            author=label(facts.get("Author")),
            written_at=_time(facts.get("ModDate")) or _time(facts.get("CreationDate")),
            metadata=metadata,
        )


def _page_text(pdf: pypdfium2.PdfDocument, number: int, may_scan: bool) -> tuple[str, bool]:
    """Return a page's text, and whether the page is a picture of it."""
    page = pdf[number]
    try:
        text_page = page.get_textpage()
        try:
            text = clean(text_page.get_text_bounded()).replace("\r\n", "\n").replace("\r", "\n")
        finally:
            text_page.close()
        # PDFium gives U+FFFE for a hyphen at a line's end.
        text = re.sub("[\ufffe\x02]\n?", "", text).replace("\x00", "")
        is_scan = len(text.strip()) < _SCAN_CHARACTERS and _has_picture(page)
        if is_scan and may_scan:
            text = _seen(page) or text
        return text.strip(), is_scan
    finally:
        page.close()


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def _seen(page: pypdfium2.PdfPage) -> str:
    import numpy as np

    from memassist.ingest.readers.ocr import recognise_lines
    from memassist.ingest.readers.picture import text_with_boxes

    width, height = page.get_size()
    scale = min(_PIXELS_PER_POINT, _MAX_SIDE_PIXELS / max(width, height, 1.0))
    bitmap = page.render(scale=scale, rev_byteorder=False)
    pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    return text_with_boxes(recognise_lines(pixels))[0]


def _time(value: object) -> datetime | None:
    match = _DATE.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(part or default)
        for part, default in zip(match.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    try:
        zone = timezone(-offset if match[7] == "-" else offset) if match[7] else UTC
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return moment if year >= 1980 else None
