"""Readers of files: each turns one format into records. They know of nothing but `plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.ingest.readers.chatgpt import ChatGptReader
from memassist.ingest.readers.claude import ClaudeReader
from memassist.ingest.readers.code import CodeReader
from memassist.ingest.readers.documents import document_readers
from memassist.ingest.readers.gemini import GeminiReader
from memassist.ingest.readers.jsonl import JsonLinesReader
from memassist.ingest.readers.markdown import MarkdownReader
from memassist.ingest.readers.notes_zip import NotesZipReader
from memassist.ingest.readers.picture import PictureReader
from memassist.ingest.readers.sessions import ClaudeCodeReader, CodexReader
from memassist.ingest.readers.slack import SlackReader
from memassist.ingest.readers.tables import TableReader
from memassist.ingest.readers.telegram import TelegramReader
from memassist.ingest.readers.text import TextReader
from memassist.ingest.readers.unsupported import UnsupportedReader
from memassist.ingest.readers.whatsapp import WhatsAppReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from memassist.plugins.protocols import Reader
    from memassist.plugins.types import SourceFile


def builtin_readers() -> tuple[Reader, ...]:
    """The readers that come with memassist, in the order in which they are asked."""
    documents: tuple[Reader, ...] = (
        *document_readers(),
        MarkdownReader(),
        TableReader(),
        CodeReader(),
        UnsupportedReader(),
        TextReader(),
    )
    return (
        ChatGptReader(),
        ClaudeReader(),
        ClaudeCodeReader(),
        CodexReader(),
        GeminiReader(),
        SlackReader(),
        TelegramReader(),
        WhatsAppReader(),
        JsonLinesReader(),
        PictureReader(),
        *documents,
        NotesZipReader(documents),
    )


def recognise(file: SourceFile, readers: Iterable[Reader]) -> Reader | None:
    """The reader that is surest of the file, the first of equals; None where none knows it."""
    best: Reader | None = None
    best_score = 0.0
    for reader in readers:
        score = reader.recognises(file)
        if score > best_score:
            best, best_score = reader, score
    return best
