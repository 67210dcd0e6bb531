"""Screen sessions, and what becomes of their items."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memassist.ingest.capture.desktop import Area, Window
from memassist.ingest.capture.reading import Reading
from memassist.ingest.capture.records import BREAK_SECONDS, MOST_SESSIONS, SessionBook
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    from memassist.assistant import Memory

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AREA = Area(0, 0, 800, 600)
EDITOR = Window(7, "Editor", "Notes", AREA)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def reading(*texts: str) -> Reading:
    rows = tuple(
        (Line(text, 10, 30 * number, 300, 30 * number + 20),) for number, text in enumerate(texts)
    )
    return Reading(rows, (), 0.1, 1.0)


def test_a_window_that_was_not_seen_for_long_begins_a_new_session() -> None:
    now = [0.0]
    book = SessionBook(clock=lambda: now[0])
    first = book.session(EDITOR, NOON)
    now[0] = BREAK_SECONDS
    assert book.session(EDITOR, later(BREAK_SECONDS)) is first
    now[0] = 2 * BREAK_SECONDS + 1
    second = book.session(EDITOR, later(now[0]))
    assert second is not first
    assert second.conversation != first.conversation


def test_a_new_title_goes_on_in_the_session_and_another_application_does_not() -> None:
    book = SessionBook()
    first = book.session(EDITOR, NOON)
    assert book.session(Window(7, "Editor", "Letters", AREA), later(1)) is first
    # The desktop gives a number again once its window is closed.
    assert book.session(Window(7, "Viewer", "Notes", AREA), later(2)) is not first


def test_a_clock_that_is_set_ends_no_session_and_repeats_no_id() -> None:
    book = SessionBook()
    session = book.session(EDITOR, NOON)
    records = [session.record(EDITOR, reading("one"), NOON)]
    assert book.session(EDITOR, later(-3600)) is session
    records.append(session.record(EDITOR, reading("two"), later(-3600)))
    assert book.session(EDITOR, later(7200)) is session
    records.append(session.record(EDITOR, reading("three"), NOON))
    assert len({record.native_id for record in records}) == 3
    assert [record.sequence for record in records] == [0, 1, 2]


def test_only_so_many_sessions_are_remembered() -> None:
    book = SessionBook()
    first = book.session(EDITOR, NOON)
    for number in range(MOST_SESSIONS):
        book.session(Window(100 + number, "Viewer", "x", AREA), later(number))
    assert book.session(EDITOR, later(60)) is not first


def test_what_a_screen_showed_makes_no_memory_by_itself(memory: Memory) -> None:
    said = (
        "My name is Ann and I live in Leeds.",
        "My sister is called Maria.",
        "Remember that I am allergic to penicillin.",
    )
    session = SessionBook().session(EDITOR, NOON)
    record = session.record(EDITOR, reading(*said), NOON)
    memory.add_items([record], source="test")
    memory.work()
    assert memory.memories.list() == []
    assert memory.inbox.list() == []
