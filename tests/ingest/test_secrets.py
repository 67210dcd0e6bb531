"""The secrets step: masks, offsets, and what holds for any text."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from memassist.ingest.secrets import Masked, contains_secret, mask

_CARD = "4539 1488 0343 6467"
_TOKEN = "gh" + "p_" + "a1B2c3D4e5F6" * 3

_SECRETS = st.sampled_from(
    [
        (_CARD, "{}"),
        (_TOKEN, "use {} for it"),
        ("r8Kw2zq!x", "password: {}"),
        ("r8Kw2zq!x", "wifi password is {}"),
        ("r8Kw2zq!x", "postgres://app:{}@db:5432/x"),
        ("plum tree 19", '"password": "{}"'),
        ("Zq81kk2LmNp07xYt33", "api_key={}"),
        ("492817", "Your code is {}."),
        ("4921", "PIN: {}"),
        ("311", "cvv {}"),
    ]
)
_WORDS = [
    "password",
    "pw",
    "passphrase",
    "PIN",
    "code",
    "api key",
    "token",
    "secret",
    "cvv",
    "is",
    "my",
    "your",
    ": ",
    "=",
    " ",
    "-",
    "/",
    "@",
    "://",
    ".",
    "(",
    ")",
    "sk-",
    "x9",
    "hunter2",
    "4921",
    "492817",
    "4539148803436467",
    "eyJhbGciOiJI",
    "Bearer",
    "[card hidden]",
    "hidden]",
    "[password hidden]",
    "İ",
    "for the",
    "recovery phrase",
    "ocean ",
    "\n",
    '"',
    "'",
]
_FRAGMENTS = st.lists(st.sampled_from([*_WORDS, _CARD, _TOKEN]), max_size=25).map("".join)
_ANY_TEXT = st.one_of(st.text(max_size=200), _FRAGMENTS)
_BLAND = st.text(alphabet="bdfglmru \n", max_size=300)


def _unmasked(masked: Masked) -> str:
    """Put the secrets back where their offsets say their masks are."""
    pieces: list[str] = []
    position = 0
    for found in masked.found:
        label = f"[{found.kind} hidden]"
        assert masked.text.startswith(label, found.start)
        pieces += (masked.text[position : found.start], found.secret)
        position = found.start + len(label)
    return "".join(pieces) + masked.text[position:]


@settings(deadline=None)
@given(_ANY_TEXT)
@example("password: [password hidden]")
@example(f"{_TOKEN}{_TOKEN} {_CARD}{_CARD}")
def test_masking_what_is_masked_finds_nothing(text: str) -> None:
    once = mask(text)

    assert mask(once.text) == Masked(once.text, ())


@settings(deadline=None)
@given(_ANY_TEXT)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    assert _unmasked(mask(text)) == text


@settings(deadline=None)
@given(_BLAND, st.lists(st.tuples(_SECRETS, _BLAND), min_size=1, max_size=4))
def test_no_found_secret_is_left_in_the_text(
    head: str, parts: list[tuple[tuple[str, str], str]]
) -> None:
    text = head
    for (secret, frame), tail in parts:
        text += "\n" + frame.format(secret) + "\n" + tail
    masked = mask(text)

    for (secret, _), _ in parts:
        assert secret not in masked.text
    assert len(masked.found) >= len({secret for (secret, _), _ in parts})


@settings(deadline=None)
@given(_BLAND)
def test_text_without_triggers_comes_back_as_the_same_object(text: str) -> None:
    assert mask(text).text is text


@settings(deadline=None)
@given(_ANY_TEXT)
def test_contains_secret_agrees_with_mask(text: str) -> None:
    assert contains_secret(text) == bool(mask(text).found)


def test_a_mask_says_what_was_there() -> None:
    masked = mask(f"pay {_CARD}, password: r8Kw2zq!x, PIN 4921")

    assert masked.text == "pay [card hidden], password: [password hidden], PIN [code hidden]"
    assert [found.kind for found in masked.found] == ["card", "password", "code"]


def test_a_secret_is_masked_again_where_nothing_announces_it() -> None:
    masked = mask("my password is r8Kw2zq!x\nso I typed r8Kw2zq!x twice")

    assert "r8Kw2zq" not in masked.text
    assert len(masked.found) == 2


def test_a_pin_does_not_take_the_same_number_elsewhere_with_it() -> None:
    assert mask("PIN: 1990. I was born in 1990.").text.endswith("born in 1990.")


def test_a_private_key_goes_as_one_block_and_the_text_around_it_stays() -> None:
    body = "\n".join("Ab3" * 21 for _ in range(400))
    kind = "OPENSSH PRIVATE"
    masked = mask(f"before\n-----BEGIN {kind} KEY-----\n{body}\n-----END {kind} KEY-----\nafter")

    assert masked.text == "before\n[key hidden]\nafter"


def test_offsets_hold_after_a_letter_that_grows_in_lower_case() -> None:
    masked = mask("İİİİ password: r8Kw2zq!x ok")

    assert masked.text == "İİİİ password: [password hidden] ok"


def test_short_texts_such_as_titles_and_file_names_are_masked() -> None:
    assert mask(f"{_TOKEN}.txt").text == "[key hidden].txt"
    assert mask("pw=kestrel19").text == "pw=[password hidden]"
    assert mask("").text == ""


def test_threads_find_the_same() -> None:
    text = f"use {_TOKEN} and api_key=Zq81kk2LmNp07xYt33"
    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(mask, [text] * 200))

    assert len(results) == 1


@pytest.mark.parametrize(
    "unit",
    [
        "4",
        "4 ",
        "4111 ",
        "a",
        "-----BEGIN ",
        "eyJ",
        "sk-",
        "://a:",
        "password: ",
        "token=",
        'pw: "',
    ],
)
def test_hostile_repetition_ends_and_loses_nothing(unit: str) -> None:
    """Quadratic patterns would take hours here; the suite's own timeout is the guard."""
    text = unit * (1_000_000 // len(unit))

    masked = mask(text)

    assert _unmasked(masked) == text


def test_the_detector_library_is_loaded_only_when_it_is_needed() -> None:
    program = (
        "import sys; from memassist.ingest.secrets import mask; mask('an ordinary note');"
        "mask('password: r8Kw2zq!x'); print('detect_secrets' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "False"
