"""The lines of a file of JSON lines, one at a time, however long one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import strip_mark
from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_CHUNK_BYTES = 1 << 20


def lines(stream: BinaryIO, limit_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield line numbers from 1 and lines; None for one above the limit, read past in pieces.

    Only a line feed ends a line: U+2028 and its like are text. The byte order mark is left out.
    Raises `UnreadableFileError`.
    """
    number = 0
    while True:
        try:
            line = stream.readline(limit_bytes + 1)
            if not line:
                return
            number += 1
            if len(line) <= limit_bytes:
                yield number, strip_mark(line) if number == 1 else line
                continue
            del line
            while (piece := stream.readline(_CHUNK_BYTES)) and not piece.endswith(b"\n"):
                pass
        except OSError as error:
            raise UnreadableFileError(f"reading failed: {error.strerror}") from error
        yield number, None
