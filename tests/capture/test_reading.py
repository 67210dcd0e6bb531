"""From pictures of a window to what is new on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from memassist.ingest.capture.reading import WindowText, key_of, masked_lines
from memassist.ingest.capture.seen_secrets import secret_spans
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memassist.ingest.capture.reading import Reading

SIZE = (700, 420)
LINE_PIXELS = 30


@pytest.fixture
def read(page: Callable[..., Any], row_reader: Any) -> Callable[..., Reading]:
    """Return a function that shows one window lines and returns what was new."""
    text = WindowText()

    def show(*lines: str) -> Reading:
        row_reader.known = [*dict.fromkeys([*row_reader.known, *lines])]
        colours = np.asarray(page(lines, SIZE))
        pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
        pixels[:, :, :3] = colours[:, :, ::-1]
        return text.read(pixels, row_reader)

    return show


def texts(reading: Reading) -> list[str]:
    return [" ".join(line.text for line in row) for row in reading.rows]


def test_a_first_picture_gives_all_its_lines_in_order(read: Callable[..., Reading]) -> None:
    assert texts(read("Heat pump", "14,200 euros", "May")) == ["Heat pump", "14,200 euros", "May"]


def test_the_same_picture_is_not_read_again(read: Callable[..., Reading], row_reader: Any) -> None:
    read("Heat pump", "14,200 euros")
    again = read("Heat pump", "14,200 euros")
    assert (again.rows, again.read_share) == ((), 0.0)
    assert len(row_reader.heights) == 1


def test_a_line_that_is_added_is_read_without_its_neighbours(
    read: Callable[..., Reading], row_reader: Any
) -> None:
    page = [f"line {number} of the offer" for number in range(12)]
    for count in range(1, len(page)):
        read(*page[:count])
        row_reader.heights.clear()
        assert texts(read(*page[: count + 1])) == [page[count]]
        assert len(row_reader.heights) == 1
        assert row_reader.heights[0] < 1.5 * LINE_PIXELS


def test_one_changed_digit_is_a_new_line_and_only_its_rows_are_read(
    read: Callable[..., Reading], row_reader: Any
) -> None:
    page = ["Offer", "Heat pump", "Total 14,200 euros", "Tax", "Date", "Place", "Name", "Sign"]
    read(*page)
    changed = read(*page[:2], "Total 14,300 euros", *page[3:])
    assert texts(changed) == ["Total 14,300 euros"]
    assert row_reader.heights[1] < SIZE[1] / 3


def test_lines_that_moved_are_not_new(read: Callable[..., Reading]) -> None:
    read("alpha one", "beta two", "gamma three")
    assert texts(read("beta two", "gamma three", "delta four")) == ["delta four"]


def test_a_page_that_was_scrolled_is_read_where_it_is_new(
    read: Callable[..., Reading], row_reader: Any
) -> None:
    lines = [f"row {number} of {number * 7919 % 1000}" for number in range(40)]
    read(*lines[:13])
    for first in (3, 4, 9, 2):
        row_reader.heights.clear()
        reading = read(*lines[first : first + 13])
        assert sum(row_reader.heights) < 0.7 * SIZE[1], first
        assert [line for line in texts(reading) if line not in lines] == []
    # What was shown is told as it stands, and nothing twice.
    assert texts(read(*lines[2:14], "password: tr0ub4dor&3")) == ["password: [password hidden]"]


def test_after_scrolling_every_line_stands_where_it_is_shown(
    read: Callable[..., Reading],
) -> None:
    lines = [f"row {number} of {number * 7919 % 1000}" for number in range(13)]
    read(*lines)
    read(*lines[4:], "Password: tr0ub4dor&3")
    (line,) = read(*lines[6:], "Password: tr0ub4dor&3", "and more").secret_lines
    assert 7 * LINE_PIXELS < line.top < line.bottom < 8 * LINE_PIXELS + 12


def test_a_line_that_comes_back_is_not_new(read: Callable[..., Reading]) -> None:
    read("Inbox", "first letter")
    read("Inbox", "second letter")
    assert texts(read("Inbox", "first letter")) == []


def test_a_secret_is_told_by_a_label_that_was_there_before(read: Callable[..., Reading]) -> None:
    read("Sign in", "Password:")
    reading = read("Sign in", "Password: tr0ub4dor&3")
    assert "tr0ub4dor" not in str(reading)
    assert [line.text for line in reading.secret_lines] == ["Password: [password hidden]"]


def test_the_place_of_a_secret_is_told(read: Callable[..., Reading]) -> None:
    (line,) = read("Thanks", "card 4111 1111 1111 1111").secret_lines
    assert line.text == "card [card hidden]"
    assert 30 < line.top < line.bottom < 70


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("The heat pump", "Theheat pump.", True),
        ("Total: 41", "Total 41", True),
        ("4.1", "41", False),
        ("12:30", "1230", False),
        ("14,200 euros", "14,300 euros", False),
        ("Ann", "Anna", False),
        ("naïve café", "NAÏVE CAFÉ", True),
    ],
)
def test_what_two_readings_of_a_line_have_in_common(one: str, other: str, is_same: bool) -> None:
    assert (key_of(one) == key_of(other)) is is_same


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("card 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("card 4111 1111 1111 i111 ok", ["4111 1111 1111 i111"]),
        ("card 4111-1111-1111-1171", ["4111-1111-1111-1171"]),
        ("card 411111111111I111", ["411111111111I111"]),
        ("card 41111111 1111 1111", ["41111111 1111 1111"]),
        ("amex 3782 82246310005", ["3782 82246310005"]),
        ("453989972074322509/28417", ["453989972074322509/28417"]),
        ("4012 4105 4208 43104425 4512 units a month", []),
        ("IMEI 356938035643809", []),
        ("amex 3782 822463 1O005", ["3782 822463 1O005"]),
        ("iban DE89 3704 0044 0532 0130 00 und mehr", []),
        ("call 020 7946 0958 today", []),
        ("lossless Soils Bliss 2026-05-01", []),
        ("order 20260501-0042", []),
        ("CW 421 on the back", ["421"]),
        ("years 2019 2020 2021 2022", []),
        (
            "--BEGIN OPENSSH PRIVATE KEY--- b3Blbn more",
            ["--BEGIN OPENSSH PRIVATE KEY--- b3Blbn more"],
        ),
        ("key A1zaSyB4x9Qk2mN7pL3vR8tW6yZ1cF5hJ0d ok", ["A1zaSyB4x9Qk2mN7pL3vR8tW6yZ1cF5hJ0d"]),
        ("commit 0123456789abcdef0123456789abcdef01234567", []),
        ("https://example.org/A/very/Long/path/with/Capitals/and/2026/in-it.html", []),
    ],
)
def test_numbers_are_told_although_they_were_misread(text: str, hidden: Sequence[str]) -> None:
    assert [text[start:stop] for start, stop, _ in secret_spans(text)] == list(hidden)


def test_pieces_of_one_row_are_masked_together() -> None:
    label, value = Line("Password:", 10, 10, 100, 30), Line("tr0ub4dor&3", 130, 10, 260, 30)
    other = Line("Heat pump", 10, 50, 100, 70)
    lines = masked_lines([other, value, label])
    assert [(line.text, is_secret) for line, is_secret in lines] == [
        ("Password:", False),
        ("[password hidden]", True),
        ("Heat pump", False),
    ]
