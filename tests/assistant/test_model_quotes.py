"""A model's quote is kept only where the text really says it, and then in the text's own words."""

from __future__ import annotations

import pytest

from memassist.assistant.model.quotes import locate

TEXT = (
    "Quote from Greenfold: the heat pump costs 10,150 pounds, fitted in September.\n"
    "Owen did not look at the cellar."
)


@pytest.mark.parametrize(
    ("quote", "literal"),
    [
        ("costs 10,150 pounds", "costs 10,150 pounds"),
        ("COSTS  10,150\npounds", "costs 10,150 pounds"),
        ("\u201cfitted in September.\u201d", "fitted in September."),
        ("the heat pump cost 10,150 pounds", "the heat pump costs 10,150 pounds"),
        ("September. Owen did not look", "September.\nOwen did not look"),
    ],
)
def test_quote_becomes_the_literal_slice(quote: str, literal: str) -> None:
    place = locate(quote, TEXT)
    assert place is not None
    assert TEXT[slice(*place)] == literal


@pytest.mark.parametrize(
    "quote",
    [
        "the heat pump costs 10,950 pounds",
        "Owen did look at the cellar",
        "Ewan did not look at the cellar",
        "Quote from Greenfeld: the heat pump",
        "the survey was free of charge",
        "",
        "  ",
        "...",
        TEXT + " And the radiators are included in the price as well.",
    ],
)
def test_what_the_text_does_not_say_is_not_found(quote: str) -> None:
    assert locate(quote, TEXT) is None
