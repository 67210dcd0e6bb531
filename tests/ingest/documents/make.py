"""Make documents of an ordinary disk with the libraries that people's programs use.

Each maker writes one file and returns what must be found in it and where.
"""

from __future__ import annotations

import csv
import ctypes
import mailbox
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import docx
import icalendar
import openpyxl
import pptx
import pypdfium2
from pptx.util import Inches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence in a document and the place a citation must name."""

    path: Path
    sentence: str
    place: str | None
    """None where the format has no parts, as a mail."""
    reader: str


def pdf(path: Path, pages: Sequence[str]) -> None:
    """Write a PDF with a page for each text, a line for each of its lines."""
    document = pypdfium2.PdfDocument.new()
    for text in pages:
        page = document.new_page(595, 842)
        for number, line in enumerate(text.split("\n")):
            font = pypdfium2.raw.FPDFPageObj_NewTextObj(
                document.raw, b"Helvetica", ctypes.c_float(11)
            )
            wide = ctypes.create_string_buffer((line + "\0").encode("utf-16-le"))
            pypdfium2.raw.FPDFText_SetText(font, ctypes.cast(wide, pypdfium2.raw.FPDF_WIDESTRING))
            pypdfium2.raw.FPDFPageObj_Transform(font, 1, 0, 0, 1, 50, 780 - 16 * number)
            pypdfium2.raw.FPDFPage_InsertObject(page.raw, font)
        page.gen_content()
    document.save(path)
    document.close()


def scanned_pdf(path: Path, text: str) -> None:
    """Write a PDF whose page is a picture of text."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (1240, 700), "white")
    ImageDraw.Draw(picture).text((80, 120), text, "black", ImageFont.load_default(44))
    picture.save(path, "PDF", resolution=150.0)


ENCRYPTED_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 2/R 3/Length 128/P -44/O<" + b"41" * 32 + b">/U<"
    b"42" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Size 4/Encrypt 3 0 R/ID[<00><00>]>>\n%%EOF\n"
)


def word(path: Path, sections: Sequence[tuple[str | None, Sequence[str]]]) -> None:
    """Write a Word document of headings, None for none, and paragraphs."""
    document = docx.Document()
    for heading, paragraphs in sections:
        if heading is not None:
            document.add_heading(heading, 1)
        for text in paragraphs:
            document.add_paragraph(text)
    document.save(str(path))


def word_table(path: Path, heading: str, rows: Sequence[Sequence[str]]) -> None:
    """Write a Word document that holds a table."""
    document = docx.Document()
    document.add_heading(heading, 2)
    table = document.add_table(len(rows), len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.save(str(path))


def slides(path: Path, pages: Sequence[tuple[str, str]], notes: str = "") -> None:
    """Write slides of titles and texts; the notes stand on the last."""
    show = pptx.Presentation()
    for title, text in pages:
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = title
        box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(3))
        box.text_frame.text = text
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    show.save(str(path))


def sheets(path: Path, content: dict[str, Sequence[Sequence[object]]]) -> None:
    """Write a spreadsheet; an empty row stays empty."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column, value)
    book.save(path)


def book(path: Path, chapters: Sequence[tuple[str, str]], *, title: str = "A book") -> None:
    """Write an EPUB 3 with a table of contents."""
    items = "".join(
        f'<item id="c{n}" href="text/c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    links = "".join(
        f'<li><a href="text/c{n}.xhtml">{name}</a></li>' for n, (name, _) in enumerate(chapters)
    )
    xhtml = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/package.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OPS/package.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
            "<dc:creator>A. Writer</dc:creator></metadata><manifest>"
            '<item id="nav" href="nav.xhtml" properties="nav"'
            f' media-type="application/xhtml+xml"/>{items}</manifest><spine>{spine}</spine>'
            "</package>",
        )
        archive.writestr("OPS/nav.xhtml", f"{xhtml}<body><nav><ol>{links}</ol></nav></body></html>")
        for n, (_, text) in enumerate(chapters):
            archive.writestr(f"OPS/text/c{n}.xhtml", f"{xhtml}<body><p>{text}</p></body></html>")


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_NAMES = " ".join(
    f'xmlns:{short}="{_ODF}{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("manifest", "manifest"),
        ("meta", "meta"),
    )
)


def open_document(path: Path, kind: str, body: str, *, manifest: str = "") -> None:
    """Write an OpenDocument file around the elements of its body."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest {_ODF_NAMES}>{manifest}</manifest>")
        archive.writestr(
            "meta.xml",
            f'<office:document-meta {_ODF_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<office:meta><dc:title>The lease</dc:title><dc:creator>A. Writer</dc:creator>"
            "<dc:date>2024-05-06T10:00:00</dc:date></office:meta></office:document-meta>",
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODF_NAMES}>'
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
        )


def page(path: Path, heading: str, text: str) -> None:
    """Write a web page with what stands around a text."""
    path.write_text(
        "<!DOCTYPE html><html><head><title>A page</title><style>p {color: red}</style></head>"
        "<body><nav><a href='/'>Home</a></nav><main><h1>Opening</h1><p>Words.</p>"
        f"<h2>{heading}</h2><p>{text}</p></main><footer>Imprint</footer></body></html>",
        encoding="utf-8",
    )


def message(subject: str, text: str, *, number: int = 1, html: str | None = None) -> EmailMessage:
    """Return a mail from Ann to Bo."""
    mail = EmailMessage()
    mail["From"] = "Ann Lee <ann@example.org>"
    mail["To"] = "Bo <bo@example.org>"
    mail["Subject"] = subject
    mail["Date"] = "Mon, 06 May 2024 10:00:00 +0200"
    mail["Message-ID"] = f"<{number}.{abs(hash(subject))}@example.org>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail


def mailbox_of(path: Path, mails: Sequence[EmailMessage]) -> None:
    """Write an mbox."""
    box = mailbox.mbox(path)
    for mail in mails:
        box.add(mail)
    box.close()


def calendar(path: Path, entries: Sequence[tuple[str, str]]) -> None:
    """Write a calendar of events with descriptions."""
    made = icalendar.Calendar()
    made.add("prodid", "-//test//")
    made.add("version", "2.0")
    for number, (summary, description) in enumerate(entries):
        event = icalendar.Event()
        event.add("uid", f"{number}@example.org")
        event.add("summary", summary)
        event.add("description", description)
        event.add("location", "Leeds")
        event.add("dtstamp", datetime(2024, 5, 1, tzinfo=UTC))
        event.add("dtstart", datetime(2024, 5, 6 + number, 10, tzinfo=UTC))
        event.add("dtend", datetime(2024, 5, 6 + number, 11, 30, tzinfo=UTC))
        made.add_component(event)
    whole_day = icalendar.Event()
    whole_day.add("uid", "whole@example.org")
    whole_day.add("summary", "Holiday")
    whole_day.add("dtstamp", datetime(2024, 5, 1, tzinfo=UTC))
    whole_day.add("dtstart", date(2024, 8, 5))
    whole_day.add("dtend", date(2024, 8, 9))
    whole_day.add("rrule", {"freq": "yearly"})
    made.add_component(whole_day)
    path.write_bytes(made.to_ical())


def contacts(path: Path, people: Sequence[tuple[str, str]]) -> None:
    """Write cards of people, each with a note."""
    path.write_text(
        "".join(
            f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{number}\r\nFN:{name}\r\nNOTE:{note}\r\nEND:VCARD\r\n"
            for number, (name, note) in enumerate(people)
        ),
        encoding="utf-8",
        newline="",
    )


def table(path: Path, rows: Sequence[Sequence[str]], separator: str = ",") -> None:
    """Write comma-separated values."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=separator).writerows(rows)


_WORDS = (
    *("aardvark", "basalt", "cobalt", "dandelion", "ember", "falcon", "garnet", "hazel", "indigo"),
    *("juniper", "kelp", "lantern", "marzipan", "nutmeg", "obsidian", "parsnip", "quartz"),
    *("rhubarb", "saffron", "tamarind", "umber", "vanilla", "walnut", "xylophone", "yarrow"),
    *(
        "zinnia",
        "iris",
        "almond",
        "bramble",
        "cedar",
        "damson",
        "elder",
        "fennel",
        "gorse",
        "hyssop",
    ),
)


def folder_of_documents(folder: Path) -> list[Planted]:
    """Write over thirty documents of fourteen formats and return what is planted in each."""
    planted: list[Planted] = []
    words = iter(_WORDS)

    def plant(name: str, reader: str, place: str | None) -> tuple[Path, str]:
        word_here = next(words)
        sentence = f"The {word_here} drawer holds the spare keys of number {len(planted) + 11}."
        planted.append(Planted(folder / name, sentence, place, reader))
        return folder / name, sentence

    filler = "Nothing of note was said about the weather on this occasion."
    for number in (1, 2, 3):
        path, sentence = plant(f"report {number}.pdf", "pdf", f"page {number}")
        pdf(path, [filler] * (number - 1) + [f"{filler}\n{sentence}"] + [filler] * 2)
    path, sentence = plant("scan.pdf", "pdf", "page 1")
    scanned_pdf(path, sentence.replace(" of ", "\nof "))
    path, sentence = plant("plan.docx", "docx", "section Costs")
    word(path, [("Aims", [filler]), ("Costs", [filler, sentence]), ("End", [filler])])
    path, sentence = plant("letter.docx", "docx", "paragraph 3")
    word(path, [(None, [filler * 12, filler * 12, sentence, filler * 20])])
    path, sentence = plant("table.docx", "docx", "section Rooms")
    word_table(path, "Rooms", [["Room", "Note"], ["Hall", sentence]])
    path, sentence = plant("talk.pptx", "pptx", "slide 2")
    slides(path, [("Start", filler), ("Middle", sentence), ("End", filler)])
    path, sentence = plant("notes.pptx", "pptx", "slide 2")
    slides(path, [("Start", filler), ("End", filler)], notes=sentence)
    path, sentence = plant("budget.xlsx", "xlsx", "sheet Costs 2024, row 3")
    sheets(path, {"Intro": [["x"]], "Costs 2024": [["Item", "Euro"], [], ["Note", sentence]]})
    path, sentence = plant("one.xlsx", "xlsx", "sheet Data, row 1")
    sheets(path, {"Data": [[sentence, 12.5, date(2024, 5, 6), True]]})
    path, sentence = plant("novel.epub", "epub", "chapter The second day")
    book(path, [("The first day", filler), ("The second day", sentence), ("Last", filler)])
    path, sentence = plant("guide.epub", "epub", "chapter One")
    book(path, [("One", sentence)], title="Guide")
    path, sentence = plant("plan.odt", "opendocument", "section Keys")
    open_document(path, "text", f"<text:h>Keys</text:h><text:p>{sentence}</text:p>")
    for number in (1, 2):
        path, sentence = plant(f"saved {number}.html", "html", "section Keys")
        page(path, "Keys", sentence)
    path, sentence = plant("page without suffix", "html", "section Keys")
    page(path, "Keys", sentence)
    path, sentence = plant("trip.eml", "mail", None)
    path.write_bytes(bytes(message("Trip", sentence)))
    path, sentence = plant("html.eml", "mail", None)
    path.write_bytes(bytes(message("Page", " ", html=f"<p>{filler}</p><p>{sentence}</p>")))
    path, sentence = plant("archive.mbox", "mail", None)
    mailbox_of(path, [message("One", filler), message("Two", f"From here on:\n{sentence}")])
    path, sentence = plant("family.ics", "ics", None)
    calendar(path, [("Dentist", sentence), ("Choir", filler)])
    path, sentence = plant("friends.vcf", "vcard", None)
    contacts(path, [("Ann Lee", filler), ("Bo Berg", sentence)])
    path, sentence = plant("stock.csv", "csv", "row 2")
    table(path, [["Item", "Note"], ["Keys", sentence]])
    path, sentence = plant("german.csv", "csv", "row 3")
    table(path, [["Ding", "Notiz"], ["", ""], ["Schlüssel", sentence]], ";")
    path, sentence = plant("tabs.tsv", "csv", "row 1")
    table(path, [["Keys", sentence, "x"]], "\t")
    path, sentence = plant("tool.py", "code", "line 4")
    path.write_text(f'"""A tool."""\n\nimport os\n# {sentence}\nprint(os)\n', "utf-8")
    path, sentence = plant("tool.rs", "code", "line 1")
    path.write_text(f"// {sentence}", "utf-8")
    path, sentence = plant("settings.yaml", "code", "line 2")
    path.write_text(f"a: 1\nnote: {sentence}\n", "utf-8")
    path, sentence = plant("walk.md", "markdown", "line 6")
    path.write_text(f"---\ntags: [x]\n---\n# Walk\n\n{sentence}\n", "utf-8")
    path, sentence = plant("plain.md", "markdown", "line 1")
    path.write_text(f"{sentence}\n", "utf-8")
    path, sentence = plant("todo.txt", "text", "line 2")
    path.write_text(f"To do\n{sentence}\n", "utf-8")
    path, sentence = plant("latin.txt", "text", "line 1")
    path.write_bytes(f"{sentence} Déjà vu à Zürich, même après l'été.".encode("latin-1"))
    path, sentence = plant("WhatsApp Chat with Bo.txt", "whatsapp", None)
    path.write_text(f"23/06/2018, 13:55 - Ann: hi\n23/06/2018, 13:56 - Bo: {sentence}\n", "utf-8")
    with zipfile.ZipFile(folder / "notes.zip", "w") as archive:
        path, sentence = plant("notes.zip", "markdown", "line 3")
        archive.writestr("inner/keys.md", f"# Keys\n\n{sentence}\n")
    return planted
