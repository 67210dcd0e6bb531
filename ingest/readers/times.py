"""Times as inputs write them, made aware; the offset an input names is kept."""

from __future__ import annotations

import math
import os
import re
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from memassist.plugins.errors import UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

EARLIEST_YEAR = 1000
LATEST_YEAR = 2999
"""A year outside is a mistake of the input: no chat or note is from then."""

_DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-_.]?)(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)"
)

_DATE_IN_FOLDERS = re.compile(
    r"(?:^|/)(?P<year>(?:19|20)\d\d)/(?P<month>\d\d)(?:[-_ ][^/]*)?/(?P<day>\d\d)(?!\d)"
)


def zone_of(name: str | None) -> tzinfo | None:
    """The zone for times without one; None stands for the machine's.

    Raises `UnreadableFileError` for a name that is no IANA zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    # ZoneInfo raises KeyError for unknown names, ValueError and OSError for odd ones.
    except (KeyError, ValueError, OSError) as error:
        raise UnreadableFileError(
            f"no time zone is called {name!r}", "use an IANA name such as Europe/Berlin"
        ) from error


def parse_time(value: object, zone: tzinfo | None) -> datetime | None:
    """Return an aware time from an ISO 8601 text or Unix seconds; None for None.

    Raises `ValueError` with a reason for people.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _in_range(value, zone, value.isoformat())
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("time is neither text nor a number")
    shown = str(value)[:40]
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError(f"no ISO 8601 time in range: {shown!r}") from error
        return _in_range(found, zone, shown)
    if not math.isfinite(value):
        raise ValueError(f"time out of range: {shown}")
    try:
        return _in_range(datetime.fromtimestamp(value, UTC), zone, shown)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"time out of range: {shown}") from error


def time_of_file(path: Path) -> datetime | None:
    """When the file was last changed, in the machine's zone; None where it can't be told."""
    try:
        changed = os.stat(path, follow_symlinks=False).st_mtime  # noqa: PTH116 - takes no link
        return parse_time(changed, None)
    except (OSError, ValueError):
        return None


def date_in_name(name: str, zone: tzinfo | None) -> datetime | None:
    """The day a file name tells (`2024-05-06 Trip.md`, `Scan_20240506.png`), at midnight.

    Else that of the nearest folder, or of folders one in the other (`2024/05/06.md`).
    """
    parts = [match for part in reversed(name.split("/")) for match in _DATE_IN_NAME.finditer(part)]
    for match in (*parts, *_DATE_IN_FOLDERS.finditer(name)):
        try:
            day = datetime(int(match["year"]), int(match["month"]), int(match["day"]))  # noqa: DTZ001 - made aware below
            return _in_range(day, zone, match[0])
        except ValueError:
            continue
    return None


def _in_range(found: datetime, zone: tzinfo | None, shown: str) -> datetime:
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise ValueError(f"time out of range: {shown}")
    if found.tzinfo is None:
        # astimezone() reads a naive time as the machine's.
        found = found.replace(tzinfo=zone) if zone is not None else found.astimezone()
    return found
