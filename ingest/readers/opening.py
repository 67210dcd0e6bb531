"""Open files and turn bytes into text, safely and in one way for all readers.

Nothing here follows a link, waits on a pipe or holds more than one bounded piece of a file.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from memassist.plugins.types import ReadOptions

HEAD_BYTES = 8192
"""How much of a file a reader gets to recognise it by."""

MAX_BYTES_PER_CHARACTER = 4
"""UTF-8 and UTF-16 never need more."""

_OPENED: ContextVar[list[BinaryIO | Elsewhere] | None] = ContextVar("opened", default=None)
"""By readers, while somebody asks how far they have come."""

_SAMPLE_BYTES = 65_536
_MAX_CONTROL_SHARE = 0.02
_MAX_DAMAGE_SHARE = 0.1
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; the last part of the path is never followed as a link.

    Raises `OSError`, also for links, pipes, sockets and devices.
    """
    # O_NONBLOCK keeps a pipe from waiting for its writer. Windows has none of the two.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"not a regular file: {path.name!r}")
    return os.fdopen(descriptor, "rb")


@dataclass(slots=True)
class Elsewhere:
    """How far another process is in a file."""

    position: int = 0
    closed: bool = False

    def tell(self) -> int:
        """Return it, in bytes."""
        return self.position


@contextmanager
def noting_position() -> Iterator[Callable[[], int]]:
    """Within it, tell how far into a file its reader has come, in bytes; 0 where that is unknown.

    Readers need not know of it: what they open on this thread is asked where it stands. Of a zip
    that is how much of its packed bytes was read.
    """
    opened: list[BinaryIO | Elsewhere] = []

    def position() -> int:
        opened[:] = [stream for stream in opened if not stream.closed]
        return max((stream.tell() for stream in opened), default=0)

    token = _OPENED.set(opened)
    try:
        yield position
    finally:
        _OPENED.reset(token)


def open_or_refuse(path: Path) -> BinaryIO:
    """`open_regular` for a reader: raises `UnreadableFileError` with the system's reason."""
    try:
        stream = open_regular(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableFileError(
            f"can't be opened: {reason}", "check that the file exists and that you may read it"
        ) from error
    note_opened(stream)
    return stream


def note_opened(stream: BinaryIO | Elsewhere) -> None:
    """Let whoever asks how far a reader is ask this, until it is closed."""
    noted = _OPENED.get()
    if noted is not None:
        noted.append(stream)


def read_bounded(path: Path, limit_bytes: int) -> bytes | None:
    """Return the whole file, or None where it is longer than the limit (it is then not read)."""
    with open_or_refuse(path) as stream:
        if os.fstat(stream.fileno()).st_size > limit_bytes:
            return None
        try:
            content = stream.read(limit_bytes + 1)
        except OSError as error:
            raise UnreadableFileError(f"reading failed: {error.strerror}") from error
    return content if len(content) <= limit_bytes else None


def too_long(place: str, options: ReadOptions) -> Problem:
    """The problem for a single text above `ReadOptions.max_text_characters`."""
    return Problem(
        place,
        f"text longer than {options.max_text_characters:,} characters",
        "split it into smaller parts and import those",
    )


def strip_mark(content: bytes) -> bytes:
    """Without the UTF-8 byte order mark."""
    return content.removeprefix(_UTF8_MARK)


def decode_text(content: bytes) -> tuple[str, str]:
    """Return text and the name of its encoding.

    UTF-8 and marked UTF-16 first, then what charset-normalizer is sure of. UTF-8 with a few
    broken bytes stays UTF-8 (they become U+FFFD): one bad byte must not turn every accent of a
    file into rubbish. Raises `UnreadableFileError` where the bytes are no text.
    """
    if content.startswith(_UTF16_MARKS):
        try:
            return _checked(content.decode("utf-16"), "utf-16")
        except UnicodeDecodeError as error:
            raise _binary() from error
    body = strip_mark(content)
    try:
        return _checked(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    repaired = body.decode("utf-8", errors="replace")
    broken = repaired.count("\ufffd")
    # Everything above ASCII, less the marks, was a whole valid sequence.
    valid = sum(character > "\x7f" for character in repaired) - broken
    if valid and broken <= valid * _MAX_DAMAGE_SHARE:
        return _checked(repaired, "utf-8 (damaged)")
    return _guessed(body)


def is_text(sample: bytes) -> bool:
    """Whether the first bytes of a file look like text; a cut last character is no fault."""
    for cut in range(4 if len(sample) >= HEAD_BYTES else 1):
        try:
            decode_text(sample[: len(sample) - cut])
        except UnreadableFileError:
            continue
        return True
    return False


def _guessed(body: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # 0.1 s to import, and rarely needed

    if b"\x00" in body:
        raise _binary()
    best = from_bytes(body[:_SAMPLE_BYTES]).best()
    if best is None:
        raise _binary()
    try:
        return _checked(body.decode(best.encoding), best.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise _binary() from error


def _checked(text: str, encoding: str) -> tuple[str, str]:
    sample = text[:_SAMPLE_BYTES]
    control = sum(
        (character < " " and character not in "\t\n\r\f\x1b") or "\x7f" <= character <= "\x9f"
        for character in sample
    )
    if control > len(sample) * _MAX_CONTROL_SHARE:
        raise _binary()
    return text, encoding


def _binary() -> UnreadableFileError:
    return UnreadableFileError("binary data, not text", "convert it to text or Markdown first")
