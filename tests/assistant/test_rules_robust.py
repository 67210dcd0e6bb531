"""Whatever the text, the extractors answer, and quote what stands there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.protocols import Extractor
from memassist.plugins.types import Trust, Window, WindowItem, memory_fields

if TYPE_CHECKING:
    from memassist.plugins.types import Candidate, Origin

PIECES = (
    "I live in Leeds", "I\u2019m allergic to nuts", "my sister Maria", "I went to Rome last week",
    "My flight is on 3 May at 9:40", "remember that my bike is blue", "How to knock\n\n",
    "1. Lift\n", "2. Knock\n", "3. Wait\n", "[Title](https://example.org/a)", "\n", ". ", ", ",
    " and ", '"', "`", "```", "> ", "# ", "i'm ", "on 31 February", "in May 2016",
    "a few years ago", "\u2028", "\x00", "\ud800", "\U0001f600", "Dear Tom,\n", "My dog Rex",
    "\t", "    ", "\r\n", "\x85",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=14).map("".join)


def extract(window: Window) -> list[Candidate]:
    return [each for extractor in builtin_extractors() for each in extractor.extract(window)]


@settings(deadline=None, max_examples=400)
@given(
    st.lists(texts, min_size=1, max_size=3),
    st.sampled_from(["chat", "file", "hand"]),
    st.booleans(),
    st.one_of(st.none(), st.datetimes(datetime(1, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001 - hypothesis wants naive bounds
)
def test_every_candidate_is_whole_and_quotes_its_item(
    written: list[str], origin: Origin, is_owner: bool, occurred_at: datetime | None
) -> None:
    items = tuple(
        WindowItem(
            f"i{number}", text, "user", "Mel", is_owner, Trust.CHAT, occurred_at,
            kind="message" if origin == "chat" else "document", origin=origin, title="Title",
        )
        for number, text in enumerate(written)
    )  # fmt: skip
    window = Window(items, "c1", ("Ann",))
    found = extract(window)
    assert found == extract(window)
    for each in found:
        assert each.text.strip()
        assert each.evidence
        assert all(window.check(span) for span in each.evidence)
        assert 0 <= each.confidence <= 1
        assert set(each.fields) <= set(memory_fields[each.type])
        assert each.when is None or each.when.start < each.when.stop
        assert each.type != "core" or is_owner


def test_the_extractors_have_the_shape_and_names_of_their_own() -> None:
    extractors = builtin_extractors()
    assert all(isinstance(each, Extractor) for each in extractors)
    assert len({each.name for each in extractors}) == len(extractors)
