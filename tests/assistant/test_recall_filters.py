"""Filters, phrases and exclusions: what they leave, and what is said of mistakes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.assistant.recall import Filter, Query, search
from memassist.assistant.recall.syntax import parse
from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import home as homes
from memassist.store import items, memories, vectors
from memassist.store.memories import Evidence, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from memassist.assistant.results import Found
    from memassist.store.database import Database

ASKED_AT = datetime(2023, 8, 16, 12, 0, tzinfo=UTC)


class Flat:
    """Everything means the same, so that only filters tell things apart."""

    model_id = "flat@1"
    dimensions = 8

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one and the same unit vector for each text."""
        return np.full((len(texts), 8), 8**-0.5, np.float32)


class Desk:
    """A home with a little of everything; each item is known by its ref."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.put(
            "chat",
            "whatsapp:trip",
            "message",
            [
                ("a1", "Ann", "Rome trip", 5, "We saw the grey heron by the river in the morning."),
                ("b1", "Bob Stone", "Rome trip", 6, "The heron by the river was grey, not white."),
                ("a2", "Ann", "Rome trip", 7, "A pond heron, said the guide; I liked it."),
            ],
        )
        self.put(
            "screen",
            "screen:main",
            "picture",
            [
                ("s1", None, "Firefox", 8, "Heron - an encyclopedia of birds"),
            ],
            app="Firefox",
        )
        self.put("file", "folder:notes", "document", [
            ("f1", None, "birds.md", 9, "Joanna: heron counted at the Café of the lake."),
        ], tags=["birds", "lake"])  # fmt: skip
        with database.write() as connection:
            self.fact = memories.add(
                connection,
                MemoryState(
                    "semantic", "Ann likes the pond heron.", tags=("birds",),
                    evidence=(self.evidence("a2", "A pond heron"),),
                ),
                "user",
            ).id  # fmt: skip
            self.event = memories.add(
                connection,
                MemoryState(
                    "episodic", "Bob saw a grey heron.",
                    evidence=(self.evidence("b1", "The heron"),),
                ),
                "user",
            ).id  # fmt: skip
            model = vectors.model_row(connection, "flat@1", 8)
            passages = [row[0] for row in connection.execute("SELECT id FROM passage")]
            vectors.put_passages(connection, model, passages, Flat().embed([""] * len(passages)))

    def put(
        self, origin: str, source: str, kind: str,
        rows: Sequence[tuple[str, str | None, str, int, str]],
        app: str | None = None, tags: list[str] | None = None,
    ) -> None:  # fmt: skip
        batch = []
        for number, (ref, author, title, day, text) in enumerate(rows):
            record = Record(
                text=text, place="", ref=ref, author=author, title=title, app=app, sequence=number,
                origin=origin, kind=kind,  # type: ignore[arg-type]  # one of the literals
                conversation=title if kind == "message" else None,
                occurred_at=datetime(2023, 5, day, 9, tzinfo=UTC),
                metadata={"tags": tags} if tags else {},
            )  # fmt: skip
            spans = split(text, kind)
            batch.append(items.NewItem(record, "test@1", author == "Ann", 5, 0, spans))
        with self.database.write() as connection:
            name = source.partition(":")
            items.store_batch(
                connection, items.source_id(connection, name[0], name[2]), batch, None
            )

    def evidence(self, ref: str, quote: str) -> Evidence:
        row = self.database.read().execute("SELECT uid, text FROM item WHERE ref = ?", (ref,))
        uid, text = row.fetchone()
        start = text.index(quote)
        return Evidence(uid, start, start + len(quote), quote)

    def find(self, text: str, *filters: Filter, lexical: bool = False, k: int = 50) -> Found:
        query = Query(text, k=k, asked_at=ASKED_AT, filters=filters)
        return search(self.database.read(), query, None if lexical else Flat())

    def found(self, text: str, *filters: Filter, lexical: bool = False) -> set[str | None]:
        """Return the refs of items and the types of memories that were found."""
        hits = self.find(text, *filters, lexical=lexical).hits
        return {hit.ref if hit.kind == "evidence" else hit.memory_type for hit in hits}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path: Path = tmp_path_factory.mktemp("desk")
    database = homes.create(path / "home", [])
    yield Desk(database)
    database.close()


EVERYTHING = {"a1", "b1", "a2", "s1", "f1", "semantic", "episodic"}

CASES = [
    ("heron", EVERYTHING),
    ("heron author:ann", {"a1", "a2", "semantic"}),
    ("heron AUTHOR:Ann", {"a1", "a2", "semantic"}),
    ("heron author:stone", {"b1", "episodic"}),
    ('heron author:"bob stone"', {"b1", "episodic"}),
    ("heron author:me", {"a1", "a2", "semantic"}),
    ("heron author:ann author:bob", {"a1", "a2", "b1", "semantic", "episodic"}),
    ("heron author:ann,bob", {"a1", "a2", "b1", "semantic", "episodic"}),
    ("heron -author:ann", {"b1", "s1", "f1", "episodic"}),
    ("heron source:whatsapp", {"a1", "b1", "a2", "semantic", "episodic"}),
    ("heron source:notes", {"f1"}),
    ("heron app:fire", {"s1"}),
    ("heron -app:firefox", EVERYTHING - {"s1"}),
    ("heron type:document", {"f1"}),
    ("heron type:screen", {"s1"}),
    ("heron type:semantic", {"semantic"}),
    ("heron type:episodic,document", {"episodic", "f1"}),
    ("heron type:episodic author:bob", {"episodic"}),
    ("heron type:episodic author:ann", set()),
    ("heron -type:chat", {"s1", "f1", "semantic", "episodic"}),
    ("heron tag:birds", {"f1", "semantic"}),
    ("heron tag:LAKE", {"f1"}),
    ("heron -tag:birds", EVERYTHING - {"f1", "semantic"}),
    ("heron in:Rome", {"a1", "b1", "a2", "semantic", "episodic"}),
    ('heron in:"Rome trip"', {"a1", "b1", "a2", "semantic", "episodic"}),
    ("heron in:birds.md", {"f1"}),
    ("heron after:2023-05-08", {"s1", "f1"}),
    ("heron before:2023-05-06", {"a1"}),
    ("heron after:2023-05-06 before:2023-05-08", {"b1", "a2", "semantic", "episodic"}),
    ("heron after:2023/5/9", {"f1"}),
    ("heron after:2023", EVERYTHING),
    ("heron before:2023-05", set()),
    ("heron after:yesterday", set()),
    ('heron before:"last week"', EVERYTHING),
    ('heron after:"9 May 2023"', {"f1"}),
    ('"grey heron"', {"a1", "episodic"}),
    ('"GREY   heron"', {"a1", "episodic"}),
    ("\u201cgrey heron\u201d", {"a1", "episodic"}),
    ('"of the"', {"f1"}),
    ('"cafe of the lake"', {"f1"}),
    ('"herons"', EVERYTHING),
    ("heron -grey", {"a2", "s1", "f1", "semantic"}),
    ('heron -"pond heron"', EVERYTHING - {"a2", "semantic"}),
    ("heron -grey -pond author:me", set()),
    ("author:ann", {"a1", "a2", "semantic"}),
    ("type:screen", {"s1"}),
    ("(heron author:bob", {"b1", "episodic"}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), CASES)
@pytest.mark.parametrize("lexical", [True, False])
def test_a_filter_leaves_what_fits(
    desk: Desk, query: str, expected: set[str], lexical: bool
) -> None:
    assert desk.found(query, lexical=lexical) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([Filter("author", "Ann")], {"a1", "a2", "semantic"}),
        ([Filter("phrase", "grey heron")], {"a1", "episodic"}),
        ([Filter("without", "grey"), Filter("in", "Rome trip")], {"a2", "semantic"}),
        ([Filter("after", "2023-05-08")], {"s1", "f1"}),
    ],
)
def test_filters_may_stand_beside_the_text(
    desk: Desk, filters: list[Filter], expected: set[str]
) -> None:
    assert desk.found("heron", *filters) == expected
    assert desk.found("", *filters) == expected


def test_filters_alone_find_the_newest_first(desk: Desk) -> None:
    hits = desk.find("in:Rome").hits
    assert [hit.ref for hit in hits if hit.kind == "evidence"] == ["a2", "b1", "a1"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score == sum(hit.signals.values()) for hit in hits)
    assert desk.find("in:Rome", k=2).hits == hits[:2]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("heron author:An", "Nothing here is by An. Did you mean Ann"),
        ("heron in:Roma", "no conversation or document called Roma"),
        ("heron app:firefax", "Did you mean Firefox"),
        ("heron tag:bird", "Did you mean birds"),
        ("heron source:whatsup", "came from a source called whatsup"),
        ("heron type:episode", "type:episode is no type"),
        ("heron after:someday", "after:someday is no time"),
        ("heron after:2023-13-45", "after:2023-13-45 is no time"),
        ("heron autor:Ann", "did you mean author:Ann?"),
        ("heron author:", "author: needs a value"),
        ('heron "grey', "not closed"),
        ('heron "grey river bird"', "these very words"),
        ("-heron", "something to find"),
    ],
)
def test_a_mistake_gets_a_hint(desk: Desk, query: str, hint: str) -> None:
    assert hint in " ".join(desk.find(query).notes)


@pytest.mark.parametrize(
    "query", ["heron", "heron at 12:30", "see https://example.org", "heron - river", "heron -5",
              'Who said "grey heron"?', 'who saw the "grey river" heron',
              "well-known heron", "heron: a bird"],
)  # fmt: skip
def test_what_is_no_mistake_gets_none(desk: Desk, query: str) -> None:
    assert desk.find(query).notes == ()
    assert parse(query).filters == ()
    assert desk.found(query) >= {"a1", "b1"}


def test_words_beside_a_filter_are_ranked_by_as_without_it(desk: Desk) -> None:
    parsed = parse('saw author:Ann the "grey heron" -pond')
    assert parsed.text.split() == ["saw", "the", "grey", "heron"]
    assert [one.name for one in parsed.filters] == ["author", "phrase", "without"]


def test_one_query_leaves_nothing_behind_for_the_next(desk: Desk) -> None:
    before = desk.find("heron").hits
    desk.find("heron author:ann -grey")
    assert desk.find("heron").hits == before


def test_what_only_a_common_word_leads_to_is_found_among_what_is_allowed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memassist.store.search.COMMON_ROWS", 1)
    assert desk.found("pond heron type:document", lexical=True) == {"f1"}


def test_the_nearest_among_what_is_allowed_are_found_however_many_are_nearer(
    tmp_path: Path,
) -> None:
    database = homes.create(tmp_path / "home", [])
    try:
        desk = Desk(database)
        rows = [(f"n{n}", "Cat", "Other", 1, f"remark {n} on nothing") for n in range(1_200)]
        desk.put("chat", "whatsapp:other", "message", rows)
        with database.write() as connection:
            passages = [
                row[0]
                for row in connection.execute(
                    "SELECT id FROM passage WHERE id NOT IN (SELECT passage_id FROM vector)"
                )
            ]
            nearer = Flat().embed([""] * len(passages))
            vectors.put_passages(connection, 1, passages, nearer)
        assert desk.found("zebra author:ann") >= {"a1", "a2"}
    finally:
        database.close()


@given(
    st.lists(
        st.sampled_from(
            ["author:", "in:", "after:", "type:", "tag:", "-", '"', "heron", " ", "ann", "2023",
             "(", ")", "*", "NEAR", "AND", "\u201c", "\x00", "\ud800", ",", "%", "\\", "'"]
        ),
        max_size=10,
    ).map("".join)
)  # fmt: skip
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_query_of_pieces_breaks(desk: Desk, query: str) -> None:
    desk.find(query, lexical=True)
