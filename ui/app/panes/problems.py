"""Problems: what could not be taken in, why, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.panes.base import Pane, StoreChanged
from memassist.ui.app.text import count_of, day_of_ms, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.assistant.problems import RetryReport
    from memassist.store.problems import StoredProblem

SHOWN = 500


class ProblemsPane(Pane):
    """The tab with what could not be taken in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("r", "retry", "Try again"),
        ("R", "retry_all", "All again"),
        ("c", "clear", "Clear"),
        ("C", "clear_all", "Clear all"),
    ]

    class Loaded(Message):
        """The problems."""

        def __init__(self, problems: Sequence[StoredProblem]) -> None:
            """Take them, the latest first."""
            self.problems = problems
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Problems", id="problems")
        self._problems: Sequence[StoredProblem] = ()

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield OptionList(id="problem-list")
        yield Static("", id="problems-note", classes="note")

    def load(self) -> None:
        """Read them."""
        memory = self.memory
        if memory is not None:
            in_background(self, "problems", lambda: self.Loaded(memory.problems.list()))

    def on_problems_pane_loaded(self, message: Loaded) -> None:
        """Show them."""
        message.stop()
        problems = message.problems
        listed = self.query_one("#problem-list", OptionList)
        before = listed.highlighted or 0
        self._problems = problems[:SHOWN]
        listed.set_options(Option(_prompt(one)) for one in problems[:SHOWN])
        listed.highlighted = min(before, len(problems) - 1) if problems else None
        listed.display = bool(problems)
        note = "Everything that was offered could be taken in."
        if problems:
            note = "The rest was taken in. r reads one again once it is mended: nothing doubles."
        self.query_one("#problems-note", Static).update(note)

    def action_retry(self) -> None:
        """Read again what this problem kept out."""
        one = self._current()
        if one is not None:
            self._retry([one.id])

    def action_retry_all(self) -> None:
        """Read again whatever had a problem."""
        if self._problems:
            self._retry(None)

    def action_clear(self) -> None:
        """Take this problem off the list."""
        one = self._current()
        if one is not None:
            self._clear([one.id])

    def action_clear_all(self) -> None:
        """Take all off the list."""
        if self._problems:
            self._clear(None)

    def _retry(self, ids: list[int] | None) -> None:
        self.query_one("#problems-note", Static).update("Reading again …")
        self.change("retry", lambda memory: StoreChanged(_came_to(memory.problems.retry(ids))))

    def _clear(self, ids: list[int] | None) -> None:
        def work(memory: Memory) -> StoreChanged:
            cleared = count_of(memory.problems.clear(ids), "problem")
            return StoreChanged(f"{cleared} cleared; what is met again comes back.")

        self.change("clear", work)

    def _current(self) -> StoredProblem | None:
        place = self.query_one("#problem-list", OptionList).highlighted
        return None if place is None or place >= len(self._problems) else self._problems[place]


def _came_to(report: RetryReport) -> str:
    if report.tried == 0:
        return "Out of reach: the file is gone. c clears it."
    said = f"{report.mended:,} of {count_of(report.tried, 'problem')} mended"
    if report.taken_in:
        said += f", {count_of(report.taken_in, 'item')} taken in"
    return f"{said}."


def _prompt(problem: StoredProblem) -> Content:
    times = f"  {problem.times} times" if problem.times > 1 else ""
    head = f"{one_line(problem.source, 40)} · {one_line(problem.place, 100)}"
    lines = [
        Content.styled(head, "$foreground-muted"),
        Content.styled(one_line(problem.reason, 300), "$text-warning")
        + Content.styled(f"  {day_of_ms(problem.last_seen_at)}{times}", "$foreground-muted"),
    ]
    if problem.advice:
        lines.append(Content(f"→ {one_line(problem.advice, 300)}"))
    return Content("\n").join(lines)
