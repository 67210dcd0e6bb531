"""Find the files behind a path the person named.

Order is by name, so that two runs see the same. Nothing outside the named folder is ever offered:
links inside it are left alone (the file they point to is met by itself, or was not asked for).
Every entry met comes out once, as a file, a skip or a problem.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from memassist.ingest.errors import NoSuchPathError
from memassist.ingest.readers.opening import HEAD_BYTES, open_regular
from memassist.plugins.types import Problem, Skipped, SourceFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

TOOL_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "__MACOSX", "venv", "site-packages", "CVS", "bower_components"}
)
"""Made by tools, not by people; those that begin with a dot are left out as hidden."""

_PYTHON = ("pyproject.toml", "setup.py")
_GRADLE = ("build.gradle", "build.gradle.kts")
_BUILT_BESIDE: dict[str, frozenset[str]] = {
    "target": frozenset({"Cargo.toml", "pom.xml", "build.sbt"}),
    "build": frozenset({"package.json", "CMakeLists.txt", "pubspec.yaml", *_PYTHON, *_GRADLE}),
    "dist": frozenset({"package.json", *_PYTHON}),
    "out": frozenset({"package.json", *_GRADLE}),
    "vendor": frozenset({"go.mod", "composer.json", "Gemfile"}),
    "Pods": frozenset({"Podfile"}),
    "htmlcov": frozenset(_PYTHON),
    "coverage": frozenset({"package.json"}),
}
"""Folders made by building, which a person may also call so: only beside what they are built of."""
_MADE_INSIDE = frozenset({"CACHEDIR.TAG", "pyvenv.cfg"})
"""Files by which a folder says of itself that a program made all of it (bford.info/cachedir)."""

_DESKTOP_FILES = frozenset({"Thumbs.db", "desktop.ini", "Icon\r"})

TOOL_REASON = "folder of a tool"
_ADVICE_RIGHTS = "give yourself the right to read it, or leave it out"


def walk(path: Path) -> Iterator[SourceFile | Skipped | Problem]:
    """Yield the file, or the files of the folder and its folders, in the order of their names.

    `SourceFile.name` is relative to `path`, with `/`; a single file has its own name. A link that
    is itself named is followed. Raises `NoSuchPathError`, before anything is yielded.
    """
    try:
        root = path.resolve(strict=True)
        status = root.stat()
    except PermissionError as error:
        return iter((_problem(path.name, error),))
    # ValueError: a NUL in the name. RuntimeError: a loop of links, before Python 3.13.
    except (OSError, ValueError, RuntimeError) as error:
        raise NoSuchPathError(path) from error
    if stat.S_ISDIR(status.st_mode):
        found = _walk_folder(root)
        return (offer(*one) if isinstance(one, tuple) else one for one in found)
    return iter((offer(root, shown_name(root.name)),))


def sizes(path: Path) -> Iterator[tuple[str, int]]:
    """Yield name and size in bytes of each file that `walk` offers, without opening any."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        root = path.resolve(strict=True)
        if not stat.S_ISDIR(root.stat().st_mode):
            yield shown_name(root.name), root.stat().st_size
            return
        for one in _walk_folder(root):
            if isinstance(one, tuple):
                yield one[1], one[0].lstat().st_size


def shown_name(name: str) -> str:
    """A file name that any output can take: bytes that are no UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", errors="replace")


def is_built(folder: str, beside: Collection[str]) -> bool:
    """Whether a folder of that name among those entries is what a build left."""
    return not _BUILT_BESIDE.get(folder, frozenset()).isdisjoint(beside)


def is_made_whole(entries: Collection[str]) -> bool:
    """Whether a folder of those entries says that a program made all that is in it."""
    return not _MADE_INSIDE.isdisjoint(entries)


def _walk_folder(root: Path) -> Iterator[tuple[Path, str] | Skipped | Problem]:
    # A stack and no recursion, as folders can be nested deeper than Python's calls.
    stack: list[tuple[Path, str]] = [(root, "")]
    while stack:
        path, name = stack.pop()
        if name:
            reason = _reason_to_skip(path)
            if reason is not None:
                yield Skipped(name, reason)
                continue
        try:
            if not stat.S_ISDIR(path.lstat().st_mode):
                yield path, name
                continue
            entries = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - names are enough
        except OSError as error:
            yield _problem(name or root.name, error)
            continue
        prefix = f"{name}/" if name else ""
        if name and is_made_whole(entries):
            yield Skipped(name, TOOL_REASON)
            continue
        for entry in entries:
            if is_built(entry, entries) and (path / entry).is_dir():
                yield Skipped(prefix + shown_name(entry), TOOL_REASON)
            else:
                stack.append((path / entry, prefix + shown_name(entry)))


def _reason_to_skip(path: Path) -> str | None:
    if path.name.startswith(".") or path.name in _DESKTOP_FILES:
        return "hidden"
    if path.name in TOOL_FOLDERS and path.is_dir():
        return TOOL_REASON
    if path.is_symlink():
        return "link"
    return None


def offer(path: Path, name: str) -> SourceFile | Skipped | Problem:
    """Return a file as readers get it, under a name to show; never what a link points to."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return Skipped(name, "not a regular file")
        with open_regular(path) as stream:
            size_bytes = os.fstat(stream.fileno()).st_size
            return SourceFile(path, name, size_bytes, stream.read(HEAD_BYTES))
    except OSError as error:
        return _problem(name, error)


def _problem(name: str, error: OSError) -> Problem:
    if isinstance(error, PermissionError):
        return Problem(shown_name(name), "no right to read it", _ADVICE_RIGHTS)
    return Problem(shown_name(name), f"can't be read: {(error.strerror or str(error)).lower()}")
