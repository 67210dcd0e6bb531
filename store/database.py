"""One SQLite file, opened as memassist needs it, for any number of threads and processes.

Invariant: every write goes through `Database.write`, which begins IMMEDIATE. A transaction that
reads first and upgrades later loses the race under contention with an error no time-out cures.
`tests/store/test_database.py` looks for any other BEGIN in the tree.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from memassist.store.errors import (
    AffectedLibraryError,
    DamagedError,
    NoAccessError,
    StoreBusyError,
    StoreFullError,
    WrongKeyError,
)
from memassist.store.files import make_private_file

if TYPE_CHECKING:
    import sqlite3 as sqlite  # the same API, and it has types
    from collections.abc import Iterable, Iterator
    from typing import Any
else:
    import sqlcipher3.dbapi2 as sqlite

Connection: TypeAlias = sqlite.Connection
Row: TypeAlias = sqlite.Row
DatabaseError: TypeAlias = sqlite.DatabaseError

# Primary result codes (https://sqlite.org/rescode.html): sqlcipher3 gives no extended ones.
_BUSY = frozenset({5, 6})
_FULL = frozenset({13})
_IO_ERROR = frozenset({10})
_DAMAGED = frozenset({11, 26})
_NO_ACCESS = frozenset({3, 8, 14, 23})
"""PERM, READONLY, CANTOPEN, AUTH."""
BUSY_TIMEOUT_MS = 60_000
"""SQLite's busy handler is not fair: with four steady writers a short time-out meets its end."""
DOCTOR_ADVICE = "Run memassist doctor: it tells whether memassist rebuild or a backup mends it."
CACHE_KIB = 4_096
"""Of each thread's connection: a large store fills them all. Storing and searching 60,000 items
take as long with 2 MB as with 16."""
MENDED_VERSION = (3, 51, 3)
"""First SQLite without the WAL-reset corruption."""


class _Cursor(sqlite.Cursor):
    """A cursor whose errors are the store's own, also those that come while rows are fetched."""

    def execute(self, sql: str, parameters: Any = ()) -> _Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite.Error as error:
            raise _translated(error, self.connection) from error

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> _Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite.Error as error:
            raise _translated(error, self.connection) from error

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite.Error as error:
            raise _translated(error, self.connection) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite.Error as error:
            raise _translated(error, self.connection) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite.Error as error:
            raise _translated(error, self.connection) from error


class _Connection(sqlite.Connection):
    """A connection that knows its file; `execute` goes through `cursor`."""

    path: Path
    is_writing: bool = False

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


def check_library(version: str = sqlite.sqlite_version) -> None:
    """Raise `AffectedLibraryError` for a library that can corrupt a shared store."""
    if tuple(int(part) for part in version.split(".")[:3]) < MENDED_VERSION:
        raise AffectedLibraryError(version)


def connect(path: Path, key: bytes | None) -> Connection:
    """Open one connection, with the file private and sqlite-vec loaded where it can be.

    `key` is the raw 32-byte data key, None for an unencrypted store. The file is made if missing.
    Raises `WrongKeyError` or `DamagedError` where it is not a database under that key, and
    `NoAccessError`. What SQLite refuses later comes as the store's errors, never as its own.
    """
    check_library()
    if path.is_dir():
        raise DamagedError(path, "it is a directory")
    make_private_file(path)
    connection = sqlite.connect(
        str(path),
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        factory=_Connection,
    )
    connection.path = path
    try:
        _prepare(connection, path, key)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Connection, path: Path, key: bytes | None) -> None:
    # A wrong key makes SQLCipher print to stderr, in the middle of a terminal app.
    connection.execute("PRAGMA cipher_log_level = NONE")
    if key is not None:
        _set_key(connection, key)
    connection.row_factory = Row
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except DamagedError:
        reason = "it is encrypted or no database" if key is None else "the key does not fit"
        raise DamagedError(path, reason) from None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # On macOS what is synchronised lies in the disk's own memory still, without these.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    load_vector_extension(connection)


def _set_key(connection: Connection, key: bytes) -> None:
    if len(key) != 32:
        raise WrongKeyError("The data key must have 32 bytes.")
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    except sqlite.Error:
        # The library's message repeats the statement, and with it the key.
        raise WrongKeyError("The key was not accepted.") from None


def load_vector_extension(connection: Connection) -> bool:
    """Load sqlite-vec into the connection; False where it has no build for this machine."""
    # The package is not imported: that loads numpy, 0.1 s which most commands have no use for.
    found = find_spec("sqlite_vec")
    if found is None or found.origin is None:
        return False
    try:
        connection.enable_load_extension(True)
        connection.load_extension(str(Path(found.origin).with_name("vec0")))
    except (sqlite.OperationalError, AttributeError):
        return False
    finally:
        with contextlib.suppress(AttributeError):
            connection.enable_load_extension(False)
    return True


def connection_stamp(connection: Connection) -> tuple[int, int, int]:
    """Return numbers that differ once anything was committed, by whichever connection.

    Other connections' commits show in the second number, this connection's own in the third.
    """
    version = connection.execute("PRAGMA data_version").fetchone()[0]
    return id(connection), version, connection.total_changes


@contextlib.contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """Let several reads see the same commits."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def _translated(error: sqlite.Error, connection: sqlite.Connection) -> Exception:
    """Return the store's own error for one of SQLite's, or the same error."""
    ours = cast("_Connection", connection)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in _BUSY:
        return StoreBusyError()
    # A quota and a limit on file sizes show themselves as an I/O error of a write.
    if code in _FULL or (code in _IO_ERROR and ours.is_writing):
        return StoreFullError()
    if code in _IO_ERROR:
        return DamagedError(ours.path, str(error), "See whether the disk fails, then try again.")
    if code in _DAMAGED:
        return DamagedError(ours.path, str(error), DOCTOR_ADVICE)
    if code in _NO_ACCESS:
        return NoAccessError(ours.path, str(error))
    return error


class _Holder:
    """A thread's connection, closed when the thread ends and its locals go with it."""

    __slots__ = ("__weakref__", "_closing", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._closing: threading.Lock | None = threading.Lock()

    def close(self) -> None:
        """Close the connection, once.

        Two threads may come here at the same moment, as one ends and another closes the store: the
        library closes a connection twice then, and may wait for ever on what it freed.
        """
        closing = self._closing
        if closing is None:
            return
        with closing:
            if self._closing is not None:
                self._closing = None
                self.connection.close()

    def __del__(self) -> None:
        self.close()


class Database:
    """One file; a connection for each thread that asks, opened on first use."""

    def __init__(self, path: Path, key: bytes | None) -> None:
        """Open nothing yet but the calling thread's connection; raises as `connect` does."""
        self.path = path
        self.key = key
        """The raw data key, None for an unencrypted store."""
        self._local = threading.local()
        self._opened: weakref.WeakSet[_Holder] = weakref.WeakSet()
        self._opened_lock = threading.Lock()
        self.read()

    def read(self) -> Connection:
        """Return this thread's connection, for SELECTs only."""
        holder: _Holder | None = getattr(self._local, "holder", None)
        if holder is None:
            holder = _Holder(connect(self.path, self.key))
            self._local.holder = holder
            with self._opened_lock:
                self._opened.add(holder)
        return holder.connection

    @contextlib.contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """Run a block as one IMMEDIATE transaction on this thread's connection.

        `durable` waits for the disk at commit: for all that is acknowledged to somebody.
        Commits at the end, rolls back on any exception. Not to be nested, and never to be held
        over a model, OCR or network call.
        Raises `StoreBusyError` after the busy time-out and `StoreFullError` on a full disk.
        """
        connection = self.read()
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        cast("_Connection", connection).is_writing = True
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            cast("_Connection", connection).is_writing = False
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every thread's connection. A second call does nothing."""
        with self._opened_lock:
            for holder in self._opened:
                holder.close()
            self._opened.clear()
        self._local = threading.local()


@contextlib.contextmanager
def aliased_for_sqlite_utils() -> Iterator[None]:
    """Let `import sqlite_utils` inside the block pick up SQLCipher as its SQLite.

    It looks for `pysqlite3` first. The names are put back, so no other package sees the alias.
    """
    import sqlcipher3

    names = {"pysqlite3": sqlcipher3, "pysqlite3.dbapi2": sqlite}
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
