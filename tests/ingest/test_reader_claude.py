"""Claude exports: what was said, apart from what was thought, called and attached."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.readers.claude import ClaudeReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome


def turn(uuid: str, sender: str, *blocks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "sender": sender,
        "text": "",
        "content": list(blocks),
        "created_at": "2024-05-06T10:00:00.123456Z",
        "attachments": [],
        "files": [],
        **fields,
    }


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def conversation(*turns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"uuid": "c1", "name": "Boiler", "chat_messages": list(turns), **fields}


def read(path: Path, value: object) -> list[ReadOutcome]:
    path.write_text(json.dumps(value), encoding="utf-8")
    return list(ClaudeReader().read(source_file(path), ReadOptions()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.json"


def test_thinking_and_tools_are_no_part_of_what_was_said(path: Path) -> None:
    outcomes = read(
        path,
        [
            conversation(
                turn("m1", "human", said("Is it cold?")),
                turn(
                    "m2",
                    "assistant",
                    {"type": "thinking", "thinking": "secretly pondering", "text": ""},
                    said("Let me look."),
                    {"type": "tool_use", "name": "web_search", "input": {"query": "weather"}},
                    {
                        "type": "tool_result",
                        "name": "web_search",
                        "content": [said("Three degrees in Leeds")],
                    },
                    said("Yes, three degrees."),
                    text="secretly pondering Let me look. Yes, three degrees. And more.",
                ),
            )
        ],
    )
    question, answer, thought, call, result = outcomes
    assert isinstance(question, Record)
    assert isinstance(answer, Record)
    assert isinstance(result, Record)
    assert (question.is_owner, question.role, question.author) == (True, "user", None)
    assert answer.text == "Let me look.\n\nYes, three degrees."
    assert (answer.is_owner, answer.role, answer.author) == (False, "assistant", "Claude")
    assert (thought, call) == (
        Skipped('conversation "Boiler", message 2, block 1', "reasoning"),
        Skipped('conversation "Boiler", message 2, block 3', "tool call"),
    )
    assert (result.role, result.is_owner, result.text) == ("tool", False, "Three degrees in Leeds")
    assert [one.sequence for one in (question, answer, result)] == [0, 1, 2]
    assert len({one.native_id for one in (question, answer, result)}) == 3


def test_a_flattened_copy_serves_where_the_blocks_hold_no_words(path: Path) -> None:
    old, placeholder = read(
        path,
        [
            conversation(
                turn("m1", "human", text="an old export"),
                turn(
                    "m2",
                    "assistant",
                    said("short"),
                    text="short\nThis block is not supported on your current device yet.",
                ),
            )
        ],
    )
    assert isinstance(old, Record)
    assert old.text == "an old export"
    assert isinstance(placeholder, Record)
    assert placeholder.text == "short"


def test_attachments_are_documents_of_others(path: Path) -> None:
    outcomes = read(
        path,
        [
            conversation(
                turn(
                    "m1",
                    "human",
                    said("See this"),
                    attachments=[
                        {"file_name": "lease.pdf", "extracted_content": "The rent is 900."},
                        {"file_name": "photo.jpg", "extracted_content": ""},
                    ],
                    files=[{"file_name": "photo.jpg"}],
                )
            )
        ],
    )
    _, lease, photo, file = outcomes
    assert isinstance(lease, Record)
    assert (lease.kind, lease.title, lease.is_owner) == ("document", "lease.pdf", False)
    assert isinstance(photo, Skipped)
    assert photo.reason == "attachment without text"
    assert isinstance(file, Skipped)
    assert file.reason == "file that is not in the export"


def test_what_is_off_the_way_to_the_current_leaf_is_kept_and_marked(path: Path) -> None:
    outcomes = read(
        path,
        conversation(
            turn("m1", "human", said("one"), parent_message_uuid="root"),
            turn("m2", "assistant", said("two"), parent_message_uuid="m1"),
            turn("m3", "assistant", said("two again"), parent_message_uuid="m1"),
            current_leaf_message_uuid="m3",
        ),
    )
    assert [one.is_main_branch for one in outcomes if isinstance(one, Record)] == [
        True,
        False,
        True,
    ]


def test_a_circle_of_parents_ends(path: Path) -> None:
    outcomes = read(
        path,
        conversation(
            turn("m1", "human", said("one"), parent_message_uuid="m2"),
            turn("m2", "assistant", said("two"), parent_message_uuid="m1"),
            current_leaf_message_uuid="m2",
        ),
    )
    assert len(outcomes) == 2


def test_what_is_broken_costs_only_itself(path: Path) -> None:
    outcomes = read(
        path,
        [
            7,
            {"uuid": "c0"},
            conversation(
                "no message",  # type: ignore[arg-type]  # on purpose
                turn("m1", "nobody", said("x")),
                turn("m2", "human", said("good"), created_at="yesterday"),
                turn("m3", "human", content="no list", text="also good"),
                turn("m4", "human", "no block"),  # type: ignore[arg-type]  # on purpose
            ),
        ],
    )
    texts = [one.text for one in outcomes if isinstance(one, Record)]
    assert texts == ["good", "also good"]
    assert sum(isinstance(one, Problem) for one in outcomes) == 4
    assert sum(isinstance(one, Skipped) for one in outcomes) == 1


def test_a_zip_gives_conversations_projects_and_names_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    project = {
        "uuid": "p1",
        "name": "Kestrel",
        "prompt_template": "Answer briefly.",
        "docs": [{"uuid": "d1", "filename": "spec.md", "content": "It flies."}],
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
        archive.writestr(
            "conversations.json", json.dumps([conversation(turn("m1", "human", said("hi")))])
        )
        archive.writestr("projects/p1.json", json.dumps(project))
        archive.writestr("../evil.json", "{}")
    outcomes = list(ClaudeReader().read(source_file(path), ReadOptions()))
    records = [one for one in outcomes if isinstance(one, Record)]
    assert [(one.text, one.kind) for one in records] == [
        ("hi", "message"),
        ("Answer briefly.", "document"),
        ("It flies.", "document"),
    ]
    assert [one.is_owner for one in records] == [True, False, False]
    assert Skipped("users.json", "other file of the export") in outcomes
    assert [one.place for one in outcomes if isinstance(one, Problem)] == ["../evil.json"]


def test_the_same_message_is_the_same_item_from_zip_and_bare_file(tmp_path: Path) -> None:
    value = [conversation(turn("m1", "human", said("hi")))]
    bare = read(tmp_path / "conversations.json", value)[0]
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps(value))
    (packed,) = ClaudeReader().read(source_file(path), ReadOptions())
    assert isinstance(bare, Record)
    assert isinstance(packed, Record)
    assert (bare.account, bare.conversation, bare.native_id) == (
        packed.account,
        packed.conversation,
        packed.native_id,
    )


def test_a_zip_without_conversations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
    with pytest.raises(UnreadableFileError, match=r"no conversations\.json"):
        list(ClaudeReader().read(source_file(path), ReadOptions()))
