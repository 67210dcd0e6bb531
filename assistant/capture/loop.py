"""The capture loop: wait for a change, let it settle, look, read what is new, store it.

Nothing is looked at while the person paused it, the screen is locked, nobody is there, or the
machine has nothing to spare; nothing is read that a rule leaves out. A picture lives in memory
until its text was read.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from memassist.assistant.capture.budget import Budget
from memassist.ingest.capture.frames import NoFrame, take_frame
from memassist.ingest.capture.reading import WindowText
from memassist.ingest.capture.recogniser import RecognitionError
from memassist.ingest.capture.records import SessionBook
from memassist.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memassist.assistant.capture.control import Wish
    from memassist.ingest.capture.desktop import Desktop
    from memassist.ingest.capture.frames import Frame
    from memassist.ingest.capture.reading import Reading
    from memassist.ingest.capture.recogniser import Recogniser
    from memassist.ingest.capture.rules import Rules
    from memassist.ingest.capture.sensors import Sensors
    from memassist.plugins.types import Record

SETTLE_SECONDS = 0.4
"""Without a change, before a picture is taken: a page that builds up is read once."""
LONGEST_SETTLE_SECONDS = 3.0
"""After the first change a picture is taken even if more follow: a log that runs is read too."""
LOOK_SECONDS = 60.0
"""Between looks where the desktop tells of no change, in case it did not tell of one."""
WISH_SECONDS = 1.0
SENSOR_SECONDS = 15.0
SLOWEST_SECONDS = 30.0
"""Between readings of a window that moves and says nothing new, such as a film."""
PAUSED = "paused"
SAVING = "saving the processor"
CAPTURING = "capturing"
TROUBLE = "can't store"
TROUBLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What the person may set."""

    away_seconds: float = 300.0
    cpu_percent: float = 5.0


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


class CaptureLoop:
    """One desktop, captured. `run` is all there is to call; the same thread made the desktop."""

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
    ) -> None:
        """Take the parts. `keep` stores a record; `on_change` is told what is done now."""
        self._desktop = desktop
        self._recogniser = recogniser
        self._sensors = sensors
        self._rules = rules
        self._wish = wish
        self._keep = keep
        self._settings = settings
        self._on_change = on_change
        self._sessions = SessionBook()
        self._budget = Budget(settings.cpu_percent, time.monotonic())
        self._sensed = sensors.read()
        self._sensed_at = time.monotonic()
        self.tally = Tally()
        self.left_out: Counter[str] = Counter()

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Capture until told to stop. Raises `DesktopLostError`, and what `keep` raises."""
        first_change: float | None = None
        due = time.monotonic()
        try:
            while not should_stop():
                now = time.monotonic()
                signal = self._desktop.wait(max(0.0, min(WISH_SECONDS, due - now)))
                now = time.monotonic()
                if signal is not None:
                    first_change = first_change or now
                    due = min(now + SETTLE_SECONDS, first_change + LONGEST_SETTLE_SECONDS)
                if now < due and not self._is_wish_new():
                    self._recogniser.rest()
                    self._on_change(self.tally, self.left_out)
                    continue
                pause = self.step()
                first_change, due = None, time.monotonic() + pause
        finally:
            self._recogniser.close()
            self._tell("off")

    def step(self) -> float:
        """Look once, and return for how many seconds nothing has to be done without a change."""
        reason = self._why_not()
        if reason is not None:
            self._tell(reason)
            return WISH_SECONDS
        frame = take_frame(self._desktop, self._rules(), self._settings.away_seconds)
        if isinstance(frame, NoFrame):
            self.left_out[frame.reason] += 1
            self._tell(frame.reason)
            return LOOK_SECONDS if frame.is_excluded else WISH_SECONDS
        self.tally.looks += 1
        at = datetime.now(UTC).astimezone()
        session = self._sessions.session(frame.window, at)
        if not session.text.is_changed(frame.pixels):
            self._tell(CAPTURING)
            return LOOK_SECONDS
        now = time.monotonic()
        wait = self._budget.wait_seconds(now, self._sensed.share)
        if wait > 0:
            self._tell(SAVING)
            return min(wait, LOOK_SECONDS)
        self._tell(CAPTURING)
        if now < session.rests_until:
            return session.rests_until - now
        try:
            reading = session.text.read(frame.pixels, self._recogniser)
        except RecognitionError as error:
            self.tally.last_error = str(error)
            session.rests_until = now + SLOWEST_SECONDS
            return SLOWEST_SECONDS
        self._budget.spend(reading.cpu_seconds)
        self.tally.cpu_seconds += reading.cpu_seconds
        self.tally.readings += 1
        self.tally.secrets += len(reading.secret_lines)
        if not reading.rows:
            session.fruitless += 1
            session.rests_until = now + min(2.0**session.fruitless - 1, SLOWEST_SECONDS)
            return LOOK_SECONDS
        session.fruitless = 0
        try:
            self._keep(session.record(frame.window, reading, at), frame, reading)
        except StoreError as error:
            self.tally.last_error = str(error)
            session.text = WindowText()  # what could not be stored is read again
            self._tell(TROUBLE)
            return TROUBLE_SECONDS
        self.tally.stored += 1
        self.tally.lines += len(reading.rows)
        self.tally.last_stored_at = at
        self._on_change(self.tally, self.left_out)
        return LOOK_SECONDS

    def _why_not(self) -> str | None:
        now = time.monotonic()
        if self._wish().is_in_force(datetime.now(UTC)):
            return PAUSED
        if now - self._sensed_at > SENSOR_SECONDS:
            self._sensed, self._sensed_at = self._sensors.read(), now
        return self._sensed.why_not

    def _is_wish_new(self) -> bool:
        """Whether a pause began or ended since the last look."""
        return self._wish().is_in_force(datetime.now(UTC)) != (self.tally.doing == PAUSED)

    def _tell(self, doing: str) -> None:
        if doing != self.tally.doing:
            self.tally.doing = doing
            self._on_change(self.tally, self.left_out)
