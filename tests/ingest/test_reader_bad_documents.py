"""Documents that are broken, locked, enormous or made to harm: a reason each, never a traceback."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.ingest.readers import builtin_readers, recognise
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

SMALL = ReadOptions(max_text_characters=200_000)


def outcome_of(path: Path, options: ReadOptions = SMALL) -> str:
    """Return the reason why nothing was read, or `text` and how much where something was."""
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None, "no reader takes it"
    try:
        outcomes = list(reader.read(file, options))
    except UnreadableFileError as error:
        return error.reason
    assert outcomes
    reasons = [one.reason for one in outcomes if isinstance(one, Problem | Skipped)]
    return reasons[0] if reasons else f"text: {len(outcomes)}"


def packed(path: Path, parts: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_part(source: Path, target: Path, name: str, content: bytes) -> Path:
    """Copy a zip with one part replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return target


def test_an_encrypted_pdf_says_so(tmp_path: Path, make: ModuleType) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make.ENCRYPTED_PDF)
    assert outcome_of(path) == "encrypted PDF"


def test_an_encrypted_office_document_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
    path.write_bytes(head + "EncryptedPackage".encode("utf-16-le") + bytes(1000))
    assert outcome_of(path) == "encrypted Office document"


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.md": "# secret"})
    content = bytearray(path.read_bytes())
    # The flag of encryption stands in the local header and in the directory.
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + at] |= 1
    path.write_bytes(bytes(content))
    assert outcome_of(path) == "encrypted zip"


def test_a_copy_protected_book_says_so(tmp_path: Path, make: ModuleType) -> None:
    make.book(tmp_path / "good.epub", [("One", "text")])
    locked = with_part(
        tmp_path / "good.epub",
        tmp_path / "a.epub",
        "META-INF/encryption.xml",
        b'<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>'
        b"</encryption>",
    )
    assert outcome_of(locked) == "copy-protected book"


def test_a_book_with_scrambled_fonts_is_read(tmp_path: Path, make: ModuleType) -> None:
    make.book(tmp_path / "good.epub", [("One", "text")])
    path = with_part(
        tmp_path / "good.epub",
        tmp_path / "a.epub",
        "META-INF/encryption.xml",
        b'<encryption><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/>'
        b"</encryption>",
    )
    assert outcome_of(path) == "text: 1"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (97 + level, b"&%c;" % (96 + level) * 10) for level in range(1, 12)
    )
    + b"]><x>&l;</x>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'


@pytest.mark.parametrize("attack", [LAUGHS, OUTSIDE], ids=["a billion laughs", "a file outside"])
@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("docx", "word/document.xml"),
        ("docx", "docProps/core.xml"),
        ("pptx", "ppt/slides/slide1.xml"),
        ("xlsx", "xl/worksheets/sheet1.xml"),
        ("xlsx", "xl/sharedStrings.xml"),
        ("epub", "OPS/package.opf"),
        ("epub", "OPS/text/c0.xhtml"),
    ],
)
def test_entities_are_neither_grown_nor_fetched(
    tmp_path: Path, make: ModuleType, kind: str, part: str, attack: bytes
) -> None:
    good = tmp_path / f"good.{kind}"
    {
        "docx": lambda: make.word(good, [("A", ["text"])]),
        "pptx": lambda: make.slides(good, [("A", "text")]),
        "xlsx": lambda: make.sheets(good, {"A": [["text"]]}),
        "epub": lambda: make.book(good, [("A", "text")]),
    }[kind]()
    bad = with_part(good, tmp_path / f"bad.{kind}", part, attack)
    file = source_file(bad)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    try:
        outcomes = list(reader.read(file, SMALL))
    except UnreadableFileError:
        return
    text = "".join(one.text for one in outcomes if isinstance(one, Record))
    assert "haha" not in text
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.docx", "word/document.xml"),
        ("a.xlsx", "xl/workbook.xml"),
        ("a.epub", "META-INF/container.xml"),
    ],
)
def test_a_document_that_is_a_zip_bomb_is_not_unpacked(
    tmp_path: Path, name: str, part: str
) -> None:
    path = packed(tmp_path / name, {part: bytes(150_000_000)})
    assert outcome_of(path).startswith("zip bomb: ")


def test_a_sheet_that_claims_a_million_columns_is_read_as_it_is(
    tmp_path: Path, make: ModuleType
) -> None:
    make.sheets(tmp_path / "good.xlsx", {"A": [["text"]]})
    path = with_part(
        tmp_path / "good.xlsx",
        tmp_path / "a.xlsx",
        "xl/worksheets/sheet1.xml",
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
        b"only</t></is></c></row></sheetData></worksheet>",
    )
    assert outcome_of(path) == "text: 1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.html", b"<html><body>" + b"<div>" * 100_000 + b"deep"),
        ("many.html", b"<html><body>" + b"<p>word</p>" * 50_000),
        ("long.csv", b"a,b\n" + b"1,2\n" * 100_000),
        ("wide.csv", b"x" * 300_000 + b",b\n"),
        ("quote.csv", b'a,"b\n' + b"line\n" * 60_000),
        ("long.eml", b"From: a@b\nTo: c@d\nSubject: x\n\n" + b"line\n" * 60_000),
        (
            "nested.eml",
            b"From: a@b\nTo: c@d\nSubject: x\n"
            + b"".join(
                b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n)
                for n in range(3000)
            ),
        ),
        ("long.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + b"x" * 1_000_000),
        ("long.vcf", b"BEGIN:VCARD\r\nFN:x\r\nNOTE:" + b"x" * 3_000_000),
        ("many.vcf", b"BEGIN:VCARD\r\nFN:x\r\n" + b"NOTE:" + b"x" * 200_000 + b"\r\nEND:VCARD"),
        ("long.py", b"x = 1\n" * 50_000),
        ("packed.js", b"x" * 150_000),
        ("long.txt", b"words " * 50_000),
    ],
)
def test_what_is_enormous_or_endless_has_one_outcome_with_a_reason(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    try:
        outcomes = list(reader.read(file, SMALL))
    except UnreadableFileError:
        return
    assert outcomes
    for one in outcomes:
        if isinstance(one, Record):
            assert len(one.text) <= SMALL.max_text_characters
        else:
            assert one.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(90), "packed as 7z: unpack it first"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), "packed as rar: unpack it first"),
        (b"\x1f\x8b\x08\x00" + bytes(90), "packed as gzip: unpack it first"),
        (b"\0\0\0\x18ftypavif" + bytes(90), "AVIF picture: save it as JPEG first"),
        (b"\0\0\0\x18ftypmif1" + bytes(90), "HEIF picture: save it as JPEG first"),
    ],
)
def test_what_is_known_and_not_read_names_the_way_out(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "export.tar"
    path.write_bytes(content)
    assert outcome_of(path) == reason


def test_a_text_that_is_called_a_pdf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_text("Only words.\n", encoding="utf-8")
    assert outcome_of(path) == "text: 1"


def test_a_pdf_that_refers_to_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n"
    )
    assert outcome_of(path)


SAMPLES: dict[str, Callable[[ModuleType, Path], object]] = {
    "a.pdf": lambda make, path: make.pdf(path, ["words " * 8]),
    "a.docx": lambda make, path: make.word(path, [("A", ["words"])]),
    "a.pptx": lambda make, path: make.slides(path, [("A", "words")]),
    "a.xlsx": lambda make, path: make.sheets(path, {"A": [["words"]]}),
    "a.epub": lambda make, path: make.book(path, [("A", "words")]),
    "a.html": lambda make, path: make.page(path, "A", "words"),
    "a.mbox": lambda make, path: make.mailbox_of(path, [make.message("A", "words")]),
    "a.eml": lambda make, path: path.write_bytes(bytes(make.message("A", "words"))),
    "a.ics": lambda make, path: make.calendar(path, [("A", "words")]),
    "a.vcf": lambda make, path: make.contacts(path, [("A", "words")]),
    "a.csv": lambda make, path: make.table(path, [["a", "words"]]),
}


def test_a_folder_of_damage_stores_what_is_whole_and_names_the_rest(
    tmp_path: Path, make: ModuleType
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, write in SAMPLES.items():
        write(make, folder / name)
        whole = (folder / name).read_bytes()
        (folder / f"cut {name}").write_bytes(whole[: len(whole) // 2])
        (folder / f"empty {name}").write_bytes(b"")
        (folder / f"text {name}").write_bytes(b"plain words, whatever the name says.\n")
        (folder / f"noise {name}").write_bytes(bytes(range(128, 256)) * 40)
        (folder / f"renamed {name}.txt").write_bytes(whole)
        (folder / f"zeros {name}").write_bytes(bytes(5000))
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        report = memory.import_path(folder)
        assert report.files == 7 * len(SAMPLES)
        found = {one.title for one in memory.timeline(limit=200)}
    assert report.accounted >= report.files
    assert report.stored >= len(SAMPLES)
    assert "a" in found
    for problem in report.problems:
        assert "Error" not in problem.reason, problem
        assert "reader failed" not in problem.reason, problem
    assert report.skipped["empty file"] == len(SAMPLES)


def test_a_document_named_by_format_and_of_another_is_refused(
    tmp_path: Path, make: ModuleType
) -> None:
    make.word(tmp_path / "a.docx", [("A", ["words"])])
    file = source_file(tmp_path / "a.docx")
    text = tmp_path / "a.txt"
    text.write_text("only words", "utf-8")
    for reader in builtin_readers():
        for one in (file, source_file(text)):
            try:
                outcomes = list(reader.read(one, SMALL))
            except UnreadableFileError:
                continue
            assert outcomes, reader.name


def test_a_zip_of_notes_keeps_the_good_ones(tmp_path: Path, make: ModuleType) -> None:
    make.word(tmp_path / "a.docx", [("A", ["inner words"])])
    make.pdf(tmp_path / "a.pdf", ["inner page"])
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deeper.md", "# No")
    path = packed(
        tmp_path / "notes.zip",
        {
            "a.md": "# One",
            "docs/a.docx": (tmp_path / "a.docx").read_bytes(),
            "docs/a.pdf": (tmp_path / "a.pdf").read_bytes(),
            "docs/broken.pdf": b"%PDF-1.7\nnothing",
            "inner.zip": inner.getvalue(),
            ".git/config": "[core]",
            "node_modules/x.js": "x",
            "blob.bin": bytes(range(256)),
            "../up.md": "# Up",
        },
    )
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    outcomes = list(reader.read(file, ReadOptions()))
    records = [one for one in outcomes if isinstance(one, Record)]
    assert [one.text for one in records] == ["# One", "A\n\ninner words", "inner page"]
    assert records[1].uri == path.as_uri() + "#docs/a.docx"
    assert {(one.place, one.reason) for one in outcomes if isinstance(one, Skipped)} == {
        ("inner.zip", "zip within a zip"),
        (".git/config", "hidden"),
        ("node_modules/x.js", "hidden"),
        ("blob.bin", "no known format"),
    }
    assert {(one.place, one.reason) for one in outcomes if isinstance(one, Problem)} == {
        ("docs/broken.pdf", "damaged PDF"),
        ("../up.md", "name leads out of the zip"),
    }
    assert len(outcomes) == 9


def test_an_old_office_document_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(struct.pack("<Q", 0xE11AB1A1E011CFD0) + bytes(3000))
    assert outcome_of(path) == "Office document of before 2007"
