"""What a demo runs on: a folder, how to take it in, and questions.

A folder may say by a `memassist-demo.toml` of its own who its owner is and what they wrote; without
one it is taken in as `memassist import` takes it. The built-in samples are such a folder, read by
the same function as anybody's.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from memassist.assistant.errors import ConfigError, QueryError
from memassist.ingest.errors import NoSuchPathError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MANIFEST_NAME = "memassist-demo.toml"
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to import."""

    path: Path
    is_mine: bool = False
    """It was written by the owner."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to ask."""

    text: str
    asked_at: datetime | None = None
    """The "now" that "last week" is counted from; None is the present."""


@dataclass(frozen=True, slots=True)
class SampleSet:
    """All that a demo needs."""

    sources: tuple[Source, ...]
    questions: tuple[Question, ...] = ()
    me: tuple[str, ...] = ()
    """Names that mean the owner; the first is what memories call them."""
    timezone: str | None = None


def builtin_samples(questions: Path | None = None) -> SampleSet:
    """Return the samples that come with the program, with their questions or other ones."""
    return read_samples(_DATA / "samples", questions or _DATA / "questions.jsonl")


def read_samples(
    data: Path,
    questions: Path | None = None,
    *,
    me: Sequence[str] = (),
    is_mine: bool = False,
) -> SampleSet:
    """Return what a demo on any file or folder needs.

    `me` and `is_mine` count besides what the folder's `memassist-demo.toml` says. `questions` has
    one question a line: text, or JSON like `{"question": "...", "asked_at": "2026-05-01"}`.
    Raises `NoSuchPathError`, `ConfigError` for what the `memassist-demo.toml` says and `QueryError`
    for the questions.
    """
    _check_is_there(data)
    asked = () if questions is None else tuple(_questions(questions))
    manifest = data / MANIFEST_NAME
    try:
        content = manifest.read_bytes()
    except OSError:
        return SampleSet((Source(data, is_mine),), asked, tuple(me))
    try:
        stated = tomllib.loads(content.decode("utf-8"))
        names = [str(name) for name in stated.get("me", [])]
        timezone = stated.get("timezone")
        sources = tuple(
            Source(data / str(one["path"]), is_mine or one.get("mine") is True)
            for one in stated["source"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{manifest} can't be used: {type(error).__name__}: {error}.",
            "It needs [[source]] tables, each with a path.",
        ) from error
    for source in sources:
        _check_is_there(source.path)
    zone = str(timezone) if timezone else None
    return SampleSet(sources, asked, (*me, *names), zone)


def _check_is_there(path: Path) -> None:
    """Say so before a home is made; what is there and can't be read is for the import to tell."""
    try:
        path.stat()
    except PermissionError:
        return
    except (OSError, ValueError) as error:
        raise NoSuchPathError(path) from error


def _questions(path: Path) -> Iterator[Question]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise QueryError(f"The questions in {path} can't be read: {reason}.") from error
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("{"):
            yield _question(line, f"{path}, line {number}")
        elif line.strip():
            yield Question(line.strip())


def _question(line: str, place: str) -> Question:
    advice = 'Write text, or {"question": "...", "asked_at": "2026-05-01"}.'
    try:
        row = json.loads(line)
        text = row["question"]
        if not isinstance(text, str) or not text.strip():
            raise QueryError(f"{place}: the question is no text.", advice)
        asked_at = row.get("asked_at")
        moment = None if asked_at is None else datetime.fromisoformat(asked_at)
        if moment is not None and moment.tzinfo is None:
            moment = moment.astimezone()
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise QueryError(f"{place}: not a question.", advice) from error
    return Question(text.strip(), moment)
