"""Search as the facade offers it: what is found, in which order, and what each signal said."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memassist.assistant.recall import Query, search
from memassist.ingest import embed
from memassist.ingest.split import split
from memassist.plugins.types import Record
from memassist.store import home as homes
from memassist.store import items, jobs, memories
from memassist.store.memories import Evidence, MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from memassist.assistant.results import Hit
    from memassist.store.database import Database

DIMENSIONS = 128


class BagEmbedder:
    """Texts that share words are near: enough of a meaning to rank by, and no model to load."""

    model_id = "bag@1:128"
    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector for each text."""
        rows = np.full((len(texts), DIMENSIONS), 0.01, np.float32)
        for number, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=4).digest()
                rows[number, int.from_bytes(digest, "little") % DIMENSIONS] += 1.0
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / lengths, np.float32)


class Shelf:
    """An open home that can be filled and searched."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.embedder = BagEmbedder()

    def put(self, *records: Record) -> None:
        """Store records in one write."""
        batch = [
            items.NewItem(one, "test@1", True, 5, number, split(one.text, one.kind))
            for number, one in enumerate(records)
        ]
        with self.database.write() as connection:
            source = items.source_id(connection, "test", "shelf")
            items.store_batch(connection, source, batch, None)

    def talk(self, name: str, *turns: tuple[str, str], **fields: object) -> None:
        """Store a conversation of (author, text) turns; each ref is `name:number`."""
        whole = [
            Record(
                text=text,
                place="",
                conversation=name,
                author=author,
                ref=f"{name}:{number}",
                sequence=number,
                role="assistant" if author == "assistant" else "user",
            )
            for number, (author, text) in enumerate(turns)
        ]
        self.put(*(replace(one, **fields) for one in whole))  # type: ignore[arg-type]  # of Record

    def embed(self) -> None:
        """Give everything a vector."""
        while (job := jobs.lease(self.database, ("embed", "embed-memories"))) is not None:
            embed.run(self.database, self.embedder, job)

    def remember(self, text: str, ref: str, *, is_archived: bool = False) -> str:
        """Add a memory that rests on the item with that ref."""
        row = self.database.read().execute("SELECT uid, text FROM item WHERE ref = ?", (ref,))
        uid, quote = row.fetchone()
        evidence = (Evidence(uid, 0, len(quote), quote),)
        state = MemoryState("semantic", text, evidence=evidence, is_archived=is_archived)
        with self.database.write() as connection:
            return memories.add(connection, state, "user").id

    def find(self, text: str, *, lexical: bool = False, **how: object) -> tuple[Hit, ...]:
        """Search."""
        query = Query(text, **how)  # type: ignore[arg-type]  # options of Query
        return search(self.database.read(), query, None if lexical else self.embedder).hits

    def refs(self, text: str, **how: object) -> list[str | None]:
        """Return what was found by refs."""
        return [hit.ref for hit in self.find(text, **how)]  # type: ignore[arg-type]  # as above


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    database = homes.create(tmp_path / "home", [])
    yield Shelf(database)
    database.close()


GARDEN = ("tomato", "bean", "rose", "fern", "moss", "lily", "pear", "plum", "fig", "oak")


@pytest.fixture
def full_shelf(shelf: Shelf) -> Shelf:
    """A hundred turns about a garden in ten conversations, and a memory of each."""
    for number, plant in enumerate(GARDEN):
        turns = [
            (
                "Ann" if turn % 2 else "Bob",
                f"The {plant} by the {GARDEN[(number + turn) % 10]} grew {turn + number} leaves in "
                + ("spring, did it not?" if turn % 4 == 0 else f"week {turn}."),
            )
            for turn in range(10)
        ]
        shelf.talk(f"c{number}", *turns)
        shelf.remember(f"The {plant} grows in the garden.", f"c{number}:1")
    shelf.embed()
    return shelf


@pytest.mark.parametrize("lexical", [True, False])
def test_the_one_short_turn_with_the_word_comes_before_longer_ones(
    shelf: Shelf, lexical: bool
) -> None:
    shelf.talk(
        "c",
        ("Ann", "We spent the weekend at the lake house and mended the jetty before guests came."),
        ("Bob", "And did you see an axolotl?"),
        ("Ann", "It rained, so we cooked a huge pot of soup and talked about the garden and roof."),
    )
    shelf.embed()
    assert shelf.refs("axolotl", lexical=lexical)[0] == "c:1"


QUERIES = (
    "How many leaves did the fern by the oak grow?",
    "What did Ann say about the rose?",
    "plum",
    "garden week",
    "When did the moss grow?",
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("lexical", [False, True])
def test_a_score_is_the_sum_of_its_signals(full_shelf: Shelf, query: str, lexical: bool) -> None:
    hits = full_shelf.find(query, k=50, lexical=lexical)
    assert len(hits) == 50
    for hit in hits:
        assert hit.score == pytest.approx(sum(hit.signals.values()))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert any("meaning" in hit.signals for hit in hits) is not lexical


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("collapse", "is_diverse"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("kind", ["both", "evidence", "memory"])
def test_the_first_ten_of_fifty_are_those_of_asking_for_ten(
    full_shelf: Shelf,
    query: str,
    collapse: bool,
    is_diverse: bool,
    kind: Literal["both", "evidence", "memory"],
) -> None:
    many, few = (
        full_shelf.find(query, k=k, kind=kind, collapse=collapse, is_diverse=is_diverse)
        for k in (50, 10)
    )
    assert few == many[:10]


def test_an_item_is_found_once_however_many_of_its_passages_fit(shelf: Shelf) -> None:
    shelf.talk("long", ("Ann", "\n\n".join(f"The heron was seen {n} times. " * 30 for n in "345")))
    shelf.embed()
    assert shelf.refs("heron") == ["long:0"]


def test_equal_scores_have_a_fixed_order(shelf: Shelf) -> None:
    for number in range(20):
        shelf.talk(f"c{number}", ("Ann", f"The same words about herons {chr(97 + number)}"))
    first = shelf.refs("herons", k=20, lexical=True)
    assert first == shelf.refs("herons", k=20, lexical=True)
    assert first[:5] == shelf.refs("herons", k=5, lexical=True)
    assert len(set(first)) == 20


def test_hits_of_the_same_text_become_one_that_names_the_others(shelf: Shelf) -> None:
    shelf.talk("a", ("Ann", "The heron stood in the pond all day long, I saw it."))
    shelf.talk("b", ("Bob", "the  heron stood in the pond, all day long; I saw it"))
    shelf.talk("c", ("Cat", "A heron flew over the house this morning, I saw it."))
    shelf.embed()
    hits = shelf.find("heron in the pond")
    assert len(hits) == 2
    (other,) = hits[0].also
    assert {hits[0].item_id, other} == {
        row[0]
        for row in shelf.database.read().execute("SELECT uid FROM item WHERE text LIKE '%pond%'")
    }
    assert not hits[1].also
    assert len(shelf.find("heron in the pond", collapse=False)) == 3


def test_a_longer_text_with_a_word_changed_is_the_same_and_with_a_number_changed_is_not(
    shelf: Shelf,
) -> None:
    text = (
        "Dear all, the heron watch meets at the old mill by the lake on Sunday morning; please"
        " bring warm clothes, a telescope if you own one, and something to eat for the others. We"
        " are {}."
    )
    for number, last in enumerate(("12 people", "12 persons", "13 people")):
        shelf.talk(f"c{number}", ("Ann", text.format(last)))
    shelf.embed()
    hits = shelf.find("heron watch meets")
    assert len(hits) == 2
    assert sorted(len(hit.also) for hit in hits) == [0, 1]
    assert {"13" in hit.text for hit in hits if not hit.also} == {True}
    assert len(shelf.find("heron watch meets", collapse=False)) == 3


@pytest.mark.parametrize("query", ["", "   ", "\n", "?!*", '"', "()", "\N{PARTY POPPER}", "\ud800"])
@pytest.mark.parametrize("lexical", [False, True])
def test_a_query_without_words_finds_nothing(full_shelf: Shelf, query: str, lexical: bool) -> None:
    assert full_shelf.find(query, lexical=lexical) == ()


@pytest.mark.parametrize(
    "query",
    ['"fern', "fern*", "NEAR(fern oak)", "text:fern", "fern AND", "^fern", "-fern", "{fern} : x",
     "fern\x00oak", "fern\ud83d", "fern'; DROP TABLE item; --", "fern_oak", "(((fern"],
)  # fmt: skip
def test_no_character_of_a_query_is_syntax(full_shelf: Shelf, query: str) -> None:
    assert any("fern" in hit.text for hit in full_shelf.find(query))


def test_a_query_of_100_kb_is_answered(full_shelf: Shelf) -> None:
    words = "fern " + " ".join(f"word{number}" for number in range(12_000))
    assert len(words) > 100_000
    assert "fern" in full_shelf.find(words, k=1)[0].text


@given(st.text(max_size=80))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_query_is_safe(full_shelf: Shelf, query: str) -> None:
    full_shelf.find(query, lexical=True)
    full_shelf.find(query)


def test_an_empty_home_is_searched(shelf: Shelf) -> None:
    assert shelf.find("anything") == ()


def test_one_item_alone_is_found(shelf: Shelf) -> None:
    shelf.put(Record(text="The wifi word is on the fridge.", place="", ref="note"))
    assert shelf.refs("wifi", lexical=True) == ["note"]
    shelf.embed()
    assert shelf.refs("wifi") == ["note"]


def test_only_the_latest_version_is_found(shelf: Shelf) -> None:
    old = Record(text="The heron nests in the elm.", place="", native_id="n", ref="r")
    shelf.put(old)
    shelf.embed()
    shelf.put(replace(old, text="The owl nests in the elm."))
    shelf.embed()
    (hit,) = shelf.find("heron nests elm")
    assert "owl" in hit.text


def test_an_answer_beside_the_words_asked_for_comes_before_other_talk(shelf: Shelf) -> None:
    shelf.talk(
        "holiday",
        ("Ann", "Where did you and Maria spend the summer holiday this year, tell me?"),
        ("Bob", "We rented a small cabin close to Bergen, right beside the water there."),
    )
    for number in range(30):
        shelf.talk(f"other{number}", ("Ann", f"We bought {number} large boxes of paint for work."))
    found = shelf.refs("Where did Bob and Maria spend the holiday?", k=2, lexical=True)
    assert "holiday:1" in found


def test_who_is_named_is_heard_first(shelf: Shelf) -> None:
    for number, name in enumerate(("Ann", "Bob", "Cat", "Dan")):
        shelf.talk(f"c{number}", (name, "My favourite bird is the heron, they are so calm."))
    shelf.embed()
    for number, name in enumerate(("Ann", "Bob", "Cat", "Dan")):
        question = f"What is {name}'s favourite bird?"
        assert shelf.refs(question, k=1, collapse=False) == [f"c{number}:0"]


def test_ones_own_words_come_before_an_assistants(shelf: Shelf) -> None:
    shelf.talk(
        "chat",
        ("user", "The bicycle I bought in spring has a flat tyre again, sadly."),
        ("assistant", "A bicycle that was bought in spring may have a flat tyre, sadly."),
    )
    shelf.talk("else", ("user", "Nothing of that kind ever happened to anyone else around."))
    shelf.embed()
    assert shelf.refs("Which bicycle did I buy?", k=2)[0] == "chat:0"
    speaker = {hit.ref: hit.signals["speaker"] for hit in shelf.find("Which bicycle did I buy?")}
    assert speaker["chat:1"] < 0.0 == speaker["chat:0"]
    asked_back = shelf.find("What did you tell me about my bicycle?")
    assert all(hit.signals["speaker"] == 0.0 for hit in asked_back)


def test_what_was_written_at_the_time_asked_for_comes_first(shelf: Shelf) -> None:
    for month in (3, 4, 5, 6):
        moment = datetime(2023, month, 12, 9, tzinfo=UTC)
        shelf.talk(f"m{month}", ("Ann", "The choir sang in the old town hall."), occurred_at=moment)
    shelf.embed()
    assert shelf.refs("Where did the choir sing in May 2023?", k=1, collapse=False) == ["m5:0"]
    asked_at = datetime(2023, 4, 20, tzinfo=UTC)
    found = shelf.refs("Where did the choir sing last month?", k=1, asked_at=asked_at)
    assert found == ["m3:0"]


def test_a_document_without_conversation_is_found_by_its_best_passage(shelf: Shelf) -> None:
    paragraphs = [
        f"Paragraph {number} is about the weather on the coast. " * 12 for number in range(9)
    ]
    paragraphs[6] = "The key of the boat house hangs behind the stove. " * 5
    text = "\n\n".join(paragraphs)
    shelf.put(Record(text=text, place="", kind="document", title="House notes", ref="notes"))
    shelf.talk("c", ("Ann", "The boat was repaired and painted, which took all of the week."))
    shelf.embed()
    hit = shelf.find("Where is the key of the boat house?")[0]
    assert hit.ref == "notes"
    assert "stove" in hit.text
    assert text[hit.start : hit.stop] == hit.text


def test_a_short_message_is_shown_whole_whichever_part_was_found(shelf: Shelf) -> None:
    text = "I would like tips for the garden, as the beans are not doing well at all. " * 4
    text += "By the way, my sister works at the library in Leeds."
    shelf.talk("c", ("user", text))
    shelf.embed()
    (hit,) = shelf.find("Where does my sister work?")
    assert (hit.text, hit.start, hit.stop) == (text, 0, len(text))


def test_a_neighbour_in_a_huge_conversation_is_found_too(shelf: Shelf) -> None:
    turns = [("Ann", f"We talked about item {number} of the long list.") for number in range(3_000)]
    turns[1_500] = ("Ann", "What about the heron painting, where should that one go then?")
    turns[1_501] = ("Bob", "Above the sofa, between both of the windows, if you ask me.")
    shelf.talk("huge", *turns)
    assert "huge:1501" in shelf.refs("heron painting", k=5, lexical=True)


def test_memories_carry_the_refs_of_their_evidence(full_shelf: Shelf) -> None:
    hits = full_shelf.find("Which fern grows in the garden?", kind="memory")
    assert hits[0].text == "The fern grows in the garden."
    assert hits[0].refs == ("c3:1",)
    assert hits[0].memory_id is not None
    assert hits[0].item_id is not None
    assert all(hit.kind == "memory" for hit in hits)


def test_memories_and_passages_stand_in_one_order(full_shelf: Shelf) -> None:
    hits = full_shelf.find("Which fern grows in the garden?", k=20)
    assert hits[0].text == "The fern grows in the garden."
    kinds = [hit.kind for hit in hits]
    assert {"memory", "evidence"} == set(kinds)
    about_fern = full_shelf.find("How many leaves did the fern by the oak grow?", k=3)
    assert about_fern[0].kind == "evidence"
    assert "fern by the oak" in about_fern[0].text


def test_the_kind_asked_for_is_the_kind_found(full_shelf: Shelf) -> None:
    assert {hit.kind for hit in full_shelf.find("fern", kind="evidence", k=50)} == {"evidence"}


def test_archived_memories_are_not_found(shelf: Shelf) -> None:
    shelf.talk("c", ("Ann", "The heron nests in the elm."))
    shelf.remember("The heron nests.", "c:0", is_archived=True)
    kept = shelf.remember("The heron nests in the elm.", "c:0")
    shelf.embed()
    assert [hit.memory_id for hit in shelf.find("heron nests", kind="memory")] == [kept]


def test_a_memory_is_found_before_anything_has_a_vector(shelf: Shelf) -> None:
    shelf.talk("c", ("Ann", "The heron nests in the elm."))
    shelf.remember("The heron nests in the elm.", "c:0")
    assert {hit.kind for hit in shelf.find("heron")} == {"memory", "evidence"}


def test_a_memory_with_one_word_of_the_query_does_not_pass_for_one_with_all(shelf: Shelf) -> None:
    for number in range(1, 30):
        shelf.talk(f"c{number}", ("Ann", f"Jar {number} holds {number * 13} buttons."))
        shelf.remember(f"Note {number} is about the copper kettle.", f"c{number}:0")
    assert shelf.find("jar 28 buttons")[0].text == "Jar 28 holds 364 buttons."


def test_what_was_stored_a_moment_ago_is_not_behind_all_that_is_like_it(shelf: Shelf) -> None:
    for number in range(1, 9):
        shelf.talk(f"c{number}", ("Ann", f"I noted that jar {number} holds its buttons."))
    shelf.embed()
    shelf.talk("new", ("Ann", "I noted that jar 9 holds its buttons."))
    found = shelf.find("jar 9 buttons")
    assert found[0].ref == "new:0"
    assert found[0].signals["meaning"] != 0
    assert found[0].score == pytest.approx(sum(found[0].signals.values()))


def test_diverse_hits_come_from_more_conversations(shelf: Shelf) -> None:
    talk = [("Ann", f"The heron stood in the pond for the {n}th day in a row.") for n in range(6)]
    shelf.talk("pond", *talk)
    for number in range(4):
        shelf.talk(f"c{number}", ("Ann", f"A heron flew over house number {number} this morning."))
    shelf.embed()
    plain = shelf.find("heron stood day", k=6)
    spread = shelf.find("heron stood day", k=6, is_diverse=True)
    assert len({hit.conversation for hit in plain}) < len({hit.conversation for hit in spread})
    assert spread[0].ref == plain[0].ref
    for hit in spread:
        assert hit.score == pytest.approx(sum(hit.signals.values()))
    assert shelf.find("heron stood day", k=3, is_diverse=True) == spread[:3]
