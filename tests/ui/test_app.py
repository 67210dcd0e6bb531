"""The app by its messages: what a key asks for, and what comes back."""

from __future__ import annotations

import gc
import json
import re
import threading
import traceback
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, OptionList, Static, TabbedContent, TextArea
from textual.widgets._footer import FooterKey

from memassist.assistant import Memory
from memassist.ui.app import messages
from memassist.ui.app.background import Failed
from memassist.ui.app.dialogs import (
    KEYS,
    HelpScreen,
)
from memassist.ui.app.evidence import EvidenceScreen
from memassist.ui.app.panes.ask import Exchange
from memassist.ui.app.panes.base import OpenEvidence, OpenMemory, StoreChanged
from memassist.ui.app.panes.inbox import InboxPane
from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.panes.problems import ProblemsPane
from memassist.ui.app.panes.search import SearchPane
from memassist.ui.app.panes.status import StatusPane
from memassist.ui.app.panes.timeline import TimelinePane
from memassist.ui.app.state_line import StateLine
from memassist.ui.app.text import parse_day, quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


async def test_question_is_answered_with_its_source(driven: Driven) -> None:
    async with driven() as run:
        run.app.query_one("#question", Input).value = "How much does the heat pump cost?"
        await run.press("enter")
        answer = run.last(Exchange.Answered).answer
        assert not answer.abstained
        assert "14,200 euros" in answer.answer
        assert run.last(Exchange.NearestFound).hits
        assert run.all(Exchange.NearestFound)[0] is not None
        await run.press("enter")
        asked = run.last(OpenEvidence)
        assert asked.item_id == answer.citations[0].item_id
        assert isinstance(run.app.screen, EvidenceScreen)
        selected = run.app.screen.query_one(TextArea).selected_text
        assert selected == answer.citations[0].quote


async def test_the_next_question_is_typed_right_after_an_answer(driven: Driven) -> None:
    async with driven() as run:
        box = run.app.query_one("#question", Input)
        box.value = "How much does the heat pump cost?"
        await run.press("enter")
        assert run.app.focused is run.app.query_one(".sources")
        await run.press(*"When", "space", *"2?")
        assert run.app.focused is box
        assert box.value == "When 2?"


async def test_keys_that_the_footer_no_longer_shows_are_let_go(driven: Driven) -> None:
    async with driven() as run:
        for _ in range(3):
            await run.press("f2")
            await run.press("f4")
        gc.collect()
        keys = [one for one in gc.get_objects() if isinstance(one, FooterKey)]
        shown = [*run.app.query(FooterKey)]
        assert len(shown) > 3
        assert len(keys) == len(shown)


async def test_unanswerable_question_shows_the_nearest_evidence(driven: Driven) -> None:
    async with driven() as run:
        run.app.query_one("#question", Input).value = "Which car does Ben drive?"
        await run.press("enter")
        assert run.last(Exchange.Answered).answer.abstained
        assert run.app.query_one(".answer", Static).has_class("abstained")


async def test_question_and_answer_are_kept_as_a_conversation_and_never_found(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        for question in ("How much does the heat pump cost?", "Which car does Ben drive?"):
            run.app.query_one("#question", Input).focus()
            run.app.query_one("#question", Input).value = question
            await run.press("enter")
        await run.press("f2")
        await run.put("#words", "Which car does Ben drive")
        hits = run.last(SearchPane.Searched).found.hits
        assert not any("Which car" in hit.text for hit in hits)
    with Memory.open(filled.home) as memory:
        kept = [one for one in memory.timeline() if one.source == "app:conversation"]
    assert [one.role for one in kept] == ["assistant", "user"] * 2
    assert kept[1].text == "Which car does Ben drive?"
    assert len({one.conversation for one in kept}) == 1


async def test_escape_stops_an_answer_and_keeps_what_was_found(
    filled: SimpleNamespace, driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    ask = Memory.ask

    def slow(memory: Memory, question: str, **how: Any) -> object:
        go_on.wait(60)
        return ask(memory, question, **how)

    monkeypatch.setattr(Memory, "ask", slow)
    async with driven() as run:
        run.app.query_one("#question", Input).value = "How much does the heat pump cost?"
        await run.pilot.press("enter")
        while not run.all(Exchange.NearestFound):
            await run.pilot.pause(0.01)
        await run.pilot.press("escape")
        go_on.set()
        await run.settle()
        assert not run.all(Exchange.Answered)
        assert str(run.app.query_one(".answer", Static).content) == "Stopped; no answer."
        assert run.app.query_one(".sources", OptionList).option_count > 0
    with Memory.open(filled.home) as memory:
        assert not any(one.source == "app:conversation" for one in memory.timeline())


def test_a_quoted_answer_marks_dates_sums_and_names() -> None:
    content = quoted("Ann: They want 14,200 euros.\nWe met Priya Nair on 3 June in Leeds.")
    marked = [content.plain[span.start : span.end] for span in content.spans]
    assert marked == ["14,200 euros", "Priya Nair", "3", "June", "Leeds"]


async def test_search_comes_as_one_types_and_opens_the_passage(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "penicillin clinic")
        found = run.last(SearchPane.Searched).found
        assert any("penicillin" in hit.text for hit in found.hits)
        evidence = next(n for n, hit in enumerate(found.hits) if hit.kind == "evidence")
        await run.press("down")
        await run.press(*["down"] * evidence)
        preview = run.last(SearchPane.Previewed)
        assert preview.hit == found.hits[evidence]
        assert preview.around
        await run.press("enter")
        assert run.last(OpenEvidence).item_id == found.hits[evidence].item_id
        selected = run.app.screen.query_one(TextArea).selected_text
        assert selected == found.hits[evidence].text


async def test_typing_on_drops_the_hits_of_what_stood_there_before(
    driven: Driven,
) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "penicillin")
        await run.put("#words", "xyzzy")
        assert run.last(SearchPane.Searched).text == "xyzzy"
        assert run.app.query_one("#hits", OptionList).option_count == 0


async def test_explanation_adds_up_to_the_score(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "heat pump")
        await run.press("down", "e")
        hit = run.last(SearchPane.Previewed).hit
        assert hit.score == pytest.approx(sum(hit.signals.values()))
        shown = str(run.app.query_one("#preview-text", Static).render())
        assert "How the score comes about" in shown
        assert f"{hit.score:.3f}" in shown


async def test_memory_hit_leads_to_the_memory(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "Maria moves to Leeds")
        hits = run.last(SearchPane.Searched).found.hits
        place = next(n for n, hit in enumerate(hits) if hit.kind == "memory")
        await run.press("down", *["down"] * place, "enter")
        assert run.last(OpenMemory).memory_id == hits[place].memory_id
        assert run.app.query_one(TabbedContent).active == "memories"
        listed = run.last(MemoriesPane.Loaded).memories
        highlighted = run.app.query_one("#memory-list", OptionList).highlighted
        assert highlighted is not None
        assert listed[highlighted].id == hits[place].memory_id


async def test_timeline_is_by_day_newest_first(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f4")
        times = [item.occurred_at for item in run.last(TimelinePane.Loaded).items]
        assert times == sorted(times, reverse=True)
        assert len(times) == 11
        days = run.app.query_one("#days", OptionList)
        first = days.highlighted
        await run.press("[")
        assert (days.highlighted or 0) > (first or 0)
        await run.press("]")
        assert days.highlighted == first
        await run.press("g", *"2026-05-13", "enter")
        assert run.last(TimelinePane.Loaded).items[0].occurred_at.day == 13


def test_typed_days_months_and_years_are_understood() -> None:
    assert str(parse_day("2026-05-12")) == "2026-05-12"
    assert str(parse_day("2026-12")) == "2026-12-31"
    assert str(parse_day("2026")) == "2026-12-31"
    for nonsense in ("", "soon", "2026-13", "2026-02-30", "1-2-3-4", "99999"):
        assert parse_day(nonsense) is None


async def test_problems_and_counts_are_shown_on_their_tabs(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f6")
        assert run.last(ProblemsPane.Loaded).problems[0].reason == "its messages form a ring"
        counted = run.last(messages.Counted)
        assert (counted.inbox, counted.problems) == (2, 1)
        assert "Inbox 2" in str(run.app.query_one(TabbedContent).get_tab("inbox").label)


async def test_a_running_capture_shows_for_as_long_as_it_runs(
    filled: SimpleNamespace, driven: Driven
) -> None:
    from memassist.assistant.capture import control

    state = control.CaptureState(is_running=True, doing="capturing")
    with control.lock_of(filled.home):
        control.write_state(filled.home, state)
        async with driven() as run:
            assert "capturing the screen" in run.last(messages.Counted).said
    async with driven() as run:
        assert "capturing" not in run.last(messages.Counted).said


async def test_status_names_todays_sources_and_clients(
    filled: SimpleNamespace, driven: Driven
) -> None:
    from datetime import UTC, datetime, timedelta

    from memassist.plugins.types import Record

    with Memory.open(filled.home) as memory:
        record = Record(text="The boiler was serviced.", place="p", origin="mcp")
        memory.add_items([record], source="mcp:cursor")
        memory.add("Buy oat milk.")
    filled.now = datetime.now(UTC) + timedelta(seconds=1)
    async with driven() as run:
        await run.press("f7")
        report = run.last(StatusPane.Loaded).report
        if filled.now.hour or filled.now.minute:  # not within a minute of midnight
            assert {one.name for one in report.today.taken_in} == {"mcp:cursor", "typed"}
        assert report.is_encrypted
        assert report.synced_by is None
        shown = str(run.app.query_one("#status-text", Static).render())
        assert "Other programs today" in shown
        assert "memory.db" in shown


async def test_synced_home_is_warned_about(filled: SimpleNamespace, driven: Driven) -> None:
    (filled.home.parent / ".stfolder").mkdir()
    async with driven() as run:
        await run.press("f7")
        assert run.last(StatusPane.Loaded).report.synced_by == "Syncthing"
        assert "Syncthing copies elsewhere" in str(
            run.app.query_one("#status-text", Static).render()
        )


async def test_typed_memory_is_found_and_learned_from(driven: Driven) -> None:
    async with driven() as run:
        await run.press("ctrl+n")
        run.app.screen.query_one(TextArea).load_text("My brother Tom lives in Ghent.")
        await run.press("ctrl+s")
        assert run.last(messages.TookIn).report.stored == 1
        assert run.last(messages.Learned).report is not None
        await run.press("f2")
        await run.put("#words", "Ghent")
        assert run.last(SearchPane.Searched).found.hits


async def test_what_could_not_be_kept_is_there_to_be_tried_again(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memassist.store.errors import StoreFullError

    def full(_memory: Memory, _text: str) -> object:
        raise StoreFullError

    async with driven() as run:
        with monkeypatch.context() as patched:
            patched.setattr(Memory, "add", full)
            await run.press("ctrl+n")
            run.app.screen.query_one(TextArea).load_text("My brother Tom lives in Ghent.")
            await run.press("ctrl+s")
            assert isinstance(run.last(Failed).error, StoreFullError)
        await run.press("ctrl+n", *" Yes.")
        assert run.app.screen.query_one(TextArea).text == "My brother Tom lives in Ghent. Yes."
        await run.press("ctrl+s")
        assert run.last(messages.TookIn).report.stored == 1
        await run.press("ctrl+n")
        assert run.app.screen.query_one(TextArea).text == ""


async def test_path_is_taken_in_and_its_problems_counted(driven: Driven, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    lines = [{"ref": f"r{n}", "text": f"The walnut tree has number {n}."} for n in range(30)]
    chat.write_text("".join(f"{json.dumps(line)}\n" for line in lines) + "{broken\n")
    async with driven() as run:
        await run.press("ctrl+o")
        run.app.screen.query_one("#path", Input).value = str(chat)
        await run.press("ctrl+s")
        report = run.last(messages.TookIn).report
        assert (report.stored, report.problem_count) == (30, 1)
        await run.press("f2")
        await run.put("#words", "walnut")
        assert run.last(SearchPane.Searched).found.hits


@pytest.mark.parametrize("path", ["/no/such/thing", "~nobody-of-that-name/x", "/" + 300 * "x"])
async def test_wrong_path_is_told_where_it_was_typed(driven: Driven, path: str) -> None:
    async with driven() as run:
        await run.press("ctrl+o")
        run.app.screen.query_one("#path", Input).value = path
        await run.press("ctrl+s")
        assert not run.all(messages.TookIn)
        note = run.app.screen.query_one("#found-note", Static)
        assert path[:100] in str(note.render())


async def test_help_lists_every_key_of_every_tab(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f7", "question_mark")
        assert isinstance(run.app.screen, HelpScreen)
        page = str(run.app.screen.query_one(Static).render())
        for pane in (MemoriesPane, InboxPane, SearchPane, TimelinePane):
            for binding in pane.BINDINGS:
                key = binding[0] if isinstance(binding, tuple) else binding.key
                shown = {"escape": "Esc", "down": "↓"}.get(key, key)
                assert shown in page, f"{pane.__name__}: {key}"
        await run.press("question_mark")
        assert len(run.app.screen_stack) == 1


async def test_only_one_dialog_opens_over_the_tabs(driven: Driven) -> None:
    async with driven() as run:
        await run.press("ctrl+o", "ctrl+n", "f3")
        assert len(run.app.screen_stack) == 2
        assert run.app.query_one(TabbedContent).active == "ask"


async def test_colours_turn_and_are_kept(driven: Driven) -> None:
    async with driven() as run:
        assert run.app.current_theme.dark
        await run.press("ctrl+t")
        assert not run.app.current_theme.dark
    async with driven() as run:
        assert not run.app.current_theme.dark


async def test_escape_sequences_in_what_was_taken_in_never_reach_the_terminal(
    filled: SimpleNamespace, driven: Driven
) -> None:
    from memassist.plugins.types import Record

    with Memory.open(filled.home) as memory:
        record = Record(
            text="quince \x1b]0;owned\x07\x1b[2J \x9b31m end", place="p", title="\x1b[5m"
        )
        memory.add_items([record], source="evil\x1b[2J")
    async with driven() as run:
        await run.press("f2")
        await run.put("#words", "quince")
        await run.press("down", "enter")
        for screen in run.app.screen_stack:
            for widget in screen.query("*"):
                for line in range(widget.size.height):
                    drawn = "".join(
                        segment.text for segment in widget.render_line(line) if not segment.control
                    )
                    assert not set(drawn) & set("\x1b\x07\x9b"), widget


async def test_damaged_store_is_told_and_nothing_crashes(
    filled: SimpleNamespace, driven: Driven
) -> None:
    store = filled.home / "memory.db"
    store.write_bytes(b"not a database at all" * 1000)
    for name in ("memory.db-wal", "memory.db-shm"):
        (filled.home / name).unlink(missing_ok=True)
    async with driven() as run:
        assert type(run.last(Failed).error).__name__ == "DamagedError"
        await run.press("f2", "f3", "f7", "ctrl+n", "ctrl+o", "u")
        assert not run.all(messages.Opened)


async def test_a_clicked_tab_has_the_cursor_and_shows_its_keys(driven: Driven) -> None:
    async with driven() as run:
        await run.pilot.click("#--content-tab-inbox")
        await run.settle()
        assert run.app.query_one(TabbedContent).active == "inbox"
        assert run.app.focused is run.app.query_one("#entries")
        assert "Approve" in {one.description for one in run.app.query(FooterKey)}
        await run.pilot.click("#--content-tab-ask")
        await run.press(*"who")
        assert run.app.query_one("#question", Input).value == "who"


async def test_home_that_could_not_be_opened_is_tried_again(
    filled: SimpleNamespace, driven: Driven
) -> None:
    store = filled.home / "memory.db"
    for name in ("memory.db-wal", "memory.db-shm"):
        (filled.home / name).unlink(missing_ok=True)
    content = store.read_bytes()
    store.write_bytes(b"not a database at all" * 1000)
    async with driven() as run:
        assert run.all(Failed)
        assert "Ctrl+R tries again" in str(run.app.query_one(StateLine).render())
        await run.press("ctrl+r")
        assert not run.all(messages.Opened)
        store.write_bytes(content)
        await run.press("ctrl+r")
        await run.press("ctrl+r")
        assert len(run.all(messages.Opened)) == 1
        assert "11 items" in str(run.app.query_one(StateLine).render())


async def test_palette_goes_to_a_tab_by_its_name(driven: Driven) -> None:
    async with driven() as run:
        await run.press("ctrl+p")
        await run.pilot.press(*"go to inbox")
        await run.pilot.pause(0.5)
        await run.press("enter")
        assert run.all(InboxPane.Loaded)
        assert run.app.query_one(TabbedContent).active == "inbox"
        names = {command.title for command in run.app.get_system_commands(run.app.screen)}
        assert {"Take in", "Remember", "Undo", "Quit", "Keys"} <= names


async def test_the_screens_own_thread_never_touches_the_store(
    driven: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memassist.store.database import Database

    touched: list[str] = []
    read = Database.read

    def watched(database: Database) -> object:
        if threading.current_thread() is threading.main_thread():
            touched.append("".join(traceback.format_stack(limit=6)))
        return read(database)

    async with driven() as run:
        monkeypatch.setattr(Database, "read", watched)
        run.app.query_one("#question", Input).value = "Where does Maria move?"
        await run.press("enter", "enter", "escape")
        await run.press("f2")
        await run.put("#words", "heat pump")
        await run.press("down", "down", "e", "enter", "escape")
        await run.press("f3", "p", "h", "escape", "t", "f4", "down", "]", "f5", "a", "u")
        await run.press("f6", "f7", "ctrl+r", "ctrl+o", "escape", "ctrl+t")
        assert len(run.all(StoreChanged)) == 3
        monkeypatch.undo()
    assert not touched, touched[0]


async def test_what_another_program_adds_appears_by_itself(
    filled: SimpleNamespace, driven: Driven
) -> None:
    async with driven() as run:
        await run.press("f3")
        with Memory.open(filled.home) as other:
            other.add("My daughter Lea plays the cello.")
            other.work()
        run.app.query_one(StateLine).refresh_counts()
        await run.settle()
        assert run.all(messages.Reload)
        texts = [one.state.text for one in run.last(MemoriesPane.Loaded).memories]
        with Memory.open(filled.home) as other:
            assert texts == [one.state.text for one in other.memories.list()]


async def test_every_key_on_the_help_page_is_documented(repository: Path) -> None:
    page = (repository / "docs" / "app.md").read_text(encoding="utf-8")
    for title, rows in KEYS:
        assert f"### {title}\n" in page
        for keys, meaning in rows:
            assert f"| {keys} | {meaning} |" in page
    for picture in re.findall(r"\((pictures/[^)]+)\)", page):
        assert (repository / "docs" / picture).exists()


async def test_message_opens_among_its_neighbours(filled: SimpleNamespace, driven: Driven) -> None:
    item_id, text = filled.items["My sister Ma"]
    async with driven() as run:
        run.app.post_message(OpenEvidence(item_id, quote="Maria is moving to Leeds"))
        await run.settle()
        area = run.app.screen.query_one(TextArea)
        assert area.selected_text == "Maria is moving to Leeds"
        around = [item.text for item in run.last(EvidenceScreen.Loaded).around]
        assert text in around
        assert "Good for her! Is she taking the dog?" in around
        assert all(one in area.text for one in around)
