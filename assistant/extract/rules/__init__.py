"""Deterministic extractors: memories without a model, few and good.

Each family is one `Extractor`. They read only what people state in their own words
(`passages.own_sentences`), speak English, do no I/O, and give the same candidates in the same
order for the same window. One item gives at most one candidate for a slot of a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memassist.plugins.protocols import Extractor


def builtin_extractors() -> tuple[Extractor, ...]:
    """Return the rule extractors, in the order in which they are run."""
    # Their patterns take over 0.1 s to compile; a search, which only reads times, never pays.
    from memassist.assistant.extract.rules import extractors

    return (
        extractors.FactExtractor(),
        extractors.EventExtractor(),
        extractors.ExplicitExtractor(),
        extractors.HowToExtractor(),
        extractors.ResourceExtractor(),
    )
