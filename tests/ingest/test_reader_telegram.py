"""Telegram exports: one chat or all, met as a stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from memassist.ingest.readers.json_array import Damage, Element, nested_arrays
from memassist.ingest.readers.telegram import TelegramReader
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import ReadOptions, Record

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome


def message(number: int, text: object, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2025-01-15T10:30:00",
        "date_unixtime": "1736933400",
        "from": "Ann",
        "from_id": "user7",
        "text": text,
        **more,
    }


def chat(
    *messages: object, name: str | None = "Bo", kind: str = "personal_chat", number: int = 5
) -> Any:
    return {"name": name, "type": kind, "id": number, "messages": list(messages)}


def read(folder: Path, value: object, *, indent: int | None = 1) -> list[ReadOutcome]:
    path = folder / "result.json"
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False), "utf-8")
    return list(TelegramReader().read(source_file(path), ReadOptions()))


def test_text_in_pieces_is_put_together_and_time_keeps_its_offset(tmp_path: Path) -> None:
    (record,) = read(
        tmp_path, chat(message(1, ["See ", {"type": "link", "text": "x.org"}, " now"]))
    )
    assert isinstance(record, Record)
    assert record.text == "See x.org now"
    assert record.occurred_at == datetime(2025, 1, 15, 9, 30, tzinfo=UTC)
    assert record.occurred_at.utcoffset() == timedelta(hours=1)
    assert (record.account, record.conversation, record.native_id) == ("telegram", "5", "1")
    assert (record.author, record.is_owner, record.title) == ("Ann", None, "Bo")


def test_a_whole_account_tells_who_its_owner_is(tmp_path: Path) -> None:
    account = {
        "about": 'a text with "messages": [ in it',
        "personal_information": {"user_id": 7, "first_name": "Ann"},
        "contacts": {"list": [{"user_id": 8}]},
        "chats": {
            "about": "x",
            "list": [
                chat(
                    message(1, "mine"), message(2, "theirs", **{"from": "Bo", "from_id": "user8"})
                ),
                chat(name=None, kind="saved_messages", number=9),
                chat(
                    message(1, "a note to self"),
                    message(2, "by another", forwarded_from="Eve"),
                    name=None,
                    kind="saved_messages",
                    number=10,
                ),
            ],
        },
    }
    outcomes = read(tmp_path, account)
    found = [(one.text, one.is_owner, one.title) for one in outcomes if isinstance(one, Record)]
    assert found == [
        ("mine", True, "Bo"),
        ("theirs", False, "Bo"),
        ("a note to self", True, "Saved Messages"),
        ("by another", False, "Saved Messages"),
    ]
    assert [one.reason for one in outcomes if not isinstance(one, Record)] == ["empty conversation"]


def test_every_message_has_one_outcome(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        chat(
            {"id": 1, "type": "service", "action": "pin_message", "text": ""},
            message(2, "", photo="x.jpg"),
            message(3, ""),
            message(4, "", poll={"question": "Where?", "answers": [{"text": "Here"}]}),
            message(5, "gone", **{"from": None, "from_id": "user9"}),
            message(6, "bad time", date_unixtime="soon"),
            7,
            [],
            message(8, "old", date_unixtime=None),
        ),
        indent=None,
    )
    assert [one.reason for one in outcomes if not isinstance(one, Record)] == [
        "system line",
        "media without text",
        "blank text",
        "no time: 'soon'",
        "something that is neither object nor array",
        "not a message",
    ]
    records = [one for one in outcomes if isinstance(one, Record)]
    assert [one.text for one in records] == ["Where?\n- Here", "gone", "old"]
    assert records[1].author == "user9"


def test_a_file_without_messages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no messages"):
        read(tmp_path, {"personal_information": {}})


def test_a_cut_off_export_keeps_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    text = json.dumps(chat(message(1, "one"), message(2, "two")))
    path.write_text(text[:-30], "utf-8")
    first, damage = TelegramReader().read(source_file(path), ReadOptions())
    assert isinstance(first, Record)
    assert not isinstance(damage, Record)
    assert "cut off" in damage.reason


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1 << 20])
def test_arrays_under_a_key_are_found_whatever_the_pieces(size: int) -> None:
    content = json.dumps(
        {
            "x": 'a "list": [ in text',
            "a": {"list": [1, {"list": [{"b": "]"}]}, [2]]},
            "c": [{"name": "n", "list": []}, {"list": [{"d": '\\"'}]}],
        }
    ).encode()
    position = 0

    def read_piece(_: int) -> bytes:
        nonlocal position
        piece = content[position : position + size]
        position += len(piece)
        return piece

    found = [
        [piece.content if isinstance(piece, Element) else piece.reason for piece in pieces]
        for _, pieces in nested_arrays(read_piece, "list")
    ]
    assert found == [
        ["something that is neither object nor array", b'{"list": [{"b": "]"}]}', b"[2]"],
        [],
        [b'{"d": "\\\\\\""}'],
    ]
    assert Damage is not None
