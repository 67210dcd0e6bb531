"""The app itself: it opens the home, holds the tabs, and says what happens in the background."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static, TabbedContent

from memassist.store.errors import LockedError, NoAccessError
from memassist.ui.app import messages
from memassist.ui.app.background import Failed, in_background
from memassist.ui.app.commands import commands
from memassist.ui.app.footer import KeyFooter
from memassist.ui.app.panes.ask import AskPane
from memassist.ui.app.panes.base import OpenEvidence, OpenMemory, StoreChanged
from memassist.ui.app.panes.inbox import InboxPane
from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.panes.problems import ProblemsPane
from memassist.ui.app.panes.search import SearchPane
from memassist.ui.app.panes.status import StatusPane
from memassist.ui.app.panes.timeline import TimelinePane
from memassist.ui.app.session import Session
from memassist.ui.app.state_line import StateLine
from memassist.ui.app.tabs import TabbedApp
from memassist.ui.app.theme import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult, SystemCommand
    from textual.binding import BindingType
    from textual.message import Message
    from textual.screen import Screen

    from memassist.assistant.discover import Discovery


class MemassistApp(TabbedApp):
    """The terminal app over one home."""

    TITLE = "memassist"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as App has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Keys", key_display="?"),
        Binding("ctrl+n", "add", "Remember", show=False),
        Binding("ctrl+o", "take_in", "Take in"),
        Binding("ctrl+t", "turn_theme", "Light or dark", show=False),
        Binding("ctrl+r", "reload", "Read anew", show=False),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        home: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        user_home: Path | None = None,
    ) -> None:
        """Take the home. `now` and `user_home` are the clock and the person's home directory."""
        super().__init__()
        self.session = Session(home)
        self.now = now
        self._user_home = user_home or Path.home()
        self._undoable: list[str] = []
        """Revisions made here and not undone, the latest last."""
        self._is_shut = False
        """Whether the home could not be opened."""

    def compose(self) -> ComposeResult:
        """Lay out the tabs, the line of state and the keys, below what must not be overlooked."""
        yield Static("", id="banner")
        with TabbedContent(initial="ask"):
            yield AskPane()
            yield SearchPane()
            yield MemoriesPane()
            yield TimelinePane()
            yield InboxPane()
            yield ProblemsPane()
            yield StatusPane()
        yield StateLine()
        yield KeyFooter(show_command_palette=False)

    def on_mount(self) -> None:
        """Open the home, or make one on the first run."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.query_one("#question").focus()
        if self.session.exists():
            in_background(self, "open", self._open)
        else:
            from memassist.ui.app.first_run import FirstRun

            self.push_screen(FirstRun(self.session), self._after_first_run)

    def _open(self) -> Message:
        try:
            return messages.Opened(self.session.open())
        except NoAccessError:
            raise
        except LockedError as error:
            return messages.Locked(str(error))

    def _after_first_run(self, is_made: bool | None) -> None:
        memory = self.session.memory
        if not is_made or memory is None:
            self.exit()
            return
        self.post_message(messages.Opened(memory))
        self.action_take_in()

    def on_locked(self, message: messages.Locked) -> None:
        """Ask for the passphrase; without it there is nothing to do here."""
        from memassist.ui.app.dialogs import UnlockDialog

        def go_on(is_open: bool | None) -> None:
            memory = self.session.memory
            if is_open and memory is not None:
                self.post_message(messages.Opened(memory))
            else:
                self.exit()

        self.push_screen(UnlockDialog(self.session, message.reason), go_on)

    def on_opened(self, message: messages.Opened) -> None:
        """Fill the tab that is shown, and load the model meanwhile."""
        wanted = message.memory.wiring.config.text("theme")
        self.theme = LIGHT.name if wanted == "light" else DARK.name
        said = message.memory.wiring.banner()
        banner = self.query_one("#banner", Static)
        banner.update(Content(said))
        banner.set_class(bool(said), "-shown")
        if self.active_pane is not None:
            self.active_pane.load()
        self.query_one(StateLine).begin(self.session, message.memory)

    def action_reload(self) -> None:
        """Read the shown tab anew; a home that could not be opened is tried again."""
        if self._is_shut:
            self._is_shut = False
            self.clear_notifications()
            in_background(self, "open", self._open)
        if self.active_pane is not None:
            self.active_pane.load()
        self.query_one(StateLine).refresh_counts()

    def action_help(self) -> None:
        """Show all keys."""
        from memassist.ui.app.dialogs import HelpScreen

        self.push_screen(HelpScreen())

    def action_turn_theme(self) -> None:
        """Turn from dark to light or back."""
        is_light = self.current_theme.dark
        self.theme = LIGHT.name if is_light else DARK.name
        if self.session.memory is not None:
            in_background(self, "theme", lambda: self.session.set_theme(is_light=is_light))

    def on_open_evidence(self, message: OpenEvidence) -> None:
        """Show an item at its span."""
        from memassist.ui.app.evidence import EvidenceScreen

        memory = self.session.memory
        if memory is not None:
            self.push_screen(EvidenceScreen(memory, message))

    def on_open_memory(self, message: OpenMemory) -> None:
        """Show a memory among the others."""
        self.show_tab("memories")
        self.query_one(MemoriesPane).show_memory(message.memory_id)

    def on_store_changed(self, message: StoreChanged) -> None:
        """Show the change, and keep it for undo."""
        if message.revision is not None:
            self._undoable.append(message.revision)
        self.notify(message.said, markup=False, timeout=3)
        self.action_reload()

    def action_undo(self) -> None:
        """Take back the latest change made here."""
        memory = self.session.memory
        if memory is None or not self._undoable:
            self.notify("Nothing was changed here yet. h shows a memory's earlier changes.")
            return
        revision = self._undoable.pop()

        def work() -> Message:
            memory.undo(revision)
            return StoreChanged("Undone.")

        in_background(self, "undo", work)

    def action_share(self) -> None:
        """Let the daemon hold the key for MCP clients and commands."""
        memory = self.session.memory
        if memory is None:
            return

        def work() -> Message:
            done = self.session.share_key(memory)
            said = "Other programs can open this memory now; memassist lock ends that."
            return messages.Told(said if done else "The daemon did not start.")

        in_background(self, "share", work)

    def on_told(self, message: messages.Told) -> None:
        """Say it."""
        self.notify(message.said, markup=False)

    def action_add(self) -> None:
        """Ask for something to remember."""
        from memassist.ui.app.take_in import AddDialog

        state = self.query_one(StateLine)

        def add(text: str | None) -> None:
            if text is not None:
                state.add(text)

        if self.session.memory is not None:
            self.push_screen(AddDialog(state.draft), add)

    def action_take_in(self) -> None:
        """Show what could be taken in, and take in what was ticked."""
        from memassist.ui.app.take_in import TakeIn

        def take(found: list[Discovery] | None) -> None:
            if found:
                self.query_one(StateLine).take_in(found)

        if self.session.memory is not None:
            self.push_screen(TakeIn(self._user_home), take)

    def on_counted(self, message: messages.Counted) -> None:
        """Show on the tabs what waits for the person."""
        tabs = self.query_one(TabbedContent)
        for name, count in (("inbox", message.inbox), ("problems", message.problems)):
            label = f"{name.title()} {count:,}" if count else name.title()
            tabs.get_tab(name).label = Content(label)

    def on_reload(self, message: messages.Reload) -> None:
        """Something changed in the background."""
        del message
        if self.active_pane is not None:
            self.active_pane.follow()
        self.query_one(StateLine).refresh_counts()

    def on_model_ready(self, message: messages.ModelReady) -> None:
        """Search by meaning too for what stands in the box."""
        del message
        self.query_one(SearchPane).search_again()

    def on_failed(self, message: Failed) -> None:
        """Say what went wrong and what to do about it."""
        from memassist.ui.errors import advice_of, row_of

        row = row_of(message.error)
        if row is None:
            name = type(message.error).__name__
            text, title = f"{name}: {message.error}", "That should not happen"
        else:
            text, title = advice_of(message.error, row), str(message.error)
        lasts = 12.0
        if message.group == "open":
            lasts = 3600.0
            self._is_shut = True
            self.query_one(StateLine).say("Not open. Ctrl+R tries again, Ctrl+Q quits.")
        self.notify(text, title=title, severity="error", timeout=lasts, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return what the command palette offers."""
        return commands(self)

    async def action_quit(self) -> None:
        """Leave; what runs in the background is told to end."""
        self.session.stop()
        self.exit()
