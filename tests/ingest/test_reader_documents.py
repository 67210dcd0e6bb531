"""Notes and plain text."""

from __future__ import annotations

import os
import random
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from memassist.ingest.readers import builtin_readers, recognise
from memassist.ingest.readers.markdown import MarkdownReader
from memassist.ingest.readers.text import TextReader
from memassist.ingest.readers.times import date_in_name
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.plugins.types import ReadOutcome

GERMAN = "Überall führen Flüsse vorbei an schönen Städten, größere Brücken über dem Wasser."
BERLIN = ReadOptions(timezone="Europe/Berlin")


def note(path: Path, text: str) -> Record:
    path.write_text(text, encoding="utf-8")
    (record,) = MarkdownReader().read(source_file(path), BERLIN)
    assert isinstance(record, Record)
    return record


def plain(path: Path, content: bytes) -> ReadOutcome:
    path.write_bytes(content)
    (outcome,) = TextReader().read(source_file(path), BERLIN)
    return outcome


def plain_record(path: Path, content: bytes) -> Record:
    outcome = plain(path, content)
    assert isinstance(outcome, Record)
    return outcome


def test_front_matter_gives_title_tags_and_time_and_the_rest_stands_below(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    record = note(
        path,
        "---\ntitle: Heat pump\ntags: [home, '#energy']\ndate: 2024-05-06 14:30\nrating: 5\n---\n"
        "# Other\n\nBody.\n",
    )
    assert record.text == "# Other\n\nBody.\n\nrating: 5\n"
    assert [(mark.start, mark.label) for mark in record.marks] == [(0, "line 7"), (16, "line 5")]
    assert record.title == "Heat pump"
    assert record.metadata == {
        "title": "Heat pump",
        "date": "2024-05-06 14:30",
        "rating": 5,
        "file_name": "a.md",
        "tags": ["home", "energy"],
    }
    assert record.occurred_at == datetime(2024, 5, 6, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert (record.kind, record.origin, record.uri) == ("document", "file", path.as_uri())


def test_a_note_of_properties_alone_is_read(tmp_path: Path) -> None:
    record = note(
        tmp_path / "Maria.md",
        "---\naliases: [Mia, M.]\nbirthday: 1984-03-02\nemployer: '[[Kestrel|The Kestrel]]'\n"
        "done: true\ncssclass: wide\nempty:\nnested: {a: 1}\nid: 77\n---\n\n",
    )
    assert record.text == "aliases: Mia, M.\nbirthday: 1984-03-02\nemployer: The Kestrel\n"
    assert [mark.label for mark in record.marks] == ["line 2", "line 3", "line 4"]
    assert record.metadata["links"] == ["Kestrel"]
    blank = tmp_path / "blank.md"
    blank.write_text("---\ndone: true\n---\n\n", encoding="utf-8")
    assert list(MarkdownReader().read(source_file(blank), BERLIN)) == [
        Skipped("blank.md", "blank text")
    ]


def test_a_day_in_front_matter_is_its_midnight(tmp_path: Path) -> None:
    record = note(tmp_path / "2020-01-01.md", "---\ndate: 2024-05-06\ntags: a, b\n---\nx\n")
    assert record.occurred_at == datetime(2024, 5, 6, tzinfo=ZoneInfo("Europe/Berlin"))
    assert record.metadata["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("intro\n\n# The *big* `plan`\n", "The big plan"),
        ("Setext title\n===\n", "Setext title"),
        ("```\n# no heading\n```\n## Small\n", "file name"),
        ("#\n", "file name"),
    ],
)
def test_the_title_is_the_first_heading_or_the_name(tmp_path: Path, text: str, title: str) -> None:
    assert note(tmp_path / "file name.md", text).title == title


@pytest.mark.parametrize(
    "front",
    [
        "a: [broken",
        "- a list",
        "date: 2024-13-45",
        "a: &x [1]\nb: [*x, *x]",
        "? " * 3000,
        "!!python/object/apply:os.system ['true']",
        "a: " + "[" * 3000,
    ],
)
def test_front_matter_that_is_none_stays_text(tmp_path: Path, front: str) -> None:
    text = f"---\n{front}\n---\nBody.\n"
    assert note(tmp_path / "a.md", text).text == text


def test_marks_inside_words_of_front_matter_are_no_aliases(tmp_path: Path) -> None:
    record = note(tmp_path / "a.md", "---\ntitle: Salt &pepper, *really*\n---\nBody.\n")
    assert (record.title, record.text) == ("Salt &pepper, *really*", "Body.\n")


def test_a_rule_at_the_top_is_no_front_matter(tmp_path: Path) -> None:
    assert note(tmp_path / "a.md", "---\nJust text.\n").text == "---\nJust text.\n"


def test_a_date_in_front_matter_out_of_range_gives_way_to_the_name(tmp_path: Path) -> None:
    record = note(tmp_path / "2024-05-06.md", "---\ndate: 9999-12-31\n---\nx\n")
    assert record.occurred_at == datetime(2024, 5, 6, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2024-05-06 Trip", (2024, 5, 6)),
        ("Trip_2024.05.06", (2024, 5, 6)),
        ("Scan_20240506_1", (2024, 5, 6)),
        ("2024-13-06 then 2023-01-02", (2023, 1, 2)),
        ("2020-01-01 old/2024-05-06", (2024, 5, 6)),
        ("journals/2024_05_06", (2024, 5, 6)),
        ("2024-05-06 Trip/notes", (2024, 5, 6)),
        ("2024/05-May/06 Monday", (2024, 5, 6)),
    ],
)
def test_a_date_in_the_name_is_the_time(name: str, day: tuple[int, int, int]) -> None:
    found = date_in_name(f"{name}.txt", ZoneInfo("Europe/Berlin"))
    assert found == datetime(*day, tzinfo=ZoneInfo("Europe/Berlin"))


def test_the_date_in_the_name_is_that_of_the_record(tmp_path: Path) -> None:
    record = plain_record(tmp_path / "2024-05-06 Trip.txt", b"x")
    assert record.occurred_at == datetime(2024, 5, 6, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("name", ["order 123456789012", "12024-05-06", "v2024.05"])
def test_without_a_date_the_file_s_own_time_is_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_bytes(b"x")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (record,) = TextReader().read(source_file(path), BERLIN)
    assert isinstance(record, Record)
    assert record.occurred_at is not None
    assert record.occurred_at.timestamp() == 1_700_000_000


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße — 東京".encode(), "Grüße — 東京"),
        ("Grüße".encode("utf-8-sig"), "Grüße"),
        ("Grüße 東京".encode("utf-16"), "Grüße 東京"),
        (
            GERMAN.encode("latin-1"),
            GERMAN,
        ),
        (b"a\xe2\x80\xa8b", "a\u2028b"),
        (b"one nul \x00 in quite a long line of good text, which is no binary", None),
        ("é".encode() * 50 + b"\xff", "é" * 50 + "\ufffd"),
    ],
)
def test_text_is_decoded_by_what_it_is(tmp_path: Path, content: bytes, text: str | None) -> None:
    record = plain_record(tmp_path / "a.txt", content)
    assert record.text == (content.decode() if text is None else text)


@pytest.mark.parametrize(
    "content",
    [
        bytes(1000),
        random.Random(1).randbytes(5000),
        b"\x7fELF\x02\x01" + bytes(300),
        b"\xff\xfe\x00\xd8",
    ],
)
def test_binary_rubbish_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(UnreadableFileError, match="binary"):
        plain(path, content)
    assert TextReader().recognises(source_file(path)) == 0.0


def test_an_empty_file_of_any_name_says_that_it_is_empty(tmp_path: Path) -> None:
    for name in ("a.txt", "b.png", "conversations.json", "c.md", "d.zip"):
        path = tmp_path / name
        path.write_bytes(b"")
        file = source_file(path)
        reader = recognise(file, builtin_readers())
        assert reader is not None
        assert list(reader.read(file, ReadOptions())) == [Skipped(name, "empty file")]


def test_blank_files_are_skipped(tmp_path: Path) -> None:
    assert plain(tmp_path / "a.txt", b" \n") == Skipped("a.txt", "blank text")
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: x\n---\n\n", encoding="utf-8")
    assert list(MarkdownReader().read(source_file(path), BERLIN)) == [Skipped("a.md", "blank text")]


def test_a_file_too_long_is_a_problem_and_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.log"
    with path.open("wb") as stream:
        stream.truncate(5_000_000_000)
    from memassist.plugins.types import SourceFile

    file = SourceFile(path, "sparse.log", 5_000_000_000, b"log " * 2048)
    (problem,) = TextReader().read(file, ReadOptions())
    assert isinstance(problem, Problem)
    assert "longer than" in problem.reason
    assert problem.advice


def test_a_sample_cut_within_a_character_is_still_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 8191 + "é and more", encoding="utf-8")
    assert TextReader().recognises(source_file(path)) > 0


VAULT_NOTE = """---
tags: [home]
tag: garden
aliases: [The pump, HP]
date created: 2024-05-06T10:00
---
# Heat pump #energy

[[Maria Keller|Maria]] from [[Kestrel]] looked at it, see [[Offers#Kestrel#2024]] and [[#Costs]].
![[boiler.png|300]] #project/heat-pump, (#todo) but not a#b, #42, https://x.org/#part or \\#no.

```python
links = a[[1]] #code [[Not a link]]
```
Inline `[[none]]` and `#none` stay. [[Kestrel]] again.
"""


def test_links_of_a_vault_stand_as_they_are_shown_and_their_targets_are_kept(
    tmp_path: Path,
) -> None:
    record = note(tmp_path / "a.md", VAULT_NOTE)
    lines = record.text.splitlines()
    assert lines[2] == "Maria from Kestrel looked at it, see Offers > Kestrel > 2024 and Costs."
    assert lines[3].startswith("boiler.png #project/heat-pump")
    assert lines[6] == "links = a[[1]] #code [[Not a link]]"
    assert lines[8] == "Inline `[[none]]` and `#none` stay. Kestrel again."
    assert record.metadata["links"] == ["Maria Keller", "Kestrel", "Offers", "boiler.png"]
    assert record.metadata["tags"] == ["home", "garden", "energy", "project/heat-pump", "todo"]
    assert record.metadata["aliases"] == ["The pump", "HP"]
    assert record.occurred_at == datetime(2024, 5, 6, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert record.marks[0].label == "line 7"
    assert lines[-2:] == ["", "aliases: The pump, HP"]
    assert len(lines) == len(VAULT_NOTE.splitlines()) - 6 + 2


def test_a_drawing_is_its_words_without_the_packed_picture(tmp_path: Path) -> None:
    text = (
        "---\nexcalidraw-plugin: parsed\n---\n# Text Elements\nPump ^a1\n\n%%\n## Drawing\n"
        "```compressed-json\nN4KAkARALgngDgUwgLgAQQQD\n```\n%%\n"
    )
    assert note(tmp_path / "a.excalidraw.md", text).text == "# Text Elements\nPump ^a1\n\n"


@pytest.mark.parametrize("unit", ["[[", "![[a|", "`", "```\n", "#", "#a/", "[[a#", "~~~\n`"])
def test_hostile_repetition_in_a_note_is_read_in_time(tmp_path: Path, unit: str) -> None:
    assert note(tmp_path / "a.md", unit * (400_000 // len(unit)) + " end").text.endswith(" end")
