"""Every shared export, against a count made by other means than the readers'."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from memassist.ingest.readers import builtin_readers, recognise
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

EXPORTS = Path(__file__).parents[3] / "shared/data/exports"
pytestmark = pytest.mark.skipif(
    not EXPORTS.exists(), reason="the shared sample exports are not here"
)


def counted(name: str) -> tuple[list[Record], Counter[str]]:
    """Return the records of an export and its skips by reason; problems fail the test."""
    file = source_file(EXPORTS / name)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    records: list[Record] = []
    skips: Counter[str] = Counter()
    for outcome in reader.read(file, ReadOptions(timezone="UTC")):
        assert not isinstance(outcome, Problem), outcome
        if isinstance(outcome, Skipped):
            skips[outcome.reason] += 1
        else:
            records.append(outcome)
    return records, skips


@pytest.mark.parametrize(
    "name",
    ["claude_85_conversations_text_blanked.json", "claude_small.json", "claude_cooking.json"],
)
def test_every_message_and_block_of_a_claude_export_is_accounted_for(name: str) -> None:
    parsed = json.loads((EXPORTS / name).read_bytes())
    conversations = parsed if isinstance(parsed, list) else [parsed]
    messages = [one for each in conversations for one in each["chat_messages"]]
    blocks = [one for message in messages for one in message["content"]]
    empty = sum(not each["chat_messages"] for each in conversations)
    spoken = sum(
        bool(
            message["text"].strip()
            or any(one.get("text", "").strip() for one in message["content"])
        )
        for message in messages
    )
    artifacts = sum(one["type"] == "tool_use" for one in blocks)
    records, skips = counted(name)
    assert sum(record.kind == "message" for record in records) == spoken
    assert sum(record.kind == "document" for record in records) == artifacts
    assert (
        skips
        == Counter({"blank text": len(messages) - spoken, "empty conversation": empty}) + Counter()
    )
    assert len(records) + skips.total() == len(messages) + artifacts + empty
    assert {record.is_owner for record in records if record.role == "user"} == {True}


def test_every_line_of_a_claude_code_session_is_accounted_for() -> None:
    lines = [
        json.loads(line)
        for line in (EXPORTS / "claude_code_session.jsonl").read_text("utf-8").splitlines()
    ]
    spoken = calls = results = 0
    for line in lines:
        content = line.get("message", {}).get("content", [])
        if isinstance(content, str):
            spoken += 1
        else:
            spoken += any(one["type"] == "text" for one in content)
            calls += sum(one["type"] == "tool_use" for one in content)
            results += sum(one["type"] == "tool_result" for one in content)
    records, skips = counted("claude_code_session.jsonl")
    assert len(records) == spoken == 4
    assert skips == Counter(
        {"tool call": calls, "tool result": results, "record of the program": 1}
    )
    assert [record.is_owner for record in records] == [True, False, True, False]


def test_every_message_of_a_slack_export_is_accounted_for() -> None:
    messages = other_files = 0
    joins = 0
    people: set[str] = set()
    with zipfile.ZipFile(EXPORTS / "slack_export.zip") as archive:
        for name in archive.namelist():
            if name.endswith("/"):
                continue
            if "/" not in name:
                other_files += 1
                continue
            for message in json.loads(archive.read(name)):
                messages += 1
                joins += message.get("subtype") in ("channel_join", "bot_add")
                if message.get("subtype") != "bot_message" and "user" in message:
                    people.add(message["user"])
        names = {
            user["id"]: user["profile"]["real_name"]
            for user in json.loads(archive.read("users.json"))
        }
    records, skips = counted("slack_export.zip")
    assert skips == Counter({"other file of the export": other_files, "system line": joins})
    assert len(records) == messages - joins
    authors = {record.author for record in records if record.role == "user"}
    assert authors <= {names[one] for one in people}
    text = "\n".join(record.text for record in records)
    assert "<@U" not in text
    assert "&amp;" not in text


def test_every_message_of_a_telegram_export_is_accounted_for() -> None:
    messages = json.loads((EXPORTS / "telegram_synthetic.json").read_bytes())["messages"]
    records, skips = counted("telegram_synthetic.json")
    kinds = Counter(message["type"] for message in messages)
    media = sum("media_type" in message and not message["text"] for message in messages)
    assert skips == Counter({"system line": kinds["service"], "media without text": media})
    (record,) = records
    assert record.text == "Hello world! Check https://example.com"
    assert record.author == "Alice Smith"


def test_every_node_of_the_chatgpt_export_is_accounted_for() -> None:
    name = "chatgpt_3_conversations.json"
    conversations = json.loads((EXPORTS / name).read_bytes())
    nodes = [node["message"] for one in conversations for node in one["mapping"].values()]
    expected: Counter[str] = Counter()
    words: list[str] = []
    for message in nodes:
        if message is None:
            expected["no message"] += 1
            continue
        content = message["content"]
        is_hidden = message["metadata"].get("is_visually_hidden_from_conversation")
        said = content.get("text") or "".join(
            part for part in content.get("parts", ()) if isinstance(part, str)
        )
        if content["content_type"] == "user_editable_context":
            expected["said"] += 1
        elif is_hidden or message["weight"] == 0:
            expected["hidden"] += 1
        elif content["content_type"] == "multimodal_text":
            expected["picture without text"] += 1
        elif not said.strip():
            expected["blank text"] += 1
        else:
            expected["said"] += 1
            if message["author"]["role"] == "user":
                words.append(said)
    records, skips = counted(name)
    assert len(records) == expected.pop("said")
    assert skips == expected
    spoken = [record.text for record in records if record.is_owner is not False]
    typed = [text for text in spoken if text in words]
    assert Counter(typed) == Counter(words)


def test_no_shared_export_is_without_a_count() -> None:
    here = Path(__file__).read_text("utf-8")
    assert [one.name for one in EXPORTS.iterdir() if f'"{one.name}"' not in here] == []
