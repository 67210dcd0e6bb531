"""Secrets lie sealed, open to the one function that opens them, and nowhere in the clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.plugins.types import SecretFound
from memassist.store import schema, vault
from memassist.store.errors import NotFoundError, WrongKeyError
from memassist.store.forget import forget_items

if TYPE_CHECKING:
    from tests.store.conftest import Bench

KEY = bytes(range(32))
SECRET = "pässwörd-zq81723-👋"


def seal(bench: Bench, secret: str = SECRET, kind: str = "password") -> str:
    """Seal a secret under the test's key."""
    with bench.database.write() as connection:
        return vault.seal(connection, KEY, caption="mail", kind=kind, secret=secret, username="ann")


def test_what_is_sealed_is_revealed(bench: Bench) -> None:
    uid = seal(bench)
    assert vault.reveal(bench.database.read(), KEY, uid) == SECRET
    assert vault.reveal(bench.database.read(), KEY, uid[-8:]) == SECRET
    (entry,) = vault.entries(bench.database.read())
    assert (entry.id, entry.caption, entry.kind, entry.username) == (uid, "mail", "password", "ann")
    assert SECRET not in repr(entry)


def test_a_seal_shows_nothing_even_where_the_store_is_not_encrypted(open_bench: Bench) -> None:
    seal(open_bench)
    content = open_bench.everything()
    assert b"mail" in content
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert SECRET.encode(encoding) not in content
        assert SECRET[:12].encode(encoding) not in content


def test_the_same_secret_is_sealed_once(bench: Bench) -> None:
    assert seal(bench) == seal(bench)
    assert seal(bench, kind="key") != seal(bench)
    assert seal(bench, "other") != seal(bench)
    assert len(vault.entries(bench.database.read())) == 3


def test_another_key_opens_nothing(bench: Bench) -> None:
    uid = seal(bench)
    with pytest.raises(WrongKeyError):
        vault.reveal(bench.database.read(), bytes(32), uid)


def test_a_seal_moved_to_another_caption_does_not_open(bench: Bench) -> None:
    first, second = seal(bench), seal(bench, "other")
    with bench.database.write() as connection:
        connection.execute(
            "UPDATE vault SET (nonce, sealed) = (SELECT nonce, sealed FROM vault WHERE uid = ?)"
            " WHERE uid = ?",
            (first, second),
        )
    with pytest.raises(WrongKeyError):
        vault.reveal(bench.database.read(), KEY, second)


def test_no_nonce_is_used_twice(bench: Bench) -> None:
    for number in range(50):
        seal(bench, f"secret {number}")
    assert bench.count("SELECT count(DISTINCT nonce) FROM vault") == 50


def test_an_unknown_entry_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        vault.reveal(bench.database.read(), KEY, "nothing")


def test_the_vaults_key_is_another_than_the_stores(bench: Bench) -> None:
    assert vault.vault_key(None) is None
    assert vault.vault_key(KEY) == vault.vault_key(KEY)
    assert vault.vault_key(KEY) != KEY


def test_an_unnamed_import_gives_a_caption_without_the_secret(bench: Bench) -> None:
    bench.put("with [password]")
    with bench.database.write() as connection:
        found = [SecretFound("password", SECRET, 5)]
        vault.seal_found(connection, KEY, 1, None, found)
        vault.seal_found(connection, KEY, 1, "t" * 500, [SecretFound("password", "other", 5)])
    captions = [entry.caption for entry in vault.entries(bench.database.read())]
    assert captions[1] == "password in an imported text"
    assert len(captions[0]) == vault.CAPTION_CHARACTERS
    assert all(entry.is_new for entry in vault.entries(bench.database.read()))


def found_in(bench: Bench, *texts: str) -> None:
    """Store items, each of which held the secret."""
    for text in texts:
        bench.put(text)
        row = bench.count("SELECT max(id) FROM item")
        with bench.database.write() as connection:
            vault.seal_found(connection, KEY, row, None, [SecretFound("password", SECRET, 0)])


def test_a_secret_of_two_items_lasts_as_long_as_one_of_them(bench: Bench) -> None:
    found_in(bench, "first [password hidden]", "second [password hidden]")
    (entry,) = vault.entries(bench.database.read())
    forget_items(bench.database, [bench.item_id("first [password hidden]")])
    assert vault.reveal(bench.database.read(), KEY, entry.id) == SECRET
    forget_items(bench.database, [bench.item_id("second [password hidden]")])
    assert vault.entries(bench.database.read()) == []
    assert bench.count("SELECT count(*) FROM vault_of_item") == 0


@pytest.mark.parametrize("is_sealed_first", [True, False])
def test_what_the_person_sealed_stays_whatever_is_forgotten(
    bench: Bench, is_sealed_first: bool
) -> None:
    if is_sealed_first:
        seal(bench)
    found_in(bench, "an item [password hidden]")
    uid = seal(bench)
    forget_items(bench.database, [bench.item_id("an item [password hidden]")])
    assert vault.reveal(bench.database.read(), KEY, uid) == SECRET


def test_secrets_sealed_before_they_could_have_several_items_keep_their_item(bench: Bench) -> None:
    bench.put("an item [password hidden]")
    uid, own = seal(bench), seal(bench, "typed by hand")
    with bench.database.write() as connection:
        connection.execute("DROP TABLE vault_of_item")
        connection.execute("ALTER TABLE vault ADD COLUMN item_id INTEGER REFERENCES item")
        connection.execute("CREATE INDEX vault_item ON vault (item_id)")
        connection.execute("UPDATE vault SET item_id = 1 WHERE uid = ?", (uid,))
        dict(schema.MIGRATIONS)["0007_secrets_of_several_items"](connection.execute)
    forget_items(bench.database, [bench.item_id("an item [password hidden]")])
    assert [entry.id for entry in vault.entries(bench.database.read())] == [own]
