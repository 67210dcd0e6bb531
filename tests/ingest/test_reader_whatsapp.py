"""WhatsApp chats of Android and iOS: dates that must be guessed, lines that go on, marks."""

from __future__ import annotations

import zipfile
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from memassist.ingest.readers.whatsapp import WhatsAppReader
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

BERLIN = ZoneInfo("Europe/Berlin")


def read(folder: Path, text: str, name: str = "WhatsApp Chat with Bo.txt") -> list[ReadOutcome]:
    path = folder / name
    path.write_text(text, "utf-8", newline="")
    return list(WhatsAppReader().read(source_file(path), ReadOptions(timezone="Europe/Berlin")))


def first_time(folder: Path, text: str) -> datetime | None:
    records = [one for one in read(folder, text) if isinstance(one, Record)]
    return records[0].occurred_at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.04.2016, 15:04 - Ann: hi\n", (2016, 4, 15, 15, 4)),
        ("6/23/18, 1:55 PM - Ann: hi\n", (2018, 6, 23, 13, 55)),
        ("6/23/18, 12:05\u202fAM - Ann: hi\n", (2018, 6, 23, 0, 5)),
        ("23/06/2018, 1:55 p. m. - Ann: hi\n", (2018, 6, 23, 13, 55)),
        ("[23/06/2018, 13:55:10] Ann: hi\r\n", (2018, 6, 23, 13, 55, 10)),
        ("\u200e[23.06.18, 13:55:10] Ann: hi\n", (2018, 6, 23, 13, 55, 10)),
        ("2018/06/23, 13:55 - Ann: hi\n", (2018, 6, 23, 13, 55)),
        ("2018-06-23 13:55 - Ann: hi\n", (2018, 6, 23, 13, 55)),
        ("23-06-2018 13.55 - Ann: hi\n", (2018, 6, 23, 13, 55)),
        # Only a later line tells day from month.
        ("06/07/2018, 10:00 - Ann: hi\n25/07/2018, 10:00 - Ann: x\n", (2018, 7, 6, 10, 0)),
        ("06/07/2018, 10:00 - Ann: hi\n07/25/2018, 10:00 - Ann: x\n", (2018, 6, 7, 10, 0)),
        # Nothing is above 12, but time runs forward one way only.
        ("05/06/2018, 10:00 - Ann: a\n01/07/2018, 10:00 - Ann: b\n", (2018, 6, 5, 10, 0)),
        ("06/05/2018, 10:00 - Ann: a\n07/01/2018, 10:00 - Ann: b\n", (2018, 6, 5, 10, 0)),
        # Nothing tells at all.
        ("5/6/18, 1:55 PM - Ann: a\n", (2018, 5, 6, 13, 55)),
        ("5/6/18, 13:55 - Ann: a\n", (2018, 6, 5, 13, 55)),
    ],
)
def test_dates_are_read_as_the_whole_file_writes_them(
    tmp_path: Path, text: str, expected: tuple[int, ...]
) -> None:
    assert first_time(tmp_path, text) == datetime(*expected, tzinfo=BERLIN)  # type: ignore[arg-type,misc]  # numbers of a date


def test_lines_without_a_date_go_on_with_the_message(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        "23/06/2018, 13:55 - Ann: one\ntwo\n\n24 June is the day\n23/06/2018, 13:56 - Bo: four\n",
    )
    found = [(one.author, one.text) for one in outcomes if isinstance(one, Record)]
    assert found == [("Ann", "one\ntwo\n\n24 June is the day"), ("Bo", "four")]


def test_every_message_has_one_outcome(tmp_path: Path) -> None:
    outcomes = read(
        tmp_path,
        "\ufeff23/06/2018, 13:50 - Messages and calls are end-to-end encrypted.\n"
        "23/06/2018, 13:51 - Ann created group \u201cTrip: Bergen\u201d\n"
        '23/06/2018, 13:51 - Ann changed the subject to "Trip: Oslo"\n'
        "23/06/2018, 13:52 - Ann: <Media omitted>\n"
        "[23/06/2018, 13:52:10] Bo: \u200e<attached: 00000042-PHOTO-2018.jpg>\n"
        "23/06/2018, 13:53 - Ann: IMG-2018.jpg (file attached)\nOur boat\n"
        "23/06/2018, 13:54 - Bo: This message was deleted\n"
        "23/06/2018, 13:55 - Bo: fixed <This message was edited>\n"
        "23/06/2018, 13:56 - Bo:\n"
        "41/06/2018, 13:57 - Bo: no such day\n"
        "23/06/2018, 13:58 - Bo: Note: names may be followed by: colons\n",
    )
    reasons = [one.reason for one in outcomes if not isinstance(one, Record)]
    assert reasons == [
        "system line",
        "system line",
        "system line",
        "media without text",
        "media without text",
        "deleted message",
        "blank text",
        "a date that does not exist",
    ]
    records = [one for one in outcomes if isinstance(one, Record)]
    assert [one.text for one in records] == [
        "Our boat",
        "fixed",
        "Note: names may be followed by: colons",
    ]
    assert records[1].metadata == {"edited": True}
    assert len(outcomes) == 11


def test_a_chat_is_the_same_whatever_its_file_is_called(tmp_path: Path) -> None:
    text = "23/06/2018, 13:55 - Ann: one\n23/06/2018, 13:56 - Bo: two\n"
    (one, _) = read(tmp_path, text)
    (other, _, _) = read(tmp_path, text + "23/06/2018, 13:57 - Bo: three\n", "_chat.txt")
    assert isinstance(one, Record)
    assert isinstance(other, Record)
    assert one.conversation == other.conversation
    assert (one.title, other.title) == ("Bo", None)


def test_the_zip_of_an_iphone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Bo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_chat.txt", "[23/06/2018, 13:55:10] Ann: hi\n[23/06/2018, 13:56:10] Bo: ho\n"
        )
        archive.writestr("00000001-PHOTO.jpg", "x")
    outcomes = list(WhatsAppReader().read(source_file(path), ReadOptions()))
    assert outcomes[0] == Skipped("00000001-PHOTO.jpg", "other file of the export")
    records = [one for one in outcomes if isinstance(one, Record)]
    assert [(one.author, one.text, one.title) for one in records] == [
        ("Ann", "hi", "Bo"),
        ("Bo", "ho", "Bo"),
    ]


def test_text_before_the_first_message_is_a_problem(tmp_path: Path) -> None:
    problem, record = read(tmp_path, "something\n23/06/2018, 13:55 - Ann: one\n")
    assert problem == Problem("line 1", "text before the first message")
    assert isinstance(record, Record)
