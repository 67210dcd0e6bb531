"""JSON lines: what each line becomes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.ingest.readers.jsonl import JsonLinesReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome


# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(path: Path, content: bytes, options: ReadOptions | None = None) -> list[ReadOutcome]:
    path.write_bytes(content)
    return list(JsonLinesReader().read(source_file(path), options or ReadOptions()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def only_record(outcomes: list[ReadOutcome]) -> Record:
    (outcome,) = outcomes
    assert isinstance(outcome, Record)
    return outcome


def test_a_full_line_keeps_every_field(path: Path) -> None:
    line = {
        "ref": "D1:3",
        "conversation": "c1",
        "author": "Ann",
        "role": "assistant",
        "text": "Hello",
        "occurred_at": "2023-05-08T13:56:00+02:00",
        "id": 17,
        "title": "Trip",
        "account": "me@example.org",
        "uri": "https://example.org/1",
        "kind": "document",
        "sequence": 4,
        "mood": "good",
        "stars": 5,
        "labels": ["a", "b"],
        "nested": {"left": "out"},
    }
    record = only_record(read(path, json.dumps(line).encode()))
    assert record == Record(
        text="Hello",
        place="line 1",
        kind="document",
        role="assistant",
        author="Ann",
        is_owner=False,
        account="me@example.org",
        conversation="c1",
        title="Trip",
        native_id="17",
        ref="D1:3",
        sequence=4,
        occurred_at=datetime.fromisoformat("2023-05-08T13:56:00+02:00"),
        uri="https://example.org/1",
        metadata={"mood": "good", "stars": 5, "labels": ["a", "b"]},
    )
    assert record.occurred_at is not None
    assert record.occurred_at.utcoffset() == timedelta(hours=2)


def test_only_the_text_is_required_and_a_user_without_a_name_is_the_owner(path: Path) -> None:
    record = only_record(read(path, b'{"text": "I moved to Leeds"}'))
    assert (record.role, record.is_owner, record.conversation) == ("user", True, None)


def test_an_author_is_left_to_the_settings(path: Path) -> None:
    assert only_record(read(path, b'{"text": "x", "author": "Ann"}')).is_owner is None


def test_the_sequence_runs_within_each_conversation(path: Path) -> None:
    content = b"".join(
        json.dumps({"text": "x", "conversation": name}).encode() + b"\n" for name in "abab"
    )
    records = [outcome for outcome in read(path, content) if isinstance(outcome, Record)]
    assert [(record.conversation, record.sequence) for record in records] == [
        ("a", 0),
        ("b", 0),
        ("a", 1),
        ("b", 1),
    ]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_blank_text_is_skipped(path: Path, text: str) -> None:
    assert read(path, json.dumps({"text": text}).encode()) == [Skipped("line 1", "blank text")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut off', "broken JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"{}", "no text"),
        (b'{"text": 5}', "text is not a string"),
        (b'{"text": "x", "role": "robot"}', "role is none of"),
        (b'{"text": "x", "role": ["user"]}', "role is none of"),
        (b'{"text": "x", "kind": "song"}', "kind is none of"),
        (b'{"text": "x", "occurred_at": "yesterday"}', "no ISO 8601 time"),
        (b'{"text": "x", "occurred_at": "20231-05-06"}', "no ISO 8601 time"),
        (b'{"text": "x", "occurred_at": "0001-01-01T00:00:00+14:00"}', "out of range"),
        (b'{"text": "x", "occurred_at": "9999-12-31"}', "out of range"),
        (b'{"text": "x", "occurred_at": 1e300}', "out of range"),
        (b'{"text": "x", "occurred_at": NaN}', "out of range"),
        (b'{"text": "x", "occurred_at": true}', "neither text nor a number"),
        (b'{"text": "x", "sequence": -1}', "sequence"),
        (b'{"text": "\xff"}', "invalid UTF-8 at byte 10"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": "x", "n": ' + b"9" * 6000 + b"}", "number in it is too long"),
        (b"\x00\x01\x02", "broken JSON"),
    ],
)
def test_a_bad_line_is_a_problem_with_its_number_and_the_rest_goes_on(
    path: Path, line: bytes, reason: str
) -> None:
    outcomes = read(path, b'{"text": "before"}\n' + line + b'\n{"text": "after"}')
    before, problem, after = outcomes
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(problem, Problem)
    assert problem.place == "line 2"
    assert reason in problem.reason


@pytest.mark.parametrize(
    "text", ["a\u2028b\u2029c\x85d\x0be", "nul \x00 in it", "lone \ud800 surrogate", "😀 é"]
)
def test_odd_characters_are_text(path: Path, text: str) -> None:
    content = json.dumps({"text": text}).encode() + b"\n" + b'{"text": "next"}'
    first, second = read(path, content)
    assert isinstance(first, Record)
    assert first.text == text
    assert second.place == "line 2"


def test_raw_line_separators_do_not_end_a_line(path: Path) -> None:
    record = only_record(read(path, '{"text": "a\u2028b"}'.encode()))
    assert record.text == "a\u2028b"


def test_names_and_ids_are_freed_of_lone_surrogates(path: Path) -> None:
    line = {
        "text": "x",
        "author": "A\ud800",
        "id": "1\udfff",
        "conversation": "c\ud800",
        "k": "\ud800",
    }
    record = only_record(read(path, json.dumps(line).encode()))
    for value in (record.author, record.native_id, record.conversation, record.metadata["k"]):
        assert isinstance(value, str)
        assert value.encode().decode().endswith("\ufffd")


def test_a_byte_order_mark_blank_lines_and_carriage_returns_do_no_harm(path: Path) -> None:
    outcomes = read(path, b'\xef\xbb\xbf{"text": "a"}\r\n\r\n  \r\n{"text": "b"}\r\n')
    assert [outcome.place for outcome in outcomes] == ["line 1", "line 4"]


def test_an_empty_file_says_so(path: Path) -> None:
    assert read(path, b"") == [Skipped("lines.jsonl", "empty file")]
    assert read(path, b"\n\n") == [Skipped("lines.jsonl", "empty file")]


def test_times_without_a_zone_take_the_one_asked_for(path: Path) -> None:
    content = b'{"text": "x", "occurred_at": "2024-07-01T12:00:00"}'
    record = only_record(read(path, content, ReadOptions(timezone="America/New_York")))
    assert record.occurred_at == datetime(2024, 7, 1, 16, tzinfo=UTC)
    assert only_record(read(path, content)).occurred_at == datetime(2024, 7, 1, 12).astimezone()


def test_an_unknown_zone_is_refused(path: Path) -> None:
    for name in ("Mars/Base", "../../etc/passwd", ""):
        with pytest.raises(UnreadableFileError, match="time zone"):
            read(path, b'{"text": "x"}', ReadOptions(timezone=name))


def test_seconds_are_a_time_too(path: Path) -> None:
    record = only_record(read(path, b'{"text": "x", "occurred_at": 1700000000}'))
    assert record.occurred_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_text_above_the_limit_is_a_problem_with_advice(path: Path) -> None:
    outcomes = read(
        path, b'{"text": "12345"}\n{"text": "1234"}', ReadOptions(max_text_characters=4)
    )
    problem, record = outcomes
    assert isinstance(problem, Problem)
    assert "longer than 4" in problem.reason
    assert problem.advice
    assert isinstance(record, Record)


def test_a_line_of_200_mb_is_a_problem_and_the_rest_goes_on(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b'{"text": "')
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n{"text": "after"}\n')
    first = b'{"text": "' + b"x" * 100
    file = source_file(path)
    assert file.head.startswith(first)
    problem, record = JsonLinesReader().read(file, ReadOptions())
    assert isinstance(problem, Problem)
    assert problem.place == "line 1"
    assert "longer than" in problem.reason
    assert record == Record(text="after", place="line 2", role="user", is_owner=True, sequence=0)


@unhurried
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["text", "role", "id", "occurred_at", "title"]),
            st.none() | st.text(max_size=8) | st.floats() | st.lists(st.integers(), max_size=2),
        ),
        max_size=8,
    )
)
def test_every_line_comes_out_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, object]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    content = "\n".join(json.dumps(line) for line in lines)
    outcomes = read(path, content.encode())
    places = Counter(outcome.place for outcome in outcomes)
    expected = [f"line {number}" for number in range(1, len(lines) + 1)] or ["any.jsonl"]
    assert places == Counter(expected)
