"""`memassist status`, and what is told of memories and pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.assistant.capture import control
from memassist.assistant.config import set_value
from memassist.store import doctor, jobs
from memassist.store.pictures import PICTURES_NAME, Picture, Pictures
from memassist.ui.cli import cli
from memassist.ui.report import _daemon, _errors

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one thing to remember in it."""
    path = tmp_path / "home"
    with Memory.create(path, routes=[]) as memory:
        (path / "config.toml").write_text('[embedding]\nmodel = "none"\n', encoding="utf-8")
        memory.add("Remember that my passport is in the blue box.")
        memory.work()
    return path


def run(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False)
    return done.exit_code, done.output


def test_status_tells_what_came_in_today_and_where_it_lies(home: Path) -> None:
    code, said = run(home, "status", "--json")
    found = json.loads(said)
    assert code == 0
    assert [one["items"] for one in found["today"]["taken_in"]] == [1]
    assert found["stats"]["items"] == 1
    assert found["is_encrypted"] is False
    size = len("Remember that my passport is in the blue box.")
    assert [(one["name"], one["bytes"]) for one in found["sources"]] == [("typed", size)]
    assert sum(one["bytes"] for one in found["places"]) > 0
    code, said = run(home, "status")
    assert "1 item from" in said
    assert "not encrypted" in said
    assert str(home) in said


def test_status_does_not_say_that_a_model_loads_where_nothing_loads_it(home: Path) -> None:
    (home / "config.toml").write_text("[daemon]\nautostart = false\n", encoding="utf-8")
    _, said = run(home, "status")
    meaning = next(line for line in said.splitlines() if line.startswith("meaning"))
    assert "all-MiniLM-L6-v2" in meaning
    assert "loading" not in meaning


def test_a_memory_is_shown_in_words(home: Path) -> None:
    with Memory.open(home) as memory:
        (one,) = memory.memories.list()
    _, said = run(home, "memories", "show", one.id)
    assert "blue box" in said
    assert "{" not in said


def test_pictures_are_counted_and_damage_to_them_is_found(home: Path) -> None:
    def failing() -> list[str]:
        return [check.name for check in doctor.check(memory.wiring.database) if not check.ok]

    with Memory.open(home) as memory:
        assert memory.maintenance.stats().picture_bytes == 0
        pictures = Pictures(home, memory.wiring.database.key)
        for number in range(50):
            memory.add(f"The page of day {number}.")
        for item in memory.timeline(limit=50):
            pictures.keep(item.id, Picture(1, 1, b"picture" * 500))
        pictures.truncate_log()
        pictures.close()
        size = (home / PICTURES_NAME).stat().st_size
        assert memory.maintenance.stats().picture_bytes >= size
        assert failing() == []
        content = bytearray((home / PICTURES_NAME).read_bytes())
        content[size // 2 : size // 2 + 64] = bytes(64)
        (home / PICTURES_NAME).write_bytes(content)
        assert failing() == ["the pictures are whole"]


def test_status_tells_queues_what_the_last_hour_brought_and_the_last_errors(home: Path) -> None:
    with Memory.open(home) as memory:
        memory.add("I am allergic to penicillin.")
        job = jobs.lease(memory.wiring.database, ("extract",))
        assert job is not None
        jobs.fail(memory.wiring.database, job, "ValueError: the rules broke")
        control.write_wish(home, control.Wish(is_paused=True))
    code, said = run(home, "status")
    assert code == 0
    assert "last hour  2 items from" in said
    assert "jobs       extract: 1 waiting, 0 at work, 0 dead" in said
    assert "error      extract job: ValueError: the rules broke" in said
    assert "capture    off, private until you resume" in said
    _, said = run(home, "status", "--json")
    found = json.loads(said)
    (queue,) = (one for one in found["queues"] if one["kind"] == "extract")
    assert (queue["waiting"], queue["last_error"]) == (1, "ValueError: the rules broke")


def test_status_tells_that_a_capture_waits_for_a_daemon(home: Path) -> None:
    set_value(home, "capture.enabled", ("true",))
    _, said = run(home, "status")
    assert "capture    switched on, but not running: memassist daemon start" in said
    set_value(home, "capture.enabled", ("false",))
    _, said = run(home, "status")
    assert "capture    off" in said


def test_status_tells_what_a_capture_that_runs_does(home: Path) -> None:
    started = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    with control.lock_of(home):
        state = control.CaptureState(
            is_running=True, doing="disk nearly full", pid=1, started_at=started, stored=7,
            lines=300, cpu_seconds=72.0, last_error="The store is full.",
        )  # fmt: skip
        control.write_state(home, state)
        _, said = run(home, "status")
    assert "capture    disk nearly full, 7 stored since it began" in said
    assert "150 lines an hour, 1.0% of a core" in said
    assert "error      capture: The store is full." in said


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "not running; the app works without it"),
        ({"locked": True}, "running, locked"),
        ({"working": True, "looks_into": "/a"}, "running, unlocked, at work, looks into /a"),
        (
            {"pace": "jobs wait: battery low", "working": True},
            "running, unlocked, jobs wait: battery low",
        ),
    ],
)
def test_status_tells_what_the_daemon_does_now(answer: dict[str, Any] | None, told: str) -> None:
    assert _daemon(answer) == told


def test_status_tells_that_looks_and_captures_end_badly() -> None:
    troubles = {"capture_trouble": "it ended", "watch_trouble": "looks end badly"}
    assert _errors((), troubles, control.CaptureState()) == (
        "watch: looks end badly",
        "capture: it ended",
    )
