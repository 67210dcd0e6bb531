"""Finding the files behind a path."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.ingest.errors import NoSuchPathError
from memassist.ingest.files import walk
from memassist.plugins.types import Problem, Skipped, SourceFile

if TYPE_CHECKING:
    from memassist.ingest.pipeline import ImportReport


def names(path: Path) -> list[str]:
    return [found.name for found in walk(path) if isinstance(found, SourceFile)]


def skips(path: Path) -> dict[str, str]:
    return {found.place: found.reason for found in walk(path) if isinstance(found, Skipped)}


def write(path: Path, content: bytes = b"text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_single_file_has_its_own_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"x" * 10_000)
    (found,) = walk(path)
    assert found == SourceFile(path, "a.txt", 10_000, b"x" * 8192)


def test_a_folder_is_walked_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c.txt", "b/deep/er/3.txt"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.txt", "b/1.txt", "b/2.txt", "b/deep/er/3.txt", "c.txt"]


def test_hidden_things_and_tool_folders_are_skipped_by_name(tmp_path: Path) -> None:
    for name in (".git/config", ".hidden.txt", "node_modules/x/readme.md", "notes/kept.md"):
        write(tmp_path / name)
    write(tmp_path / "venv", b"a file may be called so")
    assert names(tmp_path) == ["notes/kept.md", "venv"]
    assert skips(tmp_path) == {
        ".git": "hidden",
        ".hidden.txt": "hidden",
        "node_modules": "folder of a tool",
    }


def test_a_hidden_folder_that_is_itself_named_is_read(tmp_path: Path) -> None:
    write(tmp_path / ".notes" / "a.md")
    assert names(tmp_path / ".notes") == ["a.md"]


def test_links_are_never_followed_inside_a_folder(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.txt")
    folder = tmp_path / "folder"
    write(folder / "a.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "out").symlink_to(outside.parent, target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "dangling").symlink_to(folder / "nowhere")
    assert names(folder) == ["a.txt"]
    assert set(skips(folder).values()) == {"link"}
    assert len(skips(folder)) == 4


def test_a_link_that_is_itself_named_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    assert names(tmp_path / "link") == ["a.txt"]
    assert names(tmp_path / "link.txt") == ["a.txt"]


def test_pipes_sockets_and_devices_are_skipped_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert skips(tmp_path) == {"pipe": "not a regular file", "socket": "not a regular file"}
    assert list(walk(Path("/dev/null"))) == [Skipped("null", "not a regular file")]


@pytest.mark.parametrize("name", ["missing.txt", "nul\x00byte", "x" * 5000])
def test_a_path_that_does_not_exist_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(NoSuchPathError) as caught:
        walk(path)
    assert caught.value.path == path


def test_a_loop_of_links_is_no_such_path(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(NoSuchPathError):
        walk(tmp_path / "a")


def test_an_empty_folder_yields_nothing(tmp_path: Path) -> None:
    assert list(walk(tmp_path)) == []


def test_a_name_that_is_no_utf8_is_shown_with_a_replacement(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        path.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (found,) = walk(tmp_path)
    assert isinstance(found, SourceFile)
    assert found.name == "caf\ufffd.txt"
    assert found.path.read_bytes() == b"x"


def test_a_very_deep_folder_is_walked_without_recursion(tmp_path: Path) -> None:
    start = Path.cwd()
    depth = 1200
    os.chdir(tmp_path)
    try:
        for _ in range(depth):
            os.mkdir("d")  # noqa: PTH102 - a name alone, as the whole path is long
            os.chdir("d")
        Path("a.txt").write_bytes(b"x")
        (found,) = walk(tmp_path)
        Path("a.txt").unlink()
        # pytest's own clean-up recurses and would fail on it.
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")  # noqa: PTH106 - as above
    finally:
        os.chdir(start)
    assert isinstance(found, SourceFile)
    assert found.name == "d/" * depth + "a.txt"


@pytest.fixture
def readable_by_all() -> Path:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    return folder


def test_what_may_not_be_read_is_a_problem_and_the_rest_goes_on(readable_by_all: Path) -> None:
    folder = readable_by_all
    write(folder / "locked" / "a.txt")
    write(folder / "no.txt").chmod(0)
    write(folder / "yes.txt").chmod(0o644)
    (folder / "locked").chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)  # rights don't bind root
    try:
        found = list(walk(folder))
        alone = list(walk(folder / "locked"))
        below = list(walk(folder / "locked" / "a.txt"))
    finally:
        if is_root:
            os.seteuid(0)
        (folder / "locked").chmod(0o755)
    locked, no, yes = found
    assert isinstance(locked, Problem)
    assert isinstance(no, Problem)
    assert (locked.place, no.place) == ("locked", "no.txt")
    assert locked.reason == no.reason == "no right to read it"
    assert locked.advice
    assert isinstance(yes, SourceFile)
    assert [type(outcome) for outcome in (*alone, *below)] == [Problem, Problem]


def test_an_import_tells_how_far_it_is_within_files_and_between_them(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    line = json.dumps({"text": "word " * 1000}) + "\n"
    (folder / "a.jsonl").write_text(line * 1500)
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps([]))
        archive.writestr("more.bin", bytes(3_000_000))
    (folder / ".hidden").write_text("x" * 9_000_000)
    (folder / "note.md").write_text("A note.")
    shares: list[float] = []

    def show(report: ImportReport) -> None:
        assert report.share is not None
        shares.append(report.share)

    with Memory.create(tmp_path / "home", routes=[]) as memory:
        report = memory.import_path(folder, on_progress=show)
    assert shares == sorted(shares)
    assert len({one for one in shares if 0.1 < one < 0.6}) >= 2, "nothing was told within a file"
    assert shares[-1] == 1
    assert report.all_bytes == sum(one.stat().st_size for one in folder.glob("[!.]*"))
    assert report.unstored == 0
