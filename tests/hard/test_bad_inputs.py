"""Whatever is wrong with an input: a sentence, the documented exit code, a problem on record.

What was stored before stays, what can be read of the rest is taken in, and memory stays bounded.
"""

from __future__ import annotations

import io
import json
import secrets
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hard.conftest import Cli

NOTHING_READABLE = 3
GOOD = b'{"text": "a good line"}\n'


def zipped(**files: bytes) -> bytes:
    """Return a zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), data)
    return content.getvalue()


def line(**values: object) -> bytes:
    """Return one JSON line, with what UTF-8 can't hold as escapes."""
    return json.dumps({"text": "a good line", **values}).encode() + b"\n"


@pytest.fixture
def filled(cli: Cli) -> Iterator[Cli]:
    """Yield a home with an item, which must be there and in order afterwards."""
    assert cli.run("add", "it stays", "--no-wait").code == 0
    yield cli
    assert ("it stays",) in cli.rows("SELECT text FROM item")
    assert cli.failing_checks() == []


def taken(cli: Cli) -> list[str]:
    """Return the texts that were taken in."""
    return [row[0] for row in cli.rows("SELECT text FROM item WHERE text <> 'it stays'")]


def test_no_such_file(filled: Cli, tmp_path: Path) -> None:
    ended = filled.run("import", tmp_path / "nothing.zip")
    assert ended.code == NOTHING_READABLE
    assert "no such file" in ended.err.lower()
    for odd in ("x" * 300, "a\udcffb", "/dev/null", "/dev/zero"):
        assert filled.run("import", odd).code == NOTHING_READABLE


def test_a_directory_without_rights(filled: Cli, tmp_path: Path, refused: tuple[str, ...]) -> None:
    folder = tmp_path / "folder"
    (folder / "closed").mkdir(parents=True)
    (folder / "closed" / "secret.md").write_text("a note")
    (folder / "open.md").write_text("An open note.")
    (folder / "closed").chmod(0)
    ended = filled.run("import", folder, "--no-wait", "--json", before=refused)
    assert ended.code == 0
    assert (ended.json()["stored"], ended.json()["problems"]) == (1, 1)
    (folder / "closed").chmod(0o700)
    assert filled.run("problems", "--json").json()["problems"][0]["reason"]


def test_nothing_but_a_directory_without_rights(
    filled: Cli, tmp_path: Path, refused: tuple[str, ...]
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0)
    ended = filled.run("import", tmp_path / "closed", "--no-wait", before=refused)
    assert ended.code == NOTHING_READABLE
    assert "no right to read it" in ended.err


def test_problems_in_a_folder_name_their_file(filled: Cli, tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / "folder" / "chats").mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / "chats" / name).write_text('{"text": "well"}\n{"text": 5}\n')
    filled.run("import", tmp_path / "folder", "--no-wait")
    listed = filled.run("problems", "--json").json()["problems"]
    assert {one["place"] for one in listed} == {
        "chats/a.jsonl, line 2",
        "chats/b.jsonl, line 2",
    }


UNREADABLE = {
    "empty.jsonl": b"",
    "empty.json": b"",
    "empty.zip": b"",
    "empty.md": b"",
    "empty.png": b"",
    "rubbish.jsonl": secrets.token_bytes(50_000),
    "rubbish.json": secrets.token_bytes(50_000),
    "rubbish.zip": b"PK\x03\x04" + secrets.token_bytes(50_000),
    "rubbish.png": b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(50_000),
    "rubbish.bin": secrets.token_bytes(50_000),
    "conversations.json": b'[{"id": "c", "title": "T", "mapping": {"a": {"id": "a", "mess',
    "cut.zip": zipped(conversations_json=b"[]" * 50_000)[:-40],
    "deep.json": b"[" * 200_000,
    "nothing.zip": zipped(data=secrets.token_bytes(5_000)),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_nothing_readable(filled: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(UNREADABLE[name])
    ended = filled.run("import", tmp_path / name, "--no-wait")
    assert ended.code == NOTHING_READABLE, ended
    assert "Nothing in" in ended.err
    assert taken(filled) == []


@pytest.mark.parametrize(
    "name", ["rubbish.jsonl", "rubbish.zip", "rubbish.png", "conversations.json", "deep.json"]
)
def test_what_is_broken_is_on_record(filled: Cli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(UNREADABLE[name])
    filled.run("import", tmp_path / name, "--no-wait")
    problems = filled.run("problems", "--json").json()["problems"]
    assert problems
    assert all(one["reason"] and one["place"] for one in problems)


LINES = {
    "truncated JSON": (b'{"text": "cut off', 1, 1),
    "invalid UTF-8": (b'{"text": "caf\xe9 au lait"}\n', None, None),
    "NUL byte": (b'{"text": "nul \x00 raw"}\n', None, None),
    "NUL escape": (b'{"text": "nul \\u0000 escaped"}\n', 2, 0),
    "lone surrogate": (b'{"text": "half \\ud83d of it"}\n', None, None),
    "lone surrogate in a name": (b'{"text": "odd name", "\\ud83d": "\\udc00"}\n', None, None),
    "lone surrogates in ids": (line(text="odd", ref="\ud83d", conversation="\udc00"), None, None),
    "U+2028": (line(text="one \u2028 two \x85 three"), 2, 0),
    "U+2028 raw": ('{"text": "one \u2028 two \x85 three"}\n'.encode(), 2, 0),
    "date before all": (line(text="dated", occurred_at="0000-00-00T00:00:00Z"), None, None),
    "date after all": (line(text="dated", occurred_at="99999-01-01T00:00:00Z"), None, None),
    "date at the edge": (line(text="dated", occurred_at="0001-01-01T00:00:00+14:00"), None, None),
    "date at the end": (line(text="dated", occurred_at="9999-12-31T23:59:59-12:00"), None, None),
    "date as a number": (line(text="dated", occurred_at=1e300), None, None),
    "date as nonsense": (line(text="dated", occurred_at="soon"), None, None),
    "text that is none": (line(text=["a", "list"]), 1, 1),
    "numbers beyond all": (b'{"text": "n", "x": 1e999, "y": ' + b"9" * 5000 + b"}\n", None, None),
    "deep nesting": (b'{"text": "n", "x": ' + b"[" * 100_000 + b"}\n", 1, 1),
}


@pytest.mark.parametrize("name", LINES)
def test_one_bad_line_among_good_ones(filled: Cli, tmp_path: Path, name: str) -> None:
    content, stored, problems = LINES[name]
    (tmp_path / "chat.jsonl").write_bytes(GOOD + content)
    ended = filled.run("import", tmp_path / "chat.jsonl", "--no-wait", "--json")
    assert ended.code == 0, ended.err
    report = ended.json()
    assert report["stored"] + report["problems"] == 2, report
    assert "a good line" in taken(filled)
    if stored is not None:
        assert (report["stored"], report["problems"]) == (stored, problems)
    listed = filled.run("problems", "--json").json()["problems"]
    assert len(listed) == report["problems"]
    again = filled.run("import", tmp_path / "chat.jsonl", "--no-wait", "--json").json()
    assert (again["stored"], again["existing"]) == (0, report["stored"])
    # Whatever was stored can be read back, shown and searched.
    for words in (("timeline", "--json"), ("search", "--lexical", "--json", "good line odd dated")):
        assert filled.run(*words).code == 0


def test_a_zip_that_climbs_out_writes_nothing(filled: Cli, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("../../escaped.json", "[]")
        archive.writestr("/absolute.json", "[]")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "evil.zip").write_bytes(content.getvalue())
    before = {path for path in tmp_path.rglob("*") if "home" not in path.parts}
    assert filled.run("import", below / "evil.zip", "--no-wait").code == NOTHING_READABLE
    assert {path for path in tmp_path.rglob("*") if "home" not in path.parts} == before
    assert not Path("/absolute.json").exists()


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
sys.stdout.write(done.stdout)
sys.stderr.write(done.stderr)
sys.stderr.write(f"\\npeak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}\\n")
sys.exit(done.returncode)
"""


def peak_megabytes(err: str) -> int:
    """Return what `MEASURED` added to a command's errors."""
    return int(err.rstrip().rpartition("peak ")[2])


@pytest.mark.slow
def test_a_line_of_200_megabytes_and_a_zip_bomb_keep_memory_bounded(
    filled: Cli, tmp_path: Path
) -> None:
    measured = (sys.executable, "-c", MEASURED)
    (tmp_path / "small.jsonl").write_bytes(GOOD)
    usual = peak_megabytes(
        filled.run("import", tmp_path / "small.jsonl", "--no-wait", before=measured).err
    )
    with (tmp_path / "long.jsonl").open("wb") as file:
        file.write(line(text="before the long one"))
        file.write(b'{"text": "')
        for _ in range(200):
            file.write(b"lengthy " * 125_000)
        file.write(b'"}\n')
        file.write(line(text="after the long one"))
    ended = filled.run("import", tmp_path / "long.jsonl", "--no-wait", "--json", before=measured)
    assert ended.code == 0
    assert (ended.json()["stored"], ended.json()["problems"]) == (2, 1)
    assert peak_megabytes(ended.err) < usual + 300
    (tmp_path / "long.jsonl").unlink()

    bomb = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as entry,
    ):
        entry.write(b'[{"title": "')
        for _ in range(1000):
            entry.write(b"a" * 1_000_000)
        entry.write(b'"}]')
    assert bomb.stat().st_size < 2_000_000
    ended = filled.run("import", bomb, "--no-wait", before=measured)
    assert ended.code == NOTHING_READABLE
    assert peak_megabytes(ended.err) < usual + 300
    assert filled.run("problems", "--json").json()["problems"]


def test_two_processes_that_import_the_same_double_nothing(filled: Cli, tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    lines = [{"text": f"line {number}", "ref": f"r{number}"} for number in range(3000)]
    repeated = [{"text": "ok", "conversation": "c"}] * 40
    path.write_text("".join(json.dumps(one) + "\n" for one in lines + repeated))
    started = [filled.start("import", path, "--no-wait", "--json") for _ in range(3)]
    reports = [json.loads(process.communicate()[0]) for process in started]
    assert [process.returncode for process in started] == [0] * 3
    assert sum(report["stored"] for report in reports) == 3040
    assert sum(report["existing"] for report in reports) == 2 * 3040
    assert sum(report["new_versions"] for report in reports) == 0
    assert len(taken(filled)) == 3040
    assert filled.rows("SELECT count(*) FROM passage") == [(3041,)]
