"""A memory, or a proposed one, with all it says and the evidence it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from memassist.plugins.types import Trust
from memassist.ui.app.panes.base import OpenEvidence
from memassist.ui.app.text import day_of_ms, one_line, safe

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from memassist.store.memories import Evidence, MemoryState

TRUST_WORDS = {
    Trust.UNKNOWN: "unknown origin",
    Trust.MCP: "told by a program",
    Trust.SCREEN: "seen on screen",
    Trust.CHAT: "from a chat",
    Trust.FILE: "from a file",
    Trust.OWNER: "your own words",
}
TYPE_STYLES = {
    "core": "$text-warning",
    "episodic": "$text-primary",
    "semantic": "$text-secondary",
    "procedural": "$text-success",
    "resource": "$text-accent",
}


class MemoryCard(VerticalScroll, can_focus=False):
    """Shows one memory's state; Enter on its evidence asks the app to open it."""

    def __init__(self, empty: str) -> None:
        """Take what to say while there is nothing to show."""
        super().__init__(classes="detail")
        self._empty = empty
        self._evidence: tuple[Evidence, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the text above the evidence."""
        yield Static(self._empty, classes="card-text")
        yield Static("Evidence", classes="label")
        yield OptionList(classes="sources")
        yield Static("", classes="card-facts")

    def on_mount(self) -> None:
        """Begin empty."""
        self.show(None)

    def show(self, state: MemoryState | None, above: str = "", below: str = "") -> None:
        """Show a memory, or what stands for none. `above` and `below` frame it."""
        self._evidence = () if state is None else state.evidence
        text, facts = self.query_one(".card-text", Static), self.query_one(".card-facts", Static)
        text.update(self._empty if state is None else sentence(state, above))
        facts.update("" if state is None else described(state, below))
        listed = self.query_one(OptionList)
        listed.set_options(
            Option(Content(f"“{one_line(one.quote, 300)}”")) for one in self._evidence
        )
        listed.display = self.query_one(".label").display = bool(self._evidence)
        self.scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the evidence at its span."""
        event.stop()
        one = self._evidence[event.option_index]
        self.post_message(OpenEvidence(one.item_id, span=(one.start, one.stop), quote=one.quote))


def sentence(state: MemoryState, above: str = "") -> Content:
    """Return what a memory says, in one sentence under what it is."""
    marks = [state.type, *(["pinned"] if state.is_pinned else [])]
    marks += ["archived"] if state.is_archived else []
    lines = [Content.styled(safe(above), "$text-warning")] if above else []
    lines.append(Content.styled(" · ".join(marks), TYPE_STYLES[state.type]))
    lines.append(Content.styled(safe(state.text), "bold"))
    return Content("\n").join(lines)


def described(state: MemoryState, below: str = "") -> Content:
    """Return all else that is known of a memory, evidence aside."""
    lines = []
    for name, value in state.fields.items():
        # Most summaries say again what the sentence says.
        if value not in (None, "", [], state.text):
            lines.append(_row(name.replace("_", " "), _shown(value)))
    if state.occurred_from is not None:
        lines.append(_row("when", when_of(state)))
    if state.valid_from is not None or state.valid_to is not None:
        until = "now" if state.valid_to is None else day_of_ms(state.valid_to)
        lines.append(_row("valid", f"{day_of_ms(state.valid_from)} to {until}"))
    if state.entities:
        lines.append(_row("about", ", ".join(safe(one.name) for one in state.entities)))
    if state.tags:
        lines.append(_row("tags", ", ".join(safe(one) for one in state.tags)))
    lines.append(_row("trust", TRUST_WORDS[Trust(state.trust)]))
    lines.append(_row("made by", state.extractor or "you"))
    lines.append(_row("sure", f"{state.confidence:.0%}"))
    if below:
        lines += [Content(""), Content.styled(safe(below), "$foreground-muted")]
    return Content("\n").join(lines)


def memory_prompt(state: MemoryState, length: int = 120) -> Content:
    """Return a memory as a list shows it."""
    when = when_of(state)
    mark = "★ " if state.is_pinned else ""
    label = Content.styled(f"{mark}{state.type}", TYPE_STYLES[state.type])
    label += Content.styled(f"  {when}" if when else "", "$foreground-muted")
    if state.is_archived or state.valid_to is not None:
        past = "archived" if state.is_archived else "no longer so"
        label += Content.styled(f"  {past}", "$text-warning")
    return Content("\n").join([label, Content(one_line(state.text, length))])


def _row(name: str, value: str) -> Content:
    return Content.styled(f"{name:<10}  ", "$foreground-muted") + Content(value)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "".join(f"\n  {number}. {safe(str(one))}" for number, one in enumerate(value, 1))
    return safe(str(value))


def when_of(state: MemoryState) -> str:
    """Return when an event was, as exactly as is known; empty where nothing is."""
    if state.occurred_from is None:
        return ""
    start = day_of_ms(state.occurred_from)
    if state.precision == "year":
        return start.rsplit(" ", 1)[-1]
    return start.split(" ", 1)[-1] if state.precision == "month" else start
