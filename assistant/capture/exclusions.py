"""The person's list of what is never captured, and what of it was captured before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.assistant import config as settings
from memassist.assistant.errors import QueryError
from memassist.ingest.capture.rules import own_rule, shipped_rules
from memassist.store.screens import seen_windows

if TYPE_CHECKING:
    from pathlib import Path

    from memassist.store.database import Database

EXCLUDE, ALLOW = "capture.exclude", "capture.allow"


def add(home: Path, pattern: str) -> bool:
    """Leave out what a pattern matches from now on; False where it was left out already.

    Raises `BadPatternError` and `ConfigError`.
    """
    pattern = own_rule(pattern).pattern
    config = settings.load(home)
    allowed = config.names(ALLOW)
    kept = tuple(one for one in allowed if one.casefold() != pattern.casefold())
    if kept != allowed:
        settings.set_value(home, ALLOW, kept)
        return True
    own = config.names(EXCLUDE)
    if pattern.casefold() in {one.casefold() for one in own}:
        return False
    settings.set_value(home, EXCLUDE, (*own, pattern))
    return True


def remove(home: Path, pattern: str) -> None:
    """Let a pattern no longer count, the person's own or a shipped one.

    Raises `QueryError` where there is no such pattern, and `ConfigError`.
    """
    wanted = pattern.strip().casefold()
    config = settings.load(home)
    own = config.names(EXCLUDE)
    kept = tuple(one for one in own if one.casefold() != wanted)
    if kept != own:
        settings.set_value(home, EXCLUDE, kept)
        return
    allowed = config.names(ALLOW)
    shipped = {rule.pattern.casefold(): rule.pattern for rule in shipped_rules()}
    if wanted not in shipped or wanted in {one.casefold() for one in allowed}:
        raise QueryError(
            f"There is no exclusion {pattern!r}.", "See: memassist capture exclude list"
        )
    settings.set_value(home, ALLOW, (*allowed, shipped[wanted]))


def captured_before(database: Database, pattern: str) -> tuple[str, ...]:
    """Return the ids of stored items that a pattern would have kept out.

    Raises `BadPatternError`.
    """
    rule = own_rule(pattern)
    return tuple(
        uid
        for window in seen_windows(database.read())
        if rule.matches(window.app, window.title)
        for uid in window.item_ids
    )
