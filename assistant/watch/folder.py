"""Which files of a watched folder count.

Hidden ones never do, nor links, nor what tools make. Beyond that, in this order, the first that
says something decides: `.memassistignore` files (the nearest folder's first), what a build left,
our own list of what holds secrets or is only half written, `.gitignore` files. So a person can have
a file that our list leaves out by `!name` in a `.memassistignore`.
"""

from __future__ import annotations

import os
import re
import stat
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from memassist.ingest.files import TOOL_FOLDERS, is_built, is_made_whole, shown_name
from memassist.plugins.types import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathspec import GitIgnoreSpec

OWN_RULES = ".memassistignore"
GIT_RULES = ".gitignore"
LARGEST_RULES_BYTES = 1_000_000

NEVER_WANTED = (
    # secrets
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.p8", "*.ppk", "*.jks", "*.keystore", "*.env"),
    *("id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "*.gpg", "*.pgp", "*.asc", "*.age"),
    *("*.kdb", "*.kdbx", "*.1pux", "*.psafe3", "*.opvault", "*.agilekeychain", "*.keychain*"),
    *("*.ovpn", "*.tfstate*", "credentials.json", "wallet.dat"),
    # half written, or an editor's own
    *("*.tmp", "*.temp", "*.swp", "*.swo", "*~", "~$*", "#*#", "4913"),
    *("*.part", "*.partial", "*.crdownload", "*.download"),
)
"""Patterns as in a `.gitignore`."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that counts."""

    name: str
    """Relative to the folder, with `/`; bytes that are no UTF-8 as U+FFFD."""
    path: Path
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class _Level:
    """The rules in one folder, and where it is: its name with a `/`, or nothing for the top."""

    prefix: str
    own: GitIgnoreSpec | None
    git: GitIgnoreSpec | None


_Levels: TypeAlias = tuple[_Level, ...]
"""From the folder at hand up to the watched one."""


def walk_watched(root: Path, without: Path | None = None) -> Iterator[FoundFile | Problem]:
    """Yield the files that count, in the order of their names, and folders that can't be read.

    No file is opened but those with rules. `without` is left out: the home itself may lie inside.
    """
    stack: list[tuple[Path, str, _Levels]] = [(root, "", ())]
    while stack:
        folder, prefix, above = stack.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            yield Problem(prefix.rstrip("/") or shown_name(root.name), f"can't be read: {reason}")
            continue
        names = {entry.name for entry in listed}
        if prefix and is_made_whole(names):
            continue
        levels = above
        if names & {OWN_RULES, GIT_RULES}:
            own, git = (
                _rules(folder / name) if name in names else None for name in (OWN_RULES, GIT_RULES)
            )
            levels = (_Level(prefix, own, git), *above)
        folders = []
        for entry in listed:
            name = prefix + shown_name(entry.name)
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # gone since
            is_folder = stat.S_ISDIR(status.st_mode)
            if not is_folder and not stat.S_ISREG(status.st_mode):
                continue
            is_left_by_build = is_folder and is_built(entry.name, names)
            if is_passed_over(entry.name) or _is_ignored(
                levels, name, is_folder=is_folder, is_built=is_left_by_build
            ):
                continue
            path = Path(entry.path)
            if not is_folder:
                yield FoundFile(name, path, status.st_size, status.st_mtime_ns)
            elif path != without:
                folders.append((path, f"{name}/", levels))
        stack.extend(reversed(folders))


class LeftOut:
    """Which names in a watched folder the rules leave out, whether or not the files are there.

    Reads each file with rules once. What a build left is only told by `walk_watched`.
    """

    def __init__(self, root: Path) -> None:
        """Read nothing yet."""
        self._root = root
        self._known: dict[str, _Levels] = {}

    def leaves_out(self, name: str) -> bool:
        """Whether a file of that name, or a folder it is in, is left out."""
        parts = name.split("/")
        for count, part in enumerate(parts, 1):
            folder = "".join(f"{one}/" for one in parts[: count - 1])
            here = "/".join(parts[:count])
            if is_passed_over(part) or _is_ignored(
                self._levels(folder), here, is_folder=count < len(parts), is_built=False
            ):
                return True
        return False

    def _levels(self, prefix: str) -> _Levels:
        if prefix not in self._known:
            above = prefix.rstrip("/").rpartition("/")[0]
            levels = self._levels(f"{above}/" if above else "") if prefix else ()
            own, git = (_rules(self._root / prefix / name) for name in (OWN_RULES, GIT_RULES))
            if own is not None or git is not None:
                levels = (_Level(prefix, own, git), *levels)
            self._known[prefix] = levels
        return self._known[prefix]


def is_passed_over(part: str) -> bool:
    """Whether a file or folder of that name is left out wherever it is."""
    return part.startswith(".") or part in TOOL_FOLDERS


def _is_ignored(levels: _Levels, name: str, *, is_folder: bool, is_built: bool) -> bool:
    path = f"{name}/" if is_folder else name
    for level in levels:
        said = _verdict(level.own, level, path)
        if said is not None:
            return said
    if is_built or _never_wanted().match_file(path):
        return True
    for level in levels:
        said = _verdict(level.git, level, path)
        if said is not None:
            return said
    return False


def _verdict(rules: GitIgnoreSpec | None, level: _Level, path: str) -> bool | None:
    return None if rules is None else rules.check_file(path.removeprefix(level.prefix)).include


@cache
def _never_wanted() -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(NEVER_WANTED)


def read_rules(path: Path) -> str:
    """Return what a file with rules holds; nothing where there is none or it can't be read."""
    from memassist.ingest.readers.opening import open_regular

    try:
        with open_regular(path) as stream:
            return stream.read(LARGEST_RULES_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


def is_pattern(line: str) -> bool:
    """Whether a line of rules can be read: `[z-a]` can't."""
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        # `re` wonders about brackets in brackets.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            GitIgnoreSpec.from_lines([line])
        # pathspec lets errors of the patterns it makes for `re` through.
        except (ValueError, re.error):
            return False
    return True


def _rules(path: Path) -> GitIgnoreSpec | None:
    """Return a file's rules without the lines that are no pattern; None where there are none."""
    from pathspec import GitIgnoreSpec

    lines = [line for line in read_rules(path).splitlines() if is_pattern(line)]
    return GitIgnoreSpec.from_lines(lines) if lines else None
