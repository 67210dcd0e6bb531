"""Every known quirk of the chat exports, and the test that reads it.

`QUIRKS` is the checklist; what no other test of a reader looks at is read here. Chats are written
by hand after what public importers, their fixtures and their specifications tell of the formats.
"""

from __future__ import annotations

import ast
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.readers import builtin_readers, recognise
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

QUIRKS: dict[str, dict[str, str]] = {
    "chatgpt": {
        "an array, an object with conversations, or one conversation": (
            "test_every_shape_of_file_gives_the_same_records"
        ),
        "numbered parts, in a folder, with junk of macOS": (
            "test_an_export_is_recognised_also_inside_a_folder_and_with_junk_around"
        ),
        "more than nine parts": "test_shards_are_read_in_the_order_of_their_numbers",
        "other files of the zip": "test_other_files_of_a_chatgpt_zip_are_named",
        "no title, no id": "test_title_and_ids_may_be_missing",
        "times as floats, ISO texts, null": (
            "test_a_missing_or_unreadable_time_is_that_of_the_conversation"
        ),
        "a conversation without a time": (
            "test_a_conversation_without_a_time_has_that_of_its_first_message"
        ),
        "edits and regenerations": (
            "test_the_thread_is_the_path_up_from_the_current_node_and_other_branches_are_kept"
        ),
        "no current node": "test_without_a_current_node_the_newest_leaf_ends_the_thread",
        "a root that the client made": "test_an_old_root_is_no_message",
        "broken parent links": "test_missing_parent_links_are_taken_from_the_lists_of_children",
        "hidden nodes, weight 0, reasoning": "test_what_is_left_out_is_counted_with_its_reason",
        "each content type": "test_each_kind_of_content_gives_its_text",
        "voice, video and pages": "test_newer_kinds_of_content_give_their_words",
        "custom instructions": (
            "test_custom_instructions_are_kept_as_system_text_though_they_are_hidden"
        ),
        "citations in private characters": "test_reference_marks_go_and_their_words_stay",
        "citations in brackets": "test_citations_in_brackets_go",
        "no metadata, null metadata": "test_a_message_may_have_no_metadata",
        "not to be remembered": "test_a_conversation_not_to_be_remembered_says_so",
        "names of attachments": "test_names_of_attachments_are_kept",
    },
    "claude": {
        "blocks, with text as a flattened copy": (
            "test_a_flattened_copy_serves_where_the_blocks_hold_no_words"
        ),
        "thinking, tools": "test_thinking_and_tools_are_no_part_of_what_was_said",
        "voice notes, budgets, citations, blocks nobody knows": (
            "test_odd_blocks_of_claude_cost_nothing"
        ),
        "attachments and files": "test_attachments_are_documents_of_others",
        "branches, a root of zeros": "test_the_root_of_zeros_is_no_message_of_claude",
        "no name": "test_a_claude_conversation_may_have_no_name",
        "projects, one file each or all in one; memories": (
            "test_projects_of_claude_come_in_one_file_or_many_and_memories_are_named"
        ),
    },
    "whatsapp": {
        "dates of all kinds, narrow spaces, marks of direction, a.m. and p.m.": (
            "test_dates_are_read_as_the_whole_file_writes_them"
        ),
        "lines that go on, also with a date": ("test_lines_without_a_date_go_on_with_the_message"),
        "system lines, media, deleted and edited messages": "test_every_message_has_one_outcome",
        "placeholders in other languages": "test_placeholders_of_whatsapp_in_other_languages",
        "names with a colon": "test_a_name_with_a_colon_is_a_name",
        "the zip of an iPhone": "test_the_zip_of_an_iphone_is_read",
    },
    "telegram": {
        "text in pieces, Unix times as texts, times without a zone": (
            "test_text_in_pieces_is_put_together_and_time_keeps_its_offset"
        ),
        "one chat or an account, saved messages without a name, forwards": (
            "test_a_whole_account_tells_who_its_owner_is"
        ),
        "service messages, polls, deleted senders": "test_every_message_has_one_outcome",
        "ids that repeat across topics": "test_two_telegram_messages_with_one_id_stay_two",
        "media of every kind, files that were not included": (
            "test_media_of_telegram_are_named_and_captions_kept"
        ),
        "chats that were left": "test_chats_that_were_left_are_read_too",
    },
    "slack": {
        "users, links, entities": "test_ids_become_names_and_entities_become_characters",
        "folders of direct messages by id, threads": (
            "test_replies_keep_their_thread_and_direct_messages_their_people"
        ),
        "bots, attachments": ("test_programs_speak_as_tools_and_their_attachments_are_read"),
        "subtypes, files": "test_every_message_has_one_outcome_also_the_broken_ones",
        "lists that are missing": "test_a_slack_export_without_its_lists_keeps_the_words",
        "blocks without a text": "test_a_slack_message_of_blocks_alone_has_its_words",
    },
    "sessions": {
        "Claude Code": "test_only_words_of_a_claude_code_session_are_kept",
        "Codex": "test_each_turn_of_a_codex_session_comes_once",
        "Gemini CLI": "test_an_object_with_all_messages_is_read",
    },
}
"""By format: what is known of it, and the name of the test that reads it."""


def test_every_quirk_has_its_test(repository: Path) -> None:
    written = {
        node.name
        for path in (repository / "tests" / "ingest").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {test for tests in QUIRKS.values() for test in tests.values()} <= written


def read(path: Path) -> list[ReadOutcome]:
    file = source_file(path)
    reader = recognise(file, builtin_readers())
    assert reader is not None
    return list(reader.read(file, ReadOptions(timezone="UTC")))


def records(outcomes: list[ReadOutcome]) -> list[Record]:
    return [one for one in outcomes if isinstance(one, Record)]


def chatgpt(path: Path, *contents: Any, root: str = "root", **more: Any) -> list[ReadOutcome]:
    """Read a conversation of one thread; a content is a text, a content, or a message."""
    mapping: dict[str, Any] = {root: {"id": root, "message": None, "parent": None, "children": []}}
    above = root
    for number, content in enumerate(contents):
        if isinstance(content, str):
            content = {"content_type": "text", "parts": [content]}
        whole = {"author": {"role": "user"}, "create_time": 1.7e9 + number, "content": content}
        node = f"n{number}"
        mapping[above]["children"] = [node]
        found = content if "content" in content and "content_type" not in content else {}
        mapping[node] = {"id": node, "message": whole | found, "parent": above, "children": []}
        above = node
    conversation = {"id": "c", "title": "T", "mapping": mapping, "current_node": above, **more}
    path.write_text(json.dumps([conversation]), encoding="utf-8")
    return read(path)


def test_citations_in_brackets_go(tmp_path: Path) -> None:
    text = (
        "Loud \u30104:0\u2020source\u3011, they say\u301012\u2020L5-L9\u3011. \u3010Not one\u3011"
    )
    (record,) = records(chatgpt(tmp_path / "conversations.json", text))
    assert record.text == "Loud, they say. \u3010Not one\u3011"


def test_an_old_root_is_no_message(tmp_path: Path) -> None:
    skipped, record = chatgpt(tmp_path / "conversations.json", "x", root="client-created-root")
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "no message"
    assert isinstance(record, Record)


def test_newer_kinds_of_content_give_their_words(tmp_path: Path) -> None:
    video = {
        "content_type": "real_time_user_audio_video_asset_pointer",
        "frames_asset_pointers": [],
    }
    spoken = {"content_type": "audio_transcription", "text": "spoken words", "direction": "in"}
    outcomes = chatgpt(
        tmp_path / "conversations.json",
        {"content_type": "multimodal_text", "parts": [spoken, video]},
        {"content_type": "sonic_webpage", "url": "https://x.org", "title": "Page", "text": "words"},
        {"content_type": "multimodal_text", "parts": [video]},
    )
    assert [one.text for one in records(outcomes)] == ["spoken words", "Page\nwords\nhttps://x.org"]
    last = outcomes[-1]
    assert isinstance(last, Skipped)
    assert last.reason == "attachment without text"


@pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": []}])
def test_a_message_may_have_no_metadata(tmp_path: Path, metadata: dict[str, Any]) -> None:
    content = {"content": {"content_type": "text", "parts": ["x"]}, **metadata}
    assert [one.text for one in records(chatgpt(tmp_path / "c.json", content))] == ["x"]


def test_a_conversation_not_to_be_remembered_says_so(tmp_path: Path) -> None:
    (record,) = records(chatgpt(tmp_path / "c.json", "x", is_do_not_remember=True))
    assert record.metadata["do_not_remember"] is True


def test_names_of_attachments_are_kept(tmp_path: Path) -> None:
    content = {
        "content": {"content_type": "text", "parts": ["see the lease"]},
        "metadata": {"attachments": [{"id": "f1", "name": "lease.pdf"}, {"id": "f2"}, None]},
    }
    (record,) = records(chatgpt(tmp_path / "c.json", content))
    assert record.metadata["attachments"] == ["lease.pdf"]


def test_other_files_of_a_chatgpt_zip_are_named(tmp_path: Path) -> None:
    chatgpt(tmp_path / "one.json", "in the zip")
    others = {"user.json", "export_manifest.json", "message_feedback.json", "file-abc.png"}
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(tmp_path / "one.json", "conversations-000.json")
        for name in others:
            archive.writestr(name, "{}")
    outcomes = read(tmp_path / "export.zip")
    assert [one.text for one in records(outcomes)] == ["in the zip"]
    named = {one.place for one in outcomes if isinstance(one, Skipped)}
    assert others <= named


def claude(path: Path, *messages: dict[str, Any], **more: Any) -> list[ReadOutcome]:
    whole = [
        {
            "uuid": f"m{number}",
            "sender": "human",
            "text": "",
            "content": [],
            "created_at": "2024-05-06T10:00:00Z",
            **message,
        }
        for number, message in enumerate(messages)
    ]
    conversation = {"uuid": "c1", "name": "Boiler", "chat_messages": whole, **more}
    path.write_text(json.dumps([conversation]), encoding="utf-8")
    return read(path)


def test_odd_blocks_of_claude_cost_nothing(tmp_path: Path) -> None:
    blocks = [
        {"type": "token_budget", "remaining": 100},
        {"type": "voice_note", "title": "Note", "text": "said aloud"},
        {
            "type": "text",
            "text": "It is warm.",
            "start_timestamp": "2024-05-06T10:00:00Z",
            "stop_timestamp": None,
            "citations": [{"url": "https://x.org"}],
            "flags": None,
        },
        {"type": "not_known_yet"},
    ]
    outcomes = claude(tmp_path / "conversations.json", {"content": blocks, "summary": "ignored"})
    words = "\n".join(one.text for one in records(outcomes))
    assert "said aloud" in words
    assert "It is warm." in words
    assert not any(isinstance(one, Problem) for one in outcomes)


def test_the_root_of_zeros_is_no_message_of_claude(tmp_path: Path) -> None:
    root = "00000000-0000-4000-8000-000000000000"
    outcomes = claude(
        tmp_path / "conversations.json",
        {"text": "first", "parent_message_uuid": root, "index": 0},
        {"text": "second", "parent_message_uuid": "m0", "sender": "assistant", "index": 1},
        current_leaf_message_uuid="m1",
    )
    found = records(outcomes)
    assert [(one.text, one.is_main_branch) for one in found] == [("first", True), ("second", True)]
    assert len(outcomes) == 2


@pytest.mark.parametrize("name", ["", None])
def test_a_claude_conversation_may_have_no_name(tmp_path: Path, name: str | None) -> None:
    (record,) = records(claude(tmp_path / "conversations.json", {"text": "x"}, name=name))
    assert record.title is None


@pytest.mark.parametrize("is_one_file", [True, False])
def test_projects_of_claude_come_in_one_file_or_many_and_memories_are_named(
    tmp_path: Path, is_one_file: bool
) -> None:
    project = {
        "uuid": "p1",
        "name": "Garden",
        "docs": [{"uuid": "d1", "filename": "plan.md", "content": "Beans by the wall."}],
    }
    claude(tmp_path / "one.json", {"text": "hi"})
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(tmp_path / "one.json", "conversations.json")
        archive.writestr("memories.json", '[{"conversations_memory": "x"}]')
        if is_one_file:
            archive.writestr("projects.json", json.dumps([project]))
        else:
            archive.writestr("projects/p1.json", json.dumps(project))
    outcomes = read(tmp_path / "export.zip")
    assert "Beans by the wall." in [one.text for one in records(outcomes)]
    assert Skipped("memories.json", "other file of the export") in outcomes


def whatsapp(folder: Path, text: str) -> list[ReadOutcome]:
    (folder / "chat.txt").write_text(text, encoding="utf-8")
    return read(folder / "chat.txt")


def test_a_name_with_a_colon_is_a_name(tmp_path: Path) -> None:
    lines = [f"23/06/2018, 13:0{number} - Dr: Bo: word {number}\n" for number in range(5)]
    lines += [f"23/06/2018, 13:1{number} - Ann: Note: word {number}\n" for number in range(3)]
    lines.append("23/06/2018, 13:20 - Ann: plain\n")
    found = records(whatsapp(tmp_path, "".join(lines)))
    assert {(one.author, one.text) for one in found} >= {
        ("Dr: Bo", "word 4"),
        ("Ann", "Note: word 2"),
        ("Ann", "plain"),
    }
    assert {one.author for one in found} == {"Dr: Bo", "Ann"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("<Medien ausgeschlossen>", "media without text"),
        ("<Multimedia omitido>", "media without text"),
        ("\u200eimage omitted", "media without text"),
        ("\u200eAudio weggelassen", "media without text"),
        ("\u200e<adjunto: 00000042-PHOTO.jpg>", "media without text"),
        ("IMG-1.jpg (Datei angeh\u00e4ngt)", "media without text"),
        ("Diese Nachricht wurde gel\u00f6scht.", "deleted message"),
        ("You deleted this message", "deleted message"),
    ],
)
def test_placeholders_of_whatsapp_in_other_languages(
    tmp_path: Path, said: str, reason: str
) -> None:
    outcomes = whatsapp(
        tmp_path, f"[23/06/2018, 13:55:10] Ann: {said}\n[23/06/2018, 13:56:10] Ann: x\n"
    )
    first = outcomes[0]
    assert isinstance(first, Skipped)
    assert first.reason == reason


def telegram(path: Path, *messages: dict[str, Any], **around: Any) -> list[ReadOutcome]:
    whole = [
        {"type": "message", "date_unixtime": "1736933400", "from": "Ann", "from_id": "user7", **one}
        for one in messages
    ]
    chat = {"name": "Group", "type": "public_supergroup", "id": 5, "messages": whole}
    value = chat
    if around:
        value = {key: {"about": "x", "list": [chat]} for key in around}
    path.write_text(json.dumps(value), encoding="utf-8")
    return read(path)


def test_two_telegram_messages_with_one_id_stay_two(tmp_path: Path) -> None:
    found = records(
        telegram(
            tmp_path / "result.json",
            {"id": 1, "text": "in one topic"},
            {"id": 1, "text": "in another"},
            {"id": 2, "text": "the next"},
        )
    )
    assert [one.native_id for one in found] == ["1", "1/2", "2"]


def test_media_of_telegram_are_named_and_captions_kept(tmp_path: Path) -> None:
    missing = "(File not included. Change data exporting settings to download.)"
    outcomes = telegram(
        tmp_path / "result.json",
        {"id": 1, "text": "", "file": missing, "media_type": "voice_message"},
        {"id": 2, "text": "", "media_type": "sticker", "sticker_emoji": "\U0001f41d"},
        {"id": 3, "text": "our boat", "photo": missing, "reactions": [{"emoji": "x", "count": 2}]},
        {"id": 4, "text": "", "location_information": {"latitude": 1.0, "longitude": 2.0}},
        {"id": 5, "text": [{"type": "bold", "text": "now"}, " or never"], "edited": "x"},
    )
    assert [one.text for one in records(outcomes)] == ["our boat", "now or never"]
    reasons = [one.reason for one in outcomes if isinstance(one, Skipped)]
    assert reasons == ["media without text"] * 3


def test_chats_that_were_left_are_read_too(tmp_path: Path) -> None:
    outcomes = telegram(tmp_path / "result.json", {"id": 1, "text": "x"}, chats=1, left_chats=1)
    assert [one.text for one in records(outcomes)] == ["x", "x"]


def slack(folder: Path, *messages: dict[str, Any]) -> list[ReadOutcome]:
    """Read a zip that holds nothing but one day."""
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        whole = [{"type": "message", "ts": "1715000000.000100", **one} for one in messages]
        archive.writestr("garden/2024-05-06.json", json.dumps(whole))
        archive.writestr("users.json", "[]")
    return read(folder / "export.zip")


def test_a_slack_export_without_its_lists_keeps_the_words(tmp_path: Path) -> None:
    (record,) = records(slack(tmp_path, {"user": "U9", "text": "hello <@U8>"}))
    assert (record.author, record.text, record.title) == ("U9", "hello @U8", "#garden")


def test_a_slack_message_of_blocks_alone_has_its_words(tmp_path: Path) -> None:
    block = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "The bees "},
                    {"type": "link", "url": "https://x.org", "text": "swarmed"},
                    {"type": "text", "text": ", says "},
                    {"type": "user", "user_id": "U1"},
                ],
            }
        ],
    }
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Look &amp; see"}}
    blocks = [block, section, {"type": "divider"}, 7]
    (record,) = records(slack(tmp_path, {"user": "U9", "text": "", "blocks": blocks}))
    assert record.text == "The bees swarmed, says @U1\nLook & see"
