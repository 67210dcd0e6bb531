"""From new lines on a window to records, joined to screen sessions.

A session is one window seen without a long break. Its items are one conversation, named
`screen:APP:START`, in the order in which they were seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from memassist.ingest.capture.changes import PictureMemory
from memassist.ingest.capture.reading import WindowText
from memassist.ingest.capture.sensors import since_boot
from memassist.plugins.types import Box, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memassist.ingest.capture.desktop import Window
    from memassist.ingest.capture.reading import Reading
    from memassist.ingest.readers.picture_layout import Line

READER = "screen@1"
BREAK_SECONDS = 1_800.0
"""A window that was not seen for so long begins a new session, and its text counts as new."""
EARLIER_SECONDS = 3 * 3_600.0
"""A process that begins goes on in sessions of that age: more than a clock is commonly set by."""
MOST_SESSIONS = 64


@dataclass(slots=True)
class ScreenSession:
    """One window, from when it was first seen."""

    app: str
    started_at: datetime
    """Aware."""
    seen_seconds: float
    """When it was last seen, by a clock that no one sets."""
    text: WindowText = field(default_factory=WindowText)
    taken: PictureMemory = field(default_factory=PictureMemory)
    """What the last picture that was taken showed, whether or not it was read yet."""
    title: str = ""
    """Of the window when it was last seen."""
    taken_title: str | None = None
    """Of the last picture that was taken."""
    sequence: int = 0
    fruitless: int = 0
    """How many times in succession something had changed and nothing new was to be read."""
    rests_until: float = 0.0
    """No reading before, by a clock that never goes back: a film moves and says nothing."""

    @property
    def conversation(self) -> str:
        """Name of the conversation that its items are joined to."""
        return _name_of(self.app, self.started_at.isoformat(timespec="milliseconds"))

    def record(
        self,
        window: Window,
        reading: Reading,
        at: datetime,
        *,
        is_in_front: bool = True,
        is_told: bool = False,
    ) -> Record:
        """Return what is new as a record. Its text has no secrets in it.

        `is_told` is whether the application told it and no pixels were read.
        """
        text, boxes = _text_with_boxes(reading.rows)
        self.sequence += 1
        return Record(
            text=text,
            place=f"screen, {at.isoformat(timespec='seconds')}",
            kind="picture",
            origin="screen",
            conversation=self.conversation,
            title=window.title or None,
            native_id=f"{self.sequence - 1} {at.isoformat(timespec='milliseconds')}",
            sequence=self.sequence - 1,
            occurred_at=at,
            app=window.app or None,
            window=window.title or None,
            boxes=boxes,
            metadata={
                "app": window.app,
                "window_id": window.id,
                "session_started_at": self.started_at.isoformat(timespec="seconds"),
                "width": window.area.width,
                "height": window.area.height,
                **({} if is_in_front else {"beside": True}),
                **({"text_from": "accessibility"} if is_told else {}),
            },
        )


@dataclass(frozen=True, slots=True)
class EarlierSession:
    """A session of a window that an earlier run of the capture left."""

    conversation: str
    next_sequence: int
    lines: Sequence[str]
    """What was passed on of it, the oldest first."""


class SessionBook:
    """The sessions that go on."""

    def __init__(
        self,
        earlier: Callable[[Window, datetime], EarlierSession | None] = lambda window, at: None,
        clock: Callable[[], float] = since_boot,
    ) -> None:
        """Begin with none; `earlier` is asked once for each window that comes into sight.

        So a capture that was killed, and started again, passes on no line a second time.
        """
        self._earlier = earlier
        self._clock = clock
        self._sessions: dict[tuple[int, str], ScreenSession] = {}

    def session(self, window: Window, at: datetime) -> ScreenSession:
        """Return the session of a window that is seen at an aware moment, a new one if need be.

        Setting the machine's time does not end a session.
        """
        key = window.id, window.app
        now = self._clock()
        found = self._sessions.pop(key, None)
        if found is None or now - found.seen_seconds > BREAK_SECONDS:
            found = self._resumed(window, at) if found is None else None
            found = found or ScreenSession(window.app, at, now)
        found.seen_seconds = now
        if window.title != found.title:
            # Another page or file: what it was before says nothing of how much is new.
            found.title, found.fruitless, found.rests_until = window.title, 0, 0.0
        self._sessions[key] = found
        while len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return found

    def _resumed(self, window: Window, at: datetime) -> ScreenSession | None:
        earlier = self._earlier(window, at)
        if earlier is None:
            return None
        try:
            began = earlier.conversation.removeprefix(_name_of(window.app, ""))
            started_at = datetime.fromisoformat(began)
        except ValueError:
            return None
        text = WindowText(earlier.lines)
        return ScreenSession(window.app, started_at, 0.0, text, sequence=earlier.next_sequence)

    def clear(self) -> None:
        """End all sessions."""
        self._sessions.clear()


def _name_of(app: str, start: str) -> str:
    return f"screen:{app}:{start}"


def _text_with_boxes(rows: tuple[tuple[Line, ...], ...]) -> tuple[str, tuple[Box, ...]]:
    text = ""
    boxes: list[Box] = []
    for row in rows:
        text += "\n" if text else ""
        for number, line in enumerate(row):
            text += " " if number else ""
            boxes.append(
                Box(
                    len(text),
                    len(text) + len(line.text),
                    line.left,
                    line.top,
                    line.right,
                    line.bottom,
                )
            )
            text += line.text
    return text, tuple(boxes)
