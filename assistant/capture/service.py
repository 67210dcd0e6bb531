"""Capture as a service of one home: `run` in the foreground, or `start` and `stop` on a thread.

One process captures into a home, held apart by a lock. The daemon does it by a process of its own
that runs in the foreground (supervise.py); `start` is for a program that embeds memassist.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memassist.assistant.capture import control
from memassist.assistant.capture.loop import CaptureLoop, LoopSettings, Tally
from memassist.assistant.capture.pictures import PictureKeeper, prune_pictures
from memassist.assistant.config import load
from memassist.assistant.errors import ConfigError
from memassist.ingest.capture.desktop import open_desktop
from memassist.ingest.capture.errors import CaptureError, DesktopLostError
from memassist.ingest.capture.recogniser import ProcessRecogniser
from memassist.ingest.capture.records import EARLIER_SECONDS, READER, EarlierSession
from memassist.ingest.capture.rules import Rules, make_rules
from memassist.ingest.capture.sensors import MachineSensors
from memassist.store.backup import CONFIG_NAME
from memassist.store.files import make_private_file
from memassist.store.items import identity_of, latest_of
from memassist.store.screens import session_of_window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memassist.assistant.capture.control import CaptureState
    from memassist.assistant.config import Config
    from memassist.assistant.wiring import Wiring
    from memassist.ingest.capture.desktop import Desktop, Window
    from memassist.ingest.capture.frames import Frame
    from memassist.ingest.capture.reading import Reading
    from memassist.ingest.capture.recogniser import Recogniser
    from memassist.ingest.capture.sensors import Sensors
    from memassist.plugins.types import Record

log = logging.getLogger("memassist.capture")

SOURCE_KIND, SOURCE_NAME = "screen", "desktop"
STATE_SECONDS = 5.0
"""Between writings of the state while nothing but its numbers changes."""
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 300.0


def rules_of(config: Config) -> Rules:
    """Return what a home's settings leave out. Raises `BadPatternError`."""
    return make_rules(
        config.names("capture.exclude"),
        config.names("capture.allow"),
        is_untitled_left_out=config.text("capture.untitled") == "skip",
    )


class LiveRules:
    """The rules of a home's settings, read again when the file changes.

    Settings that can't be read leave the rules as they were: a slip must not open what was closed.
    """

    def __init__(self, wiring: Wiring) -> None:
        """Read them. Raises `ConfigError` and `BadPatternError`."""
        self._home = wiring.home
        self._changed_at = self._time_of_file()
        self._rules = rules_of(load(self._home))

    def __call__(self) -> Rules:
        """Return the rules in force now."""
        changed_at = self._time_of_file()
        if changed_at != self._changed_at:
            try:
                self._rules = rules_of(load(self._home))
            except (ConfigError, CaptureError) as error:
                log.warning("settings not read: %s", type(error).__name__)
            self._changed_at = changed_at
        return self._rules

    def _time_of_file(self) -> int:
        try:
            return (self._home / CONFIG_NAME).stat().st_mtime_ns
        except OSError:
            return 0


class CaptureService:
    """Captures the screen into an open home."""

    def __init__(
        self,
        wiring: Wiring,
        *,
        desktop: Callable[[], Desktop] = open_desktop,
        recogniser: Callable[[], Recogniser] = ProcessRecogniser,
        sensors: Sensors | None = None,
        on_change: Callable[[CaptureState], None] = lambda state: None,
    ) -> None:
        """Take the parts; nothing starts yet. `on_change` is told on the capturing thread."""
        self._wiring = wiring
        self._home = wiring.home
        self._make_desktop = desktop
        self._make_recogniser = recogniser
        self._sensors = sensors or MachineSensors(wiring.home)
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._started_at = datetime.now(UTC)
        self._state = control.CaptureState()
        self._keeper: PictureKeeper | None = None
        self._written = self._state
        self._written_at = 0.0

    def start(self) -> None:
        """Capture on a thread of its own, until `stop`; trouble is waited out."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run_on, name="capture", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the picture in hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def pause(self, minutes: float | None = None) -> None:
        """Capture nothing for so long; None is until `resume`."""
        pause(self._home, minutes)

    def resume(self) -> None:
        """End a pause."""
        control.write_wish(self._home, control.Wish())

    def state(self) -> CaptureState:
        """Return what it does and did. Any thread may ask."""
        return self._state

    def run(self) -> None:
        """Capture on this thread until `stop` is called from another, or by a signal.

        Raises `CaptureRunsError`, `NoDesktopError` and `DesktopLostError`.
        """
        from filelock import Timeout

        make_private_file(self._home / control.LOCK_NAME)
        lock = control.lock_of(self._home)
        try:
            lock.acquire(timeout=1.0)  # `is_held` takes it for a moment too
        except Timeout as error:
            raise control.CaptureRunsError(
                "The screen is captured into this home already.", "See memassist capture status."
            ) from error
        try:
            self._started_at = datetime.now(UTC)
            self._told(Tally(), Counter())
            self._capture()
        finally:
            (self._home / control.STATE_NAME).unlink(missing_ok=True)
            self._state = self._written = control.CaptureState()
            lock.release()

    def request_stop(self) -> None:
        """Let `run` end soon; for signal handlers, as it waits for nothing."""
        self._stop.set()

    def _run_on(self) -> None:
        wait = FIRST_RETRY_SECONDS
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.run()
            except Exception as error:  # noqa: BLE001 - window systems are other people's code
                # Its kind only: an error's text may quote what it is about.
                log.warning("capture: %s", type(error).__name__)
                self._state = replace(self._state, last_error=type(error).__name__)
            if time.monotonic() - began > LONGEST_RETRY_SECONDS:
                wait = FIRST_RETRY_SECONDS
            self._stop.wait(wait)
            wait = min(2 * wait, LONGEST_RETRY_SECONDS)

    def _capture(self) -> None:
        config = load(self._home)
        desktop = self._make_desktop()
        prune_pictures(self._wiring, config)  # also those of a time when they were wanted
        if config.flag("capture.pictures"):
            self._keeper = PictureKeeper(self._wiring, config)
        try:
            loop = CaptureLoop(
                desktop,
                self._make_recogniser(),
                self._sensors,
                LiveRules(self._wiring),
                lambda: control.read_wish(self._home),
                self._keep,
                LoopSettings(
                    away_seconds=config.number("capture.away_minutes") * 60,
                    cpu_percent=config.number("capture.cpu_percent"),
                    is_tree_read=config.flag("capture.accessibility"),
                    is_front_alone=config.text("capture.windows") == "front",
                ),
                self._told,
                self._earlier,
            )
            loop.run(self._stop.is_set)
        except DesktopLostError:
            if not self._stop.is_set():
                raise
        finally:
            desktop.close()
            if self._keeper is not None:
                self._keeper.close()
                self._keeper = None

    def _earlier(self, window: Window, at: datetime) -> EarlierSession | None:
        """Return the session that a window had before this process began, if it goes on."""
        since = at - timedelta(seconds=EARLIER_SECONDS)
        connection = self._wiring.database.read()
        found = session_of_window(connection, window.app, window.id, since)
        if found is None:
            return None
        return EarlierSession(found.conversation, found.next_sequence, found.lines)

    def _keep(self, record: Record, frame: Frame, reading: Reading) -> None:
        from memassist.ingest.pipeline import ImportReport, ImportSettings, take_in
        from memassist.plugins.types import ReadOptions

        # Secrets are gone from the record: what a screen showed for a moment is not sealed away.
        settings = ImportSettings(ReadOptions(), vault_key=None)
        outcomes = [(READER, record)]
        database = self._wiring.database
        report = take_in(database, SOURCE_KIND, SOURCE_NAME, outcomes, settings, ImportReport())
        if self._keeper is None or not report.stored:
            return
        item = latest_of(database.read(), identity_of(record))
        if item is not None:
            conversation = record.conversation or ""
            self._keeper.offer(item.id, conversation, frame, reading, time.monotonic())

    def _told(self, tally: Tally, left_out: Counter[str]) -> None:
        last = tally.last_stored_at
        state = control.CaptureState(
            is_running=True,
            doing=tally.doing,
            pid=os.getpid(),
            started_at=self._started_at.isoformat(timespec="seconds"),
            last_stored_at=""
            if last is None
            else last.astimezone(UTC).isoformat(timespec="seconds"),
            looks=tally.looks,
            readings=tally.readings,
            stored=tally.stored,
            lines=tally.lines,
            secrets=tally.secrets,
            cpu_seconds=round(tally.cpu_seconds, 2),
            left_out=dict(left_out),
            last_error=tally.last_error,
        )
        if state != self._state:
            self._state = state
            self._on_change(state)
        is_news = state.doing != self._written.doing
        now = time.monotonic()
        if is_news or (state != self._written and now - self._written_at > STATE_SECONDS):
            control.write_state(self._home, state)
            self._written, self._written_at = state, now


def pause(home: Path, minutes: float | None) -> datetime | None:
    """Let whatever captures into a home pause; returns until when, None for until `resume`."""
    until = None if minutes is None else datetime.now(UTC) + timedelta(minutes=minutes)
    control.write_wish(home, control.Wish(is_paused=True, paused_until=until))
    return until
