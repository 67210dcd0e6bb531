"""People, places and projects: all that is known of one, and which names are one and the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from memassist.ui.app.background import in_background
from memassist.ui.app.boxes import LineBox
from memassist.ui.app.card import when_of
from memassist.ui.app.dialogs import Dialog
from memassist.ui.app.panes.base import OpenEvidence, StoreChanged
from memassist.ui.app.text import count_of, day_of_ms, one_line, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from memassist.assistant import Memory
    from memassist.store.entities import KnownEntity
    from memassist.store.entity_page import EntityPage
    from memassist.store.memory_values import Memory as StoredMemory

LISTED = 500
SHOWN = 200
"""Facts, and as many events, on one page; `memassist entities show` prints all."""


class PeopleScreen(Dialog[str]):
    """Lists entities beside the page of one; gives back the id of a memory to go to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("m", "merge", "Merge"),
        ("a", "add_name", "Add a name"),
        ("u", "undo", "Undo"),
    ]

    class Listed(Message):
        """All entities, those that most memories name first."""

        def __init__(self, entities: Sequence[KnownEntity], first: str | None) -> None:
            """Take them, and the id of the one to begin with."""
            self.entities = entities
            self.first = first
            super().__init__()

    class Read(Message):
        """The page of one."""

        def __init__(self, page: EntityPage) -> None:
            """Take it."""
            self.page = page
            super().__init__()

    def __init__(self, memory: Memory, about: str | None = None) -> None:
        """Take whose, and the id of a memory: the page of whom it is about is shown first."""
        super().__init__()
        self._memory = memory
        self._about = about
        self._wanted: str | None = None
        self._entities: Sequence[KnownEntity] = ()
        self._page: EntityPage | None = None
        self._opens: list[Callable[[], None] | None] = []
        """What Enter does on each line of the page; None on headings."""
        self._undoable: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the list beside the page."""
        with Vertical(classes="box", id="people"):
            yield Static("People, places and projects", classes="title")
            with Container(classes="split"):
                yield OptionList(id="people-list")
                yield OptionList(id="people-page")
            yield Static("Looking …", id="people-note", classes="note")

    def on_mount(self) -> None:
        """Read all names."""
        self.query_one("#people-list").focus()
        self._load()

    def _load(self) -> None:
        memory, about, wanted = self._memory, self._about, self._wanted

        def work() -> Message:
            first = wanted
            if first is None and about is not None:
                links = memory.links.of(about)
                first = next((one.to_id for one in links if one.relation == "about"), None)
            return self.Listed(memory.entities.list(limit=LISTED), first)

        in_background(self, "people", work)

    def on_people_screen_listed(self, message: Listed) -> None:
        """Show them; the cursor goes to the one that was wanted."""
        message.stop()
        self._entities = message.entities
        listed = self.query_one("#people-list", OptionList)
        listed.set_options(Option(_entity(one)) for one in message.entities)
        note = "Enter opens   m merges   a adds a name   u undoes   Esc closes"
        if message.entities:
            ids = [one.id for one in message.entities]
            listed.highlighted = ids.index(message.first) if message.first in ids else 0
        else:
            note = "No memory names a person, a place or a project yet. Esc closes."
        self.query_one("#people-note", Static).update(note)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Read the page of the one that the cursor is on."""
        event.stop()
        if event.option_list.id == "people-list" and event.option_index < len(self._entities):
            memory, one = self._memory, self._entities[event.option_index]
            self._wanted = one.id
            in_background(
                self, "page", lambda: self.Read(memory.entities.page(one.id, limit=SHOWN))
            )

    def on_people_screen_read(self, message: Read) -> None:
        """Show the page."""
        message.stop()
        self._page = message.page
        listed = self.query_one("#people-page", OptionList)
        lines = list(self._lines(message.page))
        self._opens = [opens for _, opens in lines]
        listed.set_options(Option(text, disabled=opens is None) for text, opens in lines)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on to the page, or from a line of it to what it tells of."""
        event.stop()
        if event.option_list.id == "people-list":
            page = self.query_one("#people-page", OptionList)
            page.focus()
            page.action_first()
            return
        opens = self._opens[event.option_index]
        if opens is not None:
            opens()

    def action_merge(self) -> None:
        """Make this one a name of another."""
        page, memory = self._page, self._memory
        if page is None:
            return
        same = [one.id for one in page.perhaps_same]
        others = [one for one in self._entities if one.id != page.entity.id]
        others.sort(key=lambda one: one.id not in same)

        def merge(kept: str | None) -> None:
            if kept is not None:
                self._wanted = kept
                self._change(lambda: memory.entities.merge(kept, [page.entity.id]), "Merged.")

        self.app.push_screen(PickDialog(f"{page.entity.name} is the same as", others), merge)

    def action_add_name(self) -> None:
        """Give this one a further name."""
        page, memory = self._page, self._memory
        if page is None:
            return

        def add(name: str | None) -> None:
            if name is not None:
                self._change(lambda: memory.entities.add_alias(page.entity.id, name), "Added.")

        self.app.push_screen(NameDialog(f"A further name of {page.entity.name}"), add)

    def action_undo(self) -> None:
        """Take back the last change made here."""
        if not self._undoable:
            self.notify("Nothing was changed here yet.")
            return
        revision = self._undoable.pop()
        self._change(lambda: self._memory.undo(revision), "Undone.", keeps=False)

    def on_store_changed(self, message: StoreChanged) -> None:
        """Say it and read all anew."""
        message.stop()
        if message.revision is not None:
            self._undoable.append(message.revision)
        self.notify(message.said, markup=False, timeout=3)
        self._load()

    def _change(self, make: Callable[[], object], said: str, *, keeps: bool = True) -> None:
        memory = self._memory

        def work() -> Message:
            make()
            newest = memory.newest_change() if keeps else None
            return StoreChanged(said, None if newest is None else newest.id)

        in_background(self, "change", work)

    def _lines(self, page: EntityPage) -> Iterator[tuple[Content, Callable[[], None] | None]]:
        entity = page.entity
        yield _heading(entity.name, _facts_of(entity, page.mentions)), None
        if page.summary is not None:
            yield Content(safe(page.summary.state.text)), _then(self.dismiss, page.summary.id)
        for title, memories in (("Facts", page.facts), ("Events", page.events)):
            if memories:
                yield _heading(title), None
            for one in memories:
                yield _told(one), _then(self.dismiss, one.id)
        if page.documents:
            yield _heading("Documents"), None
        for document in page.documents:
            day = day_of_ms(document.occurred_at)
            text = Content(one_line(document.title, 80)) + _muted(f"  {day}")
            yield text, _then(self._open_document, document.item_id)
        if page.related:
            yield _heading("Together with"), None
        for other in page.related:
            text = Content(safe(other.name)) + _muted(f"  {count_of(other.memories, 'memory')}")
            yield text, _then(self._go_to, other.id)
        if page.perhaps_same:
            yield _heading("Perhaps the same; m merges"), None
        for same in page.perhaps_same:
            yield Content(safe(same.name)), _then(self._go_to, same.id)

    def _open_document(self, item_id: str) -> None:
        self.app.post_message(OpenEvidence(item_id, span=(0, 0)))

    def _go_to(self, entity_id: str) -> None:
        ids = [one.id for one in self._entities]
        if entity_id in ids:
            listed = self.query_one("#people-list", OptionList)
            listed.highlighted = ids.index(entity_id)
            listed.focus()


class PickDialog(Dialog[str]):
    """Asks for one of several entities; gives back its id."""

    def __init__(self, title: str, entities: Sequence[KnownEntity]) -> None:
        """Take the question, and whom to choose from, the likeliest first."""
        super().__init__()
        self._title = title
        self._entities = entities

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(classes="box"):
            yield Static(Content(self._title), classes="title")
            yield OptionList(*(Option(_entity(one)) for one in self._entities), id="pick-list")
            yield Static("Enter chooses; u undoes it later   Esc closes", classes="note")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Give back the chosen one."""
        event.stop()
        self.dismiss(self._entities[event.option_index].id)


class NameDialog(Dialog[str]):
    """Asks for a name."""

    def __init__(self, title: str) -> None:
        """Take what the name is for."""
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(classes="box small"):
            yield Static(Content(self._title), classes="title")
            yield LineBox(placeholder="Maria Lee", id="name")
            yield Static("Enter keeps it   Esc closes", classes="note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give back the name; a blank one is none."""
        event.stop()
        self.dismiss(event.value.strip() or None)


def _then(do: Callable[[str], object], value: str) -> Callable[[], None]:
    def act() -> None:
        do(value)

    return act


def _entity(one: KnownEntity) -> Content:
    return Content("\n").join([Content.styled(safe(one.name), "bold"), _muted(_facts_of(one))])


def _facts_of(one: KnownEntity, mentions: int = 0) -> str:
    facts = [one.kind, count_of(one.memories, "memory")]
    facts += [f"named in the text of {mentions:,} more"] if mentions else []
    facts += [count_of(one.items, "message")] if one.items else []
    facts += [f"also {', '.join(one.aliases)}"] if one.aliases else []
    return one_line(", ".join(facts), 200)


def _heading(text: str, below: str = "") -> Content:
    head = Content.styled(safe(text), "bold $text-primary")
    return Content("\n").join([head, _muted(below)]) if below else head


def _told(one: StoredMemory) -> Content:
    state = one.state
    when = f"{when_of(state)}  " if state.occurred_from is not None else ""
    past = "" if state.valid_to is None else f"  until {day_of_ms(state.valid_to)}"
    lines = [_muted(when) + Content(safe(state.text)) + _muted(past)]
    lines += [_muted(f"  “{one_line(each.quote, 120)}”") for each in state.evidence[:1]]
    return Content("\n").join(lines)


def _muted(text: str) -> Content:
    return Content.styled(safe(text), "$foreground-muted")
