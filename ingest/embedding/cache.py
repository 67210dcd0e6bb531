"""The model cache: one directory for each model, complete or not there at all.

A model directory holds `model.onnx`, `tokenizer.json` and `manifest.json` with their sizes and
sums. It is filled beside its place and moved there in one step, so a reader sees all of it or
nothing, also with several processes and after a kill; `read_model` checks sizes and sums on every
read (about 20 ms for 24 MB), which is why nothing here waits for the disk.
Directories are 0700 and files 0600: which models a person uses is theirs to tell.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.ingest.embedding.errors import ModelCacheError, ModelDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CACHE_VARIABLE = "MEMASSIST_MODEL_CACHE"
GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "manifest.json"

Pooling: TypeAlias = Literal["graph", "mean", "cls"]
"""How token vectors become one: inside the graph, by their mean, or the first token's."""

_STAGING_PREFIX = ".staging-"
_STAGING_LIFE_SECONDS = 3600
_MANIFEST_FORMAT = 1
_FILES = (GRAPH_FILE, TOKENIZER_FILE)


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What is known of a model without loading it."""

    name: str
    """What a person calls it: `all-MiniLM-L6-v2`."""
    model_id: str
    """Name, revision, dimensions and number format; vectors of one id are comparable."""
    dimensions: int
    max_tokens: int
    """Longer texts are cut; special tokens count."""
    pooling: Pooling
    origin: str
    """Where it came from, for people."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model read into memory, its sums checked."""

    description: ModelDescription
    graph: bytes
    tokenizer: bytes


def model_cache_dir() -> Path:
    """Return where models are kept: `MEMASSIST_MODEL_CACHE`, else the user's cache directory."""
    if override := os.environ.get(CACHE_VARIABLE):
        return Path(override)
    from platformdirs import user_cache_path

    return user_cache_path("memassist", appauthor=False) / "models"


def list_models(cache_dir: Path) -> list[tuple[Path, ModelDescription]]:
    """Return the models in the cache, newest first; broken ones are left out, not looked into."""
    found = []
    for manifest in cache_dir.glob(f"*/{MANIFEST_FILE}"):
        # A directory that is being replaced or is damaged is no model; reading it would say why.
        with contextlib.suppress(OSError, ModelDamagedError):
            if not manifest.parent.name.startswith("."):
                found.append(
                    (manifest.stat().st_mtime, manifest.parent, _read_manifest(manifest.parent)[0])
                )
    found.sort(key=lambda entry: entry[0], reverse=True)
    return [(directory, description) for _, directory, description in found]


def read_model(directory: Path) -> ModelFiles:
    """Read a model and check it against its manifest.

    Raises FileNotFoundError where there is none, `ModelDamagedError` where it is not what its
    manifest says.
    """
    description, expected = _read_manifest(directory)
    contents = {}
    for name in _FILES:
        try:
            data = (directory / name).read_bytes()
        except FileNotFoundError as error:
            raise _damaged(directory, f"{name} is missing") from error
        if hashlib.sha256(data).hexdigest() != expected.get(name):
            raise _damaged(directory, f"{name} does not match its checksum")
        contents[name] = data
    return ModelFiles(description, contents[GRAPH_FILE], contents[TOKENIZER_FILE])


@contextlib.contextmanager
def staging(cache_dir: Path) -> Iterator[Path]:
    """Give a private directory inside the cache, gone afterwards unless `install_model` took it.

    Also clears what a killed process left an hour ago or earlier. Raises `ModelCacheError`.
    """
    _make_cache(cache_dir)
    for leftover in cache_dir.glob(f"{_STAGING_PREFIX}*"):
        # Another process may be clearing it too.
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STAGING_LIFE_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)
    try:
        directory = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=cache_dir))
    except OSError as error:
        raise _unwritable(cache_dir, error) from error
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def install_model(
    cache_dir: Path, directory_name: str, description: ModelDescription, files: Mapping[str, bytes]
) -> ModelFiles:
    """Put a model in its place and return it; what was there before is replaced.

    `files` has exactly `model.onnx` and `tokenizer.json`. Where another process puts the same
    model there meanwhile, either of the two stays. Raises `ModelCacheError`.
    """
    target = cache_dir / directory_name
    with staging(cache_dir) as directory:
        manifest = {
            "format": _MANIFEST_FORMAT,
            **asdict(description),
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
                for name, data in files.items()
            },
        }
        try:
            fresh = directory / "new"
            fresh.mkdir(mode=0o700)
            for name, data in files.items():
                write_private(fresh / name, data)
            write_private(fresh / MANIFEST_FILE, json.dumps(manifest, indent=1).encode())
            _swap(fresh, target, directory / "old")
        except OSError as error:
            raise _unwritable(cache_dir, error) from error
    return ModelFiles(description, files[GRAPH_FILE], files[TOKENIZER_FILE])


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _swap(fresh: Path, target: Path, old: Path) -> None:
    # A directory can only be renamed onto an empty one, so what stands there is moved off first;
    # a few rounds, as another process may be doing the same.
    for _ in range(10):
        with contextlib.suppress(FileNotFoundError):
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if not target.exists():
                raise
            shutil.rmtree(old, ignore_errors=True)
            continue
        return
    # The others keep winning, so the model is in place already.


def _make_cache(cache_dir: Path) -> None:
    try:
        cache_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        cache_dir.mkdir(mode=0o700, exist_ok=True)
        status = cache_dir.stat()
    except OSError as error:
        raise _unwritable(cache_dir, error) from error
    # Whoever owns the directory can swap the models in it.
    if os.name == "posix" and status.st_uid not in (0, os.geteuid()):
        raise ModelCacheError(
            f"the model cache {cache_dir} belongs to another user",
            f"Set {CACHE_VARIABLE} to a directory of your own.",
        )


def _read_manifest(directory: Path) -> tuple[ModelDescription, dict[str, str]]:
    raw = (directory / MANIFEST_FILE).read_bytes()
    try:
        manifest = json.loads(raw)
        if manifest["format"] != _MANIFEST_FORMAT:
            raise _damaged(directory, "it was written by another version")
        pooling = manifest["pooling"]
        if pooling not in ("graph", "mean", "cls"):
            raise ValueError(pooling)
        description = ModelDescription(
            name=str(manifest["name"]),
            model_id=str(manifest["model_id"]),
            dimensions=int(manifest["dimensions"]),
            max_tokens=int(manifest["max_tokens"]),
            pooling=pooling,
            origin=str(manifest["origin"]),
        )
        sums = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(directory, "its manifest can't be read") from error
    return description, sums


def _damaged(directory: Path, what: str) -> ModelDamagedError:
    return ModelDamagedError(
        f"the model in {directory} is damaged: {what}", "Run `memassist model pull` again."
    )


def _unwritable(cache_dir: Path, error: OSError) -> ModelCacheError:
    return ModelCacheError(
        f"can't write to the model cache {cache_dir}: {error.strerror or error}",
        f"Free some space or set {CACHE_VARIABLE} to a directory you can write to.",
    )
