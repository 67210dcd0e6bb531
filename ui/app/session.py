"""What the app does behind its screens, without a terminal: open, take in, work off, close.

Every method may take long and is called from a thread worker. What they need is loaded in them:
the first picture is on the screen before the store's and the search's modules are.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from memassist.assistant import Memory
    from memassist.assistant.discover import Discovery
    from memassist.assistant.work import WorkReport
    from memassist.ingest.pipeline import ImportReport
    from memassist.store.keys import Route

_RECOVERY_CODE = re.compile(r"[A-Za-z2-7]{4}([- ]?[A-Za-z2-7]{4}){7}")


class StoppedError(Exception):
    """The app is closing; what was taken in so far is kept."""


class Session:
    """One home, open or not yet."""

    def __init__(self, home: Path) -> None:
        """Open nothing."""
        self.home = home
        self.memory: Memory | None = None
        self._stop = threading.Event()

    def exists(self) -> bool:
        """Whether there is a home, damaged or not."""
        return self.home.is_dir() and any(self.home.iterdir())

    def open(self, typed: str | None = None) -> Memory:
        """Open the home, with a passphrase or recovery code if one was typed.

        Raises as `Memory.open` does.
        """
        from memassist.assistant import Memory

        self.memory = Memory.open(self.home, route=None if typed is None else _route(typed))
        return self.memory

    def create(self, routes: Sequence[Route], key_file: Path | None) -> Memory:
        """Make the home, and its key file first if one is named and not there; open it.

        Raises `HomeExistsError` and `KeyRouteError`.
        """
        from memassist.assistant import Memory
        from memassist.store import keys

        if key_file is not None:
            keys.check_key_file_place(key_file, self.home)
            if not key_file.exists():
                keys.make_key_file(key_file, self.home)
        self.memory = Memory.create(self.home, routes=routes)
        return self.memory

    def set_names(self, memory: Memory, names: Sequence[str]) -> None:
        """Keep which names mean the person. Raises `ConfigError`."""
        from memassist.assistant import config

        config.set_value(self.home, "me", tuple(names))
        memory.wiring.config = config.load(self.home)

    def set_theme(self, *, is_light: bool) -> None:
        """Keep the colours for the next time. Raises `ConfigError`."""
        from memassist.assistant import config

        config.set_value(self.home, "theme", ("light" if is_light else "dark",))

    def warm_up(self, memory: Memory) -> None:
        """Have the embedding model loaded, by the daemon where the settings let us start it.

        Returns when the model is there, or the app closes. A home opened by a typed passphrase
        gets no daemon: it would have no key.
        """
        from memassist.store import keys

        kinds = keys.slot_kinds(self.home)
        opens_alone = not kinds or "key-file" in kinds or "keyring" in kinds
        memory.wiring.warm_up(start_daemon=opens_alone)
        while not memory.wiring.is_warm() and not self._stop.wait(0.05):
            pass

    def share_key(self, memory: Memory) -> bool:
        """Let the daemon hold the key, so that other programs can open the home; False if it fails.

        Only a home that a person must unlock needs it. The daemon drops the key after
        `daemon.lock_minutes` without a request.
        """
        from memassist.assistant.daemon import client, process

        key = memory.wiring.database.key
        if key is None or not process.start(self.home):
            return key is None
        client.request(self.home, "unlock", key=key.hex())
        return True

    def take_in(
        self,
        memory: Memory,
        found: Sequence[Discovery],
        on_progress: Callable[[int, float | None], None],
    ) -> ImportReport:
        """Take in what the person chose.

        `on_progress` gets the number of things met so far, and what share of all is done, by size.
        Raises `StoppedError` when the app closes; all that was counted is stored then.
        """
        from memassist.ingest.pipeline import ImportReport

        total = ImportReport()
        ahead_bytes = sum(one.bytes for one in found)
        for one in found:
            ahead_bytes -= one.bytes

            def show(report: ImportReport, ahead_bytes: int = ahead_bytes) -> None:
                if self._stop.is_set():
                    raise StoppedError
                all_bytes = total.all_bytes + report.all_bytes + ahead_bytes
                share = (total.read_bytes + report.read_bytes) / all_bytes if all_bytes else None
                on_progress(total.accounted + report.accounted, share)

            report = memory.import_path(one.path, is_mine=one.is_mine, on_progress=show)
            _add(total, report)
        return total

    def finish_jobs(
        self, memory: Memory, on_progress: Callable[[WorkReport], None]
    ) -> WorkReport | None:
        """Learn from what waits, unless a daemon does; None where there was nothing to do."""
        from memassist.assistant.daemon import process
        from memassist.assistant.work import work

        if not memory.wiring.has_due_jobs():
            return None
        daemon = process.status(self.home)
        if daemon is not None and not daemon.get("locked"):
            return None

        def show(report: WorkReport) -> None:
            if self._stop.is_set():
                # The job loop gives the job in hand back at this, as at Ctrl-C.
                raise KeyboardInterrupt
            on_progress(report)

        try:
            return work(memory.wiring, show, self._stop.is_set)
        except KeyboardInterrupt:
            return None

    def stop(self) -> None:
        """Let what runs in the background end soon."""
        self._stop.set()

    def close(self) -> None:
        """Close the store. Call it when no worker runs any more."""
        self.stop()
        if self.memory is not None:
            self.memory.close()
            self.memory = None


def _route(typed: str) -> Route:
    from memassist.store.keys import Route

    if _RECOVERY_CODE.fullmatch(typed.strip()):
        code = re.sub("[- ]", "", typed.strip()).upper()
        return Route("recovery", code.encode())
    return Route("passphrase", typed.encode())


def _add(total: ImportReport, report: ImportReport) -> None:
    total.files += report.files
    total.stored += report.stored
    total.new_versions += report.new_versions
    total.existing += report.existing
    total.forgotten += report.forgotten
    total.skipped += report.skipped
    total.problem_count += report.problem_count
    total.problems += report.problems
    total.secrets += report.secrets
    total.all_bytes += report.all_bytes
    total.read_bytes += report.all_bytes
