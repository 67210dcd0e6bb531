"""After any history of a window every line it showed was passed on once, and stands in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.ingest.capture.reading import WindowText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

SIZE = (520, 380)
ROWS = 12
NOUNS = """heat pump Leeds Maria kestrel budget boiler window garden ticket harbour letter copper
pension dentist recipe orchard concert battery passport mortgage violin lantern"""
POOL = [f"{word} {number * 7919 % 1000}" for number, word in enumerate(NOUNS.split())]

steps = st.one_of(
    st.tuples(st.just("replace"), st.integers(0, ROWS - 1), st.integers(0, len(POOL) - 1)),
    st.tuples(st.just("scroll"), st.integers(-5, 5), st.integers(0, len(POOL) - 1)),
    st.tuples(st.just("page"), st.integers(0, len(POOL) - 1), st.integers(1, ROWS)),
    st.tuples(st.just("blank"), st.integers(0, ROWS - 1), st.just(0)),
)


def after(page: list[str], step: tuple[str, int, int]) -> list[str]:
    """Return the page after one change."""
    kind, first, second = step
    if kind == "replace":
        return [*page[:first], POOL[second], *page[first + 1 :]]
    if kind == "blank":
        return [*page[:first], "", *page[first + 1 :]]
    if kind == "page":
        return [POOL[(first + number) % len(POOL)] for number in range(second)] + [""] * (
            ROWS - second
        )
    fresh = [POOL[(second + number) % len(POOL)] for number in range(abs(first))]
    return [*page[first:], *fresh] if first >= 0 else [*fresh, *page[:first]]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=st.lists(steps, min_size=1, max_size=12))
def test_every_line_is_passed_on_once(
    page: Callable[[Sequence[str], tuple[int, int]], Any],
    row_reader: Any,
    monkeypatch: pytest.MonkeyPatch,
    history: list[tuple[str, int, int]],
) -> None:
    monkeypatch.setattr("memassist.ingest.capture.changes.FLICKER_TILES", 0)
    row_reader.known = POOL
    text = WindowText()
    lines = [""] * ROWS
    shown: set[str] = set()
    passed: list[str] = []
    for step in history:
        lines = after(lines, step)
        pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
        pixels[:, :, :3] = np.asarray(page(lines, SIZE))[:, :, ::-1]
        reading = text.read(pixels, row_reader)
        passed += [" ".join(line.text for line in row) for row in reading.rows]
        shown |= set(lines) - {""}
        assert sorted(passed) == sorted(shown)
        stand = sorted(text._lines, key=lambda line: line.top)
        assert [line.text for line in stand] == [line for line in lines if line]
        places = [8 + 30 * number for number, line in enumerate(lines) if line]
        assert all(top <= line.top < top + 16 for top, line in zip(places, stand, strict=True))
