"""The one way to open and to write, and what each thing that can be wrong with a file is called."""

from __future__ import annotations

import contextlib
import re
import secrets
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlcipher3.dbapi2 as sqlite

from memassist.store.database import Database, check_library, connect
from memassist.store.errors import (
    AffectedLibraryError,
    DamagedError,
    NoAccessError,
    StoreBusyError,
    StoreFullError,
    WrongKeyError,
)

if TYPE_CHECKING:
    from tests.store.conftest import Bench


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a database may be made."""
    return tmp_path / "a.db"


def filled(path: Path, key: bytes | None, rows: int = 500) -> None:
    """Make a database with a table of text."""
    database = Database(path, key)
    with database.write() as connection:
        connection.execute("CREATE TABLE t (text TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("canary" * 40,)] * rows)
    database.close()


@pytest.mark.parametrize("version", ["3.51.2", "3.44.0", "2.8.17"])
def test_an_affected_library_is_refused(version: str) -> None:
    with pytest.raises(AffectedLibraryError, match=re.escape(version)):
        check_library(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.53.4", "4.0.0"])
def test_a_mended_library_is_taken(version: str) -> None:
    check_library(version)


def test_settings_that_the_promises_rest_on(path: Path) -> None:
    connection = connect(path, secrets.token_bytes(32))
    found = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in (
            "journal_mode",
            "foreign_keys",
            "secure_delete",
            "temp_store",
            "trusted_schema",
            "fullfsync",
            "checkpoint_fullfsync",
        )
    }
    connection.close()
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "trusted_schema": 0,
        "fullfsync": 1,
        "checkpoint_fullfsync": 1,
    }


def test_an_encrypted_file_shows_nothing(path: Path) -> None:
    filled(path, secrets.token_bytes(32))
    content = path.read_bytes()
    assert b"SQLite format 3" not in content
    assert b"canary" not in content


def test_a_wrong_key_and_no_key_are_errors_and_print_nothing(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    filled(path, secrets.token_bytes(32))
    with pytest.raises(DamagedError, match="key does not fit"):
        Database(path, secrets.token_bytes(32))
    with pytest.raises(DamagedError, match="encrypted or no database"):
        Database(path, None)
    with pytest.raises(WrongKeyError):
        Database(path, b"short")
    assert capfd.readouterr() == ("", "")


def test_no_error_tells_the_key(path: Path) -> None:
    key = secrets.token_bytes(32)
    filled(path, secrets.token_bytes(32))
    with pytest.raises(DamagedError) as caught:
        Database(path, key)
    error: BaseException | None = caught.value
    while error is not None:
        assert key.hex() not in repr(error)
        error = error.__cause__ or error.__context__


def test_rubbish_and_a_directory_are_no_store(path: Path, tmp_path: Path) -> None:
    path.write_bytes(secrets.token_bytes(8192))
    with pytest.raises(DamagedError):
        Database(path, None)
    (tmp_path / "directory").mkdir()
    with pytest.raises(DamagedError, match="directory"):
        Database(tmp_path / "directory", None)
    with pytest.raises(NoAccessError):
        Database(tmp_path / "missing" / "a.db", None)


def test_damage_found_while_rows_are_fetched_is_named(path: Path) -> None:
    key = secrets.token_bytes(32)
    filled(path, key, 2000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = secrets.token_bytes(4096)
    path.write_bytes(content)
    for fetch in (
        lambda rows: rows.fetchall(),
        lambda rows: list(rows),
        lambda rows: [rows.fetchone() for _ in range(2000)],
    ):
        database = Database(path, key)
        with pytest.raises(DamagedError, match=r"a\.db"):
            fetch(database.read().execute("SELECT text FROM t"))
        database.close()


def test_loading_an_extension_is_off_once_it_is_open(path: Path) -> None:
    connection = connect(path, None)
    with pytest.raises(sqlite.OperationalError, match="not authorized"):
        connection.execute("SELECT load_extension('vec0')")
    connection.close()


def test_an_exception_rolls_the_write_back(path: Path) -> None:
    filled(path, None, 1)
    database = Database(path, None)

    def interrupted() -> None:
        with database.write() as connection:
            connection.execute("DELETE FROM t")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert database.read().execute("SELECT count(*) FROM t").fetchone()[0] == 1
    with database.write() as connection:  # nothing is held
        connection.execute("DELETE FROM t")
    database.close()


def test_threads_have_connections_of_their_own_and_lose_no_write(path: Path) -> None:
    filled(path, None, 0)
    database = Database(path, None)
    seen: set[object] = set()

    def add() -> None:
        seen.add(database.read())
        for _ in range(25):
            with database.write() as connection:
                count = connection.execute("SELECT count(*) FROM t").fetchone()[0]
                connection.execute("INSERT INTO t VALUES (?)", (str(count),))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {row[0] for row in database.read().execute("SELECT text FROM t").fetchall()}
    assert texts == {str(number) for number in range(100)}
    assert len(seen) == 4
    database.close()
    database.close()


def open_files(path: Path) -> int:
    """Return how many of this process's open files are the database's."""
    folder = Path("/proc/self/fd")
    names = []
    for link in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(FileNotFoundError):  # the listing's own, closed by now
            names.append(str(link.readlink()))
    return sum(1 for name in names if name.startswith(str(path)))


def test_threads_that_end_leave_no_connections_open(path: Path) -> None:
    filled(path, None, 1)
    database = Database(path, None)
    counts = []
    for _ in range(10):
        thread = threading.Thread(target=lambda: database.read().execute("SELECT 1").fetchone())
        thread.start()
        thread.join()
        counts.append(open_files(path))
    # SQLite keeps one file for the next connection while this thread's own is open.
    assert max(counts) == counts[0]
    assert database.read().execute("SELECT count(*) FROM t").fetchone()[0] == 1
    database.close()
    assert open_files(path) == 0


def test_a_writer_that_waits_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, None, 1)
    monkeypatch.setattr("memassist.store.database.BUSY_TIMEOUT_MS", 50)
    holder, other = Database(path, None), Database(path, None)

    def try_to_write() -> None:
        with other.write() as connection:
            connection.execute("DELETE FROM t")

    with holder.write(), pytest.raises(StoreBusyError):
        try_to_write()
    try_to_write()
    holder.close()
    other.close()


def test_a_full_disk_rolls_back_and_the_store_goes_on(bench: Bench) -> None:
    bench.put("before")
    pages = bench.count("PRAGMA page_count")
    bench.database.read().execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StoreFullError):
        bench.put(*[f"{number} " + "word " * 800 for number in range(50)])
    bench.database.read().execute("PRAGMA max_page_count = 1000000")
    assert bench.count("SELECT count(*) FROM item") == 1
    assert bench.put("after") == ["stored"]


LIMITED = """
import resource, sys
from pathlib import Path
from memassist.store import home, items
from memassist.store.errors import StoreFullError
from memassist.plugins.types import Record

place, limit = Path(sys.argv[1]), int(sys.argv[2])
database = home.open_home(place)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
acknowledged = 0
try:
    while True:
        with database.write(durable=True) as connection:
            source = items.source_id(connection, "t", "t")
            text = f"line {acknowledged} " + "word " * 400
            record = Record(text=text, place="p", native_id=str(acknowledged))
            items.store_batch(
                connection, source, [items.NewItem(record, "t@1", True, 5, 0, [(0, 50)])], None
            )
        acknowledged += 1
except StoreFullError:
    print(acknowledged)
"""


def test_a_limit_on_file_sizes_is_a_full_disk_and_loses_nothing(bench: Bench) -> None:
    bench.database.close()
    limit = (bench.home / "memory.db").stat().st_size + 400_000
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, bench.home, str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    acknowledged = int(done.stdout)
    assert acknowledged > 2
    assert bench.count("SELECT count(*) FROM item") == acknowledged
    assert bench.put("there is room again") == ["stored"]


def test_no_other_module_begins_a_transaction(repository: Path) -> None:
    begins = re.compile(r"""execute\w*\(\s*f?["']+\s*(?:BEGIN|SAVEPOINT)[^"']*""", re.IGNORECASE)
    found = [
        (str(path.relative_to(repository)), match.group())
        for layer in ("store", "ingest", "assistant", "ui", "plugins")
        for path in (repository / layer).rglob("*.py")
        for match in begins.finditer(path.read_text())
    ]
    assert found == [
        ("store/database.py", 'execute("BEGIN DEFERRED'),
        ("store/database.py", 'execute("BEGIN IMMEDIATE'),
    ]


CLOSED_AS_THREADS_END = """
import sys, threading
from pathlib import Path
from memassist.store.database import Database

sys.setswitchinterval(1e-5)
for _ in range(60):
    database = Database(Path(sys.argv[1]), bytes(32))
    gate = threading.Barrier(5)

    def look():
        database.read().execute("SELECT 1").fetchone()
        gate.wait()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.wait()
    database.close()
    for thread in threads:
        thread.join()
"""


def test_a_store_may_be_closed_while_its_threads_end(path: Path) -> None:
    # In a process of its own: the library crashes where a connection is closed twice at once.
    words = [sys.executable, "-c", CLOSED_AS_THREADS_END, str(path)]
    assert subprocess.run(words, check=False, timeout=120).returncode == 0


READ_BY_SIX = """
import sys, threading
from pathlib import Path
from memassist.store.database import Database


def size():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) // 1024


def read():
    database.read().execute("SELECT sum(length(body)) FROM page").fetchone()
    together.wait()  # all have read, and none has let go
    together.wait()


database = Database(Path(sys.argv[1]), None)
together = threading.Barrier(7)
threads = [threading.Thread(target=read) for _ in range(6)]
before = size()
for thread in threads:
    thread.start()
together.wait()
print(size() - before)
together.wait()
for thread in threads:
    thread.join()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_threads_that_read_a_large_store_keep_little_of_it(path: Path) -> None:
    database = Database(path, None)
    with database.write() as connection:
        connection.execute("CREATE TABLE page (body BLOB)")
        rows = [(bytes(2_000),)] * 10_000
        connection.executemany("INSERT INTO page VALUES (?)", rows)
    database.close()
    command = [sys.executable, "-c", READ_BY_SIX, str(path)]
    grown_mb = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown_mb < 60
