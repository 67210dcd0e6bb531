"""Forget and undo from the command line: what they take, what they reach, and what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from memassist.store import home as homes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hard.conftest import Cli


@pytest.fixture
def copied(cli: Cli) -> tuple[Cli, str, Path]:
    """Return a home with an item, its id, and a copy as a migration makes it."""
    cli.run("add", "the old secret plan", "--no-wait")
    (row,) = cli.rows("SELECT uid FROM item")
    folder = cli.home / homes.BACKUPS_NAME
    folder.mkdir(mode=0o700)
    copy = folder / "before-migration-1.db"
    copy.write_bytes((cli.home / "memory.db").read_bytes())
    return cli, str(row[0]), copy


def test_forgetting_tells_of_copies_and_leaves_them(copied: tuple[Cli, str, Path]) -> None:
    cli, item, copy = copied
    ended = cli.run("forget", item, "--yes")
    assert (ended.code, ended.out) == (
        0,
        "Erased 1 item and 0 memories; 0 memories went to the inbox.\n",
    )
    assert "1 copy from before upgrades may still hold it" in ended.err
    assert copy.exists()


def test_copies_go_with_the_item_when_asked(copied: tuple[Cli, str, Path]) -> None:
    cli, item, copy = copied
    ended = cli.run("forget", item, "--include-backups", "--yes", "--json")
    assert ended.code == 0
    assert {"items": 1, "backups": 1, "backups_left": 0}.items() <= ended.json().items()
    assert not copy.exists()


def test_copies_can_go_afterwards(copied: tuple[Cli, str, Path]) -> None:
    cli, _, copy = copied
    ended = cli.run("forget", "--include-backups", "--yes")
    assert (ended.code, ended.out) == (0, "Deleted 1 copy from before upgrades.\n")
    assert not copy.exists()
    assert cli.rows("SELECT count(*) FROM item") == [(1,)]


@pytest.mark.parametrize("words", [["--include-backups"], ["--yes"]])
def test_nothing_goes_unasked(copied: tuple[Cli, str, Path], words: list[str]) -> None:
    cli, _, copy = copied
    assert cli.run("forget", *words).code == 2
    assert copy.exists()


def test_what_search_and_timeline_show_is_enough_to_forget_it(cli: Cli) -> None:
    cli.run("add", "the old secret plan", "--no-wait")
    shown = re.findall(r"\(item (\w+)\)", cli.run("search", "--lexical", "secret plan").out)
    assert len(shown) == 1
    assert f"(item {shown[0]})" in cli.run("timeline").out
    assert cli.run("forget", shown[0], "--yes").code == 0
    assert cli.rows("SELECT count(*) FROM item") == [(0,)]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("forget", "abcdefgh", "--yes"), "memassist search"),
        (("forget", "abcdefgh", "--memory", "--yes"), "memassist memories list"),
        (("inbox", "approve", "abcdefgh"), "memassist inbox list --all"),
        (("undo", "abcdefgh"), "memassist memories history"),
        (("vault", "reveal", "abcdefgh", "--yes"), "memassist vault list"),
    ],
)
def test_an_unknown_id_says_what_lists_them(cli: Cli, words: tuple[str, ...], advice: str) -> None:
    ended = cli.run(*words)
    assert ended.code == 2
    assert advice in ended.err


def test_nothing_to_undo_is_said_plainly(cli: Cli) -> None:
    ended = cli.run("undo")
    assert (ended.code, ended.err) == (2, "memassist: There is no change that could be undone.\n")


def test_undo_says_what_it_took_back(cli: Cli) -> None:
    cli.run("add", "Remember that my oven is 20 degrees too hot.")
    (row,) = cli.rows("SELECT uid FROM memory")
    cli.run("memories", "edit", str(row[0]), "--text", "The oven is cold.")
    undone = cli.run("undo")
    assert "Taking back your edit of " in undone.err
    assert "“My oven is 20 degrees too hot.”, is as it was before." in undone.out


def test_undo_leaves_what_others_changed_and_says_how_to_reach_it(cli: Cli) -> None:
    cli.run("add", "Remember that my oven is 20 degrees too hot.")
    refused = cli.run("undo")
    assert refused.code == 2
    assert "by rule, is the add of “My oven is 20 degrees too hot.”" in refused.err
    revision = refused.err.split()[-1]
    assert "“My oven is 20 degrees too hot.”, is gone." in cli.run("undo", revision).out
