"""What was seen on the screen opens with its picture, and a frame around the very line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

from memassist.assistant import Memory
from memassist.plugins.types import Box, Record
from memassist.store.pictures import Picture, Pictures
from memassist.ui.app.background import Failed
from memassist.ui.app.evidence import EvidenceScreen
from memassist.ui.app.panes.base import OpenEvidence
from memassist.ui.app.picture import FRAME, ScreenPicture, drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio
TEXT = "Invoice 2041\nThe boiler is serviced in May."
BOXES = (Box(0, 12, 100, 100, 400, 130), Box(13, 43, 1200, 800, 1700, 830))


def webp() -> bytes:
    """Return a screen of 1920 by 1080, white with two dark lines of text."""
    picture = Image.new("RGB", (1920, 1080), "white")
    pen = ImageDraw.Draw(picture)
    for box in BOXES:
        pen.rectangle((box.left, box.top + 8, box.right, box.bottom - 8), fill="black")
    stream = io.BytesIO()
    picture.save(stream, "WEBP")
    return stream.getvalue()


def seen(home: object) -> str:
    """Store a captured window with its picture and return the item's id."""
    with Memory.open(home) as memory:  # type: ignore[arg-type]  # the fixture's path
        record = Record(TEXT, "window", kind="picture", origin="screen", boxes=BOXES, app="Mail")
        memory.add_items([record], source="screen")
        (item,) = (one for one in memory.wiring.database.read().execute(
            "SELECT uid FROM item WHERE origin = 'screen'"
        ))  # fmt: skip
        pictures = Pictures(memory.wiring.home, memory.wiring.database.key)
        pictures.keep(item[0], Picture(1920, 1080, webp()))
        pictures.close()
        return str(item[0])


async def test_the_part_around_the_line_is_shown_then_the_whole(
    filled: SimpleNamespace, driven: Driven
) -> None:
    item_id = seen(filled.home)
    async with driven(size=(100, 40)) as run:
        run.app.post_message(OpenEvidence(item_id, span=(13, 43)))
        await run.settle()
        first = run.last(EvidenceScreen.Drawn).picture
        assert FRAME in {pixel for row in first.rows for pixel in row}
        assert run.app.screen.query_one(ScreenPicture).size.height == len(first.rows) // 2
        await run.press("p")
        whole = run.last(EvidenceScreen.Drawn).picture
        assert whole.width != first.width or whole.rows != first.rows
        assert not run.all(Failed)


async def test_an_item_without_a_picture_opens_with_its_text_alone(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f4", "enter")
        assert not run.app.screen.query_one(ScreenPicture).display


def test_the_whole_picture_keeps_its_shape_and_frames_each_line() -> None:
    made = drawn(webp(), BOXES, 96, 40, is_whole=True)
    assert (made.width, len(made.rows)) == (96, 54)
    assert made.rows[5][20] == FRAME or made.rows[4][20] == FRAME


def test_the_part_around_a_line_is_nearer() -> None:
    made = drawn(webp(), BOXES[:1], 96, 12, is_whole=False)
    framed = [row for row in made.rows if FRAME in row]
    # 300 of 480 pixels are the line's.
    assert max(row.count(FRAME) for row in framed) >= 60
