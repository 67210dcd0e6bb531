"""Slack exports: people by name, threads, programs apart, each message once."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.readers.slack import SlackReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

USERS = [
    {
        "id": "U1",
        "team_id": "T9",
        "name": "ann",
        "profile": {"real_name": "Ann Lee", "display_name": "annie", "email": "ann@example.org"},
    },
    {"id": "U2", "name": "bo", "profile": {}},
]
CHANNELS = [{"id": "C1", "name": "garden", "members": ["U1", "U2"]}]
DIRECT = [{"id": "D1", "members": ["U1", "U2"]}]


def message(text: str, user: str = "U1", ts: str = "1715000000.000100", **more: Any) -> Any:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def read(
    folder: Path, days: Mapping[str, object], options: ReadOptions | None = None
) -> list[ReadOutcome]:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps(USERS))
        archive.writestr("channels.json", json.dumps(CHANNELS))
        archive.writestr("dms.json", json.dumps(DIRECT))
        for name, content in days.items():
            text = content if isinstance(content, str) else json.dumps(content)
            archive.writestr(name, text)
    outcomes = SlackReader().read(source_file(path), options or ReadOptions())
    return [
        one
        for one in outcomes
        if not (isinstance(one, Skipped) and one.reason == "other file of the export")
    ]


def test_ids_become_names_and_entities_become_characters(tmp_path: Path) -> None:
    text = (
        "<@U2> &amp; <@U7|eve> see <#C1|> &lt;b&gt; <https://x.org/a|the page> <!here>"
        " <!subteam^S1>"
    )
    (record,) = read(tmp_path, {"garden/2024-05-06.json": [message(text)]})
    assert isinstance(record, Record)
    assert record.text == "@bo & @eve see #garden <b> the page (https://x.org/a) @here @subteam"
    assert (record.author, record.title, record.conversation) == ("Ann Lee", "#garden", "C1")
    assert (record.account, record.native_id) == ("slack/T9", "1715000000.000100")
    assert record.is_owner is None


@pytest.mark.parametrize("me", ["ann@example.org", "Ann Lee", "annie"])
def test_the_owner_is_known_by_any_of_their_names(tmp_path: Path, me: str) -> None:
    day = {"garden/2024-05-06.json": [message("x"), message("y", "U2", "1715000001.0")]}
    one, other = read(tmp_path, day, ReadOptions(me=(me,)))
    assert isinstance(one, Record)
    assert isinstance(other, Record)
    assert (one.is_owner, other.is_owner) == (True, None)


def test_replies_keep_their_thread_and_direct_messages_their_people(tmp_path: Path) -> None:
    reply = message("yes", "U2", "1715000002.0", thread_ts="1715000000.000100")
    one, other = read(
        tmp_path, {"D1/2024-05-06.json": [message("hi")], "garden/2024-05-06.json": [reply]}
    )
    assert isinstance(one, Record)
    assert isinstance(other, Record)
    assert (one.title, one.conversation) == ("Ann Lee, bo", "D1")
    assert other.metadata == {"thread": "1715000000.000100"}


def test_programs_speak_as_tools_and_their_attachments_are_read(tmp_path: Path) -> None:
    bot = {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B1",
        "username": "builds",
        "text": "",
        "ts": "1715000003.0",
        "attachments": [{"fallback": "f", "title": "Build 7", "text": "failed"}],
    }
    only_fallback = bot | {"attachments": [{"fallback": "Build 8"}], "ts": "1715000004.0"}
    one, other = read(tmp_path, {"garden/2024-05-06.json": [bot, only_fallback]})
    assert isinstance(one, Record)
    assert isinstance(other, Record)
    assert (one.role, one.is_owner, one.author) == ("tool", False, "builds")
    assert (one.text, other.text) == ("Build 7\nfailed", "Build 8")


def test_days_come_in_order_whatever_the_order_of_the_zip(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        {
            "garden/2024-05-07.json": [message("later", ts="1715100000.0")],
            "garden/2024-05-06.json": [message("earlier")],
        },
    )
    found = [(one.text, one.sequence) for one in outcomes if isinstance(one, Record)]
    assert found == [("earlier", 0), ("later", 1)]


def test_every_message_has_one_outcome_also_the_broken_ones(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        {
            "garden/2024-05-06.json": [
                message("<@U1> has joined", subtype="channel_join"),
                message(" "),
                message("", files=[{"name": "a.jpg"}]),
                message("a file", files=[{"preview": "its words"}]),
                message("bad time", ts="never"),
                {"no": "message"},
                message("fine"),
            ],
            "garden/2024-05-07.json": '[{"text": "cut',
        },
    )
    reasons = [one.reason for one in outcomes if not isinstance(one, Record)]
    assert reasons == [
        "system line",
        "blank text",
        "attachment without text",
        "no time: 'never'",
        "blank text",
        "the file is cut off within it",
    ]
    assert [one.text for one in outcomes if isinstance(one, Record)] == [
        "a file\nits words",
        "fine",
    ]
    assert sum(isinstance(one, Problem) for one in outcomes) == 2


def test_a_zip_without_days_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no messages"):
        read(tmp_path, {})
