"""The process that reads pictures: `python -m memassist.ingest.capture.recogniser_worker`.

Reads pictures from standard input and writes the lines on them to standard output (the framing is
in recogniser.py). It bounds itself before it reads any: no file can be written, no core is dumped,
memory is limited, and it takes what time other programs leave.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import time
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # None stands for the module that is not there

HEADER = struct.Struct("<II")
"""Height and width of a picture; its bytes follow, blue, green and red."""
LENGTH = struct.Struct("<I")
"""Bytes of an answer; it follows, as JSON."""
_NICENESS = 10
_OUT_OF_MEMORY = 71
_LONGEST_SIDE = 4096


def main() -> None:
    """Serve pictures until standard input ends."""
    _bound(int(sys.argv[1]))
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for an answer, and nobody reads it.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    while len(header := sys.stdin.buffer.read(HEADER.size)) == HEADER.size:
        height, width = HEADER.unpack(header)
        _serve(sys.stdin.buffer.read(height * width * 3), height, width, answers)


def _bound(memory_bytes: int) -> None:
    with contextlib.suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(_NICENESS)
    if resource is None:
        return
    # So that the libraries' bytecode is there or not, but never written from here.
    sys.dont_write_bytecode = True
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS refuses a limit on address space
            resource.setrlimit(kind, (amount, amount))


def _serve(content: bytes, height: int, width: int, answers: BinaryIO) -> None:
    import numpy as np

    from memassist.ingest.readers.ocr import EngineSettings, recognise_lines
    from memassist.ingest.readers.picture import stretched
    from memassist.plugins.errors import UnreadableFileError

    answer: dict[str, object] = {}
    try:
        pixels = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        settings = EngineSettings(_LONGEST_SIDE, threads=1)
        lines = recognise_lines(pixels, settings)
        if not lines and pixels.size and pixels.min() != pixels.max():
            lines = recognise_lines(stretched(pixels), settings)
        answer["lines"] = [
            [line.text, line.left, line.top, line.right, line.bottom] for line in lines
        ]
    except UnreadableFileError as error:
        answer |= {"error": error.reason, "advice": error.advice}
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    # Of the whole process: loading the engine counts too.
    answer["cpu_seconds"] = time.process_time()
    told = json.dumps(answer).encode("ascii")
    answers.write(LENGTH.pack(len(told)) + told)
    answers.flush()


if __name__ == "__main__":
    main()
