"""Every built-in reader keeps the contract that is shipped for plugin authors."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from memassist.ingest.readers import builtin_readers
from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.ingest.readers.claude import ClaudeReader
from memassist.ingest.readers.code import CodeReader
from memassist.ingest.readers.gemini import GeminiReader
from memassist.ingest.readers.jsonl import JsonLinesReader
from memassist.ingest.readers.markdown import MarkdownReader
from memassist.ingest.readers.picture import PictureReader
from memassist.ingest.readers.sessions import ClaudeCodeReader, CodexReader
from memassist.ingest.readers.slack import SlackReader
from memassist.ingest.readers.tables import TableReader
from memassist.ingest.readers.telegram import TelegramReader
from memassist.ingest.readers.text import TextReader
from memassist.ingest.readers.whatsapp import WhatsAppReader
from memassist.plugins.testing.reader import ReaderContract

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

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


class TestClaude(ReaderContract):
    def make_reader(self) -> Reader:
        return ClaudeReader()

    def write_sample(self, folder: Path) -> Path:
        turn = {
            "uuid": "m1",
            "sender": "human",
            "text": "",
            "content": [{"type": "text", "text": "The boiler is from 1998."}],
            "created_at": "2024-05-06T10:00:00Z",
        }
        path = folder / "conversations.json"
        path.write_text(json.dumps([{"uuid": "c1", "name": "x", "chat_messages": [turn]}]), "utf-8")
        return path


class TestClaudeCode(ReaderContract):
    def make_reader(self) -> Reader:
        return ClaudeCodeReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "session.jsonl"
        line = {"type": "user", "sessionId": "s", "uuid": "u", "message": {"content": "Fix it"}}
        path.write_text(json.dumps(line) + "\n", "utf-8")
        return path


class TestCodex(ReaderContract):
    def make_reader(self) -> Reader:
        return CodexReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "rollout.jsonl"
        turn = {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Go on"}],
        }
        lines = [
            {"type": "session_meta", "payload": {"id": "1"}},
            {"type": "response_item", "timestamp": "2025-10-29T00:59:38Z", "payload": turn},
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return path


class TestGemini(ReaderContract):
    def make_reader(self) -> Reader:
        return GeminiReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "session.jsonl"
        lines = [
            {"sessionId": "s", "projectHash": "h"},
            {"id": "m", "type": "user", "content": "Go on", "timestamp": "2026-05-01T10:00:00Z"},
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return path


class TestSlack(ReaderContract):
    def make_reader(self) -> Reader:
        return SlackReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "slack.zip"
        day = [{"type": "message", "user": "U1", "text": "Good morning", "ts": "1715000000.0001"}]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("users.json", json.dumps([{"id": "U1", "name": "ann"}]))
            archive.writestr("channels.json", json.dumps([{"id": "C1", "name": "all"}]))
            archive.writestr("all/2024-05-06.json", json.dumps(day))
        return path


class TestTelegram(ReaderContract):
    def make_reader(self) -> Reader:
        return TelegramReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "result.json"
        message = {"id": 1, "type": "message", "date_unixtime": "1736937000", "text": "Hello"}
        chat = {"name": "Bo", "type": "personal_chat", "id": 5, "messages": [message]}
        path.write_text(json.dumps(chat), "utf-8")
        return path


class TestWhatsApp(ReaderContract):
    def make_reader(self) -> Reader:
        return WhatsAppReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "WhatsApp Chat with Bo.txt"
        path.write_text("23/06/2018, 13:55 - Ann: hi\n23/06/2018, 13:56 - Bo: ho ho\n", "utf-8")
        return path


class TestTable(ReaderContract):
    def make_reader(self) -> Reader:
        return TableReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "costs.csv"
        path.write_text("Item,Euro\nRent,900\n", "utf-8")
        return path


class TestCode(ReaderContract):
    def make_reader(self) -> Reader:
        return CodeReader()

    def write_sample(self, folder: Path) -> Path:
        path = folder / "tool.py"
        path.write_text("import os\n\nprint(os.name)\n", "utf-8")
        return path


class TestNotesZip(ReaderContract):
    def make_reader(self) -> Reader:
        return next(reader for reader in builtin_readers() if reader.name == "zip")

    def write_sample(self, folder: Path) -> Path:
        path = folder / "notes.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("notes/trip.md", "# Trip\n\nTo Bergen by train.\n")
        return path


class DocumentContract(ReaderContract):
    """Of readers whose parser runs in a process of its own."""

    name = ""

    @pytest.fixture(autouse=True)
    def _maker(self, make: ModuleType) -> None:
        self.make = make

    def make_reader(self) -> Reader:
        return next(reader for reader in builtin_readers() if reader.name == self.name)


class TestPdf(DocumentContract):
    name = "pdf"

    def write_sample(self, folder: Path) -> Path:
        self.make.pdf(folder / "a.pdf", ["The first page", "The second page"])
        return folder / "a.pdf"


class TestWord(DocumentContract):
    name = "docx"

    def write_sample(self, folder: Path) -> Path:
        self.make.word(folder / "a.docx", [("Aims", ["To build a shed."])])
        return folder / "a.docx"


class TestSlides(DocumentContract):
    name = "pptx"

    def write_sample(self, folder: Path) -> Path:
        self.make.slides(folder / "a.pptx", [("Start", "To build a shed.")])
        return folder / "a.pptx"


class TestSpreadsheet(DocumentContract):
    name = "xlsx"

    def write_sample(self, folder: Path) -> Path:
        self.make.sheets(folder / "a.xlsx", {"Costs": [["Shed", 900]]})
        return folder / "a.xlsx"


class TestOpenDocument(DocumentContract):
    name = "opendocument"

    def write_sample(self, folder: Path) -> Path:
        self.make.open_document(folder / "a.odt", "text", "<text:p>To build a shed.</text:p>")
        return folder / "a.odt"


class TestBook(DocumentContract):
    name = "epub"

    def write_sample(self, folder: Path) -> Path:
        self.make.book(folder / "a.epub", [("One", "It was a dark night.")])
        return folder / "a.epub"


class TestPage(DocumentContract):
    name = "html"

    def write_sample(self, folder: Path) -> Path:
        self.make.page(folder / "a.html", "Sheds", "They are made of wood.")
        return folder / "a.html"


class TestMail(DocumentContract):
    name = "mail"

    def write_sample(self, folder: Path) -> Path:
        (folder / "a.eml").write_bytes(bytes(self.make.message("Shed", "It is made of wood.")))
        return folder / "a.eml"


class TestMailbox(DocumentContract):
    name = "mail"

    def write_sample(self, folder: Path) -> Path:
        self.make.mailbox_of(
            folder / "a.mbox",
            [self.make.message("One", "first"), self.make.message("Two", "second", number=2)],
        )
        return folder / "a.mbox"


class TestCalendar(DocumentContract):
    name = "ics"

    def write_sample(self, folder: Path) -> Path:
        self.make.calendar(folder / "a.ics", [("Dentist", "Bring the card.")])
        return folder / "a.ics"


class TestContacts(DocumentContract):
    name = "vcard"

    def write_sample(self, folder: Path) -> Path:
        self.make.contacts(folder / "a.vcf", [("Ann", "Likes tea."), ("Bo", "Likes coffee.")])
        return folder / "a.vcf"


def test_the_names_of_the_readers_are_all_different() -> None:
    names = [reader.name for reader in builtin_readers()]
    assert len(set(names)) == len(names)
