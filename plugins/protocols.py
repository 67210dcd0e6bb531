"""The shapes of what a plugin offers. `memassist.plugins.testing` has a contract suite for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from memassist.plugins.types import Candidate, ReadOptions, ReadOutcome, SourceFile, Window


@runtime_checkable
class Reader(Protocol):
    """Turns one file of one format into records."""

    name: str
    """What `--format` takes: `chatgpt`, `jsonl`."""
    version: int
    """Raised when the same file would give other text; stored with every item."""

    def recognises(self, file: SourceFile) -> float:
        """How sure it is that the file is of its format, 0 to 1, from name and first bytes."""

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield outcomes in reading order, streaming: memory must not grow with the file.

        What can't be read becomes a `Problem` and the rest goes on.
        Raises `UnreadableFileError` where nothing of the file can be read.
        """


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def model_id(self) -> str:
        """Model, revision, dimensions and number format: vectors of one id are comparable."""

    @property
    def dimensions(self) -> int:
        """Numbers in one vector."""

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return `float32[len(texts), dimensions]`, each row of unit length."""


@runtime_checkable
class Extractor(Protocol):
    """Proposes memories from a window of items."""

    name: str
    version: int

    def extract(self, window: Window) -> Sequence[Candidate]:
        """Return candidates whose evidence quotes are literal slices of the window's items."""
