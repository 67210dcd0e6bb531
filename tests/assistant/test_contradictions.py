"""Of two statements that can't both hold, the later one is believed: how often, on many of them."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from memassist.assistant import Memory
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_RIGHT = 0.95
LEAST_RIGHT_UNSEEN = 0.9
HERE = Path(__file__).parent
SAID = (datetime(2025, 2, 3, 9, tzinfo=UTC), datetime(2026, 2, 3, 9, tzinfo=UTC))


class Pair(NamedTuple):
    """Two statements, and words of what holds and of what no longer does."""

    earlier: str
    later: str
    now: str
    before: str


def pairs(name: str) -> Iterator[Pair]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield Pair(*(part.strip() for part in line.split("|")))


def believed(home: Path, pair: Pair, *, later_first: bool) -> list[str]:
    """Return what holds after both were told, each in a conversation of its own."""
    with Memory.open(home) as memory:
        told = [*zip((pair.earlier, pair.later), SAID, strict=True)]
        for text, said_at in reversed(told) if later_first else told:
            record = Record(
                text=text,
                place="",
                is_owner=True,
                conversation=f"{said_at:%Y}",
                occurred_at=said_at,
            )
            memory.add_items([record], source="chat")
            memory.work()
        return [one.state.text for one in memory.memories.list() if one.state.valid_to is None]


def is_right(texts: list[str], pair: Pair) -> bool:
    def says(words: str) -> bool:
        return any(re.search(rf"\b{re.escape(words)}\b", text) for text in texts)

    return says(pair.now) and not says(pair.before)


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("homes") / "empty"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text('me = ["Ann"]\n[embedding]\nmodel = "none"\n')
    return home


@pytest.mark.parametrize(
    ("name", "least_right"),
    [("contradictions.txt", LEAST_RIGHT), ("contradictions_held_out.txt", LEAST_RIGHT_UNSEEN)],
)
def test_what_was_said_last_is_believed(
    name: str, least_right: float, empty_home: Path, tmp_path: Path
) -> None:
    wrong = []
    everything = list(pairs(name))
    assert len(everything) >= 50
    for number, pair in enumerate(everything):
        home = tmp_path / str(number)
        shutil.copytree(empty_home, home)
        # In whatever order they come in: every other pair backwards.
        texts = believed(home, pair, later_first=number % 2 == 1)
        if not is_right(texts, pair):
            wrong.append((*pair, texts))
        shutil.rmtree(home)
    assert len(wrong) <= (1 - least_right) * len(everything), "\n".join(map(str, wrong))
