"""Contacts: each card a record, of vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350).

Pictures, sounds and keys in a card are passed over line by line, so that an address book of
hundreds of megabytes of portraits is read in little memory. What programs add under names of their
own (Apple's `X-ABLabel`, `X-ABDATE`, `X-ABRELATEDNAMES`) is kept where it says something.
"""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.times import parse_time, time_of_file, zone_of
from memassist.ingest.readers.values import clean, label
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo
    from typing import BinaryIO

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_LINE = re.compile(
    r"(?:(?P<group>[\w-]+)\.)?(?P<name>[\w-]+)"
    r'(?P<parameters>(?:;(?:[^":;]|"[^"]*")*)*):(?P<value>.*)',
    re.DOTALL,
)
_PARAMETER = re.compile(r';((?:[^":;]|"[^"]*")*)')
_BINARY = ("PHOTO", "LOGO", "SOUND", "KEY")
_LONGEST_LINE_BYTES = 1 << 20
_UNTOLD_TYPES = frozenset({"pref", "voice", "internet", "x400", "main", "other", "text", "charset"})
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SHOWN = {
    "ORG": "Organisation",
    "TITLE": "Position",
    "ROLE": "Role",
    "NICKNAME": "Also called",
    "TEL": "Phone",
    "EMAIL": "Mail",
    "ADR": "Address",
    "IMPP": "Chat",
    "X-SOCIALPROFILE": "Profile",
    "URL": "Page",
    "BDAY": "Birthday",
    "ANNIVERSARY": "Anniversary",
    "X-ABDATE": "Date",
    "RELATED": "Related",
    "X-ABRELATEDNAMES": "Related",
    "CATEGORIES": "Groups",
    "NOTE": "Note",
}
"""What is kept, in the order in which it is shown."""
_DATES = ("BDAY", "ANNIVERSARY", "X-ABDATE")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)|--(\d\d)-?(\d\d)")
_NO_YEAR = 1604
"""What Apple writes for a birthday without a year."""


@dataclass(frozen=True, slots=True)
class _Property:
    group: str
    name: str
    types: tuple[str, ...]
    value: str
    """As written, its escapes not yet taken out."""

    def parts(self, separator: str = ";") -> list[str]:
        """Return the parts of a value of several, without blank ones."""
        pieces = re.split(rf"(?<!\\){separator}", self.value)
        return [plain for piece in pieces if (plain := _plain(piece))]


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one outcome for each card."""
    zone = zone_of(options.timezone)
    number = 0
    card: list[_Property] | None = None
    with open_source(file) as stream:
        for line in _lines(stream):
            found = _property(line)
            if found is None:
                continue
            if found.name == "BEGIN" and found.value.strip().upper() == "VCARD":
                number += 1
                card = []
            elif found.name == "END" and card is not None:
                yield _outcome(card, file, f"contact {number}", options, zone)
                card = None
            elif card is not None:
                card.append(found)
    if card is not None:
        yield Problem(f"contact {number}", "the contact is cut off", "export it again")
    elif not number:
        yield Skipped(file.name, "no contacts in the file")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, those that go on put together; nothing of pictures and overlong ones."""
    waiting: list[bytes] = []
    length = 0
    goes_on = False
    while raw := stream.readline(_LONGEST_LINE_BYTES):
        line = raw.rstrip(b"\r\n")
        is_quoted = goes_on
        if not is_quoted and line[:1] in (b" ", b"\t"):
            line = line[1:]
        elif not is_quoted:
            yield b"".join(waiting)
            waiting, length = [], 0
        head = waiting[0] if waiting else line
        goes_on = line.endswith(b"=") and b"QUOTED-PRINTABLE" in head.partition(b":")[0].upper()
        length += len(line)
        if length <= _LONGEST_LINE_BYTES and not _is_binary(head):
            waiting.append(line[:-1] if goes_on else line)
        elif not waiting:
            waiting.append(b"")
    yield b"".join(waiting)


def _is_binary(line: bytes) -> bool:
    name = line[:40].partition(b":")[0].partition(b";")[0].rpartition(b".")[2]
    return name.upper().decode("ascii", "replace") in _BINARY


def _property(line: bytes) -> _Property | None:
    # One character a byte: which encoding the value is in, the parameters tell.
    match = _LINE.match(line.decode("latin-1"))
    if match is None:
        return None
    types: list[str] = []
    charset = "utf-8"
    value = match["value"].encode("latin-1")
    for parameter in _PARAMETER.findall(match["parameters"]):
        name, equals, told = parameter.replace('"', "").lower().partition("=")
        if name == "charset":
            charset = told
        elif "quoted-printable" in (name, told):
            value = quopri.decodestring(value)
        elif name == "type" or not equals:  # vCard 2.1 names types alone
            types += (told or name).split(",")
    told_types = tuple(one for one in dict.fromkeys(types) if one and one not in _UNTOLD_TYPES)
    group, name = match["group"] or "", match["name"].upper()
    return _Property(group, name, told_types, _decoded(value, charset))


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return content.decode("cp1252", "replace")  # what old phones wrote without a word


def _outcome(
    card: list[_Property],
    file: SourceFile,
    place: str,
    options: ReadOptions,
    zone: tzinfo | None,
) -> ReadOutcome:
    name = _name(card)
    labels = {one.group: _label(one) for one in card if one.name == "X-ABLABEL"}
    lines = [name or ""]
    for property_name, shown in _SHOWN.items():
        for one in card:
            if one.name != property_name or not (said := _said(one)):
                continue
            kind = labels.get(one.group) or ", ".join(one.types)
            if property_name in _DATES and kind:
                shown_here = kind.capitalize()
            else:
                shown_here = f"{shown} ({kind})" if kind else shown
            lines.append(f"{shown_here}: {said}")
    text = "\n".join(line for line in lines if line)
    if not text.strip() or len(lines) == 1:
        return Skipped(place, "contact with a name only" if name else "blank text")
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    metadata: dict[str, FieldValue] = {"file_name": file.name, "entry": "contact"}
    return Record(
        text=text,
        place=place,
        kind="document",
        origin="file",
        title=label(name),
        native_id=label(_first(card, "UID")),
        occurred_at=_revised(card, zone) or time_of_file(file.path),
        metadata=metadata,
    )


def _name(card: list[_Property]) -> str | None:
    said = _first(card, "FN")
    if said:
        return said
    for one in card:
        if one.name == "N":
            parts = [_plain(part) for part in re.split(r"(?<!\\);", one.value)] + [""] * 5
            family, given, more, before, after = parts[:5]
            return label(" ".join(part for part in (before, given, more, family, after) if part))
    return _first(card, "ORG")


def _first(card: list[_Property], name: str) -> str | None:
    return next((label(", ".join(one.parts())) for one in card if one.name == name), None)


def _label(one: _Property) -> str:
    return _APPLE_LABEL.sub(r"\1", _plain(one.value)).lower()


def _said(one: _Property) -> str:
    if one.name in _DATES:
        return _day(one.value)
    if one.name in ("ORG", "ADR"):
        # Line breaks within a street would look like further fields.
        return ", ".join(" ".join(part.split()) for part in one.parts())
    if one.name in ("CATEGORIES", "NICKNAME"):
        return ", ".join(one.parts(","))
    said = _plain(one.value)
    return said.removeprefix("tel:").removeprefix("mailto:") if one.name != "NOTE" else said


def _day(value: str) -> str:
    match = _DAY.match(value.strip())
    if match is None:
        return _plain(value)
    year = int(match[1] or _NO_YEAR)
    try:
        # A leap year stands for the one that is not told.
        day = date(year, int(match[2] or match[4]), int(match[3] or match[5]))
    except ValueError:
        return _plain(value)
    return f"{day.day} {day:%B}" + ("" if year == _NO_YEAR else f" {year}")


def _revised(card: list[_Property], zone: tzinfo | None) -> datetime | None:
    try:
        return parse_time(_first(card, "REV"), zone)
    except ValueError:
        return None


def _plain(value: str) -> str:
    """Return a value without its escapes, safe to store."""
    plain = _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
    return clean(plain).replace("\r\n", "\n").strip()
