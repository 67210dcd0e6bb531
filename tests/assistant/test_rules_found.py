"""What the rule extractors find in the owner's own words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from memassist.assistant.extract.rules import builtin_extractors
from memassist.assistant.extract.rules.claims import mentioned
from memassist.plugins.types import Candidate, MemoryType, Trust, Window, WindowItem

WRITTEN = datetime(2023, 5, 20, 7, 47, tzinfo=UTC)
"""A Saturday."""


def extract(text: str, names: tuple[str, ...] = ("Ann",)) -> list[Candidate]:
    item = WindowItem("i1", text, "user", None, True, Trust.OWNER, WRITTEN)
    window = Window((item,), conversation="c1", owner_names=names)
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert all(window.check(span) for each in found for span in each.evidence)
    return found


FACTS: list[tuple[str, MemoryType, str | None, str]] = [
    ("My name is Ann Lister.", "core", "name", "Ann's name is Ann Lister."),
    ("I live in Leeds.", "core", "home", "Ann lives in Leeds."),
    (
        "Hi! I'm based in San Francisco, so bear with the time zone.",
        "core",
        "home",
        "Ann is based in San Francisco.",
    ),
    (
        "I just moved to Edinburgh with my cat.",
        "core",
        "home",
        "Ann moved to Edinburgh with their cat.",
    ),
    (
        "We've settled in, and I've moved back to Lisbon.",
        "core",
        "home",
        "Ann has moved back to Lisbon.",
    ),
    (
        "I've been living in Tokyo for about 5 months now.",
        "core",
        "home",
        "Ann has been living in Tokyo for about 5 months now (said on 20 May 2023).",
    ),
    (
        "My address is 14 Hill Road, Leeds.",
        "core",
        "address",
        "Ann's address is 14 Hill Road, Leeds.",
    ),
    ("I'm originally from Porto.", "core", "origin", "Ann is originally from Porto."),
    ("I grew up in Ohio.", "core", None, "Ann grew up in Ohio."),
    ("As a vegan, I cook a lot.", "core", "diet", "Ann is a vegan."),
    ("I'm selling my Leica camera.", "semantic", None, "Ann has a Leica camera."),
    ("I used to play tennis at school.", "semantic", None, "Ann used to play tennis at school."),
    ("I've been in London since 2005.", "core", "home", "Ann has been in London since 2005."),
    ("I live on a houseboat in Bath.", "core", "home", "Ann lives on a houseboat in Bath."),
    ("I've joined KPMG as an auditor.", "core", "employer", "Ann has joined KPMG as an auditor."),
    ("I work nights at the depot.", "core", None, "Ann works nights at the depot."),
    ("I report to Hannah Weiss.", "core", None, "Ann reports to Hannah Weiss."),
    ("I no longer work at Lidl.", "core", "employer", "Ann no longer works at Lidl."),
    ("I'm no longer vegan.", "core", "diet", "Ann is no longer vegan."),
    ("I'm 1.68 m tall.", "core", None, "Ann is 1.68 m tall."),
    ("My shoe size is 43.", "semantic", None, "Ann's shoe size is 43."),
    ("I'm the youngest of five.", "core", None, "Ann is the youngest of five."),
    ("My parents divorced when I was nine.", "core", None, "Ann's parents divorced."),
    ("My dad has Parkinson's.", "core", None, "Ann's dad has Parkinson's."),
    ("Our cat Miso is diabetic.", "core", None, "Ann's cat Miso is diabetic."),
    ("Tom, my son, turned 8.", "core", "son:tom:age", "Ann's son Tom turned 8."),
    (
        "I have asthma and carry an inhaler.",
        "core",
        None,
        "Ann has asthma.",
    ),
    ("Penicillin gives me a rash.", "core", None, "Penicillin gives Ann a rash."),
    ("I'm terrified of flying.", "semantic", None, "Ann is terrified of flying."),
    ("I can't swim.", "semantic", None, "Ann can't swim."),
    ("I turned forty.", "core", "age", "Ann turned forty."),
    ("I switched my major to law.", "semantic", "studies", "Ann switched their major to law."),
    ("I like my coffee black.", "core", None, "Ann likes their coffee black."),
    ("I support Hull City.", "semantic", None, "Ann supports Hull City."),
    ("I do yoga twice a week.", "semantic", None, "Ann does yoga twice a week."),
    ("I switched from EE to Three.", "semantic", None, "Ann switched from EE to Three."),
    (
        "My email is ann@example.org.",
        "core",
        "possession:email",
        "Ann's email is ann@example.org.",
    ),
    (
        "I keep my passport in the top drawer.",
        "semantic",
        None,
        "Ann keeps their passport in the top drawer.",
    ),
    ("I live alone.", "semantic", "household", "Ann lives alone."),
    ("I rent a two-bedroom flat.", "semantic", None, "Ann rents a two-bedroom flat."),
    (
        "I work as a nurse at Mercy Hospital.",
        "core",
        "occupation",
        "Ann works as a nurse at Mercy Hospital.",
    ),
    (
        "I'm a software engineer at a startup.",
        "core",
        "occupation",
        "Ann is a software engineer at a startup.",
    ),
    ("I work for Siemens.", "core", "employer", "Ann works for Siemens."),
    ("I work in the tech industry.", "core", None, "Ann works in the tech industry."),
    (
        "I teach maths at the local college.",
        "core",
        None,
        "Ann teaches maths at the local college.",
    ),
    ("My job is a bit odd: I run a small bakery.", "semantic", None, "Ann runs a small bakery."),
    (
        "I liked Trello in my previous role as a marketing specialist at a small startup.",
        "semantic",
        None,
        "Ann used to work as a marketing specialist at a small startup.",
    ),
    (
        "In my new role as a senior analyst I write reports.",
        "core",
        "occupation",
        "Ann works as a senior analyst.",
    ),
    ("I was promoted to team lead.", "core", None, "Ann was promoted to team lead."),
    (
        "I graduated from UCLA with a degree in biology.",
        "semantic",
        None,
        "Ann graduated from UCLA with a degree in biology.",
    ),
    ("I'm majoring in history.", "semantic", "studies", "Ann is majoring in history."),
    (
        "I have a Master's degree in data science.",
        "semantic",
        None,
        "Ann has a Master's degree in data science.",
    ),
    ("I'm allergic to penicillin.", "core", None, "Ann is allergic to penicillin."),
    (
        "I was diagnosed with asthma as a child.",
        "core",
        None,
        "Ann was diagnosed with asthma as a child.",
    ),
    ("I have type 2 diabetes.", "core", None, "Ann has type 2 diabetes."),
    ("I'm lactose intolerant.", "core", None, "Ann is lactose intolerant."),
    (
        "I take metformin for my diabetes.",
        "semantic",
        None,
        "Ann takes metformin for their diabetes.",
    ),
    ("I'm vegetarian.", "core", "diet", "Ann is vegetarian."),
    ("I went vegan in 2019.", "core", "diet", "Ann went vegan in 2019."),
    ("I don't eat pork.", "core", None, "Ann doesn't eat pork."),
    ("My birthday is on 4 March.", "core", "birthday", "Ann's birthday is on 4 March."),
    ("I was born on 12 June 1990.", "core", "birthday", "Ann was born on 12 June 1990."),
    ("I'm 32 years old.", "core", "age", "Ann is 32 years old (said on 20 May 2023)."),
    ("I turned 40 last month.", "core", "age", "Ann turned 40 in April 2023."),
    ("I speak Portuguese.", "core", None, "Ann speaks Portuguese."),
    ("I've been learning Korean.", "semantic", None, "Ann has been learning Korean."),
    ("I'm married.", "core", "marital status", "Ann is married."),
    ("I drive a 2012 Nissan Versa.", "semantic", "drives", "Ann drives a 2012 Nissan Versa."),
    (
        "I play a Fender Stratocaster guitar.",
        "semantic",
        None,
        "Ann plays a Fender Stratocaster guitar.",
    ),
    ("I use Todoist for my errands.", "semantic", None, "Ann uses Todoist for their errands."),
    (
        "I've been using Duolingo to keep up my French.",
        "semantic",
        None,
        "Ann has been using Duolingo to keep up their French.",
    ),
    ("I have a Netflix subscription.", "semantic", None, "Ann has a Netflix subscription."),
    (
        "My favourite colour is green.",
        "core",
        "favourite:colour",
        "Ann's favourite colour is green.",
    ),
    ("I always take the window seat.", "core", None, "Ann always takes the window seat."),
    ("I never eat breakfast.", "core", None, "Ann never eats breakfast."),
    ("I prefer trains over planes.", "core", None, "Ann prefers trains over planes."),
    ("I can't stand coriander.", "core", None, "Ann can't stand coriander."),
    ("I'm a huge fan of Billie Eilish.", "semantic", None, "Ann is a huge fan of Billie Eilish."),
    ("I'm an avid reader.", "semantic", None, "Ann is an avid reader."),
    ("I volunteer at the food bank.", "semantic", None, "Ann volunteers at the food bank."),
    (
        "I've been collecting stamps for six years.",
        "semantic",
        None,
        "Ann has been collecting stamps for six years (said on 20 May 2023).",
    ),
    ("I'm meeting my sister Maria.", "core", "sister:maria", "Maria is Ann's sister."),
    ("My wife's name is Joan.", "core", "wife", "Joan is Ann's wife."),
    ("Tom is my younger brother.", "core", "brother:tom", "Tom is Ann's younger brother."),
    ("My son Tom is 7.", "core", "son:tom", "Tom is Ann's son."),
    ("My daughter is 12 years old.", "core", "daughter::age", "Ann's daughter is 12 years old."),
    ("My mother is a nurse.", "core", "mother::work", "Ann's mother is a nurse."),
    ("I have two sisters.", "core", "sister::count", "Ann has two sisters."),
    ("I'm brushing my cat, Luna.", "core", "cat:luna", "Luna is Ann's cat."),
    ("I have a beagle called Biscuit.", "core", "beagle:biscuit", "Biscuit is Ann's beagle."),
    (
        "My best friend Sarah plays the oboe.",
        "semantic",
        "best friend:sarah",
        "Sarah is Ann's best friend.",
    ),
    (
        "Remember that my passport is in the blue drawer.",
        "semantic",
        None,
        "Ann's passport is in the blue drawer.",
    ),
    (
        "Note to self: the boiler code is on the fridge.",
        "semantic",
        None,
        "The boiler code is on the fridge.",
    ),
    (
        "Don't forget: the bins go out on Tuesdays.",
        "semantic",
        None,
        "The bins go out on Tuesdays.",
    ),
    ("For future reference, my shoe size is 41.", "semantic", None, "Ann's shoe size is 41."),
]


@pytest.mark.parametrize(
    ("text", "kind", "slot", "statement"), FACTS, ids=lambda value: str(value)[:40]
)
def test_own_words_give_the_fact(
    text: str, kind: MemoryType, slot: str | None, statement: str
) -> None:
    found = extract(text)
    assert (kind, slot, statement) in [(each.type, each.slot, each.text) for each in found]


@pytest.mark.parametrize(
    ("text", "kind", "statement"),
    [
        ("I can read Arabic.", "core", "Ann can read Arabic."),
        ("I love jazz.", "core", "Ann loves jazz."),
        ("I get hay fever every May.", "core", "Ann gets hay fever every May."),
        ("I'm in a book club.", "core", "Ann is in a book club."),
        ("I get up at five every day.", "semantic", "Ann gets up at five every day."),
        ("We have solar panels.", "semantic", "Ann and others have solar panels."),
        ("My mother lives with us.", "core", "Ann's mother lives with them."),
        ("My mortgage is with Halifax.", "core", "Ann's mortgage is with Halifax."),
        (
            "I sent the invoice to Bauer on Monday.",
            "episodic",
            "Ann sent the invoice to Bauer on 15 May 2023.",
        ),
        ("Dinner with Sofia is on Thursday.", "episodic", "Dinner with Sofia is on 25 May 2023."),
    ],
)
def test_a_short_statement_that_is_the_whole_message_is_kept(
    text: str, kind: MemoryType, statement: str
) -> None:
    assert [(each.type, each.text) for each in extract(text)] == [(kind, statement)]
    assert extract(f"{text} Can you suggest a present for my friends?") == []


def test_a_friend_with_a_trait_is_a_fact() -> None:
    found = extract("My friend Priya is vegan.")
    assert [(each.type, each.text) for each in found] == [
        ("semantic", "Ann's friend Priya is vegan.")
    ]


def test_without_an_owner_name_statements_stay_in_the_first_person() -> None:
    texts = [each.text for each in extract("I live in Leeds. My sister Maria is 30.", names=())]
    assert texts == ["I live in Leeds.", "Maria is my sister.", "My sister Maria is 30."]


def test_the_quote_is_the_clause_that_carries_the_claim() -> None:
    text = "Thanks for the tips! I live in Leeds, so trains are easy."
    (fact,) = extract(text)
    assert fact.evidence[0].quote == "I live in Leeds"


def test_typographic_apostrophes_are_read_and_quoted_as_written() -> None:
    (fact,) = extract("I\u2019m allergic to penicillin.")
    assert fact.evidence[0].quote == "I\u2019m allergic to penicillin"
    assert fact.text == "Ann is allergic to penicillin."


def test_one_item_gives_one_candidate_for_a_slot() -> None:
    found = extract("I live in Leeds. I moved to Leeds with my dog.")
    assert [each.slot for each in found].count("home") == 1


def test_a_fact_asked_to_be_remembered_is_one_surer_fact() -> None:
    (told,), (asked,) = extract("I hate coriander."), extract("Remember that I hate coriander.")
    assert asked.text == told.text
    assert asked.confidence > told.confidence


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("i'm vegetarian", "Ann is vegetarian."),
        ("I have two kids and a dog named Rex.", "Rex is Ann's dog."),
        ("Miso is my cat.", "Miso is Ann's cat."),
        ("My wife and I live in Bath.", "Ann lives in Bath."),
        ("My dad turned 70 last week.", "Ann's dad turned 70 in the week of 8 May 2023."),
        (
            "I've lived in Leeds for ten years.",
            "Ann has lived in Leeds for ten years (said on 20 May 2023).",
        ),
        (
            "I met with my manager Priya on Monday.",
            "Ann met with their manager Priya on 15 May 2023.",
        ),
        ("I'm having surgery on 2 June.", "Ann is having surgery on 2 June 2023."),
        ("My passport expires in March 2025.", "Ann's passport expires in March 2025."),
        ("I'll be in Paris next week.", "Ann will be in Paris in the week of 22 May 2023."),
    ],
)
def test_people_write_it_in_many_ways(text: str, statement: str) -> None:
    assert statement in [each.text for each in extract(text)]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("We went to Rome with our kids last weekend.",
         "Ann and others went to Rome with their kids on the weekend of 13 May 2023."),
        ("Took a train to Rome yesterday.", "Ann took a train to Rome on 19 May 2023."),
        ("My brother Luis is getting married on 6 June.",
         "Ann's brother Luis is getting married on 6 June 2023."),
        ("I ran the Leeds 10k three Sundays ago.", "Ann ran the Leeds 10k on 30 April 2023."),
        ("Two weekends ago I visited the Tate with Jo.",
         "On the weekend of 6 May 2023, Ann visited the Tate with Jo."),
        ("I joined a choir yesterday.", "Ann joined a choir on 19 May 2023."),
        ("We have a collie called Moss.", "Moss is Ann's collie."),
        ("My two rabbits are called Dot and Pim.", "Dot and Pim are Ann's rabbits."),
        ("Finnish is my mother tongue.", "Finnish is Ann's mother tongue."),
        ("Everyone calls me Bex.", "Ann's name is Bex."),
        ("I dropped out of art school.", "Ann dropped out of art school."),
        ("I liked my degree from Keele University a lot.", None),
        ("It rests on my law degree from Keele University.",
         "Ann has a law degree from Keele University."),
        ("I want to go on my favourite ride, Nemesis.", "Ann's favourite ride is Nemesis."),
        ("My sister's birthday, which is coming up on 3 June, is a big one.",
         "Ann's sister's birthday is on 3 June."),
        ("I go rowing every Thursday with Al.", "Ann goes rowing every Thursday with Al."),
        ("We're expecting our first child in June.", None),
    ],
)  # fmt: skip
def test_more_ways_people_write_it(text: str, statement: str | None) -> None:
    texts = [each.text for each in extract(text)]
    assert statement in texts if statement else len(texts) < 2


@pytest.mark.parametrize(
    "text",
    [
        "In the novel, my favourite colour is Prussian Blue.",
        "My niece's birthday is in 6 weeks.",
        "I went to a concert yesterday.",
        "We are hosting Ethereum Mexico on 30 September.",
        "Went to the store yesterday.",
        "I love trying different types of food.",
    ],
)
def test_less_than_that_is_none(text: str) -> None:
    assert extract(text) == []


def test_a_lost_job_is_no_job() -> None:
    texts = [each.text for each in extract("I lost my job as a banker yesterday.")]
    assert texts == ["Ann lost their job as a banker on 19 May 2023."]


def test_only_what_excludes_another_has_a_slot() -> None:
    texts = ("I work from home.", "My old phone is a Nokia.", "I'm allergic to nuts.")
    slots = [each.slot for text in texts for each in extract(text)]
    assert "possession:phone" not in slots
    assert slots[0] is None
    assert slots[-1] is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My mother works as a nurse.", "My mother works for Siemens."),
        ("My sister Maria lives in Leeds.", "My sister Joan lives in York."),
        ("My wife is called Joan.", "My late wife was a gardener called Rose."),
        ("My phone is a Pixel 7.", "My car is a Skoda."),
        ("My favourite colour is green.", "My favourite book is Emma."),
        ("I work as a nurse.", "I started a new job at Siemens."),
    ],
)
def test_what_can_both_hold_has_no_slot_in_common(one: str, other: str) -> None:
    assert {each.slot for each in extract(one)}.isdisjoint(each.slot for each in extract(other))


def test_extraction_is_deterministic_and_names_its_extractor() -> None:
    text = "I live in Leeds. My sister Maria is a nurse. I went to Rome last weekend."
    assert extract(text) == extract(text)
    assert all("@" in each.extractor for each in extract(text))


def test_core_is_for_identity_and_carries_label_and_value() -> None:
    (fact,) = extract("I'm vegetarian.")
    assert fact.fields == {"label": "preferences", "value": "Ann is vegetarian."}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("with Rachel and Mike", {("Rachel", "person"), ("Mike", "person")}),
        ("flew to LA and San Diego", {("LA", "place"), ("San Diego", "place")}),
        ("went to Harry Potter trivia", {("Harry Potter", "thing")}),
        ("met Dr. Smith in York last week", {("Dr. Smith", "person"), ("York", "place")}),
        ("worked on the Kestrel project", {("Kestrel", "project")}),
        ("finished Project Kestrel", {("Kestrel", "project")}),
        ("a Science project with Tom", {("Tom", "person")}),
        ("a degree in Data Science", set()),
        ('saw the "Art in Bloom" exhibition', {("Bloom", "thing")}),
        ("met on Monday in May", set()),
    ],
)
def test_what_the_words_around_a_name_tell_of_it(text: str, names: set[tuple[str, str]]) -> None:
    assert {(each.name, each.kind) for each in mentioned(text)} == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I live in Leeds.", ("Mel lives in Leeds.", "semantic", "Mel:home")),
        ("I'm allergic to nuts.", ("Mel is allergic to nuts.", "semantic", None)),
        (
            "I went to Rome last weekend.",
            ("Mel went to Rome on the weekend of 13 May 2023.", "episodic", None),
        ),
    ],
)
def test_other_people_are_named_and_never_core(
    text: str, expected: tuple[str, MemoryType, str | None]
) -> None:
    item = WindowItem("i1", text, "user", "Mel", False, Trust.CHAT, WRITTEN)
    window = Window((item,), owner_names=("Ann",))
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert [(each.text, each.type, each.slot) for each in found] == [expected]
    assert found[0].confidence < extract(text)[0].confidence
