"""Keeping pictures of captured windows: only where the person wants it, and only for a time.

Off by default: the text is what is found again, and a picture also holds what the search for
secrets did not see. With `capture.pictures` an item gets a picture when much of it is new, or a
minute after the last one of its window; places of secrets are painted over before it is made.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from memassist.store.items import exist
from memassist.store.pictures import Picture, Pictures, pictures_of
from memassist.store.times import now_ms

if TYPE_CHECKING:
    from memassist.assistant.config import Config
    from memassist.assistant.wiring import Wiring
    from memassist.ingest.capture.frames import Frame
    from memassist.ingest.capture.reading import Reading
    from memassist.store.pictures import PicturesSize

NEW_SHARE = 0.25
"""Of a window read anew, for a picture at once."""
APART_SECONDS = 60.0
"""Between pictures of one window that changes little by little."""
PRUNE_SECONDS = 3_600.0
QUALITY = 60
"""Of WebP: text stays readable, a full screen takes some 80 kB."""
HALO_PIXELS = 3
_DAY_MS = 86_400_000


class PictureKeeper:
    """Decides which pictures are kept, makes them and lets the old ones go. One thread's."""

    def __init__(self, wiring: Wiring, config: Config) -> None:
        """Open the file of pictures; raises as opening a store does."""
        self._database = wiring.database
        self._pictures = Pictures(wiring.home, wiring.database.key)
        self._config = config
        self._last: dict[str, float] = {}
        self._pruned_at: float | None = None

    def offer(
        self, item_uid: str, conversation: str, frame: Frame, reading: Reading, now_seconds: float
    ) -> bool:
        """Keep the picture of an item if it is one worth keeping; whether it was kept.

        That of an item which was forgotten meanwhile is not.

        `now_seconds` is of a clock that never goes back.
        """
        self._prune(now_seconds)
        last = self._last.get(conversation)
        is_due = last is None or now_seconds - last >= APART_SECONDS
        if not is_due and reading.read_share < NEW_SHARE:
            return False
        self._last = {
            name: at for name, at in self._last.items() if now_seconds - at < APART_SECONDS
        } | {conversation: now_seconds}
        picture = picture_of_frame(frame, reading)
        # Forgetting writes too: either it comes first, or it finds the picture and erases it.
        with self._database.write() as connection:
            if not exist(connection, [item_uid]):
                return False
            self._pictures.keep(item_uid, picture)
        return True

    def close(self) -> None:
        """Close the file."""
        self._pictures.close()

    def _prune(self, now_seconds: float) -> None:
        if self._pruned_at is None or now_seconds - self._pruned_at > PRUNE_SECONDS:
            self._pruned_at = now_seconds
            _prune(self._pictures, self._config)


def prune_pictures(wiring: Wiring, config: Config) -> None:
    """Let the pictures go that are too old or too many, if any were ever kept."""
    with pictures_of(wiring.home, wiring.database.key) as pictures:
        if pictures is not None:
            _prune(pictures, config)


def _prune(pictures: Pictures, config: Config) -> None:
    days = config.number("capture.picture_days")
    most_bytes = int(config.number("capture.picture_megabytes") * 1_000_000)
    pictures.prune(now_ms() - int(days * _DAY_MS), most_bytes)


def picture_of_frame(frame: Frame, reading: Reading) -> Picture:
    """Return a frame as WebP, with every line painted over that held a secret."""
    from PIL import Image

    pixels = frame.pixels[:, :, 2::-1].copy()
    for line in reading.secret_lines:
        top, left = max(0, line.top - HALO_PIXELS), max(0, line.left - HALO_PIXELS)
        pixels[top : line.bottom + HALO_PIXELS, left : line.right + HALO_PIXELS] = 0
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "WEBP", quality=QUALITY, method=4)
    height, width, _ = pixels.shape
    return Picture(width, height, stream.getvalue())


def picture_of(wiring: Wiring, item_id: str) -> Picture | None:
    """Return the picture of an item, None where none is kept."""
    with pictures_of(wiring.home, wiring.database.key) as pictures:
        return None if pictures is None else pictures.get(item_id)


def pictures_size(wiring: Wiring) -> PicturesSize | None:
    """Return how many pictures are kept and their bytes; None where none ever were."""
    with pictures_of(wiring.home, wiring.database.key) as pictures:
        return None if pictures is None else pictures.size()
