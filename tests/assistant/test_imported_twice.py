"""Importing the same things again, from another place or with more in them, doubles no memory."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[3] / "shared" / "data"
"""Beside the repository, where it is present."""
LINES = [
    ("Ann", "I live in Leeds with my sister Maria."),
    ("Bo", "Nice! I'm allergic to nuts, by the way."),
    ("Ann", "My flight to Oslo is on 3 June at 9:40."),
    ("Ann", "We adopted a kitten called Olive last weekend."),
    ("Bo", "I went to Rome on Sunday with my brother Tom."),
    ("Ann", "I moved to York in April."),
    ("Bo", "ok"),
    ("Bo", "ok"),
    ("Ann", "My sister Maria is a nurse."),
    ("Ann", "I work as a translator now."),
    ("Bo", "I started a new job at Siemens last week."),
    ("Ann", "I'm vegan these days."),
]


def lines(count: int, *, named: bool) -> str:
    """Return the first lines of a chat as an export, each with an id of its own if `named`."""
    told = [
        {
            "conversation": "c1",
            "author": author,
            "text": text,
            "occurred_at": f"2025-05-{12 + number // 3:02}T09:{number:02}:00Z",
        }
        | ({"ref": f"m{number}"} if named else {})
        for number, (author, text) in enumerate(LINES[:count])
    ]
    return "\n".join(map(json.dumps, told))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with new_home(tmp_path / "home") as found:
        yield found


def new_home(home: Path) -> Memory:
    memory = Memory.create(home, routes=[])
    memory.close()
    (home / "config.toml").write_text('me = ["Ann"]\n[embedding]\nmodel = "none"\n')
    return Memory.open(home)


def take_in(memory: Memory, path: Path) -> None:
    memory.import_path(path)
    memory.work()


def state(memory: Memory) -> Counter[tuple[str, ...]]:
    """Return what is remembered and what waits, each with the lines it rests on."""
    kept = [one.state for one in memory.memories.list()]
    waiting = [one.candidate for one in memory.inbox.list()]
    return Counter(
        (
            "closed" if getattr(one, "valid_to", None) else "holds",
            one.type,
            one.text,
            *sorted(f"{memory.item(span.item_id).text}|{span.quote}" for span in one.evidence),
        )
        for one in (*kept, *waiting)
    )


def stated(memory: Memory) -> Counter[tuple[str, ...]]:
    return Counter(found[:3] for found in state(memory).elements())


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """Return a folder with a chat, notes and the exports that are at hand."""
    folder = tmp_path / "everything"
    (folder / "notes").mkdir(parents=True)
    (folder / "chat.jsonl").write_text(lines(len(LINES), named=True))
    (folder / "notes" / "health.md").write_text("# Health\n\nI'm allergic to penicillin.\n")
    (folder / "notes" / "trip.md").write_text("# Trip\n\nMy flight to Rome is on 4 May 2026.\n")
    if (DATA / "exports").exists():
        for export in (DATA / "exports").iterdir():
            shutil.copyfile(export, folder / export.name)
    return folder


def test_everything_twice_gives_the_same_memories(
    memory: Memory, everything: Path, tmp_path: Path
) -> None:
    take_in(memory, everything)
    once, items = state(memory), memory.maintenance.stats().items
    assert len(once) >= 10
    assert max(once.values()) == 1
    take_in(memory, everything)
    assert (state(memory), memory.maintenance.stats().items) == (once, items)
    # The exports again, downloaded to another folder: what is in them tells that it is the same.
    elsewhere = tmp_path / "downloads"
    shutil.copytree(everything, elsewhere, ignore=shutil.ignore_patterns("notes"))
    take_in(memory, elsewhere)
    assert (state(memory), memory.maintenance.stats().items) == (once, items)


@pytest.mark.parametrize("named", [True, False], ids=["with ids", "without ids"])
@pytest.mark.parametrize("first", [1, 5, 8, 11])
def test_an_export_that_goes_on_gives_what_the_whole_one_does(
    first: int, named: bool, memory: Memory, tmp_path: Path
) -> None:
    export = tmp_path / "chat.jsonl"
    export.write_text(lines(first, named=named))
    take_in(memory, export)
    export.write_text(lines(len(LINES), named=named))
    take_in(memory, export)
    with new_home(tmp_path / "other") as fresh:
        take_in(fresh, export)
        # What is told twice in one window has its evidence once there, and twice in two windows.
        assert stated(memory) == stated(fresh)
        assert memory.maintenance.stats().items == fresh.maintenance.stats().items == len(LINES)
