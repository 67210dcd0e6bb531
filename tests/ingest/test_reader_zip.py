"""Zip files: read in place, and never trusted."""

from __future__ import annotations

import json
import random
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from memassist.ingest.readers import builtin_readers, recognise
from memassist.ingest.readers.archive import CountedEntry, EntryError
from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome


def conversations(*names: str) -> str:
    return json.dumps(
        [
            {
                "conversation_id": name,
                "title": name,
                "mapping": {
                    f"m-{name}": {
                        "message": {
                            "id": f"m-{name}",
                            "author": {"role": "user"},
                            "content": {"content_type": "text", "parts": [f"text of {name}"]},
                        },
                        "parent": None,
                        "children": [],
                    }
                },
            }
            for name in names
        ]
    )


def pack(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def read(path: Path) -> list[ReadOutcome]:
    """With whichever reader recognises it."""
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    return list(reader.read(file, ReadOptions()))


def texts(outcomes: list[ReadOutcome]) -> list[str]:
    return [outcome.text for outcome in outcomes if isinstance(outcome, Record)]


def test_an_export_is_recognised_also_inside_a_folder_and_with_junk_around(path: Path) -> None:
    pack(
        path,
        {
            "__MACOSX/export/._conversations.json": b"\x00\x05\x16\x07",
            "export/": "",
            "export/conversations.json": conversations("a"),
            "export/chat.html": "<html>",
        },
    )
    assert ChatGptReader().recognises(source_file(path)) > 0.9
    outcomes = read(path)
    assert texts(outcomes) == ["text of a"]
    assert [outcome for outcome in outcomes if not isinstance(outcome, Record)] == [
        Skipped("export/chat.html", "other file of the export")
    ]


def test_shards_are_read_in_the_order_of_their_numbers(path: Path) -> None:
    pack(
        path,
        {f"conversations-{number:03}.json": conversations(str(number)) for number in (10, 2, 0, 1)},
    )
    assert texts(read(path)) == [f"text of {number}" for number in (0, 1, 2, 10)]


def test_a_message_is_the_same_item_from_the_zip_and_from_the_bare_file(
    path: Path, tmp_path: Path
) -> None:
    pack(path, {"conversations.json": conversations("a"), "user.json": '{"id": "user-1"}'})
    bare = tmp_path / "conversations.json"
    bare.write_text(conversations("a"), encoding="utf-8")

    def identities(found: Path) -> list[tuple[str, str | None, str | None]]:
        return [
            (one.account, one.conversation, one.native_id)
            for one in read(found)
            if isinstance(one, Record)
        ]

    assert identities(path) == identities(bare) == [("chatgpt", "a", "m-a")]


def test_entries_that_lead_out_are_problems_and_the_rest_is_read(path: Path) -> None:
    names = ["../conversations.json", "/etc/passwd", "..\\x.txt", "C:\\x.txt", "a/../../b.txt"]
    pack(
        path,
        {"conversations.json": conversations("a")} | {name: conversations("b") for name in names},
    )
    outcomes = read(path)
    assert texts(outcomes) == ["text of a"]
    problems = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert {problem.reason for problem in problems} == {"name leads out of the zip"}
    assert len(problems) == len(names)
    assert sorted(path.parent.iterdir()) == [path]


def test_a_zip_of_nothing_but_entries_that_lead_out_is_only_problems(path: Path) -> None:
    pack(path, {"../../conversations.json": conversations("a"), "../x": "y"})
    outcomes = read(path)
    assert outcomes
    assert all(isinstance(outcome, Problem) for outcome in outcomes)


def test_a_zip_bomb_is_a_problem_and_is_not_unpacked(path: Path) -> None:
    pack(path, {"conversations-000.json": conversations("a")})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations-001.json", "w") as stream,
    ):
        for _ in range(150):
            stream.write(b" " * 1_000_000)
    record, problem = read(path)
    assert isinstance(record, Record)
    assert isinstance(problem, Problem)
    assert problem.place == "conversations-001.json"
    assert "zip bomb" in problem.reason


def test_a_bomb_in_any_other_zip_is_named_too(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros.bin", "w") as stream,
    ):
        for _ in range(101):
            stream.write(bytes(1_000_000))
    (problem,) = read(path)
    assert isinstance(problem, Problem)
    assert "zip bomb" in problem.reason


def test_more_bytes_than_an_entry_may_give_stop_its_reading(path: Path) -> None:
    pack(path, {"a": b"x" * 5000})
    with zipfile.ZipFile(path) as archive, archive.open("a") as stream:
        counted = CountedEntry(stream, 30, budget_bytes=4000)
        assert counted.read(3000) == b"x" * 3000
        with pytest.raises(EntryError, match="zip bomb"):
            counted.read(3000)


def test_an_encrypted_zip_is_refused_with_advice(path: Path) -> None:
    pack(path, {"conversations.json": conversations("a")})
    content = bytearray(path.read_bytes())
    # The flag stands in the local header and in the directory.
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="encrypted") as caught:
        read(path)
    assert "password" in caught.value.advice


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_zip_is_refused(path: Path, kept: float) -> None:
    pack(path, {"conversations.json": conversations(*map(str, range(50)))})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(UnreadableFileError, match="damaged or cut-off zip"):
        read(path)


def test_damage_inside_an_entry_keeps_what_was_before_and_the_other_entries(path: Path) -> None:
    many = conversations(*(random.Random(n).randbytes(40).hex() for n in range(20_000)))
    pack(path, {"conversations-000.json": many, "conversations-001.json": conversations("z")})
    content = bytearray(path.read_bytes())
    middle = content.index(b"conversations-001.json") // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(content)
    outcomes = read(path)
    found = texts(outcomes)
    problems = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert len(found) > 1000
    assert found[-1] == "text of z"
    assert problems
    assert "damaged" in problems[-1].reason


def test_text_that_was_altered_in_the_zip_is_reported(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        # More than is read at once follows the end of the array, and then the checksum.
        archive.writestr("conversations.json", conversations("a") + " " * 2_000_000)
    path.write_bytes(path.read_bytes().replace(b"text of a", b"text of b"))
    record, problem = read(path)
    assert isinstance(record, Record)
    assert isinstance(problem, Problem)
    assert "damaged" in problem.reason


def test_a_small_entry_with_a_wrong_checksum_is_a_problem_of_the_export(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("conversations.json", conversations("a"))
    path.write_bytes(path.read_bytes().replace(b"text of a", b"text of b"))
    (problem,) = read(path)
    assert isinstance(problem, Problem)
    assert (problem.place, "damaged" in problem.reason) == ("conversations.json", True)


def test_a_directory_of_unbelievable_size_is_refused_before_it_is_read(path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 13 << 20, 0, 0)
    path.write_bytes(b"PK\x03\x04" + bytes(13 << 20) + end)
    with pytest.raises(UnreadableFileError, match="too many entries"):
        ChatGptReader().read(source_file(path), ReadOptions()).__next__()


def test_an_unknown_zip_is_read_as_the_documents_in_it(path: Path) -> None:
    pack(path, {"notes/a.md": "# A"})
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    (record,) = reader.read(file, ReadOptions())
    assert isinstance(record, Record)
    assert (record.text, record.title, record.place) == ("# A", "A", "notes/a.md")
