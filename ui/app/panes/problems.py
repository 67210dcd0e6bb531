"""Problems: what could not be taken in, why, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.panes.base import Pane
from memassist.ui.app.text import day_of_ms, one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from memassist.store.problems import StoredProblem

SHOWN = 500


class ProblemsPane(Pane):
    """The tab with what could not be taken in."""

    class Loaded(Message):
        """The problems."""

        def __init__(self, problems: list[StoredProblem]) -> None:
            """Take them, the latest first."""
            self.problems = problems
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Problems", id="problems")

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield OptionList(id="problem-list")
        yield Static("", id="problems-note", classes="note")

    def load(self) -> None:
        """Read them."""
        memory = self.memory
        if memory is not None:
            in_background(self, "problems", lambda: self.Loaded(memory.problems()))

    def on_problems_pane_loaded(self, message: Loaded) -> None:
        """Show them."""
        message.stop()
        problems = message.problems
        listed = self.query_one("#problem-list", OptionList)
        listed.set_options(Option(_prompt(one)) for one in problems[:SHOWN])
        listed.display = bool(problems)
        note = "Everything that was offered could be taken in."
        if problems:
            note = "The rest was taken in. Import again once something is mended: nothing doubles."
        self.query_one("#problems-note", Static).update(note)


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
