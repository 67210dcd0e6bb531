"""What a person has already: chats, vaults, notes and exports on this machine that could come in.

Only names, sizes and dates are looked at here, never what is inside, and nothing is taken in.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_ENTRIES = 20_000
"""A folder is counted up to so many entries; what is more shows as `or more`."""
DOCUMENT_SUFFIXES = frozenset(
    {".md", ".markdown", ".txt", ".text", ".rst", ".org", ".pdf", ".docx", ".pptx", ".xlsx"}
    | {".odt", ".html", ".htm", ".epub", ".eml", ".mbox", ".ics", ".vcf", ".csv"}
)
NOTE_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".org"})
SESSION_SUFFIXES = frozenset({".jsonl", ".json"})
_NOTE_FOLDERS = ("Notes", "notes", "Zettelkasten", "Journal", "wiki")
_DOCUMENT_FOLDERS = ("Documents", "Dokumente")
_VAULT_PLACES = ("", "Documents", "Notes", "Obsidian", "notes", "vaults", "Dokumente")
_EXPORT_FOLDERS = ("Downloads", "Desktop")
_TEXT_BYTES_PER_SECOND = 60_000
"""Taking in, embedding and learning from plain text on two slow cores; a guess meant to be high."""
_FILE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Discovery:
    """One thing that could be taken in."""

    kind: str
    """What it is, for people: `Claude Code sessions`."""
    path: Path
    files: int
    bytes: int
    newest_at: datetime
    """When its newest file was last written, UTC."""
    is_counted_whole: bool = True
    """False where counting stopped at `MOST_ENTRIES`."""
    is_mine: bool = False
    """Whether it is likely the person's own writing."""

    @property
    def seconds(self) -> int:
        """About how long taking it in and learning from it lasts."""
        return max(1, round(self.bytes / _TEXT_BYTES_PER_SECOND + self.files * _FILE_SECONDS))


def discover(
    user_home: Path, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[Discovery]:
    """Yield what is found below a person's home directory, as it is found."""
    sessions = (
        ("Claude Code sessions", user_home / ".claude" / "projects"),
        ("Codex sessions", user_home / ".codex" / "sessions"),
        ("Gemini CLI sessions", user_home / ".gemini" / "tmp"),
    )
    for kind, folder in sessions:
        yield from _counted(kind, folder, SESSION_SUFFIXES, should_stop)
    for name in _EXPORT_FOLDERS:
        yield from _exports(user_home / name)
    vaults: list[Path] = []
    for vault in _vaults(user_home):
        if not should_stop():
            vaults.append(vault)
            yield from _counted("Obsidian vault", vault, NOTE_SUFFIXES, should_stop, is_mine=True)
    for name in _NOTE_FOLDERS:
        notes = user_home / name
        if not _is_within(notes, vaults):
            yield from _counted("notes", notes, NOTE_SUFFIXES, should_stop, is_mine=True)
    for name in _DOCUMENT_FOLDERS:
        yield from _counted(
            "documents", user_home / name, DOCUMENT_SUFFIXES, should_stop, without=vaults
        )


def _is_within(folder: Path, vaults: list[Path]) -> bool:
    resolved = folder.resolve()
    return any(resolved.is_relative_to(vault.resolve()) for vault in vaults)


def _vaults(user_home: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    for name in _VAULT_PLACES:
        place = user_home / name
        for folder in (place, *_folders(place)):
            if (folder / ".obsidian").is_dir() and folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(
            one for one in place.iterdir() if not one.name.startswith(".") and one.is_dir()
        )
    except OSError:  # not there, or not ours to look into
        return []


def _exports(folder: Path) -> Iterator[Discovery]:
    """Yield archives that a chat service made, by the names they come under."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        name = path.name.casefold()
        is_zip = path.suffix.casefold() == ".zip"
        kind = None
        if is_zip and ("chatgpt" in name or _is_hash_export(path.stem)):
            kind = "ChatGPT export"
        elif is_zip and name.startswith("data-") and "batch" in name:
            kind = "Claude export"
        elif name == "conversations.json":
            kind = "chat export"
        if kind is None:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            # Archives of chats pack to about a fifth.
            size = status.st_size * (5 if is_zip else 1)
            yield Discovery(kind, path, 1, size, _moment(status.st_mtime))


def _is_hash_export(stem: str) -> bool:
    """Whether it is named as the service names its exports: 64 hexadecimal digits and a date."""
    digits = stem.partition("-")[0]
    return len(digits) == 64 and all(one in "0123456789abcdef" for one in digits.casefold())


def _counted(
    kind: str,
    folder: Path,
    suffixes: frozenset[str],
    should_stop: Callable[[], bool],
    *,
    is_mine: bool = False,
    without: Sequence[Path] = (),
) -> Iterator[Discovery]:
    if not folder.is_dir():
        return
    left_out = {str(one) for one in without}
    files = size = met = 0
    newest = 0.0
    is_whole = True
    for place, folders, names in os.walk(folder):
        folders[:] = [
            one
            for one in folders
            if not one.startswith(".")
            and one != "node_modules"
            and os.path.join(place, one) not in left_out  # noqa: PTH118 - walk's text
        ]
        for name in names:
            met += 1
            if os.path.splitext(name)[1].casefold() not in suffixes:  # noqa: PTH122 - walk's text
                continue
            try:
                status = os.lstat(Path(place, name))
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                files += 1
                size += status.st_size
                newest = max(newest, status.st_mtime)
        if met > MOST_ENTRIES or should_stop():
            is_whole = False
            break
    if files:
        yield Discovery(kind, folder, files, size, _moment(newest), is_whole, is_mine)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(max(seconds, 0.0), UTC)
