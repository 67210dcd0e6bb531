"""Pictures: kept only where wanted, without secrets, and gone with their items."""

from __future__ import annotations

import io
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from memassist.assistant import Memory
from memassist.assistant.capture.pictures import (
    APART_SECONDS,
    PictureKeeper,
    picture_of,
    picture_of_frame,
    pictures_size,
    prune_pictures,
)
from memassist.assistant.capture.service import CaptureService
from memassist.assistant.config import load, set_value
from memassist.assistant.daemon import process as daemons
from memassist.ingest.capture.desktop import Area, Window
from memassist.ingest.capture.frames import Frame
from memassist.ingest.capture.reading import Reading
from memassist.ingest.readers.picture_layout import Line
from memassist.plugins.types import Record
from memassist.store.backup import back_up, restore
from memassist.store.errors import DamagedError
from memassist.store.keys import Route, make_key_file
from memassist.store.pictures import PICTURES_NAME, Picture, Pictures, PicturesSize

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EDITOR = Window(1, "Editor", "Notes", Area(0, 0, 400, 200))
MARK = b"MAGNOLIA" * 20


@pytest.fixture
def locked(tmp_path: Path) -> Any:
    """Return an encrypted home, open."""
    key_file = tmp_path / "keys" / "key"
    make_key_file(key_file, tmp_path / "home")
    with Memory.create(tmp_path / "home", routes=[Route("key-file", path=key_file)]) as memory:
        yield memory


def frame(value: int = 255) -> Frame:
    return Frame(EDITOR, np.full((200, 400, 4), value, np.uint8))


def reading(share: float = 1.0, *secrets: Line) -> Reading:
    return Reading((), secrets, 0.1, share)


def put(memory: Memory, text: str) -> str:
    """Store an item and return its id."""
    record = Record(text=text, place="here", native_id=text, occurred_at=datetime.now(UTC))
    memory.add_items([record], source="test")
    return next(item.id for item in memory.timeline(limit=100) if item.text == text)


def files(memory: Memory) -> bytes:
    home = memory.wiring.home
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_no_picture_is_kept_unless_it_was_asked_for(
    screen: Any, memory: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    assert load(memory.wiring.home).flag("capture.pictures") is False
    shown = screen.window("Editor", "Notes")
    shown.focus()
    shown.show("The heat pump")
    service = CaptureService(memory.wiring, sensors=sensors)
    service.start()
    until(lambda: memory.timeline())
    service.stop()
    assert pictures_size(memory.wiring) is None
    assert not (memory.wiring.home / PICTURES_NAME).exists()


def test_a_picture_is_kept_with_its_item_and_its_secrets_are_painted_over(
    screen: Any, locked: Memory, sensors: Any, until: Callable[..., None]
) -> None:
    set_value(locked.wiring.home, "capture.pictures", ("true",))
    shown = screen.window("Editor", "Shop")
    shown.focus()
    shown.show("The heat pump", "4111 1111 1111 1111")
    service = CaptureService(locked.wiring, sensors=sensors)
    service.start()
    until(lambda: (found := pictures_size(locked.wiring)) is not None and found.pictures)
    service.stop()
    (item,) = locked.timeline()
    picture = picture_of(locked.wiring, item.id)
    assert picture is not None
    assert (picture.width, picture.height) == (900, 500)
    with Image.open(io.BytesIO(picture.content)) as opened:
        assert opened.format == "WEBP"
        colours = np.asarray(opened.convert("L"))
    # The first line is there; where the card stood, all is black.
    assert 20 < np.count_nonzero(colours[8:34, 12:140] < 100) < 26 * 128 * 0.6
    assert (colours[44:56, 20:180] < 60).all()
    assert stat.S_IMODE((locked.wiring.home / PICTURES_NAME).stat().st_mode) == 0o600
    assert b"WEBP" not in files(locked)  # encrypted


def test_every_line_with_a_secret_is_painted_over_to_its_edge() -> None:
    secret = Line("[card hidden]", 0, 190, 399, 199)
    made = picture_of_frame(frame(), reading(1.0, secret))
    with Image.open(io.BytesIO(made.content)) as opened:
        colours = np.asarray(opened.convert("L"))
    assert (colours[190:] < 20).all()
    assert (colours[:180] > 240).all()


def test_a_window_that_changes_little_gets_a_picture_a_minute(memory: Memory) -> None:
    keeper = PictureKeeper(memory.wiring, load(memory.wiring.home))
    a, b, c, d, e, f = (put(memory, f"page {name}") for name in "abcdef")
    assert keeper.offer(a, "c1", frame(), reading(1.0), 0.0)
    assert not keeper.offer(b, "c1", frame(), reading(0.1), 5.0)
    assert keeper.offer(c, "c1", frame(), reading(0.5), 10.0)
    assert keeper.offer(d, "c2", frame(), reading(0.1), 11.0)
    assert not keeper.offer(e, "c1", frame(), reading(0.1), 10.0 + APART_SECONDS - 1)
    assert keeper.offer(f, "c1", frame(), reading(0.1), 10.0 + APART_SECONDS)
    keeper.close()
    size = pictures_size(memory.wiring)
    assert size is not None
    assert size.pictures == 4


def test_an_item_forgotten_before_its_picture_is_kept_gets_none(memory: Memory) -> None:
    keeper = PictureKeeper(memory.wiring, load(memory.wiring.home))
    item = put(memory, "a page to be forgotten")
    memory.forget(item_ids=[item])
    assert not keeper.offer(item, "c1", frame(), reading(1.0), 0.0)
    keeper.close()
    assert picture_of(memory.wiring, item) is None


def test_a_picture_whose_item_is_gone_is_found_and_a_rebuild_erases_it(memory: Memory) -> None:
    item = put(memory, "a page that stays")
    pictures = Pictures(memory.wiring.home, None)
    pictures.keep(item, Picture(1, 1, b"REMAINS" * 20))
    assert all(one.ok for one in memory.maintenance.doctor())
    pictures.keep("gone", Picture(1, 1, MARK))
    pictures.close()
    (wrong,) = (one for one in memory.maintenance.doctor() if not one.ok)
    assert (wrong.name, wrong.detail) == ("every picture has its item", "1 wrong")
    assert "memassist rebuild" in wrong.advice
    memory.maintenance.rebuild()
    assert all(one.ok for one in memory.maintenance.doctor())
    assert b"MAGNOLIA" not in files(memory)
    assert picture_of(memory.wiring, item) is not None


def test_old_pictures_go_and_then_the_oldest_until_the_rest_fits(memory: Memory) -> None:
    pictures = Pictures(memory.wiring.home, None)
    for number in range(6):
        pictures.keep(f"item {number}", Picture(1, 1, MARK))
        with pictures._database.write() as connection:
            connection.execute(
                "UPDATE picture SET kept_at = ? WHERE item_uid = ?", (number, f"item {number}")
            )
    assert pictures.prune(2, 10**9) == 2
    assert pictures.prune(0, 2 * len(MARK) + 1) == 2
    assert pictures.size() == PicturesSize(2, 2 * len(MARK))
    assert pictures.get("item 5") is not None
    assert pictures.get("item 3") is None
    assert pictures.prune(99, 10**9) == 2
    pictures.close()
    assert b"MAGNOLIA" not in files(memory)


def test_pictures_grow_old_also_when_none_are_kept_any_more(memory: Memory) -> None:
    pictures = Pictures(memory.wiring.home, None)
    pictures.keep("old", Picture(1, 1, MARK))
    pictures.keep("new", Picture(1, 1, MARK))
    with pictures._database.write() as connection:
        connection.execute("UPDATE picture SET kept_at = 1 WHERE item_uid = 'old'")
    prune_pictures(memory.wiring, load(memory.wiring.home))
    assert (pictures.get("old"), pictures.get("new")) == (None, Picture(1, 1, MARK))
    pictures.close()


def test_the_daemon_lets_pictures_go_of_a_capture_that_ended_long_ago(
    memory: Memory, until: Callable[..., None]
) -> None:
    pictures = Pictures(memory.wiring.home, None)
    pictures.keep("old", Picture(1, 1, MARK))
    pictures.keep("new", Picture(1, 1, MARK))
    with pictures._database.write() as connection:
        connection.execute("UPDATE picture SET kept_at = 1 WHERE item_uid = 'old'")
    assert daemons.start(memory.wiring.home)
    try:
        until(lambda: pictures.get("old") is None)
        assert pictures.get("new") is not None
    finally:
        daemons.stop(memory.wiring.home)
        pictures.close()


def test_forgetting_an_item_erases_its_picture_from_every_file(memory: Memory) -> None:
    item, other = put(memory, "a page to be forgotten"), put(memory, "a page that stays")
    pictures = Pictures(memory.wiring.home, None)
    pictures.keep(item, Picture(1, 1, MARK))
    pictures.keep(other, Picture(1, 1, b"REMAINS" * 20))
    pictures.close()
    assert b"MAGNOLIA" in files(memory)
    assert memory.forget(item_ids=[item]).is_complete
    assert picture_of(memory.wiring, item) is None
    found = files(memory)
    assert b"MAGNOLIA" not in found
    assert b"REMAINS" in found


def test_while_pictures_are_read_the_erasure_is_pending_and_is_ended_later(
    memory: Memory,
) -> None:
    item = put(memory, "a page to be forgotten")
    pictures = Pictures(memory.wiring.home, None)
    pictures.keep(item, Picture(1, 1, MARK))
    reader = pictures._database.read()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM picture").fetchone()
    assert not memory.forget(item_ids=[item]).is_complete
    reader.execute("ROLLBACK")
    pictures.close()
    home = memory.wiring.home
    memory.close()
    with Memory.open(home) as again:
        assert b"MAGNOLIA" not in files(again)


def test_pictures_are_in_a_backup_and_come_back(locked: Memory, tmp_path: Path) -> None:
    item = put(locked, "a page")
    pictures = Pictures(locked.wiring.home, locked.wiring.database.key)
    pictures.keep(item, Picture(3, 4, MARK))
    pictures.close()
    back_up(locked.wiring.home, locked.wiring.database, tmp_path / "copy")
    assert b"MAGNOLIA" not in (tmp_path / "copy" / PICTURES_NAME).read_bytes()
    restore(tmp_path / "copy", tmp_path / "again", locked.wiring.database.key)
    again = Pictures(tmp_path / "again", locked.wiring.database.key)
    assert again.get(item) == Picture(3, 4, MARK)
    again.close()
    with pytest.raises(DamagedError):
        Pictures(tmp_path / "again", bytes(32))
