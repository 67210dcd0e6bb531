"""Cut a JSON array of any size into its elements, holding one element at a time.

Only brackets and strings are looked at; each element is parsed on its own by `json`. So what is
broken inside one element (a bad number, invalid UTF-8, nesting without end, sheer size) costs that
element and no other, which an event parser such as ijson cannot give: it stops at the first fault,
and its prefixes grow with the square of the depth. `tests/ingest/test_reader_json_array.py` checks
the cutting against `json` for any array and any size of piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from memassist.ingest.readers.opening import strip_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_ELEMENT_BYTES = 32 << 20
"""The longest element that is kept; parsing takes some eight times its size in memory."""

_PIECE_BYTES = 1 << 20
_MAX_JUNK_BYTES = 40
_MAX_HEADER_BYTES = 1 << 18

# Up to the next bracket outside of strings. Possessive, so that it never goes back.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_NO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SEPARATORS = b" \t\r\n,"
_ARRAY_IN_OBJECT = re.compile(rb'\s*+\{\s*+"conversations"\s*+:\s*+\[')
_ARRAY = re.compile(rb"\s*+\[")


@dataclass(frozen=True, slots=True)
class Element:
    """One object or array of the outer array, unparsed."""

    offset_bytes: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the array is not what it should be."""

    offset_bytes: int
    reason: str


Piece: TypeAlias = Element | Damage


def elements(read: Callable[[int], bytes], max_bytes: int = MAX_ELEMENT_BYTES) -> Iterator[Piece]:
    """Yield what an array holds, in its order, and the damage between.

    The array is the whole text, or the first value of an object under `conversations`; any other
    object is itself the only element. `read` is a stream's `read`; what it raises goes through.
    An element of more than `max_bytes` is a `Damage`, and so is an outer array that doesn't end.
    """
    first = strip_mark(read(_PIECE_BYTES))
    start = _ARRAY_IN_OBJECT.match(first) or _ARRAY.match(first)
    cutter = _Cutter(max_bytes, 0 if start is None else start.end())
    chunk = first if start is None else first[start.end() :]
    has_more = bool(first)
    while has_more:
        yield from cutter.feed(chunk)
        if cutter.is_done:
            return
        chunk = read(_PIECE_BYTES)
        has_more = bool(chunk)
    yield from cutter.finish(is_array=start is not None)


def nested_arrays(
    read: Callable[[int], bytes], key: str, max_bytes: int = MAX_ELEMENT_BYTES
) -> Iterator[tuple[bytes, Iterator[Piece]]]:
    """Yield each array that stands under a key, at any depth, with the text before it.

    The text reaches back to the array before, at most `_MAX_HEADER_BYTES` from each of its ends.
    Each array's elements must be read before the next array is asked for; arrays under the same
    key within an element are part of that element. A quote within a JSON string is always escaped,
    so a quoted key before a colon is one.
    """
    wanted = re.compile(rb'(?<!\\)"' + re.escape(key.encode()) + rb'"\s{0,100}+:\s{0,100}+\[')
    reader = _PushbackReader(read)
    header = b""
    chunk = strip_mark(reader.read(_PIECE_BYTES))
    while chunk:
        header += chunk
        match = wanted.search(header, max(0, len(header) - len(chunk) - 300))
        if match is None:
            if len(header) > 4 * _MAX_HEADER_BYTES:
                header = header[:_MAX_HEADER_BYTES] + header[-_MAX_HEADER_BYTES:]
            chunk = reader.read(_PIECE_BYTES)
            continue
        reader.push_back(header[match.end() :])
        yield header[: match.start()], _elements_of_open_array(reader, max_bytes)
        header = b""
        chunk = reader.read(_PIECE_BYTES)


def _elements_of_open_array(reader: _PushbackReader, max_bytes: int) -> Iterator[Piece]:
    cutter = _Cutter(max_bytes, 0)
    while chunk := reader.read(_PIECE_BYTES):
        yield from cutter.feed(chunk)
        if cutter.is_done:
            reader.push_back(chunk[cutter.stopped_at :])
            return
    yield from cutter.finish(is_array=True)


class _PushbackReader:
    """A `read` that takes back what was read too far."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._back = b""

    def read(self, size_bytes: int) -> bytes:
        """As a stream's `read`."""
        if self._back:
            piece, self._back = self._back, b""
            return piece
        return self._read(size_bytes)

    def push_back(self, piece: bytes) -> None:
        """Have it read again; what was pushed back before must have been read."""
        self._back = piece


class _Cutter:
    """State between two pieces of the text."""

    def __init__(self, max_bytes: int, offset_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._offset = offset_bytes
        """Of the current piece in the text."""
        self._depth = 0
        self._in_string = False
        self._is_escaped = False
        """The last piece ended on a backslash within a string."""
        self._started_at = 0
        self._parts: list[bytes] = []
        self._kept_bytes = 0
        self._junk = b""
        self.is_done = False
        """The outer array has ended."""
        self.stopped_at = 0
        """One past its end, in the last piece."""

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        position = 0
        kept_from = 0
        while position < len(chunk):
            if self._in_string:
                position = self._through_string(chunk, position)
                continue
            match = _TO_BRACKET.match(chunk, position)
            if match is None:
                rest = _NO_BRACKET.match(chunk, position)
                stop = position if rest is None else rest.end()
                if self._depth == 0:
                    yield from self._between(chunk[position:], position)
                # It stopped at the end, or at the quote of a string that goes on.
                self._in_string = stop < len(chunk)
                position = stop + 1 if self._in_string else stop
                if self._in_string:
                    continue
                break
            bracket_at = match.end() - 1
            if self._depth == 0:
                yield from self._between(chunk[position:bracket_at], position)
            position = match.end()
            if match[1] in b"[{":
                if self._depth == 0:
                    yield from self._end_junk()
                    self._started_at = self._offset + bracket_at
                    kept_from = bracket_at
                self._depth += 1
            elif self._depth == 0:
                yield from self._end_junk()
                self.is_done = True
                self.stopped_at = position
                return
            else:
                self._depth -= 1
                if self._depth == 0:
                    self._keep(chunk[kept_from:position])
                    yield self._element()
        if self._depth:
            self._keep(chunk[kept_from:])
        self._offset += len(chunk)

    def finish(self, *, is_array: bool) -> Iterator[Piece]:
        yield from self._end_junk()
        if self._depth:
            yield Damage(self._started_at, "the file is cut off within it")
        elif is_array:
            yield Damage(self._offset, "the file is cut off")

    def _through_string(self, chunk: bytes, position: int) -> int:
        if self._is_escaped:
            self._is_escaped = False
            position += 1
        match = _IN_STRING.match(chunk, position)
        stop = position if match is None else match.end()
        if stop < len(chunk):
            # A quote ends the string; a backslash here can only be the piece's last byte.
            self._is_escaped = chunk[stop : stop + 1] == b"\\"
            self._in_string = self._is_escaped
        return stop + 1

    def _between(self, text: bytes, position: int) -> Iterator[Piece]:
        """What stands between elements: separators, or something that is no conversation."""
        stripped = text.strip(_SEPARATORS)
        if stripped and not self._junk:
            self._started_at = self._offset + position + text.index(stripped)
        self._junk = (self._junk + stripped)[:_MAX_JUNK_BYTES]
        yield from ()

    def _end_junk(self) -> Iterator[Piece]:
        if self._junk:
            yield Damage(self._started_at, "something that is neither object nor array")
            self._junk = b""

    def _keep(self, part: bytes) -> None:
        self._kept_bytes += len(part)
        if self._kept_bytes > self._max_bytes:
            self._parts.clear()
        else:
            self._parts.append(part)

    def _element(self) -> Piece:
        if self._kept_bytes > self._max_bytes:
            piece: Piece = Damage(
                self._started_at, f"larger than {self._max_bytes:,} bytes of JSON"
            )
        else:
            piece = Element(self._started_at, b"".join(self._parts))
        self._parts.clear()
        self._kept_bytes = 0
        return piece
