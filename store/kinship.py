"""Who "my sister" is: people named by what they are to somebody, read off a memory's statement.

A memory stands alone, so its text says whose relation is meant: "Ann's sister", and "my sister"
where the owner has no name. Such a phrase is a name like any other. Where a statement says who that
is ("Helen is Ann's sister"), the two are one person, as long as only one holds the place.

Invariant: `memory_kin` is what `told_in` finds in the memories' texts, summaries aside, which only
repeat them; `rebuild` remakes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from memassist.plugins.types import Trust
from memassist.store.entity_names import SPELLED, is_telling
from memassist.store.identifiers import content_id
from memassist.store.memory_values import SUMMARISER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from sqlite3 import Cursor

    from memassist.store.database import Connection
    from memassist.store.memory_values import MemoryState

_PERSON = r"[A-Z][^\W\d_]+(?:[-'][A-Z][^\W\d_]+)?(?: [A-Z][^\W\d_]+)?"
_RELATION = (
    r"(?:(?:step|half-|grand|god)?(?:sister|brother|mother|father|mom|mum|dad|son|daughter)"
    r"(?:-in-law)?|grandma|grandpa|wife|husband|spouse|girlfriend|boyfriend|fianc[eé]e?|partner|"
    r"boss|manager|landlord|landlady|therapist|dentist|best friend)"
)
"""Relations that few have more than one or two of. Of cousins, friends and colleagues one that is
named tells nothing of the next that is not."""
_AGE = r"(?:older|elder|eldest|younger|youngest|little|big|baby|twin)"
_WHOSE = (
    r"(?:(?P<my>[Mm]y)|(?P<their>[Tt]heir|[Hh]is|[Hh]er)|"
    rf"(?P<who>{_PERSON})(?:['\u2019]s|(?<=s)['\u2019]))"
)
_KIN = re.compile(
    rf"(?<![\w'\u2019]){_WHOSE} (?:(?:dear|new|current|beloved|late) )?(?:(?P<age>{_AGE}) )?"
    rf"(?P<relation>{_RELATION})(?![\w-])(?!['\u2019]s (?:\w+ )?{_RELATION}\b)"
    rf"(?:,? (?:(?:is )?(?:called |named ))?(?P<name>{_PERSON}))?"
)
_IS_KIN = re.compile(rf"(?:^|[,;:] |\b(?:and|that) )(?P<subject>{_PERSON}) is $")
_SUBJECT = re.compile(rf"^(?:(?:On|In|At|Last|Around) [^,]+, )?(?P<name>{_PERSON})\b(?!['\u2019])")


@dataclass(frozen=True, slots=True)
class Kin:
    """Somebody who is named by a relation."""

    alias: str
    """`Ann's sister`, `my sister`."""
    name: str | None
    """Who that is, where the statement says it."""


def told_in(text: str, people: Sequence[str], *, is_trusted: bool) -> Iterator[Kin]:
    """Yield the relations a statement mentions, each once.

    `people` are the persons the memory is about, in full. Who somebody is, is taken from trusted
    text alone.
    """
    seen: set[str] = set()
    for found in _KIN.finditer(text):
        whose = _whose(found, text)
        if whose is None:
            continue
        relation = found["relation"].replace("-in-law", "")
        in_law = "-in-law" if found["relation"].endswith("-in-law") else ""
        relation = SPELLED.get(relation, relation) + in_law
        name = _named(found, text, people) if is_trusted else None
        aliases = [f"{whose} {relation}"]
        if found["age"]:
            aliases.insert(0, f"{whose} {found['age']} {relation}")
        # Unnamed, "my older sister" is not yet my sister: there may be two.
        for alias in aliases if name is not None else aliases[:1]:
            if alias.casefold() not in seen:
                seen.add(alias.casefold())
                yield Kin(alias, name)


def is_trusted(trust: int, is_touched: object) -> bool:
    """Whether a memory may say who somebody is: no program's or screen's word alone does."""
    return trust > Trust.SCREEN or bool(is_touched)


def note(execute: Callable[..., object], memory_row: int, kin: Kin) -> None:
    """Keep one relation that a memory mentions. Within a write."""
    for name in (kin.alias, kin.name):
        if name is not None:
            execute(
                "INSERT OR IGNORE INTO entity (uid, kind, name) VALUES (?, 'person', ?)",
                (content_id("person", name.casefold()), name),
            )
    execute(
        "INSERT OR IGNORE INTO memory_kin (memory_id, alias_id, named_id) SELECT ?, alias.id,"
        " (SELECT id FROM entity WHERE kind = 'person' AND name = ? COLLATE NOCASE)"
        " FROM entity AS alias WHERE kind = 'person' AND name = ? COLLATE NOCASE",
        (memory_row, kin.name, kin.alias),
    )


def note_memory(connection: Connection, row_id: int, state: MemoryState) -> None:
    """Keep what one memory says of relations, in place of what it said before. Within a write."""
    connection.execute("DELETE FROM memory_kin WHERE memory_id = ?", (row_id,))
    if state.is_summary:
        return
    people = [one.name for one in state.entities if one.kind == "person"]
    for one in told_in(state.text, people, is_trusted=is_trusted(state.trust, state.is_touched)):
        note(connection.execute, row_id, one)


def remake(execute: Callable[..., object]) -> None:
    """Read all relations anew, off the memories there are. Within a write."""
    execute("DELETE FROM memory_kin")
    rows = cast(
        "Cursor", execute("SELECT id, text, trust, is_touched, extractor FROM memory")
    ).fetchall()
    for row_id, text, trust, is_touched, extractor in rows:
        if _KIN.search(text) is None or (extractor or "").startswith(SUMMARISER):
            continue
        people = cast(
            "Cursor",
            execute(
                "SELECT entity.name FROM memory_entity JOIN entity ON entity.id = entity_id"
                " WHERE memory_id = ? AND kind = 'person' ORDER BY entity.id",
                (row_id,),
            ),
        ).fetchall()
        names = [name for (name,) in people]
        for one in told_in(text, names, is_trusted=is_trusted(trust, is_touched)):
            note(execute, row_id, one)


def _whose(found: re.Match[str], text: str) -> str | None:
    """Return the possessor as a possessive, None where a pronoun could be anybody's."""
    if found["my"]:
        return "my"
    who = found["who"]
    if found["their"]:
        subject = _SUBJECT.match(text)
        if subject is None or subject.end() > found.start():
            return None
        who = subject["name"]
        between = text[subject.end() : found.start()]
        if re.search(r"(?:with|and|met|visited|saw) [A-Z]", between):
            return None
    if who is None or not is_telling("person", who):
        return None
    return f"{who}'" if who.endswith("s") else f"{who}'s"


def _named(found: re.Match[str], text: str, people: Sequence[str]) -> str | None:
    name = found["name"]
    if name is None and (before := _IS_KIN.search(text[: found.start()])) is not None:
        name = before["subject"]
    if name is None:
        return None
    words = name.split()
    while words and not is_telling("person", " ".join(words)):
        words.pop()  # "Ann's sister Helen Tuesday"
    if not words:
        return None
    # The memory's own person of that name, who may have been told apart from another Helen.
    return next((one for one in people if set(words) <= set(one.split())), " ".join(words))
