"""Electronic books: their chapters in reading order, as the package document lists them."""

from __future__ import annotations

import posixpath
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote

from memassist.ingest.readers.archive import EntryError, entry_problem, open_entry
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.common import DAMAGED, check_zip, document, parse_xml
from memassist.ingest.readers.parsers.markup import add_markup, parse_markup, title_of
from memassist.ingest.readers.parsers.page import decode_page
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.values import label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from memassist.plugins.types import ReadOptions, ReadOutcome, SourceFile

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_MAX_PART_BYTES = 32 << 20
_FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one document whose marks are its chapters, and a problem for each broken chapter."""
    check_zip(file, _CONTAINER)
    out = BlockText(options.max_text_characters)
    problems: list[Problem] = []
    with open_source(file) as stream, zipfile.ZipFile(stream) as archive:
        if _is_protected(archive):
            raise UnreadableFileError("copy-protected book", "only books without DRM can be read")
        container = parse_xml(_part(archive, _CONTAINER))
        package_name = next(
            (
                path
                for element in container.iter("{*}rootfile")
                if (path := element.get("full-path"))
            ),
            None,
        )
        if package_name is None:
            raise UnreadableFileError("a book without a package", DAMAGED)
        package = parse_xml(_part(archive, package_name))
        folder = posixpath.dirname(package_name)
        chapters = _chapters(package, folder)
        names = _chapter_names(archive, package, folder)
        for number, chapter in enumerate(chapters, 1):
            try:
                root = parse_markup(decode_page(_part(archive, chapter)))
            except UnreadableFileError as error:
                problems.append(Problem(f"{file.name}: {chapter}", error.reason, error.advice))
                continue
            heading = root.find(".//h1") if root.find(".//h1") is not None else root.find(".//h2")
            words = "" if heading is None else " ".join(heading.text_content().split())
            name = names.get(chapter) or words or " ".join((title_of(root) or "").split())
            out.line_break(2)
            out.mark(f"chapter {name}" if name else f"part {number}")
            try:
                add_markup(out, root, mark_headings=False)
            except TooLongError:
                yield too_long(file.name, options)
                return
    yield from problems
    yield document(
        file,
        options,
        out.text,
        out.marks(),
        title=_fact(package, "title"),
        author=_fact(package, "creator"),
    )


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read one part. Raises `UnreadableFileError`."""
    try:
        entry = archive.getinfo(name)
    except KeyError as error:
        raise UnreadableFileError("a part of the book is missing", DAMAGED) from error
    problem = entry_problem(entry)
    if problem is not None:
        raise UnreadableFileError(problem.reason, problem.advice)
    try:
        with open_entry(archive, entry, _MAX_PART_BYTES) as counted:
            pieces: list[bytes] = []
            while piece := counted.read(1 << 20):
                pieces.append(piece)
    except EntryError as error:
        raise UnreadableFileError(str(error), DAMAGED) from error
    return b"".join(pieces)


def _is_protected(archive: zipfile.ZipFile) -> bool:
    """Whether anything but fonts is encrypted."""
    if _ENCRYPTION not in archive.namelist():
        return False
    root = parse_xml(_part(archive, _ENCRYPTION))
    methods = [element.get("Algorithm") for element in root.iter("{*}EncryptionMethod")]
    return any(method not in _FONT_SCRAMBLING for method in methods)


def _chapters(package: etree._Element, folder: str) -> list[str]:
    """The names of the text parts in the order of the spine."""
    parts = {
        element.get("id"): posixpath.normpath(posixpath.join(folder, unquote(href)))
        for element in package.iter("{*}item")
        if (href := element.get("href"))
    }
    listed = [element.get("idref") for element in package.iter("{*}itemref")]
    return [parts[name] for name in dict.fromkeys(listed) if name in parts]


def _chapter_names(
    archive: zipfile.ZipFile, package: etree._Element, folder: str
) -> dict[str, str]:
    """What the table of contents calls each part; EPUB 2 keeps it in an NCX, EPUB 3 in a page."""
    names: dict[str, str] = {}
    for item in package.iter("{*}item"):
        href = item.get("href") or ""
        is_page = "nav" in (item.get("properties") or "").split()
        if not is_page and item.get("media-type") != "application/x-dtbncx+xml":
            continue
        where = posixpath.normpath(posixpath.join(folder, unquote(href)))
        try:
            root = parse_xml(_part(archive, where))
        except UnreadableFileError:
            continue
        base = posixpath.dirname(where)
        if is_page:
            pairs = [(link.get("href"), "".join(link.itertext())) for link in root.iter("{*}a")]
        else:
            pairs = [_of_point(point) for point in root.iter("{*}navPoint")]
        for target, words in pairs:
            name = " ".join((words or "").split())
            if target and name:
                part = posixpath.normpath(posixpath.join(base, unquote(target.partition("#")[0])))
                names.setdefault(part, name)
    return names


def _of_point(point: etree._Element) -> tuple[str | None, str]:
    content = point.find("{*}content")
    words = point.find("{*}navLabel/{*}text")
    target = None if content is None else content.get("src")
    return target, "" if words is None or words.text is None else words.text


def _fact(package: etree._Element, name: str) -> str | None:
    found = package.find(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
    return None if found is None else label(found.text)
