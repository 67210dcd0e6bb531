"""Every built-in reader keeps the contract that is shipped for plugin authors."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from memassist.ingest.readers import builtin_readers
from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.ingest.readers.jsonl import JsonLinesReader
from memassist.ingest.readers.markdown import MarkdownReader
from memassist.ingest.readers.picture import PictureReader
from memassist.ingest.readers.text import TextReader
from memassist.plugins.testing.reader import ReaderContract

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.protocols import Reader


def small_export() -> str:
    def node(node_id: str, parent: str | None, child: str | None, text: str) -> dict[str, object]:
        message = {
            "id": node_id,
            "author": {"role": "user"},
            "create_time": 1_700_000_000.5,
            "content": {"content_type": "text", "parts": [text]},
        }
        return {
            "id": node_id,
            "message": message,
            "parent": parent,
            "children": [child] if child else [],
        }

    conversation = {
        "title": "Boiler",
        "conversation_id": "c-1",
        "create_time": 1_700_000_000,
        "mapping": {
            "m-1": node("m-1", None, "m-2", "The boiler is from 1998."),
            "m-2": node("m-2", "m-1", None, "It loses pressure."),
        },
        "current_node": "m-2",
    }
    return json.dumps([conversation, conversation | {"conversation_id": "c-2"}])


class TestJsonLines(ReaderContract):
    def make_reader(self) -> Reader:
        return JsonLinesReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "chat.jsonl"
        lines = [
            {"text": "Grüße aus Leeds", "occurred_at": "2024-05-06T10:00:00Z", "ref": "a:1"},
            {"text": "How was it?", "author": "Ann", "conversation": "c1", "role": "user"},
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path


class TestChatGptJson(ReaderContract):
    def make_reader(self) -> Reader:
        return ChatGptReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "conversations.json"
        path.write_text(small_export(), encoding="utf-8")
        return path


class TestChatGptZip(ReaderContract):
    def make_reader(self) -> Reader:
        return ChatGptReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("user.json", "{}")
            archive.writestr("conversations.json", small_export())
        return path


class TestMarkdown(ReaderContract):
    def make_reader(self) -> Reader:
        return MarkdownReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "2024-05-06 Trip.md"
        path.write_text("---\ntags: [travel]\n---\n# Trip\n\nTo Bergen by train.\n", "utf-8")
        return path


class TestText(ReaderContract):
    def make_reader(self) -> Reader:
        return TextReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "notes.txt"
        path.write_text("Buy oat milk — two litres.\n", "utf-8")
        return path


class TestPicture(ReaderContract):
    def make_reader(self) -> Reader:
        return PictureReader()

    def write_sample(self, folder: Path) -> Path:
        from PIL import Image, ImageDraw, ImageFont

        path = folder / "screen.png"
        picture = Image.new("RGB", (420, 60), "white")
        ImageDraw.Draw(picture).text(
            (10, 12), "Heat pump offer", "black", ImageFont.load_default(32)
        )
        picture.save(path)
        return path


def test_the_names_of_the_readers_are_all_different() -> None:
    names = [reader.name for reader in builtin_readers()]
    assert len(set(names)) == len(names)
