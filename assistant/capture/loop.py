"""The capture loop: wait for a change, let it settle, look, read what is new, store it.

Nothing is looked at while the person paused it, the screen is locked, nobody is there, or the
machine has nothing to spare; nothing is read that a rule leaves out. Looking takes milliseconds
and reading seconds, so pictures wait for a second thread to read them: a few, in memory alone.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from memassist.assistant.capture.budget import Budget
from memassist.ingest.capture.changes import TILE_PIXELS, PictureMemory, tile_hashes
from memassist.ingest.capture.frames import NoFrame, take_beside, take_frame, with_lines
from memassist.ingest.capture.reading import WindowText
from memassist.ingest.capture.recogniser import RecognitionError
from memassist.ingest.capture.records import SessionBook
from memassist.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.capture.control import Wish
    from memassist.ingest.capture.changes import Hashes
    from memassist.ingest.capture.desktop import Desktop, Window
    from memassist.ingest.capture.frames import Frame
    from memassist.ingest.capture.reading import Reading
    from memassist.ingest.capture.recogniser import Recogniser
    from memassist.ingest.capture.records import EarlierSession, ScreenSession
    from memassist.ingest.capture.rules import Rules
    from memassist.ingest.capture.sensors import Sensors
    from memassist.plugins.types import Record

SETTLE_SECONDS = 0.4
"""Without a change, before a picture is taken: a page that builds up is read once."""
LONGEST_SETTLE_SECONDS = 3.0
"""After the first change a picture is taken even if more follow: a log that runs is read too."""
WRITTEN_SETTLE_SECONDS = 1.0
WRITTEN_SECONDS = 10.0
"""A line that is being written is read when it stood still for a second, or after so long."""
LOOK_SECONDS = 60.0
"""Between looks where the desktop tells of no change, in case it did not tell of one."""
BESIDE_SECONDS = 10.0
"""Between looks at the windows beside the one in front, of which something has changed."""
BESIDE_SETTLE_SECONDS = 2.0
BESIDE_PURSE_SECONDS = 20.0
"""What must be in the purse for them, so that the window in front comes first."""
WISH_SECONDS = 1.0
SENSOR_SECONDS = 15.0
SLOWEST_SECONDS = 30.0
"""Between readings of a window that moves and says nothing new, such as a film."""
PAUSED = "paused"
SAVING = "saving the processor"
CAPTURING = "capturing"
TROUBLE = "can't store"
TROUBLE_SECONDS = 30.0
REST_SECONDS = 30.0
LINE_PIXELS = 2 * TILE_PIXELS
"""High: one line of text touches two rows of tiles at most."""
MOST_WAITING = 5
"""Pictures that wait to be read, of 8 MB each on a usual screen."""


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What the person may set."""

    away_seconds: float = 300.0
    cpu_percent: float = 5.0
    is_front_alone: bool = False
    """Whether the windows beside the one in front are left alone."""
    is_tree_read: bool = True
    """Whether applications are asked for the text that they show."""


@dataclass(slots=True)
class Tally:
    """What the loop did; grows while it runs."""

    doing: str = "starting"
    looks: int = 0
    readings: int = 0
    stored: int = 0
    lines: int = 0
    secrets: int = 0
    cpu_seconds: float = 0.0
    last_stored_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class _Picture:
    """One that waits to be read."""

    frame: Frame
    session: ScreenSession
    at: datetime


@dataclass(slots=True)
class _Written:
    """A picture on which one line changed: it is read later, as more of that line may follow."""

    picture: _Picture
    looks: list[Hashes]
    """The last ones: a caret that blinks shows two in turn."""
    since: float


class CaptureLoop:
    """One desktop, captured. `run` is all there is to call, on the thread that made the desktop."""

    def __init__(
        self,
        desktop: Desktop,
        recogniser: Recogniser,
        sensors: Sensors,
        rules: Callable[[], Rules],
        wish: Callable[[], Wish],
        keep: Callable[[Record, Frame, Reading], None],
        settings: LoopSettings = LoopSettings(),
        on_change: Callable[[Tally, Counter[str]], None] = lambda tally, left_out: None,
        earlier: Callable[[Window, datetime], EarlierSession | None] = lambda window, at: None,
    ) -> None:
        """Take the parts. `keep` stores a record; `on_change` is told what is done now.

        `earlier` knows the sessions of an earlier run.
        """
        self._desktop = desktop
        self._recogniser = recogniser
        self._sensors = sensors
        self._rules = rules
        self._wish = wish
        self._keep = keep
        self._settings = settings
        self._on_change = on_change
        self._sessions = SessionBook(earlier)
        self._waiting: queue.Queue[_Picture | None] = queue.Queue()
        self._budget = Budget(settings.cpu_percent, time.monotonic())
        self._sensed = sensors.read()
        self._sensed_at = time.monotonic()
        self._rests_until = 0.0
        self._written: _Written | None = None
        self._beside_due = math.inf if settings.is_front_alone else time.monotonic()
        self._beside_at = -BESIDE_SECONDS
        self._failure: Exception | None = None
        self.tally = Tally()
        self.left_out: Counter[str] = Counter()

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Capture until told to stop. Raises `DesktopLostError`, and what `keep` raises."""
        reader = threading.Thread(target=self._read_on, name="capture-read", daemon=True)
        reader.start()
        first_change: float | None = None
        due = time.monotonic()
        try:
            while not should_stop() and self._failure is None:
                now = time.monotonic()
                next_look = min(due, self._beside_due)
                signal = self._desktop.wait(max(0.0, min(WISH_SECONDS, next_look - now)))
                now = time.monotonic()
                if signal == "window" or signal == "beside":
                    self._beside_changed(now)
                if signal == "window" or signal == "content":
                    first_change = first_change or now
                    due = min(now + SETTLE_SECONDS, first_change + LONGEST_SETTLE_SECONDS)
                if now >= self._beside_due:
                    self.step_beside()
                self._desktop.show_sign(self.tally.doing in (CAPTURING, SAVING))
                if now < due and not self._is_wish_new():
                    self._on_change(self.tally, self.left_out)
                    continue
                pause = self.step()
                self._on_change(self.tally, self.left_out)
                first_change, due = None, time.monotonic() + pause
        finally:
            self._end(reader)
            self._tell("off")
        if self._failure is not None:
            raise self._failure

    def step(self) -> float:
        """Look once, and return for how many seconds nothing has to be done without a change."""
        reason = self._why_not()
        if reason is not None:
            self._tell(reason)
            return WISH_SECONDS
        frame = take_frame(self._desktop, self._rules(), self._settings.away_seconds)
        if isinstance(frame, NoFrame):
            self._take_written()
            self.left_out[frame.reason] += 1
            self._tell(frame.reason)
            return LOOK_SECONDS if frame.is_excluded else WISH_SECONDS
        return self._look(frame)

    def step_beside(self) -> None:
        """Look once at the windows that are shown beside the one in front."""
        self._beside_at = now = time.monotonic()
        self._beside_due = now + LOOK_SECONDS
        if self._why_not() is not None:
            self._beside_due = now + BESIDE_SECONDS
            return
        wait = self._budget.wait_seconds(now, self._sensed.share)
        if wait > 0 or not self._budget.has(BESIDE_PURSE_SECONDS):
            self._beside_due = now + max(BESIDE_SECONDS, min(wait, LOOK_SECONDS))
            return
        for frame in take_beside(self._desktop, self._rules(), self._settings.away_seconds):
            if isinstance(frame, NoFrame):
                self.left_out[frame.reason] += 1
            elif (pause := self._look(frame)) < LOOK_SECONDS:
                self._beside_due = min(self._beside_due, now + max(pause, BESIDE_SECONDS))

    def _beside_changed(self, now: float) -> None:
        if not self._settings.is_front_alone:
            soon = max(now + BESIDE_SETTLE_SECONDS, self._beside_at + BESIDE_SECONDS)
            self._beside_due = min(self._beside_due, soon)

    def _look(self, frame: Frame) -> float:
        """Let a picture wait to be read if something on it is new; return as `step` does."""
        self.tally.looks += 1
        at = datetime.now(UTC).astimezone()
        session = self._sessions.session(frame.window, at)
        hashes, height = tile_hashes(frame.pixels), frame.pixels.shape[0]
        picture = _Picture(frame, session, at)
        now = time.monotonic()
        written = self._written
        if frame.is_in_front and written is not None and written.picture.session is not session:
            self._take_written()
        bands = session.taken.changed(hashes, height)
        if not bands:
            self._tell(CAPTURING)
            return LOOK_SECONDS
        wait = self._budget.wait_seconds(now, self._sensed.share)
        if wait > 0:
            self._tell(SAVING)
            return min(wait, LOOK_SECONDS)
        self._tell(CAPTURING)
        if now < session.rests_until:
            return session.rests_until - now
        if self._waiting.qsize() >= MOST_WAITING:
            return WISH_SECONDS
        if frame.is_in_front:
            is_one_line = bands[-1].bottom - bands[0].top <= LINE_PIXELS
            if self._is_written_on(picture, hashes, now, is_one_line=is_one_line):
                return WRITTEN_SETTLE_SECONDS
            if self._settings.is_tree_read:
                started = time.thread_time()
                picture = replace(picture, frame=with_lines(frame, self._desktop))
                self._budget.spend(time.thread_time() - started)
        self._let_wait(picture, hashes)
        return LOOK_SECONDS

    def _is_written_on(
        self, picture: _Picture, hashes: Hashes, now: float, *, is_one_line: bool
    ) -> bool:
        """Whether what changed is one line, which is likely being written and goes on."""
        written, session = self._written, picture.session
        if not is_one_line or picture.frame.window.title != session.taken_title:
            self._take_written()
            return False
        self._written = None
        if written is None:
            self._written = _Written(picture, [hashes], now)
            return True
        stands_still = any(np.array_equal(hashes, one) for one in written.looks)
        if stands_still or now - written.since >= WRITTEN_SECONDS:
            return False
        self._written = _Written(picture, [*written.looks[-1:], hashes], written.since)
        return True

    def _take_written(self) -> None:
        """Let the line that is being written be read as it was: it may be gone from now on."""
        written, self._written = self._written, None
        if written is not None:
            self._let_wait(written.picture, written.looks[-1])

    def _let_wait(self, picture: _Picture, hashes: Hashes) -> None:
        picture.session.taken.keep(hashes, picture.frame.pixels.shape[0])
        picture.session.taken_title = picture.frame.window.title
        self._waiting.put(picture)

    def read_waiting(self) -> None:
        """Read the pictures that wait, on this thread; for where `run` is not used."""
        while not self._waiting.empty():
            picture = self._waiting.get()
            if picture is not None:
                self._read(picture)

    def _read_on(self) -> None:
        while True:
            try:
                picture = self._waiting.get(timeout=REST_SECONDS)
            except queue.Empty:
                self._recogniser.rest()
                continue
            if picture is None:
                return
            try:
                self._read(picture)
            except Exception as error:  # noqa: BLE001 - told on the thread that runs the loop
                self._failure = error
                return

    def _end(self, reader: threading.Thread) -> None:
        """Let the reading thread end after the picture in hand; the others are dropped."""
        while True:
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                break
        self._waiting.put(None)
        reader.join()
        self._recogniser.close()

    def _read(self, picture: _Picture) -> None:
        frame, session, at = picture.frame, picture.session, picture.at
        if self._rules().why_not(frame.window) is not None:
            return  # the rule came while the picture waited
        try:
            reading = session.text.read(frame.pixels, self._recogniser, frame.lines)
        except RecognitionError as error:
            self.tally.last_error = str(error)
            session.rests_until = time.monotonic() + SLOWEST_SECONDS
            session.taken = PictureMemory()
            return
        self._budget.spend(reading.cpu_seconds)
        self.tally.cpu_seconds += reading.cpu_seconds
        self.tally.readings += 1
        self.tally.secrets += len(reading.secret_lines)
        if not reading.rows:
            session.fruitless += 1
            pause = min(2.0**session.fruitless - 1, SLOWEST_SECONDS)
            session.rests_until = time.monotonic() + pause
            return
        session.fruitless = 0
        try:
            record = session.record(
                frame.window,
                reading,
                at,
                is_in_front=frame.is_in_front,
                is_told=frame.lines is not None,
            )
            self._keep(record, frame, reading)
        except StoreError as error:
            # What could not be stored is read again, when there may be room.
            self.tally.last_error = str(error)
            session.text, session.taken = WindowText(), PictureMemory()
            self._rests_until = time.monotonic() + TROUBLE_SECONDS
            return
        self.tally.stored += 1
        self.tally.lines += len(reading.rows)
        self.tally.last_stored_at = at

    def _why_not(self) -> str | None:
        now = time.monotonic()
        if self._wish().is_in_force(datetime.now(UTC)):
            return PAUSED
        if now - self._sensed_at > SENSOR_SECONDS:
            self._sensed, self._sensed_at = self._sensors.read(), now
        return self._sensed.why_not or (TROUBLE if now < self._rests_until else None)

    def _is_wish_new(self) -> bool:
        """Whether a pause began or ended since the last look."""
        return self._wish().is_in_force(datetime.now(UTC)) != (self.tally.doing == PAUSED)

    def _tell(self, doing: str) -> None:
        if doing != self.tally.doing:
            self.tally.doing = doing
            self._on_change(self.tally, self.left_out)
