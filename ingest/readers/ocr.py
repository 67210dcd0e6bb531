"""RapidOCR, one engine a process, silent and off the network.

The models are those in the package's own wheel, named by path: left to itself RapidOCR would
download whatever it misses.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from memassist.ingest.readers.picture_layout import Line
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.telemetry import refuse_telemetry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine looks at a picture."""

    longest_side: int | None = None
    """Larger pictures are made smaller, and smaller ones are left alone, so that a strip costs what
    a strip is. None is RapidOCR's own way, which enlarges what is less than 736 pixels high or
    wide: right for small cut-outs."""
    threads: int | None = None
    """None takes as many as there are cores."""


class _Result(Protocol):
    @property
    def boxes(self) -> npt.NDArray[np.float32] | None: ...
    @property
    def txts(self) -> Sequence[str] | None: ...


class _Engine(Protocol):
    def __call__(self, picture: npt.NDArray[np.uint8], /) -> _Result: ...


def recognise_lines(
    pixels: npt.NDArray[np.uint8], settings: EngineSettings = EngineSettings()
) -> list[Line]:
    """Return the lines of text in `uint8[height, width, 3]` (blue, green, red), in no order.

    Callable from any thread; one picture is worked on at a time. Raises `UnreadableFileError`
    where the engine can't be loaded or fails on the picture.
    """
    with _LOCK:
        engine = _engine(settings)
        try:
            result = engine(pixels)
        # RapidOCR wraps what ONNX Runtime and OpenCV raise in classes of its own.
        except Exception as error:
            raise UnreadableFileError("the text recognition failed on this picture") from error
    if result.boxes is None or result.txts is None:
        return []
    lines: list[Line] = []
    for corners, text in zip(result.boxes, result.txts, strict=True):
        across = [float(corner[0]) for corner in corners]
        down = [float(corner[1]) for corner in corners]
        if text.strip():
            lines.append(
                Line(
                    text.strip(),
                    max(0, int(min(across))),
                    max(0, int(min(down))),
                    int(max(across)),
                    int(max(down)),
                )
            )
    return lines


@cache
def _engine(settings: EngineSettings) -> _Engine:
    refuse_telemetry()  # of ONNX Runtime, which runs the models
    try:
        import rapidocr
    except ImportError as error:
        raise UnreadableFileError(
            "the text recognition is not installed", "install the package rapidocr"
        ) from error
    from pathlib import Path

    # Its logger writes to stderr with a handler of its own.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    folder = Path(rapidocr.__file__).parent / "models"
    parameters: dict[str, object] = {
        "Global.log_level": "critical",
        # Screens and scans stand upright, and the classifier turned whole lines of small type
        # upside down: without it 4 of 11 sample pictures went from rubbish to exact.
        "Global.use_cls": False,
    }
    if settings.longest_side is not None:
        parameters |= {"Det.limit_type": "max", "Det.limit_side_len": settings.longest_side}
        parameters["Global.max_side_len"] = settings.longest_side
    if settings.threads is not None:
        parameters["EngineConfig.onnxruntime.intra_op_num_threads"] = settings.threads
        parameters["EngineConfig.onnxruntime.inter_op_num_threads"] = settings.threads
    if settings.threads == 1:
        # Lines that are read together are filled up to the longest: a quarter of the time.
        parameters["Rec.rec_batch_num"] = 1
    for part, name in _MODELS.items():
        path = folder / name
        if not path.is_file():
            raise UnreadableFileError(
                f"the text recognition misses its model {name}",
                "install rapidocr 3.10 again, or another version of memassist",
            )
        parameters[f"{part}.model_path"] = str(path)
    return cast("_Engine", rapidocr.RapidOCR(params=parameters))
