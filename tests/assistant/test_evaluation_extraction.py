"""What counts as a memory that was expected, as a miss and as a false one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.errors import EvaluationError
from memassist.assistant.evaluation.cases import case_of, read_cases
from memassist.assistant.evaluation.extraction import Report, evaluate
from memassist.assistant.extract.rules import builtin_extractors

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-03-11T18:20:00Z"


def score(*lines: dict[str, Any]) -> Report:
    cases = [case_of(line, f"line {number}") for number, line in enumerate(lines, 1)]
    return evaluate(cases, builtin_extractors(), 0.5)


def one(said: str, /, **expected: Any) -> dict[str, Any]:
    return {"text": said, "at": AT, "expect": [expected]}


@pytest.mark.parametrize(
    "expected",
    [
        {"type": "core", "contains": ["leeds"]},
        {"type": ["semantic", "core"], "contains": "Leeds"},
        {"quote": "I live in Leeds"},
        {"quote": "Leeds", "contains": "live"},
        {"text": "The user lives in Leeds."},
        {"type": "core", "text": "The owner is living in Leeds"},
    ],
)
def test_what_is_asked_for_in_several_ways_is_found(expected: dict[str, Any]) -> None:
    report = score(one("I live in Leeds.", **expected))
    assert (report.all_types.met, report.all_types.right, report.misses) == (1, 1, ())
    assert report.all_types.f1 == 1.0


@pytest.mark.parametrize(
    "expected",
    [
        {"type": "episodic", "contains": ["Leeds"]},
        {"contains": ["Leeds", "London"]},
        {"text": "The user moved to London."},
        {"contains": "Leeds", "when": "2026"},
    ],
)
def test_another_type_place_or_time_is_a_miss_and_a_false_memory(expected: dict[str, Any]) -> None:
    report = score(one("I live in Leeds.", **expected))
    assert (report.all_types.met, report.all_types.right) == (0, 0)
    assert [miss.case for miss in report.misses] == ["line 1"]
    assert [each.text for each in report.false_memories] == ["I live in Leeds."]


def test_the_line_without_types_counts_a_memory_of_another_type() -> None:
    report = score(one("I live in Leeds.", type="semantic", contains="Leeds"))
    assert report.all_types.precision == 0.0
    assert report.any_type.precision == report.any_type.recall == 1.0


@pytest.mark.parametrize(
    ("told", "is_right"),
    [
        ("2026-03-08", True),
        ("2026-03", True),
        ("2026", True),
        ("2026-03-01", False),
        ("2025", False),
    ],
)
def test_an_event_has_to_be_then(told: str, is_right: bool) -> None:
    report = score(
        one(
            "I ran the Ghent half marathon on Sunday.", type="episodic", contains="Ghent", when=told
        )
    )
    assert report.all_types.met == is_right


def test_what_is_optional_is_neither_missed_nor_false() -> None:
    optional = {"type": "core", "optional": True}
    report = score(
        one("I live in Leeds.", contains="Leeds", **optional),
        one("The sky is blue.", contains="sky", **optional),
    )
    assert (report.all_types.expected, report.all_types.right) == (1, 1)
    assert not report.misses
    assert not report.false_memories


def test_what_waits_in_the_inbox_is_not_remembered() -> None:
    said = one("I live in Leeds.", contains="Leeds")
    assert score(said | {"author": "Bo", "me": ["Ann"]}).types.keys() == {"semantic"}
    cases = [case_of(said, "c")]
    assert evaluate(cases, builtin_extractors(), 0.99).all_types.made == 0


def test_turns_are_one_conversation_and_silence_is_counted() -> None:
    turns = [
        {"text": "Where do you live?", "role": "assistant"},
        {"text": "I live in Leeds.", "author": "Ann"},
        {"text": "Thanks!", "author": "Ann"},
    ]
    spoken = {"turns": turns, "me": "Ann", "at": AT}
    report = score(spoken | {"expect": [{"text": "Ann lives in Leeds.", "quote": "Leeds"}]})
    assert report.all_types.met == 1
    silent = score({"text": "Thanks!", "expect": []}, {"text": "I live in Leeds.", "expect": []})
    assert (silent.silent_cases, silent.kept_silent) == (2, 1)
    assert silent.all_types.recall is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: a case is no JSON object"),
        ('{"expect": []}', "either text or turns"),
        ('{"text": " ", "expect": []}', "blank"),
        ('{"text": "x"}', "expect is no list"),
        ('{"text": "x", "expect": [{"type": "core"}]}', "needs text, contains or quote"),
        ('{"text": "x", "expect": [{"type": "fact", "text": "y"}]}', "no type fact"),
        ('{"text": "x", "expect": [{"quote": "y"}]}', "does not stand in the text"),
        ('{"text": "x", "expect": [{"text": "y", "wehn": "2026"}]}', "'wehn'"),
        ('{"text": "x", "expect": [{"text": "y", "when": "May"}]}', "'May'"),
        ('{"text": "x", "at": "noon", "expect": []}', "'noon'"),
        ("", "holds no cases"),
    ],
)
def test_a_wrong_line_is_named(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match=said.replace("[", r"\[")):
        read_cases(path)


def test_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    lines = [{"id": name, "text": "x", "expect": []} for name in "ba"]
    path.write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert [case.id for case in read_cases(path)] == ["b", "a"]
