"""Pictures: the text that OCR finds on them, with the place of each line, and their captions."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import open_or_refuse, too_long
from memassist.ingest.readers.picture_facts import facts_of
from memassist.ingest.readers.text import stem_of
from memassist.ingest.readers.times import date_in_name, time_of_file, zone_of
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Box, Problem, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    import numpy as np
    import numpy.typing as npt

    from memassist.ingest.readers.picture_facts import PictureFacts
    from memassist.ingest.readers.picture_layout import Line
    from memassist.plugins.types import FieldValue, ReadOptions, ReadOutcome, SourceFile

MAX_PIXELS = 100_000_000
"""Of one picture: 300 MB once unpacked. A large screen has 15 million."""

MAX_HEIC_BYTES = 200_000_000
"""Of one file, as its decoder holds the whole of it. A phone's has some 3 MB."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis")
"""Of still pictures by HEVC (ISO/IEC 23008-12), which phones write."""
_MARKS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",
    b"MM\x00*",
)


class PictureReader:
    """Reads the text on pictures and screenshots."""

    name = "picture"
    version = 3

    def recognises(self, file: SourceFile) -> float:
        """By the first bytes, never by the name."""
        head = file.head
        is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        # Any text may begin with BM: a bitmap also has four bytes of zero.
        is_bitmap = head[:2] == b"BM" and head[6:10] == bytes(4)
        is_known = head.startswith(_MARKS) or is_webp or is_bitmap or _is_heic(head)
        return 0.9 if is_known else 0.0

    def read(self, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
        """Yield one picture, or one skip or problem; of several frames only the first is read."""
        zone = zone_of(options.timezone)
        loaded = _load(file, zone)
        if isinstance(loaded, Problem):
            yield loaded
            return
        pixels, metadata, facts = loaded
        text, boxes = text_with_boxes(_lines(pixels))
        text = "\n".join(part for part in (text, *facts.captions) if part)
        if not text:
            yield Skipped(file.name, "no text in the picture")
            return
        # A picture that says nothing is not remembered for its camera alone.
        text += _taken(facts)
        if len(text) > options.max_text_characters:
            yield too_long(file.name, options)
            return
        yield Record(
            text=text,
            place=file.name,
            kind="picture",
            origin="screen",
            title=stem_of(file.name),
            sequence=0,
            occurred_at=facts.taken_at or date_in_name(file.name, zone) or time_of_file(file.path),
            uri=file.path.absolute().as_uri(),
            boxes=boxes,
            metadata=metadata,
        )


def _taken(facts: PictureFacts) -> str:
    """Return a line on where and by what a picture was taken; nothing where that is not told."""
    camera = f" with {facts.camera}" if facts.camera else ""
    place = f" at {facts.place}" if facts.place else ""
    return f"\nTaken{camera}{place}." if camera or place else ""


def text_with_boxes(lines: list[Line]) -> tuple[str, tuple[Box, ...]]:
    """Return the text, one row of the picture a line, and a box for each piece of it."""
    from memassist.ingest.readers.picture_layout import rows_in_reading_order

    text = ""
    boxes: list[Box] = []
    for row in rows_in_reading_order(lines):
        text += "\n" if text else ""
        for number, line in enumerate(row):
            text += " " if number else ""
            start = len(text)
            text += line.text
            boxes.append(Box(start, len(text), line.left, line.top, line.right, line.bottom))
    return text, tuple(boxes)


def _is_heic(head: bytes) -> bool:
    """Whether the first box of a file names a brand of HEIC, as the only one or one of several."""
    if head[4:8] != b"ftyp" or head[8:12] not in (*_HEIC_BRANDS, b"mif1"):
        return False
    end = min(int.from_bytes(head[:4]), len(head))
    return any(head[start : start + 4] in _HEIC_BRANDS for start in (8, *range(16, end, 4)))


def _load(
    file: SourceFile, zone: tzinfo | None
) -> tuple[npt.NDArray[np.uint8], dict[str, FieldValue], PictureFacts] | Problem:
    import numpy as np
    from PIL import Image, ImageOps

    formats: tuple[str, ...] = _FORMATS
    if _is_heic(file.head):
        if file.size_bytes > MAX_HEIC_BYTES:
            return _too_large(file, f"{file.size_bytes:,} bytes")
        formats = _heic_formats()
    with open_or_refuse(file.path) as stream, warnings.catch_warnings():
        # Pillow warns of large pictures and of odd metadata; the size is judged here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(stream, formats=formats) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    return _too_large(file, f"{picture.width:,} by {picture.height:,} pixels")
                facts = facts_of(picture, zone)
                upright = ImageOps.exif_transpose(picture)
                if upright.mode in ("RGBA", "LA", "PA", "P"):
                    # Transparent text would vanish on black.
                    upright = upright.convert("RGBA")
                    paper = Image.new("RGBA", upright.size, "white")
                    upright = Image.alpha_composite(paper, upright)
                colours = np.asarray(upright.convert("RGB"), dtype=np.uint8)
                metadata: dict[str, FieldValue] = {
                    "file_name": file.name,
                    "width": upright.width,
                    "height": upright.height,
                    "format": picture.format,
                }
                told = {"camera": facts.camera, "place": facts.place}
                metadata |= {name: value for name, value in told.items() if value}
        except Image.DecompressionBombError:
            return _too_large(file, "too many pixels")
        # Pillow's decoders raise these, and SyntaxError and struct's on damaged files.
        except Exception as error:
            raise UnreadableFileError(
                "broken picture", "open it in a viewer and save it again"
            ) from error
    return np.ascontiguousarray(colours[:, :, ::-1]), metadata, facts


def _heic_formats() -> tuple[str, ...]:
    """Return what Pillow calls HEIC, once it can read it."""
    import pi_heif

    # What lies beside the picture itself, such as how far away things are, is not decoded.
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return (pi_heif.HeifImageFile.format,)


def _too_large(file: SourceFile, size: str) -> Problem:
    return Problem(file.name, f"picture too large: {size}", "make it smaller and import that")


def _lines(pixels: npt.NDArray[np.uint8]) -> list[Line]:
    """What OCR finds; where it finds nothing, what it finds with the contrast stretched."""
    from memassist.ingest.readers.ocr import recognise_lines

    found = recognise_lines(pixels)
    return found or recognise_lines(stretched(pixels))


def stretched(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a picture in greys from black to white: faint text stands out then."""
    import numpy as np
    from PIL import Image, ImageOps

    grey = ImageOps.autocontrast(Image.fromarray(pixels).convert("L"), cutoff=1)
    return np.asarray(grey.convert("RGB"), dtype=np.uint8)
