"""What a picture says of itself beside its pixels: when, where and by which camera, and captions.

Exif (CIPA DC-008) is written by cameras and phones, and captions by people and their programs.
Values are judged one by one: a broken one is left out and the picture is read.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.ingest.readers.times import parse_time
from memassist.ingest.readers.values import label

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from PIL.Image import Exif, Image

_BLOCK = 0x8769
_PLACE = 0x8825
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_CHANGED = 0x0132
_MAKER, _MODEL = 0x010F, 0x0110
_DESCRIPTION = 0x010E
_WINDOWS_TITLE, _WINDOWS_COMMENT = 0x9C9B, 0x9C9C
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
_PNG_CAPTIONS = ("Title", "Description")


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What was told; None and empty for what was not."""

    taken_at: datetime | None = None
    camera: str | None = None
    place: str | None = None
    """Degrees north and east: `48.13721, 11.57557`."""
    captions: tuple[str, ...] = ()


def facts_of(picture: Image, zone: tzinfo | None) -> PictureFacts:
    """Return what an opened picture tells; times without an offset are of the zone."""
    exif = picture.getexif()
    return PictureFacts(
        _taken_at(exif, zone), _camera(exif), _place(exif), _captions(picture, exif)
    )


def _taken_at(exif: Exif, zone: tzinfo | None) -> datetime | None:
    block = exif.get_ifd(_BLOCK)
    for value, offset in (
        (block.get(_TAKEN), block.get(_TAKEN_OFFSET)),
        (exif.get(_CHANGED), None),
    ):
        match = _TIME.match(label(value) or "")
        if match is None:
            continue
        stated = f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"
        for text in (stated + (label(offset) or ""), stated):
            try:
                return parse_time(text, zone)
            except ValueError:
                continue
    return None


def _camera(exif: Exif) -> str | None:
    maker, model = _words(exif.get(_MAKER)), _words(exif.get(_MODEL))
    if maker and model.casefold().startswith(maker.casefold()):
        maker = ""
    return " ".join(part for part in (maker, model) if part) or None


def _place(exif: Exif) -> str | None:
    block = exif.get_ifd(_PLACE)
    latitude = _degrees(block.get(2), block.get(1), "S")
    longitude = _degrees(block.get(4), block.get(3), "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    # A phone that does not know where it is writes zeros.
    return f"{latitude:.5f}, {longitude:.5f}" if latitude or longitude else None


def _degrees(value: object, reference: object, negative: str) -> float | None:
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found):
        return None
    return -found if _words(reference).upper() == negative else found


def _captions(picture: Image, exif: Exif) -> tuple[str, ...]:
    told = [picture.info.get(name) for name in _PNG_CAPTIONS] if picture.format == "PNG" else []
    told += [_wide(exif.get(_WINDOWS_TITLE)), exif.get(_DESCRIPTION)]
    told.append(_wide(exif.get(_WINDOWS_COMMENT)))
    captions = (_words(one) for one in told)
    # Cameras fill the description with their own name, in capitals.
    return tuple(dict.fromkeys(one for one in captions if one and not one.isupper()))


def _wide(value: object) -> str:
    return value.decode("utf-16-le", "ignore") if isinstance(value, bytes) else ""


def _words(value: object) -> str:
    return " ".join((label(value) or "").replace("\0", " ").split())
