"""Homes appear whole, one maker wins, and a schema moves on step by step with a backup first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from memassist.store import doctor, keys, schema
from memassist.store import home as homes
from memassist.store.errors import (
    DamagedError,
    HomeExistsError,
    HomeMissingError,
    NewerStoreError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.conftest import Bench


def reopen(bench: Bench) -> None:
    """Open the home as the next command would."""
    bench.database.close()
    homes.open_home(bench.home).close()


def test_a_home_is_not_made_over_anything(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(HomeExistsError):
        homes.create(bench.home, [])
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.md").touch()
    with pytest.raises(HomeExistsError):
        homes.create(tmp_path / "notes", [])
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.md"]


def test_only_create_makes_a_home(tmp_path: Path) -> None:
    with pytest.raises(HomeMissingError):
        homes.open_home(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_home_is_there_after_opening_it_again(bench: Bench) -> None:
    bench.put("stays")
    reopen(bench)
    assert bench.count("SELECT count(*) FROM item") == 1


def test_a_home_without_its_slots_or_its_store_is_damaged(bench: Bench) -> None:
    bench.database.close()
    slots = bench.home / keys.KEYSLOTS_NAME
    content = slots.read_bytes()
    slots.unlink()
    with pytest.raises(DamagedError, match=r"keyslots\.json is missing"):
        homes.open_home(bench.home)
    slots.write_bytes(content)
    (bench.home / "memory.db").unlink()
    with pytest.raises(DamagedError, match="missing"):
        homes.open_home(bench.home)
    assert not (bench.home / "memory.db").exists()


@pytest.mark.parametrize("size", [0, 10, 4096, 100_000])
def test_a_store_that_was_cut_short_is_damaged_and_left_as_it_is(bench: Bench, size: int) -> None:
    bench.put(*[f"line {number} " + "word " * 100 for number in range(200)])
    bench.database.close()
    path = bench.home / "memory.db"
    assert path.stat().st_size > size
    os.truncate(path, size)
    with pytest.raises(DamagedError):
        doctor_all(bench)
    assert path.stat().st_size == size


def doctor_all(bench: Bench) -> None:
    """Open and read everything; raise for what the doctor finds."""
    database = homes.open_home(bench.home)
    try:
        wrong = [check for check in doctor.check(database) if not check.ok]
    finally:
        database.close()
    if wrong:
        raise DamagedError(bench.home, wrong[0].detail)


def test_another_programs_database_is_not_taken_for_a_store(tmp_path: Path) -> None:
    import sqlite3

    keys.create_keyslots(tmp_path, [])
    other = sqlite3.connect(tmp_path / "memory.db")
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(DamagedError, match="none of ours"):
        homes.open_home(tmp_path)
    other = sqlite3.connect(tmp_path / "memory.db")
    tables = [row[0] for row in other.execute("SELECT name FROM sqlite_master")]
    other.close()
    assert tables == ["theirs"]


def test_a_newer_store_is_refused_unchanged(bench: Bench) -> None:
    with bench.database.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerStoreError) as caught:
        reopen(bench)
    assert (caught.value.found, caught.value.known) == (99, len(schema.MIGRATIONS))
    assert bench.count("PRAGMA user_version") == 99


def add_column(execute: Callable[[str], object]) -> None:
    """Be a further migration."""
    execute("ALTER TABLE item ADD COLUMN mood TEXT")
    execute("UPDATE item SET mood = 'fine'")


def fails_halfway(execute: Callable[[str], object]) -> None:
    """Be one more, that stops in the middle."""
    execute("ALTER TABLE item ADD COLUMN half TEXT")
    raise RuntimeError("the power went")


def columns(bench: Bench) -> set[str]:
    """Return the columns of the item table."""
    rows = bench.database.read().execute("SELECT name FROM pragma_table_info('item')").fetchall()
    return {row[0] for row in rows}


def test_a_migration_backs_up_first_and_keeps_what_is_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put("old item")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("9998_mood", add_column)))
    reopen(bench)
    assert bench.count("SELECT count(*) FROM item WHERE mood = 'fine'") == 1
    assert bench.count("PRAGMA user_version") == len(schema.MIGRATIONS)
    backups = list((bench.home / homes.BACKUPS_NAME).iterdir())
    assert len(backups) == 1
    assert backups[0].stat().st_mode & 0o777 == 0o600
    assert b"SQLite format 3" not in backups[0].read_bytes()[:4096]
    reopen(bench)
    assert len(list((bench.home / homes.BACKUPS_NAME).iterdir())) == 1


def test_a_migration_that_fails_leaves_the_step_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put("old item")
    steps = (*schema.MIGRATIONS, ("9998_mood", add_column), ("9999_half", fails_halfway))
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    with pytest.raises(RuntimeError, match="power"):
        reopen(bench)
    assert bench.count("PRAGMA user_version") == len(steps) - 1
    assert "mood" in columns(bench)
    assert "half" not in columns(bench)
    mended = (*steps[:-1], ("9999_half", lambda execute: execute("CREATE TABLE whole (x)")))
    monkeypatch.setattr(schema, "MIGRATIONS", mended)
    reopen(bench)
    assert bench.count("PRAGMA user_version") == len(steps)
    assert bench.count("SELECT count(*) FROM item WHERE mood = 'fine'") == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from memassist.store import home, schema

kill_at = int(sys.argv[2])
done = 0

def step(number):
    def run(execute):
        global done
        for statement in (f"CREATE TABLE step{number} (x)", f"INSERT INTO step{number} VALUES (1)"):
            if done == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            execute(statement)
            done += 1
    return run

schema.MIGRATIONS = (*schema.MIGRATIONS, *((f"999{n}_step", step(n)) for n in (2, 3, 4)))
database = home.open_home(Path(sys.argv[1]))
rows = [database.read().execute(f"SELECT count(*) FROM step{n}").fetchone()[0] for n in (2, 3, 4)]
print(schema.schema_version(database), rows)
"""


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    words = [str(argument) for argument in arguments]
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


def test_a_kill_at_any_point_of_a_migration_is_mended_by_the_next_opening(bench: Bench) -> None:
    bench.put("stays")
    bench.database.close()
    for kill_at in range(6):
        killed = run_python(KILLED, bench.home, kill_at)
        assert killed.returncode in (-signal.SIGKILL, 0), killed.stderr
        assert bench.count("SELECT count(*) FROM item") == 1
        bench.database.close()
    done = run_python(KILLED, bench.home, -1)
    assert done.stdout.strip() == f"{len(schema.MIGRATIONS) + 3} [1, 1, 1]", done.stderr


def together(code: str, *arguments: object, processes: int = 8) -> list[tuple[int, str, str]]:
    """Run code in several processes at once and return (exit code, stdout, stderr) of each."""
    words = [str(argument) for argument in arguments]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    results = []
    for process in started:
        out, err = process.communicate(timeout=120)
        results.append((process.returncode, out.strip(), err))
    return results


CREATE = """
import sys
from pathlib import Path
from memassist.store import home
from memassist.store.errors import HomeExistsError, KeyRouteError
from memassist.store.keys import Route, make_key_file

place, key = Path(sys.argv[1]), Path(sys.argv[2])
try:
    if not key.exists():
        make_key_file(key, place)
    home.create(place, [Route("key-file", path=key)]).close()
    print("made")
except (HomeExistsError, KeyRouteError) as error:
    print("told")
"""

OPEN_AND_MIGRATE = """
import sys
from pathlib import Path
from memassist.store import doctor, home, schema

schema.MIGRATIONS = (
    *schema.MIGRATIONS,
    ("9998_race", lambda execute: execute("CREATE TABLE race (x)")),
    ("9999_race", lambda execute: execute("INSERT INTO race VALUES (1)")),
)
database = home.open_home(Path(sys.argv[1]))
print(database.read().execute("SELECT count(*) FROM race").fetchone()[0])
database.close()
"""


def test_of_eight_processes_that_make_one_home_one_wins_and_its_key_opens_it(
    tmp_path: Path,
) -> None:
    results = together(CREATE, tmp_path / "home", tmp_path / "key")
    assert sorted(out for _, out, _ in results) == ["made"] + ["told"] * 7, results
    database = homes.open_home(tmp_path / "home")
    assert all(check.ok for check in doctor.check(database))
    database.close()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "key"}


def test_eight_processes_that_open_an_older_home_migrate_it_once(bench: Bench) -> None:
    bench.put("stays")
    bench.database.close()
    results = together(OPEN_AND_MIGRATE, bench.home)
    assert [out for _, out, _ in results] == ["1"] * 8, results
    assert bench.count("SELECT count(*) FROM item") == 1
    all_of_them = len(schema.MIGRATIONS) + 2
    recorded = "SELECT count(*), count(DISTINCT name) FROM _sqlite_migrations"
    assert tuple(bench.database.read().execute(recorded).fetchone()) == (all_of_them, all_of_them)
