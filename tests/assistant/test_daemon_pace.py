"""What the daemon leaves to the person: jobs wait or rest, and a key is dropped in time."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.assistant.capture import control
from memassist.assistant.daemon import client, process, server
from memassist.assistant.daemon.pace import LONGEST_REST_SECONDS, SENSOR_SECONDS, JobPace
from memassist.assistant.watch import events
from memassist.ingest.capture.sensors import LOW_DISK_BYTES, Reading, since_boot
from memassist.plugins.types import Record
from memassist.store import reflections
from memassist.store.keys import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.assistant.conftest import ScriptedServer

BATTERY = Reading(battery_percent=60.0, is_plugged_in=False)
EMPTY = Reading(battery_percent=5.0, is_plugged_in=False)
FULL_DISK = Reading(free_bytes=LOW_DISK_BYTES - 1)
PASSPHRASE = b"correct horse battery"


@dataclass(slots=True)
class PlayedSensors:
    """A machine as a test says it is."""

    now: Reading = field(default_factory=Reading)

    def read(self) -> Reading:
        """Return it."""
        return self.now


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come to be so"
        time.sleep(0.05)


@contextlib.contextmanager
def serving(home: Path, sensors: PlayedSensors, lock_seconds: float = 0) -> Iterator[server.Daemon]:
    """Run a daemon on a thread of this process."""
    daemon = server.Daemon(home, sensors)
    thread = threading.Thread(target=daemon.run, args=(0, lock_seconds))
    thread.start()
    wait_for(lambda: process.status(home))
    try:
        yield daemon
    finally:
        with contextlib.suppress(Exception):  # whatever the test found, the thread shall end
            client.request(home, "stop")
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home in which two jobs wait."""
    place = tmp_path / "home"
    with Memory.create(place, routes=[]) as memory:
        (place / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
        for number in range(2):
            record = Record(text=f"I met Maria at station {number}.", place="here", is_owner=True)
            memory.add_items([record], source=f"source {number}")
    return place


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memassist.assistant.daemon.pace.SENSOR_SECONDS", 0.0)
    monkeypatch.setattr(server, "JOB_PAUSE_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("sensed", "words"), [(EMPTY, "battery low"), (FULL_DISK, "disk nearly full")]
)
def test_jobs_wait_while_the_machine_has_nothing_to_spare_and_are_done_after(
    home: Path, sensed: Reading, words: str
) -> None:
    sensors = PlayedSensors(sensed)
    with serving(home, sensors):
        with Memory.open(home) as memory:
            waiting = sum(one.waiting for one in memory.maintenance.queues())
        time.sleep(0.5)
        found = process.status(home)
        assert found is not None
        assert (found["jobs_done"], found["pace"]) == (0, f"jobs wait: {words}")
        sensors.now = Reading()
        wait_for(lambda: (process.status(home) or {})["jobs_done"] >= 2)
        found = process.status(home)
        assert found is not None
        assert (found["pace"], found["jobs_last_hour"]) == ("", found["jobs_done"])
    assert waiting >= 2


def test_on_battery_jobs_are_done_with_rests_and_the_status_says_so(home: Path) -> None:
    with serving(home, PlayedSensors(BATTERY)):
        wait_for(lambda: (process.status(home) or {})["jobs_done"] >= 2)
        found = process.status(home)
    assert found is not None
    assert found["pace"] == "jobs take their time: on battery"


def test_the_daemon_learns_with_a_model_where_the_settings_say_so(
    asking_home: Path, model_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Our boiler is a Nibe."
    memories = [{"kind": "fact", "n": 1, "quote": text, "statement": "Ann's boiler is a Nibe"}]
    model_server.says({"memories": memories})
    monkeypatch.setattr(server, "MODEL_AWAY_SECONDS", 0.2)
    settings = asking_home / "config.toml"
    right = settings.read_text(encoding="utf-8")
    wrong = right.replace(model_server.url, "http://127.0.0.1:9/v1")
    with Memory.open(asking_home) as memory:
        memory.add_items([Record(text=text, place="here", is_owner=True)], source="hand")
        with serving(asking_home, PlayedSensors()) as daemon:
            wait_for(lambda: (process.status(asking_home) or {})["jobs_done"] >= 1)
            time.sleep(0.3)
            assert model_server.requests == []
            settings.write_text(f"{wrong}background = true\n", encoding="utf-8")
            wait_for(lambda: daemon._model_back_at)  # nobody answers there
            settings.write_text(f"{right}background = true\n", encoding="utf-8")
            wait_for(memory.memories.list)
        assert [one.state.text for one in memory.memories.list()] == ["Ann's boiler is a Nibe."]


def test_while_private_nothing_is_summed_up_by_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "local_now", lambda config: datetime(2026, 5, 2, 5, tzinfo=UTC))
    control.write_private(home, control.Wish(is_paused=True))
    with Memory.open(home) as memory, serving(home, PlayedSensors()):

        def night() -> str | None:
            return reflections.last_night(memory.wiring.database.read())

        wait_for(lambda: (process.status(home) or {})["jobs_done"] >= 2)
        time.sleep(0.5)
        assert night() is None
        control.write_private(home, control.Wish())
        wait_for(night)


def test_a_daemon_that_rests_stops_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JobPace, "rest_seconds", lambda *_: 1000.0)
    with serving(home, PlayedSensors()) as daemon:
        wait_for(daemon._working.locked)
        client.request(home, "stop")
        wait_for(lambda: process.status(home) is None)
    with Memory.open(home) as memory:
        assert sum(one.waiting for one in memory.maintenance.queues()) >= 2


def test_a_key_does_not_outlive_a_night_in_a_closed_laptop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "locked"
    with Memory.create(place, routes=[Route("passphrase", PASSPHRASE)]) as memory:
        key = memory.wiring.database.key
    assert key is not None
    (place / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
    slept = [0.0]
    monkeypatch.setattr(server, "since_boot", lambda: since_boot() + slept[0])
    with serving(place, PlayedSensors(), lock_seconds=3600):
        assert client.request(place, "unlock", key=key.hex()) == {"locked": False}
        time.sleep(2 * server.CLOCK_SECONDS)
        assert client.key_of(place) == key
        slept[0] = 8 * 3600.0
        wait_for(lambda: (process.status(place) or {})["locked"])
        assert client.key_of(place) is None


def test_the_clock_of_locking_goes_on_while_the_machine_sleeps() -> None:
    assert time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot() < 1.0


def test_it_does_on_macos_too_whose_clock_for_that_has_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    monkeypatch.setattr(time, "clock_gettime", {time.CLOCK_MONOTONIC: 5.0}.__getitem__)
    assert since_boot() == 5.0


def test_rests_are_as_long_as_the_share_of_the_processor_asks() -> None:
    sensors = PlayedSensors(BATTERY)
    now = [0.0]
    pace = JobPace(sensors, lambda: now[0])
    assert pace.rest_seconds(2.0) == 2.0
    assert pace.rest_seconds(1000.0) == LONGEST_REST_SECONDS
    sensors.now = Reading(load_per_core=3.0)
    now[0] += SENSOR_SECONDS + 1
    assert pace.rest_seconds(2.0) == 6.0
    assert pace.why_not() is None
    sensors.now = Reading()
    now[0] += SENSOR_SECONDS + 1
    assert pace.rest_seconds(2.0) == 0.0


def test_a_moment_without_threads_does_not_end_the_watching(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    begin = events._begin
    refused: list[object] = []

    def refuse_once(*words: object) -> None:
        if not refused:
            refused.append(words)
            raise RuntimeError("can't start new thread")
        begin(*words)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(events, "_begin", refuse_once)
    monkeypatch.setattr(server, "LONGEST_PAUSE_SECONDS", 0.1)
    with Memory.open(home) as memory:
        memory.watches.add(folder)
    with serving(home, PlayedSensors(Reading())):
        wait_for(lambda: (process.status(home) or {}).get("last_error") == "RuntimeError")
        wait_for(
            lambda: (
                (process.status(home) or {})["watching"] == [{"path": str(folder), "by": "events"}]
            )
        )
