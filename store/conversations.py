"""What stands around an item in its conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memassist.store.errors import NotFoundError
from memassist.store.items import ITEM_COLUMNS, Item, get_item, item_from_row

if TYPE_CHECKING:
    from memassist.store.database import Connection


def items_around(connection: Connection, uid: str, radius: int) -> list[Item]:
    """Return an item with up to `radius` before and after it in its conversation, in order.

    An item that stands alone, or that is no longer the latest version, comes alone. Raises
    `NotFoundError`.
    """
    row = connection.execute(
        "SELECT id, conversation, source_id FROM item WHERE uid = ?", (uid,)
    ).fetchone()
    if row is None:
        raise NotFoundError("item", uid)
    if row["conversation"] is None:
        return [get_item(connection, uid)]
    # Two sources may name their conversations alike.
    ids = [
        one[0]
        for one in connection.execute(
            "SELECT id FROM item WHERE conversation = ? AND source_id = ? AND is_latest"
            " AND is_main_branch ORDER BY sequence, id",
            (row["conversation"], row["source_id"]),
        ).fetchall()
    ]
    if row["id"] not in ids:
        return [get_item(connection, uid)]
    place = ids.index(row["id"])
    near = ids[max(0, place - radius) : place + radius + 1]
    marks = ", ".join("?" for _ in near)
    rows = connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM item JOIN source ON source.id = item.source_id"  # noqa: S608
        f" WHERE item.id IN ({marks})",
        near,
    ).fetchall()
    found = {one["row_id"]: item_from_row(one) for one in rows}
    return [found[one] for one in near if one in found]
