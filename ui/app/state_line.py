"""The line of state, and what goes on in the background: warming up, taking in, learning, counting.

One thing of each kind goes on at a time. A second import waits for the first, and the job loop is
started only when it does not run: a worker that is told to stop listening goes on working.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from memassist.ui.app import messages
from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.session import StoppedError
from memassist.ui.app.text import count_of
from memassist.ui.pace import Pace

if TYPE_CHECKING:
    from textual.message import Message

    from memassist.assistant import Memory
    from memassist.assistant.discover import Discovery
    from memassist.assistant.work import WorkReport
    from memassist.ui.app.session import Session

REFRESH_SECONDS = 5.0
"""Between looks at what other programs did and what waits."""


class StateLine(Static):
    """One line above the keys."""

    def __init__(self) -> None:
        """Show that the home is being opened."""
        super().__init__("Opening …", id="state")
        self._session: Session | None = None
        self._memory: Memory | None = None
        self._busy = ""
        self._counts = ""
        self._waiting: list[Discovery] = []
        self._is_taking_in = False
        self.draft = ""
        """What was typed and could not be kept."""
        self._is_working = False
        self._is_ready = False
        """Whether the model is there: before that it is not known who does the waiting jobs."""

    def begin(self, session: Session, memory: Memory) -> None:
        """Load the model, and look every few seconds at what there is to do."""
        self._session, self._memory = session, memory
        self.say("")

        def warm_up() -> Message:
            session.warm_up(memory)
            return messages.ModelReady()

        in_background(self, "warm-up", warm_up)
        self.refresh_counts()
        self.set_interval(REFRESH_SECONDS, self._tick)

    def say(self, busy: str) -> None:
        """Show what goes on, beside the counts."""
        self._busy = busy
        shown = "   ".join(part for part in (busy, self._counts) if part)
        self.update(Content(shown))

    def refresh_counts(self) -> None:
        """Count anew."""
        memory = self._memory
        if memory is not None:
            in_background(self, "counts", lambda: messages.Counted.read(memory))

    def add(self, text: str) -> None:
        """Remember what was typed, unless it is blank; it stays `draft` until that is done."""
        memory = self._memory
        self.draft = text
        if memory is not None and text:
            in_background(self, "add", lambda: messages.TookIn(memory.add(text)))

    def take_in(self, found: list[Discovery]) -> None:
        """Take in what the person chose, after what is being taken in."""
        session, memory = self._session, self._memory
        if session is None or memory is None:
            return
        if self._is_taking_in:
            self._waiting += found
            return
        self._is_taking_in = True

        pace = Pace()

        def show(count: int, share: float | None) -> None:
            said = [f"Taking in: {count_of(count, 'item')}"]
            if share is not None and count:
                said.append(f"{min(share, 1.0):.0%}")
            if how_long := pace.said(count, share):
                said.append(how_long)
            self.post_message(messages.Progress(", ".join(said)))

        def work() -> Message | None:
            show(0, None)
            try:
                return messages.TookIn(session.take_in(memory, found, show), is_import=True)
            except StoppedError:
                return None

        in_background(self, "take-in", work)

    def on_model_ready(self) -> None:
        """Begin with what waits; the app searches by meaning too from now on."""
        self._is_ready = True
        self.refresh_counts()
        self._finish_jobs()

    def on_progress(self, message: messages.Progress) -> None:
        """Say what goes on."""
        message.stop()
        self.say(message.said)

    def on_took_in(self, message: messages.TookIn) -> None:
        """Say what came in; learning follows."""
        from memassist.ui.cli.take_in import summary

        report = message.report
        has_problems = report.problem_count > 0
        said = f"{summary(report)}." if report.accounted else "Nothing was found there."
        if report.accounted:
            said += " F6 shows the problems." if has_problems else " F2 searches it."
        self.notify(
            said,
            title="Taken in",
            severity="warning" if has_problems else "information",
            markup=False,
            timeout=10,
        )
        if message.is_import:
            self._end_import()
        else:
            self.draft = ""
        self.post_message(messages.Reload())
        self._finish_jobs()

    def on_learned(self, message: messages.Learned) -> None:
        """Show what was learned."""
        message.stop()
        self._is_working = False
        if message.report is not None:
            self.say("")
            self.post_message(messages.Reload())

    def on_counted(self, message: messages.Counted) -> None:
        """Show the counts; the app shows some of them on the tabs."""
        has_changed = self._counts not in ("", message.said)
        self._counts = message.said
        self.say(self._busy)
        if has_changed:  # by another program, or by the daemon
            self.post_message(messages.Reload())

    def on_failed(self, message: Failed) -> None:
        """The app says why; here it only no longer goes on."""
        if message.group == "take-in":
            self._end_import()
        elif message.group == "add":
            self.notify("What you typed is still there: Ctrl+N.", severity="warning", timeout=12)
        elif message.group == "jobs":
            self._is_working = False
            self.say("")

    def _tick(self) -> None:
        self.refresh_counts()
        self._finish_jobs()

    def _end_import(self) -> None:
        self._is_taking_in = False
        self.say("")
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self.take_in(waiting)

    def _finish_jobs(self) -> None:
        session, memory = self._session, self._memory
        if session is None or memory is None or self._is_working or not self._is_ready:
            return
        self._is_working = True

        def show(report: WorkReport) -> None:
            said = f"Learning: {count_of(report.embedded, 'passage')}"
            self.post_message(messages.Progress(said))

        in_background(self, "jobs", lambda: messages.Learned(session.finish_jobs(memory, show)))
