"""Documents of other programs: recognised here, parsed in a process of their own (limited.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.ingest.readers.containers import kind_of_zip
from memassist.ingest.readers.limited import Limits, Parser, read_limited
from memassist.ingest.readers.mail_marks import is_mail, is_mbox
from memassist.ingest.readers.opening import is_text, open_or_refuse, strip_mark
from memassist.ingest.readers.text import suffix_of
from memassist.ingest.readers.times import zone_of
from memassist.plugins.types import Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memassist.plugins.types import Origin, ReadOptions, ReadOutcome, SourceFile

_SURE = 0.95
_NAMED = 0.05
"""For a file that only has the name: reading it tells what is wrong with it."""

_PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_PARSERS = "memassist.ingest.readers.parsers"
_FOR_EACH = Limits(is_for_each=True)
_WITH_OCR = Limits(memory_bytes=3_000_000_000, computing_seconds=240, silent_seconds=300.0)


@dataclass(slots=True)
class DocumentReader:
    """Reads one format of documents, whole files at a time."""

    name: str
    parser: Parser
    score: Callable[[SourceFile], float]
    suffixes: tuple[str, ...]
    version: int = 1

    def recognises(self, file: SourceFile) -> float:
        """By the first bytes, or by what is inside a zip; hardly at all by the name."""
        return self.score(file) or (_NAMED if suffix_of(file.name) in self.suffixes else 0.0)

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield what the parser finds; where it breaks down, that is the last problem.

        Raises `UnreadableFileError` where the file can't be opened or is of another format.
        """
        zone_of(options.timezone)
        with open_or_refuse(file.path):
            pass
        if file.size_bytes == 0:
            yield Skipped(file.name, "empty file")
            return
        yield from read_limited(self.parser, file, options)


@dataclass(slots=True)
class MailReader(DocumentReader):
    """Reads mail, where an address tells who the owner is."""

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """As of any document; a message from one of `options.me` is the owner's.

        The From of a mail proves nothing: one that failed the checks of the receiving server is
        not the owner's, whatever it says.
        """
        mine = {name.strip().casefold() for name in options.me}
        # zip() of the generators would hide UnreadableFileError; the base class is called plainly.
        for outcome in DocumentReader.read(self, file, options):
            if isinstance(outcome, Record):
                outcome = _owned(outcome, mine)
            yield outcome


def _owned(record: Record, mine: set[str]) -> Record:
    from dataclasses import replace

    address = record.metadata.get("from")
    if record.metadata.get("sender_unproven"):
        return replace(record, is_owner=False)
    if isinstance(address, str) and address.casefold() in mine:
        return replace(record, is_owner=True)
    return record


def _by_zip(kind: str) -> Callable[[SourceFile], float]:
    return lambda file: _SURE if kind_of_zip(file) == kind else 0.0


def _pdf(file: SourceFile) -> float:
    # Readers of PDF allow some rubbish before the mark; in a program it stands within a line.
    start = file.head[:1024]
    is_named = suffix_of(file.name) == ".pdf" and b"%PDF-" in start
    return _SURE if is_named or re.search(rb"(?:\A|[\r\n\0])%PDF-\d", start) else 0.0


def _page(file: SourceFile) -> float:
    start = strip_mark(file.head).lstrip()[:1000].lower()
    is_page = start.startswith((b"<!doctype html", b"<html"))
    # A comment or a declaration may stand before; a program that only speaks of pages is none.
    if is_page or (start.startswith((b"<!", b"<?xml")) and b"<html" in start):
        return 0.9
    named = suffix_of(file.name) in _PAGE_SUFFIXES
    return 0.7 if named and is_text(file.head) else 0.0


def _mail(file: SourceFile) -> float:
    head = strip_mark(file.head)
    return 0.9 if is_mbox(head) or is_mail(head) else 0.0


def _calendar(file: SourceFile) -> float:
    is_calendar = strip_mark(file.head).lstrip()[:40].upper().startswith(b"BEGIN:VCALENDAR")
    return _SURE if is_calendar else 0.0


def _contacts(file: SourceFile) -> float:
    is_card = strip_mark(file.head).lstrip()[:40].upper().startswith(b"BEGIN:VCARD")
    return _SURE if is_card else 0.0


def _parser(module: str, *, origin: Origin = "file", limits: Limits | None = None) -> Parser:
    return Parser(f"{_PARSERS}.{module}:parse", origin, limits or Limits())


def document_readers() -> tuple[DocumentReader, ...]:
    """All of them."""
    return (
        DocumentReader("pdf", _parser("pdf", limits=_WITH_OCR), _pdf, (".pdf",)),
        DocumentReader("docx", _parser("docx"), _by_zip("docx"), (".docx", ".docm", ".dotx")),
        DocumentReader("pptx", _parser("pptx"), _by_zip("pptx"), (".pptx", ".pptm", ".ppsx")),
        DocumentReader("xlsx", _parser("xlsx"), _by_zip("xlsx"), (".xlsx", ".xlsm", ".xltx")),
        DocumentReader(
            "opendocument",
            _parser("opendocument"),
            _by_zip("opendocument"),
            (".odt", ".ods", ".odp", ".ott"),
        ),
        DocumentReader("epub", _parser("epub"), _by_zip("epub"), (".epub",)),
        DocumentReader("html", _parser("page"), _page, _PAGE_SUFFIXES),
        MailReader(
            "mail", _parser("mail", origin="chat", limits=_FOR_EACH), _mail, (".eml", ".mbox")
        ),
        DocumentReader("ics", _parser("ics"), _calendar, (".ics", ".ical")),
        DocumentReader("vcard", _parser("vcard"), _contacts, (".vcf", ".vcard")),
    )
