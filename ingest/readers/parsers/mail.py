"""Mail: single messages and mbox files, by the standard library's `email`.

Each message is one record; what is attached is counted and left out. A message that can't be
parsed costs itself only.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
from typing import TYPE_CHECKING

from memassist.ingest.readers.mail_marks import is_mbox
from memassist.ingest.readers.opening import too_long
from memassist.ingest.readers.parsers.blocks import BlockText, TooLongError
from memassist.ingest.readers.parsers.markup import add_markup, parse_markup
from memassist.ingest.readers.sources import open_source
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import clean, label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo
    from email.message import EmailMessage
    from typing import BinaryIO

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

MAX_MESSAGE_BYTES = 100 << 20
"""Of one message with its attachments; servers refuse a quarter of that."""

_FORGED = ("dmarc=fail", "spf=fail", "dkim=fail")
_MAX_SUBJECT = 300


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield the messages in their order, each followed by a skip for each attachment."""
    zone = zone_of(options.timezone)
    with open_source(file) as stream:
        number = 0
        for content in _messages(stream, is_many=is_mbox(file.head)):
            number += 1
            place = f"message {number}" if is_mbox(file.head) else file.name
            if content is None:
                yield Problem(
                    place,
                    f"larger than {MAX_MESSAGE_BYTES:,} bytes",
                    "take its attachments out in your mail program and save it again",
                )
                continue
            try:
                yield from _outcomes(content, place, number - 1, options, zone)
            # `email` meets broken headers with errors of many kinds, as their use goes on.
            except Exception as error:  # noqa: BLE001
                is_deep = isinstance(error, RecursionError)
                shown = "nested too deeply" if is_deep else f"broken: {type(error).__name__}"
                yield Problem(place, shown)
        if number == 0:
            yield Skipped(file.name, "empty file")


def _messages(stream: BinaryIO, *, is_many: bool) -> Iterator[bytes | None]:
    """Yield the bytes of each message, None for one that is too large.

    In an mbox a message begins with `From ` after a blank line (RFC 4155).
    """
    lines: list[bytes] = []
    size_bytes = 0
    after_blank = True
    while line := stream.readline(1 << 20):
        if is_many and after_blank and line.startswith(b"From "):
            if size_bytes:
                yield b"".join(lines) if lines else None
            lines, size_bytes, after_blank = [], 0, False
            continue
        after_blank = line in (b"\n", b"\r\n")
        size_bytes += len(line)
        if size_bytes > MAX_MESSAGE_BYTES:
            lines.clear()
        elif is_many and line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
            lines.append(line[1:])
        else:
            lines.append(line)
    if size_bytes:
        yield b"".join(lines) if lines else None


def _outcomes(
    content: bytes, place: str, sequence: int, options: ReadOptions, zone: tzinfo | None
) -> Iterator[ReadOutcome]:
    message: EmailMessage = email.message_from_bytes(content, policy=email.policy.default)
    if not message.keys():
        yield Problem(place, "no mail: it has no headers", "export it again from your mail program")
        return
    subject = label(" ".join(str(message.get("Subject", "")).split())[:_MAX_SUBJECT])
    yield _record(message, subject, place, sequence, options, zone)
    for part in message.walk():
        if not part.is_multipart() and _is_attachment(part):
            yield Skipped(f"{place}, {clean(str(part.get_filename() or 'part'))}", "attachment")


def _record(
    message: EmailMessage,
    subject: str | None,
    place: str,
    sequence: int,
    options: ReadOptions,
    zone: tzinfo | None,
) -> ReadOutcome:
    try:
        body = _body(message, options.max_text_characters)
    except TooLongError:
        return too_long(place, options)
    text = f"{subject}\n\n{body}" if subject and body.strip() else body or subject or ""
    if not text.strip():
        return Skipped(place, "blank text")
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    name, address = _sender(message)
    metadata: dict[str, FieldValue] = {}
    for field in ("To", "Cc"):
        people = [clean(shown) for shown in _people(message, field)]
        if people:
            metadata[field.lower()] = people
    if address:
        metadata["from"] = address
    checks = " ".join(str(value) for value in message.get_all("Authentication-Results", []))
    if any(sign in checks.lower() for sign in _FORGED):
        metadata["sender_unproven"] = True
    references = f"{message.get('References', '')} {message.get('In-Reply-To', '')}".split()
    own_id = label(str(message.get("Message-ID", "")).strip())
    return Record(
        text=text,
        place=place,
        kind="message",
        author=name or address or "unknown sender",
        conversation=label(references[0]) if references else own_id,
        title=subject,
        native_id=own_id,
        sequence=sequence,
        occurred_at=_time(message, zone),
        metadata=metadata,
    )


def _sender(message: EmailMessage) -> tuple[str | None, str | None]:
    pairs = email.utils.getaddresses([str(message.get("From", ""))])
    name, address = pairs[0] if pairs else ("", "")
    return label(name.strip()), label(address.strip())


def _people(message: EmailMessage, field: str) -> list[str]:
    pairs = email.utils.getaddresses([str(value) for value in message.get_all(field, [])])
    return [name or address for name, address in pairs if name or address][:100]


def _time(message: EmailMessage, zone: tzinfo | None) -> datetime | None:
    try:
        return parse_time(email.utils.parsedate_to_datetime(str(message.get("Date", ""))), zone)
    except (ValueError, TypeError, OverflowError):
        return None


def _body(message: EmailMessage, max_characters: int) -> str:
    """The plain text, or the text of the HTML where there is none. Raises `TooLongError`."""
    plain = [part for part in _text_parts(message) if part.get_content_type() == "text/plain"]
    texts = [_content(part) for part in plain]
    if any(text.strip() for text in texts):
        return "\n".join(text.strip("\n") for text in texts)
    out = BlockText(max_characters)
    for part in _text_parts(message):
        if part.get_content_type() == "text/html" and (content := _content(part)).strip():
            try:
                add_markup(out, parse_markup(content))
            except UnreadableFileError:
                continue
            out.line_break(2)
    return out.text


def _text_parts(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk():
        if part.get_content_maintype() == "text" and not _is_attachment(part):
            yield part


def _is_attachment(part: object) -> bool:
    disposition = part.get_content_disposition()  # type: ignore[attr-defined]  # of any policy
    kind = part.get_content_maintype()  # type: ignore[attr-defined]  # of any policy
    return disposition == "attachment" or kind not in ("text", "multipart")


def _content(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = payload.decode(charset, errors="replace")
    except (LookupError, ValueError):
        text = payload.decode("utf-8", errors="replace")
    return clean(text).replace("\r\n", "\n")
