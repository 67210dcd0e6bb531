"""Where a home lies, and what lies around it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.assistant.discover import discover
from memassist.assistant.surroundings import places, synced_by

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        ("Dropbox/notes", "Dropbox"),
        ("Dropbox (Private)/memory", "Dropbox"),
        ("OneDrive - Company/x", "OneDrive"),
        ("Library/Mobile Documents/com~apple~CloudDocs/m", "iCloud"),
        ("Google Drive/My Drive/m", "Google Drive"),
        ("Nextcloud/m", "Nextcloud"),
        ("Dropbox-notes/m", None),
        ("projects/onedriver/m", None),
        (".local/share/memassist", None),
    ],
)
def test_folders_that_are_copied_elsewhere_are_known_by_name(
    tmp_path: Path, folder: str, program: str | None
) -> None:
    assert synced_by(tmp_path / folder) == program


@pytest.mark.parametrize(
    ("mark", "program"), [(".stfolder", "Syncthing"), (".owncloudsync.log", "Nextcloud")]
)
def test_folders_that_are_copied_elsewhere_are_known_by_their_marks(
    tmp_path: Path, mark: str, program: str
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert synced_by(tmp_path / "a" / "b") is None
    (tmp_path / "a" / mark).mkdir()
    assert synced_by(tmp_path / "a" / "b") == program


def test_dropboxs_own_folder_in_a_persons_home_is_no_mark(tmp_path: Path) -> None:
    (tmp_path / ".dropbox").mkdir()
    assert synced_by(tmp_path / "notes") is None


def test_places_add_up_to_what_lies_on_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Memory.create(home, routes=[]) as memory:
        memory.add("Something to weigh.")
        found = {one.name: one.bytes for one in places(home)}
        total = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    assert found["store"] > 0
    assert found["store"] + found["settings"] + found.get("copies", 0) == total


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert list(discover(tmp_path)) == []
    assert list(discover(tmp_path / "missing")) == []


def test_hidden_and_foreign_files_are_not_counted(tmp_path: Path) -> None:
    notes = tmp_path / "Notes"
    for name in ("a.md", "b.txt", "c.jpg", ".hidden/d.md", "node_modules/e.md"):
        path = notes / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 10)
    (notes / "link.md").symlink_to("/etc/hostname")
    os.utime(notes / "a.md", (2_000_000_000, 2_000_000_000))
    [found] = discover(tmp_path)
    assert (found.kind, found.files, found.bytes, found.is_mine) == ("notes", 2, 20, True)
    assert found.newest_at.year == 2033
    assert found.seconds >= 1


def test_export_under_the_name_the_service_gives_it_is_found(tmp_path: Path) -> None:
    downloads = tmp_path / "Downloads"
    downloads.mkdir()
    for name in (f"{'0a' * 32}-2026-05-01-10-00-00-abc.zip", "data-2026-05-01-batch-0000.zip"):
        (downloads / name).write_bytes(b"PK")
    (downloads / "holiday.zip").write_bytes(b"PK")
    assert [one.kind for one in discover(tmp_path)] == ["ChatGPT export", "Claude export"]


def test_search_of_a_machine_ends_when_it_is_no_longer_wanted(tmp_path: Path) -> None:
    (tmp_path / "Notes").mkdir()
    (tmp_path / "Notes" / "a.md").write_text("x")
    assert all(not one.is_counted_whole for one in discover(tmp_path, lambda: True))
