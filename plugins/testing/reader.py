"""The contract of a `Reader`, as tests: subclass `ReaderContract` in yours.

    class TestMyReader(ReaderContract):
        def make_reader(self) -> Reader:
            return MyReader()

        def write_sample(self, folder: Path) -> Path:
            path = folder / "sample.my"
            path.write_text(...)
            return path

pytest collects the inherited tests; nothing here needs pytest to be imported.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.protocols import Reader
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

_HEAD_BYTES = 8192
_DAMAGE_STEPS = 8


def source_file(path: Path, name: str | None = None) -> SourceFile:
    """Offer a file as the importer would; `name` is what is shown, by default the file's own."""
    content = path.read_bytes()
    return SourceFile(
        path, path.name if name is None else name, len(content), content[:_HEAD_BYTES]
    )


class ReaderContract:
    """What every reader keeps to, whatever its format."""

    def make_reader(self) -> Reader:
        """Return a new reader. Override it."""
        raise NotImplementedError

    def write_sample(self, folder: Path) -> Path:
        """Write a good file of at least one record into the folder and return its path."""
        raise NotImplementedError

    def test_it_has_the_shape_of_a_reader(self) -> None:
        reader = self.make_reader()
        assert isinstance(reader, Reader)
        assert reader.name
        assert reader.name == reader.name.strip().lower()
        assert isinstance(reader.version, int)

    def test_it_recognises_its_own_format(self, tmp_path: Path) -> None:
        file = source_file(self.write_sample(tmp_path))
        assert 0.0 < self.make_reader().recognises(file) <= 1.0

    def test_it_is_less_sure_of_rubbish_than_of_its_own_format(self, tmp_path: Path) -> None:
        reader = self.make_reader()
        own = reader.recognises(source_file(self.write_sample(tmp_path)))
        rubbish = tmp_path / "rubbish.bin"
        rubbish.write_bytes(bytes(range(128, 256)) * 16 + bytes(64))
        assert 0.0 <= reader.recognises(source_file(rubbish)) < own

    def test_it_reads_its_sample_into_records(self, tmp_path: Path) -> None:
        outcomes = list(self._read(self.write_sample(tmp_path)))
        records = [outcome for outcome in outcomes if isinstance(outcome, Record)]
        assert records
        for record in records:
            self._check(record)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Problem)]

    def test_reading_twice_gives_the_same(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        assert list(self._read(path)) == list(self._read(path))

    def test_one_reader_reads_two_files_at_once(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        alone = list(self._read(path))
        reader, file = self.make_reader(), source_file(path)
        pairs = list(
            zip(reader.read(file, ReadOptions()), reader.read(file, ReadOptions()), strict=True)
        )
        assert [one for one, _ in pairs] == alone
        assert [other for _, other in pairs] == alone

    def test_it_leaves_the_file_and_its_folder_alone(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(tmp_path)))  # noqa: PTH208 - names are enough
        list(self._read(path))
        after = (path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(tmp_path)))  # noqa: PTH208 - names are enough
        assert after == before

    def test_a_file_that_vanished_is_unreadable_and_nothing_else(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        file = source_file(path)
        path.unlink()
        reason: str | None = None
        try:
            list(self.make_reader().read(file, ReadOptions()))
        except UnreadableFileError as error:
            reason = error.reason
        assert reason, "a file that is gone was read without a word"

    def test_a_cut_off_file_raises_nothing_unexpected(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        content = path.read_bytes()
        for step in range(_DAMAGE_STEPS):
            path.write_bytes(content[: len(content) * step // _DAMAGE_STEPS])
            self._read_damaged(path)

    def test_flipped_bytes_raise_nothing_unexpected(self, tmp_path: Path) -> None:
        path = self.write_sample(tmp_path)
        content = path.read_bytes()
        for step in range(_DAMAGE_STEPS):
            at = len(content) * step // _DAMAGE_STEPS
            path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
            self._read_damaged(path)

    def test_a_text_above_the_limit_is_a_problem(self, tmp_path: Path) -> None:
        file = source_file(self.write_sample(tmp_path))
        outcomes = list(self.make_reader().read(file, ReadOptions(max_text_characters=1)))
        assert all(len(outcome.text) <= 1 for outcome in outcomes if isinstance(outcome, Record))
        assert any(isinstance(outcome, Problem) for outcome in outcomes)

    def _read(self, path: Path) -> Iterator[ReadOutcome]:
        return self.make_reader().read(source_file(path), ReadOptions())

    def _read_damaged(self, path: Path) -> None:
        try:
            for outcome in self._read(path):
                assert isinstance(outcome, Record | Skipped | Problem)
                assert outcome.place
                if isinstance(outcome, Record):
                    self._check(outcome)
                else:
                    assert outcome.reason
        except UnreadableFileError:
            return

    @staticmethod
    def _check(record: Record) -> None:
        assert record.text.strip()
        assert record.place
        assert record.occurred_at is None or record.occurred_at.utcoffset() is not None
        assert record.sequence is None or record.sequence >= 0
        for box in record.boxes:
            assert 0 <= box.start < box.stop <= len(record.text)
            assert box.left <= box.right
            assert box.top <= box.bottom
        starts = [mark.start for mark in record.marks]
        assert starts == sorted(starts)
        for mark in record.marks:
            assert 0 <= mark.start <= len(record.text)
            assert mark.label
