"""Pictures of each screen at two sizes, compared with those in the documentation.

`WRITE_PICTURES=1` draws them anew. Look at them before they are committed.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import textual
from PIL import Image, ImageDraw
from textual.widgets import Input, OptionList, TextArea

from memassist.assistant import Memory
from memassist.assistant.results import Answer, Citation, Found, Hit
from memassist.assistant.surroundings import Place
from memassist.plugins.types import Box, Record
from memassist.store import keys, slots
from memassist.store.pictures import Picture, Pictures
from memassist.store.today import Activity, Changed, Given, TakenIn
from memassist.ui.app.history import HistoryDialog
from memassist.ui.app.panes.ask import Exchange
from memassist.ui.app.panes.base import OpenEvidence
from memassist.ui.app.panes.memories import MemoriesPane
from memassist.ui.app.panes.search import SearchPane
from memassist.ui.app.panes.status import StatusPane

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio

SIZES = {"80x24": (80, 24), "160x45": (160, 45)}
CODE = "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567"


# How search ranks and what answers say is tested elsewhere: the pictures show fixed results.
HITS = (
    Hit(
        kind="memory",
        text="The heat pump for the whole house costs 14,200 euros.",
        score=1.72,
        signals={"words": 1.0, "meaning": 0.72},
        memory_type="semantic",
    ),
    Hit(
        kind="evidence",
        text="I had the heat pump people here. They want 14,200 euros for the whole house.",
        score=1.43,
        signals={"words": 0.81, "meaning": 0.44, "conversation": 0.18, "time": 0.0},
        author="Ann",
        title="Ann and Ben",
        occurred_at=datetime(2026, 5, 12, 19, 0, tzinfo=UTC),
        start=0,
        stop=76,
    ),
    Hit(
        kind="evidence",
        text="That is a lot. Does it include the radiators upstairs?",
        score=0.61,
        signals={"meaning": 0.43, "conversation": 0.18},
        author="Ben",
        title="Ann and Ben",
        occurred_at=datetime(2026, 5, 12, 19, 1, tzinfo=UTC),
        start=0,
        stop=54,
    ),
)


def _citation(hit: Hit, quote: str) -> Citation:
    return Citation(
        item_id=hit.item_id or "",
        quote=quote,
        title=hit.title,
        author=hit.author,
        occurred_at=hit.occurred_at,
    )


async def _ask(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    known = Answer(
        "They want 14,200 euros for the whole house.\n"
        "The offer of 14,200 euros holds until the end of June.",
        (
            _citation(HITS[1], "They want 14,200 euros for the whole house."),
            _citation(HITS[1], "The offer of 14,200 euros holds until the end of June."),
        ),
        False,
        "extractive",
    )
    unknown = Answer(
        "I don't know.", tuple(_citation(hit, hit.text) for hit in HITS[1:]), True, "extractive"
    )
    asked = {"What does Ben do for a living?": unknown, "How much is the heat pump?": known}
    for question, answer in asked.items():
        run.app.query_one("#question", Input).focus()
        run.app.query_one("#question", Input).value = question
        await run.press("enter")
        exchange = run.app.query(Exchange).first()
        exchange.post_message(Exchange.Answered(answer))
        await run.settle()


async def _search(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f2")
    await run.put("#words", "heat pump")
    item_id = filled.items["I had the he"][0]
    hits = tuple(dataclasses.replace(hit, item_id=item_id) for hit in HITS)
    pane = run.app.query_one(SearchPane)
    pane.post_message(
        SearchPane.Searched("heat pump", ["heat", "pump"], Found(hits), is_lexical=False)
    )
    await run.press("down", "down")


async def _explain(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await _search(run, filled, tmp_path)
    await run.press("e")


async def _evidence(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    item_id = filled.items["My sister Ma"][0]
    quote = "Maria is moving to Leeds in September"
    run.app.post_message(OpenEvidence(item_id, quote=quote))
    await run.settle()


async def _memories(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f3", "down")


async def _timeline(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f4", "down")


async def _inbox(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f5")


async def _problems(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f6")


async def _status(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f7")
    report = run.last(StatusPane.Loaded).report
    home = report.home
    # What a file weighs is no two times the same.
    fixed = (Place("store", home / "memory.db", 307_200), Place("settings", home, 382))
    today = Activity(
        (TakenIn("import", "chatgpt-export.zip", 1204), TakenIn("added", "mcp:cursor", 2)),
        (Changed("rule", "add", 37), Changed("user", "edit", 2), Changed("mcp:cursor", "add", 2)),
        (Given("cursor", 9, 41),),
    )
    run.app.query_one(StatusPane).post_message(
        StatusPane.Loaded(dataclasses.replace(report, places=fixed, today=today))
    )
    await run.settle()


async def _written(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    run.app.query_one("#question", Input).value = "How much is the heat pump?"
    await run.press("enter")
    exchange = run.app.query(Exchange).first()
    exchange.is_open = True
    item_id = filled.items["I had the he"][0]
    near = tuple(dataclasses.replace(hit, item_id=item_id) for hit in HITS[1:])
    exchange.post_message(Exchange.NearestFound(near))
    exchange.post_message(Exchange.Written("The heat pump costs 14,200 euros [1], and the"))
    await run.settle()


async def _merge(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f5", "down", "m")


async def _history(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    with Memory.open(filled.home) as memory:
        found = (one.state for one in memory.memories.list() if one.state.type == "semantic")
        state = next(found)
        for text, year in (("Ann lives in Leeds.", 2024), ("Ann lives in York.", 2025)):
            home = dataclasses.replace(state, text=text, slot="home:ann", valid_from=_ms(year, 3))
            with memory.wiring.database.write() as connection:
                slots.fill(connection, home, "rule")
                # The list behind is sorted by it, and both change in about the same millisecond.
                connection.execute("UPDATE memory SET updated_at = id WHERE slot = ?", (home.slot,))
    await run.press("f3")
    texts = [one.state.text for one in run.last(MemoriesPane.Loaded).memories]
    listed = run.app.query_one("#memory-list", OptionList)
    listed.highlighted = texts.index("Ann lives in York.")
    await run.press("h")
    loaded = run.last(HistoryDialog.Loaded)
    # When they were stored is no two times the same.
    learned = [
        dataclasses.replace(one, created_at=_ms(2025, 4 + number))
        for number, one in enumerate(loaded.beliefs)
    ]
    changed = tuple(dataclasses.replace(one, created_at=_ms(2025, 6)) for one in loaded.revisions)
    run.app.screen.post_message(HistoryDialog.Loaded(changed, learned))
    await run.settle()


def _ms(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000)


async def _screen(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    boxes = (Box(0, 12, 500, 400, 800, 440), Box(13, 43, 500, 460, 1100, 500))
    drawing = Image.new("RGB", (1920, 1080), (240, 240, 245))
    pen = ImageDraw.Draw(drawing)
    pen.rectangle((0, 0, 1920, 60), fill=(60, 90, 160))
    pen.rectangle((400, 300, 1500, 900), fill="white")
    for box in boxes:
        pen.rectangle((box.left, box.top + 8, box.right, box.bottom - 8), fill=(40, 40, 40))
    stream = io.BytesIO()
    drawing.save(stream, "WEBP", lossless=True)
    text = "Invoice 2041\nThe boiler is serviced in May."
    at = datetime(2026, 5, 16, 9, 30, tzinfo=UTC)
    with Memory.open(filled.home) as memory:
        record = Record(
            text, "window", kind="picture", origin="screen", boxes=boxes, app="Mail",
            title="Invoice", occurred_at=at,
        )  # fmt: skip
        memory.add_items([record], source="screen")
        item = next(one for one in memory.timeline() if one.origin == "screen")
        pictures = Pictures(memory.wiring.home, memory.wiring.database.key)
        pictures.keep(item.id, Picture(1920, 1080, stream.getvalue()))
        pictures.close()
    run.app.post_message(OpenEvidence(item.id, span=(13, 43)))
    await run.settle()


async def _people(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f3", "down", "w")


async def _help(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("f3", "question_mark")


async def _take_in(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    for name, moment, size in (
        ("Notes/garden.md", 1_778_000_000, 48_000),
        (".claude/projects/x/a.jsonl", 1_779_000_000, 9_000_000),
        ("Documents/offer.pdf", 1_770_000_000, 700_000),
        ("Downloads/chatgpt-export.zip", 1_775_000_000, 3_000_000),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.truncate(path, size)
        os.utime(path, (moment, moment))
    await run.press("ctrl+o")
    await run.press("space")


async def _light(run: Any, filled: SimpleNamespace, tmp_path: Path) -> None:
    await run.press("ctrl+t")
    await _memories(run, filled, tmp_path)


SCREENS = {
    "ask": _ask,
    "ask-written": _written,
    "search": _search,
    "explain": _explain,
    "evidence": _evidence,
    "evidence-screen": _screen,
    "memories": _memories,
    "history": _history,
    "people": _people,
    "timeline": _timeline,
    "inbox": _inbox,
    "merge": _merge,
    "problems": _problems,
    "status": _status,
    "help": _help,
    "take-in": _take_in,
    "light": _light,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("screen", SCREENS)
async def test_screen_looks_as_in_its_picture(
    filled: SimpleNamespace,
    driven: Driven,
    tmp_path: Path,
    repository: Path,
    screen: str,
    size: str,
) -> None:
    async with driven(size=SIZES[size]) as run:
        await SCREENS[screen](run, filled, tmp_path)
        await _compare(run, repository, f"app-{screen}-{size}")


@pytest.mark.parametrize("size", SIZES)
async def test_first_run_looks_as_in_its_pictures(
    driven: Driven,
    tmp_path: Path,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
) -> None:
    monkeypatch.setattr(keys, "new_recovery_code", lambda: CODE)
    async with driven(tmp_path / "new", size=SIZES[size]) as run:
        await _compare(run, repository, f"app-first-run-{size}")
        for box in ("#secret", "#again"):
            run.app.screen.query_one(box, Input).value = "correct horse"
        run.app.screen.query_one("#again", Input).focus()
        await run.press("enter")
        await _compare(run, repository, f"app-recovery-{size}")


async def _compare(run: Any, repository: Path, name: str) -> None:
    for box in run.app.screen.query("Input, TextArea"):
        assert isinstance(box, (Input, TextArea))
        box.cursor_blink = False
    await run.settle()
    drawn = _plain(run.app.export_screenshot(title="memassist", simplify=True))
    path = repository / "docs" / "pictures" / f"{name}.svg"
    if os.environ.get("WRITE_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
    kept = path.read_text(encoding="utf-8")
    if _version(kept) != textual.__version__:
        pytest.skip(f"drawn by Textual {_version(kept)}, and this is {textual.__version__}")
    if drawn != kept:
        pytest.fail(f"{name} looks different now: {_difference(kept, drawn)}")


def _plain(svg: str) -> str:
    """Return a picture that fetches no font, with ids that do not depend on what it shows."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "t", svg).replace("Fira Code", "DejaVu Sans Mono")
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    # So large, DejaVu's letters are as wide as the cells that Rich lays out.
    svg = svg.replace("font-size: 20px", "font-size: 20.26px")
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1).replace(
        "<!-- Generated with Rich", f"<!-- Textual {textual.__version__}, Rich", 1
    )


def _version(svg: str) -> str:
    found = re.search(r"<!-- Textual ([\d.]+)", svg)
    return found[1] if found else "an unknown version"


def _difference(kept: str, drawn: str) -> str:
    """Return the first text that differs, or that only colours do."""
    texts = [re.findall(r">([^<>]+)</text>", svg) for svg in (kept, drawn)]
    for before, after in zip(*texts, strict=False):
        if before != after:
            return f"{before!r} became {after!r}"
    return "colours or places" if len(texts[0]) == len(texts[1]) else "more or less text"
