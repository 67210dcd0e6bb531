"""Whatever happens in whatever order, the derived agrees with the canonical."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from memassist.assistant.extract.settle import settle
from memassist.assistant.extract.windows import windows
from memassist.ingest import embed
from memassist.ingest.split import split
from memassist.plugins.types import Candidate, Span
from memassist.store import (
    doctor,
    entities,
    entity_changes,
    forget,
    inbox,
    items,
    jobs,
    links,
    memories,
)
from memassist.store import home as homes
from memassist.store.errors import CannotUndoError, EntityError, NotFoundError
from memassist.store.resident_items import ResidentItems
from tests.store.outlines import assert_alike

if TYPE_CHECKING:
    from tests.store.conftest import Bench

EXAMPLES = int(os.environ.get("MEMASSIST_TEST_HISTORIES", "60"))
"""How many random histories; more for a long look."""

TEXTS = st.sampled_from(
    [
        "ok",
        "I live in Leeds.",
        "I moved to York last week.",
        "Remember that the boiler code is on the fridge.",
        "My sister Maria was born on 3 May 1990.",
        "A long note. " * 60,
        "Größe \u2028 und 👋🏽 mehr",
        "zebra",
    ]
)
PEOPLE = st.sampled_from(["Maria", "Mia", "Tom", "my sister"])
NAMES = st.sampled_from(["m1", "m2", "m3", None])
CONVERSATIONS = st.sampled_from(["c1", "c2", None])


class History(RuleBasedStateMachine):
    """A person, their importers and their workers, in random order."""

    bench_type: type[Bench]

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.bench = self.bench_type(
            self.place / "home", homes.create(self.place / "home", []), None
        )
        self.forgotten: set[str] = set()
        self.held = ResidentItems()
        self.held.expects_more = True

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.bench.database.close()
        shutil.rmtree(self.place)

    def pick(self, query: str, number: int) -> str | None:
        """Return one id of a query's, if there is any."""
        rows = self.bench.database.read().execute(query).fetchall()
        return str(rows[number % len(rows)][0]) if rows else None

    @rule(text=TEXTS, name=NAMES, conversation=CONVERSATIONS, repetition=st.integers(0, 2))
    def take_in(
        self, text: str, name: str | None, conversation: str | None, repetition: int
    ) -> None:
        """Import a line, new, known, changed or forgotten."""
        record = self.bench.record(text, native_id=name, conversation=conversation)
        before = self.bench.count("SELECT count(*) FROM item")
        (outcome,) = self.bench.put(record, repetition=0 if name else repetition)
        added = self.bench.count("SELECT count(*) FROM item") - before
        assert added == (outcome in ("stored", "new version"))
        assert self.bench.put(record, repetition=0 if name else repetition) == [
            "forgotten" if outcome == "forgotten" else "existing"
        ]

    @rule(text=TEXTS, number=st.integers(0, 50), is_core=st.booleans())
    def remember(self, text: str, number: int, is_core: bool) -> None:
        """Write a memory by hand, resting on some item."""
        quoted = self.pick("SELECT text FROM item", number)
        state = self.bench.state(
            text, *([quoted] if quoted else []), type_="core" if is_core else "semantic"
        )
        self.bench.remember(state)

    @rule(text=TEXTS, number=st.integers(0, 50), pinned=st.booleans(), archived=st.booleans())
    def edit(self, text: str, number: int, pinned: bool, archived: bool) -> None:
        """Change a memory."""
        uid = self.pick("SELECT uid FROM memory", number)
        if uid is not None:
            with self.bench.database.write() as connection:
                current = memories.get(connection, uid)
                state = replace(current.state, text=text, is_pinned=pinned, is_archived=archived)
                changed = memories.edit(
                    connection, uid, state, "user", expected_version=current.version
                )
            assert changed.version > current.version
            assert changed.state == state

    @rule(name=PEOPLE, number=st.integers(0, 50))
    def name_somebody(self, name: str, number: int) -> None:
        """Let a memory name a person."""
        uid = self.pick("SELECT uid FROM memory", number)
        if uid is not None:
            with self.bench.database.write() as connection:
                state = memories.get(connection, uid).state
                mentions = (*state.entities, memories.Entity("person", name))
                changed = replace(state, entities=tuple(dict.fromkeys(mentions)))
                memories.edit(connection, uid, changed, "user")

    @rule(name=PEOPLE, other=PEOPLE, change=st.sampled_from(["merge", "alias", "split", "apart"]))
    def decide_about_names(self, name: str, other: str, change: str) -> None:
        """Merge people or tell them apart, or be told why not."""
        named = self.pick("SELECT uid FROM memory WHERE text LIKE '%Maria%'", 0)
        try:
            with self.bench.database.write() as connection:
                if change == "merge":
                    entity_changes.merge(connection, name, [other], "user")
                elif change == "alias":
                    entity_changes.add_alias(connection, name, f"{other} II", "user")
                elif change == "split":
                    entity_changes.split(connection, name, other, "user")
                elif named is not None:
                    entity_changes.split(
                        connection, "Maria", f"{other} Stone", "user", memory_ids=[named]
                    )
        except (EntityError, NotFoundError):
            pass

    @rule(number=st.integers(0, 50), other=st.integers(0, 50), holds=st.booleans())
    def link(self, number: int, other: int, holds: bool) -> None:
        """Link two memories, or deny a link."""
        ends = [self.pick("SELECT uid FROM memory", one) for one in (number, other)]
        if ends[0] is not None and ends[1] is not None:
            say = links.add if holds else links.remove
            try:
                with self.bench.database.write() as connection:
                    say(connection, ends[0], "follows", ends[1], "user")
            except EntityError:
                pass

    @rule(text=TEXTS, number=st.integers(0, 50))
    def propose(self, text: str, number: int) -> None:
        """Let a machine propose something."""
        quoted = self.pick("SELECT text FROM item", number)
        if quoted is not None:
            with self.bench.database.write() as connection:
                inbox.propose(connection, self.bench.state(text, quoted), "not sure")

    @rule(
        number=st.integers(0, 50),
        statement=st.sampled_from(["Ann lives in Leeds.", "Ann lives in York."]),
        confidence=st.sampled_from([0.2, 0.9]),
    )
    def extract_a_fact(self, number: int, statement: str, confidence: float) -> None:
        """Let an extractor find a fact of which only one can hold."""
        uid = self.pick("SELECT uid FROM item", number)
        if uid is not None:
            with self.bench.database.write() as connection:
                item = items.get_item(connection, uid)
                span = Span(item.id, 0, len(item.text), item.text)
                fact = Candidate("semantic", statement, (span,), "rules@1", confidence, "home")
                settle(connection, windows([item], ())[0], [fact], 0.5)

    @rule(number=st.integers(0, 50), yes=st.booleans())
    def decide(self, number: int, yes: bool) -> None:
        """Approve or reject what waits."""
        uid = self.pick("SELECT uid FROM inbox WHERE state = 'pending'", number)
        if uid is not None:
            with self.bench.database.write() as connection:
                if yes:
                    inbox.approve(connection, uid, "user")
                else:
                    inbox.reject(connection, uid, "user")

    @rule(times=st.integers(1, 3))
    def undo_latest(self, times: int) -> None:
        """Take the latest changes back, one after the other."""
        for _ in range(times):
            with self.bench.database.write() as connection:
                try:
                    memories.undo(connection, None, "user")
                except NotFoundError:
                    return

    @rule(number=st.integers(0, 50))
    def undo_any(self, number: int) -> None:
        """Take some change back, or be told why not."""
        uid = self.pick("SELECT uid FROM revision", number)
        if uid is not None:
            try:
                with self.bench.database.write() as connection:
                    memories.undo(connection, uid, "user")
            except (CannotUndoError, NotFoundError):
                pass

    @rule(number=st.integers(0, 50))
    def forget_item(self, number: int) -> None:
        """Erase an item."""
        uid = self.pick("SELECT uid FROM item", number)
        if uid is not None:
            done = forget.forget_items(self.bench.database, [uid])
            assert done.is_complete
            self.forgotten.add(uid)

    @rule(number=st.integers(0, 50))
    def forget_memory(self, number: int) -> None:
        """Erase a memory."""
        uid = self.pick("SELECT uid FROM memory", number)
        if uid is not None:
            assert forget.forget_memory(self.bench.database, uid).is_complete

    @rule()
    def rebuild(self) -> None:
        """Remake what is derived."""
        doctor.rebuild(self.bench.database, split)

    @rule(name=st.sampled_from(["hash@1:8", "other@1"]), dimensions=st.sampled_from([8, 16]))
    def change_the_model(self, name: str, dimensions: int) -> None:
        """Embed everything anew, with another model or with one that keeps its name."""
        model = self.bench.embedder
        model.model_id, model.dimensions = name, dimensions
        jobs.queue_for_model(self.bench.database, name, dimensions)

    @rule()
    def embed_a_little(self) -> None:
        """Run one embedding job, and leave the rest half done."""
        job = jobs.lease(self.bench.database, ("embed",))
        if job is not None:
            embed.run(self.bench.database, self.bench.embedder, job)

    @rule()
    def run_jobs(self) -> None:
        """Embed and extract all that waits; then nothing lacks a vector."""
        self.bench.work()
        count = self.bench.count
        assert count("SELECT count(*) FROM job") == 0
        for things, table in (("passage", "vector"), ("memory", "memory_vector")):
            made = count(
                f"SELECT count(*) FROM {table} JOIN embedding_model ON id = model_id"  # noqa: S608
                " WHERE name = ?",
                self.bench.embedder.model_id,
            )
            assert made == count(f"SELECT count(*) FROM {things}")  # noqa: S608 - of the two above

    @rule()
    def die_at_work(self) -> None:
        """Take a job and never come back."""
        if jobs.lease(self.bench.database, ("extract", "embed")) is not None:
            with self.bench.database.write() as connection:
                name = jobs.worker_name().rsplit(":", 1)[0]
                connection.execute(
                    "UPDATE job SET lease_owner = ? WHERE state = 'leased'", (f"{name}:1",)
                )

    @rule()
    def open_again(self) -> None:
        """End the process and start another."""
        self.bench.database.close()
        self.bench.database = homes.open_home(self.bench.home)

    @invariant()
    def all_agree(self) -> None:
        """Nothing is stale, doubled, orphaned or come back."""
        wrong = [check for check in doctor.check(self.bench.database) if not check.ok]
        assert wrong == []
        connection = self.bench.database.read()
        assert_alike(connection, self.held.outline(connection))
        count = self.bench.count
        passages = count("SELECT count(*) FROM passage")
        assert passages == count("SELECT count(*) FROM passage_index_docsize")
        assert count("SELECT count(*) FROM memory") == count(
            "SELECT count(*) FROM memory_index_docsize"
        )
        sets = count("SELECT count(*) FROM embedding_model")
        assert count("SELECT count(*) FROM vector") <= passages * sets
        assert (
            count(
                "SELECT count(*) FROM (SELECT 1 FROM item WHERE is_latest GROUP BY identity"
                " HAVING count(*) > 1)"
            )
            == 0
        )
        found = entities.Names(self.bench.database.read())
        assert all(found.roots[root] == root for root in found.groups)
        rows = self.bench.database.read().execute("SELECT uid FROM item").fetchall()
        assert self.forgotten.isdisjoint({row[0] for row in rows})
        clocks = self.bench.database.read().execute("SELECT clock FROM revision ORDER BY id")
        seen = [row[0] for row in clocks.fetchall()]
        assert seen == sorted(set(seen))


def test_any_history_leaves_the_store_in_agreement(bench_type: type[Bench]) -> None:
    class HistoryOnABench(History):
        pass

    HistoryOnABench.bench_type = bench_type
    run_state_machine_as_test(
        HistoryOnABench,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
