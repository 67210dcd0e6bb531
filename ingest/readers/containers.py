"""Which format a zip holds, by what is inside."""

from __future__ import annotations

import functools
import re
import zipfile
from typing import TYPE_CHECKING

from memassist.ingest.readers.archive import DAMAGE, entry_head, is_zip, open_archive
from memassist.ingest.readers.opening import HEAD_BYTES
from memassist.ingest.readers.sources import open_source
from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import SourceFile

_SLACK_DAY = re.compile(r"(?:^|/)[^/]+/\d{4}-\d\d-\d\d\.json$")
_TELEGRAM_KEYS = re.compile(rb'"(?:messages|personal_information|chats)"')
WHATSAPP_NAME = re.compile(r"(?:^|/)(?:_chat|WhatsApp Chat[^/]*)\.txt$")


def is_junk(name: str) -> bool:
    """What macOS adds to a zip, and the folders themselves."""
    return name.endswith("/") or "__MACOSX/" in name or name.rpartition("/")[2].startswith(".")


def kind_of_zip(file: SourceFile) -> str | None:
    """The name of the format that a zip is: `docx`, `slack`, `claude`; None for any other file."""
    if not is_zip(file.head):
        return None
    if file.entry is not None:
        return _kind_of_entry(file)
    try:
        status = file.path.stat()
    except OSError:
        return None
    return _kind(file.path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _kind(path: Path, size_bytes: int, changed_ns: int) -> str | None:
    """Every reader asks the same of the same file; size and time tell one file from another."""
    del size_bytes, changed_ns
    try:
        with open_archive(path) as archive:
            return _kind_inside(archive)
    except UnreadableFileError:
        return None


def _kind_of_entry(file: SourceFile) -> str | None:
    """Of a zip in a zip only documents are told: no export comes packed twice."""
    try:
        with open_source(file) as stream, zipfile.ZipFile(stream) as archive:
            kind = _kind_inside(archive)
    except (UnreadableFileError, *DAMAGE, ValueError):
        return None
    return kind if kind in ("docx", "pptx", "xlsx", "epub", "opendocument") else None


def _kind_inside(archive: zipfile.ZipFile) -> str | None:
    names = [name for name in archive.namelist() if not is_junk(name)]
    present = set(names)
    for part, kind in (
        ("word/document.xml", "docx"),
        ("ppt/presentation.xml", "pptx"),
        ("xl/workbook.xml", "xlsx"),
        ("META-INF/container.xml", "epub"),
    ):
        if part in present:
            return kind
    if "mimetype" in present and "content.xml" in present:
        return "opendocument"
    files = {name.rpartition("/")[2] for name in names}
    # Which lists there are depends on who exported what.
    lists = {"channels.json", "dms.json", "groups.json", "mpims.json"} & set(files)
    has_users = "users.json" in files
    if (lists and has_users) or ((lists or has_users) and any(map(_SLACK_DAY.search, names))):
        return "slack"
    for entry in archive.infolist():
        if is_junk(entry.filename):
            continue
        base = entry.filename.rpartition("/")[2]
        if base in ("conversations.json", "result.json"):
            head = entry_head(archive, entry, HEAD_BYTES) or b""
            if b'"chat_messages"' in head:
                return "claude"
            if base == "result.json" and _TELEGRAM_KEYS.search(head):
                return "telegram"
        if WHATSAPP_NAME.search(entry.filename):
            return "whatsapp"
    return None
