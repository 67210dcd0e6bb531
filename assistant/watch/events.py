"""When to look into watched folders: after the system's events have been quiet, and now and then.

Directories are watched, never single files: an atomic save puts a new file under the old name, to
which a watch of the file would be blind. Events only say that it is time to look; what changed is
found by `scan`, so a lost event costs time and no file. Where the system does not tell, the names,
sizes and times of the files that count are compared now and then. The look itself is a process of
its own, so that a hostile file or a hungry reader takes nothing else down, and its memory goes with
it.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from memassist.assistant.watch.folder import (
    GIT_RULES,
    OWN_RULES,
    FoundFile,
    is_passed_over,
    walk_watched,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchdog.observers.api import BaseObserver

    from memassist.store.watches import Watch

log = logging.getLogger("memassist.watch")

Way: TypeAlias = Literal["events", "polling", "waiting"]
"""How changes are noticed; `waiting` for a folder that is not there."""

QUIET_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 30.0
"""A folder that is never quiet is looked into all the same."""
RESCAN_SECONDS = 900.0
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0
"""After looks that ended badly, one after the other; the pause doubles with each."""
POLL_SECONDS = 10.0
POLL_PAUSE_SHARE = 50.0
"""A comparison is followed by a pause of at least so many times what it took: 2% of a core."""
_CHANGES = ("created", "modified", "moved", "deleted", "closed")
"""Kinds of events after which a file may differ: a look itself opens and closes them all."""
_TOO_MANY = (errno.ENOSPC, errno.EMFILE, errno.ENFILE)
"""What inotify says when a person's watches or instances are used up."""
_USED_UP = "the system has no watches left, see fs.inotify.max_user_watches"
_IN_CREATE = 0x100
REMOTE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "davfs", "vboxsf", "drvfs"}
    | {"afpfs", "webdav"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.vmhgfs-fuse", "fuse.glusterfs"}
)
"""File systems that others write to, of which this machine is told nothing."""


@dataclass(slots=True)
class _Root:
    """One watched folder as it is observed."""

    path: Path
    way: Way = "waiting"
    observer: BaseObserver | None = None
    inode: tuple[int, int] | None = None
    """Device and number of the folder that is observed: another one may take its name."""
    first_change: float | None = None
    last_change: float = 0.0
    look_at: float = 0.0
    """When to look without any event."""
    poll_at: float = 0.0
    seen: bytes = b""
    """What the last comparison saw, where there are no events."""
    ended_badly: int = 0
    """Looks in succession that were killed or broke down."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def touch(self) -> None:
        """Note that something changed, from any thread."""
        with self.guard:
            self.last_change = time.monotonic()
            self.first_change = self.first_change or self.last_change

    def is_due(self) -> bool:
        """Whether it is time to look."""
        now = time.monotonic()
        with self.guard:
            if self.first_change is None:
                return now >= self.look_at
            return (
                now - self.last_change >= QUIET_SECONDS
                or now - self.first_change >= LONGEST_WAIT_SECONDS
            )

    def looked(self, next_look_seconds: float) -> None:
        """Begin anew, before a look: what changes during it counts for the next."""
        with self.guard:
            self.first_change = None
            self.look_at = time.monotonic() + next_look_seconds


class FolderWatcher:
    """Observes the watched folders; `step` is called again and again by one thread."""

    def __init__(
        self, command: Sequence[str], should_stop: Callable[[], bool], home: Path | None = None
    ) -> None:
        """Take the command that looks into the folder named after it, and prints JSON.

        What changes in the `home`, which a look writes to, is no reason to look.
        """
        self._command = [*command]
        self._should_stop = should_stop
        self._home = home
        self._roots: dict[Path, _Root] = {}
        self._looks_into: Path | None = None

    def state(self) -> list[dict[str, str]]:
        """Return each folder and how its changes are noticed. Any thread may ask."""
        return [{"path": str(root.path), "by": root.way} for root in list(self._roots.values())]

    def looks_into(self) -> str:
        """Return the folder that is looked into now, empty for none. Any thread may ask."""
        path = self._looks_into
        return "" if path is None else str(path)

    def trouble(self) -> str:
        """Return where looks end badly, in words; empty for nowhere. Any thread may ask."""
        bad = [str(root.path) for root in list(self._roots.values()) if root.ended_badly]
        return f"looks end badly and are tried again: {', '.join(bad)}" if bad else ""

    def has_folders(self) -> bool:
        """Whether there is something to watch."""
        return bool(self._roots)

    def step(self, watches: Sequence[Watch]) -> None:
        """Observe just these folders, and look into the first one for which it is time."""
        wanted = {watch.path for watch in watches}
        for path in [path for path in self._roots if path not in wanted]:
            _end(self._roots.pop(path))
        for path in wanted:
            self._observe(self._roots.setdefault(path, _Root(path)))
        for root in list(self._roots.values()):
            if root.way == "polling" and time.monotonic() >= root.poll_at:
                self._poll(root)
            if root.is_due():
                self._looks_into = root.path
                try:
                    self._look(root)
                finally:
                    self._looks_into = None
                return

    def close(self) -> None:
        """Observe nothing more."""
        while self._roots:
            _end(self._roots.popitem()[1])

    def _observe(self, root: _Root) -> None:
        """See that the folder that is there now is the one that is observed."""
        try:
            status = root.path.stat()
            inode = (status.st_dev, status.st_ino)
        except OSError:
            inode = None
        is_alive = root.observer is None or root.observer.is_alive()
        if root.way != "waiting" and is_alive and inode == root.inode:
            return
        if inode is None and root.way == "waiting":
            return
        _end(root)
        root.inode = inode
        if inode is not None:
            _begin(root, self._home)
        root.touch()

    def _poll(self, root: _Root) -> None:
        began = time.monotonic()
        seen = _fingerprint(root.path, self._home)
        now = time.monotonic()
        root.poll_at = now + max(POLL_SECONDS, POLL_PAUSE_SHARE * (now - began))
        if seen != root.seen:
            root.seen = seen
            root.touch()

    def _look(self, root: _Root) -> None:
        if root.way == "events" and not _has_room(root.path):
            # Folders that were made since may have got no watch.
            _poll_from_now(root)
        root.looked(RESCAN_SECONDS)
        process = subprocess.Popen(
            [*self._command, str(root.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        output = b""
        while True:
            try:
                output, _ = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if self._should_stop():
                    process.terminate()
        if self._should_stop():
            return
        try:
            unsettled = sum(scan["unsettled"] for scan in json.loads(output)["scans"])
        except (ValueError, KeyError, TypeError):
            log.warning("a look into a folder ended with %d", process.returncode)
            root.looked(min(FIRST_RETRY_SECONDS * 2**root.ended_badly, LONGEST_RETRY_SECONDS))
            root.ended_badly += 1
            return
        root.ended_badly = 0
        if unsettled:
            root.touch()


def _begin(root: _Root, home: Path | None) -> None:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers import Observer

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in _CHANGES and any(
                _counts(root.path, home, os.fsdecode(path))
                for path in (event.src_path, event.dest_path)
                if path
            ):
                root.touch()

    if _is_remote(root.path):
        _poll_from_now(root, "it is of another machine")
        return
    root.observer = Observer()
    try:
        root.observer.start()
        root.observer.schedule(Handler(), str(root.path), recursive=True)
    except OSError as error:
        _end(root)
        if error.errno in _TOO_MANY:
            _poll_from_now(root)
        return  # else it went this moment; the next step sees it
    root.way = "events"
    # watchdog passes over folders that get no watch, unless it is the topmost one.
    if not _has_room(root.path):
        _poll_from_now(root)


def _poll_from_now(root: _Root, why: str = _USED_UP) -> None:
    _end(root)
    root.way, root.poll_at, root.seen = "polling", 0.0, b""
    log.warning("a folder is looked at now and then: %s", why)


def _has_room(path: Path) -> bool:
    """Whether the system still gives this person a watch."""
    if sys.platform != "linux":
        return True
    system = ctypes.CDLL(None, use_errno=True)
    descriptor = system.inotify_init()
    if descriptor < 0:
        return ctypes.get_errno() not in _TOO_MANY
    try:
        given = system.inotify_add_watch(descriptor, os.fsencode(path), _IN_CREATE)
        return given >= 0 or ctypes.get_errno() not in _TOO_MANY
    finally:
        os.close(descriptor)


def _is_remote(path: Path) -> bool:
    import psutil

    around = [
        one for one in psutil.disk_partitions(all=True) if path.is_relative_to(one.mountpoint)
    ]
    nearest = max(around, key=lambda one: len(one.mountpoint), default=None)
    return nearest is not None and nearest.fstype in REMOTE_SYSTEMS


def _fingerprint(path: Path, home: Path | None) -> bytes:
    """Return bytes that are others once a file that counts is new, changed or gone."""
    state = hashlib.blake2b(digest_size=16)
    for one in walk_watched(path, home):
        said = (one.name, one.size_bytes, one.modified_ns) if isinstance(one, FoundFile) else one
        state.update(repr(said).encode())
    return state.digest()


def _end(root: _Root) -> None:
    observer, root.observer, root.way = root.observer, None, "waiting"
    if observer is not None:
        observer.stop()
        observer.join()


def _counts(root: Path, home: Path | None, path: str) -> bool:
    """Whether a change there may be one of a file that counts; the scan decides."""
    changed = Path(path)
    if home is not None and changed.is_relative_to(home):
        return False
    try:
        parts = changed.relative_to(root).parts
    except ValueError:
        return True
    return not any(is_passed_over(part) for part in parts) or parts[-1] in (OWN_RULES, GIT_RULES)
