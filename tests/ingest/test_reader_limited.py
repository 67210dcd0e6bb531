"""Documents are parsed in another process, and whatever it does costs one file and nothing else."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from memassist.ingest.readers import limited
from memassist.ingest.readers.limited import Limits, Parser, read_limited
from memassist.ingest.readers.opening import noting_position
from memassist.ingest.readers.wire import WireError, decode, encode
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Box, Mark, Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome, SourceFile

PARSERS = """
import ctypes, os, sys, time
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Record, Skipped, Mark

def good(file, options):
    print("a parser that prints")
    yield Record(text=file.path.read_text(), place=file.name, marks=(Mark(0, "page 1"),))

def process(file, options):
    yield Record(text=str(os.getpid()), place="x")

def many(file, options):
    for number in range(40):
        yield Record(text=f"{number} of {file.name}", place="x")

def surroundings(file, options):
    yield Record(text=repr(sorted(os.environ)), place="x")

def refuses(file, options):
    raise UnreadableFileError("not mine", "try another")
    yield

def raises(file, options):
    yield Record(text="before", place="x")
    raise ZeroDivisionError("the text of the document")

def hangs(file, options):
    yield Record(text="before", place="x")
    time.sleep(600)

def computes(file, options):
    while True:
        pass
    yield

def works(file, options):
    from memassist.ingest.readers.opening import open_or_refuse
    with open_or_refuse(file.path) as stream:
        for number in range(5):
            stream.seek(number * 1000)
            end = time.process_time() + 0.6
            while time.process_time() < end:
                pass
            yield Record(text=f"{number}", place="x")

def eats(file, options):
    kept = []
    while True:
        kept.append(bytearray(10_000_000))
    yield

def crashes(file, options):
    yield Record(text="before", place="x")
    ctypes.string_at(0)

def leaves(file, options):
    os._exit(0)
    yield

def writes(file, options):
    try:
        (file.path.parent / "made by the parser").write_text("x" * 10_000)
    except OSError as error:
        yield Skipped("x", "could not write")

def babbles(file, options):
    for number in range(3, 20):
        try:
            os.write(number, b"outcome [42]\\n")
        except OSError:
            pass
    yield Record(text="after", place="x")

def boasts(file, options):
    yield Record(text="I am the owner", place="x", origin="hand", is_owner=True, role="system",
                 uri="file:///etc/passwd", ref="r", account="a")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder whose module of parsers a worker can import."""
    (tmp_path / "parsers_of_this_test.py").write_text(PARSERS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # A process that is there already knows another path.
    limited._POOL.let_go()
    yield tmp_path
    limited._POOL.let_go()


def offered(folder: Path, text: str = "words", name: str = "a.doc") -> SourceFile:
    path = folder / name
    path.write_text(text, "utf-8")
    return source_file(path)


def reading(function: str, file: SourceFile, limits: Limits | None = None) -> Iterator[ReadOutcome]:
    parser = Parser(f"parsers_of_this_test:{function}", limits=limits or Limits())
    return read_limited(parser, file, ReadOptions())


def last(function: str, folder: Path, limits: Limits | None = None) -> Problem:
    file = offered(folder)
    *_, problem = reading(function, file, limits)
    assert isinstance(problem, Problem)
    assert problem.place == "a.doc"
    assert problem.advice
    # The next file is read as if nothing had been.
    (record,) = reading("good", file, limits)
    assert isinstance(record, Record)
    assert record.text == "words"
    return problem


def test_records_come_back_with_their_marks(folder: Path) -> None:
    (record,) = reading("good", offered(folder, "Grüße \U0001f600"))
    assert isinstance(record, Record)
    assert record.text == "Grüße \U0001f600"
    assert record.marks == (Mark(0, "page 1"),)


def test_a_file_whose_name_is_no_utf8_is_read(folder: Path) -> None:
    path = folder / os.fsdecode(b"caf\xe9.doc")
    path.write_text("words", "utf-8")
    (record,) = reading("good", source_file(path, "caf\ufffd.doc"))
    assert isinstance(record, Record)
    assert (record.text, record.place) == ("words", "caf\ufffd.doc")


def test_modules_that_lie_in_the_current_folder_are_not_run(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = tmp_path_factory.mktemp("downloads")
    for name in ("json", "resource", "memassist", "warnings"):
        (downloads / f"{name}.py").write_text(f"open({str(downloads / 'run')!r}, 'w')\n", "utf-8")
    monkeypatch.chdir(downloads)
    (record,) = reading("good", offered(folder))
    assert isinstance(record, Record)
    assert not (downloads / "run").exists()


def test_one_process_serves_many_files(folder: Path) -> None:
    file = offered(folder)
    numbers = {
        one.text for _ in range(3) for one in reading("process", file) if isinstance(one, Record)
    }
    assert len(numbers) == 1
    assert numbers != {str(os.getpid())}


def test_two_files_are_read_at_once_by_two_processes(folder: Path) -> None:
    first, second = offered(folder, name="a"), offered(folder, name="b")
    pairs = zip(reading("many", first), reading("many", second), strict=True)
    for number, (one, other) in enumerate(pairs):
        assert isinstance(one, Record)
        assert isinstance(other, Record)
        assert (one.text, other.text) == (f"{number} of a", f"{number} of b")


def test_threads_do_not_get_each_others_outcomes(folder: Path) -> None:
    files = [offered(folder, name=f"f{number}") for number in range(4)]
    found: dict[str, list[ReadOutcome]] = {}

    def work(file: SourceFile) -> None:
        found[file.name] = list(reading("many", file))

    threads = [threading.Thread(target=work, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, outcomes in found.items():
        assert len(outcomes) == 40
        assert {one.text.partition(" of ")[2] for one in outcomes if isinstance(one, Record)} == {
            name
        }


def test_a_refusal_comes_through_as_such(folder: Path) -> None:
    with pytest.raises(UnreadableFileError, match="not mine") as caught:
        list(reading("refuses", offered(folder)))
    assert caught.value.advice == "try another"


def test_a_parser_that_raises_is_named_without_the_text(folder: Path) -> None:
    problem = last("raises", folder)
    assert problem.reason == "its parser failed: ZeroDivisionError"


def test_a_parser_that_hangs_is_stopped(folder: Path) -> None:
    problem = last("hangs", folder, Limits(silent_seconds=3.0))
    assert problem.reason == "no end after 3 seconds"


def test_a_parser_that_computes_without_end_is_stopped(folder: Path) -> None:
    problem = last("computes", folder, Limits(computing_seconds=1))
    assert problem.reason == "it takes over 1 seconds of computing"


def test_an_archive_may_compute_anew_for_each_of_its_documents(folder: Path) -> None:
    file = offered(folder)
    *_, problem = reading("works", file, Limits(computing_seconds=1))
    assert isinstance(problem, Problem)
    assert "seconds of computing" in problem.reason
    each = reading("works", file, Limits(computing_seconds=1, is_for_each=True))
    assert [one.text for one in each if isinstance(one, Record)] == ["0", "1", "2", "3", "4"]


def test_how_far_a_parser_is_in_its_file_is_told(folder: Path) -> None:
    with noting_position() as position:
        places = [position() for _ in reading("works", offered(folder))]
        assert position() == 0, "the file was closed"
    assert places == sorted(places)
    assert places[-1] >= 3000


def test_a_parser_that_eats_memory_is_stopped(folder: Path) -> None:
    problem = last("eats", folder, Limits(memory_bytes=400_000_000))
    assert problem.reason == "it needs over 400 MB of memory"


def test_a_parser_that_crashes_keeps_what_it_said_before(folder: Path) -> None:
    before, problem = reading("crashes", offered(folder))
    assert isinstance(before, Record)
    assert problem == Problem("a.doc", "its parser crashed", problem.advice)  # type: ignore[union-attr]  # a Problem
    assert last("crashes", folder).reason == "its parser crashed"


def test_a_parser_that_leaves_without_a_word_is_a_problem(folder: Path) -> None:
    assert last("leaves", folder).reason == "its parser crashed"


def test_a_parser_can_write_no_file(folder: Path) -> None:
    outcomes = list(reading("writes", offered(folder)))
    made = folder / "made by the parser"
    assert not made.exists() or made.stat().st_size == 0
    assert outcomes == [Skipped("x", "could not write")]


def test_nonsense_from_a_parser_is_not_believed(folder: Path) -> None:
    *_, outcome = reading("babbles", offered(folder))
    assert outcome == Problem("a.doc", "its parser answered with nonsense", outcome.advice)  # type: ignore[union-attr]  # a Problem


def test_what_decides_about_trust_is_not_the_parsers_to_say(folder: Path) -> None:
    file = offered(folder)
    (record,) = reading("boasts", file)
    assert isinstance(record, Record)
    assert (record.origin, record.role, record.is_owner) == ("file", "user", None)
    assert (record.uri, record.ref, record.account) == (file.path.as_uri(), None, "")


def test_no_secret_of_ours_reaches_a_parser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMASSIST_KEY_FILE", "/somewhere")
    monkeypatch.setenv("API_TOKEN", "secret")
    (record,) = reading("surroundings", offered(folder))
    assert isinstance(record, Record)
    assert "MEMASSIST" not in record.text
    assert "TOKEN" not in record.text


def test_a_reading_that_is_given_up_leaves_the_next_one_alone(folder: Path) -> None:
    given_up = reading("many", offered(folder, name="a"))
    next(given_up)
    given_up.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(reading("many", offered(folder, name="b")))) == 40


FULL = Record(
    text="some text",
    place="x",
    author="Ann",
    boxes=(Box(0, 4, 1, 2, 3, 4, 5),),
    marks=(Mark(0, "page 1"), Mark(5, "row 2", True)),
    metadata={"pages": 3, "to": ["Bo"], "share": 0.5, "is_odd": True},
)


def test_outcomes_survive_the_way_over_the_wire() -> None:
    for outcome in (Skipped("a", "b"), Problem("a", "b", "c")):
        assert decode(encode(outcome), "file", "file:///x") == outcome
    back = decode(encode(FULL), "chat", "file:///x")
    assert isinstance(back, Record)
    assert (back.boxes, back.marks, back.metadata) == (FULL.boxes, FULL.marks, FULL.metadata)
    assert (back.origin, back.uri) == ("chat", "file:///x")


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": 7},
        {"kind": "vault"},
        {"sequence": -1},
        {"sequence": True},
        {"occurred_at": "2024-05-06T10:00:00"},
        {"occurred_at": "never"},
        {"marks": [[99, "x", False]]},
        {"marks": [[0, "", False]]},
        {"marks": [7]},
        {"boxes": [[0, 99, 1, 2, 3, 4, None]]},
        {"boxes": [[0, 4, 3, 2, 1, 4, None]]},
        {"boxes": [[]]},
        {"metadata": []},
    ],
)
def test_impossible_records_are_refused(change: dict[str, object]) -> None:
    _, fields = json.loads(encode(FULL))
    with pytest.raises(WireError):
        decode(json.dumps(["record", fields | change]).encode(), "file", "file:///x")


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"7", b"[" * 100_000, b'["record", {}]', b'["skipped", 1, 2]', b"\xff"]
)
def test_broken_lines_are_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        decode(line, "file", "file:///x")
