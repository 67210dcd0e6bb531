"""Sessions of Gemini CLI, in both shapes: what the person and the model said, each once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.readers.gemini import GeminiReader
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

META = {"sessionId": "s1", "projectHash": "ab", "startTime": "2026-05-01T10:00:00Z"}


def message(name: str, kind: str, content: object, **fields: Any) -> dict[str, Any]:
    moment = "2026-05-01T10:00:01.000Z"
    return {"id": name, "type": kind, "timestamp": moment, "content": content, **fields}


def read_text(folder: Path, text: str) -> list[ReadOutcome]:
    path = folder / "session-2026-05-01T10-00-s1.jsonl"
    path.write_text(text, "utf-8")
    return list(GeminiReader().read(source_file(path), ReadOptions()))


def read_lines(folder: Path, *lines: dict[str, Any]) -> list[ReadOutcome]:
    return read_text(folder, "".join(json.dumps(line) + "\n" for line in lines))


def said(outcomes: list[ReadOutcome]) -> list[tuple[str, bool | None]]:
    return [(one.text, one.is_owner) for one in outcomes if isinstance(one, Record)]


def reasons(outcomes: list[ReadOutcome]) -> list[str]:
    return sorted(one.reason for one in outcomes if isinstance(one, Skipped))


@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_with_all_messages_is_read(tmp_path: Path, indent: int | None) -> None:
    whole = {
        **META,
        "messages": [
            message("m1", "user", "Which port does the kestrel server use?"),
            message(
                "m2",
                "gemini",
                "Port 4711.",
                model="gemini-3-pro",
                thoughts=[{"subject": "Ports", "description": "look"}],
                toolCalls=[{"name": "read_file", "result": [{"text": "SECRET RESULT"}]}],
            ),
            message("m3", "info", "Update available"),
        ],
        "summary": "Ports",
    }
    outcomes = read_text(tmp_path, json.dumps(whole, indent=indent))
    question, answer = (one for one in outcomes if isinstance(one, Record))
    assert (question.text, question.is_owner, question.role) == (
        "Which port does the kestrel server use?",
        True,
        "user",
    )
    assert (answer.text, answer.author, answer.role) == ("Port 4711.", "gemini-3-pro", "assistant")
    assert (answer.conversation, answer.title, answer.native_id) == ("s1", "Ports", "m2")
    assert answer.occurred_at is not None
    assert answer.occurred_at.isoformat() == "2026-05-01T10:00:01+00:00"
    assert set(reasons(outcomes)) >= {"reasoning", "tool call", "written by the program"}


def test_a_message_that_grew_counts_as_it_was_written_last(tmp_path: Path) -> None:
    outcomes = read_lines(
        tmp_path,
        META,
        message("m1", "user", [{"text": "Hello"}]),
        message("m2", "gemini", ""),
        message("m2", "gemini", "Hello, Ann."),
        {"$set": {"lastUpdated": "2026-05-01T10:00:09Z"}},
    )
    assert said(outcomes) == [("Hello", True), ("Hello, Ann.", False)]
    assert "written again later" in reasons(outcomes)


def test_what_was_taken_back_is_left_out(tmp_path: Path) -> None:
    outcomes = read_lines(
        tmp_path,
        META,
        message("m1", "user", "Keep this"),
        message("m2", "user", "Not this"),
        message("m3", "gemini", "Nor this"),
        {"$rewindTo": "m2"},
        message("m4", "user", "But this"),
    )
    assert said(outcomes) == [("Keep this", True), ("But this", True)]
    assert reasons(outcomes).count("taken back") == 2


def test_messages_that_a_change_brings_anew_replace_the_others(tmp_path: Path) -> None:
    outcomes = read_lines(
        tmp_path,
        META,
        message("m1", "user", "Long talk"),
        {"$set": {"messages": [message("m9", "user", "Short talk")]}},
    )
    assert said(outcomes) == [("Short talk", True)]


def test_what_was_typed_counts_not_the_files_put_into_it(tmp_path: Path) -> None:
    content = [{"text": "Look at @notes.md"}, {"text": "--- Content of notes.md: pay rent"}]
    outcomes = read_lines(
        tmp_path, META, message("m1", "user", content, displayContent=[{"text": "Look at @notes"}])
    )
    assert said(outcomes) == [("Look at @notes", True)]


def test_a_sub_agent_is_told_by_the_model_what_to_do(tmp_path: Path) -> None:
    outcomes = read_lines(
        tmp_path, {**META, "kind": "subagent"}, message("m1", "user", "Search the code")
    )
    assert said(outcomes) == [("Search the code", False)]


def test_a_broken_line_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [json.dumps(META), '{"id": "m1", "type": "us', json.dumps(message("m2", "user", "Hi"))]
    outcomes = read_text(tmp_path, "\n".join(lines))
    assert said(outcomes) == [("Hi", True)]
    (problem,) = (one for one in outcomes if isinstance(one, Problem))
    assert problem.place == "line 2"


def test_a_cut_object_is_one_problem(tmp_path: Path) -> None:
    whole = json.dumps({**META, "messages": [message("m1", "user", "Hi")]}, indent=1)
    (problem,) = read_text(tmp_path, whole[: len(whole) // 2])
    assert isinstance(problem, Problem)


def test_the_log_of_all_prompts_is_skipped_as_the_sessions_hold_them(tmp_path: Path) -> None:
    entry = {"sessionId": "s1", "messageId": 0, "type": "user", "message": "Hi"}
    path = tmp_path / "logs.json"
    path.write_text(json.dumps([entry], indent=2), "utf-8")
    file = source_file(path)
    assert GeminiReader().recognises(file) > 0.9
    (outcome,) = GeminiReader().read(file, ReadOptions())
    assert isinstance(outcome, Skipped)
