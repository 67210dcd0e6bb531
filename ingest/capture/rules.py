"""Which windows are never captured: the list that is shipped, and the person's own.

Judged before any pixel is taken. What a window does not tell is held against it: without a title
or a class it is left out, unless the person said otherwise.
"""

from __future__ import annotations

import fnmatch
import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from memassist.ingest.capture.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.ingest.capture.desktop import View, Window

OWN_RULE = "your rule"
UNTITLED = "no title"
_FIELDS = ("app", "title")
_BROWSER = " — *"
"""Behind the title of a page, where a browser puts its name."""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class BadPatternError(CaptureError):
    """A pattern that would match nothing, or everything."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern, and why it is there."""

    pattern: str
    """As it was written: `app:GLOB`, `title:GLOB`, or text that either holds."""
    reason: str = OWN_RULE
    is_shipped: bool = False
    unless: tuple[str, ...] = ()
    """Globs; a window with such a title is not left out by this rule."""

    def matches(self, app: str, title: str) -> bool:
        """Whether it leaves out a window of this class and title."""
        field, glob = _parted(self.pattern)
        told = {"app": (app,), "title": (title,)}.get(field, (app, title))
        if not any(_compiled(glob).match(_folded(one)) is not None for one in told):
            return False
        return not any(_compiled(one).match(_folded(title)) is not None for one in self.unless)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left out."""

    rules: tuple[Rule, ...]
    is_untitled_left_out: bool = True
    """Whether a window without title or class is left out."""

    def why_not(self, window: Window) -> str | None:
        """Return why a window is not captured; None where it may be."""
        for rule in self.rules:
            if rule.matches(window.app, window.title):
                return rule.reason
        if self.is_untitled_left_out and not (window.app and window.title):
            return UNTITLED
        return None

    def hidden(self, view: View) -> tuple[Window, ...]:
        """Return the windows above the one in front whose part of the picture is painted over.

        Those that may not be captured; also small ones without a title of another application,
        such as notifications. The menus of the application itself tell their class and stay.
        """
        return tuple(
            one
            for one in view.above
            if any(rule.matches(one.app, one.title) for rule in self.rules)
            or not one.app
            or (view.window is not None and one.app != view.window.app and not one.title)
        )


def make_rules(own: Sequence[str], allowed: Sequence[str], *, is_untitled_left_out: bool) -> Rules:
    """Return the shipped rules without the allowed ones, and the person's own.

    Raises `BadPatternError`.
    """
    taken_out = {pattern.casefold() for pattern in allowed}
    shipped = [rule for rule in shipped_rules() if rule.pattern.casefold() not in taken_out]
    return Rules((*map(own_rule, own), *shipped), is_untitled_left_out)


def own_rule(pattern: str) -> Rule:
    """Return the rule of a pattern that a person wrote. Raises `BadPatternError`."""
    _, glob = _parted(pattern)
    if not glob.strip("*? "):
        raise BadPatternError(
            f"The pattern {pattern!r} names nothing.",
            "Write app:NAME, title:WORDS with * for any text, or words of a title.",
        )
    return Rule(pattern.strip())


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the program."""
    place = files("memassist.ingest.capture").joinpath("exclusions.toml")
    groups = tomllib.loads(place.read_text(encoding="utf-8"))
    return tuple(
        Rule(pattern, group["reason"], is_shipped=True, unless=tuple(group.get("unless", ())))
        for group in groups.values()
        if sys.platform in group.get("systems", (sys.platform,))
        for written in group["patterns"]
        for pattern in _on_this_system(written)
    )


def _on_this_system(pattern: str) -> tuple[str, ...]:
    """Return a shipped pattern, on macOS also without the browser's name that titles lack there."""
    page = pattern.removesuffix(_BROWSER)
    return (pattern,) if sys.platform != "darwin" or page == pattern else (pattern, page)


def _parted(pattern: str) -> tuple[str, str]:
    """Return the field, empty for either, and the glob."""
    field, colon, rest = pattern.strip().partition(":")
    if colon and field.casefold() in _FIELDS:
        return field.casefold(), rest.strip()
    return "", f"*{pattern.strip()}*"


@cache
def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(_folded(glob)))


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    """Return a text without capitals and what is not seen of some titles, such as soft hyphens."""
    return _UNSEEN.sub("", " ".join(text.split())).casefold()
