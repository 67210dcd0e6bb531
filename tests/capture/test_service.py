"""Capture into a home, on a real screen with the real text recognition."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.capture import control
from memassist.assistant.capture.service import CaptureService
from memassist.assistant.config import set_value
from memassist.assistant.recall import Query
from memassist.ingest.capture.desktop import Area
from memassist.ingest.capture.sensors import Reading as Sensed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from memassist.assistant import Memory

CANARY = "MAGNOLIA"


class Runner:
    """A capture that runs on a thread while a test works with the windows."""

    def __init__(self, memory: Memory, sensors: Any, until: Callable[..., None]) -> None:
        self.memory = memory
        self._until = until
        self.service = CaptureService(memory.wiring, sensors=sensors)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.service.run()
        except Exception as error:  # noqa: BLE001 - told on the test's own thread
            self._error = error

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so, or the capture has ended."""
        self._until(lambda: is_so() or not self._thread.is_alive())
        assert self._thread.is_alive(), self._error

    def shows(self, words: str) -> None:
        """Wait until these words are stored."""
        self.until(lambda: words in self.text())

    def quiet(self) -> None:
        """Wait until another look was taken and nothing had to be read."""
        readings = self.service.state().readings
        looks = self.service.state().looks
        self.until(lambda: self.service.state().looks > looks)
        assert self.service.state().readings == readings

    def text(self) -> str:
        """Return all that is stored, the oldest first."""
        return "\n".join(item.text for item in reversed(self.memory.timeline()))

    def stop(self) -> None:
        """End it."""
        self.service.request_stop()
        self._thread.join()
        if self._error is not None:
            raise self._error


@pytest.fixture
def running(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> Iterator[Runner]:
    runner = Runner(memory, sensors, until)
    yield runner
    runner.stop()


def everything(memory: Memory) -> bytes:
    home = memory.wiring.home
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_what_a_window_shows_can_be_found_with_its_window(screen: Any, running: Runner) -> None:
    shown = screen.window("Editor", "Heat pump offer")
    shown.focus()
    shown.show("The heat pump costs 14,200 euros", "for the whole house")
    running.shows("whole house")
    (hit, *_) = running.memory.search(Query("heat pump euros"), lexical=True).hits
    assert hit.item_id is not None
    item = running.memory.item(hit.item_id)
    assert (item.origin, item.kind, item.title, item.is_owner) == (
        "screen", "picture", "Heat pump offer", False,
    )  # fmt: skip
    assert item.metadata["app"] == "Editor"
    assert (item.conversation or "").startswith("screen:Editor:")


def test_each_changed_line_is_stored_once_and_what_stays_is_not_stored_again(
    screen: Any, running: Runner
) -> None:
    shown = screen.window("Editor", "Log")
    shown.focus()
    lines = ["Kestrel build started", "Warnings: none"]
    shown.show(*lines)
    running.shows("started")
    for step in ("compiling the parser", "compiling the store", "Total 14,200", "Total 14,300"):
        lines.append(step)
        shown.show(*lines)
        running.shows(step.rpartition(" ")[2])
    text = running.text()
    for line in lines:
        assert text.count(line) == 1, text
    assert text.splitlines() == lines
    conversations = {item.conversation for item in running.memory.timeline()}
    assert len(conversations) == 1


def test_a_capture_that_begins_anew_goes_on_in_the_session_and_stores_no_line_twice(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    lines = ["Kestrel build started", "Pay by card 4111 1111 1111 1111"]
    for more in ("Warnings: none", "Errors: none"):
        lines.append(more)
        shown.show(*lines)
        runner = Runner(memory, sensors, until)
        runner.shows(more)
        runner.stop()
    items = memory.timeline()
    assert len({item.conversation for item in items}) == 1
    assert {item.metadata["window_id"] for item in items} == {shown.window.id}
    text = runner.text()
    for line in ("Kestrel build", "Pay by card", "Warnings", "Errors"):
        assert text.count(line) == 1, text


def test_what_stands_on_another_monitor_is_found_and_what_is_excluded_there_is_not(
    wide_screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    second = Area(1400, 100, 900, 300)
    wide_screen.window("KeePassXC", "Secrets", Area(1400, 450, 900, 300)).show(f"entry {CANARY}")
    wide_screen.window("Browser", "Heating", second).show("The heat pump costs 14,200 euros")
    shown = wide_screen.window("Editor", "Notes")
    shown.focus()
    shown.show("what the front window says")
    runner = Runner(memory, sensors, until)
    runner.shows("front window")
    runner.shows("heat pump")
    runner.until(lambda: "password manager" in runner.service.state().left_out)
    runner.stop()
    apps = {item.metadata["app"]: item.metadata.get("beside", False) for item in memory.timeline()}
    assert apps == {"Editor": False, "Browser": True}
    assert CANARY.encode() not in everything(memory)


def test_the_front_window_alone_is_captured_where_that_is_wanted(
    wide_screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    set_value(memory.wiring.home, "capture.windows", ("front",))
    wide_screen.window("Browser", "Page", Area(1400, 100, 900, 300)).show("beside")
    shown = wide_screen.window("Editor", "Notes")
    shown.focus()
    runner = Runner(memory, sensors, until)
    for lines in (["first words"], ["first words", "second words"]):
        shown.show(*lines)
        runner.shows(lines[-1])
    runner.stop()
    assert {item.metadata["app"] for item in memory.timeline()} == {"Editor"}


def test_nothing_of_an_excluded_window_is_in_the_home(
    screen: Any, running: Runner, page: Any
) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("before the secret")
    running.shows("before the secret")
    secret = screen.window("KeePassXC", f"{CANARY}.kdbx - KeePassXC")
    secret.show(f"user {CANARY}", f"entry {CANARY}")
    secret.focus()
    running.until(lambda: "password manager" in running.service.state().left_out)
    shown.focus()
    shown.show("before the secret", "after the secret")
    running.shows("after the secret")
    running.stop()
    found = everything(running.memory)
    assert b"after the secret" in found
    assert CANARY.encode() not in found
    assert CANARY.lower().encode() not in found.lower()


def test_a_secret_on_the_screen_is_masked_before_it_is_stored(screen: Any, running: Runner) -> None:
    shown = screen.window("Editor", "Shop")
    shown.focus()
    shown.show("Pay by card", "4111 1111 1111 1111", "Password: tr0ub4dor&3x")
    running.shows("Pay by card")
    text = running.text()
    assert "[card hidden]" in text
    assert "[password hidden]" in text
    running.stop()
    found = everything(running.memory)
    assert b"4111 1111" not in found
    assert b"tr0ub4dor" not in found


def test_a_pause_is_heeded_at_once_and_ends(screen: Any, running: Runner) -> None:
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("public words")
    running.shows("public words")
    running.service.pause(30)
    running.until(lambda: running.service.state().doing == "paused")
    readings = running.service.state().readings
    shown.show(f"private {CANARY}")
    running.until(lambda: control.sign(running.memory.wiring.home).endswith("paused"))
    assert running.service.state().readings == readings
    shown.show("public words", "and later ones")
    running.service.resume()
    running.shows("and later ones")
    assert CANARY not in running.text()


def test_a_rule_that_is_added_counts_at_once(screen: Any, running: Runner) -> None:
    shown = screen.window("Editor", "Diary of Ann")
    shown.focus()
    shown.show("first words")
    running.shows("first words")
    set_value(running.memory.wiring.home, "capture.exclude", ("title:diary*",))
    shown.show("first words", "second words")
    running.until(lambda: "your rule" in running.service.state().left_out)
    assert "second words" not in running.text()


def test_it_stops_before_the_disk_is_full(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    sensors.now = Sensed(free_bytes=400_000_000)
    runner = Runner(memory, sensors, until)
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("too much")
    runner.until(lambda: runner.service.state().doing == "disk nearly full")
    runner.stop()
    assert runner.text() == ""
    assert runner.service.state() == control.CaptureState()


def test_a_second_capture_of_a_home_is_refused(screen: Any, running: Runner) -> None:
    running.until(lambda: running.service.state().is_running)
    with pytest.raises(control.CaptureRunsError):
        CaptureService(running.memory.wiring).run()


def test_a_service_runs_on_a_thread_and_ends(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    service = CaptureService(memory.wiring, sensors=sensors)
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("by a thread")
    service.start()
    until(lambda: memory.timeline())
    service.stop()
    assert not control.is_held(memory.wiring.home)
    assert control.sign(memory.wiring.home) == ""
