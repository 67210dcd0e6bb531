"""How a home's data key is kept and found.

Model: a random 32-byte data key encrypts the store and is never on disk unwrapped.
`keyslots.json` holds copies of it, each wrapped with AES-256-GCM under a wrapping key that one
route gives: a key file, a passphrase (Argon2id), the system's keyring, or the recovery code.
Invariant: no slot holds its own wrapping key; `tests/store/test_keys.py` looks for the bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

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
from memassist.store.files import make_private_directory, write_private_file

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYSLOTS_NAME = "keyslots.json"
KEY_BYTES = 32
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_ITERATIONS = 3
ARGON2_LANES = 4
"""RFC 9106's second recommended option."""
RECOVERY_BYTES = 20
"""160 random bits: 32 letters and digits, read back in eight groups of four."""
KEYRING_SERVICE = "memassist"
KEYSLOTS_VERSION = 1
_SLOT_EXTRAS = {"key-file": ("path",), "passphrase": ("salt",)}
"""What a kind of slot holds beyond the wrapped key."""

SlotKind: TypeAlias = Literal["key-file", "passphrase", "keyring", "recovery"]


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a wrapping key, as the person gave it."""

    kind: SlotKind
    secret: bytes = b""
    """Passphrase or recovery code in UTF-8; empty for the other kinds."""
    path: Path | None = None
    """The key file, absolute."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What `unlock` found."""

    data_key: bytes | None
    """32 bytes, None for an unencrypted home."""
    route: SlotKind | Literal["none"]


def new_recovery_code() -> str:
    """Return a code of eight groups of four, from an alphabet without 0, 1, 8 and 9."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode("ascii")
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def make_key_file(path: Path, home: Path) -> None:
    """Write a new random key file, 0600. Raises `KeyRouteError` inside the home or if it exists."""
    check_key_file_place(path, home)
    if not path.parent.exists():
        make_private_directory(path.parent)
    content = secrets.token_bytes(KEY_BYTES).hex().encode("ascii") + b"\n"
    try:
        write_private_file(path, content, is_new=True)
    except FileExistsError as error:
        raise KeyRouteError(
            f"{path} exists already.", "Give another name, or use the key it holds."
        ) from error


def check_key_file_place(path: Path, home: Path) -> None:
    """Raise `KeyRouteError` for a key that would lie beside the data it locks."""
    if path.resolve().is_relative_to(home.resolve()):
        raise KeyRouteError(
            f"The key file {path} lies inside the home {home}.",
            "Keep it elsewhere: whoever copies the home must not get the key with it.",
        )


def create_keyslots(home: Path, routes: Sequence[Route]) -> bytes | None:
    """Make a new data key, wrap it once for each route and return it.

    No routes make an unencrypted home, which has no key. Raises `HomeExistsError`.
    """
    path = home / KEYSLOTS_NAME
    if path.exists():
        raise HomeExistsError(home)
    if not routes:
        _write(path, {"version": KEYSLOTS_VERSION, "encryption": "none", "slots": []})
        return None
    data_key = secrets.token_bytes(KEY_BYTES)
    home_id = secrets.token_hex(8)
    slots = [_wrap(route, data_key, home_id) for route in routes]
    content = {"encryption": "sqlcipher", "home": home_id, "slots": slots}
    _write(path, {"version": KEYSLOTS_VERSION} | content)
    return data_key


def add_slot(home: Path, data_key: bytes, route: Route) -> None:
    """Wrap the data key for one more route; an older slot of its kind is replaced."""
    content = read_keyslots(home)
    kept = [slot for slot in content["slots"] if slot["kind"] != route.kind]
    content["slots"] = [*kept, _wrap(route, data_key, content["home"])]
    _write(home / KEYSLOTS_NAME, content)


def read_keyslots(home: Path) -> dict[str, Any]:
    """Return the parsed file, of the shape that `create_keyslots` writes.

    Raises `HomeMissingError`, `DamagedError`, `NewerStoreError` and `NoAccessError`.
    """
    path = home / KEYSLOTS_NAME
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise HomeMissingError(home) from None
    except OSError as error:
        raise NoAccessError(path, error.strerror or "") from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, "it is not JSON") from error
    if not isinstance(content, dict) or not isinstance(content.get("version"), int):
        raise DamagedError(path, "it has no version")
    if content["version"] > KEYSLOTS_VERSION:
        raise NewerStoreError(path, content["version"], KEYSLOTS_VERSION)
    slots = content.get("slots")
    if not isinstance(slots, list) or not all(_is_slot(slot) for slot in slots):
        raise DamagedError(path, "its key slots are broken")
    if content.get("encryption") == "none":
        return content
    if content.get("encryption") != "sqlcipher" or not isinstance(content.get("home"), str):
        raise DamagedError(path, "it does not say how the home is encrypted")
    return content


def _is_slot(slot: object) -> bool:
    if not isinstance(slot, dict) or not all(isinstance(value, str) for value in slot.values()):
        return False
    needed = {"kind", "nonce", "wrapped", *_SLOT_EXTRAS.get(slot.get("kind", ""), ())}
    try:
        for name in ("nonce", "wrapped", "salt"):
            bytes.fromhex(slot.get(name, ""))
    except ValueError:
        return False
    return (
        needed <= set(slot) and len(slot["nonce"]) == 24 and len(slot.get("salt", " " * 32)) == 32
    )


def slot_kinds(home: Path) -> tuple[SlotKind, ...]:
    """Return the kinds of routes that open this home; none for an unencrypted one."""
    return tuple(slot["kind"] for slot in read_keyslots(home)["slots"])


def unlock(home: Path, given: Route | None = None) -> Unlocked:
    """Return the data key by the given route, or else by one that needs no person.

    Without `given`: `MEMASSIST_KEY_FILE`, then the home's own key file, then the keyring.
    Raises `HomeMissingError`, `WrongKeyError`, and `LockedError` where a person is needed.
    """
    content = read_keyslots(home)
    if content.get("encryption") == "none":
        return Unlocked(None, "none")
    slots = content["slots"]
    if given is not None:
        return Unlocked(_unwrap(_slot_of(slots, given.kind), given, content["home"]), given.kind)
    override = os.environ.get("MEMASSIST_KEY_FILE")
    for slot in slots:
        if slot["kind"] == "key-file":
            path = Path(override or slot["path"])
            route = Route("key-file", path=path)
            return Unlocked(_unwrap(slot, route, content["home"]), "key-file")
    for slot in slots:
        if slot["kind"] == "keyring":
            return Unlocked(_unwrap(slot, Route("keyring"), content["home"]), "keyring")
    raise LockedError("This home is locked with a passphrase.")


def _slot_of(slots: list[dict[str, str]], kind: SlotKind) -> dict[str, str]:
    for slot in slots:
        if slot["kind"] == kind:
            return slot
    raise LockedError(f"This home has no {kind} route.")


def _write(path: Path, content: dict[str, Any]) -> None:
    write_private_file(path, json.dumps(content, indent=1).encode("ascii"))


def _wrap(route: Route, data_key: bytes, home_id: str) -> dict[str, str]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    slot: dict[str, str] = {"kind": route.kind}
    if route.kind == "key-file" and route.path is not None:
        slot["path"] = str(route.path)
    if route.kind == "passphrase":
        slot["salt"] = secrets.token_hex(16)
    if route.kind == "keyring":
        _store_in_keyring(home_id, secrets.token_hex(KEY_BYTES))
    nonce = secrets.token_bytes(12)
    wrapped = AESGCM(_wrapping_key(slot, route, home_id)).encrypt(
        nonce, data_key, _binding(slot, home_id)
    )
    return slot | {"nonce": nonce.hex(), "wrapped": wrapped.hex()}


def _unwrap(slot: dict[str, str], route: Route, home_id: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_wrapping_key(slot, route, home_id)).decrypt(
            bytes.fromhex(slot["nonce"]), bytes.fromhex(slot["wrapped"]), _binding(slot, home_id)
        )
    except InvalidTag:
        raise WrongKeyError(f"The {route.kind} does not fit this home.") from None


def _binding(slot: dict[str, str], home_id: str) -> bytes:
    """What the wrapped key is bound to, so that a slot can't be moved or relabelled."""
    return f"memassist keyslot {home_id} {slot['kind']}".encode()


def _wrapping_key(slot: dict[str, str], route: Route, home_id: str) -> bytes:
    if route.kind == "key-file" and route.path is not None:
        return _key_from_file(route.path)
    if route.kind == "passphrase":
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        return Argon2id(
            salt=bytes.fromhex(slot["salt"]),
            length=KEY_BYTES,
            iterations=ARGON2_ITERATIONS,
            lanes=ARGON2_LANES,
            memory_cost=ARGON2_MEMORY_KIB,
        ).derive(route.secret)
    if route.kind == "recovery":
        # 160 random bits need no slow derivation.
        code = route.secret.decode("utf-8", "replace").upper().replace("-", "").replace(" ", "")
        return hashlib.sha256(b"memassist recovery" + code.encode()).digest()
    return bytes.fromhex(_read_from_keyring(home_id))


def _key_from_file(path: Path) -> bytes:
    try:
        text = path.read_bytes()[:1024].strip()
    except OSError as error:
        raise LockedError(
            f"The key file {path} can't be read: {error.strerror}.",
            "Put it back, or say where it lies now with MEMASSIST_KEY_FILE.",
        ) from error
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongKeyError(f"{path} is not a memassist key file.")
    return key


def _usable_keyring() -> Any:
    """Return the keyring's back end if it really protects; raise `KeyRouteError` otherwise."""
    import keyring

    backend = keyring.get_keyring()
    children = getattr(backend, "backends", None) or [backend]
    safe = ("macOS", "Windows", "SecretService", "kwallet", "libsecret")
    for child in children:
        if type(child).__module__.startswith("keyring.backends.") and any(
            name in type(child).__module__ for name in safe
        ):
            return child
    raise KeyRouteError(
        "This system has no keyring that protects a key.",
        "Use --key-file FILE or a passphrase instead.",
    )


def keyring_is_usable() -> bool:
    """Whether the system's keyring really protects a key."""
    try:
        _usable_keyring()
    except KeyRouteError:
        return False
    return True


def _store_in_keyring(home_id: str, key_hex: str) -> None:
    from keyring.errors import KeyringError

    try:
        _usable_keyring().set_password(KEYRING_SERVICE, home_id, key_hex)
    except KeyringError as error:
        raise KeyRouteError(
            "The keyring refused the key.", "Unlock the keyring, or use --key-file FILE."
        ) from error


def _read_from_keyring(home_id: str) -> str:
    from keyring.errors import KeyringError

    try:
        found = _usable_keyring().get_password(KEYRING_SERVICE, home_id)
    except (KeyringError, KeyRouteError) as error:
        raise LockedError(
            "The system's keyring did not give the key.", "Unlock the keyring and try again."
        ) from error
    if not isinstance(found, str):
        raise LockedError(
            "The system's keyring has no key for this home.",
            "Give it a new route by the recovery code: memassist key add --recovery-fd N --key-file"
            " FILE",
        )
    return found
