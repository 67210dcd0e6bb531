"""Outlines of the items that a search scores, in arrays: looked up in the table, or held in memory.

Both ways give the same answers (`tests/store/test_resident_items.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from memassist.store.outline import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from memassist.store.database import Connection

    Ints: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Bools: TypeAlias = npt.NDArray[np.bool_]

NEVER = -(1 << 62)
"""In the place of a time that is not known."""
NEIGHBOUR_PASSAGES = 4
"""Looked at of a neighbour: 4,000 characters of it are context enough."""


@dataclass(frozen=True, slots=True)
class Sketches:
    """What scoring knows of some items, in the order of conversation, sequence and row id."""

    rows: Ints
    """Row ids of the items."""
    talks: Ints
    """A number for each one's conversation; below 0, and its own, for what stands alone."""
    sequences: Ints
    """Places in the conversation, -1 for none."""
    authors: Ints
    """Places in `names`."""
    names: Sequence[str | None]
    is_user: Bools
    is_message: Bools
    occurred_at_ms: Ints
    """UTC; `NEVER` where it is not known."""
    lengths: Floats
    """About how many words there are."""
    asks: Bools
    has_time: Bools
    has_number: Bools

    def __len__(self) -> int:
        return len(self.rows)


class Outline(Protocol):
    """Where outlines are looked up."""

    def owners(self, passages: Ints) -> tuple[Ints, Ints]:
        """Return those of the passages that there are, and the row ids of their items."""

    def around(self, items: Ints, radius: int) -> tuple[Ints, Ints]:
        """Return the first passages of the items within `radius` places, and these items' row ids.

        Within the same conversation; the given items are left out. Ascending passage ids.
        """

    def sketches(self, items: Ints) -> Sketches:
        """Return the sketches of those of the items that there are."""


class StoredOutline:
    """Outlines looked up in the table, for a process that searches once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owners(self, passages: Ints) -> tuple[Ints, Ints]:
        """See `Outline`."""
        return self._pairs(
            "SELECT passage.id, passage.item_id FROM json_each(?) AS wanted"
            " CROSS JOIN passage ON passage.id = wanted.value",
            (json.dumps(passages.tolist()),),
        )

    def around(self, items: Ints, radius: int) -> tuple[Ints, Ints]:
        """See `Outline`. Only places around are read, so a conversation may be of any length."""
        passages, owners = self._pairs(
            "SELECT DISTINCT passage.id, passage.item_id FROM json_each(?) AS wanted"
            " CROSS JOIN outline AS here ON here.item_id = wanted.value"
            " CROSS JOIN item AS near ON near.conversation = here.conversation"
            " AND near.sequence BETWEEN here.sequence - ? AND here.sequence + ?"
            " CROSS JOIN passage ON passage.item_id = near.id AND passage.position < ?"
            " ORDER BY passage.id",
            (json.dumps(items.tolist()), radius, radius, NEIGHBOUR_PASSAGES),
        )
        is_other = np.isin(owners, items, invert=True)
        return passages[is_other], owners[is_other]

    def sketches(self, items: Ints) -> Sketches:
        """See `Outline`."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM json_each(?) AS wanted"  # noqa: S608 - our own columns
            " CROSS JOIN outline ON item_id = wanted.value"
            " ORDER BY conversation, sequence, item_id",
            (json.dumps(items.tolist()),),
        ).fetchall()
        talks: dict[str, int] = {}
        names: dict[str | None, int] = {}
        columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS.split(","))
        ids, conversations, sequences, authors, *flags, at, lengths = columns
        user, message, asks, time, number = (np.array(column, np.bool_) for column in flags)
        return Sketches(
            np.array(ids, np.int64),
            np.array(
                [
                    -1 - place if name is None else talks.setdefault(name, len(talks))
                    for place, name in enumerate(conversations)
                ],
                np.int64,
            ),
            numbers(sequences, -1),
            np.array([names.setdefault(name, len(names)) for name in authors], np.int64),
            tuple(names),
            user,
            message,
            numbers(at, NEVER),
            np.array(lengths, np.float64),
            asks,
            time,
            number,
        )

    def _pairs(self, sql: str, values: tuple[object, ...]) -> tuple[Ints, Ints]:
        pairs = np.array(
            [tuple(row) for row in self._connection.execute(sql, values)], np.int64
        ).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


def numbers(column: Sequence[int | None], missing: int) -> Ints:
    """Return a column as an array, with a number in the place of each None."""
    return np.array([missing if value is None else value for value in column], np.int64)
