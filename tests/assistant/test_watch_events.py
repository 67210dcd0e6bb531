"""A running daemon takes in what is saved in a watched folder, by whatever way programs save."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest
import watchdog.observers

from memassist.assistant import Memory
from memassist.assistant.daemon import client, process
from memassist.assistant.watch import events
from memassist.store.keys import Route, unlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from memassist.store.watches import Watch

QUIET = '[embedding]\nmodel = "none"\n'
PASSPHRASE = b"correct horse battery"


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds; a test that waits in vain fails."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)


class Watched:
    """A folder that a running daemon watches."""

    def __init__(self, memory: Memory, folder: Path) -> None:
        self.memory = memory
        self.folder = folder

    def latest(self) -> list[str]:
        """Return the texts of the latest items."""
        return sorted(item.text.strip() for item in self.memory.timeline())

    def comes(self, *texts: str) -> None:
        """Wait until these and only these are the latest texts."""
        wait_for(lambda: self.latest() == sorted(texts), f"{texts}, but {self.latest()}")


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Yield a folder with one note, watched by a daemon that has taken it in."""
    home, folder = tmp_path / "home", tmp_path / "notes"
    folder.mkdir()
    (folder / "note.md").write_text("The first text.\n", encoding="utf-8")
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(QUIET, encoding="utf-8")
    with Memory.open(home) as memory:
        memory.watches.add(folder)
        assert process.start(home)
        found = Watched(memory, folder)
        found.comes("The first text.")
        yield found
    process.stop(home)


def test_every_way_of_saving_a_file_is_noticed(watched: Watched) -> None:
    note = watched.folder / "note.md"

    note.write_text("Written in place.\n", encoding="utf-8")  # as VS Code does
    watched.comes("Written in place.")

    new = watched.folder / ".note.md.tmp"  # an atomic save
    new.write_text("Put in its place by a rename.\n", encoding="utf-8")
    new.replace(note)
    watched.comes("Put in its place by a rename.")

    note.rename(watched.folder / "note.md~")  # vim, with a backup: aside, then anew
    note.write_text("Written anew beside a backup.\n", encoding="utf-8")
    (watched.folder / "note.md~").unlink()
    watched.comes("Written anew beside a backup.")

    if shutil.which("vim"):
        words = ["-c", "%s/anew.*/by vim./", "-c", "wq", str(note)]
        subprocess.run(
            ["vim", "-u", "NONE", "-es", *words], check=True, stdin=subprocess.DEVNULL, timeout=60
        )
        watched.comes("Written by vim.")

    with note.open("a", encoding="utf-8") as file:
        file.write("And a line more.\n")
    wait_for(lambda: any("a line more" in text for text in watched.latest()), "the line")

    folder = watched.folder / "deep" / "down"
    folder.mkdir(parents=True)
    (folder / "new.md").write_text("In a folder that was not there.\n", encoding="utf-8")
    wait_for(lambda: "In a folder that was not there." in watched.latest(), "the deep note")
    (folder / "new.md").write_text("Changed in that folder.\n", encoding="utf-8")
    wait_for(lambda: "Changed in that folder." in watched.latest(), "its change")

    outside = watched.folder.parent / "outside"
    outside.mkdir()
    (outside / "moved.md").write_text("Moved in from elsewhere.\n", encoding="utf-8")
    outside.rename(watched.folder / "inside")
    wait_for(lambda: "Moved in from elsewhere." in watched.latest(), "the moved folder")

    found = process.status(watched.memory.wiring.home)
    assert found is not None
    assert found["watching"] == [{"path": str(watched.folder), "by": "events"}]
    assert found["last_error"] == ""


def test_a_file_is_taken_in_when_its_writer_is_done(watched: Watched) -> None:
    with (watched.folder / "slow.md").open("w", encoding="utf-8") as file:
        for number in range(12):
            file.write(f"Part {number}. ")
            file.flush()
            time.sleep(0.25)
    wait_for(lambda: any("Part 11" in text for text in watched.latest()), "the whole")
    item = next(item for item in watched.memory.timeline() if "Part 11" in item.text)
    assert item.version == 1


def test_a_folder_that_goes_and_comes_back_is_watched_again(watched: Watched) -> None:
    away = watched.folder.with_name("away")
    watched.folder.rename(away)
    wait_for(lambda: watched.memory.watches.list()[0].state == "missing", "its loss")
    assert watched.latest() == ["The first text."]
    away.rename(watched.folder)
    wait_for(lambda: watched.memory.watches.list()[0].state == "active", "its return")
    (watched.folder / "note.md").write_text("Written after the return.\n", encoding="utf-8")
    watched.comes("Written after the return.")


def test_folders_are_added_and_removed_while_it_runs(watched: Watched, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "list.md").write_text("Milk and bread.\n", encoding="utf-8")
    watched.memory.watches.add(other)
    watched.comes("The first text.", "Milk and bread.")
    watched.memory.watches.remove(watched.folder)

    def watching() -> list[str]:
        found = process.status(watched.memory.wiring.home)
        return [one["path"] for one in (found or {}).get("watching", [])]

    wait_for(lambda: watching() == [str(other)], "the end of the first")


def test_a_daemon_that_watches_does_not_leave(watched: Watched) -> None:
    home = watched.memory.wiring.home
    process.stop(home)
    (home / "config.toml").write_text(QUIET + "[daemon]\nidle_minutes = 0.01\n", "utf-8")
    process.start(home)
    time.sleep(4)
    assert process.status(home) is not None
    watched.memory.watches.remove(watched.folder)
    wait_for(lambda: process.status(home) is None, "its leave")


def test_nothing_is_taken_in_while_the_home_is_locked(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "notes"
    folder.mkdir()
    route = Route("passphrase", PASSPHRASE)
    with Memory.create(home, routes=[route]) as memory:
        (home / "config.toml").write_text(QUIET, encoding="utf-8")
        memory.watches.add(folder)
        assert process.start(home)
        (folder / "note.md").write_text("Written while it was locked.\n", encoding="utf-8")
        time.sleep(3)
        assert memory.timeline() == []
        key = unlock(home, route).data_key
        assert key is not None
        client.request(home, "unlock", key=key.hex())
        Watched(memory, folder).comes("Written while it was locked.")
        client.request(home, "lock")

        def watching() -> list[object]:
            return list((process.status(home) or {}).get("watching", [None]))

        wait_for(lambda: watching() == [], "the end of watching")
    process.stop(home)


class Looks:
    """A watcher whose command notes its looks in a file."""

    def __init__(self, directory: Path) -> None:
        self.log = directory / "looks"
        self.log.touch()
        note = f"echo look >> '{self.log}'; echo '{{\"scans\": [{{\"unsettled\": 0}}]}}'"
        command = ["/bin/sh", "-c", note, "sh"]
        self.watcher = events.FolderWatcher(command, lambda: False, directory / "home")

    def count(self) -> int:
        """Return how many there were."""
        return len(self.log.read_text(encoding="utf-8").splitlines())

    def step_until(self, watched: Watch, count: int) -> None:
        """Let it step until there were so many looks."""

        def is_there() -> bool:
            self.watcher.step([watched])
            return self.count() >= count

        wait_for(is_there, f"look {count}")
        assert self.count() == count


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
def test_where_the_system_tells_no_more_changes_it_looks_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched: Watch = memory.watches.add(folder)

    def used_up(self: object, *words: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(watchdog.observers.Observer, "schedule", used_up)
    monkeypatch.setattr(events, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.2)
    looks = Looks(tmp_path)
    try:
        looks.step_until(watched, 1)
        assert looks.watcher.state() == [{"path": str(folder), "by": "polling"}]
        (folder / "note.md").write_text("x", encoding="utf-8")
        looks.step_until(watched, 2)
    finally:
        looks.watcher.close()
    assert looks.watcher.state() == []


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
def test_looking_and_what_does_not_count_make_no_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    (folder / ".git").mkdir(parents=True)
    (folder / "note.md").write_text("x", encoding="utf-8")
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched = memory.watches.add(folder)
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.1)
    looks = Looks(tmp_path)

    try:
        looks.step_until(watched, 1)
        (folder / "note.md").read_text(encoding="utf-8")
        (folder / ".git" / "index").write_text("x", encoding="utf-8")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            looks.watcher.step([watched])
            time.sleep(0.05)
        assert looks.count() == 1
        (folder / ".gitignore").write_text("*.log\n", encoding="utf-8")
        looks.step_until(watched, 2)
    finally:
        looks.watcher.close()


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
def test_a_folder_of_another_machine_is_looked_at_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched = memory.watches.add(folder)
    systems = {one.fstype for one in psutil.disk_partitions(all=True)}
    monkeypatch.setattr(events, "REMOTE_SYSTEMS", frozenset(systems))
    monkeypatch.setattr(events, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.2)
    looks = Looks(tmp_path)
    try:
        looks.step_until(watched, 1)
        assert looks.watcher.state() == [{"path": str(folder), "by": "polling"}]
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "package.md").write_text("x", encoding="utf-8")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            looks.watcher.step([watched])
            time.sleep(0.05)
        assert looks.count() == 1
        (folder / "note.md").write_text("x", encoding="utf-8")
        looks.step_until(watched, 2)
    finally:
        looks.watcher.close()


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
@pytest.mark.parametrize("way", ["events", "polling"])
def test_what_a_look_writes_into_a_home_in_the_folder_makes_no_further_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched = memory.watches.add(tmp_path)
    monkeypatch.setattr(events, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(events, "_has_room", lambda path: way == "events")
    looks = Looks(tmp_path)
    looks.log = tmp_path / "home" / "looks"
    looks.log.touch()
    note = f"echo look >> '{looks.log}'; echo '{{\"scans\": [{{\"unsettled\": 0}}]}}'"
    looks.watcher = events.FolderWatcher(
        ["/bin/sh", "-c", note, "sh"], lambda: False, tmp_path / "home"
    )
    try:
        looks.step_until(watched, 1)
        assert looks.watcher.state() == [{"path": str(tmp_path), "by": way}]
        end = time.monotonic() + 1
        while time.monotonic() < end:
            looks.watcher.step([watched])
            time.sleep(0.05)
        assert looks.count() == 1
    finally:
        looks.watcher.close()


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
def test_the_folder_that_is_looked_into_is_told_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched = memory.watches.add(folder)
    told: list[str] = []
    command = ["/bin/sh", "-c", "sleep 0.5; echo '{\"scans\": []}'", "sh"]

    def note_what_is_told() -> bool:
        told.append(watcher.looks_into())
        return False

    watcher = events.FolderWatcher(command, note_what_is_told)
    try:
        while not told:
            watcher.step([watched])
        assert set(told) == {str(folder)}
        assert watcher.looks_into() == ""
    finally:
        watcher.close()


@pytest.mark.skipif(os.name == "nt", reason="a command of a shell")
def test_looks_that_end_badly_are_told_and_tried_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        watched = memory.watches.add(folder)
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.0)
    mended = tmp_path / "mended"
    looks = f"[ -e '{mended}' ] && echo '{{\"scans\": []}}' || kill -9 $$"
    watcher = events.FolderWatcher(["/bin/sh", "-c", looks, "sh"], lambda: False)
    waits: list[float] = []

    def look() -> None:
        (root,) = watcher._roots.values()
        root.looked(0.0)
        before = root.look_at
        watcher.step([watched])
        waits.append(root.look_at - before)

    try:
        watcher.step([watched])
        assert watcher.trouble().endswith(str(folder))
        for _ in range(8):
            look()
        assert [round(one / 5) for one in waits[:3]] == [2, 4, 8]
        assert round(waits[-1] / 5) == 60
        mended.touch()
        look()
        assert watcher.trouble() == ""
    finally:
        watcher.close()
