"""Leaving files out of a watched folder, and what was taken in before they were left out.

The rules are the person's own files, `.memassistignore`; a command writes into the topmost one of
the folder what a person could write there. What was stored of files that the rules leave out now,
by whichever hand they were written, is found by `stored_of_left_out`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.assistant.errors import WatchError
from memassist.assistant.watch.folder import OWN_RULES, LeftOut, is_pattern, read_rules
from memassist.ingest.pipeline import clean_and_mask
from memassist.store import watches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.store.database import Connection
    from memassist.store.watches import Watch


@dataclass(frozen=True, slots=True)
class Excluded:
    """What the rules of one folder leave out of what is stored."""

    names: tuple[str, ...]
    """Of files, relative to the folder, in their order; also of files that are gone. A chat is no
    file's: other exports may hold it too."""
    item_ids: tuple[str, ...]
    """The latest versions of what was taken in of them."""


def patterns(watch: Watch) -> Sequence[str]:
    """Return the person's patterns in the topmost file of rules, as written."""
    lines = read_rules(watch.path / OWN_RULES).splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def add(watch: Watch, pattern: str) -> bool:
    """Leave out what a pattern matches from now on; False where it stood there already.

    A path within the folder is a pattern too. Raises `WatchError` for what is no pattern, and where
    the file can't be written.
    """
    pattern = _checked(_within(watch, pattern.strip()))
    if pattern in patterns(watch):
        return False
    before = read_rules(watch.path / OWN_RULES)
    _write(watch, before + ("\n" if before and not before.endswith("\n") else "") + pattern + "\n")
    return True


def remove(watch: Watch, pattern: str) -> None:
    """Take a pattern out of the topmost file of rules. Raises `WatchError`."""
    lines = read_rules(watch.path / OWN_RULES).splitlines(keepends=True)
    meant = {pattern.strip(), _within(watch, pattern.strip())}
    kept = [line for line in lines if line.strip() not in meant]
    if len(kept) == len(lines):
        raise WatchError(
            f"There is no pattern {pattern!r} in {watch.path / OWN_RULES}.",
            "See: memassist watch exclude list",
        )
    _write(watch, "".join(kept))


def stored_of_left_out(connection: Connection, watch: Watch) -> Excluded:
    """Return what is stored of files that the rules leave out now."""
    rules = LeftOut(watch.path)
    known = sorted(watches.files(connection, watch).items())
    natives = {file.native: name for name, file in known if rules.leaves_out(name)}
    uris = {(watch.path / name).as_uri(): name for name in natives.values()}
    source = clean_and_mask(str(watch.path))[0]
    found = watches.items_of(connection, source, natives.keys(), uris.keys())
    names = {(natives | uris)[told] for told in found.values()}
    return Excluded(tuple(sorted(names)), tuple(found))


def _within(watch: Watch, pattern: str) -> str:
    """Return the pattern for a whole path of something in the folder; all else as it is.

    A pattern that begins with a slash counts from the folder, so a path would match nothing.
    """
    place = place_in(watch.path, pattern)
    if place is None or place == watch.path:
        return pattern
    named = re.sub(r"([\\*?\[\]])", r"\\\1", place.relative_to(watch.path).as_posix())
    return f"/{named}/" if place.is_dir() else f"/{named}"


def place_in(folder: Path, text: str) -> Path | None:
    """Return the path that a text is, links followed, where it is whole and within the folder."""
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises where there is no such user
    if not path.is_absolute():
        return None
    place = path.parent.resolve() / path.name
    return place if place.is_relative_to(folder) else None


def _checked(pattern: str) -> str:
    pattern = pattern.strip()
    advice = "Write it as in a .gitignore: drafts/, *.log, /private.md."
    if not pattern.strip("/*! ") or pattern.startswith("#") or "\n" in pattern:
        raise WatchError(f"The pattern {pattern!r} names nothing.", advice)
    if not is_pattern(pattern):
        raise WatchError(f"{pattern!r} is no pattern.", advice)
    return pattern


def _write(watch: Watch, text: str) -> None:
    path = watch.path / OWN_RULES
    if path.is_symlink():
        raise WatchError(f"{path} is a link.", "Write the pattern into the file it points to.")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WatchError(f"{path} can't be written: {reason}.", "Check the rights.") from error
