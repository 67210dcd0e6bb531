"""Files are private from the first byte, whatever the umask, and replaced whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from memassist.store.errors import HomeExistsError, NoAccessError
from memassist.store.files import (
    made_whole,
    make_private_directory,
    make_private_file,
    write_private_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.store.conftest import Bench


def mode(path: Path) -> int:
    """Return the permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o277, 0o777])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_files_and_directories_are_private_under_any_umask(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    make_private_directory(tmp_path / "a" / "b" / "c")
    make_private_file(tmp_path / "a" / "empty")
    write_private_file(tmp_path / "a" / "full", b"text")
    assert [mode(tmp_path / "a" / name) for name in ("empty", "full")] == [0o600, 0o600]
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_every_file_of_a_home_in_use_is_private(bench: Bench) -> None:
    before = os.umask(0)
    try:
        bench.put("something to store")
        modes = {path.name: mode(path) for path in bench.home.rglob("*")}
    finally:
        os.umask(before)
    assert mode(bench.home) == 0o700
    assert set(modes) >= {"memory.db", "memory.db-wal", "memory.db-shm", "keyslots.json"}
    assert set(modes.values()) == {0o600}


def test_an_existing_file_keeps_its_content(tmp_path: Path) -> None:
    write_private_file(tmp_path / "file", b"kept")
    make_private_file(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    write_private_file(tmp_path / "key", b"first", is_new=True)
    with pytest.raises(FileExistsError):
        write_private_file(tmp_path / "key", b"second", is_new=True)
    assert (tmp_path / "key").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_directory_that_failed_halfway_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with made_whole(tmp_path / "home") as unfinished:
            write_private_file(unfinished / "half", b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_of_two_makers_of_a_directory_the_second_is_told(tmp_path: Path) -> None:
    def late() -> None:
        with made_whole(tmp_path / "home") as unfinished:
            (unfinished / "mine").touch()
            (tmp_path / "home").mkdir()
            (tmp_path / "home" / "theirs").touch()

    with pytest.raises(HomeExistsError):
        late()
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["theirs"]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_an_empty_directory_can_become_a_home_and_a_file_cannot(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with made_whole(tmp_path / "empty") as unfinished:
        (unfinished / "made").touch()
    assert (tmp_path / "empty" / "made").exists()
    (tmp_path / "file").touch()
    with pytest.raises(HomeExistsError), made_whole(tmp_path / "file"):
        pass


def test_a_directory_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoAccessError, match="file"):
        make_private_directory(tmp_path / "file" / "below")
    (tmp_path / "directory").mkdir()
    with pytest.raises(NoAccessError, match="directory"):
        write_private_file(tmp_path / "directory", b"x")
