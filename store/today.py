"""What a store took in and learned since a moment, and through whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.times import to_ms

if TYPE_CHECKING:
    from datetime import date, datetime

    from memassist.store.database import Connection


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Items that one source brought."""

    kind: str
    """`import`, `added` ..."""
    name: str
    """`export.zip`, `mcp:cursor` ..."""
    items: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes that one actor made."""

    actor: str
    """`user`, `rule`, `mcp:cursor` ..."""
    action: str
    changes: int


@dataclass(frozen=True, slots=True)
class Given:
    """What one program was given to read."""

    client: str
    requests: int
    texts: int
    """Hits, items and memories, each as often as it was given."""


@dataclass(frozen=True, slots=True)
class Activity:
    """All of it, the largest numbers first."""

    taken_in: tuple[TakenIn, ...]
    changed: tuple[Changed, ...]
    given: tuple[Given, ...] = ()


def note_given(connection: Connection, client: str, day: date, texts: int) -> None:
    """Count what a program was given on a day of this machine's zone. Within a write."""
    connection.execute(
        "INSERT INTO given VALUES (?, ?, 1, ?) ON CONFLICT (client, day)"
        " DO UPDATE SET requests = requests + 1, texts = texts + excluded.texts",
        (client, day.isoformat(), texts),
    )


def activity_since(connection: Connection, moment: datetime) -> Activity:
    """Count what came in and what changed since `moment`.

    Row ids grow with time, so each table is read backwards from its end and only as far as needed.
    """
    since = {"since": to_ms(moment)}
    taken = connection.execute(
        "SELECT source.kind, source.name, count(*) FROM item JOIN source"
        " ON source.id = item.source_id WHERE item.id >"
        " coalesce((SELECT id FROM item WHERE captured_at < :since ORDER BY id DESC LIMIT 1), 0)"
        " GROUP BY source.id ORDER BY count(*) DESC, source.name",
        since,
    ).fetchall()
    changed = connection.execute(
        "SELECT actor, action, count(*) FROM revision WHERE id >"
        " coalesce((SELECT id FROM revision WHERE created_at < :since ORDER BY id DESC LIMIT 1), 0)"
        " GROUP BY actor, action ORDER BY count(*) DESC, actor, action",
        since,
    ).fetchall()
    given = connection.execute(
        "SELECT client, sum(requests), sum(texts) FROM given WHERE day >= ? GROUP BY client"
        " ORDER BY sum(texts) DESC, client",
        (moment.astimezone().date().isoformat(),),
    ).fetchall()
    return Activity(
        tuple(TakenIn(*row) for row in taken),
        tuple(Changed(*row) for row in changed),
        tuple(Given(*row) for row in given),
    )
