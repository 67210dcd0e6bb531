"""Times as the store keeps them: whole milliseconds since 1970 in UTC, as INTEGER.

The original offset stands beside it where it is known, so that a person sees the hour they lived.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST_MS = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def now_ms() -> int:
    """Return the present."""
    return time.time_ns() // 1_000_000


def to_ms(moment: datetime) -> int:
    """Return an aware time in milliseconds, years 1 to 9999.

    A time whose offset carries it out of them in UTC becomes their first or last moment, or else
    no one could read it back.
    """
    return min(max((moment - _EPOCH) // timedelta(milliseconds=1), _FIRST_MS), _LAST_MS)


def offset_minutes(moment: datetime) -> int | None:
    """Return the offset from UTC in minutes, None for a naive time."""
    offset = moment.utcoffset()
    return None if offset is None else int(offset.total_seconds() // 60)


def from_ms(milliseconds: int, offset: int | None = None) -> datetime:
    """Return an aware time, in UTC or at `offset` minutes from it."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    if not offset:
        return moment
    try:
        return moment.astimezone(timezone(timedelta(minutes=offset)))
    except OverflowError:  # within an offset of year 1 or 9999
        return moment


def iso(milliseconds: int | None, offset: int | None = None) -> str | None:
    """Return ISO 8601 with `Z` for UTC, None for None."""
    if milliseconds is None:
        return None
    moment = from_ms(milliseconds, offset)
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
