"""Whatever is wrong with a home: a sentence, the documented exit code, and nothing is changed."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from typing import TYPE_CHECKING

import pytest

from memassist.store import home as homes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hard.conftest import Cli, Ended


def fails(ended: Ended, code: int, *said: str) -> None:
    """Assert how a command failed: its code, what it says to a person, and nothing on stdout."""
    assert ended.code == code, ended
    assert ended.out == ""
    for part in said:
        assert part in ended.err, ended.err


def kept(cli: Cli) -> None:
    """Assert that what was stored is there."""
    assert cli.rows("SELECT text FROM item") == [("it stays",)]


@pytest.fixture
def filled(cli: Cli) -> Cli:
    """Return a home with an item."""
    assert cli.run("add", "it stays", "--no-wait").code == 0
    return cli


def test_a_wrong_key(filled: Cli, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text(secrets.token_hex(32))
    fails(
        filled.run("stats", MEMASSIST_KEY_FILE=str(tmp_path / "wrong")),
        4,
        "does not fit this home",
        "key file or passphrase this home was made with",
    )
    (tmp_path / "wrong").write_bytes(b"\xff\xfe not a key")
    fails(filled.run("stats", MEMASSIST_KEY_FILE=str(tmp_path / "wrong")), 4, "not a memassist key")
    kept(filled)


def test_a_key_file_that_is_gone(filled: Cli, tmp_path: Path) -> None:
    moved = (tmp_path / "keys" / "key").rename(tmp_path / "moved")
    fails(filled.run("stats"), 4, "can't be read", "MEMASSIST_KEY_FILE")
    assert filled.run("stats", MEMASSIST_KEY_FILE=str(moved)).code == 0


def test_a_newer_store(filled: Cli) -> None:
    database = homes.open_home(filled.home)
    with database.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    database.close()
    before = (filled.home / "memory.db").read_bytes()
    fails(filled.run("add", "more"), 5, "schema 99", "Install a newer memassist")
    assert (filled.home / "memory.db").read_bytes() == before


@pytest.mark.parametrize("what", ["text", "rubbish", "nothing", "cut", "another database", "gone"])
def test_a_file_that_is_no_store(filled: Cli, what: str) -> None:
    path = filled.home / "memory.db"
    whole = path.read_bytes()
    path.unlink()
    if what == "another database":
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE t (x)")
        other.commit()
        other.close()
    elif what != "gone":
        path.write_bytes(
            {
                "text": b"Dear diary,\n" * 1000,
                "rubbish": secrets.token_bytes(100_000),
                "nothing": b"",
                "cut": whole[:5000],
            }[what]
        )
    before = path.read_bytes() if path.exists() else None
    for words in (("stats",), ("add", "more"), ("doctor",), ("search", "--lexical", "x")):
        fails(filled.run(*words), 5, "memory.db", "Restore a backup")
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_store_with_bad_pages_in_the_middle(filled: Cli, tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"line {n} " + "word " * 50}) + "\n" for n in range(2000))
    (tmp_path / "lines.jsonl").write_text(lines)
    assert filled.run("import", tmp_path / "lines.jsonl", "--no-wait").code == 0
    path = filled.home / "memory.db"
    content = bytearray(path.read_bytes())
    for start in range(len(content) // 4, len(content) * 3 // 4, 8192):
        content[start] ^= 0xFF
    path.write_bytes(content)
    ended = filled.run("doctor", "--json")
    assert ended.code in (1, 5)
    if ended.code == 1:
        assert not ended.json()["checks"][0]["ok"]
    assert filled.run("timeline", "--limit", "5000").code in (0, 5)
    fails(filled.run("backup", tmp_path / "saved"), 5, "memory.db")
    assert not (tmp_path / "saved").exists()


def test_slots_that_are_broken(filled: Cli) -> None:
    path = filled.home / "keyslots.json"
    whole = path.read_bytes()
    for content in (b"", b"{}", b"[1]", whole[:100], secrets.token_bytes(300)):
        path.write_bytes(content)
        fails(filled.run("stats"), 5, "keyslots.json")
    path.unlink()
    fails(filled.run("stats"), 5, "keyslots.json is missing")
    path.write_bytes(whole)
    kept(filled)


@pytest.mark.parametrize("content", [b"me = ", b"\xff\xfe", b"mee = []\n", b"me = 7\n"])
def test_settings_that_are_broken(filled: Cli, content: bytes) -> None:
    (filled.home / "config.toml").write_bytes(content)
    fails(filled.run("stats"), 2)
    (filled.home / "config.toml").write_bytes(b"")
    kept(filled)


def test_no_home(filled: Cli, tmp_path: Path) -> None:
    for words in (("stats",), ("add", "x"), ("import", tmp_path), ("config", "set", "me", "Ann")):
        fails(filled.run("--home", tmp_path / "nowhere", *words), 2, "no memassist home", "init")
    assert not (tmp_path / "nowhere").exists()


def test_a_home_is_made_once_and_not_over_a_file(filled: Cli, tmp_path: Path) -> None:
    fails(filled.run("init", "--key-file", tmp_path / "other"), 2, "already holds")
    kept(filled)
    (tmp_path / "file").touch()
    ended = filled.run("--home", tmp_path / "file", "init", "--key-file", tmp_path / "other")
    assert ended.code == 2
    inside = tmp_path / "new"
    fails(filled.run("--home", inside, "init", "--key-file", inside / "key"), 2, "inside the home")
    assert not inside.exists()


def test_init_without_a_terminal_or_keyring_names_the_ways(filled: Cli, tmp_path: Path) -> None:
    fails(
        filled.run("--home", tmp_path / "new", "init"),
        2,
        "--key-file",
        "--passphrase-fd",
        "--no-encryption",
    )
    assert not (tmp_path / "new").exists()


def test_a_locked_home_without_a_terminal(filled: Cli, tmp_path: Path) -> None:
    at = ("--home", tmp_path / "locked")
    made = filled.run(*at, "init", "--passphrase-fd", "0", "--json", input_text="open sesame\n")
    assert made.code == 0, made.err
    fails(filled.run(*at, "stats"), 4, "locked with a passphrase", "--passphrase-fd")
    opened = filled.run(*at, "--passphrase-fd", "0", "stats", input_text="open sesame\n")
    assert opened.code == 0
    wrong = filled.run(*at, "--passphrase-fd", "0", "stats", input_text="open barley\n")
    fails(wrong, 4, "does not fit")
    fails(filled.run(*at, "--passphrase-fd", "0", "stats", input_text=""), 2, "empty")
    fails(filled.run(*at, "--passphrase-fd", "77", "stats"), 2, "--passphrase-fd 77")


def test_a_home_without_rights(filled: Cli, refused: tuple[str, ...]) -> None:
    for name in ("memory.db", "keyslots.json"):
        path = filled.home / name
        path.chmod(0)
        fails(filled.run("stats", before=refused), 4, name, "permission denied", "rights")
        path.chmod(0o600)
    kept(filled)


def test_a_backup_that_is_broken(filled: Cli, tmp_path: Path) -> None:
    assert filled.run("backup", tmp_path / "saved").code == 0
    shown = filled.run("restore", tmp_path / "saved", "--dry-run", "--json")
    assert shown.json()["items"] == 1
    onto_itself = ("--to", filled.home)
    fails(filled.run("restore", tmp_path / "saved", *onto_itself), 2, "already holds")
    path = tmp_path / "saved" / "memory.db"
    os.truncate(path, path.stat().st_size // 2)
    again = ("--to", tmp_path / "again")
    fails(filled.run("restore", tmp_path / "saved", *again), 5, "memory.db")
    fails(filled.run("restore", tmp_path / "saved", "--dry-run"), 5, "memory.db")
    path.unlink()
    assert filled.run("restore", tmp_path / "saved", *again).code == 2
    assert not (tmp_path / "again").exists()
    kept(filled)


QUERIES = (
    '"',
    '"unclosed OR NEAR(',
    "text : * ^ NOT AND OR",
    "NEAR(a b, 5)",
    "{author} : x",
    "a AND",
    "-col -- ; DROP TABLE item; '",
    "* *",
    "🙂 \u2028 \u0301",
    "%_[a-z]*",
    "\udcff\udcfe",
)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_syntax_characters_is_only_words(filled: Cli, query: str) -> None:
    assert filled.run("search", "--lexical", "--json", "--", query).code == 0
    assert filled.run("ask", "--json", "--", query).code in (0, 2)
    kept(filled)


def test_empty_and_endless_queries(filled: Cli, tmp_path: Path) -> None:
    for query in ("", "   ", "\u3000"):
        found = filled.run("search", "--lexical", "--json", query)
        assert (found.code, found.json()["hits"]) == (0, [])
        fails(filled.run("ask", query), 2, "no question")
    endless = "it stays " + "wörd " * 20_000
    assert len(endless.encode()) > 100_000
    found = filled.run("search", "--lexical", "--json", endless)
    assert (found.code, len(found.json()["hits"])) == (0, 1)
    batch = tmp_path / "queries.jsonl"
    distinct = " ".join(f"w{number}" for number in range(15_000))
    queries = ("", '"(', distinct, endless)
    batch.write_text(
        "".join(json.dumps({"id": n, "query": text}) + "\n" for n, text in enumerate(queries))
    )
    done = filled.run("search", "--lexical", "--json", "--batch", batch)
    assert done.code == 0, done.err
    counts = [len(json.loads(line)["hits"]) for line in done.out.splitlines()]
    assert counts == [0, 0, 0, 1]
