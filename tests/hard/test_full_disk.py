"""A disk that takes no more: a clear end, nothing lost, and on with it when there is room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hard.conftest import Cli, Ended

LINES = 4_000
LIMITED = "import os, resource, sys; limit = int(sys.argv[1]); resource.setrlimit("
LIMITED += "resource.RLIMIT_FSIZE, (limit, limit)); os.execv(sys.argv[2], sys.argv[2:])"


def write_lines(path: Path) -> None:
    """Write more than a small disk holds."""
    path.write_text(
        "".join(
            json.dumps({"text": f"line {number} " + "word " * 150, "ref": f"r{number}"}) + "\n"
            for number in range(LINES)
        )
    )


def may_mount() -> bool:
    """Whether this process may make file systems, as in a container's test run."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def ends_clearly(ended: Ended) -> None:
    """Assert that a command said that the disk is full, and nothing else."""
    assert ended.code == 1, ended
    assert "disk is full" in ended.err
    assert "Free some room" in ended.err


def goes_on(cli: Cli, source: Path) -> None:
    """Assert that with room again all is there, once."""
    kept = cli.rows("SELECT text FROM item")
    assert cli.failing_checks() == []
    ended = cli.run("import", source, "--no-wait", "--json").json()
    assert ended["existing"] == len(kept)
    assert ended["stored"] == LINES - len(kept)
    assert cli.rows("SELECT count(DISTINCT text), count(*) FROM item") == [(LINES, LINES)]
    assert cli.failing_checks() == []


def test_a_limit_on_file_sizes(cli: Cli, tmp_path: Path) -> None:
    source = tmp_path / "lines.jsonl"
    write_lines(source)
    limit = (cli.home / "memory.db").stat().st_size + 3_000_000
    ends_clearly(cli.run("import", source, before=(sys.executable, "-c", LIMITED, str(limit))))
    assert 0 < cli.rows("SELECT count(*) FROM item")[0][0] < LINES
    goes_on(cli, source)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory on a file system of six megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "none", place],
        check=True,
    )
    yield place
    subprocess.run(["umount", place], check=True)


if may_mount():

    def test_a_full_file_system(cli: Cli, small_disk: Path, tmp_path: Path) -> None:
        cli = type(cli)(small_disk / "home", tmp_path)
        assert cli.run("init", "--key-file", tmp_path / "key").code == 0
        source = tmp_path / "lines.jsonl"
        write_lines(source)
        ends_clearly(cli.run("import", source))
        (small_disk / "filler").write_bytes(b"")
        with (small_disk / "filler").open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        for words in (("stats",), ("search", "--lexical", "line"), ("memories", "list")):
            cli.run(*words)  # that it ends without a traceback is asserted there
        ends_clearly(cli.run("add", "much more " * 10_000, "--no-wait"))
        ends_clearly(cli.run("config", "set", "me", *(["Ann"] * 2_000)))
        (small_disk / "filler").unlink()
        more = "remount,size=64m"
        subprocess.run(["mount", "-o", more, small_disk], check=True)
        assert cli.run("doctor").code == 0
        goes_on(cli, source)
