"""Watched folders: what is read when, what makes a version, and that nothing is taken away."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory, Query
from memassist.assistant.errors import WatchError
from memassist.assistant.watch import exclusions, scan
from memassist.assistant.watch.folder import FoundFile, walk_watched
from memassist.ingest.files import walk
from memassist.plugins.types import Problem, SourceFile
from memassist.store import items
from memassist.store.errors import NotFoundError
from memassist.ui.cli import cli
from memassist.ui.cli.watch import noticed_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from memassist.assistant.watch.scan import ScanReport

QUIET = '[embedding]\nmodel = "none"\n[daemon]\nautostart = false\n'


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Yield an open home, searched by words."""
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(QUIET, encoding="utf-8")
    with Memory.open(home) as opened:
        yield opened


@pytest.fixture
def notes(tmp_path: Path, memory: Memory) -> Path:
    """Return a watched folder with two notes in it, taken in."""
    folder = tmp_path / "notes"
    write(folder / "bees.md", "# Bees\n\nThe bees sleep in the garden.\n")
    write(folder / "house" / "boiler.txt", "The boiler was serviced in May.\n")
    memory.watches.add(folder)
    assert look(memory, folder).changed == 2
    return folder


def write(path: Path, text: str) -> None:
    """Write a file, and what is missing above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def look(memory: Memory, folder: Path, *, again: bool = False) -> ScanReport:
    """Scan a folder."""
    return memory.watches.scan(folder, again=again)


def texts(memory: Memory, words: str) -> list[str]:
    """Return what a search by words finds of items."""
    found = memory.search(Query(words, k=50, kind="evidence"), lexical=True)
    return [hit.text.strip() for hit in found.hits]


def names(folder: Path) -> set[str]:
    """Return the names of the files that count."""
    return {one.name for one in walk_watched(folder) if isinstance(one, FoundFile)}


def versions(memory: Memory) -> list[int]:
    """Return the versions of the latest items, by time."""
    return [item.version for item in memory.timeline()]


def test_an_unchanged_file_is_not_opened_again(memory: Memory, notes: Path) -> None:
    # Were it opened, it would be a problem: nobody may read it now.
    (notes / "bees.md").chmod(0o000)
    seen = look(memory, notes)
    assert (seen.files, seen.changed, seen.moved, seen.gone) == (2, 0, 0, 0)
    assert seen.taken_in.accounted == 0
    (notes / "bees.md").chmod(0o600)


def test_a_new_file_is_taken_in_and_a_changed_one_is_a_version(memory: Memory, notes: Path) -> None:
    write(notes / "bees.md", "# Bees\n\nThe wasps sleep in the garden.\n")
    write(notes / "new.md", "A ladder stands in the garden.\n")
    seen = look(memory, notes)
    assert (seen.changed, seen.taken_in.stored, seen.taken_in.new_versions) == (2, 1, 1)
    assert len(texts(memory, "garden")) == 2
    assert texts(memory, "bees sleep") == ["# Bees\n\nThe wasps sleep in the garden."]
    assert sorted(versions(memory)) == [1, 1, 2]


def test_a_change_that_is_taken_back_is_a_version_whatever_the_note_says_of_its_date(
    memory: Memory, notes: Path
) -> None:
    dated = "---\ndate: 2020-01-01\n---\nThe fence is {}.\n"
    for color in ("green", "blue", "green"):
        write(notes / "fence.md", dated.format(color))
        assert look(memory, notes).changed == 1
    assert texts(memory, "fence") == ["The fence is green."]
    assert max(versions(memory)) == 3


def test_a_file_that_was_only_touched_is_not_read(memory: Memory, notes: Path) -> None:
    os.utime(notes / "bees.md", (1_700_000_000, 1_700_000_000))
    assert look(memory, notes).changed == 0
    assert versions(memory) == [1, 1]


def test_moving_files_and_folders_makes_no_copies(memory: Memory, notes: Path) -> None:
    (notes / "house").rename(notes / "flat")
    (notes / "bees.md").rename(notes / "flat" / "insects.md")
    seen = look(memory, notes)
    assert (seen.changed, seen.moved, seen.gone) == (0, 2, 0)
    # It is still the same item.
    write(notes / "flat" / "insects.md", "# Bees\n\nThe bees are gone.\n")
    seen = look(memory, notes)
    assert (seen.taken_in.stored, seen.taken_in.new_versions) == (0, 1)
    assert len(versions(memory)) == 2


def test_a_file_put_in_the_place_of_one_moved_aside_is_its_next_version(
    memory: Memory, notes: Path
) -> None:
    # As editors save: the old file aside, a new one under its name.
    (notes / "bees.md").rename(notes / "bees old.md")
    write(notes / "bees.md", "A new page about bees.\n")
    seen = look(memory, notes)
    assert (seen.moved, seen.taken_in.stored, seen.taken_in.new_versions) == (0, 1, 1)


def test_a_new_file_under_a_name_that_moved_on_is_an_item_of_its_own(
    memory: Memory, notes: Path
) -> None:
    (notes / "bees.md").rename(notes / "old.md")
    assert look(memory, notes).moved == 1
    write(notes / "bees.md", "A new page about bees.\n")
    seen = look(memory, notes)
    assert (seen.moved, seen.taken_in.stored, seen.taken_in.new_versions) == (0, 1, 0)
    write(notes / "old.md", "# Bees\n\nThe old page about bees.\n")
    write(notes / "bees.md", "A newer page about bees.\n")
    seen = look(memory, notes)
    assert (seen.taken_in.stored, seen.taken_in.new_versions) == (0, 2)


def test_what_is_deleted_on_the_disk_stays_in_memory(memory: Memory, notes: Path) -> None:
    (notes / "bees.md").unlink()
    seen = look(memory, notes)
    assert (seen.gone, seen.is_missing) == (1, False)
    assert texts(memory, "bees")
    assert look(memory, notes).gone == 0
    # Back again, it is the item it was.
    write(notes / "bees.md", "# Bees\n\nThe bees are back in the garden.\n")
    seen = look(memory, notes)
    assert (seen.taken_in.stored, seen.taken_in.new_versions) == (0, 1)


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_folder_that_vanished_stops_and_asks(memory: Memory, notes: Path, how: str) -> None:
    away = notes.with_name("unmounted")
    notes.rename(away)
    if how == "empty":
        notes.mkdir()
    seen = look(memory, notes)
    assert seen.is_missing
    assert seen.gone == 0
    assert texts(memory, "bees")
    assert memory.watches.list()[0].state == "missing"
    problem = memory.problems.list()[0]
    assert how in problem.reason
    assert "memassist watch remove" in problem.advice
    if how == "empty":
        notes.rmdir()
    away.rename(notes)
    assert look(memory, notes).changed == 0
    assert memory.watches.list()[0].state == "active"


def test_an_empty_folder_that_never_had_files_is_no_trouble(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    memory.watches.add(tmp_path / "empty")
    assert not look(memory, tmp_path / "empty").is_missing


def test_hidden_files_secrets_and_half_written_ones_are_left_out(tmp_path: Path) -> None:
    for name in (
        *(".env", ".git/config", ".hidden.md", "prod.env", "id_rsa", "id_ed25519.pub"),
        *("server.pem", "deep/down/tls.key", "Passwords.kdbx", "credentials.json"),
        *("node_modules/x/readme.md", "__pycache__/x.txt", "note.md~", "~$letter.docx", "4913"),
        *("film.mp4.part", "x.swp", "key.gpg"),
    ):
        write(tmp_path / name, "secret\n")
    write(tmp_path / "note.md", "seen\n")
    write(tmp_path / "keys.md", "about pianos\n")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == {"note.md", "keys.md"}


def test_what_a_build_left_is_left_out_and_folders_of_that_name_are_not(tmp_path: Path) -> None:
    for name in (
        *("rust/Cargo.toml", "rust/target/doc/a.md", "web/package.json", "web/dist/b.md"),
        *("web/build/c.md", "go/go.mod", "go/vendor/d.md", "py/env2/pyvenv.cfg", "py/env2/e.md"),
        *("cached/CACHEDIR.TAG", "cached/deep/f.md"),
        *("house/build/plan.md", "goals/target/year.md", "shop/vendor/prices.md", "CACHEDIR.TAG"),
        *("kept/package.json", "kept/build/g.md"),
    ):
        write(tmp_path / name, "x\n")
    write(tmp_path / "kept" / ".memassistignore", "!build/\n")
    wanted = {
        *("house/build/plan.md", "goals/target/year.md", "shop/vendor/prices.md", "CACHEDIR.TAG"),
        *("rust/Cargo.toml", "web/package.json", "go/go.mod", "kept/package.json"),
    }
    assert names(tmp_path) == {*wanted, "kept/build/g.md"}
    assert {one.name for one in walk(tmp_path) if isinstance(one, SourceFile)} == wanted


def test_rules_of_git_and_our_own_are_kept(tmp_path: Path) -> None:
    for name in (
        *("a.log", "keep.log", "build/x.md", "src/build/y.md", "src/a.md", "src/drafts/b.md"),
        *("top.md", "src/top.md", "public.pem", "private.pem", "wanted.tmp"),
    ):
        write(tmp_path / name, "x\n")
    write(tmp_path / ".gitignore", "*.log\n!keep.log\nbuild/\n/top.md\n!private.pem\n[\n\\\n")
    write(tmp_path / "src" / ".gitignore", "drafts\n!build/\n")
    # Only our own file can take back what is left out for safety.
    write(tmp_path / ".memassistignore", "!public.pem\n!wanted.tmp\nsrc/a.md\n")
    assert names(tmp_path) == {
        *("keep.log", "src/build/y.md", "src/top.md", "public.pem", "wanted.tmp")
    }


def test_a_rules_file_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "note.md", "seen\n")
    noise = os.urandom(5000).replace(b"*", b"")  # a line of it alone would leave everything out
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\x00" + noise + b"\n*.tmp2\n")
    (tmp_path / ".memassistignore").mkdir()
    assert "note.md" in names(tmp_path)


def test_a_rule_that_is_no_pattern_counts_for_nothing(memory: Memory, notes: Path) -> None:
    write(notes / ".gitignore", "[z-a]*\n[[a]-b--c]\nhouse/\n")
    assert names(notes) == {"bees.md"}
    for pattern in ("[z-a]*", "x[9-0]"):
        with pytest.raises(WatchError, match="is no pattern"):
            exclusions.add(memory.watches.get(notes), pattern)


def test_a_folder_that_may_not_be_read_is_a_problem_and_the_rest_goes_on(
    memory: Memory, notes: Path
) -> None:
    if os.getuid() == 0:
        # Root may read everything; what the system says is made up by a file in the way.
        found = [one for one in walk_watched(notes / "bees.md") if isinstance(one, Problem)]
        assert len(found) == 1
        return
    (notes / "house").chmod(0o000)
    seen = look(memory, notes)
    (notes / "house").chmod(0o700)
    assert seen.taken_in.problem_count == 1
    assert not seen.is_missing


def test_the_home_inside_a_watched_folder_is_left_out(memory: Memory, tmp_path: Path) -> None:
    write(tmp_path / "note.md", "A note beside the home.\n")
    memory.watches.add(tmp_path)
    seen = look(memory, tmp_path)
    assert seen.files == 1


def test_the_owners_own_folder_makes_the_owners_own_words(
    memory: Memory, notes: Path, tmp_path: Path
) -> None:
    write(tmp_path / "diary" / "today.md", "I planted an apple tree.\n")
    memory.watches.add(tmp_path / "diary", is_mine=True)
    look(memory, tmp_path / "diary")
    owned = {item.text.strip(): item.is_owner for item in memory.timeline()}
    assert owned["I planted an apple tree."] is True
    assert not any(owned[text] for text in owned if "boiler" in text)


def test_an_import_and_a_watched_folder_do_not_mix_their_items(memory: Memory, notes: Path) -> None:
    memory.import_path(notes / "bees.md")
    write(notes / "bees.md", "# Bees\n\nAnother sentence.\n")
    assert look(memory, notes).taken_in.new_versions == 1
    # What was imported by hand is a document of its own and stays as it was.
    assert len(texts(memory, "bees sleep garden")) >= 1


def test_chats_in_a_watched_folder_keep_their_own_identity(memory: Memory, notes: Path) -> None:
    line = {"ref": "D1", "conversation": "c1", "author": "Ann", "text": "The dog barks."}
    write(notes / "chat.jsonl", json.dumps(line) + "\n")
    assert look(memory, notes).taken_in.stored == 1
    assert memory.import_path(notes / "chat.jsonl").existing == 1
    write(notes / "chat.jsonl", json.dumps(line) + "\n" + json.dumps(line | {"ref": "D2"}) + "\n")
    seen = look(memory, notes)
    assert (seen.taken_in.existing, seen.taken_in.stored) == (1, 1)


def test_what_was_forgotten_does_not_come_back_by_a_look(memory: Memory, notes: Path) -> None:
    item = next(item for item in memory.timeline() if "bees" in item.text)
    memory.forget(item_ids=[item.id])
    write(notes / "bees.md", "# Bees\n\nThe bees sleep under the roof.\n")
    seen = look(memory, notes)
    assert (seen.taken_in.forgotten, seen.taken_in.stored) == (1, 0)
    assert look(memory, notes, again=True).taken_in.forgotten == 1
    assert not texts(memory, "bees")


def test_forgetting_all_of_a_folder_leaves_the_watch(memory: Memory, notes: Path) -> None:
    memory.forget(item_ids=[item.id for item in memory.timeline()])
    assert [watch.path for watch in memory.watches.list()] == [notes]
    assert all(check.ok for check in memory.maintenance.doctor())


def test_reading_again_reads_all_and_stores_nothing_twice(memory: Memory, notes: Path) -> None:
    seen = look(memory, notes, again=True)
    assert (seen.changed, seen.taken_in.existing, seen.taken_in.stored) == (2, 2, 0)


def test_a_file_that_is_still_being_written_waits(memory: Memory, notes: Path) -> None:
    write(notes / "log.md", "half a sentence")
    seen = memory.watches.scan(notes, settled_seconds=3600.0)
    assert (seen.unsettled, seen.changed) == (1, 0)
    # A time to come is no sign of writing.
    os.utime(notes / "log.md", (time.time() + 10_000, time.time() + 10_000))
    seen = memory.watches.scan(notes, settled_seconds=3600.0)
    assert (seen.unsettled, seen.changed) == (0, 1)


def test_a_file_that_grows_all_the_while_is_never_noted_as_read(
    memory: Memory, notes: Path
) -> None:
    done = threading.Event()

    def grow() -> None:
        with (notes / "growing.txt").open("w", encoding="utf-8") as file:
            while not done.is_set():
                file.write("one more line\n")
                file.flush()
                time.sleep(0.0005)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for _ in range(3):
            look(memory, notes)
    finally:
        done.set()
        writer.join()
    look(memory, notes)
    newest = next(item for item in memory.timeline() if "one more" in item.text)
    assert newest.text == (notes / "growing.txt").read_text(encoding="utf-8")


def test_a_huge_sparse_file_stops_nothing(memory: Memory, notes: Path) -> None:
    with (notes / "sparse.txt").open("wb") as file:
        file.truncate(300_000_000)
    write(notes / "small.md", "A small note beside it.\n")
    seen = look(memory, notes)
    assert texts(memory, "small note")
    assert seen.taken_in.stored == 1


def test_looks_during_a_burst_take_every_file_in_once(memory: Memory, notes: Path) -> None:
    wanted = {f"Note {number} on the burst." for number in range(400)}

    def burst() -> None:
        for number, text in enumerate(sorted(wanted)):
            write(notes / f"{number % 20:02}" / f"{number}.md", text)

    writer = threading.Thread(target=burst)
    writer.start()
    while writer.is_alive():
        look(memory, notes)
    writer.join()
    look(memory, notes)
    rows = memory.wiring.database.read().execute("SELECT text, version FROM item").fetchall()
    found = sorted(row["text"] for row in rows if "burst" in row["text"] and row["version"] == 1)
    assert found == sorted(wanted)


def test_of_a_huge_file_only_the_ends_are_read_to_know_it_again(
    memory: Memory, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = notes / "film.mp4"
    with film.open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42")
        file.truncate(5_000_000_000)
    opened: list[Counted] = []

    def open_counted(path: Path) -> Counted:
        opened.append(Counted(path))
        return opened[-1]

    monkeypatch.setattr(scan, "open_regular", open_counted)
    assert look(memory, notes).changed == 1
    film.rename(notes / "holiday.mp4")
    assert look(memory, notes).moved == 1
    assert 0 < sum(one.count for one in opened) < 10_000_000


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and count."""
        content = super().read(size) or b""
        self.count += len(content)
        return content


def test_names_that_are_no_text_are_taken_in(memory: Memory, notes: Path) -> None:
    try:
        (notes / os.fsdecode(b"caf\xe9.md")).write_text("Coffee at the corner.\n", "utf-8")
    except OSError:
        return  # this file system takes UTF-8 only
    assert look(memory, notes).changed == 1
    assert look(memory, notes).changed == 0
    assert texts(memory, "coffee")


def test_a_random_history_ends_as_the_disk_says(memory: Memory, notes: Path) -> None:
    chance = random.Random(7)
    known: dict[str, str] = {}
    for step in range(60):
        name = f"d{chance.randrange(3)}/f{chance.randrange(6)}.md"
        path = notes / name
        move = chance.random()
        if move < 0.6 or not known:
            known[name] = f"Step {step} wrote word{step} here."
            write(path, known[name])
        elif move < 0.8:
            victim = chance.choice(sorted(known))
            (notes / victim).unlink()
            del known[victim]
        else:
            source = chance.choice(sorted(known))
            path.parent.mkdir(exist_ok=True)
            (notes / source).rename(path)
            known[name] = known.pop(source)
        if chance.random() < 0.5:
            look(memory, notes)
    look(memory, notes)
    latest = {item.text.strip() for item in memory.timeline()}
    assert set(known.values()) <= latest
    listed = {name for name in names(notes) if name.startswith("d")}
    assert listed == set(known)
    assert look(memory, notes).changed == 0
    assert all(check.ok for check in memory.maintenance.doctor())


def test_two_looks_at_once_store_everything_once(memory: Memory, notes: Path) -> None:
    for number in range(40):
        write(notes / f"n{number}.md", f"Note number {number} about apples.\n")
    lookers = [threading.Thread(target=look, args=(memory, notes)) for _ in range(3)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert memory.maintenance.stats().items == 42
    assert versions(memory) == [1] * 42


@pytest.mark.parametrize("part", [".", "house", ".."])
def test_no_file_can_be_watched_twice(memory: Memory, notes: Path, part: str) -> None:
    place = (notes / part).resolve()
    if part == ".":
        assert memory.watches.add(place, is_mine=True).is_mine
        assert len(memory.watches.list()) == 1
        return
    with pytest.raises(WatchError):
        memory.watches.add(place)


def test_what_is_no_folder_is_not_watched(memory: Memory, notes: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", notes / "bees.md", tmp_path / "home", tmp_path / "a\0b"):
        with pytest.raises(WatchError):
            memory.watches.add(path)


def test_a_folder_that_is_watched_no_more_leaves_what_was_taken_in(
    memory: Memory, notes: Path
) -> None:
    shutil.rmtree(notes)
    memory.watches.remove(notes)
    assert texts(memory, "bees")
    with pytest.raises(NotFoundError):
        memory.watches.remove(notes)
    with pytest.raises(NotFoundError):
        look(memory, notes)


def test_the_items_of_two_folders_do_not_mix(memory: Memory, notes: Path, tmp_path: Path) -> None:
    write(tmp_path / "other" / "bees.md", "# Bees\n\nOther bees.\n")
    memory.watches.add(tmp_path / "other")
    assert look(memory, tmp_path / "other").taken_in.stored == 1
    with memory.wiring.database.write() as connection:
        accounts = connection.execute("SELECT count(DISTINCT identity) FROM item").fetchone()[0]
    assert accounts == 3
    assert items.WATCH_ACCOUNT == "watch:"


def test_the_command_line_watches_lists_looks_and_leaves(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "notes"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text(QUIET, encoding="utf-8")
    write(folder / "a.md", "The kettle is new.\n")

    def said(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["--home", str(home), "watch", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.stdout

    assert said("list", "--json") == "[]\n"
    assert "Watching" in said("add", str(folder), "--mine")
    listed = json.loads(said("list", "--json"))
    assert listed[0] | {"scanned_at": None} == {
        "path": str(folder),
        "mine": True,
        "state": "active",
        "files": 1,
        "scanned_at": None,
        "by": None,
    }
    assert "1 file, yours" in said("list")
    write(folder / "b.md", "The lamp is old.\n")
    scanned = json.loads(said("scan", "--json", "--no-wait"))["scans"][0]
    assert (scanned["changed"], scanned["stored"]) == (1, 1)
    assert "nothing new" in said("scan", str(folder))
    assert "2 read" in said("scan", "--again")
    assert "stays" in said("remove", str(folder))
    assert said("list", "--json") == "[]\n"


def test_how_changes_are_noticed_is_told_of_each_folder() -> None:
    found = {"watching": [{"path": "/a", "by": "events"}, {"path": "/b", "by": "polling"}]}
    assert noticed_by(found) == {"/a": "events", "/b": "polling"}
    assert noticed_by(None) == noticed_by({"watching": None}) == {}


def run(home: Path, *words: str) -> dict[str, Any]:
    """Run a command and return what it says as JSON."""
    ended = CliRunner().invoke(cli, ["--home", str(home), *words, "--json"])
    assert ended.exit_code == 0, ended.output
    return dict(json.loads(ended.stdout))


def test_a_new_rule_tells_what_it_was_late_for_and_erases_that_where_it_is_wanted(
    memory: Memory, notes: Path
) -> None:
    write(notes / "drafts" / "one.md", "A draft about the boiler.\n")
    write(notes / "drafts" / "gone.md", "A draft that was deleted.\n")
    write(notes / "drafts" / "a.vcf", "BEGIN:VCARD\nUID:1\nFN:Ann\nNOTE:Kept apart\nEND:VCARD\n")
    chat = {"text": "said in a chat", "ref": "r1", "conversation": "c"}
    write(notes / "drafts" / "chat.jsonl", json.dumps(chat) + "\n")
    write(notes / "drafts.md", "Not in that folder.\n")
    look(memory, notes)
    (notes / "drafts" / "gone.md").unlink()
    look(memory, notes)
    home = memory.wiring.home

    told = run(home, "watch", "exclude", "add", "drafts/")
    assert (told["new"], told["matching"], told["forgotten"]) == (True, 3, None)
    assert told["files"] == ["drafts/a.vcf", "drafts/gone.md", "drafts/one.md"]
    assert (notes / ".memassistignore").read_text(encoding="utf-8") == "drafts/\n"
    assert run(home, "watch", "exclude", "add", "drafts/", "--keep")["new"] is False
    assert texts(memory, "deleted")

    told = run(home, "watch", "exclude", "check", "--in", str(notes), "--forget")
    assert told["forgotten"]["items"] == 3
    assert not texts(memory, "deleted")
    assert not texts(memory, "kept apart")
    assert texts(memory, "said chat"), "a chat is no file's: another export may hold it too"
    assert texts(memory, "not in that folder")
    assert run(home, "watch", "exclude", "check")["matching"] == 0
    assert look(memory, notes).taken_in.stored == 0


def test_what_a_file_said_before_can_be_read(memory: Memory, notes: Path) -> None:
    def shown(*words: str) -> str:
        ended = CliRunner().invoke(cli, ["--home", str(memory.wiring.home), "show", *words])
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    write(notes / "bees.md", "# Bees\n\nThe bees swarm \x1b[31min the garden.\n")
    look(memory, notes)
    (latest,) = (item for item in memory.timeline() if item.title == "Bees")
    assert shown(latest.id[-8:]).startswith(
        "# Bees\n\nThe bees swarm \N{REPLACEMENT CHARACTER}[31m"
    )
    assert "+The bees swarm" in shown(latest.id, "--changes")
    assert "-The bees sleep in the garden." in shown(latest.id, "--changes")
    listed = shown(latest.id, "--versions").splitlines()
    assert [line.split()[0] for line in listed] == ["2", "1"]
    first = memory.versions(latest.id)[0]
    assert first.id[-8:] in listed[1]
    assert shown(first.id).startswith("# Bees\n\nThe bees sleep in the garden.")
    assert shown(first.id, "--changes") == ""
    told = json.loads(shown(latest.id, "--json"))
    assert [one["version"] for one in told["versions"]] == [1, 2]


def test_rules_written_by_hand_are_checked_too(memory: Memory, notes: Path) -> None:
    write(notes / ".gitignore", "house/*\n")
    write(notes / "house" / ".memassistignore", "!boiler.txt\n")
    home = memory.wiring.home
    assert run(home, "watch", "exclude", "check")["matching"] == 0
    (notes / "house" / ".memassistignore").unlink()
    assert run(home, "watch", "exclude", "check")["files"] == ["house/boiler.txt"]


@pytest.mark.parametrize("pattern", ["", "/", "# x", "*", "a\nb", "**"])
def test_a_pattern_that_names_nothing_is_refused(memory: Memory, notes: Path, pattern: str) -> None:
    with pytest.raises(WatchError, match="names nothing"):
        exclusions.add(memory.watches.get(notes), pattern)
    assert not (notes / ".memassistignore").exists()


def test_patterns_are_listed_and_taken_out_and_other_lines_stay(
    memory: Memory, notes: Path
) -> None:
    write(notes / ".memassistignore", "# mine\n*.log\nold/")
    watch = memory.watches.get(None)
    assert exclusions.add(watch, "new/")
    assert exclusions.patterns(watch) == ["*.log", "old/", "new/"]
    exclusions.remove(watch, "old/")
    assert (notes / ".memassistignore").read_text("utf-8") == "# mine\n*.log\nnew/\n"
    with pytest.raises(WatchError, match="no pattern"):
        exclusions.remove(watch, "old/")
    (notes / ".memassistignore").unlink()
    (notes / ".memassistignore").symlink_to("/etc/hostname")
    with pytest.raises(WatchError, match="is a link"):
        exclusions.add(watch, "x/")


def test_without_a_name_only_the_one_folder_there_is_is_meant(
    memory: Memory, notes: Path, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    memory.watches.add(tmp_path / "more")
    with pytest.raises(WatchError, match="Several") as caught:
        memory.watches.get(None)
    assert f"--in {tmp_path / 'more'}" in caught.value.advice
    assert memory.watches.get(notes).path == notes
    assert memory.watches.get(None, holding=str(notes / "x")).path == notes
    with pytest.raises(WatchError, match="Several"):
        memory.watches.get(None, holding="/x")


def test_a_path_in_the_folder_is_a_pattern_too(memory: Memory, notes: Path) -> None:
    write(notes / "a[1]*.md", "One of two.\n")
    write(notes / "a1.md", "The other.\n")
    look(memory, notes)
    told = run(memory.wiring.home, "watch", "exclude", "add", str(notes / "house"))
    assert told["files"] == ["house/boiler.txt"]
    told = run(memory.wiring.home, "watch", "exclude", "add", str(notes / "a[1]*.md"), "--forget")
    assert told["files"] == ["a[1]*.md", "house/boiler.txt"]
    assert exclusions.patterns(memory.watches.get(None)) == ["/house/", r"/a\[1\]\*.md"]
    CliRunner().invoke(
        cli,
        ["--home", str(memory.wiring.home), "watch", "exclude", "remove", str(notes / "house")],
    )
    assert exclusions.patterns(memory.watches.get(None)) == [r"/a\[1\]\*.md"]
