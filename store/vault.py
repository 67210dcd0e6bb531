"""Secrets, sealed one by one with AES-256-GCM under a key derived from the home's data key.

Only captions, kinds and user names lie open in the (encrypted) store; `reveal` is the one function
that opens a seal. Masked secrets of imports arrive here as `is_new`, for the person to name.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.store.errors import NotFoundError, WrongKeyError
from memassist.store.identifiers import new_id
from memassist.store.lookup import by_ending
from memassist.store.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.plugins.types import SecretFound
    from memassist.store.database import Connection

CAPTION_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """What may be shown of a secret without opening it."""

    id: str
    caption: str
    kind: str
    username: str | None
    is_new: bool
    """True until the person has looked at it."""


def vault_key(data_key: bytes | None) -> bytes | None:
    """Return the 32-byte key of the seals, None for an unencrypted home, which has no vault."""
    if data_key is None:
        return None
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt=None, info=b"memassist vault").derive(data_key)


def seal(
    connection: Connection,
    key: bytes,
    *,
    caption: str,
    kind: str,
    secret: str,
    username: str | None = None,
    item: int | None = None,
    is_new: bool = False,
) -> str:
    """Seal one secret and return its id; the same secret is kept once. Within a write.

    With the row id of an `item` it lasts as long as one of the items it was found in; without one
    it is the person's own, and no item's end takes it along.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    fingerprint = hmac.digest(key, f"{kind}\0{secret}".encode(), "sha256")
    row = connection.execute(
        "SELECT id, uid FROM vault WHERE fingerprint = ?", (fingerprint,)
    ).fetchone()
    if row is not None:
        if item is None:
            connection.execute("DELETE FROM vault_of_item WHERE vault_id = ?", (row["id"],))
        else:
            connection.execute(
                "INSERT OR IGNORE INTO vault_of_item SELECT vault_id, ? FROM vault_of_item"
                " WHERE vault_id = ? LIMIT 1",
                (item, row["id"]),
            )
        return str(row["uid"])
    uid = new_id()
    nonce = secrets.token_bytes(12)
    cursor = connection.execute(
        "INSERT INTO vault (uid, caption, kind, username, is_new, fingerprint, nonce, sealed,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            uid,
            caption[:CAPTION_CHARACTERS],
            kind,
            username,
            int(is_new),
            fingerprint,
            nonce,
            AESGCM(key).encrypt(nonce, secret.encode(), uid.encode()),
            now_ms(),
        ),
    )
    if item is not None:
        connection.execute("INSERT INTO vault_of_item VALUES (?, ?)", (cursor.lastrowid, item))
    return uid


def drop_of_item(connection: Connection, item: int) -> None:
    """Erase the secrets that no other item holds, before an item goes. Within a write."""
    connection.execute(
        "DELETE FROM vault WHERE id IN (SELECT vault_id FROM vault_of_item WHERE item_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM vault_of_item AS other"
        " WHERE other.vault_id = vault.id AND other.item_id <> ?)",
        (item, item),
    )


def seal_found(
    connection: Connection,
    key: bytes,
    item: int,
    title: str | None,
    found: Sequence[SecretFound],
) -> None:
    """Seal what the secrets step masked in an item. Within a write."""
    for secret in found:
        caption = f"{secret.kind} in {title}" if title else f"{secret.kind} in an imported text"
        seal(
            connection,
            key,
            caption=caption,
            kind=secret.kind,
            secret=secret.secret,
            item=item,
            is_new=True,
        )


def entries(connection: Connection) -> list[VaultEntry]:
    """Return what may be shown of every secret, newest first."""
    rows = connection.execute(
        "SELECT uid, caption, kind, username, is_new FROM vault ORDER BY id DESC"
    ).fetchall()
    return [
        VaultEntry(row["uid"], row["caption"], row["kind"], row["username"], bool(row["is_new"]))
        for row in rows
    ]


def reveal(connection: Connection, key: bytes, uid: str) -> str:
    """Open one seal, by its id or an ending of it, for a person.

    Raises `NotFoundError`, and `WrongKeyError` for a seal that was tampered with or moved.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    row = by_ending(connection, "vault", uid)
    if row is None:
        raise NotFoundError("vault entry", uid)
    try:
        return AESGCM(key).decrypt(row["nonce"], row["sealed"], row["uid"].encode()).decode()
    except InvalidTag:
        raise WrongKeyError("This seal is not what was sealed here.") from None
