"""Marks say where in a document something stands, also after masking and across passages."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memassist.assistant.places import place_of
from memassist.ingest.marks import MaskedPlaces, moved_boxes, moved_marks
from memassist.ingest.pipeline import ImportSettings, prepare
from memassist.ingest.secrets import mask
from memassist.ingest.split import split
from memassist.plugins.types import Box, Mark, Record
from memassist.store.items import Item, NewItem


def item(text: str, *marks: Mark) -> Item:
    moment = datetime(2024, 5, 6, tzinfo=UTC)
    return Item(
        id="i",
        text=text,
        kind="document",
        origin="file",
        role="user",
        author=None,
        is_owner=False,
        trust=4,
        source="import:x",
        conversation=None,
        title=None,
        ref=None,
        occurred_at=None,
        captured_at=moment,
        uri=None,
        reader="x@1",
        version=1,
        is_main_branch=True,
        metadata={},
        marks=marks,
    )


def test_no_passage_reaches_over_a_page() -> None:
    text = "first page\nsecond page\nthird page"
    marks = (Mark(0, "page 1"), Mark(11, "page 2"), Mark(23, "page 3"))
    passages = [text[start:stop] for start, stop in split(text, "document", marks)]
    assert passages == ["first page", "second page", "third page"]


def test_a_mark_that_counts_on_within_a_sheet_cuts_nothing() -> None:
    text = "a\nb\nc"
    gap = (Mark(0, "sheet A, row 1", True), Mark(2, "sheet A, row 7", True))
    assert split(text, "document", gap) == [(0, 5)]
    other = (Mark(0, "sheet A, row 1", True), Mark(2, "sheet B, row 1", True))
    assert split(text, "document", other) == [(0, 1), (2, 5)]


def test_a_span_is_placed_by_the_mark_before_it() -> None:
    text = "one\ntwo\nthree\nfour"
    pages = item(text, Mark(4, "page 1"), Mark(8, "page 2"))
    assert place_of(pages, 0, 3) is None
    assert place_of(pages, 4, 7) == "page 1"
    assert place_of(pages, 9, 12) == "page 2"
    assert place_of(item(text), 4, 7) is None


def test_lines_are_counted_and_shown_as_a_range() -> None:
    text = "one\ntwo\nthree\nfour"
    code = item(text, Mark(0, "line 1", True))
    assert place_of(code, 8, 13) == "line 3"
    assert place_of(code, 4, 13) == "line 2\N{EN DASH}3"
    sheet = item(text, Mark(0, "sheet A, row 1", True), Mark(8, "sheet A, row 10", True))
    assert place_of(sheet, 4, 13) == "sheet A, row 2\N{EN DASH}10"
    assert place_of(sheet, 14, 18) == "sheet A, row 11"


def test_marks_move_with_the_masks_before_them() -> None:
    pages = ("The password: hunter2horse9 is on page one\n", "4111 1111 1111 1111\n", "third")
    text = "".join(pages)
    marks = (
        Mark(0, "page 1"),
        Mark(len(pages[0]), "page 2"),
        Mark(len(pages[0]) + len(pages[1]), "page 3"),
    )
    masked = mask(text)
    assert len(masked.found) == 2
    moved = moved_marks(marks, masked.found)
    assert [mark.label for mark in moved] == ["page 1", "page 2", "page 3"]
    assert moved[0].start == 0
    assert masked.text[moved[1].start :].startswith("[card hidden]")
    assert masked.text[moved[2].start :] == "third"


def test_a_mark_within_a_secret_moves_to_its_mask() -> None:
    text = "The password: hunter2horse9 ends"
    masked = mask(text)
    (moved,) = moved_marks([Mark(text.index("horse9"), "page 2")], masked.found)
    assert masked.text[moved.start :].startswith("[password hidden]")


def test_marks_are_part_of_a_record_and_empty_by_default() -> None:
    assert Record(text="x", place="y").marks == ()


def test_the_pipeline_moves_marks_and_cuts_passages_by_them() -> None:
    text = "The password: hunter2horse9 is on page one.\nOn page two is the rest."
    record = Record(
        text=text,
        place="x",
        kind="document",
        marks=(Mark(0, "page 1"), Mark(text.index("On page two"), "page 2")),
    )
    item = prepare(record, "pdf@1", ImportSettings(), Counter())
    assert isinstance(item, NewItem)
    masked = item.record
    assert "hunter2" not in masked.text
    assert [masked.text[mark.start :][:6] for mark in masked.marks] == ["The pa", "On pag"]
    assert [masked.text[start:stop][-9:] for start, stop in item.passages] == [
        "page one.",
        "the rest.",
    ]


def test_the_boxes_of_a_picture_stay_with_their_lines_when_a_secret_is_masked() -> None:
    lines = ("Wifi at the flat", "password: hunter2horse9", "Dinner at eight")
    text = "\n".join(lines)
    starts = [text.index(line) for line in lines]
    boxes = tuple(
        Box(start, start + len(line), 5, 20 * number, 200, 20 * number + 15)
        for number, (start, line) in enumerate(zip(starts, lines, strict=True))
    )
    record = Record(text=text, place="x", kind="picture", origin="screen", boxes=boxes)
    item = prepare(record, "picture@1", ImportSettings(), Counter())
    assert isinstance(item, NewItem)
    masked = item.record
    assert [masked.text[box.start : box.stop] for box in masked.boxes] == [
        "Wifi at the flat",
        "password: [password hidden]",
        "Dinner at eight",
    ]
    assert [(box.left, box.top) for box in masked.boxes] == [(5, 0), (5, 20), (5, 40)]


def test_every_line_of_a_secret_over_several_lines_points_to_its_mask() -> None:
    kind = "PRIVATE"
    key = "\n".join(
        (f"-----BEGIN {kind} KEY-----", "x7Kp" * 16, "9qLm" * 16, f"-----END {kind} KEY-----")
    )
    text = f"before\n{key}\nafter"
    spans = []
    position = 0
    for line in text.split("\n"):
        spans.append((position, position + len(line)))
        position += len(line) + 1
    boxes = [Box(*span, 0, 0, 1, 1) for span in spans]
    masked = mask(text)
    shown = [masked.text[box.start : box.stop] for box in moved_boxes(boxes, masked.found)]
    assert shown == ["before", *["[key hidden]"] * 4, "after"]


@given(st.lists(st.text("ab \n", min_size=1, max_size=8), max_size=6), st.data())
def test_a_place_outside_secrets_keeps_what_stands_there(
    parts: list[str], data: st.DataObject
) -> None:
    secret = "4111 1111 1111 1111"
    text = f" {secret} ".join(parts)
    masked = mask(text)
    places = MaskedPlaces(masked.found)
    position = data.draw(st.integers(0, len(text)))
    start, stop = places.start(position), places.stop(position)
    assert 0 <= start <= len(masked.text)
    assert 0 <= stop <= len(masked.text)
    ahead, behind = text[position : position + 1], text[position - 1 : position] if position else ""
    if ahead and ahead not in secret:
        assert masked.text[start] == ahead
    if behind and behind not in secret:
        assert masked.text[stop - 1] == behind
