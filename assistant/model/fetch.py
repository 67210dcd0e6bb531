"""Brings a GGUF file from the hub to this machine: `memassist model pull OWNER/NAME/FILE.gguf`.

Nothing asks for one but that command. The hub keeps large files beside small ones that tell their
size and sum (Git LFS pointers): that one is read first, and a file that is not it is not kept.
Format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

from __future__ import annotations

import re
import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from memassist.ingest.embedding.cache import model_cache_dir
from memassist.ingest.embedding.download import HUB_URL, Progress, download, download_file
from memassist.ingest.embedding.errors import ModelDownloadError

if TYPE_CHECKING:
    from pathlib import Path

ENDING = ".gguf"
_NAME = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w.-]+)+\.gguf")
_POINTER = re.compile(rb"version \S+\noid sha256:([0-9a-f]{64})\nsize (\d+)\n")
_MAX_POINTER_BYTES = 1_000
_ROOM = 1.02
"""Free space wanted, in sizes of the file."""


def files_dir() -> Path:
    """Return where fetched files are kept."""
    return model_cache_dir() / "gguf"


def fetch_file(
    wanted: str,
    folder: Path | None = None,
    *,
    base_url: str = HUB_URL,
    progress: Progress | None = None,
) -> Path:
    """Fetch `OWNER/NAME/FILE.gguf` and return where it is; one that is there already is kept.

    Raises `ModelDownloadError` and `ModelDamagedError`.
    """
    path = PurePosixPath(wanted)
    if _NAME.fullmatch(wanted) is None or ".." in path.parts:
        raise ModelDownloadError(
            f"{wanted} is not of the form OWNER/NAME/FILE.gguf",
            "It is what the hub's page of the file has in its address.",
        )
    if "-of-" in path.stem:
        raise ModelDownloadError(
            f"{path.name} is one of several parts of a model", "Choose a file of one part."
        )
    repository, inside = "/".join(path.parts[:2]), "/".join(path.parts[2:])
    told = download(
        f"{base_url}/{repository}/raw/main/{inside}", sha256=None, max_bytes=_MAX_POINTER_BYTES
    )
    pointer = _POINTER.match(told)
    if pointer is None:
        raise ModelDownloadError(f"the hub does not tell the sum of {path.name}")
    target = (folder or files_dir()) / path.name
    size_bytes = int(pointer[2])
    if target.is_file() and target.stat().st_size == size_bytes:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(target.parent).free
    if size_bytes * _ROOM > free_bytes:
        raise ModelDownloadError(
            f"{path.name} takes {size_bytes / 1e9:.1f} GB, and {free_bytes / 1e9:.1f} GB are free",
            "Make room, or choose a smaller file.",
        )
    download_file(
        f"{base_url}/{repository}/resolve/main/{inside}",
        target,
        sha256=pointer[1].decode(),
        max_bytes=size_bytes,
        progress=progress,
    )
    return target
