"""Calendars: each event, task and journal entry a record, by icalendar (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import icalendar

from memassist.ingest.readers.opening import MAX_BYTES_PER_CHARACTER, too_long
from memassist.ingest.readers.sources import read_source
from memassist.ingest.readers.times import parse_time, zone_of
from memassist.ingest.readers.values import clean, label
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_ONE_DAY = timedelta(days=1)


def parse(file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield one outcome for each entry of the calendars in the file."""
    zone = zone_of(options.timezone)
    content = read_source(file, max(1 << 20, MAX_BYTES_PER_CHARACTER * options.max_text_characters))
    if content is None:
        yield too_long(file.name, options)
        return
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    # icalendar raises errors of many kinds on damaged input.
    except Exception as error:
        raise UnreadableFileError("damaged calendar", "export it again") from error
    number = 0
    for calendar in calendars:
        for entry in calendar.walk():
            if entry.name not in _KINDS:
                continue
            number += 1
            place = f"entry {number}"
            try:
                yield _outcome(entry, file, place, options, zone)
            # Values are parsed as they are asked for, and broken ones raise anything.
            except Exception as error:  # noqa: BLE001
                yield Problem(place, f"broken entry: {type(error).__name__}", "export it again")
    if not content.rstrip().upper().endswith(b"END:VCALENDAR"):
        yield Problem(file.name, "the calendar is cut off", "export it again")
    elif number == 0:
        yield Skipped(file.name, "no entries in the calendar")


def _outcome(
    entry: icalendar.Component,
    file: SourceFile,
    place: str,
    options: ReadOptions,
    zone: tzinfo | None,
) -> ReadOutcome:
    title = label(_words(entry.get("SUMMARY")))
    start, stop = _moment(entry, "DTSTART"), _moment(entry, "DTEND") or _moment(entry, "DUE")
    lines = [title or "", _when(start, stop)]
    repeats = entry.get("RRULE")
    if repeats is not None:
        lines.append(f"Repeats: {clean(repeats.to_ical().decode('utf-8', 'replace'))}")
    for name, word in (("LOCATION", "Where"), ("ORGANIZER", "By"), ("ATTENDEE", "With")):
        people = entry.get(name)
        found = [_person(one) for one in people] if isinstance(people, list) else [_person(people)]
        if any(found):
            lines.append(f"{word}: {', '.join(one for one in found if one)}")
    description = _words(entry.get("DESCRIPTION"))
    text = "\n".join(line for line in (*lines, description) if line.strip())
    if not text.strip() or not (title or description):
        return Skipped(place, "blank text")
    if len(text) > options.max_text_characters:
        return too_long(place, options)
    uid = label(_words(entry.get("UID")))
    recurrence = _moment(entry, "RECURRENCE-ID")
    if uid and recurrence is not None:
        uid = f"{uid}/{recurrence.isoformat()}"
    metadata: dict[str, FieldValue] = {"file_name": file.name, "entry": str(entry.name).lower()}
    return Record(
        text=text,
        place=place,
        kind="document",
        origin="file",
        title=title,
        native_id=uid,
        occurred_at=_aware(start or stop, zone),
        metadata=metadata,
    )


def _words(value: object) -> str:
    if isinstance(value, list):
        value = "\n".join(str(one) for one in value)
    return "" if value is None else clean(str(value)).strip()


def _person(value: object) -> str:
    if value is None:
        return ""
    name = getattr(value, "params", {}).get("CN")
    words = _words(name) or _words(value)
    return words.removeprefix("mailto:").removeprefix("MAILTO:")


def _moment(entry: icalendar.Component, name: str) -> date | None:
    value = entry.get(name)
    found = getattr(value, "dt", None)
    return found if isinstance(found, date) else None


def _aware(moment: date | None, zone: tzinfo | None) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return parse_time(moment, zone)


def _when(start: date | None, stop: date | None) -> str:
    """What a calendar would show: the day, the time, how long."""
    first = start or stop
    if first is None:
        return ""
    if not isinstance(first, datetime):
        last = stop if stop is not None and not isinstance(stop, datetime) else None
        # The end of whole days is the day after (RFC 5545, 3.6.1).
        if last is not None and last - first > _ONE_DAY:
            return f"When: {first:%A, %d %B %Y} to {last - _ONE_DAY:%A, %d %B %Y}"
        return f"When: {first:%A, %d %B %Y}"
    text = f"When: {first:%A, %d %B %Y, %H:%M}"
    if isinstance(stop, datetime) and start is not None:
        same_day = stop.date() == first.date()
        text += f" to {stop:%H:%M}" if same_day else f" to {stop:%A, %d %B %Y, %H:%M}"
    return text
