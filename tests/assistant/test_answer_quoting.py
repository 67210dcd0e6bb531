"""Answers by quoting: what is quoted, dated, cited, and what is left unanswered."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory
from memassist.assistant.answer.question import parse
from memassist.assistant.answer.sentences import LONGEST_CHARACTERS, sentences
from memassist.assistant.answer.words import stem
from memassist.plugins.types import Record
from memassist.store.memories import Evidence, MemoryState, add

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Yield an empty home that searches by words; the owner is Ann."""
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    (home / "config.toml").write_text('me = ["Ann"]\n[embedding]\nmodel = "none"\n')
    with Memory.open(home) as memory:
        yield memory


def tell(memory: Memory, *texts: str, author: str = "Ann", **changes: Any) -> None:
    """Take in lines of one conversation, a day apart, the first on 8 May 2023."""
    records = []
    for number, text in enumerate(texts):
        values: dict[str, Any] = {
            "text": text,
            "place": text,
            "author": author,
            "is_owner": author == "Ann",
            "ref": f"{author} {number}",
            "conversation": f"chat of {author}",
            "sequence": number,
            "occurred_at": datetime(2023, 5, 8 + number, 13, tzinfo=UTC),
        }
        records.append(Record(**(values | changes)))
    memory.add_items(records, source="test")
    memory.work()


def test_yesterday_is_named_and_marked_as_derived(memory: Memory) -> None:
    tell(memory, "I went to the support group yesterday.", author="Caroline")
    answer = memory.ask("When did Caroline go to the support group?")
    assert answer.answer == (
        "Caroline: I went to the support group yesterday."
        " (“yesterday” = 7 May 2023, as it was written on 8 May 2023)"
    )
    assert answer.citations[0].quote == "I went to the support group yesterday."


def test_event_without_a_time_is_dated_by_when_it_was_told(memory: Memory) -> None:
    tell(memory, "I broke my wrist on the icy stairs.")
    answer = memory.ask("When did I break my wrist?")
    assert answer.answer.endswith("(written on 8 May 2023)")


@pytest.mark.parametrize("question", ["When is the choir concert?", "Which day is the concert?"])
def test_date_to_come_is_counted_forwards(memory: Memory, question: str) -> None:
    tell(memory, "The choir concert is on 2 March.")
    assert "2 March 2024" in memory.ask(question).answer


def test_full_date_is_left_as_it_is(memory: Memory) -> None:
    tell(memory, "The choir concert was on 2 March 2023.")
    assert memory.ask("When was the choir concert?").answer.endswith("2 March 2023.")


def test_what_somebody_else_said_of_themselves_answers_for_nobody_else(memory: Memory) -> None:
    tell(memory, "I have adopted a greyhound puppy.", author="Melanie")
    tell(memory, "What a lovely dog!", author="Caroline", conversation="chat of Melanie")
    assert not memory.ask("What did Melanie adopt?").abstained
    assert memory.ask("What did Caroline adopt?").abstained


def test_somebody_spoken_to_is_not_whom_the_speaker_tells_of(memory: Memory) -> None:
    texts = ("Hey Caroline! I have adopted a greyhound puppy.", "He sleeps in my boots, Caroline!")
    tell(memory, *texts, author="Melanie")
    tell(memory, "I am happy for you!", author="Caroline", conversation="chat of Melanie")
    assert not memory.ask("What did Melanie adopt?").abstained
    assert memory.ask("What did Caroline adopt?").abstained


def test_age_of_somebody_else_is_no_age_of_the_speaker(memory: Memory) -> None:
    tell(memory, "You have Beryl, and Beryl is 84.", author="Maria")
    assert memory.ask("How old is Maria?").abstained
    assert not memory.ask("How old is Beryl?").abstained


def test_number_without_the_measure_asked_for_is_no_answer(memory: Memory) -> None:
    tell(memory, "Tom works 4 nights on ward 7.", "Tom's wardrobe is 2 metres tall.")
    tell(memory, "Jonas is 121 cm tall now.")
    assert memory.ask("How tall is Jonas?").citations[0].quote == "Jonas is 121 cm tall now."
    assert memory.ask("How heavy is Tom?").abstained


def test_will_inside_a_question_is_a_name(memory: Memory) -> None:
    tell(memory, "Arjun plays bass in a ska band.")
    tell(memory, "Will is allergic to dogs.", conversation="another")
    assert memory.ask("What does Will play in the band?").abstained
    assert not memory.ask("What is Will allergic to?").abstained


def test_other_attribute_of_the_same_person_is_no_answer(memory: Memory) -> None:
    tell(memory, "Maria's birthday is on 3 May.", "Maria works in a library in Leeds.")
    assert memory.ask("What is Maria's phone number?").abstained
    assert memory.ask("What is the name of Maria's husband?").abstained
    assert not memory.ask("When is Maria's birthday?").abstained


def test_abstaining_answer_shows_the_nearest(memory: Memory) -> None:
    tell(memory, "Maria's birthday is on 3 May.")
    answer = memory.ask("What is Maria's phone number?")
    assert (answer.answer, answer.abstained) == ("I don't know.", True)
    assert [one.quote for one in answer.citations] == ["Maria's birthday is on 3 May."]


@pytest.mark.parametrize("question", ["What?", "When was it?", "???", "And why is that so?"])
def test_question_that_tells_nothing_is_not_answered(memory: Memory, question: str) -> None:
    tell(memory, "Maria's birthday is on 3 May.", "It was fine.")
    assert memory.ask(question).abstained


@pytest.mark.parametrize(
    "question",
    [
        '" OR NEAR( * ^ text : { } - + birthday',
        "birthday\x00 Maria \ud800",
        "when is maria's birthday? " * 5_000,
        "word" * 25_000,
        " ".join(f"word{number}" for number in range(10_000)),
    ],
)
def test_no_question_is_too_odd(memory: Memory, question: str) -> None:
    tell(memory, "Maria's birthday is on 3 May.")
    memory.ask(question)


def test_empty_home_knows_nothing(memory: Memory) -> None:
    answer = memory.ask("When is Maria's birthday?")
    assert answer.abstained
    assert answer.citations == ()


def test_quote_is_a_few_sentences_of_a_long_document(memory: Memory) -> None:
    filler = "The garden was quiet and nothing else was written that day. " * 40
    fact = "The boiler is serviced by Harding and Sons."
    tell(memory, filler + fact + " " + filler, kind="document", conversation=None)
    (cited, *_) = memory.ask("Who services the boiler?").citations
    assert fact in cited.quote
    assert len(cited.quote) < 300


def test_two_sentences_that_only_answer_together_are_quoted_together(memory: Memory) -> None:
    tell(memory, "Mum told me she met dad at a dance in Whitby. He wore a green suit. It rained.")
    answer = memory.ask("What did dad wear at the dance?")
    assert "green suit" in answer.answer
    assert "dance" in answer.answer


def test_memory_that_says_it_is_answered_with_and_its_evidence_cited(memory: Memory) -> None:
    tell(memory, "Since the spring it is Bo who holds the spare key, not the porter.")
    item = memory.timeline()[0]
    quote = "Bo who holds the spare key"
    start = item.text.index(quote)
    evidence = (Evidence(item.id, start, start + len(quote), quote),)
    with memory.wiring.database.write() as connection:
        state = MemoryState("semantic", "Bo keeps the spare key of Ann's house.", evidence=evidence)
        add(connection, state, "user")
    answer = memory.ask("Who keeps the spare key of Ann's house?")
    assert answer.answer == "Bo keeps the spare key of Ann's house."
    assert [one.quote for one in answer.citations] == [quote]


def test_closed_memory_no_longer_answers(memory: Memory) -> None:
    tell(memory, "Bo has it.")
    item = memory.timeline()[0]
    evidence = (Evidence(item.id, 0, 2, "Bo"),)
    with memory.wiring.database.write() as connection:
        text = "Bo keeps the spare key of Ann's house."
        add(connection, MemoryState("semantic", text, valid_to=1, evidence=evidence), "user")
    assert memory.ask("Who keeps the spare key of Ann's house?").abstained


@pytest.mark.parametrize(
    ("question", "place", "other"),
    [
        ("Where do I live?", "lives? in Leeds", "Hull"),
        ("Where does my sister live?", "lives in Hull", "Leeds"),
    ],
)
def test_where_somebodys_sister_lives_is_not_where_they_live(
    memory: Memory, question: str, place: str, other: str
) -> None:
    tell(memory, "My sister Maria lives in Hull.", "I live in Leeds.")
    first = memory.ask(question).answer.splitlines()[0]
    assert re.search(place, first)
    assert other not in first


def test_what_is_over_gives_way_to_what_came_after_it(memory: Memory) -> None:
    memory.add_names(["Ann"])
    tell(
        memory, "I live in Leeds. I like the market there.", "I moved to Hull.", "I moved to York."
    )
    assert memory.ask("Where do I live?").answer == "Ann moved to York."
    assert [one.quote for one in memory.ask("Where do I live?").citations] == ["I moved to York"]
    # What is asked of another time, or of something else that the old words say, stays.
    assert "Leeds" in memory.ask("Where did I live?").answer
    assert "Leeds" in memory.ask("Where did I live before?").answer
    assert "market" in memory.ask("Do I like the market?").answer


def test_asked_for_now_the_latest_is_told(memory: Memory) -> None:
    tell(memory, "I work at the bakery in Hull.", "I work at the museum in Hull.", author="Bo")
    first = memory.ask("Where does Bo work now?").answer.splitlines()[0]
    assert first == "Bo works at the museum in Hull."


@pytest.mark.parametrize(
    ("question", "kind", "names", "wanted"),
    [
        ("When did Caroline go to the support group?", "time", ["Caroline"], None),
        ("What instrument does Ivy play?", "any", ["Ivy"], "instrument"),
        ("Which restaurant did Beatriz recommend?", "name", ["Beatriz"], "restaurant"),
        ("How many seals did I see in Whitby?", "number", ["Whitby"], None),
        ("Who is Priya's boss?", "person", ["Priya"], None),
        ("Where does Maria live?", "place", ["Maria"], None),
        ("What is Fiona's surname?", "full name", ["Fiona"], None),
        ("What is the name of Priya's cat?", "name", ["Priya"], None),
        ("What colour is our car?", "colour", [], "colour"),
        ("What is the budget for trees?", "number", [], None),
        ("Did Ann sell the pram?", "any", ["Ann"], None),
    ],
)
def test_question_is_taken_apart(
    question: str, kind: str, names: list[str], wanted: str | None
) -> None:
    found = parse(question)
    assert found.kind == kind
    assert [word.surface for word in found.names] == names
    assert (found.wanted and found.wanted.surface) == wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [("went", "go"), ("boots", "boot"), ("running", "ran"), ("moved", "moving"), ("Ann's", "Ann")],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stem(one.removesuffix("'s")) == stem(other)


def test_sentences_are_slices_and_titles_do_not_end_them() -> None:
    text = "Dr. Barrow came at 4.30 p.m. today. Good!\nNext line  \n\nLast one"
    found = [text[start:stop] for start, stop in sentences(text)]
    assert found == ["Dr. Barrow came at 4.30 p.m. today.", "Good!", "Next line", "Last one"]
    long = "word " * 500
    assert all(stop - start <= LONGEST_CHARACTERS for start, stop in sentences(long))


def test_what_one_conversation_says_is_quoted_together(memory: Memory) -> None:
    tell(
        memory,
        "The quince tree in the garden was planted in 2019.",
        "The quince was planted in the garden in spring 2019, as the ground was soft then.",
        conversation="garden",
        title="Garden",
    )
    # By its words it comes between the two.
    other = "The quince tree in the garden was planted in spring 2019."
    tell(memory, other, conversation="letters", title="Letters")
    answer = memory.ask("When was the quince tree in the garden planted?")
    assert [one.title for one in answer.citations] == ["Garden", "Garden", "Letters"]
    assert answer.answer.splitlines() == [one.quote for one in answer.citations]
