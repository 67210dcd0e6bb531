"""Pictures: text, order, boxes and what can go wrong."""

from __future__ import annotations

import json
import os
import socket
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import pytest
from rapidfuzz import fuzz

from memassist.ingest.readers.picture import (
    MAX_HEIC_BYTES,
    MAX_PIXELS,
    PictureReader,
    text_with_boxes,
)
from memassist.ingest.readers.picture_facts import facts_of
from memassist.ingest.readers.picture_layout import Line, rows_in_reading_order
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.testing.reader import source_file
from memassist.plugins.types import Problem, ReadOptions, Record, Skipped

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

    from memassist.plugins.types import ReadOutcome

HEIC = Path(__file__).parent / "pictures/turned.heic"
"""As a phone writes it: of tiles, with a mark that it has to be turned, and Exif that says so too.

`heif-enc` made it of a drawn picture (nothing that we install writes HEIC), and the mark (`irot`)
was put in by hand.
"""
SCREENS = Path(__file__).parents[3] / "shared/data/screens"
BERLIN = ReadOptions(timezone="Europe/Berlin")


def drawn(*texts: str, colour: str = "black", paper: str = "white") -> Image:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (640, 20 + 50 * max(1, len(texts))), paper)
    for number, text in enumerate(texts):
        ImageDraw.Draw(picture).text(
            (10, 12 + 50 * number), text, colour, ImageFont.load_default(30)
        )
    return picture


def read(path: Path) -> ReadOutcome:
    (outcome,) = PictureReader().read(source_file(path), BERLIN)
    return outcome


def test_the_text_is_read_in_lines_with_boxes_and_without_a_word_or_a_connection(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    path = tmp_path / "Screenshot 2024-05-06.png"
    drawn("Heat pump offer", "Total: 14,200 EUR").save(path)
    record = read(path)
    assert isinstance(record, Record)
    assert record.text == "Heat pump offer\nTotal: 14,200 EUR"
    assert [record.text[box.start : box.stop] for box in record.boxes] == record.text.split("\n")
    assert record.boxes[0].bottom <= record.boxes[1].top + 5
    assert record.boxes[1].bottom <= 120
    assert (record.kind, record.origin) == ("picture", "screen")
    assert record.occurred_at == datetime(2024, 5, 6, tzinfo=ZoneInfo("Europe/Berlin"))
    assert capfd.readouterr() == ("", "")


def test_faint_text_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn("Orange, the new black", colour="#e8e8e8").save(path)
    record = read(path)
    assert isinstance(record, Record)
    assert fuzz.ratio(record.text, "Orange, the new black") > 90


def test_text_on_a_transparent_ground_is_found(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    picture = drawn("Transparent ground").convert("RGBA")
    clear = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    is_dark = picture.convert("L").point(lambda value: 255 if value < 128 else 0)
    clear.paste(picture, mask=is_dark)
    clear.save(path)
    record = read(path)
    assert isinstance(record, Record)
    assert "Transparent" in record.text


def test_the_camera_s_time_and_rotation_are_taken_from_exif(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "2020-01-01.jpg"
    picture = drawn("Turned on its side")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2024:07:01 12:00:00"
    exif.get_ifd(0x8769)[0x9011] = "+09:00"
    picture.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    record = read(path)
    assert isinstance(record, Record)
    assert record.text == "Turned on its side"
    assert record.occurred_at == datetime.fromisoformat("2024-07-01T12:00:00+09:00")


def exif_of(place: object = None, maker: str = "", model: str = "", caption: str = "") -> Exif:
    from PIL.Image import Exif

    exif = Exif()
    for number, value in ((0x010F, maker), (0x0110, model), (0x010E, caption)):
        if value:
            exif[number] = value
    if place is not None:
        exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.0), 3: "W", 4: place})
    return exif


def test_a_photo_says_where_and_by_what_it_was_taken_and_what_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    caption = "The boiler's plate, before the repair"
    exif = exif_of((11.0, 34.0, 31.2), "Apple", "Apple iPhone 12", caption)
    drawn("Serial 7731").save(path, exif=exif)
    record = read(path)
    assert isinstance(record, Record)
    assert record.text == (
        f"Serial 7731\n{caption}\nTaken with Apple iPhone 12 at 48.13722, -11.57533."
    )
    assert record.metadata["camera"] == "Apple iPhone 12"
    assert record.metadata["place"] == "48.13722, -11.57533"
    assert [record.text[box.start : box.stop] for box in record.boxes] == ["Serial 7731"]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((11.0, 34.0, 31.2), "48.13722, -11.57533"),
        ((1.0, 0.0), None),
        ((float("inf"), 0.0, 0.0), None),
        ((200.0, 0.0, 0.0), None),
        ("11 34 31", None),
    ],
)
def test_a_broken_place_is_none(place: object, expected: str | None) -> None:
    from PIL import Image

    picture = Image.new("RGB", (8, 8))
    exif = exif_of(place)
    picture.getexif = lambda: exif  # type: ignore[method-assign]  # some no writer would write
    assert facts_of(picture, None).place == expected


def test_what_a_camera_writes_for_a_caption_is_none_and_that_of_a_png_is_one(
    tmp_path: Path,
) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Description", "Plan of the garden")
    told.add_text("Software", "a painter")
    drawn().save(tmp_path / "a.png", pnginfo=told, exif=exif_of(caption="OLYMPUS DIGITAL CAMERA"))
    with Image.open(tmp_path / "a.png") as picture:
        assert facts_of(picture, None).captions == ("Plan of the garden",)


def test_a_picture_without_text_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    drawn(paper="#336699").save(path)
    assert read(path) == Skipped("a.png", "no text in the picture")


def test_a_decompression_bomb_is_a_problem_and_is_not_unpacked(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    for side in (int(MAX_PIXELS**0.5) + 1, 14_000):
        Image.new("1", (side, side)).save(path)
        problem = read(path)
        assert isinstance(problem, Problem)
        assert "too large" in problem.reason
        assert problem.advice


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp", "tiff"])
def test_every_format_is_recognised_and_a_broken_one_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    drawn("Words").save(path)
    assert PictureReader().recognises(source_file(path)) > 0.5
    os.truncate(path, 30)
    assert PictureReader().recognises(source_file(path)) > 0.5
    with pytest.raises(UnreadableFileError, match="broken picture"):
        read(path)


def test_a_phone_s_picture_is_read_upright_with_its_time_and_camera(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(HEIC.read_bytes())
    assert PictureReader().recognises(source_file(path)) > 0.5
    record = read(path)
    assert isinstance(record, Record)
    assert record.text == "Turned on its side\nTaken with Apple iPhone 15."
    assert record.occurred_at == datetime.fromisoformat("2024-07-01T12:00:00+09:00")
    assert (record.metadata["width"], record.metadata["height"]) == (420, 60)


def test_a_phone_s_picture_of_several_brands_is_known_and_that_of_another_codec_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    for content, expected in (
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(90), True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif" + b"heic" * 9, False),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1heic" + bytes(90), False),
        (b"\0\0\0\x18ftypheic", True),
        (b"\0\0", False),
    ):
        path.write_bytes(content)
        assert (PictureReader().recognises(source_file(path)) > 0.5) is expected


@pytest.mark.parametrize("kept", [24, 900, 2600])
def test_a_phone_s_picture_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(HEIC.read_bytes()[:kept])
    with pytest.raises(UnreadableFileError, match="broken picture"):
        read(path)


def test_a_phone_s_picture_that_says_a_wrong_size_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    for side, reason in ((11_000, "11,000 by 11,000"), (60_000, "too many pixels")):
        content = bytearray(HEIC.read_bytes())
        start = 0
        while (start := content.find(b"ispe", start + 1)) > 0:
            content[start + 8 : start + 16] = 2 * side.to_bytes(4)
        path.write_bytes(content)
        problem = read(path)
        assert isinstance(problem, Problem)
        assert reason in problem.reason
    with path.open("r+b") as stream:
        stream.truncate(MAX_HEIC_BYTES + 1)
    problem = read(path)
    assert isinstance(problem, Problem)
    assert "200,000,001 bytes" in problem.reason


def line(text: str, left: int, top: int, width: int = 200) -> Line:
    return Line(text, left, top, left + width, top + 20)


def test_the_cells_of_a_table_are_rows() -> None:
    cells = [
        line(f"{row}{column}", 100 * column, 30 * row, 60)
        for row in range(4)
        for column in range(3)
    ]
    rows = rows_in_reading_order(cells[::-1])
    assert [[cell.text for cell in row] for row in rows] == [
        [f"{row}{column}" for column in range(3)] for row in range(4)
    ]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    prose = [
        line(f"column {column} line {row} of prose", 300 * column, 30 * row)
        for row in range(4)
        for column in range(2)
    ]
    text, boxes = text_with_boxes(prose)
    assert text.split("\n") == [
        f"column {column} line {row} of prose" for column in range(2) for row in range(4)
    ]
    assert [text[box.start : box.stop] for box in boxes] == text.split("\n")


def test_a_headline_over_two_columns_comes_first() -> None:
    prose = [line("A headline over both columns", 0, 0, 500)] + [
        line(f"column {column} line {row} of prose", 300 * column, 60 + 30 * row)
        for row in range(4)
        for column in range(2)
    ]
    rows = rows_in_reading_order(prose[::-1])
    assert [row[0].text for row in rows][:2] == [
        "A headline over both columns",
        "column 0 line 0 of prose",
    ]
    assert rows[-1][0].text == "column 1 line 3 of prose"


def test_no_lines_give_no_rows() -> None:
    assert rows_in_reading_order([]) == []
    assert text_with_boxes([]) == ("", ())


@pytest.mark.slow
@pytest.mark.skipif(not SCREENS.exists(), reason="the shared sample screens are not here")
def test_real_screens_are_read_as_their_truth_says() -> None:
    for truth in json.loads((SCREENS / "truth.json").read_text(encoding="utf-8")):
        record = read(SCREENS / truth["image"])
        assert isinstance(record, Record), truth["image"]
        if "key_phrases" in truth:
            found = [one for one in truth["key_phrases"] if one.lower() in record.text.lower()]
            assert len(found) >= 0.95 * len(truth["key_phrases"]), truth["image"]
        elif truth["image"] == "03_parse_emails.png":
            # Its truth names only the addresses.
            assert all(one in record.text for one in truth["expected_text"].split("\n"))
        else:
            # Words in any order: the truth of a table goes column by column.
            likeness = fuzz.token_sort_ratio(truth["expected_text"], record.text)
            assert likeness >= 95, (truth["image"], likeness)
