"""How-tos, links and documents, and the owner's notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from memassist.assistant.extract.rules import builtin_extractors
from memassist.plugins.types import Candidate, MemoryType, Trust, Window, WindowItem

WRITTEN = datetime(2023, 5, 20, 7, 47, tzinfo=UTC)


def note(text: str, title: str | None = None) -> WindowItem:
    return WindowItem(
        "n1", text, "user", None, True, Trust.FILE, WRITTEN,
        kind="document", origin="file", title=title, uri="file:///notes/a.md",
    )  # fmt: skip


def chat(text: str) -> WindowItem:
    return WindowItem("m1", text, "user", None, True, Trust.OWNER, WRITTEN)


def extract(item: WindowItem, kind: MemoryType) -> list[Candidate]:
    window = Window((item,), owner_names=("Ann",))
    found = [each for extractor in builtin_extractors() for each in extractor.extract(window)]
    assert all(window.check(span) for each in found for span in each.evidence)
    return [each for each in found if each.type == kind]


BLEED = (
    "# House\n\nSome words.\n\n## How to bleed a radiator\n\n"
    "1. Turn off the heating\n2. Open the valve\n   a quarter turn\n3. Close it again\n\nDone.\n"
)


def test_a_numbered_list_under_how_to_becomes_a_procedure() -> None:
    (howto,) = extract(note(BLEED), "procedural")
    assert howto.fields == {
        "kind": "how-to",
        "description": "How to bleed a radiator",
        "steps": ["Turn off the heating", "Open the valve a quarter turn", "Close it again"],
        "trigger": "when it is about: bleed a radiator",
    }
    assert howto.evidence[0].quote == BLEED[BLEED.index("## How") : BLEED.index("\n\nDone")]


def test_steps_under_a_generic_heading_take_the_notes_title() -> None:
    text = "Steps:\n\n1. Mix the flour\n2. Let it rest\n3. Bake it\n"
    (howto,) = extract(note(text, title="Sourdough"), "procedural")
    assert howto.fields["description"] == "Sourdough"


def test_two_steps_or_no_announcement_are_no_procedure() -> None:
    assert extract(note("# How to knock\n\n1. Lift\n2. Knock\n"), "procedural") == []
    assert (
        extract(note("# Films of 2021\n\n1. Dune\n2. Pig\n3. Drive my Car\n"), "procedural") == []
    )


def test_a_quoted_or_fenced_list_is_no_procedure() -> None:
    quoted = "# How to do it\n\n> 1. One\n> 2. Two\n> 3. Three\n"
    fenced = "# How to do it\n\n```\n1. One\n2. Two\n3. Three\n```\n"
    assert extract(note(quoted), "procedural") == []
    assert extract(note(fenced), "procedural") == []


def test_in_a_chat_only_the_owners_own_way_counts() -> None:
    steps = "\n1. Grind the beans\n2. Heat the water\n3. Pour slowly\n"
    (howto,) = extract(chat("Here's how I make my coffee:\n" + steps), "procedural")
    assert howto.fields["steps"] == ["Grind the beans", "Heat the water", "Pour slowly"]
    assert extract(chat("Please write a guide with these steps:\n" + steps), "procedural") == []
    assert extract(chat("Steps:\n" + steps), "procedural") == []


def test_a_titled_note_is_a_resource_with_its_first_sentence() -> None:
    (resource,) = extract(
        note("# Boiler\n\nThe boiler is a Vaillant. It hums.", "Boiler"), "resource"
    )
    assert resource.fields == {
        "title": "Boiler",
        "summary": "The boiler is a Vaillant.",
        "resource_type": "note",
        "uri": "file:///notes/a.md",
    }


def test_an_untitled_note_is_no_resource() -> None:
    assert extract(note("The boiler is a Vaillant."), "resource") == []


def test_links_with_a_title_are_resources_and_pictures_and_bare_links_are_not() -> None:
    text = (
        "See [Heat pumps explained](https://example.org/heat) and ![me](https://example.org/a.png)\n"
        "https://example.org/bare\n- Seed swap rules: https://example.org/seeds\n"
    )
    found = extract(note(text), "resource")
    assert [(each.fields["title"], each.fields["uri"]) for each in found] == [
        ("Heat pumps explained", "https://example.org/heat"),
        ("Seed swap rules", "https://example.org/seeds"),
    ]


def test_a_link_in_a_chat_counts_where_it_is_kept_not_where_it_is_a_task() -> None:
    (kept,) = extract(
        chat("Save this useful guide to pruning roses: https://example.org/roses"), "resource"
    )
    assert kept.fields["uri"] == "https://example.org/roses"
    assert extract(chat("Summarize https://example.org/roses"), "resource") == []


def test_list_marks_in_notes_do_not_hide_facts() -> None:
    found = extract(note("- I'm allergic to penicillin\n- My sister Maria is 30\n"), "core")
    assert [each.text for each in found] == [
        "Ann is allergic to penicillin.",
        "Maria is Ann's sister.",
        "Ann's sister Maria is 30.",
    ]


def test_a_noted_appointment_is_an_event() -> None:
    (event,) = extract(note("Dentist appointment on 3 June at 9:40\n"), "episodic")
    assert event.text == "Dentist appointment on 3 June 2023 at 09:40."


@pytest.mark.parametrize("name", ["main.py", "readings.csv", "server.log", "holidays.ics"])
def test_code_and_data_are_no_resources(name: str) -> None:
    text = "The rows of every day are summed here. Then they are shown."
    titled = note(text, "Totals")
    assert extract(titled, "resource")
    assert extract(replace(titled, uri=f"file:///notes/{name}"), "resource") == []
