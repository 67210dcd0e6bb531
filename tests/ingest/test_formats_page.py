"""The page of formats names what there is, and its numbers are the program's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers import builtin_readers
from memassist.ingest.readers.archive import BOMB_BYTES, BOMB_RATIO
from memassist.ingest.readers.documents import document_readers
from memassist.ingest.readers.limited import Limits
from memassist.plugins.types import ReadOptions

if TYPE_CHECKING:
    from pathlib import Path


def test_every_format_has_its_row(repository: Path) -> None:
    page = (repository / "docs" / "formats.md").read_text("utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    names = {reader.name for reader in builtin_readers()} - {"unsupported"}
    assert rows - {"--format"} == names


def test_the_limits_are_those_of_the_program(repository: Path) -> None:
    page = " ".join((repository / "docs" / "formats.md").read_text("utf-8").split())
    pdf = next(one for one in document_readers() if one.name == "pdf").parser.limits
    limits = Limits()
    assert (
        f"{limits.memory_bytes / 1e9:g} GB of memory and {limits.computing_seconds} seconds" in page
    )
    assert f"PDF: {pdf.memory_bytes / 1e9:g} GB and {pdf.computing_seconds}" in page
    assert f"over {BOMB_RATIO} times and past {BOMB_BYTES // 1_000_000} MB" in page
    assert ReadOptions().max_text_characters == 5_000_000
