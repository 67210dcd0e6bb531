"""A restore drill: back up a home in use, lose it, restore it, and find everything again."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.store.keys import Route, make_key_file
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def make_home(home: Path, key_file: Path) -> None:
    """Make a home with two things to find and a change to undo."""
    make_key_file(key_file, home)
    with Memory.create(home, routes=[Route("key-file", path=key_file)]) as memory:
        memory.add("My sister Maria lives in Leeds.")
        memory.add("The boiler was serviced by Mr Harris in May.")
        memory.work()
        first = memory.memories.list()[0]
        memory.memories.edit(first.id, text="Edited before the backup.")


def run(home: Path, *arguments: str) -> Result:
    """Run the command line on a home."""
    return CliRunner().invoke(cli, ["--home", str(home), *arguments], catch_exceptions=False)


def test_a_lost_home_comes_back_with_search_history_and_undo(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    make_home(home, tmp_path / "key")
    with Memory.open(home):  # a backup is taken while somebody else uses the home
        assert run(home, "backup", str(backup)).exit_code == 0
    shutil.rmtree(home)

    restored = tmp_path / "again"
    result = run(home, "restore", str(backup), "--to", str(restored), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["items"] == 2
    with Memory.open(restored) as memory:
        assert all(check.ok for check in memory.maintenance.doctor())
        hits = memory.search(Query("who serviced the boiler", kind="evidence"), lexical=True).hits
        assert "Harris" in hits[0].text
        memory.undo()
        assert not any("Edited" in one.state.text for one in memory.memories.list())


def test_restore_goes_to_a_new_place_and_leaves_the_home_alone(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    make_home(home, tmp_path / "key")
    run(home, "backup", str(backup))
    with Memory.open(home) as memory:
        memory.add("Said after the backup.")
    result = run(home, "restore", str(backup), "--json")
    restored = json.loads(result.stdout)["home"]
    assert restored.startswith(str(home) + "-restored-")
    assert json.loads(run(home, "stats", "--json").stdout)["items"] == 3


def test_a_dry_run_reads_and_makes_nothing(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    make_home(home, tmp_path / "key")
    run(home, "backup", str(backup))
    before = sorted(tmp_path.iterdir())
    result = run(home, "restore", str(backup), "--dry-run")
    assert "Would restore 2 items" in result.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_verify_tells_a_whole_backup_from_a_damaged_one(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    make_home(home, tmp_path / "key")
    run(home, "backup", str(backup))
    assert run(home, "verify", str(backup)).exit_code == 0
    store = backup / "memory.db"
    content = bytearray(store.read_bytes())
    content[len(content) // 2] ^= 0xFF
    store.write_bytes(content)
    result = CliRunner().invoke(cli, ["--home", str(home), "verify", str(backup)])
    assert result.exit_code != 0
