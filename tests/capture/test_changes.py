"""What counts as a change of a picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memassist.ingest.capture.changes import (
    TILE_PIXELS,
    Band,
    PictureMemory,
    tile_hashes,
    widened,
)


def page(height: int = 300, width: int = 500) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(4).integers(0, 255, (height, width, 4), dtype=np.uint8)


@given(st.integers(0, 299), st.integers(0, 499), st.integers(0, 2), st.integers(1, 255))
def test_any_one_pixel_changes_its_tile_and_no_other(
    row: int, column: int, channel: int, by: int
) -> None:
    before = page()
    after = before.copy()
    after[row, column, channel] ^= by
    where = np.argwhere(tile_hashes(before) != tile_hashes(after)).tolist()
    assert where == [[row // TILE_PIXELS, column // TILE_PIXELS]]


def test_the_fourth_byte_means_nothing() -> None:
    before = page()
    after = before.copy()
    after[:, :, 3] ^= 255
    assert (tile_hashes(before) == tile_hashes(after)).all()


def test_a_first_picture_and_one_of_another_size_are_all_new() -> None:
    memory = PictureMemory()
    assert memory.changed(tile_hashes(page()), 300) == [Band(0, 300)]
    memory.keep(tile_hashes(page()), 300)
    assert memory.changed(tile_hashes(page()), 300) == []
    assert memory.changed(tile_hashes(page(310)), 310) == [Band(0, 310)]


def test_the_rows_of_what_changed_are_told() -> None:
    memory = PictureMemory()
    memory.keep(tile_hashes(page()), 300)
    after = page()
    after[40, 3] ^= 255
    after[70, 300] ^= 255
    after[290, 300] ^= 255
    assert memory.changed(tile_hashes(after), 300) == [Band(32, 96), Band(288, 300)]


def test_a_caret_that_blinks_is_read_once_in_each_state() -> None:
    memory = PictureMemory()
    off, on = page(), page()
    on[100:118, 200:202] ^= 255
    memory.keep(tile_hashes(off), 300)
    assert memory.changed(tile_hashes(on), 300)
    memory.keep(tile_hashes(on), 300)
    for state in (off, on, off):
        assert memory.changed(tile_hashes(state), 300) == []
    typed = off.copy()
    typed[100:118, 210:220] ^= 255
    assert memory.changed(tile_hashes(typed), 300)


def test_a_page_that_comes_back_is_read_again() -> None:
    memory = PictureMemory()
    first, second = page(), 255 - page()
    memory.keep(tile_hashes(first), 300)
    memory.keep(tile_hashes(second), 300)
    assert memory.changed(tile_hashes(first), 300) == [Band(0, 300)]


@pytest.mark.parametrize(
    ("bands", "lines", "expected"),
    [
        ([Band(64, 96)], [], [Band(56, 104)]),
        ([Band(64, 96)], [(90, 112), (110, 130)], [Band(56, 114)]),
        ([Band(64, 96)], [(40, 58)], [Band(56, 104)]),
        ([Band(0, 32), Band(200, 232)], [], [Band(0, 40), Band(192, 240)]),
        ([Band(0, 32), Band(40, 72)], [], [Band(0, 80)]),
        ([Band(0, 256)], [], [Band(0, 300)]),
    ],
)
def test_bands_take_whole_lines(
    bands: list[Band], lines: list[tuple[int, int]], expected: list[Band]
) -> None:
    assert widened(bands, lines, 300) == expected
