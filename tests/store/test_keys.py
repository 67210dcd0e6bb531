"""Every route gives the same data key, a wrong one gives none, and no slot holds its own key."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, ClassVar

import keyring
import keyring.backend
import pytest

from memassist.store import home as homes
from memassist.store import keys
from memassist.store.errors import (
    DamagedError,
    HomeExistsError,
    HomeMissingError,
    KeyRouteError,
    LockedError,
    NewerStoreError,
    NoAccessError,
    WrongKeyError,
)
from memassist.store.keys import Route

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSPHRASE = "correct horse bättery staple".encode()


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets everything when the test ends."""

    priority = 1
    kept: ClassVar[dict[tuple[str, str], str]] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def real_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    """Yield a keyring that passes for one that really protects its keys."""
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyring.backends.SecretService")
    before = keyring.get_keyring()
    backend = MemoryKeyring()  # type: ignore[no-untyped-call]  # its base has no types
    MemoryKeyring.kept.clear()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an empty directory for key slots."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def key_file(tmp_path: Path, name: str = "key") -> Route:
    """Make a key file beside the home."""
    path = tmp_path / name
    keys.make_key_file(path, tmp_path / "home")
    return Route("key-file", path=path)


def test_every_route_gives_the_same_data_key(
    home: Path, tmp_path: Path, real_keyring: MemoryKeyring
) -> None:
    code = keys.new_recovery_code()
    routes = [
        key_file(tmp_path),
        Route("passphrase", PASSPHRASE),
        Route("keyring"),
        Route("recovery", code.encode()),
    ]
    data_key = keys.create_keyslots(home, routes)
    assert data_key is not None
    assert len(data_key) == 32
    for route in routes:
        found = keys.unlock(home, route)
        assert (found.data_key, found.route) == (data_key, route.kind)
    assert keys.slot_kinds(home) == ("key-file", "passphrase", "keyring", "recovery")
    assert len(real_keyring.kept) == 1


def test_a_recovery_code_is_read_however_it_is_typed(home: Path) -> None:
    code = keys.new_recovery_code()
    data_key = keys.create_keyslots(home, [Route("recovery", code.encode())])
    assert len(code.split("-")) == 8
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert keys.unlock(home, Route("recovery", typed.encode())).data_key == data_key


def test_no_file_of_the_home_holds_any_key_or_secret(
    home: Path, tmp_path: Path, real_keyring: MemoryKeyring
) -> None:
    code = keys.new_recovery_code()
    file_route = key_file(tmp_path)
    assert file_route.path is not None
    data_key = keys.create_keyslots(
        home,
        [
            file_route,
            Route("passphrase", PASSPHRASE),
            Route("keyring"),
            Route("recovery", code.encode()),
        ],
    )
    assert data_key is not None
    wrapping = bytes.fromhex(file_route.path.read_text())
    in_keyring = bytes.fromhex(next(iter(real_keyring.kept.values())))
    content = (home / keys.KEYSLOTS_NAME).read_bytes().lower()
    for secret in (data_key, wrapping, in_keyring):
        assert secret not in content
        assert secret.hex().encode() not in content
    assert PASSPHRASE not in content
    assert code.replace("-", "").encode().lower() not in content
    assert code.encode().lower() not in content


def test_a_wrong_key_is_told_from_a_missing_one(home: Path, tmp_path: Path) -> None:
    right = key_file(tmp_path)
    keys.create_keyslots(home, [right, Route("passphrase", PASSPHRASE)])
    with pytest.raises(WrongKeyError):
        keys.unlock(home, key_file(tmp_path, "another"))
    with pytest.raises(WrongKeyError):
        keys.unlock(home, Route("passphrase", b"wrong"))
    with pytest.raises(LockedError, match="no recovery route"):
        keys.unlock(home, Route("recovery", b"AAAA"))
    (tmp_path / "rubbish").write_bytes(b"\xff\x00 no key")
    with pytest.raises(WrongKeyError, match="not a memassist key file"):
        keys.unlock(home, Route("key-file", path=tmp_path / "rubbish"))
    assert right.path is not None
    right.path.unlink()
    with pytest.raises(LockedError, match="can't be read") as missing:
        keys.unlock(home)
    assert not isinstance(missing.value, WrongKeyError)


def test_a_home_that_only_a_person_can_open_says_so(home: Path) -> None:
    keys.create_keyslots(home, [Route("passphrase", PASSPHRASE)])
    with pytest.raises(LockedError, match="passphrase"):
        keys.unlock(home)


def test_the_environment_names_another_place_for_the_key_file(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = key_file(tmp_path)
    data_key = keys.create_keyslots(home, [route])
    assert route.path is not None
    moved = route.path.rename(tmp_path / "moved")
    with pytest.raises(LockedError):
        keys.unlock(home)
    monkeypatch.setenv("MEMASSIST_KEY_FILE", str(moved))
    assert keys.unlock(home).data_key == data_key


@pytest.mark.parametrize("place", ["key", "below/key", "../home/key"])
def test_a_key_file_inside_the_home_is_refused(home: Path, place: str) -> None:
    with pytest.raises(KeyRouteError, match="inside the home"):
        keys.make_key_file(home / place, home)


def test_a_key_file_linked_into_the_home_is_refused(home: Path, tmp_path: Path) -> None:
    (home / "key").touch()
    (tmp_path / "link").symlink_to(home / "key")
    with pytest.raises(KeyRouteError):
        keys.check_key_file_place(tmp_path / "link", home)


def test_no_home_is_made_with_its_key_inside(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "key").write_text("00" * 32)
    with pytest.raises(KeyRouteError):
        homes.create(home, [Route("key-file", path=home / "key")])
    assert not home.exists()


def test_an_older_key_file_is_never_overwritten(tmp_path: Path) -> None:
    route = key_file(tmp_path)
    assert route.path is not None
    before = route.path.read_bytes()
    with pytest.raises(KeyRouteError, match="exists"):
        keys.make_key_file(route.path, tmp_path / "home")
    assert route.path.read_bytes() == before
    assert stat.S_IMODE(route.path.stat().st_mode) == 0o600


def test_a_keyring_that_protects_nothing_is_refused(home: Path) -> None:
    before = keyring.get_keyring()
    # Not under the name of a real one.
    keyring.set_keyring(MemoryKeyring())  # type: ignore[no-untyped-call]  # its base has no types
    try:
        assert not keys.keyring_is_usable()
        with pytest.raises(KeyRouteError, match="no keyring"):
            keys.create_keyslots(home, [Route("keyring")])
    finally:
        keyring.set_keyring(before)
    assert list(home.iterdir()) == []


def test_a_keyring_that_lost_the_key_leaves_the_home_locked(
    home: Path, real_keyring: MemoryKeyring
) -> None:
    keys.create_keyslots(home, [Route("keyring")])
    real_keyring.kept.clear()
    with pytest.raises(LockedError, match="no key for this home"):
        keys.unlock(home)


def test_a_route_is_added_and_replaced(home: Path, tmp_path: Path) -> None:
    first = key_file(tmp_path)
    data_key = keys.create_keyslots(home, [first])
    assert data_key is not None
    keys.add_slot(home, data_key, Route("passphrase", b"old"))
    keys.add_slot(home, data_key, Route("passphrase", PASSPHRASE))
    assert keys.unlock(home, first).data_key == data_key
    assert keys.unlock(home, Route("passphrase", PASSPHRASE)).data_key == data_key
    with pytest.raises(WrongKeyError):
        keys.unlock(home, Route("passphrase", b"old"))


def test_slots_are_not_written_over(home: Path) -> None:
    keys.create_keyslots(home, [])
    with pytest.raises(HomeExistsError):
        keys.create_keyslots(home, [])


def test_a_slot_moved_from_another_home_or_relabelled_does_not_open(
    home: Path, tmp_path: Path
) -> None:
    route = key_file(tmp_path)
    keys.create_keyslots(home, [route])
    path = home / keys.KEYSLOTS_NAME
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"home": "0" * 16}))
    with pytest.raises(WrongKeyError):
        keys.unlock(home)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"version": 1}',
        b'{"version": "1", "encryption": "none", "slots": []}',
        b'{"version": 1, "encryption": "none", "slots": [7]}',
        b'{"version": 1, "encryption": "rot13", "home": "ab", "slots": []}',
        b'{"version": 1, "encryption": "sqlcipher", "slots": []}',
        b'{"version": 1, "encryption": "sqlcipher", "home": "ab", "slots": [{"kind": "keyring"}]}',
        (
            b'{"version": 1, "encryption": "sqlcipher", "home": "ab", "slots":'
            b' [{"kind": "key-file", "path": "/k", "nonce": "zz", "wrapped": "00"}]}'
        ),
        (
            b'{"version": 1, "encryption": "sqlcipher", "home": "ab", "slots":'
            b' [{"kind": "passphrase", "salt": "00", "nonce": "000000000000000000000000",'
            b' "wrapped": "00"}]}'
        ),
    ],
)
def test_damaged_slots_are_called_damaged(home: Path, content: bytes) -> None:
    (home / keys.KEYSLOTS_NAME).write_bytes(content)
    with pytest.raises(DamagedError):
        keys.unlock(home, Route("passphrase", PASSPHRASE))


def test_slots_of_a_newer_program_are_left_alone(home: Path) -> None:
    (home / keys.KEYSLOTS_NAME).write_text('{"version": 2}')
    with pytest.raises(NewerStoreError):
        keys.unlock(home)


def test_slots_that_are_not_there_or_not_readable(home: Path, tmp_path: Path) -> None:
    with pytest.raises(HomeMissingError):
        keys.unlock(home)
    (tmp_path / "file").touch()
    with pytest.raises(HomeMissingError):
        keys.unlock(tmp_path / "file")
    (home / keys.KEYSLOTS_NAME).mkdir()
    with pytest.raises(NoAccessError):
        keys.unlock(home)
