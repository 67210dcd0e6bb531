"""What the app does behind its screens: it can be stopped at any moment, and loses nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memassist.assistant.discover import Discovery
from memassist.store.errors import LockedError, WrongKeyError
from memassist.ui.app.session import Session, StoppedError
from memassist.ui.app.text import excerpt, marked, place_in, safe, size_of, telling_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import SimpleNamespace

LINES = 2_500


@pytest.fixture
def session(filled: SimpleNamespace) -> Iterator[Session]:
    """Give an open session on the filled home."""
    found = Session(filled.home)
    found.open()
    yield found
    found.close()


def _chat(path: Path) -> Discovery:
    lines = (
        json.dumps({"ref": f"r{n}", "text": f"The walnut has number {n}."}) for n in range(LINES)
    )
    path.write_text("\n".join(lines))
    return Discovery("typed", path, 1, 0, datetime.now(UTC))


def test_import_that_is_stopped_keeps_what_was_counted(session: Session, tmp_path: Path) -> None:
    memory = session.memory
    assert memory is not None
    before = memory.maintenance.stats().items
    seen: list[int] = []

    def show(count: int, share: float | None) -> None:
        assert share is None or 0 <= share <= 1
        seen.append(count)
        session.stop()

    with pytest.raises(StoppedError):
        session.take_in(memory, [_chat(tmp_path / "chat.jsonl")], show)
    stored = memory.maintenance.stats().items - before
    assert seen
    assert seen[-1] <= stored < LINES


def test_import_counts_over_all_that_was_chosen(session: Session, tmp_path: Path) -> None:
    memory = session.memory
    assert memory is not None
    chosen = [_chat(tmp_path / "one.jsonl"), _chat(tmp_path / "two.jsonl")]
    counts: list[int] = []
    shares: list[float] = []

    def show(count: int, share: float | None) -> None:
        counts.append(count)
        shares.append(share or 0.0)

    report = session.take_in(memory, chosen, show)
    assert (report.files, report.stored, report.existing) == (2, LINES, LINES)
    assert counts == sorted(counts)
    assert counts[-1] == 2 * LINES
    assert shares[-1] == 1


def test_jobs_that_are_stopped_wait_again(session: Session, tmp_path: Path) -> None:
    memory = session.memory
    assert memory is not None
    session.take_in(memory, [_chat(tmp_path / "chat.jsonl")], lambda count, share: None)
    waiting = memory.maintenance.stats().jobs
    assert waiting["queued"] > 2
    session.stop()
    session.finish_jobs(memory, lambda report: None)
    left = memory.maintenance.stats().jobs
    assert left == waiting, "a job is lost or still leased"


def test_nothing_is_done_where_no_job_waits(session: Session) -> None:
    assert session.memory is not None
    assert session.finish_jobs(session.memory, lambda report: None) is None


def test_typed_text_is_no_way_into_a_home_with_a_key_file(filled: SimpleNamespace) -> None:
    session = Session(filled.home)
    with pytest.raises(LockedError) as caught:
        session.open("guessed passphrase")
    assert not isinstance(caught.value, WrongKeyError)
    assert session.memory is None


def test_span_stays_on_its_words_in_an_excerpt_of_a_book() -> None:
    book = "é\r\n" * 50_000 + "the one sentence" + " 🦉\u2028" * 50_000
    start, stop = place_in(book, "the one sentence")
    text, first, last = excerpt(book, start, stop)
    assert text[first:last] == "the one sentence"
    assert len(text) < 50_000
    assert "\r" not in text
    assert "\u2028" not in text


def test_quote_that_is_not_there_opens_at_the_beginning() -> None:
    assert place_in("some text", "other words") == (0, 0)


def test_what_a_terminal_would_obey_is_made_visible_and_keeps_its_length() -> None:
    evil = "a\x1b[2Jb\x9bc\x07d\u202ee\x7f\n\t"
    assert len(safe(evil)) == len(evil)
    assert not set(safe(evil)) & set("\x1b\x9b\x07\u202e\x7f")
    assert safe(evil).endswith("\n\t")


def test_other_forms_of_a_sought_word_are_marked_too() -> None:
    words = telling_words("Where are the radiators?")
    assert words == ["radiators"]
    content = marked("Our radiator, not the radio.", words)
    assert [content.plain[span.start : span.end] for span in content.spans] == ["radiator"]


def test_sizes_are_told_in_units_people_know() -> None:
    assert [size_of(n) for n in (0, 999, 1_000, 1_500_000, 2_000_000_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "1.5 MB",
        "2.0 TB",
    ]
