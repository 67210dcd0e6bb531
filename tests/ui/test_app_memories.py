"""Memories and the inbox in the app: what a person changes, and takes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList, Static, TextArea

from memassist.assistant import Memory
from memassist.store import inbox, slots
from memassist.ui.app.background import Failed
from memassist.ui.app.dialogs import (
    ConfirmDialog,
    EditDialog,
)
from memassist.ui.app.history import HistoryDialog
from memassist.ui.app.merge import MergeDialog
from memassist.ui.app.panes.base import OpenEvidence, StoreChanged
from memassist.ui.app.panes.inbox import InboxPane
from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.people import PeopleScreen, PickDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


async def test_memories_are_listed_by_type_with_counts(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3")
        loaded = run.last(MemoriesPane.Loaded)
        assert len(loaded.memories) == 5
        assert set(loaded.counts.values()) == {1}
        await run.press("t")
        assert [one.state.type for one in run.last(MemoriesPane.Loaded).memories] == ["core"]


async def test_memory_is_edited_and_the_edit_undone(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3", "e")
        assert isinstance(run.app.screen, EditDialog)
        run.app.screen.query_one(TextArea).load_text("Ann is allergic to amoxicillin.")
        await run.press("ctrl+s")
        assert run.last(StoreChanged).revision is not None
        assert run.last(MemoriesPane.Loaded).memories[0].state.text.endswith("amoxicillin.")
        await run.press("u")
        assert run.last(StoreChanged).said == "Undone."
        assert run.last(MemoriesPane.Loaded).memories[0].state.text.endswith("penicillin.")
        assert not run.all(Failed)


async def test_conflicting_edit_is_told_and_changes_nothing(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f3", "e")
        with Memory.open(filled.home) as other:
            first = other.memories.list(limit=1)[0]
            other.memories.edit(first.id, text="Somebody else was quicker.")
        run.app.screen.query_one(TextArea).load_text("Too late.")
        await run.press("ctrl+s")
        assert type(run.last(Failed).error).__name__ == "ConflictError"
        with Memory.open(filled.home) as other:
            assert other.memories.get(first.id).state.text == "Somebody else was quicker."


async def test_pin_archive_and_archived_too(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3", "p")
        assert run.last(StoreChanged).said == "Unpinned."
        await run.press("x")
        assert len(run.last(MemoriesPane.Loaded).memories) == 4
        await run.press("a")
        assert len(run.last(MemoriesPane.Loaded).memories) == 5
        await run.press("u", "u")
        assert len(run.last(MemoriesPane.Loaded).memories) == 5
        assert run.last(MemoriesPane.Loaded).memories[0].state.is_pinned


async def test_forget_asks_and_keeping_is_the_first_button(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3", "f")
        assert isinstance(run.app.screen, ConfirmDialog)
        await run.press("enter")
        assert not run.all(StoreChanged)
        await run.press("f", "tab", "enter")
        assert run.last(StoreChanged).said == "Forgotten for good."
        assert len(run.last(MemoriesPane.Loaded).memories) == 4


async def test_history_undoes_the_chosen_change(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3", "x", "a")
        place = next(
            n
            for n, one in enumerate(run.last(MemoriesPane.Loaded).memories)
            if one.state.is_archived
        )
        run.app.query_one("#memory-list", OptionList).highlighted = place
        await run.press("h")
        changes = run.last(HistoryDialog.Loaded).revisions
        assert [one.action for one in changes] == ["edit", "add"]
        await run.press("enter")
        assert run.last(StoreChanged).said == "Undone."
        assert not any(one.state.is_archived for one in run.last(MemoriesPane.Loaded).memories)


async def test_evidence_of_a_memory_opens_at_its_span(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3", "enter", "enter")
        asked = run.last(OpenEvidence)
        assert run.app.screen.query_one(TextArea).selected_text == asked.quote


@pytest.mark.parametrize(("key", "became"), [("a", 6), ("r", 5)])
async def test_inbox_is_decided_and_the_decision_undone(
    filled: SimpleNamespace, driven: Driven, key: str, became: int
) -> None:
    async with driven() as run:
        await run.press("f5")
        assert len(run.last(InboxPane.Loaded).entries) == 2
        await run.press(key)
        assert len(run.last(InboxPane.Loaded).entries) == 1
        with Memory.open(filled.home) as memory:
            assert len(memory.memories.list()) == became
        await run.press("u")
        assert len(run.last(InboxPane.Loaded).entries) == 2
        with Memory.open(filled.home) as memory:
            assert len(memory.memories.list()) == 5


async def test_inbox_entry_is_edited_before_it_is_decided(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f5", "e")
        run.app.screen.query_one(TextArea).load_text("Ann had dinner there once.")
        await run.press("ctrl+s", "a")
        with Memory.open(filled.home) as memory:
            assert "Ann had dinner there once." in {
                one.state.text for one in memory.memories.list()
            }


async def test_item_is_forgotten_with_what_rests_on_it(
    filled: SimpleNamespace, driven: Driven
) -> None:
    item_id, _ = filled.items["I am allergi"]
    async with driven() as run:
        await run.press("f3")
        run.app.post_message(OpenEvidence(item_id, span=(0, 4)))
        await run.settle()
        await run.press("f", "enter")
        assert not run.all(StoreChanged)
        await run.press("f", "tab", "enter")
        assert "1 memory" in run.last(StoreChanged).said
        assert len(run.app.screen_stack) == 1
        assert len(run.last(MemoriesPane.Loaded).memories) == 4
    with Memory.open(filled.home) as memory:
        assert "penicillin" not in {item.text for item in memory.timeline()}
        assert memory.maintenance.stats().items == 10


async def test_an_entry_is_merged_into_a_memory_and_the_merge_undone(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f5")
        before = [one.id for one in run.last(InboxPane.Loaded).entries]
        await run.press("m")
        assert isinstance(run.app.screen, MergeDialog)
        nearest = run.last(MergeDialog.Loaded).memories[0]
        await run.press("enter")
        assert run.last(StoreChanged).said.startswith("Merged")
        assert len(run.last(InboxPane.Loaded).entries) == len(before) - 1
        with Memory.open(filled.home) as memory:
            merged = memory.memories.get(nearest.id).state
            assert merged.text == nearest.state.text
            assert len(merged.evidence) == len(nearest.state.evidence) + 1
        await run.press("u")
        assert [one.id for one in run.last(InboxPane.Loaded).entries] == before
        assert not run.all(Failed)


async def test_the_inbox_shows_ten_a_day_and_says_how_many_more_wait(
    filled: SimpleNamespace, driven: Driven
) -> None:
    with Memory.open(filled.home) as memory, memory.wiring.database.write() as connection:
        state = memory.memories.list(limit=1)[0].state
        for number in range(12):
            inbox.propose(connection, replace(state, text=f"Proposal {number}."), "not sure")
    async with driven() as run:
        await run.press("f5")
        assert len(run.last(InboxPane.Loaded).entries) == 10
        assert run.last(InboxPane.Loaded).others == 4
        note = run.app.query_one("#inbox-note", Static)
        assert str(note.content) == "4 more wait: ten are shown a day."


async def test_history_shows_what_a_fact_was_over_time(
    filled: SimpleNamespace, driven: Driven
) -> None:
    with Memory.open(filled.home) as memory:
        state = next(one for one in memory.memories.list() if one.state.type == "semantic").state
        with memory.wiring.database.write() as connection:
            for text, since in (("Ann lives in Leeds.", 2024), ("Ann lives in York.", 2025)):
                began = int(datetime(since, 3, 1, tzinfo=UTC).timestamp() * 1000)
                home = replace(state, text=text, slot="home:ann", valid_from=began)
                slots.fill(connection, home, "rule")
    async with driven() as run:
        await run.press("f3")
        found = [one.state.text for one in run.last(MemoriesPane.Loaded).memories]
        run.app.query_one("#memory-list", OptionList).highlighted = found.index(
            "Ann lives in York."
        )
        await run.press("h")
        beliefs = run.last(HistoryDialog.Loaded).beliefs
        assert [one.state.text for one in beliefs] == ["Ann lives in Leeds.", "Ann lives in York."]
        shown = str(run.app.screen.query_one("#beliefs", Static).content)
        assert "1 Mar 2024 to 1 Mar 2025" in shown
        assert "1 Mar 2025 to now" in shown


async def test_what_was_believed_on_a_day_is_shown_and_not_changed(
    filled: SimpleNamespace, driven: Driven
) -> None:
    with Memory.open(filled.home) as memory:
        first = memory.memories.list(limit=1)[0]
        memory.memories.edit(first.id, text="Changed long after.")
    async with driven() as run:
        await run.press("f3", "b")
        run.app.screen.query_one(Input).value = "2026-05-17"
        await run.press("enter")
        past = run.last(MemoriesPane.Loaded).memories
        assert first.state.text in [one.state.text for one in past]
        assert "As believed on 17 May 2026" in str(
            run.app.query_one("#memories-note", Static).content
        )
        await run.press("p", "x", "f")
        assert not run.all(StoreChanged)
        await run.press("b")
        now = run.last(MemoriesPane.Loaded).memories
        assert "Changed long after." in [one.state.text for one in now]


async def test_a_memory_leads_to_the_page_of_whom_it_is_about_and_back(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f3")
        texts = [one.state.text for one in run.last(MemoriesPane.Loaded).memories]
        listed = run.app.query_one("#memory-list", OptionList)
        listed.highlighted = texts.index("Maria moves to Leeds.")
        await run.press("w")
        page = run.last(PeopleScreen.Read).page
        assert page.entity.name == "Maria"
        assert [one.state.text for one in page.events] == ["Maria moves to Leeds."]
        listed.highlighted = 0
        await run.press("enter", "enter")
        assert not isinstance(run.app.screen, PeopleScreen)
        place = run.app.query_one("#memory-list", OptionList).highlighted
        assert run.last(MemoriesPane.Loaded).memories[place].state.text == "Maria moves to Leeds."
        assert not run.all(Failed)


async def test_two_names_are_merged_in_the_app_and_told_apart_again(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f3", "w")
        before = [one.id for one in run.last(PeopleScreen.Listed).entities]
        await run.press("m")
        assert isinstance(run.app.screen, PickDialog)
        await run.press("enter")
        assert len(run.last(PeopleScreen.Listed).entities) == len(before) - 1
        await run.press("u")
        assert {one.id for one in run.last(PeopleScreen.Listed).entities} == set(before)
        await run.press("a")
        run.app.screen.query_one("#name", Input).value = "Mary Lee"
        await run.press("enter")
        assert any("Mary Lee" in one.aliases for one in run.last(PeopleScreen.Listed).entities)
        assert not run.all(Failed)
