"""The Search tab while more comes in: what it shows by itself, and what it only tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList, Static

from memassist.assistant import Memory
from memassist.ui.app import messages
from memassist.ui.app.panes import search
from memassist.ui.app.panes.search import SearchPane
from memassist.ui.app.state_line import StateLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAUSE_SECONDS", 0.0)


def added(home: Path, text: str) -> None:
    """Add something as another program does."""
    with Memory.open(home) as other:
        other.add(text)


async def noticed(run: Any) -> None:
    """Let the app see what other programs did."""
    run.app.query_one(StateLine).refresh_counts()
    await run.settle()
    await run.pilot.pause(0.05)
    await run.settle()


def hits(run: Any) -> OptionList:
    listed: OptionList = run.app.query_one("#hits", OptionList)
    return listed


def shown(run: Any) -> list[str]:
    return [str(one.prompt) for one in hits(run).options]


def note(run: Any) -> str:
    """Return how much was found; the filled home has no model, which is said behind it."""
    said = str(run.app.query_one("#search-note", Static).render())
    return said.replace("  Search goes by words only: embedding.model is none.", "")


async def test_first_hit_of_another_program_appears_by_itself(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "marmalade")
        assert note(run) == "Nothing found."
        added(filled.home, "The marmalade is on the top shelf.")
        await noticed(run)
        assert ["marmalade" in one for one in shown(run)] == [True]
        assert note(run) == "1 hit"
        assert run.last(SearchPane.Previewed).hit.text == "The marmalade is on the top shelf."


async def test_hits_below_the_cursor_come_in_and_nothing_above_moves(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "allergic penicillin clinic")
        await run.press("down")
        listed = hits(run)
        before, previews = list(listed.options), len(run.all(SearchPane.Previewed))
        added(filled.home, "A poster in the hall of the clinic shows how bees make honey.")
        await noticed(run)
        assert len(listed.options) == len(before) + 1
        assert any("bees" in one for one in shown(run)[1:])
        assert listed.highlighted == 0
        assert listed.options[0] is before[0]
        assert len(run.all(SearchPane.Previewed)) == previews
        assert note(run) == f"{len(before) + 1} hits"


async def test_hits_above_the_cursor_are_told_of_and_shown_on_request(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "clinic opens monday")
        await run.press("down")
        before = shown(run)
        under = run.last(SearchPane.Previewed).hit
        added(filled.home, "The clinic opens Monday.")
        await noticed(run)
        assert shown(run) == before
        assert note(run).endswith("1 new hit: Ctrl+R")
        await run.press("ctrl+r")
        assert len(shown(run)) == len(before) + 1
        assert "The clinic opens Monday." in shown(run)[0]
        assert run.last(SearchPane.Previewed).hit.item_id == under.item_id
        assert hits(run).highlighted == 1
        assert "new" not in note(run)


async def test_hit_that_was_forgotten_goes_by_itself(
    filled: SimpleNamespace, driven: Driven
) -> None:
    added(filled.home, "The clinic opens Monday.")
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "clinic opens monday")
        hit = run.last(SearchPane.Previewed).hit
        with Memory.open(filled.home) as other:
            other.forget(item_ids=[hit.item_id])
        await noticed(run)
        assert not any(hit.text == one.split("\n")[-1] for one in shown(run))
        assert run.last(SearchPane.Previewed).hit.item_id != hit.item_id


async def test_list_stays_as_it_is_where_what_came_in_is_no_hit(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "heat pump")
        before, previews = hits(run).options, len(run.all(SearchPane.Previewed))
        added(filled.home, "The marmalade is on the top shelf.")
        await noticed(run)
        assert run.all(SearchPane.FoundAgain)
        assert all(one is other for one, other in zip(hits(run).options, before, strict=True))
        assert len(run.all(SearchPane.Previewed)) == previews


async def test_nothing_is_looked_for_while_the_person_types(
    filled: SimpleNamespace, driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAUSE_SECONDS", 3600.0)
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "marmalade")
        added(filled.home, "The marmalade is on the top shelf.")
        await noticed(run)
        assert run.all(messages.Reload)
        assert not run.all(SearchPane.FoundAgain)


async def test_cursor_stays_on_its_hit_while_the_person_looks_at_another_tab(
    driven: Driven,
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "heat pump clinic")
        await run.press("down", "down")
        assert hits(run).highlighted == 1
        await run.press("f3", "f2")
        assert hits(run).highlighted == 1


async def test_what_was_just_typed_is_searched_though_something_comes_in_that_moment(
    filled: SimpleNamespace, driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAUSE_SECONDS", 0.3)
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "penicillin")
        pane = run.app.query_one(SearchPane)
        run.app.query_one("#words", Input).value = "poster"
        await run.pilot.pause(0)
        pane.follow()
        await run.pilot.pause(search.DEBOUNCE_SECONDS + 0.1)
        await run.settle()
        assert note(run) == "Nothing found."
        assert run.last(SearchPane.Searched).text == "poster"
