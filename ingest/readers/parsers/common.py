"""What the parsers of documents share: opening, one record a document, and its stated facts."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lxml import etree

from memassist.ingest.readers.archive import entry_problem, open_archive, refuse_encrypted
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import TooLongError
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.text import stem_of
from memassist.ingest.readers.times import date_in_name, parse_time, time_of_file, zone_of
from memassist.ingest.readers.values import label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import BinaryIO

    from memassist.plugins.types import Box, FieldValue, Mark, ReadOptions, ReadOutcome, SourceFile

DAMAGED = "save it again in the program that made it, or export it as PDF"
_MAX_PROPERTIES_BYTES = 1 << 20


def document(
    file: SourceFile,
    options: ReadOptions,
    text: str,
    marks: tuple[Mark, ...] = (),
    *,
    title: str | None = None,
    author: str | None = None,
    written_at: datetime | None = None,
    metadata: dict[str, FieldValue] | None = None,
    boxes: tuple[Box, ...] = (),
) -> ReadOutcome:
    """Return the one record of a document, or why there is none.

    `written_at` is what the document itself says; else its name's date or the file's time counts.
    """
    zone = zone_of(options.timezone)
    if not text.strip():
        return Skipped(file.name, "no text in the document")
    if len(text) > options.max_text_characters:
        return too_long(file.name, options)
    fields: dict[str, FieldValue] = {"file_name": file.name}
    if author:
        fields["document_author"] = author
    return Record(
        text=text,
        place=file.name,
        kind="document",
        origin="file",
        title=label((title or "").strip()) or stem_of(file.name),
        sequence=0,
        occurred_at=written_at or date_in_name(file.name, zone) or time_of_file(file.path),
        boxes=boxes,
        marks=marks,
        metadata=fields | (metadata or {}),
    )


def parse_xml(content: bytes) -> etree._Element:
    """Parse XML without entities, network or unbounded depth.

    Raises `UnreadableFileError`.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(content, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFileError("damaged XML in it", DAMAGED) from error


def check_zip(file: SourceFile, needed: str) -> None:
    """Look whether a zip-based document can be parsed at all.

    Raises `UnreadableFileError` for damage, a password, a zip bomb or a missing part `needed`.
    """
    if file.entry is not None:
        return
    with open_archive(file.path) as archive:
        refuse_encrypted(archive)
        for entry in archive.infolist():
            problem = entry_problem(entry)
            if problem is not None:
                # Nobody unpacks a document by hand.
                raise UnreadableFileError(
                    problem.reason, "if you trust it, open it in its own program and save it as PDF"
                )
        if needed not in archive.namelist():
            raise UnreadableFileError("not the document its name promises", DAMAGED)


class Properties:
    """Title, author and time of writing that an Office document states (ECMA-376, part 2)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.title: str | None = None
        self.author: str | None = None
        self.written_at: datetime | None = None
        try:
            with archive.open("docProps/core.xml") as stream:
                root = parse_xml(stream.read(_MAX_PROPERTIES_BYTES))
        # No properties, or broken ones: the document can be read without.
        except (KeyError, OSError, UnreadableFileError):
            return
        for element in root:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "title":
                self.title = label(element.text)
            elif name == "creator":
                self.author = label(element.text)
            elif name == "modified" or (name == "created" and self.written_at is None):
                try:
                    self.written_at = parse_time(element.text, None)
                except ValueError:
                    continue


@contextmanager
def office_file(
    file: SourceFile, needed: str, damage: str
) -> Iterator[tuple[BinaryIO, Properties]]:
    """Open an Office document for a library: its stream at the beginning, and what it states.

    The libraries let errors of XML and of missing parts through as they come, so whatever is raised
    within is taken for damage and raised as `UnreadableFileError`; `TooLongError` passes.
    """
    check_zip(file, needed)
    with open_source(file) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                properties = Properties(archive)
            stream.seek(0)
            yield stream, properties
        except (TooLongError, UnreadableFileError):
            raise
        except Exception as error:
            raise UnreadableFileError(damage, DAMAGED) from error


def office_document(
    file: SourceFile,
    options: ReadOptions,
    text: str,
    marks: tuple[Mark, ...],
    properties: Properties,
    metadata: dict[str, FieldValue] | None = None,
) -> ReadOutcome:
    """Return the one record of an Office document, or why there is none."""
    return document(
        file,
        options,
        text,
        marks,
        title=properties.title,
        author=properties.author,
        written_at=properties.written_at,
        metadata=metadata,
    )
