"""Keys that come faster than the app acts on them, as on a busy machine, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.widgets import Input, OptionList, TabbedContent, TextArea

from memassist.assistant import Memory
from memassist.ui.app import messages
from memassist.ui.app.panes.base import OpenMemory
from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.panes.search import SearchPane
from memassist.ui.app.people import PeopleScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


async def burst(run: Any, *keys: str) -> None:
    """Press keys that are all there before the app looks at the first."""
    for key in keys:
        run.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await run.settle()
    await run.pilot.pause(0.05)  # keys go through one queue after the other
    await run.settle()


async def test_letters_right_behind_the_key_of_a_tab_go_into_its_box(driven: Driven) -> None:
    async with driven() as run:
        await burst(run, "f2", *"jar")
        assert run.app.query_one("#words", Input).value == "jar"
        assert run.app.query_one("#question", Input).value == ""
        await burst(run, "f4", "f3", "f1", *"who")
        assert run.app.query_one(TabbedContent).active == "ask"
        assert run.app.query_one("#question", Input).value == "who"
        assert run.app.focused is run.app.query_one("#question")


@pytest.mark.parametrize("closing", ["ctrl+s", "escape"])
async def test_tab_key_right_behind_the_one_that_closes_a_dialog_goes_to_the_tab(
    driven: Driven, closing: str
) -> None:
    async with driven() as run:
        await run.press("ctrl+n")
        run.app.screen.query_one(TextArea).load_text("The jar holds 13 buttons.")
        await burst(run, closing, "f2", *"jar")
        assert run.app.query_one(TabbedContent).active == "search"
        assert run.app.focused is run.app.query_one("#words")
        assert run.app.query_one("#words", Input).value == "jar"
        assert len(run.all(messages.TookIn)) == (closing == "ctrl+s")


async def test_tabs_do_not_go_back_to_one_that_the_cursor_has_left(driven: Driven) -> None:
    async with driven() as run:
        tabs = run.app.query_one(TabbedContent)
        for first, second in (("f3", "f1"), ("f2", "f3"), ("f5", "f2"), ("f1", "f4")):
            await burst(run, first, second)
            pane = run.app.active_pane
            assert tabs.active == pane.id
            assert pane in run.app.focused.ancestors, (first, second)


async def test_letters_typed_on_the_search_tab_beside_the_box_go_into_it(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f2")
        box = run.app.query_one("#words", Input)
        run.app.screen.set_focus(None)
        await run.press(*"heat", "space", *"2")
        assert box.value == "heat 2"
        await run.put("#words", "penicillin")
        await run.press("down")
        assert run.app.focused is run.app.query_one("#hits", OptionList)
        await run.press("e", "space")  # e explains, and a blank begins nothing
        assert box.value == "penicillin"
        await run.press(*"pump e")
        assert box.value == "pump e"
        await run.pilot.pause(0.3)  # a search begins after a pause
        await run.settle()
        assert run.last(SearchPane.Searched).text == "pump e"


async def test_pasted_text_goes_into_the_box_of_the_tab(driven: Driven) -> None:
    async with driven() as run:
        for key, box in (("f1", "#question"), ("f2", "#words")):
            await run.press(key)
            run.app.screen.set_focus(None)
            run.app.post_message(events.Paste("heat\npump"))
            await run.press()
            assert run.app.query_one(box, Input).value == "heat pump"


async def test_person_opened_from_another_tab_leads_to_the_memory(
    filled: SimpleNamespace, driven: Driven
) -> None:
    del filled
    async with driven() as run:
        run.app.query_one(MemoriesPane).action_people()
        await run.settle()
        assert isinstance(run.app.screen, PeopleScreen)
        await run.press("enter", "enter")
        assert run.app.query_one(TabbedContent).active == "memories"
        wanted = run.last(OpenMemory).memory_id
        place = run.app.query_one("#memory-list", OptionList).highlighted
        assert run.last(MemoriesPane.Loaded).memories[place].id == wanted


async def test_what_is_typed_while_a_dialog_opens_goes_into_it(driven: Driven) -> None:
    async with driven() as run:
        await burst(run, *"wh", "ctrl+n", *"jar 26 holds ")
        await burst(run, *"13 buttons")
        assert run.app.query_one("#question", Input).value == "wh"
        assert run.app.screen.query_one(TextArea).text == "jar 26 holds 13 buttons"


async def test_a_key_that_erases_does_not_erase_what_is_typed_after_it(driven: Driven) -> None:
    async with driven() as run:
        await burst(run, *"whn", "backspace", *"en", "ctrl+u", *"who", "home", *"so ")
        assert run.app.query_one("#question", Input).value == "so who"
        await run.press("ctrl+n")
        await burst(run, *"a jra", "backspace", "backspace", *"ar holds 13")
        assert run.app.screen.query_one(TextArea).text == "a jar holds 13"
        await burst(run, "enter", *"buttons.", "ctrl+s", "f2", "f2", *"jar")
    with Memory.open(run.app.session.home) as memory:
        assert memory.timeline()[0].text == "a jar holds 13\nbuttons."
