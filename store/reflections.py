"""Summaries: what those of days and weeks are made of, and how they are told from other memories.

A summary is a memory whose extractor is `reflection@N`: an episodic one of a day or week, and a
semantic one, without any time, of an entity. It rests on the items that its
entries rest on and never on another summary: `of_interval` leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from memassist.plugins.types import Trust
from memassist.store import jobs, memories, times
from memassist.store.identifiers import content_id, digest
from memassist.store.memory_values import SUMMARISER, Evidence
from memassist.store.own_answers import APP_KIND

if TYPE_CHECKING:
    from memassist.store.database import Connection, Row
    from memassist.store.memories import Memory, MemoryState

EXTRACTOR: Final = f"{SUMMARISER}1"
TAG: Final = "reflection"
"""Every summary has it, so that `tag:reflection` finds them."""
LONGEST_QUOTE: Final = 200
"""Characters of a first line."""
_HALF_A_DAY_MS: Final = 43_200_000
_NIGHT: Final = "reflected_on"
IS_ONE: Final = f"coalesce(memory.extractor, '') LIKE '{SUMMARISER}%'"
"""Of a memory, in SQL; the same as `MemoryState.is_summary`."""


OF_ENTITIES: Final = (0, 1)
"""What a job's items say where it is to look at entities alone; (0, 0) is the whole night."""


def tombstone(memory_id: str) -> bytes:
    """Return what is laid down where a person has a summary forgotten: it is not written again."""
    return digest("reflection", memory_id)


@dataclass(frozen=True, slots=True)
class Part:
    """A memory that a summary may tell."""

    memory: Memory
    moment: int
    """When it happened or was told first, in milliseconds since 1970, UTC."""
    has_happened: bool
    """False where it was only told then."""


def of_interval(connection: Connection, start: int, stop: int) -> list[Part]:
    """Return what happened in an interval, then what else was told in it, both in order of time.

    Times are milliseconds since 1970, UTC, half open. What is dated by the day counts by its noon,
    as the writer's zone need not be the reader's; what is dated by the month is left out. Told are
    memories of other types whose earliest evidence is a message of the interval. Nothing archived,
    no summary, and nothing that rests on the words of a program or of nobody known: those must be
    out of use as soon as their memory is.
    """
    happened = connection.execute(
        "SELECT uid, CASE precision WHEN 'day' THEN (occurred_from + occurred_to) / 2"  # noqa: S608 - ours
        " ELSE occurred_from END AS moment FROM memory WHERE type = 'episodic' AND NOT is_archived"
        f" AND NOT {IS_ONE} AND trust >= ? AND precision IN ('minute', 'day')"
        " AND moment >= ? AND moment < ?"
        " AND EXISTS (SELECT 1 FROM evidence WHERE memory_id = memory.id) ORDER BY moment, id",
        (Trust.SCREEN, start, stop),
    ).fetchall()
    told = connection.execute(
        "SELECT memory.uid, min(item.occurred_at) AS first FROM item"  # noqa: S608 - ours
        " JOIN evidence ON evidence.item_id = item.id JOIN memory ON memory.id = memory_id"
        " WHERE item.occurred_at >= ? AND item.occurred_at < ? AND item.kind = 'message'"
        f" AND memory.type <> 'episodic' AND NOT {IS_ONE} AND NOT is_archived"
        " AND memory.trust >= ?"
        " AND NOT EXISTS (SELECT 1 FROM evidence AS other JOIN item AS before"
        "  ON before.id = other.item_id WHERE other.memory_id = memory.id"
        "  AND coalesce(before.occurred_at, 0) < ?) GROUP BY memory.id ORDER BY first, memory.id",
        (start, stop, Trust.SCREEN, start),
    ).fetchall()
    return [
        Part(memories.get(connection, row[0]), row[1], has_happened)
        for rows, has_happened in ((happened, True), (told, False))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Titled:
    """A stored thing that its title tells enough of: a calendar entry, or a conversation."""

    title: str
    moment: int
    """When it is or began, in milliseconds since 1970, UTC."""
    captured_at: int
    trust: int
    evidence: Evidence
    """Its first line; of a conversation the first that the owner wrote in the interval."""


def calendar_entries(connection: Connection, start: int, stop: int) -> list[Titled]:
    """Return events and tasks of imported calendars that begin in an interval, in order of time."""
    found = connection.execute(
        "SELECT uid, title, occurred_at, captured_at, trust, text FROM item"
        " WHERE occurred_at >= ? AND occurred_at < ? AND is_latest AND kind = 'document'"
        " AND title NOT NULL AND json_extract(metadata, '$.entry') IN ('vevent', 'vtodo')"
        " ORDER BY occurred_at, id",
        (start, stop),
    ).fetchall()
    return [_titled(row) for row in found]


def conversations(connection: Connection, start: int, stop: int, limit: int) -> list[Titled]:
    """Return conversations with a title that the owner wrote in, where they wrote most first.

    Those with the app itself are none.
    """
    found = connection.execute(
        # SQLite takes the other columns from the row with the least occurred_at.
        "SELECT item.uid, title, min(occurred_at) AS occurred_at, captured_at, trust, text"
        " FROM item JOIN source ON source.id = source_id"
        " WHERE occurred_at >= ? AND occurred_at < ? AND is_latest AND is_owner"
        " AND item.kind = 'message' AND title NOT NULL AND conversation NOT NULL"
        " AND source.kind <> ? GROUP BY conversation ORDER BY count(*) DESC, item.id LIMIT ?",
        (start, stop, APP_KIND, limit),
    ).fetchall()
    return [_titled(row) for row in found]


def _titled(row: Row) -> Titled:
    first = row["text"].lstrip()
    begin = len(row["text"]) - len(first)
    quote = first.split("\n", 1)[0][:LONGEST_QUOTE].rstrip()
    return Titled(
        title=" ".join(row["title"].split()),
        moment=row["occurred_at"],
        captured_at=row["captured_at"],
        trust=row["trust"],
        evidence=Evidence(row["uid"], begin, begin + len(quote), quote),
    )


def portrait_id(entity_id: str) -> str:
    """Return the id of an entity's summary."""
    return content_id("reflection", "entity", entity_id)


def portraits(connection: Connection) -> list[tuple[str, str, str | None]]:
    """Return (id, title, entity id) of each summary of an entity that is in use.

    The entity is None where nothing names it any more.
    """
    found = connection.execute(
        "SELECT uid, json_extract(fields, '$.name') FROM memory"  # noqa: S608 - ours
        f" WHERE {IS_ONE} AND type = 'semantic' AND NOT is_archived ORDER BY id"
    ).fetchall()
    if not found:
        return []
    known = {portrait_id(uid): uid for (uid,) in connection.execute("SELECT uid FROM entity")}
    return [(row[0], str(row[1]), known.get(row[0])) for row in found]


def rows(connection: Connection) -> dict[int, tuple[int, int] | None]:
    """Return the row ids of all summaries with the interval each is about; None for an entity's."""
    found = connection.execute(
        f"SELECT id, occurred_from, occurred_to FROM memory WHERE {IS_ONE}"  # noqa: S608 - ours
    ).fetchall()
    return {row[0]: None if row[1] is None else (row[1], row[2]) for row in found}


def coming(connection: Connection, start: int, stop: int) -> list[Memory]:
    """Return what was told to come in an interval and has not ended at its start, in order."""
    found = connection.execute(
        "SELECT uid FROM memory WHERE type = 'episodic' AND NOT is_archived"  # noqa: S608 - ours
        f" AND NOT {IS_ONE} AND occurred_from < ? AND occurred_to > ?"
        " AND precision IN ('minute', 'day', 'month') AND EXISTS"
        " (SELECT 1 FROM evidence JOIN item ON item.id = evidence.item_id"
        "  WHERE memory_id = memory.id AND item.occurred_at < memory.occurred_from)"
        " ORDER BY occurred_from, id",
        (stop, start),
    ).fetchall()
    return [memories.get(connection, row["uid"]) for row in found]


def birthdays(connection: Connection) -> list[Memory]:
    """Return what is known of anybody's birthday, in the order it was learned."""
    found = connection.execute(
        "SELECT uid FROM memory WHERE NOT is_archived AND valid_to IS NULL"
        " AND (slot = 'birthday' OR slot LIKE '%:birthday') ORDER BY id"
    ).fetchall()
    return [memories.get(connection, row["uid"]) for row in found]


def last_night(connection: Connection) -> str | None:
    """Return the day, in ISO 8601, on which the nightly reflection was queued last."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (_NIGHT,)).fetchone()
    return None if row is None else str(row[0])


def note_night(connection: Connection, day: str) -> None:
    """Note that it was queued on a day. Within a write."""
    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_NIGHT, day))


def queue_again(connection: Connection, state: MemoryState) -> None:
    """Queue the making of a summary anew, as part of it was forgotten. Within a write."""
    if state.occurred_from is None or state.occurred_to is None:
        jobs.enqueue(connection, "reflect", *OF_ENTITIES)
        return
    # Half a day inside its ends the date is the same in every zone.
    first, last = (
        times.from_ms(moment).date().toordinal()
        for moment in (state.occurred_from + _HALF_A_DAY_MS, state.occurred_to - _HALF_A_DAY_MS)
    )
    jobs.enqueue(connection, "reflect", first, last)
