"""Outlines held in memory by a process that searches more than once.

Looking up 1,500 items and what stands around them takes half of a search's time; in arrays it takes
a fiftieth. Loading costs some microseconds for an item, once.
Invariant: both ways give the same answers (`tests/store/test_resident_items.py`), also after items
were added, replaced or forgotten: before each use the connection tells whether anything was
committed, and then numbers that no change leaves alone tell whether it was passages.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from memassist.store.database import connection_stamp, one_moment
from memassist.store.outline import COLUMNS
from memassist.store.sketches import (
    NEIGHBOUR_PASSAGES,
    NEVER,
    Sketches,
    StoredOutline,
    numbers,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection
    from memassist.store.sketches import Outline

    Ints: TypeAlias = npt.NDArray[np.int64]
    Told: TypeAlias = npt.NDArray[np.void]

MOST_PASSAGES = 1_500_000
"""Of more, outlines are looked up in the table: so many take 0.1 GB."""
_TOLD = np.dtype([("author", "i4"), ("flags", "u1"), ("at", "i8"), ("length", "f4")])
_FETCHED_ROWS = 8_192
_IN_TALK = np.int64((1 << 32) - 1)
"""The part of a key that tells the place in a conversation, counted from 1."""
_USER, _MESSAGE, _ASKS, _TIME, _NUMBER = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Numbers by which any change of passages is told."""

    passages: int
    """How many there are."""
    last_passage: int
    """The highest id there ever was."""
    last_item: int
    """The same of items."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutline:
    """Outlines at one moment. Nothing in it ever changes, so threads may go on with an older one.

    Items stand in the order of conversation, sequence and row id, passages in that of their item's
    row id and their position in it.
    """

    stamp: _Stamp
    rows: Ints
    keys: Ints
    """Conversation and sequence in one number that sorts as both; 0 for what stands alone."""
    told: Told
    """What else is known of each item (`_TOLD`)."""
    by_row: Ints
    """Places of items by ascending row id."""
    passages: Ints
    owned_by: Ints
    """The item's row id of each passage."""
    by_passage: Ints
    """Places of passages by ascending id."""
    names: Sequence[str | None]
    """Authors; more may come to it."""

    def owners(self, passages: Ints) -> tuple[Ints, Ints]:
        """See `Outline`."""
        places = _places(self.passages, self.by_passage, passages)
        return self.passages[places], self.owned_by[places]

    def around(self, items: Ints, radius: int) -> tuple[Ints, Ints]:
        """See `Outline`."""
        places = _places(self.rows, self.by_row, items)
        keys = self.keys[places]
        keys = keys[(keys & _IN_TALK) > 0]
        first = np.searchsorted(self.keys, keys - np.minimum(radius, (keys & _IN_TALK) - 1))
        last = np.searchsorted(self.keys, keys + radius, side="right")
        near = np.setdiff1d(_spans(first, last), places)
        rows = np.sort(self.rows[near])
        start = np.searchsorted(self.owned_by, rows)
        stop = np.searchsorted(self.owned_by, rows, side="right")
        found = _spans(start, np.minimum(stop, start + NEIGHBOUR_PASSAGES))
        found = found[np.argsort(self.passages[found])]
        return self.passages[found], self.owned_by[found]

    def sketches(self, items: Ints) -> Sketches:
        """See `Outline`."""
        places = np.sort(_places(self.rows, self.by_row, items))
        keys, told = self.keys[places], self.told[places]
        talks = keys >> 32
        user, message, asks, time, number = (
            (told["flags"] & flag) > 0 for flag in (_USER, _MESSAGE, _ASKS, _TIME, _NUMBER)
        )
        return Sketches(
            self.rows[places],
            np.where(talks > 0, talks, -1 - np.arange(len(places))),
            (keys & _IN_TALK) - 1,
            told["author"].astype(np.int64),
            self.names,
            user,
            message,
            told["at"],
            told["length"].astype(np.float64),
            asks,
            time,
            number,
        )


class ResidentItems:
    """The outlines of one open home. Any thread may call."""

    def __init__(self, most_passages: int = MOST_PASSAGES) -> None:
        """Hold nothing yet."""
        self._most_passages = most_passages
        self.expects_more = False
        """Whether the first query is to load: in a process that lives for many."""
        self._was_asked = False
        self._held: HeldOutline | None = None
        self._named = _Named()
        self._guard = threading.Lock()
        self._seen = threading.local()

    def clear(self) -> None:
        """Hold nothing any more."""
        with self._guard:
            self._held = None
            self._named = _Named()

    @property
    def held_items(self) -> int:
        """How many outlines are in memory now."""
        held = self._held
        return 0 if held is None else len(held.rows)

    def outline(self, connection: Connection, *, may_load: bool = True) -> Outline:
        """Return outlines as they are now, from memory where they are or should be there.

        Loading takes seconds among a million: what has to be fast (`may_load` off) does without,
        and so does whoever comes while another thread loads.
        """
        held = self._held
        if held is None:
            was_asked, self._was_asked = self._was_asked, self._was_asked or may_load
            if not (may_load and (self.expects_more or was_asked)):
                return StoredOutline(connection)
        seen = connection_stamp(connection)
        if getattr(self._seen, "value", None) != (seen, held):
            if not self._guard.acquire(blocking=held is not None):
                return StoredOutline(connection)
            try:
                held = self._held = self._refreshed(connection, self._held)
            finally:
                self._guard.release()
            self._seen.value = (seen, held)
        return held or StoredOutline(connection)

    def _refreshed(self, connection: Connection, held: HeldOutline | None) -> HeldOutline | None:
        with one_moment(connection):
            stamp = _stamp(connection)
            if stamp.passages > self._most_passages:
                return None
            if held is None:
                pairs = _pairs(connection)
                held = _with_items(_empty(self._named), *_read(connection, self._named))
            elif stamp == held.stamp:
                return held
            else:
                later = " WHERE item_id > ?", (held.stamp.last_item,)
                grown = _grown(held, stamp, *_pairs(connection, *later))
                if grown is not None:
                    pairs = grown
                    held = _with_items(held, *_read(connection, self._named, *later))
                else:
                    # Something was forgotten or remade.
                    pairs = _pairs(connection)
                    missing = np.setdiff1d(pairs[1], held.rows).tolist()
                    among = " WHERE item_id IN (SELECT value FROM json_each(?))"
                    fresh = _read(connection, self._named, among, (json.dumps(missing),))
                    held = _with_items(held, *fresh)
            return _with_passages(held, stamp, *pairs)


class _Named:
    """Numbers for conversations and authors, in the order in which they are met."""

    def __init__(self) -> None:
        self.talks: dict[str, int] = {}
        self.authors: dict[str | None, int] = {}
        self.names: list[str | None] = []

    def key(self, conversation: str | None, sequence: int | None) -> int:
        if conversation is None:
            return 0
        talk = self.talks.setdefault(conversation, len(self.talks) + 1)
        return (talk << 32) + (0 if sequence is None else sequence + 1)

    def author(self, name: str | None) -> int:
        number = self.authors.setdefault(name, len(self.authors))
        if number == len(self.names):
            self.names.append(name)
        return number


def _stamp(connection: Connection) -> _Stamp:
    count = connection.execute("SELECT count(*) FROM passage").fetchone()[0]
    last = dict(
        connection.execute(
            "SELECT name, seq FROM sqlite_sequence WHERE name IN ('passage', 'item')"
        ).fetchall()
    )
    return _Stamp(count, last.get("passage", 0), last.get("item", 0))


def _pairs(
    connection: Connection, condition: str = "", values: tuple[object, ...] = ()
) -> tuple[Ints, Ints]:
    """Return passage ids and their items' row ids, in the order of item and position."""
    cursor = connection.execute(
        f"SELECT id, item_id FROM passage{condition} ORDER BY item_id, position",  # noqa: S608
        values,
    )
    cursor.row_factory = None  # plain tuples come a third faster
    parts = [np.zeros((0, 2), np.int64)]
    while fetched := cursor.fetchmany(_FETCHED_ROWS):
        parts.append(np.array(fetched, np.int64))
    both = np.concatenate(parts)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def _read(
    connection: Connection, named: _Named, condition: str = "", values: tuple[object, ...] = ()
) -> tuple[Ints, Ints, Told]:
    """Return the rows, keys and the rest of the outlines that a condition finds, in order."""
    cursor = connection.execute(
        f"SELECT {COLUMNS} FROM outline{condition} ORDER BY item_id",  # noqa: S608 - ours
        values,
    )
    cursor.row_factory = None
    rows, keys, told = [_none()], [_none()], [np.zeros(0, _TOLD)]
    while fetched := cursor.fetchmany(_FETCHED_ROWS):
        ids, talks, sequences, authors, *flags, at, lengths = zip(*fetched, strict=True)
        rows.append(np.array(ids, np.int64))
        places = zip(talks, sequences, strict=True)
        keys.append(np.array([named.key(*place) for place in places], np.int64))
        part = np.zeros(len(ids), _TOLD)
        part["author"] = [named.author(name) for name in authors]
        part["at"], part["length"] = numbers(at, NEVER), lengths
        for flag, column in zip((_USER, _MESSAGE, _ASKS, _TIME, _NUMBER), flags, strict=True):
            part["flags"] |= np.array(column, np.uint8) * np.uint8(flag)
        told.append(part)
    key = np.concatenate(keys)
    order = np.argsort(key, kind="stable")
    return np.concatenate(rows)[order], key[order], np.concatenate(told)[order]


def _none() -> Ints:
    return np.zeros(0, np.int64)


def _empty(named: _Named) -> HeldOutline:
    no_order = _order(_none())
    return HeldOutline(
        _Stamp(0, 0, 0),
        _none(),
        _none(),
        np.zeros(0, _TOLD),
        no_order,
        _none(),
        _none(),
        no_order,
        named.names,
    )


def _with_items(held: HeldOutline, rows: Ints, keys: Ints, told: Told) -> HeldOutline:
    """Return the outlines with others put where they belong."""
    put = np.searchsorted(held.keys, keys, side="right")
    all_rows = np.insert(held.rows, put, rows)
    return replace(
        held,
        rows=all_rows,
        keys=np.insert(held.keys, put, keys),
        told=np.insert(held.told, put, told),
        by_row=_order(all_rows),
    )


def _grown(held: HeldOutline, stamp: _Stamp, fresh: Ints, owners: Ints) -> tuple[Ints, Ints] | None:
    """Return all passages, as pairs, by those of later items; None where that can't be told.

    A passage goes over to a later item or is dropped, and a new one belongs to a later item, unless
    passages were remade. So if as many are left as are counted, they are the same.
    """
    is_left = np.isin(held.passages, fresh, invert=True)
    is_all = int(is_left.sum()) + len(fresh) == stamp.passages
    if not is_all or stamp.last_passage - held.stamp.last_passage != int(
        (fresh > held.stamp.last_passage).sum()
    ):
        return None
    return (
        np.concatenate((held.passages[is_left], fresh)),
        np.concatenate((held.owned_by[is_left], owners)),
    )


def _with_passages(held: HeldOutline, stamp: _Stamp, passages: Ints, owners: Ints) -> HeldOutline:
    """Return the outlines of the items that have these passages."""
    is_left = np.isin(held.rows, owners)
    if not is_left.all():
        rows = held.rows[is_left]
        held = replace(
            held, rows=rows, keys=held.keys[is_left], told=held.told[is_left], by_row=_order(rows)
        )
    return replace(
        held,
        stamp=stamp,
        passages=passages,
        owned_by=owners,
        by_passage=_order(passages),
    )


def _order(ids: Ints) -> Ints:
    return np.argsort(ids, kind="stable")


def _places(ids: Ints, order: Ints, wanted: Ints) -> Ints:
    """Return the places of those of the wanted ids that are there, in the order of `wanted`."""
    if not len(ids):
        return np.zeros(0, np.int64)
    found = np.searchsorted(ids, wanted, sorter=order)
    places = order[np.minimum(found, len(ids) - 1)]
    return np.asarray(places[ids[places] == wanted])


def _spans(starts: Ints, stops: Ints) -> Ints:
    """Return all numbers of some half-open intervals, one after the other."""
    lengths = stops - starts
    first = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(starts - first, lengths))
