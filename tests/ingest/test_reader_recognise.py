"""Which reader takes which file, by content."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from memassist.ingest.files import walk
from memassist.ingest.readers import builtin_readers, recognise
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import ReadOptions, Skipped, SourceFile

EXPORTS = Path(__file__).parents[3] / "shared/data/exports"

IPHONE_CHAT = b"[23/06/2018, 13:55:10] Ann: hi\n[23/06/2018, 13:56:10] Bo: ho\n"
CHATGPT = json.dumps([{"title": "x", "mapping": {}, "current_node": "a"}]).encode()


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("a.jsonl", b'{"text": "x"}\n', "jsonl"),
        ("a.dat", b'{"text": "x"}\n{"text": "y"}\n', "jsonl"),
        ("a.jsonl", b"broken first line\n", "jsonl"),
        ("conversations.json", CHATGPT, "chatgpt"),
        ("conversations-007.json", CHATGPT[:30], "chatgpt"),
        ("renamed.txt", CHATGPT, "chatgpt"),
        ("a.md", b"# A", "markdown"),
        ("a.txt", b"words", "text"),
        ("README", b"words", "text"),
        ("b.unknown", b"words", "text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(30), "picture"),
        ("a.json", b'{"a": 1}', "unsupported"),
        ("a.zip", b"PK\x03\x04" + bytes(30), "unsupported"),
        (
            "_chat.txt",
            IPHONE_CHAT,
            "unsupported",
        ),
        ("c.txt", b"6/23/18, 1:55 PM - Ann: hi\n6/23/18, 1:56 PM - Bo: ho\n", "unsupported"),
        ("diary.txt", b"6/23/18 I met Ann.\n", "text"),
        ("page.html", b"<html>", None),
        ("prog.bin", bytes(100), None),
        ("a.docx", b"PK\x03\x04" + bytes(30), None),
        ("a.pdf", b"%PDF-1.7\n", None),
    ],
)
def test_files_are_recognised_by_their_content(
    tmp_path: Path, name: str, content: bytes, reader: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = recognise(source_file(path), builtin_readers())
    assert (found.name if found else None) == reader


def refusal(path: Path) -> str:
    (file,) = walk(path)
    assert isinstance(file, SourceFile)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    with pytest.raises(UnreadableFileError) as caught:
        list(reader.read(file, ReadOptions()))
    assert caught.value.advice
    return caught.value.reason


@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not here")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("claude_85_conversations_text_blanked.json", "Claude export: not supported yet"),
        ("claude_small.json", "Claude export: not supported yet"),
        ("claude_cooking.json", "Claude export: not supported yet"),
        ("claude_code_session.jsonl", "Claude Code session: not supported yet"),
        ("slack_export.zip", "Slack export: not supported yet"),
        ("telegram_synthetic.json", "Telegram export: not supported yet"),
    ],
)
def test_exports_of_other_programs_are_refused_once_and_by_name(name: str, reason: str) -> None:
    assert refusal(EXPORTS / name) == reason


def test_a_claude_zip_is_not_taken_for_chatgpt(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
        archive.writestr("conversations.json", '[{"uuid": "1", "name": "", "chat_messages": []}]')
    assert refusal(path) == "Claude export: not supported yet"


def test_broken_json_of_no_known_format_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": [1, 2')
    assert "broken JSON" in refusal(path)


def test_good_json_of_no_known_format_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b'{"a": [1, 2]}')
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    assert list(reader.read(file, ReadOptions())) == [
        Skipped("settings.json", "JSON of no known format")
    ]
