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
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIL = b"From: Ann <ann@example.org>\nTo: Bo <bo@example.org>\nSubject: Trip\n\nWe go.\n"
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
        ("a.zip", b"PK\x03\x04" + bytes(30), "zip"),
        ("a.docx", b"PK\x03\x04" + bytes(30), "zip"),
        ("a.doc", COMPOUND + bytes(600), "unsupported"),
        ("letter.rtf", b"{\\rtf1 words}", "unsupported"),
        ("_chat.txt", IPHONE_CHAT, "whatsapp"),
        ("c.txt", b"6/23/18, 1:55 PM - Ann: hi\n6/23/18, 1:56 PM - Bo: ho\n", "whatsapp"),
        ("diary.txt", b"6/23/18 I met Ann.\n", "text"),
        ("page.html", b"<html>", "html"),
        ("page", b"<!DOCTYPE html><title>x</title>", "html"),
        ("page.html", b"no markup here", "html"),
        ("page", b"<!-- saved from (0014)about:internet -->\n<html>", "html"),
        ("feed", b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', "html"),
        ("make.py", b'print("<html><body>")\n', "code"),
        ("page.php", b"<?php echo 1; ?>\n<html>\n", "code"),
        ("web.md", b"A page begins with `<html>`.\n", "markdown"),
        ("a.pdf", b"%PDF-1.7\n", "pdf"),
        ("renamed.txt", b"%PDF-1.7\n", "pdf"),
        ("a.dat", b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.7\n", "pdf"),
        ("a.pdf", b"rubbish %PDF-1.7\n", "pdf"),
        ("check.py", b'return head.startswith(b"%PDF-1")\n', "code"),
        ("a.eml", MAIL, "mail"),
        ("notes.txt", MAIL, "mail"),
        ("inbox", b"From ann@example.org Mon May  6 10:00:00 2024\n" + MAIL, "mail"),
        ("letter.txt", b"From: Ann\n\nDear Bo, I write to you.\n", "text"),
        ("a.ics", b"BEGIN:VCALENDAR\r\n", "ics"),
        ("a.vcf", b"BEGIN:VCARD\r\n", "vcard"),
        ("contacts", b"begin:vcard\n", "vcard"),
        ("a.csv", b"a,b\n1,2\n", "csv"),
        ("table", b"a;b;c\n1;2;3\n4;5;6\n7;8;9\n1;2;3\n", "csv"),
        ("list", b"one, two\nthree\nfour, five, six\nseven\n", "text"),
        ("prog.py", b"print(1)\n", "code"),
        ("run", b"#!/bin/sh\necho\n", "code"),
        ("prog.py", bytes(range(128, 256)), None),
        ("s.jsonl", b'{"type":"user","sessionId":"s","message":{}}\n', "claude-code"),
        ("s.jsonl", b'{"type":"file-history-snapshot","messageId":"m"}\n', "claude-code"),
        (
            "rollout.jsonl",
            b'{"timestamp":"t","type":"session_meta","payload":{"id":"1"}}\n',
            "codex",
        ),
        ("s.jsonl", b'{"sessionId":"s","projectHash":"h","kind":"main"}\n', "gemini"),
        ("s.json", b'{\n "sessionId": "s",\n "projectHash": "h",\n "messages": []}', "gemini"),
        ("prog.bin", bytes(100), None),
        ("zeros.pdf", bytes(100), "pdf"),
        ("zeros.docx", bytes(100), "docx"),
        ("words.docx", b"only words", "text"),
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


def reader_of(path: Path) -> str | None:
    found = recognise(source_file(path), builtin_readers())
    return found.name if found else None


@pytest.mark.skipif(not EXPORTS.exists(), reason="the shared sample exports are not here")
@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("chatgpt_3_conversations.json", "chatgpt"),
        ("claude_85_conversations_text_blanked.json", "claude"),
        ("claude_small.json", "claude"),
        ("claude_cooking.json", "claude"),
        ("claude_code_session.jsonl", "claude-code"),
        ("slack_export.zip", "slack"),
        ("telegram_synthetic.json", "telegram"),
    ],
)
def test_exports_are_recognised_under_any_name(name: str, reader: str, tmp_path: Path) -> None:
    assert reader_of(EXPORTS / name) == reader
    renamed = tmp_path / "something.txt"
    renamed.write_bytes((EXPORTS / name).read_bytes())
    assert reader_of(renamed) == reader


def test_a_claude_zip_is_not_taken_for_chatgpt(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
        archive.writestr("conversations.json", '[{"uuid": "1", "name": "", "chat_messages": []}]')
    assert reader_of(path) == "claude"


@pytest.mark.parametrize(
    ("part", "reader"),
    [
        ("word/document.xml", "docx"),
        ("ppt/presentation.xml", "pptx"),
        ("xl/workbook.xml", "xlsx"),
        ("META-INF/container.xml", "epub"),
        ("content.xml", "opendocument"),
        ("notes/a.md", "zip"),
    ],
)
def test_a_zip_is_what_is_inside(tmp_path: Path, part: str, reader: str) -> None:
    path = tmp_path / "renamed.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
        if reader == "opendocument":
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    assert reader_of(path) == reader


def test_the_same_path_with_another_zip_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for part, reader in (("word/document.xml", "docx"), ("xl/workbook.xml and more", "zip")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, "x")
        assert reader_of(path) == reader


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (COMPOUND + bytes(600), "Office document of before 2007"),
        (COMPOUND + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted Office"),
        (b"{\\rtf1 words}", "RTF: not supported"),
        (b'{"conversations": [{"responses": []}]}', "Grok export: not supported"),
    ],
)
def test_what_is_known_and_not_read_is_refused_by_name(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.file"
    path.write_bytes(content)
    assert reason in refusal(path)


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
