"""What is done once a night: recent days, the last week, people and projects summed up, what is
unused archived.

The daemon queues it as a job when it has nothing else to do (`queue_nightly`), any worker may take
it, and its lease keeps two of them from doing it at once.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from memassist.assistant.reflect.periods import Period, recent_periods
from memassist.ingest.readers.times import zone_of
from memassist.store import jobs, reflections, times

if TYPE_CHECKING:
    from datetime import tzinfo

    from memassist.assistant.config import Config
    from memassist.assistant.reflect.prose import Topic
    from memassist.store.database import Database
    from memassist.store.jobs import Job

NIGHT_HOUR = 3
"""From this hour on the day before is over, for whoever sits up late too."""


def owner_zone(config: Config) -> tzinfo | None:
    """Return the zone of the setting `timezone`, None for the machine's."""
    return zone_of(config.text("timezone") or None)


def local_now(config: Config) -> datetime:
    """Return the present in the owner's zone."""
    return datetime.now(UTC).astimezone(owner_zone(config))


def queue_nightly(database: Database, now: datetime) -> bool:
    """Queue the night's reflection unless it was queued since the last night; whether it did.

    `now` is aware, in the owner's zone.
    """
    today = now.date().isoformat()
    if now.hour < NIGHT_HOUR or reflections.last_night(database.read()) == today:
        return False
    with database.write() as connection:
        if reflections.last_night(connection) == today:
            return False
        reflections.note_night(connection, today)
        jobs.enqueue(connection, "reflect", 0, 0)
    return True


def run(database: Database, job: Job, config: Config) -> Counter[str]:
    """Do a job of reflection and end it; returns how many memories became what."""
    from memassist.assistant.reflect.portraits import recent_portraits
    from memassist.assistant.reflect.summary import CHANGES, summarise
    from memassist.assistant.retention import archive_faded

    is_night = not job.last_item
    topics: list[Topic] = []
    if job.first_item:
        topics.append(Period(*map(date.fromordinal, (job.first_item, job.last_item))))
    elif is_night:
        topics.extend(recent_periods(local_now(config).date()))
    if not job.first_item:
        topics.extend(recent_portraits(database.read(), config.names("me")))
    became: Counter[str] = Counter()
    for topic in topics:
        outcome = summarise(database, topic, owner_zone(config)).outcome
        became.update([f"summary {outcome}"] if outcome in CHANGES else [])
    if is_night:
        gone = archive_faded(database, config.number("forgetting.below"), times.now_ms())
        became.update(["archived"] * len(gone))
    with database.write() as connection:
        jobs.finish(connection, job)
    return became
