"""Read the text on pixels in another process, with bounds on its memory and time.

Text recognition takes 300 MB and now and then a large picture's while; a crash or a hang of it
costs one picture. The process gets pixels through a pipe and no address of the store, holds no key
and can write no file, so nothing that was on a screen is left when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from memassist.ingest.capture.errors import CaptureError
from memassist.ingest.capture.recogniser_worker import HEADER, LENGTH
from memassist.ingest.readers.picture_layout import Line

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MEMORY_BYTES = 4_000_000_000
"""Of address space, of which some 300 MB are used."""
ANSWER_SECONDS = 90.0
"""For one picture, the loading of the models among it. A full screen of text takes 5 s."""
IDLE_SECONDS = 600.0
"""A process that has nothing to read for so long is let go."""
PICTURES_PER_PROCESS = 2_000
"""Then a new one: what the libraries leak does not add up."""
_LONGEST_ANSWER_BYTES = 16 << 20
_PASSED_ON = frozenset(
    {"PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    | {"LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "TEMP", "TMP", "__PYVENV_LAUNCHER__"}
)


class RecognitionError(CaptureError):
    """The text on a picture could not be read."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What stood on a picture, and what finding it took."""

    lines: tuple[Line, ...]
    """In no order."""
    cpu_seconds: float


class Recogniser(Protocol):
    """Reads text on pixels."""

    def read(self, pixels: npt.NDArray[np.uint8]) -> Recognised:
        """Return the lines on `uint8[height, width, 3]`, blue, green and red.

        Raises `RecognitionError`.
        """

    def rest(self) -> None:
        """Called now and then while there is nothing to read."""

    def close(self) -> None:
        """Let go of what it holds."""


class ProcessRecogniser:
    """RapidOCR in a process of its own, started when there is something to read."""

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Start nothing yet."""
        self._answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._cpu_seconds = 0.0
        self._pictures = 0
        self._used_at = 0.0

    def read(self, pixels: npt.NDArray[np.uint8]) -> Recognised:
        """Return the lines on `uint8[height, width, 3]`, blue, green and red.

        Raises `RecognitionError`; the next picture gets a new process then.
        """
        if self._pictures >= PICTURES_PER_PROCESS:
            self.close()
        answer: dict[str, Any] = json.loads(self._ask(pixels))  # of our own process
        self._used_at = time.monotonic()
        self._pictures += 1
        total = float(answer["cpu_seconds"])
        spent, self._cpu_seconds = total - self._cpu_seconds, total
        if "error" in answer:
            self.close()
            raise RecognitionError(str(answer["error"]), str(answer["advice"]))
        lines = tuple(
            Line(str(text), int(left), int(top), int(right), int(bottom))
            for text, left, top, right, bottom in answer["lines"]
        )
        return Recognised(lines, spent)

    def rest(self) -> None:
        """Let the process go when it has had nothing to do for long."""
        if self._process is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        self._cpu_seconds, self._pictures = 0.0, 0
        if process is None:
            return
        process.kill()  # it holds nothing that has to be brought to an end
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # half a picture was on its way

    def _ask(self, pixels: npt.NDArray[np.uint8]) -> bytes:
        process = self._process = self._process or _started()
        assert process.stdin is not None
        assert process.stdout is not None
        height, width, _ = pixels.shape
        # A pipe has no time-out; the end of the process ends the reading from it.
        watch = threading.Timer(self._answer_seconds, process.kill)
        watch.start()
        try:
            process.stdin.write(HEADER.pack(height, width))
            process.stdin.write(pixels.tobytes())
            process.stdin.flush()
            length = process.stdout.read(LENGTH.size)
            size = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else 0
            told = process.stdout.read(size) if 0 < size <= _LONGEST_ANSWER_BYTES else b""
        except OSError as error:
            self.close()
            raise RecognitionError("The text recognition broke down.") from error
        finally:
            watch.cancel()
        if not told or len(told) < size:
            self.close()
            raise RecognitionError("The text recognition broke down or took too long.")
        return told


def _started() -> subprocess.Popen[bytes]:
    """Start a process that knows of this one no more than where the program lies."""
    environment = {name: text for name, text in os.environ.items() if name in _PASSED_ON}
    return subprocess.Popen(
        [sys.executable, "-m", "memassist.ingest.capture.recogniser_worker", str(MEMORY_BYTES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
        cwd="/",
    )
