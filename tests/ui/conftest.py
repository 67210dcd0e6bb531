"""A home with a few things in it, for the tests of what a person types at."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeVar

import pytest
from textual.widgets import Input

from memassist.assistant import Memory, config
from memassist.plugins.types import Problem, Record, Trust
from memassist.store import inbox, memories, problems
from memassist.store.keys import Route, make_key_file
from memassist.ui.app.app import MemassistApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from textual.message import Message
    from textual.pilot import Pilot

Kind = TypeVar("Kind", bound="Message")
NOW = datetime(2026, 5, 18, 9, 30, tzinfo=timezone(timedelta(hours=2)))
CHAT = (
    ("Ann", "I had the heat pump people here. They want 14,200 euros for the whole house.", 12, 19),
    ("Ben", "That is a lot. Does it include the radiators upstairs?", 12, 19),
    ("Ann", "Yes, all eleven of them. The offer holds until the end of June.", 12, 19),
    ("Ann", "My sister Maria is moving to Leeds in September for the new job.", 13, 8),
    ("Ben", "Good for her! Is she taking the dog?", 13, 8),
    ("Ann", "She is. Kestrel needs a garden, so they look for a house in Headingley.", 13, 8),
    ("Ann", "I am allergic to penicillin, remember that when you book the clinic.", 15, 21),
    ("Ben", "Noted. The clinic opens at eight on Monday.", 15, 21),
    ("Ann", "Let us have dinner at the Corner House on Friday the 22nd.", 17, 11),
)
NOTES = (
    (
        "Bread.md",
        (
            "# Bread\n\n"
            "To bake the rye loaf: mix the sourdough in the evening, let it rest for twelve hours, "
            "and bake it at 250 degrees for ten minutes, then at 200 for forty."
        ),
    ),
    (
        "Kestrel project.md",
        (
            "# Kestrel project\n\n"
            "The kick-off is on 3 June. Deployments go through the staging server first. "
            "Contact: Priya Nair."
        ),
    ),
)


def _memory(
    type_: str, text: str, item: tuple[str, str] | None, quote: str = "", **values: object
) -> memories.MemoryState:
    evidence: tuple[memories.Evidence, ...] = ()
    if item is not None:
        start = item[1].index(quote)
        evidence = (memories.Evidence(item[0], start, start + len(quote), quote),)
    return memories.MemoryState(
        type=type_,  # type: ignore[arg-type]  # the tests name the five types
        text=text,
        trust=Trust.OWNER,
        confidence=0.9,
        extractor="rules@1",
        evidence=evidence,
        **values,  # type: ignore[arg-type]  # fields of the state
    )


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests as the app itself runs."""
    return "asyncio"


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Give a home with a chat, two notes, memories of each type, an inbox entry and a problem.

    It lies in a home directory of its own, so that what is shown of paths is always the same.
    The value has `home`, `key_file`, `user_home`, `now`, and `items`: id and text by the text's
    first twelve characters.
    """
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    home = tmp_path / ".local" / "share" / "memassist"
    key_file = tmp_path / ".config" / "memassist.key"
    make_key_file(key_file, home)
    found = SimpleNamespace(home=home, key_file=key_file, user_home=tmp_path, now=NOW, items={})
    with Memory.create(home, routes=[Route("key-file", path=key_file)]) as memory:
        config.set_value(home, "embedding.model", ("none",))
        config.set_value(home, "daemon.autostart", ("false",))
        fill(memory, found)
    return found


class Driven:
    """A running app, its messages in the order they came."""

    def __init__(self, pilot: Pilot[None], seen: list[Message]) -> None:
        """Take the pilot and the list that the hook fills."""
        self.pilot = pilot
        self.app = pilot.app
        self._seen = seen

    async def settle(self) -> None:
        """Wait until no worker runs and no message waits."""
        for _ in range(3):
            while any(worker.is_running for worker in self.app.workers):
                await self.pilot.pause(0.01)
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys and let everything come to rest."""
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.settle()

    async def put(self, box: str, text: str) -> None:
        """Put text in a box as a paste does, and wait for what it sets off."""
        self.app.query_one(box, Input).value = text
        await self.pilot.pause(0.3)  # longer than the pause after which a search begins
        await self.settle()

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Return the messages of one kind so far, each once however far it bubbled."""
        found = [message for message in self._seen if isinstance(message, kind)]
        return list({id(message): message for message in found}.values())

    def last(self, kind: type[Kind]) -> Kind:
        """Return the latest message of a kind."""
        found = self.all(kind)
        assert found, f"no {kind.__name__} came"
        return found[-1]


@contextlib.asynccontextmanager
async def _driven(
    home: Path, now: Callable[[], datetime], user_home: Path, size: tuple[int, int]
) -> AsyncIterator[Driven]:
    """Run the app on a home, its own messages recorded."""
    seen: list[Message] = []

    def note(message: Message) -> None:
        # Textual's own hold the widgets that sent them, also when those are gone.
        if type(message).__module__.startswith("memassist."):
            seen.append(message)

    app = MemassistApp(home, now=now, user_home=user_home)
    try:
        async with app.run_test(size=size, notifications=True, message_hook=note) as pilot:
            run = Driven(pilot, seen)
            await run.settle()
            yield run
            app.session.stop()
    finally:
        app.session.close()


@pytest.fixture
def driven(filled: SimpleNamespace) -> Callable[..., AbstractAsyncContextManager[Driven]]:
    """Give what runs the app, on the filled home or another one, in a terminal of some size."""

    def run(
        home: Path | None = None, size: tuple[int, int] = (100, 30)
    ) -> AbstractAsyncContextManager[Driven]:
        return _driven(home or filled.home, lambda: filled.now, filled.user_home, size)

    return run


def fill(memory: Memory, found: SimpleNamespace) -> None:
    """Put the known content into an open memory."""
    zone = timezone(timedelta(hours=2))
    chat = [
        Record(
            text=text,
            place=f"message {number}",
            author=author,
            is_owner=author == "Ann",
            conversation="ann-ben",
            title="Ann and Ben",
            native_id=f"m{number}",
            sequence=number,
            occurred_at=datetime(2026, 5, day, hour, number, tzinfo=zone),
        )
        for number, (author, text, day, hour) in enumerate(CHAT)
    ]
    notes = [
        Record(
            text=text,
            place=name,
            kind="document",
            origin="file",
            title=name,
            native_id=name,
            is_owner=True,
            uri=f"file:///notes/{name}",
            occurred_at=datetime(2026, 5, 14, 17, number, tzinfo=UTC),
        )
        for number, (name, text) in enumerate(NOTES)
    ]
    memory.add_items(chat, source="chat.zip")
    memory.add_items(notes, source="Notes")
    for item in memory.timeline():
        found.items[item.text[:12]] = (item.id, item.text)
    database = memory.wiring.database
    day = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)
    with database.write() as connection:
        connection.execute("DELETE FROM job")
        for state in (
            _memory("core", "Ann is allergic to penicillin.", found.items["I am allergi"],
                    "I am allergic to penicillin", is_pinned=True,
                    fields={"label": "health", "value": "allergic to penicillin"}),
            _memory("episodic", "Maria moves to Leeds.", found.items["My sister Ma"],
                    "My sister Maria is moving to Leeds in September", occurred_from=day,
                    occurred_to=day + 30 * 86_400_000, precision="month",
                    fields={"actor": "Maria", "event_type": "move", "place": "Leeds"},
                    entities=(memories.Entity("person", "Maria"),
                              memories.Entity("place", "Leeds"))),
            _memory("semantic", "The heat pump for the whole house costs 14,200 euros.",
                    found.items["I had the he"], "14,200 euros for the whole house",
                    fields={"name": "heat pump"}, tags=("house",)),
            _memory("procedural", "How to bake the rye loaf.", found.items["# Bread\n\nTo "],
                    "mix the sourdough in the evening",
                    fields={"kind": "how-to", "steps": ["Mix the sourdough in the evening.",
                            "Let it rest for twelve hours.", "Bake at 250, then at 200."]}),
            _memory("resource", "Notes of the Kestrel project.", found.items["# Kestrel pr"],
                    "Kestrel project", fields={"title": "Kestrel project.md"}),
        ):  # fmt: skip
            memories.add(connection, state, "rule")
        proposed = _memory("semantic", "Ann has dinner at the Corner House every Friday.",
                           found.items["Let us have "], "dinner at the Corner House")  # fmt: skip
        inbox.propose(connection, proposed, "One dinner is no habit: it is not sure enough.")
        second = _memory("core", "Ann's sister is Maria.", found.items["My sister Ma"],
                         "My sister Maria")  # fmt: skip
        inbox.propose(connection, second, "cursor wants to remember this as core memory.")
        problems.add(
            connection,
            "chat.zip",
            Problem("conversation “Trip”", "its messages form a ring", "Export it again."),
        )
        connection.execute("DELETE FROM job")
        moment = int(NOW.timestamp() * 1000) - 86_400_000
        for table, column in (
            ("problem", "last_seen_at"), ("memory", "created_at"), ("memory", "updated_at"),
            ("item", "captured_at"), ("revision", "created_at"),
        ):  # fmt: skip
            connection.execute(f"UPDATE {table} SET {column} = ?", (moment,))  # noqa: S608 - names above
