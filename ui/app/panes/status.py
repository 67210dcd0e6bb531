"""Status: what came in and was learned today, who was given what, and where everything lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from memassist.ui.app.background import in_background
from memassist.ui.app.panes.base import Pane
from memassist.ui.app.text import count_of, one_line, short_path, size_of
from memassist.ui.report import gather

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from memassist.ui.report import Report

MCP = "mcp:"


ACTIONS = {
    "add": "new",
    "edit": "changed",
    "merge": "merged",
    "supersede": "replaced by newer ones",
    "archive": "archived",
    "approve": "approved",
    "reject": "rejected",
    "replace": "learned again",
    "undo": "undone",
}


class StatusPane(Pane):
    """The tab about the memory itself."""

    class Loaded(Message):
        """The report."""

        def __init__(self, report: Report) -> None:
            """Take it."""
            self.report = report
            super().__init__()

    def __init__(self) -> None:
        """Make the tab."""
        super().__init__("Status", id="status")

    def compose(self) -> ComposeResult:
        """Lay out one page."""
        with VerticalScroll(id="status-page"):
            yield Static("", id="status-text")

    def load(self) -> None:
        """Gather the report."""
        memory = self.memory
        if memory is not None:
            now = self.memassist.now()

            def work() -> Message:
                return self.Loaded(gather(memory, now))

            in_background(self, "status", work)

    def focus_first(self) -> None:
        """Let the arrow keys scroll the page."""
        self.screen.set_focus(self.query_one("#status-page"))

    def on_status_pane_loaded(self, message: Loaded) -> None:
        """Show it."""
        message.stop()
        self.query_one("#status-text", Static).update(described(message.report))


def described(report: Report) -> Content:
    """Return the page."""
    return Content("\n").join(
        [*_warnings(report), *_today(report), *_clients(report), *_held(report), *_places(report)]
    )


def _warnings(report: Report) -> list[Content]:
    lines = []
    if report.synced_by is not None:
        text = (
            f"This home lies in a folder that {report.synced_by} copies elsewhere. Two machines "
            "that write it damage it, and a copy keeps what you forget here. Move it out, and "
            "start with: memassist --home NEW-PLACE"
        )
        lines += [Content.styled(text, "bold $text-error"), Content("")]
    if not report.is_encrypted:
        text = "This home is not encrypted: whoever reads the disk reads all of it."
        lines += [Content.styled(text, "bold $text-error"), Content("")]
    return lines


def _today(report: Report) -> list[Content]:
    lines = [_title("Today")]
    own = [one for one in report.today.taken_in if not one.name.startswith(MCP)]
    for one in own:
        lines.append(_row("taken in", f"{count_of(one.items, 'item')} from {one.name}"))
    if not own:
        lines.append(_row("taken in", "nothing"))
    learned = [one for one in report.today.changed if not one.actor.startswith(MCP)]
    for change in learned:
        lines.append(
            _row("learned", f"{change.changes:,} {_said(change.action)} by {_name(change.actor)}")
        )
    if not learned:
        lines.append(_row("learned", "nothing"))
    return [*lines, Content("")]


def _clients(report: Report) -> list[Content]:
    lines = [_title("Other programs today (MCP)")]
    for given in report.today.given:
        text = f"was given {count_of(given.texts, 'text')} in {count_of(given.requests, 'request')}"
        lines.append(_row(given.client, text))
    for one in report.today.taken_in:
        if one.name.startswith(MCP):
            text = f"told me {count_of(one.items, 'statement')}"
            lines.append(_row(one.name.removeprefix(MCP), text))
    for change in report.today.changed:
        if change.actor.startswith(MCP):
            text = f"{change.changes:,} {_said(change.action)}"
            lines.append(_row(change.actor.removeprefix(MCP), text))
    if len(lines) == 1:
        lines.append(_row("none", "no program asked or changed anything"))
    return [*lines, Content("")]


def _held(report: Report) -> list[Content]:
    stats = report.stats
    jobs = ", ".join(
        f"{one.kind}: {one.waiting + one.at_work:,} to do"
        + (f", {one.dead:,} dead" if one.dead else "")
        for one in report.queues
    )
    vectors = f"{stats.vectors:,} of {stats.passages:,} passages found by meaning"
    memories = ", ".join(f"{count:,} {name}" for name, count in stats.memories.items())
    return [
        _title("Held"),
        _row("items", f"{stats.items:,}"),
        _row("vectors", vectors),
        _row("memories", memories),
        _row("secrets", f"{stats.vault:,} sealed in the vault"),
        _row("jobs", jobs or "none waiting"),
        _row("meaning", one_line(report.model, 300)),
        _row("language", one_line(report.language_model, 300)),
        _row("capture", report.capture),
        _row("daemon", report.daemon),
        *(_row("last hour", rate) for rate in report.rates),
        *(_row("error", one_line(error, 300)) for error in report.errors),
        Content(""),
    ]


def _places(report: Report) -> list[Content]:
    lines = [_title("Where it lies")]
    lines += [
        _row(one.name, f"{size_of(one.bytes):>9}  {short_path(one.path)}") for one in report.places
    ]
    key = "every page, by SQLCipher" if report.is_encrypted else "none"
    return [*lines, _row("encryption", key)]


def _said(action: str) -> str:
    return ACTIONS.get(action, action)


def _name(actor: str) -> str:
    return {"user": "you", "rule": "rules"}.get(actor, actor)


def _title(text: str) -> Content:
    return Content.styled(text, "bold $text-accent")


def _row(name: str, value: str) -> Content:
    return Content.styled(f"  {one_line(name, 14):<14} ", "$foreground-muted") + Content(value)
