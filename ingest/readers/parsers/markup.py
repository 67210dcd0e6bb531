"""Take the readable text out of HTML: of a page, a chapter, a mail, a converted document.

Left out: scripts, styles, navigation, forms' controls, and what a page hides, since hidden text is
written for machines. Links and pictures keep their words and lose their addresses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree, html

from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from memassist.ingest.readers.parsers.blocks import BlockText

_LEFT_OUT = frozenset(
    {"head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object"}
    | {"embed", "canvas", "audio", "video", "nav", "select", "datalist", "button", "input"}
    | {"textarea", "dialog", "map"}
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_PARAGRAPHS = _HEADINGS | frozenset(
    {"p", "blockquote", "pre", "ul", "ol", "dl", "table", "figure", "section", "article"}
    | {"main", "hr"}
)
_LINES = frozenset(
    {"div", "li", "dt", "dd", "tr", "br", "header", "footer", "aside", "address", "details"}
    | {"summary", "fieldset", "form", "figcaption", "caption", "center", "option", "body"}
)
_CELLS = frozenset({"td", "th"})
_HIDDEN_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_MAIN_SHARE = 0.4
"""A main part is the page where it holds so much of its text; else it is a decoration."""


def declared_encoding(head: bytes) -> str | None:
    """The encoding that HTML names for itself; None where it names none."""
    match = _CHARSET.search(head[:4096])
    return None if match is None else match[1].decode("ascii")


def parse_markup(text: str) -> html.HtmlElement:
    """Return the tree of any HTML, however broken. Raises `UnreadableFileError` for none at all."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFileError("no HTML in it") from error
    # What lies deeper than libxml2 goes is missing from the tree, without an error.
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise UnreadableFileError("HTML nested too deeply", "save it as PDF and import that")
    return root


def title_of(root: html.HtmlElement) -> str | None:
    """The text of the title element."""
    found = root.find(".//title")
    return None if found is None else found.text_content()


def add_markup(out: BlockText, root: html.HtmlElement, *, mark_headings: bool = True) -> None:
    """Add the text below an element. Raises `TooLongError`."""
    etree.strip_elements(root, *_LEFT_OUT, with_tail=False)
    hidden_from: html.HtmlElement | None = None
    exact = cells = 0
    top = _main_part(root)
    for event, element in etree.iterwalk(top, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if hidden_from is not None:
            if event == "end" and element is hidden_from:
                hidden_from = None
                _add(out, element.tail, exact)
            continue
        if event == "start":
            if _is_hidden(element):
                hidden_from = element
                continue
            _open(out, element, tag, cells, mark_headings=mark_headings)
            exact += tag == "pre"
            cells += tag in _CELLS
            _add(out, element.text, exact)
        else:
            exact -= tag == "pre"
            cells -= tag in _CELLS
            _close(out, tag, cells)
            if element is not top:
                _add(out, element.tail, exact)


def _open(
    out: BlockText, element: html.HtmlElement, tag: str, cells: int, *, mark_headings: bool
) -> None:
    if cells:
        # A cell stays on the line of its row, whatever it holds.
        if tag in _PARAGRAPHS or tag in _LINES:
            out.add(" ")
        return
    if tag in _PARAGRAPHS:
        out.line_break(2)
    elif tag in _LINES:
        out.line_break()
    if tag in _HEADINGS and mark_headings:
        words = " ".join(element.text_content().split())
        if words:
            out.mark(f"section {words}")
    elif tag == "li":
        out.add("- ")
    elif tag in _CELLS and element.getprevious() is not None:
        out.add(" | ")


def _close(out: BlockText, tag: str, cells: int) -> None:
    if cells:
        return
    if tag in _PARAGRAPHS:
        out.line_break(2)
    elif tag in _LINES and tag != "br":
        out.line_break()


def _add(out: BlockText, text: str | None, exact: int) -> None:
    if text:
        out.add(text, is_exact=bool(exact))


def _is_hidden(element: html.HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def _main_part(root: html.HtmlElement) -> html.HtmlElement:
    """The element that holds what the page is about."""
    mains = root.findall(".//main")
    candidates = mains if len(mains) == 1 else root.findall(".//article")
    if len(candidates) == 1:
        whole = len(root.text_content())
        if len(candidates[0].text_content()) >= _MAIN_SHARE * whole:
            return candidates[0]
    body = root.find(".//body")
    return root if body is None else body
