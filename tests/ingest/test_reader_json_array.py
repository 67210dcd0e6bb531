"""Cutting a JSON array: the same elements as `json` gives, however the text arrives."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.ingest.readers.json_array import Damage, Element, Piece, elements

if TYPE_CHECKING:
    from collections.abc import Iterator

# A loaded machine is no fault of what is tested.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
containers = st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4)


def cut(content: bytes, piece_bytes: int = 1 << 20, max_bytes: int = 1 << 20) -> list[Piece]:
    stream = io.BytesIO(content)
    return list(elements(lambda size: stream.read(min(size, piece_bytes)), max_bytes))


def parsed(pieces: list[Piece]) -> list[object]:
    return [json.loads(piece.content) for piece in pieces if isinstance(piece, Element)]


@unhurried
@given(
    st.lists(containers, max_size=5),
    st.integers(min_value=16, max_value=90),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_any_array_is_cut_into_the_elements_json_finds(
    array: list[object], piece_bytes: int, ensure_ascii: bool, indent: int | None
) -> None:
    # Lone surrogates only exist as escapes.
    content = json.dumps(array, ensure_ascii=True, indent=indent).encode()
    if not ensure_ascii:
        content = json.dumps(array, ensure_ascii=False).encode("utf-8", "replace")
    pieces = cut(content, piece_bytes)
    assert parsed(pieces) == json.loads(content)
    assert not [piece for piece in pieces if isinstance(piece, Damage)]


@unhurried
@given(st.lists(containers, min_size=1, max_size=4), st.data())
def test_a_cut_off_array_gives_what_was_whole_and_one_damage(
    array: list[object], data: st.DataObject
) -> None:
    content = json.dumps(array).encode()
    stop = data.draw(st.integers(min_value=1, max_value=len(content) - 1))
    pieces = cut(content[:stop])
    whole = parsed(pieces)
    assert whole == array[: len(whole)]
    damages = [piece for piece in pieces if isinstance(piece, Damage)]
    assert len(damages) == 1
    assert damages[0] is pieces[-1]


@unhurried
@given(st.binary(max_size=300), st.integers(min_value=1, max_value=50))
def test_no_bytes_at_all_raise_anything(content: bytes, piece_bytes: int) -> None:
    cut(content, piece_bytes)


def test_every_size_of_piece_cuts_the_same() -> None:
    array = [{"a": 'quote " and \\ backslash'}, {"b": ["]", "}", "\\\\"]}, [1, {"c": "é€😀"}]]
    content = json.dumps(array, ensure_ascii=False).encode()
    for piece_bytes in range(1, len(content) + 1):
        assert parsed(cut(content, piece_bytes)) == array, piece_bytes


def test_an_element_that_is_broken_inside_does_not_touch_its_neighbours() -> None:
    pieces = cut(b'[{"a": 1}, {"b": nonsense \xff}, {"c": 3}]')
    assert [piece.content for piece in pieces if isinstance(piece, Element)] == [
        b'{"a": 1}',
        b'{"b": nonsense \xff}',
        b'{"c": 3}',
    ]


def test_an_element_above_the_limit_is_damage_and_the_next_is_read() -> None:
    content = json.dumps([{"a": 1}, {"b": "x" * 5000}, {"c": 3}]).encode()
    for piece_bytes in (64, 1 << 20):
        pieces = cut(content, piece_bytes, max_bytes=1000)
        assert parsed(pieces) == [{"a": 1}, {"c": 3}]
        assert [piece.reason for piece in pieces if isinstance(piece, Damage)] == [
            "larger than 1,000 bytes of JSON"
        ]


def test_what_is_neither_object_nor_array_is_one_damage_with_its_place() -> None:
    pieces = cut(b'[{"a": 1}, 17, "text", null, {"b": 2}]')
    assert parsed(pieces) == [{"a": 1}, {"b": 2}]
    damages = [piece for piece in pieces if isinstance(piece, Damage)]
    assert [damage.offset_bytes for damage in damages] == [11]


def test_the_array_may_stand_in_an_object_or_be_a_single_object() -> None:
    assert parsed(cut(b'\xef\xbb\xbf {"conversations" : [{"a": 1}, {"b": 2}], "more": {}}')) == [
        {"a": 1},
        {"b": 2},
    ]
    assert parsed(cut(b'{"mapping": {"x": {}}}')) == [{"mapping": {"x": {}}}]


def test_the_offsets_are_those_of_the_elements() -> None:
    content = b'[ {"a": 1},\n  [2] ]'
    offsets = [(piece.offset_bytes, piece) for piece in cut(content, 4)]
    for offset, piece in offsets:
        assert isinstance(piece, Element)
        assert content[offset:].startswith(piece.content)


def test_two_hundred_thousand_brackets_are_one_damage() -> None:
    assert [type(piece) for piece in cut(b"[" * 200_000)] == [Damage]


def test_an_element_above_the_limit_is_not_held_while_it_is_passed_over() -> None:
    def made_piece_by_piece() -> Iterator[bytes]:
        yield b'[{"a": "'
        for _ in range(60):
            yield b"x" * 1_000_000
        yield b'"}, {"b": 1}]'

    chunks = made_piece_by_piece()
    tracemalloc.start()
    try:
        pieces = list(elements(lambda _: next(chunks, b""), max_bytes=2_000_000))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(piece) for piece in pieces] == [Damage, Element]
    assert peak_bytes < 10_000_000
