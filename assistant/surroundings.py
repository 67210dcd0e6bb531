"""Where a home lies: its files with their sizes, and whether some program copies it elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.backup import STORE_NAME
from memassist.store.pictures import PICTURES_NAME

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """One thing on the disk."""

    name: str
    """What it is, for people."""
    path: Path
    bytes: int


_SYNCED_NAMES = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "icloud drive": "iCloud",
    "icloud~": "iCloud",
    "com~apple~clouddocs": "iCloud",
    "mobile documents": "iCloud",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud": "pCloud",
}
"""Beginnings of folder names that these programs give to what they copy."""
_SYNCED_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".owncloudsync.log": "Nextcloud",
    ".nextcloudsync.log": "Nextcloud",
}
"""Files and folders that these programs put into what they copy."""


def synced_by(path: Path) -> str | None:
    """Return the name of the program that copies this place to other machines, None for none.

    Two machines that write one SQLite file through such a copy damage it, and the copy outlives
    what is forgotten here.
    """
    for folder in (path, *path.parents):
        name = folder.name.casefold()
        for beginning, program in _SYNCED_NAMES.items():
            # "OneDrive - Company" and "Dropbox (Private)" are theirs, "Dropbox-notes" may be.
            if name == beginning or name.startswith((f"{beginning} ", f"{beginning}~")):
                return program
        for mark, program in _SYNCED_MARKS.items():
            # ~/.dropbox is the program's own folder, not a mark of a copied one.
            is_marked = (folder / mark).exists() and not (
                mark == ".dropbox" and (folder / mark).is_dir()
            )
            if is_marked:
                return program
    return None


def places(home: Path) -> tuple[Place, ...]:
    """Return what lies where: store, pictures, copies, settings with key slots and log, models."""
    from memassist.ingest.embedding.cache import model_cache_dir
    from memassist.store.home import BACKUPS_NAME

    store = home / STORE_NAME
    parts = [store, store.with_name(f"{STORE_NAME}-wal"), store.with_name(f"{STORE_NAME}-shm")]
    copies = home / BACKUPS_NAME
    models = model_cache_dir()
    known = sum(_bytes(part) for part in parts)
    found = [Place("store", store, known)]
    pictures = home / PICTURES_NAME
    sizes = [_bytes(pictures.with_name(f"{PICTURES_NAME}{end}")) for end in ("", "-wal", "-shm")]
    rest = _bytes(home) - known - sum(sizes) - _bytes(copies)
    if pictures.exists():
        found.append(Place("pictures", pictures, sum(sizes)))
    if copies.exists():
        found.append(Place("copies", copies, _bytes(copies)))
    found.append(Place("settings", home, max(rest, 0)))
    if models.exists():
        found.append(Place("models", models, _bytes(models)))
    return tuple(found)


def _bytes(path: Path) -> int:
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(
            os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - as walk gives them
            for folder, _, names in os.walk(path)
            for name in names
        )
    except OSError:  # gone since, or not ours to look into
        return 0
