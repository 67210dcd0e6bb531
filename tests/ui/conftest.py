"""A home with a few things in it, for the tests of what a person types at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory, config
from memassist.plugins.types import Problem, Record, Trust
from memassist.store import inbox, memories, problems
from memassist.store.keys import Route, make_key_file

if TYPE_CHECKING:
    from pathlib import Path

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


@dataclass(slots=True)
class Filled:
    """A home with known content."""

    home: Path
    key_file: Path
    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id and text by the text's beginning."""


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Filled:
    """Give a home with a chat, two notes, memories of each type, an inbox entry and a problem.

    It lies in a home directory of its own, so that what is shown of paths is always the same.
    """
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    home = tmp_path / ".local" / "share" / "memassist"
    key_file = tmp_path / ".config" / "memassist.key"
    make_key_file(key_file, home)
    found = Filled(home, key_file)
    with Memory.create(home, routes=[Route("key-file", path=key_file)]) as memory:
        config.set_value(home, "embedding.model", ("none",))
        config.set_value(home, "daemon.autostart", ("false",))
        fill(memory, found)
    return found


def fill(memory: Memory, found: Filled) -> None:
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
            ("item", "captured_at"), ("revision", "created_at"), ("inbox", "created_at"),
        ):  # fmt: skip
            connection.execute(f"UPDATE {table} SET {column} = ?", (moment,))  # noqa: S608 - names above
