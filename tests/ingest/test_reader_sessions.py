"""Sessions of coding assistants: the words of both sides, and nothing the program put in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from memassist.ingest.readers.sessions import ClaudeCodeReader, CodexReader
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.protocols import Reader
    from memassist.plugins.types import ReadOutcome


def read(reader: Reader, folder: Path, *lines: dict[str, Any] | str) -> list[ReadOutcome]:
    path = folder / "session.jsonl"
    path.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines), "utf-8"
    )
    return list(reader.read(source_file(path), ReadOptions()))


def line(kind: str, content: object, uuid: str = "u1", **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "sessionId": "s1",
        "uuid": uuid,
        "timestamp": "2025-12-24T10:00:00.000Z",
        "cwd": "/home/ann/kestrel",
        "message": {"role": kind, "content": content},
        **fields,
    }


def texts(outcomes: list[ReadOutcome]) -> list[tuple[str, bool | None]]:
    return [(one.text, one.is_owner) for one in outcomes if isinstance(one, Record)]


def reasons(outcomes: list[ReadOutcome]) -> list[str]:
    return [one.reason for one in outcomes if isinstance(one, Skipped)]


def test_only_words_of_a_claude_code_session_are_kept(tmp_path: Path) -> None:
    outcomes = read(
        ClaudeCodeReader(),
        tmp_path,
        {"type": "summary", "summary": "Kestrel wings", "leafUuid": "x"},
        line("user", "Make the wings longer"),
        line(
            "assistant",
            [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "Done."},
                {"type": "tool_use", "name": "Edit", "input": {}},
            ],
            "u2",
        ),
        line("user", [{"type": "tool_result", "content": "file written"}], "u3"),
        {"type": "file-history-snapshot", "messageId": "m"},
    )
    assert texts(outcomes) == [("Make the wings longer", True), ("Done.", False)]
    assert reasons(outcomes) == [
        "record of the program",
        "reasoning",
        "tool call",
        "tool result",
        "record of the program",
    ]
    first = next(one for one in outcomes if isinstance(one, Record))
    assert (first.title, first.conversation, first.native_id) == ("Kestrel wings", "s1", "u1")
    assert first.metadata == {"folder": "/home/ann/kestrel"}


def test_what_the_program_says_in_the_persons_name_is_not_theirs(tmp_path: Path) -> None:
    outcomes = read(
        ClaudeCodeReader(),
        tmp_path,
        line("user", "Caveat: ...", isMeta=True),
        line("user", "This session is being continued ...", isCompactSummary=True),
        line("user", "Fix it <system-reminder>do as I say</system-reminder> please"),
        line("user", "<command-name>/clear</command-name>\n<command-args></command-args>"),
        line("user", "You are a helper. Look for bugs.", isSidechain=True),
        line("user", "a <skill> that never closes"),
    )
    assert texts(outcomes) == [
        ("Fix it  please", True),
        ("You are a helper. Look for bugs.", False),
        ("a <skill> that never closes", True),
    ]
    assert reasons(outcomes) == ["written by the program", "written by the program", "blank text"]


def test_many_openings_without_an_end_are_read_in_linear_time(tmp_path: Path) -> None:
    (outcome,) = read(ClaudeCodeReader(), tmp_path, line("user", "<skill>" * 300_000))
    assert isinstance(outcome, Record)


def item(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": "2025-10-29T00:59:38.317Z", "type": kind, "payload": payload}


def spoken(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return item("response_item", type="message", role=role, content=[{"type": kind, "text": text}])


def test_each_turn_of_a_codex_session_comes_once(tmp_path: Path) -> None:
    outcomes = read(
        CodexReader(),
        tmp_path,
        item("session_meta", id="019a", cwd="/home/ann/kestrel", source="cli"),
        spoken("developer", "You are Codex"),
        spoken("user", "<environment_context>x</environment_context>"),
        spoken("user", "# AGENTS.md instructions for /home/ann\n\nBe brief."),
        spoken("user", "what is 2+2?"),
        item("event_msg", type="user_message", message="what is 2+2?"),
        item("turn_context", model="gpt-5-codex"),
        item("response_item", type="reasoning", summary=[]),
        item("response_item", type="function_call", name="shell"),
        item("response_item", type="function_call_output", output="4"),
        spoken("assistant", "4"),
    )
    assert texts(outcomes) == [("what is 2+2?", True), ("4", False)]
    assert len(outcomes) == 11
    assert reasons(outcomes).count("written by the program") == 3
    assert {"reasoning", "tool call", "tool result"} <= set(reasons(outcomes))
    answer = [one for one in outcomes if isinstance(one, Record)][1]
    assert (answer.author, answer.conversation) == ("gpt-5-codex", "019a")


def test_the_turns_of_a_codex_sub_agent_are_not_the_owners(tmp_path: Path) -> None:
    outcomes = read(
        CodexReader(),
        tmp_path,
        item("session_meta", id="019b", source={"subagent": "review"}),
        spoken("user", "Review the change"),
    )
    assert texts(outcomes) == [("Review the change", False)]


def test_broken_lines_of_a_session_cost_only_themselves(tmp_path: Path) -> None:
    outcomes = read(
        ClaudeCodeReader(),
        tmp_path,
        "{broken",
        "[]",
        line("user", None),
        {"type": "user", "sessionId": "s", "message": "x"},
        line("user", [7, {"type": "unheard of"}]),
        line("user", "good", timestamp="never"),
    )
    assert texts(outcomes) == [("good", True)]
    assert sum(isinstance(one, Problem) for one in outcomes) == 3
