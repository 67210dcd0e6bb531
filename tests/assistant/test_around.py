"""What stands around an item in its conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.plugins.types import Record
from memassist.store.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Give a memory with two talks of the same name from two sources, and a note."""
    with Memory.create(tmp_path / "home", routes=[]) as opened:
        for source in ("one.zip", "two.zip"):
            opened.add_items(
                [
                    Record(
                        text=f"{source} says {number}",
                        place="p",
                        account=source,
                        conversation="talk",
                        native_id=f"{number}",
                        sequence=number,
                        is_main_branch=number != 3,
                    )
                    for number in reversed(range(8))
                ],
                source=source,
            )
        opened.add("A note that stands alone.")
        yield opened


def _id(memory: Memory, text: str) -> str:
    connection = memory.wiring.database.read()
    row = connection.execute("SELECT uid FROM item WHERE text = ?", (text,)).fetchone()
    return str(row[0])


def test_neighbours_come_in_reading_order_and_of_the_same_source(memory: Memory) -> None:
    around = memory.around(_id(memory, "two.zip says 5"), radius=2)
    assert [item.text for item in around] == [f"two.zip says {one}" for one in (2, 4, 5, 6, 7)]


def test_first_message_has_none_before_it(memory: Memory) -> None:
    around = memory.around(_id(memory, "one.zip says 0"), radius=1)
    assert [item.text for item in around] == ["one.zip says 0", "one.zip says 1"]


@pytest.mark.parametrize("text", ["A note that stands alone.", "one.zip says 3"])
def test_what_is_in_no_shown_thread_comes_alone(memory: Memory, text: str) -> None:
    assert [item.text for item in memory.around(_id(memory, text))] == [text]


def test_unknown_item_is_an_error(memory: Memory) -> None:
    with pytest.raises(NotFoundError):
        memory.around("nothing")
