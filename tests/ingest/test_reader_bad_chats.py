"""Chat exports cut off, empty, locked, enormous or misnamed: a reason and a way out each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from tests.ingest import test_reader_contracts as contracts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.ingest.pipeline import ImportReport
    from memassist.plugins.testing.reader import ReaderContract

CHATS: dict[str, type[ReaderContract]] = {
    "jsonl": contracts.TestJsonLines,
    "chatgpt": contracts.TestChatGptJson,
    "chatgpt zip": contracts.TestChatGptZip,
    "claude": contracts.TestClaude,
    "claude-code": contracts.TestClaudeCode,
    "codex": contracts.TestCodex,
    "gemini": contracts.TestGemini,
    "slack": contracts.TestSlack,
    "telegram": contracts.TestTelegram,
    "whatsapp": contracts.TestWhatsApp,
    "zip": contracts.TestNotesZip,
}
LEFT_OPEN = {"whatsapp"}
"""Of plain text nobody can tell that its end is missing."""


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memory]:
    """Yield an open home that all of them are offered to."""
    with Memory.create(tmp_path_factory.mktemp("chats") / "home", routes=[]) as opened:
        yield opened


@pytest.fixture(params=CHATS)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each format in turn."""
    return str(request.param)


@pytest.fixture
def sample(name: str, tmp_path: Path) -> Path:
    """Write a good one."""
    return CHATS[name]().write_sample(tmp_path)


def take_in(memory: Memory, path: Path) -> ImportReport:
    """Offer a file, and look that whatever is wrong is said in words, with a way out."""
    report = memory.import_path(path)
    assert report.accounted > 0
    for problem in memory.problems.list():
        assert problem.reason
        assert problem.advice
        assert "Error" not in problem.reason
        assert "reader failed" not in problem.reason
    return report


def kept(report: ImportReport) -> int:
    """Return how many things were read well, also those that the home holds by now."""
    return report.stored + report.new_versions + report.existing


def test_a_cut_off_export_keeps_what_is_whole_and_says_that_it_is_cut(
    memory: Memory, name: str, sample: Path
) -> None:
    whole = sample.read_bytes()
    before = kept(take_in(memory, sample))
    assert before > 0
    sample.write_bytes(whole[: len(whole) * 6 // 10])
    report = take_in(memory, sample)
    assert kept(report) <= before
    assert report.problem_count > 0 or name in LEFT_OPEN
    assert report.problem_count > 0 or kept(report) > 0
    sample.write_bytes(whole)
    assert (take_in(memory, sample).problem_count, memory.problems.list()) == (0, [])


def test_an_empty_export_is_said_to_be_empty(memory: Memory, sample: Path) -> None:
    sample.write_bytes(b"")
    report = take_in(memory, sample)
    assert dict(report.skipped) == {"empty file": 1}
    assert report.problem_count == 0


@pytest.mark.parametrize("suffix", [".jpg", ".pdf"])
def test_the_name_of_an_export_hardly_counts(memory: Memory, sample: Path, suffix: str) -> None:
    before = take_in(memory, sample)
    renamed = sample.rename(sample.with_name(f"renamed{suffix}"))
    after = take_in(memory, renamed)
    assert kept(after) == kept(before)
    assert after.problem_count == 0


def test_words_under_the_name_of_an_export_end_well(memory: Memory, sample: Path) -> None:
    sample.write_text("Plain words, whatever the name says.\n", encoding="utf-8")
    take_in(memory, sample)
    memory.problems.clear()


def test_an_export_with_an_endless_tail_ends(memory: Memory, name: str, sample: Path) -> None:
    with sample.open("r+b") as stream:
        stream.truncate(200_000_000)
    report = take_in(memory, sample)
    assert kept(report) + report.problem_count + report.skipped.total() > 0
    assert report.problem_count <= 2, f"{name}: one fault is one problem"
    memory.problems.clear()


@pytest.mark.parametrize("name", [one for one in CHATS if "zip" in one or one == "slack"])
def test_a_locked_zip_of_chats_says_so(memory: Memory, sample: Path) -> None:
    content = bytearray(sample.read_bytes())
    # The flag of encryption stands in each local header and in the directory.
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(mark, place + 4)
    sample.write_bytes(bytes(content))
    take_in(memory, sample)
    assert [one.reason for one in memory.problems.list()] == ["encrypted zip"]
    memory.problems.clear()
