"""The capture loop, on a desktop and a machine that a test plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.capture.budget import FULL_SECONDS, Budget
from memassist.assistant.capture.control import Wish
from memassist.assistant.capture.loop import (
    CAPTURING,
    MOST_WAITING,
    SAVING,
    TROUBLE,
    CaptureLoop,
    LoopSettings,
)
from memassist.ingest.capture.desktop import Area, Window
from memassist.ingest.capture.recogniser import RecognitionError
from memassist.ingest.capture.rules import make_rules
from memassist.ingest.capture.sensors import Reading as Sensed
from memassist.store.errors import StoreFullError

if TYPE_CHECKING:
    from memassist.plugins.types import Record

EDITOR = Window(1, "Editor", "Notes", Area(0, 0, 700, 420))
BROWSER = Window(2, "Browser", "Page", Area(1280, 0, 700, 420))
RULES = make_rules((), (), is_untitled_left_out=True)


class Bench:
    """A loop and what it kept."""

    def __init__(self, desktop: Any, recogniser: Any, sensors: Any) -> None:
        self.desktop, self.recogniser, self.sensors = desktop, recogniser, sensors
        self.kept: list[Record] = []
        self.wish = Wish()
        self.fails: Exception | None = None
        self.loop = CaptureLoop(
            desktop, recogniser, sensors, lambda: RULES, lambda: self.wish, self._keep,
            LoopSettings(cpu_percent=5.0),
        )  # fmt: skip

    def _keep(self, record: Record, frame: object, reading: object) -> None:
        if self.fails is not None:
            raise self.fails
        self.kept.append(record)

    def show(self, *lines: str, window: Window = EDITOR) -> None:
        """Show lines and look."""
        self.recogniser.known = [*dict.fromkeys([*self.recogniser.known, *filter(None, lines)])]
        self.desktop.show(window, *lines)
        self.look()

    def look(self) -> None:
        """Look, and read what was taken."""
        self.loop.step()
        if self.loop._written is not None:
            self.loop.step()  # a line that stands still is written to its end
        self.loop.read_waiting()

    def texts(self) -> list[str]:
        """Return what was kept."""
        return [record.text for record in self.kept]


@pytest.fixture
def bench(desktop: Any, row_reader: Any, sensors: Any) -> Bench:
    return Bench(desktop, row_reader, sensors)


def test_a_picture_that_did_not_change_makes_no_record(bench: Bench) -> None:
    for _ in range(5):
        bench.show("Heat pump", "May")
    assert bench.texts() == ["Heat pump\nMay"]
    assert (bench.loop.tally.looks, bench.loop.tally.readings) == (5, 1)


def test_records_of_one_window_are_one_conversation_in_order(bench: Bench) -> None:
    bench.show("one thing")
    bench.show("one thing", "two things")
    other = Window(2, "Browser", "Page", EDITOR.area)
    bench.show("three things", window=other)
    bench.show("one thing", "two things", "four things")
    first, second, third, fourth = bench.kept
    assert first.conversation == second.conversation == fourth.conversation
    assert third.conversation != first.conversation
    assert [one.sequence for one in bench.kept] == [0, 1, 0, 2]
    assert [one.title for one in bench.kept] == ["Notes", "Notes", "Page", "Notes"]
    assert len({one.native_id for one in bench.kept}) == 4


def test_boxes_tell_where_each_line_stood(bench: Bench) -> None:
    bench.show("Heat pump", "May")
    (record,) = bench.kept
    assert [record.text[box.start : box.stop] for box in record.boxes] == ["Heat pump", "May"]
    assert record.boxes[0].bottom <= record.boxes[1].top


@pytest.mark.parametrize(
    ("sensed", "doing"),
    [
        (Sensed(free_bytes=1000), "disk nearly full"),
        (Sensed(battery_percent=9.0, is_plugged_in=False), "battery low"),
        (Sensed(battery_percent=9.0, is_plugged_in=True), CAPTURING),
        (Sensed(battery_percent=60.0, is_plugged_in=False), CAPTURING),
    ],
)
def test_the_machine_comes_first(
    desktop: Any, row_reader: Any, sensors: Any, sensed: Sensed, doing: str
) -> None:
    sensors.now = sensed
    bench = Bench(desktop, row_reader, sensors)
    bench.show("Heat pump")
    assert bench.loop.tally.doing == doing
    assert bool(bench.kept) is (doing == CAPTURING)
    assert bool(desktop.grabs) is (doing == CAPTURING)


def test_nothing_is_looked_at_while_paused(bench: Bench) -> None:
    bench.wish = Wish(is_paused=True)
    bench.show("Heat pump")
    assert (bench.desktop.grabs, bench.loop.tally.doing) == (0, "paused")
    bench.wish = Wish()
    bench.show("Heat pump")
    assert bench.texts() == ["Heat pump"]


def test_an_empty_purse_puts_reading_off_and_loses_nothing(bench: Bench) -> None:
    bench.recogniser.cpu_seconds = FULL_SECONDS + 1
    bench.show("Heat pump")
    bench.recogniser.cpu_seconds = 0.1
    bench.show("Heat pump", "May")
    assert bench.loop.tally.doing == SAVING
    bench.loop._budget = Budget(5.0, 0.0)
    bench.show("Heat pump", "May")
    assert bench.texts() == ["Heat pump", "May"]


def test_what_could_not_be_stored_is_read_again(bench: Bench) -> None:
    bench.fails = StoreFullError()
    bench.show("Heat pump")
    bench.fails = None
    bench.show("Heat pump")
    assert (bench.loop.tally.doing, bench.texts()) == (TROUBLE, [])
    bench.loop._rests_until = 0.0
    bench.show("Heat pump")
    assert bench.texts() == ["Heat pump"]


def test_a_recognition_that_breaks_down_is_told_and_not_tried_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RecognitionError("broke down")

    monkeypatch.setattr(type(bench.recogniser), "read", lambda *_: broken(None))
    bench.show("Heat pump")
    assert bench.loop.tally.last_error == "broke down"
    monkeypatch.undo()
    bench.show("Heat pump")
    assert bench.texts() == []
    bench.loop._sessions.clear()
    bench.show("Heat pump")
    assert bench.texts() == ["Heat pump"]


def test_a_film_is_read_less_and_less_often(bench: Bench) -> None:
    bench.show("Heat pump")
    for number in range(20):
        bench.desktop.show(EDITOR, "Heat pump", "", "-" * (1 + number))
        bench.look()
    assert bench.loop.tally.readings < 5


def test_a_new_title_is_read_at_once_although_nothing_came_of_the_last_readings(
    bench: Bench,
) -> None:
    bench.show("Heat pump")
    for number in range(6):
        bench.desktop.show(EDITOR, "Heat pump", "", "-" * (1 + number))
        bench.look()
    bench.show("Next page", window=Window(1, "Editor", "Letters", EDITOR.area))
    assert bench.texts() == ["Heat pump", "Next page"]


def test_the_purse_fills_with_time_and_holds_so_much() -> None:
    budget = Budget(5.0, 0.0)
    budget.spend(FULL_SECONDS + 10)
    assert budget.wait_seconds(0.0) == pytest.approx(200, abs=1)
    assert budget.wait_seconds(100.0) == pytest.approx(100, abs=1)
    assert budget.wait_seconds(100.0, share=0.5) == pytest.approx(200, abs=1)
    assert budget.wait_seconds(201.0) == 0
    assert budget.wait_seconds(1e9) == 0
    budget.spend(FULL_SECONDS + 1)
    assert budget.wait_seconds(1e9) > 0
    assert budget.wait_seconds(0.0) > 0  # a clock that is set back gives nothing


def test_pictures_wait_while_one_is_read_and_none_is_lost(bench: Bench) -> None:
    pages = [[f"page {number} is here", "", "", f"and its end {number}"] for number in range(9)]
    bench.recogniser.known = [line for lines in pages for line in lines if line]
    for lines in pages[:MOST_WAITING]:
        bench.desktop.show(EDITOR, *lines)
        bench.loop.step()
    bench.desktop.show(EDITOR, *pages[MOST_WAITING])
    assert bench.loop.step() < 5  # there is no more room: look again soon
    assert bench.kept == []
    bench.loop.read_waiting()
    bench.look()
    shown = ["\n".join(filter(None, lines)) for lines in pages[: MOST_WAITING + 1]]
    assert bench.texts() == shown


def test_a_picture_that_waits_is_not_read_once_a_rule_leaves_it_out(
    desktop: Any, row_reader: Any, sensors: Any
) -> None:
    rules = [RULES]
    row_reader.known = ["Heat pump"]
    kept: list[Record] = []
    loop = CaptureLoop(
        desktop, row_reader, sensors, lambda: rules[0], Wish, lambda record, *_: kept.append(record)
    )
    desktop.show(EDITOR, "Heat pump")
    loop.step()
    rules[0] = make_rules(["app:editor"], (), is_untitled_left_out=True)
    loop.read_waiting()
    assert (kept, row_reader.heights) == ([], [])


def test_a_window_beside_is_read_once_and_its_record_says_so(bench: Bench) -> None:
    bench.show("one thing")
    bench.recogniser.known.append("on the other monitor")
    bench.desktop.show_beside(BROWSER, "on the other monitor")
    for _ in range(3):
        bench.loop.step_beside()
        bench.loop.read_waiting()
    assert bench.texts() == ["one thing", "on the other monitor"]
    assert [one.metadata.get("beside") for one in bench.kept] == [None, True]
    bench.desktop.others = []
    bench.show("on the other monitor", "and more", window=BROWSER)  # it came to the front
    assert bench.texts()[2:] == ["and more"]
    assert bench.kept[1].conversation == bench.kept[2].conversation


@pytest.mark.parametrize(
    ("wish", "sensed", "more"),
    [
        (Wish(is_paused=True), Sensed(), {}),
        (Wish(), Sensed(free_bytes=1000), {}),
        (Wish(), Sensed(), {"is_locked": True}),
        (Wish(), Sensed(), {"idle_seconds": 1000.0}),
    ],
)
def test_nothing_beside_is_looked_at_where_the_one_in_front_would_not_be(
    desktop: Any, row_reader: Any, sensors: Any, wish: Wish, sensed: Sensed, more: dict[str, Any]
) -> None:
    sensors.now = sensed
    bench = Bench(desktop, row_reader, sensors)
    bench.wish = wish
    desktop.show(EDITOR, "Heat pump", **more)
    desktop.show_beside(BROWSER, "private")
    bench.loop.step_beside()
    assert desktop.grabs == 0


def test_the_window_in_front_has_the_last_of_the_purse(bench: Bench) -> None:
    bench.recogniser.cpu_seconds = FULL_SECONDS - 1
    bench.show("Heat pump")
    bench.recogniser.known.append("on the other monitor")
    bench.desktop.show_beside(BROWSER, "on the other monitor")
    bench.loop.step_beside()
    bench.loop.read_waiting()
    assert bench.texts() == ["Heat pump"]
    bench.show("Heat pump", "May")
    assert bench.texts() == ["Heat pump", "May"]


def test_a_window_beside_that_changes_while_it_is_taken_is_not_kept(bench: Bench) -> None:
    bench.show("one thing")
    bench.desktop.show_beside(BROWSER, "on the other monitor")
    private = Window(2, "Browser", "Page (Private Browsing)", BROWSER.area)
    bench.desktop.after_grab = lambda: bench.desktop.show_beside(private, "secret")
    bench.loop.step_beside()
    assert bench.loop.left_out["changed while it was looked at"] == 1
    bench.loop.read_waiting()
    assert bench.texts() == ["one thing"]


def test_a_line_that_is_being_written_is_read_when_it_is_done(bench: Bench) -> None:
    bench.show("Dear Sir,")
    sentence = "the heat pump costs too much"
    beginnings = [sentence[:end] for end in range(3, 29) if sentence[end - 1] != " "]
    bench.recogniser.known += beginnings
    for beginning in beginnings:
        bench.desktop.show(EDITOR, "Dear Sir,", beginning)
        bench.loop.step()
    bench.look()
    assert bench.texts() == ["Dear Sir,", sentence]


def test_a_line_that_is_written_without_a_rest_is_read_now_and_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.show("Dear Sir,")
    bench.recogniser.known += ["the heat", "the heat pump"]
    bench.desktop.show(EDITOR, "Dear Sir,", "the heat")
    bench.loop.step()
    monkeypatch.setattr("memassist.assistant.capture.loop.WRITTEN_SECONDS", 0.0)
    bench.desktop.show(EDITOR, "Dear Sir,", "the heat pump")
    bench.loop.step()
    bench.loop.read_waiting()
    assert bench.texts() == ["Dear Sir,", "the heat pump"]


def test_a_caret_that_blinks_does_not_keep_a_line_from_being_read(bench: Bench) -> None:
    bench.show("Dear Sir,")
    bench.recogniser.known.append("the heat pump")
    for caret in ("", "|", ""):
        bench.desktop.show(EDITOR, "Dear Sir,", "the heat pump", caret)
        bench.loop.step()
    bench.loop.read_waiting()
    assert bench.texts() == ["Dear Sir,", "the heat pump"]


@pytest.mark.parametrize("then", ["another window", "another page", "a private window"])
def test_a_line_that_was_being_written_is_not_lost_when_something_else_is_shown(
    bench: Bench, then: str
) -> None:
    bench.show("Dear Sir,")
    bench.recogniser.known += ["the heat pump", "Thank you", "we have got your letter"]
    bench.desktop.show(EDITOR, "Dear Sir,", "the heat pump")
    bench.loop.step()
    if then == "another window":
        bench.show("another", window=BROWSER)
    elif then == "another page":
        bench.show("Thank you", "", "", "", "we have got your letter")
    else:
        bench.show("secret", window=Window(3, "KeePassXC", "Passwords", EDITOR.area))
    assert "the heat pump" in bench.texts()
