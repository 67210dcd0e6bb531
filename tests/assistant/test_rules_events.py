"""Which events the rule extractors find in what people tell, and when they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.types import Candidate, Trust, Window, WindowItem

WRITTEN = datetime(2023, 5, 20, 7, 47, tzinfo=UTC)
"""A Saturday."""


def extract(text: str, names: tuple[str, ...] = ("Ann",)) -> list[Candidate]:
    item = WindowItem("i1", text, "user", None, True, Trust.OWNER, WRITTEN)
    window = Window((item,), conversation="c1", owner_names=names)
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert all(window.check(span) for each in found for span in each.evidence)
    return found


EVENTS = [
    (
        "The boiler gets serviced on Thursday.",
        "The boiler gets serviced on 25 May 2023.",
        (2023, 5, 25),
        (2023, 5, 26),
        "day",
    ),
    (
        "I'll be in Berlin from 3 to 9 June.",
        "Ann will be in Berlin from 3 to 9 June 2023.",
        (2023, 6, 3),
        (2023, 6, 10),
        "day",
    ),
    (
        "We're going to Crete in the first week of September.",
        "Ann and others are going to Crete in the first week of September 2023.",
        (2023, 9, 1),
        (2023, 9, 8),
        "day",
    ),
    (
        "I broke my wrist last winter.",
        "Ann broke their wrist in winter 2022/2023.",
        (2022, 12, 1),
        (2023, 3, 1),
        "month",
    ),
    (
        "I start my new job at Arup on 1 September.",
        "Ann starts their new job at Arup on 1 September 2023.",
        (2023, 9, 1),
        (2023, 9, 2),
        "day",
    ),
    (
        "The lease on our flat runs until the end of August.",
        "The lease on their flat runs until the end of August 2023.",
        (2023, 8, 21),
        (2023, 9, 1),
        "day",
    ),
    (
        "My brother is moving to Canada in the autumn.",
        "Ann's brother is moving to Canada in autumn 2023.",
        (2023, 9, 1),
        (2023, 12, 1),
        "month",
    ),
    (
        "I went to Rome last weekend.",
        "Ann went to Rome on the weekend of 13 May 2023.",
        (2023, 5, 13),
        (2023, 5, 15),
        "day",
    ),
    (
        "My flight is on 3 June at 9:40.",
        "Ann's flight is on 3 June 2023 at 09:40.",
        (2023, 6, 3, 9, 40),
        (2023, 6, 3, 9, 41),
        "minute",
    ),
    (
        "I'm meeting Sam on Friday.",
        "Ann is meeting Sam on 26 May 2023.",
        (2023, 5, 26),
        (2023, 5, 27),
        "day",
    ),
    (
        "By the way, I just got back from my trip to Japan two weeks ago, and it was great.",
        "Ann got back from their trip to Japan around 6 May 2023.",
        (2023, 5, 3),
        (2023, 5, 10),
        "day",
    ),
    (
        "Last Saturday, I attended the opening of Tate Leeds.",
        "On 13 May 2023, Ann attended the opening of Tate Leeds.",
        (2023, 5, 13),
        (2023, 5, 14),
        "day",
    ),
    (
        "I graduated from UCLA in 2020.",
        "Ann graduated from UCLA in 2020.",
        (2020, 1, 1),
        (2021, 1, 1),
        "year",
    ),
    (
        "I quit my job at the bank yesterday.",
        "Ann quit their job at the bank on 19 May 2023.",
        (2023, 5, 19),
        (2023, 5, 20),
        "day",
    ),
    (
        "My wife and I got married in May 2016.",
        "Ann and their wife got married in May 2016.",
        (2016, 5, 1),
        (2016, 6, 1),
        "month",
    ),
    (
        "My sister Maria had a baby on February 14.",
        "Ann's sister Maria had a baby on 14 February 2023.",
        (2023, 2, 14),
        (2023, 2, 15),
        "day",
    ),
    (
        "I have a dentist appointment on Tuesday at 3 pm.",
        "Ann has a dentist appointment on 23 May 2023 at 15:00.",
        (2023, 5, 23, 15),
        (2023, 5, 23, 15, 1),
        "minute",
    ),
    (
        "I'm planning a trip to Tokyo in October.",
        "Ann is planning a trip to Tokyo in October 2023.",
        (2023, 10, 1),
        (2023, 11, 1),
        "month",
    ),
    (
        "I've booked a flight to Oslo for 2 July.",
        "Ann has booked a flight to Oslo on 2 July 2023.",
        (2023, 7, 2),
        (2023, 7, 3),
        "day",
    ),
    (
        "My dog passed away three days ago.",
        "Ann's dog passed away on 17 May 2023.",
        (2023, 5, 17),
        (2023, 5, 18),
        "day",
    ),
    (
        "I ran the Leeds marathon on 14 May 2023.",
        "Ann ran the Leeds marathon on 14 May 2023.",
        (2023, 5, 14),
        (2023, 5, 15),
        "day",
    ),
]


@pytest.mark.parametrize(("text", "statement", "start", "stop", "precision"), EVENTS)
def test_dated_events_and_plans_are_placed(
    text: str, statement: str, start: tuple[int, ...], stop: tuple[int, ...], precision: str
) -> None:
    events = [each for each in extract(text) if each.type == "episodic"]
    assert [event.text for event in events] == [statement]
    when = events[0].when
    assert when is not None
    expected = [datetime(*moment, tzinfo=UTC) for moment in (start, stop)]  # type: ignore[misc,arg-type] # unpacked parts
    assert [when.start, when.stop, when.precision] == [*expected, precision]


TOLD = "Yesterday I took the kids to the museum. We built a garden shed last week."


def test_what_people_tell_each_other_is_an_event() -> None:
    item = WindowItem("i1", TOLD, "user", "Ann", True, Trust.OWNER, WRITTEN)
    window = Window((item,), conversation="c1", owner_names=("Ann",))
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert [each.text for each in found] == [
        "On 19 May 2023, Ann took the kids to the museum.",
        "Ann and others built a garden shed in the week of 8 May 2023.",
    ]


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (
            "Yeah, last weekend I had a picnic with some friends from church.",
            "On the weekend of 13 May 2023, Ann had a picnic with some friends from church.",
        ),
        ("Dyed my hair last week - come see!", "Ann dyed their hair in the week of 8 May 2023."),
        ("I started surfing five years ago.", "Ann started surfing in 2018."),
        (
            "I baked an apple pie on Friday and shared it with Bo.",
            "Ann baked an apple pie on 19 May 2023.",
        ),
        (
            "We had a great time at the fair last month.",
            "Ann and others had a great time at the fair in April 2023.",
        ),
    ],
)
def test_chats_tell_of_events_in_many_ways(text: str, statement: str) -> None:
    item = WindowItem("i1", text, "user", "Ann", True, Trust.OWNER, WRITTEN)
    window = Window((item,), conversation="c1", owner_names=("Ann",))
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert [each.text for each in found] == [statement]


def test_to_an_assistant_the_same_is_said_in_passing() -> None:
    assert extract(TOLD) == []


def test_one_event_told_twice_in_a_window_is_one_candidate() -> None:
    items = tuple(
        WindowItem(f"i{n}", text, "user", None, True, Trust.OWNER, WRITTEN)
        for n, text in enumerate(
            (
                "I attended the Women in Art exhibition at the Tate last week.",
                "I visited the Women in Art exhibition of the Tate with Jo last week.",
                "I attended the Poetry Slam at Union Chapel last week.",
            )
        )
    )
    window = Window(items, owner_names=("Ann",))
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert [each.evidence[0].item_id for each in found] == ["i0", "i2"]


def test_names_in_an_event_become_entities() -> None:
    (event,) = extract("I visited Rome with Sam last weekend.")
    assert {(each.name, each.kind) for each in event.entities} == {
        ("Rome", "place"),
        ("Sam", "person"),
    }


def test_an_event_without_a_written_time_is_not_guessed() -> None:
    item = WindowItem("i1", "I went to Rome last weekend.", "user", None, True, Trust.OWNER, None)
    window = Window((item,))
    assert not [each for extractor in builtin_extractors() for each in extractor.extract(window)]
