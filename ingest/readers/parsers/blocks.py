"""Put the text of a document together: blocks, table rows, and marks where its parts begin."""

from __future__ import annotations

import re

from memassist.ingest.readers.values import clean
from memassist.plugins.types import Mark

MAX_LABEL_CHARACTERS = 80
_SPACE = re.compile(r"\s+")


class TooLongError(Exception):
    """The text is above `ReadOptions.max_text_characters`; the rest need not be looked at."""


class BlockText:
    """Grows a text. White space runs become one space, except where `is_exact` is given."""

    def __init__(self, max_characters: int) -> None:
        self._max = max_characters
        self._pieces: list[str] = []
        self._length = 0
        self._breaks = 0
        """Line feeds that are due before the next text."""
        self._has_space = False
        self._waiting: list[str] = []
        """Labels of marks that are due at the next text."""
        self._marks: list[Mark] = []
        self._paragraphs: list[Mark] = []

    @property
    def text(self) -> str:
        """What was put together."""
        return "".join(self._pieces)

    def marks(self) -> tuple[Mark, ...]:
        """The parts that were named; where none was, the paragraphs, counted."""
        return tuple(self._marks or self._paragraphs)

    def mark(self, label: str) -> None:
        """Begin a part at the next text."""
        self._waiting = [self._short(label)]

    def line_break(self, count: int = 1) -> None:
        """At least so many line feeds come before the next text."""
        if self._length:
            self._breaks = max(self._breaks, count)
        self._has_space = False

    def add(self, text: str, *, is_exact: bool = False) -> None:
        """Add running text. Raises `TooLongError`."""
        if not is_exact:
            text = _SPACE.sub(" ", text)
            if self._breaks or not self._length:
                text = text.lstrip(" ")
            if self._has_space and not text.startswith(" "):
                text = " " + text
            self._has_space = text.endswith(" ")
            text = text.removesuffix(" ")
        if not text:
            return
        if self._breaks:
            self._put("\n" * self._breaks)
        if (self._breaks or not self._length) and text.strip():
            number = len(self._paragraphs) + 1
            self._paragraphs.append(Mark(self._length, f"paragraph {number}", counts_lines=True))
        self._breaks = 0
        for label in self._waiting:
            self._marks.append(Mark(self._length, label))
        self._waiting = []
        self._put(clean(text))

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        if self._length > self._max:
            raise TooLongError

    @staticmethod
    def _short(label: str) -> str:
        label = _SPACE.sub(" ", clean(label)).strip()
        if len(label) > MAX_LABEL_CHARACTERS:
            label = label[: MAX_LABEL_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
        return label
