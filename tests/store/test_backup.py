"""A backup is encrypted, read back, and restores what was there; a bad one restores nothing."""

from __future__ import annotations

import os
import secrets
import threading
from typing import TYPE_CHECKING

import pytest

from memassist.store import backup, doctor, keys
from memassist.store import home as homes
from memassist.store.errors import DamagedError, HomeExistsError, HomeMissingError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Bench


@pytest.fixture
def saved(bench: Bench, tmp_path: Path) -> Path:
    """Return a backup of three items and a memory."""
    bench.put("I live in Leeds.", "canary one", "canary two")
    bench.remember(bench.state("Ann lives in Leeds.", "I live in Leeds."))
    bench.work()
    (bench.home / "config.toml").write_text('me = ["Ann"]\n')
    backup.back_up(bench.home, bench.database, tmp_path / "saved")
    return tmp_path / "saved"


def memories(bench: Bench) -> int:
    """Return how many memories the home has: one by hand and those the rules found."""
    return bench.count("SELECT count(*) FROM memory")


def test_a_backup_restores_to_the_same(bench: Bench, saved: Path, tmp_path: Path) -> None:
    report = backup.restore(saved, tmp_path / "again", bench.database.key)
    assert (report.items, report.memories) == (3, memories(bench))
    assert report.path == tmp_path / "again" / "memory.db"
    restored = homes.open_home(tmp_path / "again")
    for table in ("item", "passage", "vector", "memory", "evidence", "revision", "setting"):
        query = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608 - names from above
        ours = [tuple(row) for row in bench.database.read().execute(query).fetchall()]
        assert [tuple(row) for row in restored.read().execute(query).fetchall()] == ours
    assert all(check.ok for check in doctor.check(restored))
    restored.close()
    assert (tmp_path / "again" / "config.toml").read_text() == 'me = ["Ann"]\n'


def test_a_backup_is_encrypted_private_and_without_leftovers(saved: Path) -> None:
    files = {path.name: path for path in saved.rglob("*")}
    assert set(files) == {"memory.db", "keyslots.json", "config.toml"}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert saved.stat().st_mode & 0o777 == 0o700
    content = files["memory.db"].read_bytes()
    assert b"canary" not in content
    assert b"SQLite format 3" not in content


def test_a_backup_while_somebody_writes_is_one_moment(bench: Bench, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            bench.put(f"first {number}", f"second {number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            report = backup.back_up(bench.home, bench.database, tmp_path / f"saved{number}")
            assert report.items % 2 == 0
    finally:
        stop.set()
        writer.join()


def test_nothing_is_written_over(bench: Bench, saved: Path) -> None:
    with pytest.raises(HomeExistsError):
        backup.back_up(bench.home, bench.database, saved)
    with pytest.raises(HomeExistsError):
        backup.restore(saved, bench.home, bench.database.key)


def test_reading_a_backup_counts_it_and_changes_nothing(bench: Bench, saved: Path) -> None:
    before = (saved / "memory.db").read_bytes()
    report = backup.verify(saved / "memory.db", bench.database.key)
    assert (report.items, report.memories, report.bytes) == (3, memories(bench), len(before))
    assert (saved / "memory.db").read_bytes() == before
    assert len(list(saved.iterdir())) == 3


def test_a_backup_without_its_store_is_none(bench: Bench, saved: Path, tmp_path: Path) -> None:
    (saved / "memory.db").unlink()
    with pytest.raises(HomeMissingError):
        backup.restore(saved, tmp_path / "again", bench.database.key)
    with pytest.raises(HomeMissingError):
        backup.verify(saved / "memory.db", bench.database.key)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_backup_that_was_cut_short_restores_nothing(
    bench: Bench, saved: Path, tmp_path: Path, share: float
) -> None:
    path = saved / "memory.db"
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(DamagedError):
        backup.verify(path, bench.database.key)
    with pytest.raises(DamagedError):
        backup.restore(saved, tmp_path / "again", bench.database.key)
    assert not (tmp_path / "again").exists()
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_a_backup_with_a_bad_page_or_another_key_restores_nothing(
    bench: Bench, saved: Path, tmp_path: Path
) -> None:
    with pytest.raises(DamagedError):
        backup.restore(saved, tmp_path / "again", secrets.token_bytes(32))
    path = saved / "memory.db"
    content = bytearray(path.read_bytes())
    content[4096 + 2000] ^= 1  # the second page is a table's; one in the middle may be a free one
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        backup.restore(saved, tmp_path / "again", bench.database.key)
    assert not (tmp_path / "again").exists()


def test_a_full_disk_leaves_no_half_backup(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("memassist.store.backup.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        backup.back_up(bench.home, bench.database, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_what_was_forgotten_is_not_in_a_later_backup(open_bench: Bench, tmp_path: Path) -> None:
    from memassist.store.forget import forget_items

    bench = open_bench
    bench.put("zq-forgotten-marker here", "stays")
    forget_items(bench.database, [bench.item_id("zq-forgotten-marker here")])
    backup.back_up(bench.home, bench.database, tmp_path / "saved")
    content = (tmp_path / "saved" / "memory.db").read_bytes()
    assert b"stays" in content
    assert b"zq-forgotten" not in content
    assert keys.unlock(tmp_path / "saved").data_key is None
