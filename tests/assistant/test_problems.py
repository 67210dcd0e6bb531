"""Trying again what could not be taken in, and clearing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.plugins.types import Problem
from memassist.store import problems
from memassist.store.errors import NotFoundError
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Give a home that needs no key."""
    with Memory.create(tmp_path / "home", routes=[]) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a good note and a file with a broken line."""
    found = tmp_path / "papers"
    found.mkdir()
    (found / "good.md").write_text("The heron stands at the weir.")
    (found / "bad.jsonl").write_text('{"text": "fine"}\n{"text": broken}\n')
    return found


def test_a_mended_file_is_taken_in_and_its_problem_leaves(memory: Memory, folder: Path) -> None:
    memory.import_path(folder)
    (one,) = memory.problems.list()
    assert one.offer is not None
    assert one.offer.path == str(folder)
    (folder / "bad.jsonl").write_text('{"text": "fine"}\n{"text": "The otter is back."}\n')
    done = memory.problems.retry([one.id])
    assert (done.tried, done.mended, done.taken_in) == (1, 1, 1)
    assert memory.problems.list() == []
    assert memory.search(Query("otter"), lexical=True).hits


def test_only_files_with_problems_are_read_again(memory: Memory, folder: Path) -> None:
    memory.import_path(folder)
    (folder / "later.md").write_text("This came after the import.")
    done = memory.problems.retry()
    assert (done.tried, done.mended, done.taken_in) == (1, 0, 0)
    (one,) = memory.problems.list()
    assert one.times == 2


def test_what_the_person_said_of_an_import_holds_for_trying_again(
    memory: Memory, folder: Path
) -> None:
    bad = folder / "note.md"
    bad.write_bytes(b"# Bread\n\nMy oven is hot.")
    bad.chmod(0)
    with memory.wiring.database.write() as connection:
        offer = problems.Offer(
            str(bad), "markdown", is_mine=True, me=("Ann",), timezone="Asia/Tokyo"
        )
        problems.add(connection, "note.md", Problem("note.md", "no right to read it"), offer)
    (listed,) = memory.problems.list()
    assert listed.offer == offer
    bad.chmod(0o600)
    assert memory.problems.retry().mended == 1
    assert memory.timeline()[0].is_owner


def test_what_is_gone_or_came_by_no_file_stays_and_is_named(memory: Memory, folder: Path) -> None:
    memory.import_path(folder / "bad.jsonl")
    (folder / "bad.jsonl").unlink()
    with memory.wiring.database.write() as connection:
        problems.add(connection, "a script", Problem("record 1", "it is odd"))
    done = memory.problems.retry()
    assert done.tried == 0
    assert {one.source for one in done.out_of_reach} == {"bad.jsonl", "a script"}
    assert len(memory.problems.list()) == 2


def test_a_watched_folder_is_read_again(memory: Memory, folder: Path) -> None:
    memory.watches.add(folder)
    memory.watches.scan(folder)
    assert len(memory.problems.list()) == 1
    (folder / "bad.jsonl").write_text('{"text": "fine"}\n')
    assert memory.problems.retry().mended == 1
    assert memory.problems.list() == []


def test_a_problem_leaves_by_itself_when_its_file_is_read_again(
    memory: Memory, folder: Path
) -> None:
    bad = folder / "bad.jsonl"
    (folder / "worse.jsonl").write_text("{\n")
    memory.import_path(folder)
    bad.write_text('{"text": "fine"}\n')
    memory.import_path(bad)
    assert [one.place for one in memory.problems.list()] == ["worse.jsonl, line 1"]
    (folder / "worse.jsonl").unlink()
    memory.import_path(folder)
    assert memory.problems.list() == []
    bad.write_text("{\n")
    memory.import_path(bad)
    memory.import_path(folder / "good.md")
    assert [one.source for one in memory.problems.list()] == ["bad.jsonl"]
    bad.write_text('{"text": "fine"}\n')
    memory.import_path(folder)
    assert memory.problems.list() == []


def test_problems_of_a_watched_folder_name_their_file_and_leave_by_a_look(
    memory: Memory, folder: Path
) -> None:
    def places() -> set[str]:
        memory.watches.scan(folder)
        return {one.place for one in memory.problems.list()}

    (folder / "worse.jsonl").write_text('{"text": "fine"}\n{"text": broken}\n')
    memory.watches.add(folder)
    both = {"bad.jsonl, line 2", "worse.jsonl, line 2"}
    assert places() == both
    assert places() == both, "what is not read again is not mended"
    (folder / "bad.jsonl").write_text('{"text": "fine"}\n')
    assert places() == {"worse.jsonl, line 2"}
    (folder / "worse.jsonl").unlink()
    assert places() == set()
    away = folder.rename(folder.with_name("away"))
    assert places() == {str(folder)}
    away.rename(folder)
    assert places() == set()


def test_the_list_says_which_file_it_was(memory: Memory, folder: Path) -> None:
    memory.import_path(folder)
    (folder / "cut.pdf").write_bytes(b"%PDF-1.4 nothing")
    memory.import_path(folder / "cut.pdf")
    ended = CliRunner().invoke(cli, ["--home", str(memory.wiring.home), "problems"])
    first, _, second, *_ = ended.stdout.splitlines()
    assert first.endswith(f"  {folder / 'cut.pdf'}")
    assert second.endswith(f"  {folder}: bad.jsonl, line 2")


def test_of_many_alike_a_few_are_shown_and_all_have_a_way_out(memory: Memory, folder: Path) -> None:
    (folder / "many.jsonl").write_text('{"text": broken}\n' * 300)
    home = ["--home", str(memory.wiring.home)]
    ended = CliRunner().invoke(cli, [*home, "import", str(folder), "--no-wait"])
    assert ended.output.count("many.jsonl, line") == 5
    assert "and 295 more: memassist problems" in ended.output
    ended = CliRunner().invoke(cli, [*home, "problems"])
    assert ended.stdout.count("many.jsonl, line") == 5
    assert "and 295 more like it" in ended.stdout
    assert "bad.jsonl, line 2" in ended.stdout
    assert len(memory.problems.list()) == 301
    assert all(one.advice for one in memory.problems.list())


def test_clearing_takes_one_or_all_off_the_list(memory: Memory, folder: Path) -> None:
    (folder / "worse.jsonl").write_text("{\n")
    memory.import_path(folder)
    first, *others = memory.problems.list()
    assert memory.problems.clear([first.id]) == 1
    assert [one.id for one in memory.problems.list()] == [one.id for one in others]
    with pytest.raises(NotFoundError):
        memory.problems.clear([first.id])
    assert memory.problems.clear() == len(others) > 0
    assert memory.problems.list() == []
