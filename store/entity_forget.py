"""Names go with what they were said in: what `forget` does about entities and links.

A name that nothing says any more is text that was to be forgotten, also where a person had decided
about it. One that a person typed stays as long as its entity has another name that is said.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.store.database import Connection

_SAID = (
    "SELECT entity_id FROM memory_entity UNION SELECT alias_id FROM memory_kin"
    " UNION SELECT named_id FROM memory_kin WHERE named_id NOT NULL"
    " UNION SELECT entity.id FROM entity JOIN item ON item.author = entity.name COLLATE NOCASE"
    " WHERE item.author NOT NULL AND NOT item.is_owner AND item.role = 'user'"
    " AND item.kind = 'message'"
)


def names_said(
    connection: Connection, memory_uids: Iterable[str], item_rows: Iterable[int]
) -> set[int]:
    """Return the rows of names that these memories and the authors of these items use."""
    found: set[int] = set()
    for uid in memory_uids:
        found.update(
            row[0]
            for row in connection.execute(
                "WITH gone AS (SELECT id FROM memory WHERE uid = ?)"
                " SELECT entity_id FROM memory_entity WHERE memory_id IN gone"
                " UNION SELECT alias_id FROM memory_kin WHERE memory_id IN gone"
                " UNION SELECT named_id FROM memory_kin WHERE memory_id IN gone"
                " AND named_id NOT NULL",
                (uid,),
            )
        )
    for item in item_rows:
        found.update(
            row[0]
            for row in connection.execute(
                "SELECT entity.id FROM entity JOIN item ON item.author = entity.name COLLATE NOCASE"
                " WHERE item.id = ?",
                (item,),
            )
        )
    return found


def drop_unsaid(connection: Connection, were_said: set[int]) -> None:
    """Take out the names that nothing says any more, and their text in revisions. In a write.

    `were_said` are those that what was forgotten just now used.
    """
    said = {row[0] for row in connection.execute(_SAID)}
    rows = connection.execute("SELECT id, name, merged_into, is_decided FROM entity").fetchall()
    living = {merged or row for row, _name, merged, _is_decided in rows if row in said}
    gone = {
        row: name
        for row, name, merged, is_decided in rows
        if row not in said and (row in were_said or not is_decided or (merged or row) not in living)
    }
    moved = {other for row in gone for other in _put_first_in_place(connection, row, gone)}
    connection.executemany(
        "UPDATE entity SET merged_into = NULL WHERE id = ?", [(row,) for row in gone]
    )
    connection.executemany("DELETE FROM entity WHERE id = ?", [(row,) for row in gone])
    # What was decided of names whose first name went can't be taken back as it was, either.
    spelled = {row: name for row, name, _merged, _is_decided in rows}
    _erase_names(connection, [*gone.values(), *(spelled[row] for row in moved)])


def drop_links(connection: Connection, memory_uids: Sequence[str]) -> None:
    """Take out the links of memories that are forgotten, and what was said of them. In a write."""
    connection.executemany(
        "DELETE FROM link WHERE from_uid = :uid OR to_uid = :uid",
        [{"uid": uid} for uid in memory_uids],
    )
    gone = set(memory_uids)
    for row_id, after in connection.execute(
        "SELECT id, after FROM revision INDEXED BY revision_link"
        " WHERE target_kind = 'link' AND NOT is_erased"
    ).fetchall():
        said = json.loads(after)
        if said["from"] in gone or said["to"] in gone:
            _erase(connection, row_id)


def _put_first_in_place(connection: Connection, row: int, gone: Iterable[int]) -> list[int]:
    """Let the first name under a name that goes stand for the others; return them all."""
    under = [
        each[0]
        for each in connection.execute("SELECT id FROM entity WHERE merged_into = ?", (row,))
        if each[0] not in gone
    ]
    for each in under:
        head = None if each == under[0] else under[0]
        connection.execute("UPDATE entity SET merged_into = ? WHERE id = ?", (head, each))
    return under


def _erase_names(connection: Connection, names: Sequence[str]) -> None:
    if not names:
        return
    any_name = re.compile(
        rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in names)})(?!\w)", re.IGNORECASE
    )
    for row_id, before, after in connection.execute(
        "SELECT id, before, after FROM revision INDEXED BY revision_entity"
        " WHERE target_kind = 'entity' AND NOT is_erased"
    ).fetchall():
        if any_name.search(f"{before} {after}"):
            _erase(connection, row_id)


def _erase(connection: Connection, revision_row: int) -> None:
    connection.execute(
        "UPDATE revision SET before = NULL, after = NULL, is_erased = 1 WHERE id = ?",
        (revision_row,),
    )
