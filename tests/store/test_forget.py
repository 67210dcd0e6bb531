"""What is forgotten is in no byte of any file, and does not come back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memassist.assistant.extract.settle import settle
from memassist.assistant.extract.windows import windows
from memassist.plugins.types import Candidate, SecretFound, Span
from memassist.store import doctor, inbox, items, jobs, memories, vault, vectors
from memassist.store.database import Database
from memassist.store.errors import CannotUndoError, NotFoundError
from memassist.store.forget import finish_pending, forget_items, forget_memory

if TYPE_CHECKING:
    from tests.store.conftest import Bench


def markers(count: int) -> list[str]:
    """Return words that occur nowhere else."""
    return [f"zq{secrets.token_hex(7)}x" for _ in range(count)]


def left_over(bench: Bench, words: list[str]) -> list[str]:
    """Return the words, or the greater part of one, that some file still holds."""
    content = bench.everything()
    kept = []
    for word in words:
        for form in (word, word[:10], word[-10:]):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                if form.encode(encoding) in content:
                    kept.append(f"{form} in {encoding}")
    return kept


def clean(bench: Bench) -> bool:
    """Whether the doctor finds nothing."""
    return all(check.ok for check in doctor.check(bench.database))


def test_nothing_of_an_item_is_left_in_any_file(open_bench: Bench) -> None:
    bench = open_bench
    text, title, entity, edited, place = markers(5)
    said = f"I met {text} in Leeds."
    bench.put(*[f"other line {number}, {word}" for number, word in enumerate(markers(300))])
    bench.put(bench.record(said, native_id="m1", title=title))
    bench.put(bench.record(f"{said} Really.", native_id="m1", title=title))
    memory = bench.remember(bench.state(f"Ann met {text}.", said, entities=[entity]))
    with bench.database.write() as connection:
        changed = replace(memory.state, text=f"Ann met {edited}.", fields={"details": place})
        memories.edit(connection, memory.id, changed, "user")
        inbox.propose(connection, bench.state(f"{text} again", said), "not sure")
    bench.work()
    slices = [
        bytes(row[0])
        for row in bench.database.read().execute(
            "SELECT numbers FROM vector JOIN passage ON passage.id = passage_id"
            " JOIN item ON item.id = item_id WHERE item.native_id = 'm1'"
            " UNION ALL SELECT numbers FROM memory_vector"
        )
    ]
    assert len(slices) == 2
    assert all(part in bench.everything() for part in slices)
    assert left_over(bench, [text, title, entity, edited, place])
    done = forget_items(bench.database, [bench.item_id(said)])
    assert (done.items, done.memories, done.is_complete) == (2, 1, True)
    assert left_over(bench, [text, title, entity, edited, place]) == []
    assert not any(part in bench.everything() for part in slices)
    assert clean(bench)
    bench.database.close()
    assert left_over(bench, [text, title, entity, edited, place]) == []


def test_it_can_be_found_nowhere(bench: Bench) -> None:
    bench.put("the forgotten zebra", "the kept zebra")
    bench.work()
    forget_items(bench.database, [bench.item_id("the forgotten zebra")])
    query = "SELECT count(*) FROM passage_index WHERE passage_index MATCH 'zebra'"
    assert bench.count(query) == 1
    assert bench.count("SELECT count(*) FROM vector") == 1
    assert bench.count("SELECT count(*) FROM item WHERE text GLOB '*forgotten*'") == 0


def test_importing_it_again_does_not_bring_it_back(bench: Bench) -> None:
    record = bench.record("something to be forgotten", native_id="m1")
    bench.put(record, "another long line that goes", "ok")
    forget_items(
        bench.database,
        [bench.item_id(text) for text in (record.text, "another long line that goes", "ok")],
    )
    assert bench.put(record) == ["forgotten"]
    assert bench.put("another long line that goes", "ok") == ["forgotten", "forgotten"]
    assert bench.put(replace(record, text="the same message, edited")) == ["forgotten"]
    assert bench.put(replace(record, native_id="a copy elsewhere")) == ["forgotten"]
    assert bench.count("SELECT count(*) FROM item") == 0


def test_forgetting_one_ok_does_not_forget_what_others_say(bench: Bench) -> None:
    bench.put("ok")
    bench.put("ok", repetition=1)
    first = bench.database.read().execute("SELECT uid FROM item ORDER BY id").fetchone()[0]
    forget_items(bench.database, [first])
    assert bench.put("ok") == ["forgotten"]
    assert bench.put("ok", repetition=1) == ["existing"]
    assert bench.put(bench.record("ok", conversation="c2")) == ["stored"]


def test_tombstones_tell_nothing_without_the_store(bench: Bench, open_bench: Bench) -> None:
    hashes = []
    for one in (bench, open_bench):
        one.put("the very same long sentence")
        forget_items(one.database, [one.item_id("the very same long sentence")])
        rows = one.database.read().execute("SELECT hash FROM tombstone").fetchall()
        hashes.append({row[0] for row in rows})
    assert len(hashes[0]) == 2
    assert hashes[0].isdisjoint(hashes[1])


def test_a_memory_that_rests_on_other_things_too_goes_to_the_inbox(bench: Bench) -> None:
    bench.put("I live in Leeds.", "Leeds is my home.")
    memory = bench.remember(
        bench.state("Ann lives in Leeds.", "I live in Leeds.", "Leeds is my home.")
    )
    done = forget_items(bench.database, [bench.item_id("I live in Leeds.")])
    assert (done.memories, done.to_review) == (0, 1)
    assert memories.list_memories(bench.database.read()) == []
    (entry,) = inbox.list_entries(bench.database.read())
    assert [one.quote for one in entry.candidate.evidence] == ["Leeds is my home."]
    revisions = memories.revisions(bench.database.read(), memory.id)
    assert all(one.is_erased and one.before is None and one.after is None for one in revisions)
    assert clean(bench)


def test_a_memory_once_approved_goes_to_the_inbox_again_and_is_not_lost(bench: Bench) -> None:
    bench.put("I live in Leeds.", "Leeds is my home.")
    state = bench.state("Ann lives in Leeds.", "Leeds is my home.")
    with bench.database.write() as connection:
        uid = inbox.propose(connection, state, "not sure")
        assert uid is not None
        memory = inbox.approve(connection, uid, "user")
        both = bench.state("Ann lives in Leeds.", "Leeds is my home.", "I live in Leeds.")
        memories.edit(connection, memory.id, both, "rule", "merge")
    forget_items(bench.database, [bench.item_id("I live in Leeds.")])
    (entry,) = inbox.list_entries(bench.database.read())
    assert entry.candidate.text == "Ann lives in Leeds."
    with bench.database.write() as connection:
        inbox.approve(connection, entry.id, "user")
    assert clean(bench)


def test_forgetting_cannot_be_undone(bench: Bench) -> None:
    bench.put("I live in Leeds.")
    memory = bench.remember(bench.state("Ann lives in Leeds.", "I live in Leeds."))
    revision = memories.revisions(bench.database.read(), memory.id)[0]
    forget_items(bench.database, [bench.item_id("I live in Leeds.")])
    for uid in (revision.id, memories.revisions(bench.database.read(), memory.id)[0].id):
        with bench.database.write() as connection, pytest.raises(CannotUndoError, match="forg"):
            memories.undo(connection, uid, "user")
    with bench.database.write() as connection, pytest.raises(NotFoundError):
        memories.undo(connection, None, "user")


def test_an_unknown_item_forgets_nothing(bench: Bench) -> None:
    bench.put("stays")
    with pytest.raises(NotFoundError):
        forget_items(bench.database, [bench.item_id("stays"), "nothing"])
    assert bench.count("SELECT count(*) FROM item") == 1
    assert bench.count("SELECT count(*) FROM tombstone") == 0


def test_its_sealed_secret_goes_too(bench: Bench) -> None:
    key = vault.vault_key(bench.database.key)
    assert key is not None
    new = items.NewItem(
        bench.record("card [card]"), "t@1", True, 5, 0, [(0, 11)], (SecretFound("card", "41", 5),)
    )
    with bench.database.write() as connection:
        items.store_batch(connection, items.source_id(connection, "t", "t"), [new], key)
    forget_items(bench.database, [bench.item_id("card [card]")])
    assert vault.entries(bench.database.read()) == []


def test_an_open_reader_makes_it_pending_and_the_next_command_finishes(open_bench: Bench) -> None:
    bench = open_bench
    (word,) = markers(1)
    bench.put(f"a line with {word}")
    reader = Database(bench.database.path, None)
    connection = reader.read()
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM item").fetchone()
    done = forget_items(bench.database, [bench.item_id(f"a line with {word}")])
    assert not done.is_complete
    assert left_over(bench, [word])
    assert not finish_pending(bench.database)
    connection.execute("COMMIT")
    reader.close()
    assert finish_pending(bench.database)
    assert left_over(bench, [word]) == []
    assert finish_pending(bench.database)


def test_a_forget_that_comes_while_another_finishes_is_not_taken_for_done(
    open_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_bench
    (word,) = markers(1)
    bench.put("first line to forget", f"second line {word}")
    second = bench.item_id(f"second line {word}")
    database = bench.database
    write = database.write
    calls = 0

    def meanwhile(**options: bool) -> object:
        nonlocal calls
        calls += 1
        # The second write of a forget removes its mark: another process forgets just before.
        if calls == 2:
            monkeypatch.setattr("memassist.store.forget.finish_pending", lambda database: False)
            forget_items(Database(database.path, None), [second])
        return write(**options)

    monkeypatch.setattr(database, "write", meanwhile)
    forget_items(database, [bench.item_id("first line to forget")])
    assert calls == 2
    monkeypatch.undo()
    assert bench.count("SELECT count(*) FROM setting WHERE name = 'erasure_pending'") == 1
    assert finish_pending(database)
    assert left_over(bench, [word]) == []


def extract_again(bench: Bench, text: str, statement: str) -> dict[str, int]:
    """Let an extractor propose a statement from an item once more."""
    item = items.get_item(bench.database.read(), bench.item_id(text))
    span = Span(item.id, 0, len(text), text)
    candidate = Candidate("semantic", statement, (span,), "rules@1", 0.9)
    with bench.database.write() as connection:
        return dict(settle(connection, windows([item], ())[0], [candidate], 0.5))


def test_a_forgotten_memory_is_not_extracted_again_in_any_of_its_wordings(
    open_bench: Bench,
) -> None:
    bench = open_bench
    first, second = markers(2)
    bench.put("I said it myself.")
    assert extract_again(bench, "I said it myself.", f"Ann is {first}.") == {"added": 1}
    (memory,) = memories.list_memories(bench.database.read())
    with bench.database.write() as connection:
        edited = replace(memory.state, text=f"Ann is {second}.")
        memories.edit(connection, memory.id, edited, "user")
    bench.work()
    done = forget_memory(bench.database, memory.id)
    assert (done.items, done.memories, done.is_complete) == (0, 1, True)
    assert left_over(bench, [first, second]) == []
    for word in (first, second, second.upper()):
        outcome = extract_again(bench, "I said it myself.", f"Ann is {word}.")
        assert outcome == {"forgotten": 1}
    assert bench.count("SELECT count(*) FROM item") == 1
    assert clean(bench)


def test_forgetting_an_approved_memory_erases_its_way_through_the_inbox(open_bench: Bench) -> None:
    bench = open_bench
    first, second = markers(2)
    bench.put("I said it myself.")
    with bench.database.write() as connection:
        state = bench.state(f"Ann is {first}.", "I said it myself.")
        uid = inbox.propose(connection, state, "not sure")
        assert uid is not None
        inbox.edit(connection, uid, replace(state, text=f"Ann is {second}."), "user")
        memory = inbox.approve(connection, uid, "user")
    forget_memory(bench.database, memory.id)
    assert left_over(bench, [first, second]) == []
    assert inbox.list_entries(bench.database.read(), "approved") == []


def test_an_extractor_that_was_reading_while_it_was_forgotten_brings_nothing_back(
    bench: Bench,
) -> None:
    text = "I live in Leeds."
    bench.put(text)
    item = items.get_item(bench.database.read(), bench.item_id(text))
    span = Span(item.id, 0, len(text), text)
    forget_items(bench.database, [item.id])
    candidate = Candidate("semantic", "Ann lives in Leeds.", (span,), "rules@1", 0.9)
    with bench.database.write() as connection:
        became = settle(connection, windows([item], ())[0], [candidate], 0.5)
    assert dict(became) == {"forgotten": 1}
    assert memories.list_memories(bench.database.read()) == []


def test_an_embedder_that_was_at_work_brings_nothing_back(bench: Bench) -> None:
    bench.put("I live in Leeds.")
    job = jobs.lease(bench.database, ("embed",))
    assert job is not None
    with bench.database.write() as connection:
        model = vectors.model_row(connection, bench.embedder.model_id, 8)
    found = vectors.passages_without(bench.database.read(), model, 1, 10, 10)
    forget_items(bench.database, [bench.item_id("I live in Leeds.")])
    with bench.database.write() as connection:
        matrix = bench.embedder.embed([row[1] for row in found])
        vectors.put_passages(connection, model, [row[0] for row in found], matrix)
    assert bench.count("SELECT count(*) FROM vector") == 0


def test_the_names_of_files_and_people_that_nothing_mentions_go(bench: Bench) -> None:
    bench.put("I met Maria.", "I met Tom.")
    bench.remember(bench.state("Ann met Maria.", "I met Maria.", entities=["Maria", "Ann"]))
    bench.remember(bench.state("Ann met Tom.", "I met Tom.", entities=["Tom", "Ann"]))
    forget_items(bench.database, [bench.item_id("I met Maria.")])
    names = [row[0] for row in bench.database.read().execute("SELECT name FROM entity")]
    assert sorted(names) == ["Ann", "Tom"]
    assert bench.count("SELECT count(*) FROM source") == 1
    forget_items(bench.database, [bench.item_id("I met Tom.")])
    assert bench.count("SELECT count(*) FROM source") == 0
