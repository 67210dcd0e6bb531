"""Status: what came in and was learned today, who was given what, and where everything lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from memassist.ui.app.background import in_background
from memassist.ui.app.panes.base import Pane
from memassist.ui.app.text import count_of, one_line, short_path, size_of

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from memassist.assistant import Memory
    from memassist.assistant.surroundings import Place
    from memassist.store.stats import Stats
    from memassist.store.today import Activity

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


@dataclass(frozen=True, slots=True)
class Report:
    """All that the tab shows."""

    home: Path
    stats: Stats
    today: Activity
    places: tuple[Place, ...]
    synced_by: str | None
    """The program that copies the home to other machines."""
    is_encrypted: bool
    model: str
    """The embedding model, or why there is none."""
    daemon: str
    language_model: str
    """Which one writes answers, or that none does."""
    capture: str
    """What the screen capture does."""


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
            midnight = self.memassist.now().replace(hour=0, minute=0, second=0, microsecond=0)

            def work() -> Message:
                return self.Loaded(gather(memory, memory.maintenance.activity(midnight)))

            in_background(self, "status", work)

    def focus_first(self) -> None:
        """Let the arrow keys scroll the page."""
        self.query_one("#status-page").focus()

    def on_status_pane_loaded(self, message: Loaded) -> None:
        """Show it."""
        message.stop()
        self.query_one("#status-text", Static).update(described(message.report))


def gather(memory: Memory, today: Activity) -> Report:
    """Read everything the tab shows. Takes as long as counting and looking at files takes."""
    from memassist.assistant.capture.control import read_state
    from memassist.assistant.daemon import process
    from memassist.assistant.surroundings import places, synced_by

    wiring = memory.wiring
    embedder = wiring.local_embedder()
    model = wiring.embedder_reason or "none"
    if embedder is not None:
        state = "loaded" if wiring.is_warm() else "loading"
        model = f"{embedder.model_id.partition('@')[0]}, {state}"
    answer = process.status(wiring.home)
    daemon = "not running; the app works without it"
    if answer is not None:
        daemon = f"running, {'locked' if answer.get('locked') else 'unlocked'}"
    answering = wiring.model()
    capture = read_state(wiring.home)
    return Report(
        language_model="none; answers are quoted" if answering is None else answering.name,
        capture=f"{capture.doing}, {count_of(capture.stored, 'item')} since it began"
        if capture.is_running
        else "off",
        home=wiring.home,
        stats=memory.maintenance.stats(),
        today=today,
        places=places(wiring.home),
        synced_by=synced_by(wiring.home),
        is_encrypted=wiring.database.key is not None,
        model=model,
        daemon=daemon,
    )


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
    jobs = ", ".join(f"{count:,} {state}" for state, count in stats.jobs.items() if count)
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
