"""What the system has limits of and takes away: watches of inotify, and mounted disks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PRELUDE = """
import os, subprocess, sys, time
from pathlib import Path
from memassist.assistant import Memory
from memassist.assistant.daemon import process

def wait_for(condition, what):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)

top = Path(sys.argv[1])
home, folder = top / "home", top / "notes"
Memory.create(home, routes=[]).close()
(home / "config.toml").write_text('[embedding]\\nmodel = "none"\\n', encoding="utf-8")
folder.mkdir()

def latest():
    return sorted(item.text.strip() for item in memory.timeline())
"""
FEW_WATCHES = (
    PRELUDE
    + """
from memassist.assistant.watch import events

Path("/proc/sys/user/max_inotify_watches").write_text("30", encoding="ascii")
for number in range(20):
    (folder / f"part {number:02}").mkdir()
with Memory.open(home) as memory:
    watched = memory.watches.add(folder)
events.POLL_SECONDS = events.QUIET_SECONDS = 0.2
log = top / "looks"
log.touch()
note = f"echo look >> '{log}'; echo '{{\\"scans\\": [{{\\"unsettled\\": 0}}]}}'"
watcher = events.FolderWatcher(["/bin/sh", "-c", note, "sh"], lambda: False, home)

def looks(count):
    def are_there():
        watcher.step([watched])
        return len(log.read_text(encoding="utf-8").split()) == count
    wait_for(are_there, f"look {count}")

looks(1)
assert watcher.state()[0]["by"] == "events"
for number in range(20, 60):
    (folder / f"part {number:02}").mkdir()
(folder / "note.md").write_text("A file that is noticed.", encoding="utf-8")
looks(2)
assert watcher.state()[0]["by"] == "polling"
(folder / "part 59" / "note.md").write_text("In the last one.", encoding="utf-8")
looks(3)
watcher.close()
watcher = events.FolderWatcher(["/bin/sh", "-c", note, "sh"], lambda: False, home)
looks(4)
assert watcher.state()[0]["by"] == "polling"
watcher.close()
"""
)
MOUNTS = (
    PRELUDE
    + """
disk = top / "disk"
disk.mkdir()
(disk / "note.md").write_text("On the disk.", encoding="utf-8")

def mount():
    subprocess.run(["mount", "--bind", disk, folder], check=True)

def unmount():
    wait_for(lambda: subprocess.run(["umount", folder]).returncode == 0, "the end of use")

def state():
    return memory.watches.list()[0].state

mount()
with Memory.open(home) as memory:
    memory.watches.add(folder)
    assert process.start(home)
    try:
        wait_for(lambda: latest() == ["On the disk."], "the first look")
        unmount()
        wait_for(lambda: state() == "missing", "its loss")
        assert latest() == ["On the disk."]
        (disk / "new.md").write_text("Written meanwhile.", encoding="utf-8")
        mount()
        wait_for(lambda: latest() == ["On the disk.", "Written meanwhile."], "its return")
        assert {item.version for item in memory.timeline()} == {1}
    finally:
        process.stop(home)
"""
)


def may_unshare() -> bool:
    """Whether this person may have name spaces of their own, with mounts in them."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "x"]
    return subprocess.run([*command, "/mnt"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not may_unshare(), reason="no name spaces of one's own")
@pytest.mark.slow
@pytest.mark.parametrize("script", [FEW_WATCHES, MOUNTS], ids=["few watches", "mounts"])
def test_nothing_is_missed_where_the_system_gives_or_takes(tmp_path: Path, script: str) -> None:
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", script]
    ended = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
