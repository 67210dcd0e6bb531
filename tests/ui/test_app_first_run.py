"""The first run and the locked home: nothing is made too early or opened by a wrong key."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from textual.widgets import ContentSwitcher, Input, RadioButton, SelectionList, Static

from memassist.assistant import Memory, config
from memassist.assistant.daemon import process
from memassist.store.errors import LockedError
from memassist.store.keys import Route, slot_kinds
from memassist.ui.app import messages
from memassist.ui.app.background import Failed
from memassist.ui.app.dialogs import UnlockDialog
from memassist.ui.app.first_run import FirstRun
from memassist.ui.app.take_in import TakeIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    from textual.widget import Widget

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio

PASSPHRASE = "correct horse battery"
CODE = "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567"


def _step(run: Any) -> str | None:
    current: str | None = run.app.screen.query_one(ContentSwitcher).current
    return current


def _drawn(widget: Widget) -> list[str]:
    """Return the lines of a widget as a terminal without colours shows them."""
    lines = range(widget.scrollable_content_region.height)
    return ["".join(part.text for part in widget.render_line(one)) for one in lines]


def _said(run: Any) -> str:
    return str(run.app.screen.query_one("#first-run-error", Static).render())


async def _choose_passphrase(run: Any, again: str = PASSPHRASE) -> None:
    run.app.screen.query_one("#secret", Input).value = PASSPHRASE
    run.app.screen.query_one("#again", Input).value = again
    run.app.screen.query_one("#again", Input).focus()
    await run.press("enter")


async def _type_code(run: Any, code: str | None = None) -> None:
    shown = str(run.app.screen.query_one("#code", Static).render())
    run.app.screen.query_one("#typed-code", Input).value = code or shown.lower().replace("-", " ")
    run.app.screen.query_one("#typed-code", Input).focus()
    await run.press("enter")


async def test_home_is_made_after_the_recovery_code_was_typed_back(
    filled: SimpleNamespace, driven: Driven, tmp_path: Path
) -> None:
    home = tmp_path / "new"
    notes = tmp_path / "Notes"
    notes.mkdir()
    (notes / "garden.md").write_text("# Garden\n\nThe quince was planted in 2019.\n")
    async with driven(home) as run:
        assert isinstance(run.app.screen, FirstRun)
        await _choose_passphrase(run, again="something else")
        assert "not the same" in _said(run)
        await _choose_passphrase(run)
        assert _step(run) == "step-recovery"
        await _type_code(run, CODE)
        assert "not the code" in _said(run)
        assert not home.exists()
        code = str(run.app.screen.query_one("#code", Static).render())
        await _type_code(run)
        assert run.all(FirstRun.Created)
        assert set(slot_kinds(home)) == {"passphrase", "recovery"}
        run.app.screen.query_one("#names", Input).value = "Ann Lee, ann@example.org"
        await run.press("enter")
        assert run.all(messages.Opened)
        assert config.load(home).names("me") == ("Ann Lee", "ann@example.org")
        config.set_value(home, "embedding.model", ("none",))

        assert isinstance(run.app.screen, TakeIn)
        listed = run.app.screen.query_one(SelectionList)
        assert listed.option_count == 1
        assert listed.selected == []
        assert _drawn(listed)[0].startswith("[ ] ")
        await run.press("space")
        assert _drawn(listed)[0].startswith("[x] ")
        await run.press("ctrl+s")
        assert run.last(messages.TookIn).report.stored == 1
        assert not run.all(Failed)
    for route in (Route("passphrase", PASSPHRASE.encode()), Route("recovery", code.encode())):
        with Memory.open(home, route=route) as memory:
            assert memory.timeline() or memory.maintenance.stats().items == 1


async def test_leaving_the_first_run_early_leaves_nothing(driven: Driven, tmp_path: Path) -> None:
    home = tmp_path / "new"
    async with driven(home) as run:
        await _choose_passphrase(run)
        await run.press("escape")
        assert _step(run) == "step-key"
        await run.press("escape")
    assert not home.exists()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{tmp}", "is a folder"),
        ("{tmp}/file/key", "Nothing can be made in"),
        ("~nobody-of-that-name/key", "Nobody here has that name"),
        ("/" + 300 * "k", "file name too long"),
    ],
)
async def test_a_place_where_no_key_can_lie_is_told_before_any_code_is_shown(
    driven: Driven, tmp_path: Path, place: str, said: str
) -> None:
    (tmp_path / "file").write_text("")
    async with driven(tmp_path / "new") as run:
        run.app.screen.query_one("#key-file", RadioButton).value = True
        await run.pilot.pause()
        run.app.screen.query_one("#key-path", Input).value = place.format(tmp=tmp_path)
        run.app.screen.query_one("#key-path", Input).focus()
        await run.press("enter")
        assert said in _said(run)
        assert _step(run) == "step-key"


async def test_the_cursor_never_stays_in_a_box_that_is_hidden(
    driven: Driven, tmp_path: Path
) -> None:
    async with driven(tmp_path / "new") as run:
        await _choose_passphrase(run)
        assert run.app.focused.id == "typed-code"
        await run.press("escape")
        assert run.app.focused.id == "routes"
        run.app.screen.query_one("#secret", Input).focus()
        await run.pilot.pause()
        run.app.screen.query_one("#key-file", RadioButton).value = True
        await run.press()
        assert run.app.focused.id == "key-path"


async def test_what_is_chosen_shows_without_any_colour(driven: Driven, tmp_path: Path) -> None:
    async with driven(tmp_path / "new") as run:
        await run.press("down", "space")
        marks = [_drawn(one)[0][:3] for one in run.app.screen.query(RadioButton)]
        assert marks == ["( )", "( )", "(o)"]


async def test_key_file_inside_the_home_is_refused(driven: Driven, tmp_path: Path) -> None:
    home = tmp_path / "new"
    async with driven(home) as run:
        run.app.screen.query_one("#key-file", RadioButton).value = True
        await run.pilot.pause()
        run.app.screen.query_one("#key-path", Input).value = str(home / "key")
        run.app.screen.query_one("#key-path", Input).focus()
        await run.press("enter")
        assert "inside the home" in _said(run)
        assert _step(run) == "step-key"
        run.app.screen.query_one("#key-path", Input).value = str(tmp_path / "keys" / "key")
        run.app.screen.query_one("#key-path", Input).focus()
        await run.press("enter")
        await _type_code(run)
        assert run.all(FirstRun.Created)
    assert (tmp_path / "keys" / "key").stat().st_mode & 0o777 == 0o600
    with Memory.open(home):
        pass


async def test_short_passphrase_is_refused(driven: Driven, tmp_path: Path) -> None:
    async with driven(tmp_path / "new") as run:
        run.app.screen.query_one("#secret", Input).value = "short"
        run.app.screen.query_one("#again", Input).focus()
        await run.press("enter")
        assert _step(run) == "step-key"
        assert "at least 8" in _said(run)


@pytest.mark.parametrize("typed", [PASSPHRASE, CODE, CODE.lower()])
async def test_locked_home_opens_by_passphrase_or_recovery_code(
    driven: Driven, tmp_path: Path, typed: str
) -> None:
    home = tmp_path / "locked"
    code = Route("recovery", CODE.replace("-", "").encode())
    Memory.create(home, routes=[Route("passphrase", PASSPHRASE.encode()), code]).close()
    config.set_value(home, "embedding.model", ("none",))
    async with driven(home) as run:
        assert isinstance(run.app.screen, UnlockDialog)
        run.app.screen.query_one(Input).value = "wrong one"
        await run.press("enter")
        assert isinstance(run.app.screen, UnlockDialog)
        assert not run.all(messages.Opened)
        run.app.screen.query_one(Input).value = typed
        await run.press("enter")
        assert run.all(messages.Opened)
        assert len(run.app.screen_stack) == 1


async def test_missing_key_file_leaves_the_recovery_code(
    filled: SimpleNamespace, driven: Driven
) -> None:
    filled.key_file.unlink()
    async with driven() as run:
        assert isinstance(run.app.screen, UnlockDialog)
        assert "can't be read" in run.last(messages.Locked).reason
        await run.press("escape")
    assert not run.all(messages.Opened)


async def test_what_is_here_is_listed_newest_first_and_unticked(
    filled: SimpleNamespace, driven: Driven, tmp_path: Path
) -> None:
    places = {
        ".claude/projects/x/a.jsonl": 3_000,
        ".codex/sessions/2026/b.jsonl": 5_000,
        "Documents/Vault/.obsidian/app.json": 0,
        "Documents/Vault/idea.md": 4_000,
        "Documents/offer.txt": 3_500,
        "Downloads/chatgpt-export.zip": 1_000,
        "Downloads/holiday.zip": 6_000,
    }
    for name, moment in places.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (moment, moment))
    async with driven() as run:
        await run.press("ctrl+o")
        found = sorted(
            (message.found for message in run.all(TakeIn.FoundOne)),
            key=lambda one: one.newest_at,
            reverse=True,
        )
        kinds = [one.kind for one in found]
        assert kinds == [
            "Codex sessions",
            "Obsidian vault",
            "documents",
            "Claude Code sessions",
            "ChatGPT export",
        ]
        listed = run.app.screen.query_one(SelectionList)
        shown = [str(listed.get_option_at_index(n).prompt) for n in range(listed.option_count)]
        documents = next(one for one in found if one.kind == "documents")
        assert documents.files == 1, "a vault is no part of the documents around it"
        assert [text.partition("  ")[0] for text in shown] == kinds
        assert listed.selected == []


async def test_unlocked_home_can_be_opened_to_other_programs(
    driven: Driven, tmp_path: Path
) -> None:
    home = tmp_path / "locked"
    Memory.create(home, routes=[Route("passphrase", PASSPHRASE.encode())]).close()
    config.set_value(home, "embedding.model", ("none",))
    with pytest.raises(LockedError):
        Memory.open(home)
    async with driven(home) as run:
        run.app.screen.query_one(Input).value = PASSPHRASE
        await run.press("enter")
        try:
            run.app.action_share()
            await run.settle()
            assert "Other programs can open" in run.last(messages.Told).said
            Memory.open(home).close()
        finally:
            process.stop(home)
