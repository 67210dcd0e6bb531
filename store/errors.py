"""What the store raises.

StoreError
├── HomeMissingError        no home there; `init` makes one
├── HomeExistsError         `init` where a home is
├── LockedError             no route gave the key
│   ├── WrongKeyError       a route gave a key, and it is not this home's
│   └── NoAccessError       the system does not let us read or write there
├── KeyRouteError           a route cannot be set up (key file inside the home, no keyring)
├── DamagedError            the file is no store of ours, or does not open with the right key
├── NewerStoreError         written by a newer memassist
├── AffectedLibraryError    this SQLite can corrupt a store that several processes write
├── StoreBusyError          another process held the write lock for too long
├── StoreFullError          the disk takes no more
├── NotFoundError           no memory, item or revision of that id
├── ConflictError           changed by somebody else since it was read
├── EntityError             names that can't be merged, split or linked as asked
└── CannotUndoError         forget, or a change that later ones stand on
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StoreError(Exception):
    """Base of what the store raises."""


class HomeMissingError(StoreError):
    """There is no home in that directory."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"There is no memassist home in {home}.")
        self.home = home
        """The directory that was asked for."""


class HomeExistsError(StoreError):
    """There is a home in that directory already."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"{home} already holds a memassist home.")
        self.home = home
        """The directory that was asked for."""


class LockedError(StoreError):
    """No route gave the key of this home."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """Which route was tried and what it lacked."""
        self.advice = advice
        """What would open it by that route; empty where only the person knows."""


class WrongKeyError(LockedError):
    """The key that was given is not this home's."""


class NoAccessError(LockedError):
    """The system refuses to let this user read or write a file of the home."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} can't be used: {reason.lower()}.")
        self.path = path
        """The file or directory."""
        self.advice = "Look at who owns it, at its rights, and whether its disk is read-only."
        """The way out."""


class KeyRouteError(StoreError):
    """A route to the key cannot be set up."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.advice = advice
        """What would work."""


class DamagedError(StoreError):
    """The file is not a store of ours, or its pages do not decrypt."""

    def __init__(self, path: Path, reason: str, advice: str = "") -> None:
        super().__init__(f"{path.name} can't be read as a memassist store: {reason}.")
        self.path = path
        """The file."""
        self.advice = advice
        """The way out where it is not a backup; empty otherwise."""


class NewerStoreError(StoreError):
    """The store was written by a newer version."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"{path.name} has schema {found}, and this memassist knows schemas up to {known}."
        )
        self.found = found
        """Schema number of the file."""
        self.known = known
        """Highest schema number of this program."""


class AffectedLibraryError(StoreError):
    """The SQLite library has the WAL-reset bug."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"SQLite {version} can corrupt a database that several processes write"
            " (WAL-reset bug, mended in 3.51.3)."
        )
        self.version = version
        """The library's version."""


class StoreBusyError(StoreError):
    """Another process held the write lock for longer than the time-out."""

    def __init__(self) -> None:
        super().__init__("Another memassist process is writing and did not finish in time.")


class StoreFullError(StoreError):
    """The disk, or the room one may use of it, is full, and the change was rolled back."""

    def __init__(self) -> None:
        super().__init__(
            "The disk is full or takes no more; the last change was not made, and nothing was lost."
        )


class NotFoundError(StoreError):
    """Nothing has that id."""

    def __init__(self, what: str, identifier: str = "") -> None:
        super().__init__(f"There is no {what}{identifier and f' with the id {identifier}'}.")
        self.what = what
        """`memory`, `item`, `revision`, `inbox entry`."""
        self.identifier = identifier
        """The id that was asked for; empty where none was."""


class ConflictError(StoreError):
    """Somebody else changed it since it was read."""

    def __init__(self, identifier: str, expected: int, found: int) -> None:
        super().__init__(
            f"{identifier} was changed by somebody else: version {expected} was read,"
            f" and it is at version {found} now."
        )
        self.expected = expected
        """The version the change was based on."""
        self.found = found
        """The version that is stored."""


class EntityError(StoreError):
    """Names or links that can't be brought together or told apart as asked."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """What stands against it."""
        self.advice = advice
        """The way out; empty where there is nothing to do."""


class CannotUndoError(StoreError):
    """The change can't be undone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
