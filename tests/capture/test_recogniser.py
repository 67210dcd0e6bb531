"""The process that reads pictures: what it reads, and what happens when it breaks."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from memassist.ingest.capture.recogniser import ProcessRecogniser, RecognitionError

if TYPE_CHECKING:
    import numpy.typing as npt


@pytest.fixture
def pixels(page: Any) -> npt.NDArray[np.uint8]:
    return np.asarray(page(["The heat pump costs", "14,200 euros"], (420, 120)))[:, :, ::-1].copy()


def child() -> psutil.Process:
    (found,) = [
        one
        for one in psutil.Process().children()
        # A child of another test that has ended may still wait to be collected.
        if one.status() != psutil.STATUS_ZOMBIE
        and "memassist.ingest.capture.recogniser_worker" in one.cmdline()
    ]
    return found


def test_lines_are_read_with_their_places(
    recogniser: ProcessRecogniser, pixels: npt.NDArray[np.uint8]
) -> None:
    read = recogniser.read(pixels)
    first, second = sorted(read.lines, key=lambda line: line.top)
    assert (first.text, second.text) == ("The heat pump costs", "14,200 euros")
    assert 0 <= first.left < first.right <= 420
    assert first.bottom <= second.top + 8
    assert read.cpu_seconds > 0
    assert recogniser.read(pixels).cpu_seconds < read.cpu_seconds  # the models are there by now


def test_a_process_that_dies_costs_one_picture(
    recogniser: ProcessRecogniser, pixels: npt.NDArray[np.uint8]
) -> None:
    recogniser.read(pixels)
    child().kill()
    with pytest.raises(RecognitionError):
        recogniser.read(pixels)
    assert len(recogniser.read(pixels).lines) == 2


def test_a_process_that_hangs_is_ended(pixels: npt.NDArray[np.uint8]) -> None:
    recogniser = ProcessRecogniser(answer_seconds=20.0)
    recogniser.read(pixels)
    hung = child()
    hung.send_signal(signal.SIGSTOP)
    recogniser._answer_seconds = 0.3
    with pytest.raises(RecognitionError):
        recogniser.read(pixels)
    assert not hung.is_running()
    recogniser.close()


def test_it_can_write_no_file_and_knows_nothing(
    recogniser: ProcessRecogniser,
    pixels: npt.NDArray[np.uint8],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMASSIST_KEY_FILE", "somewhere")
    recogniser.read(pixels)
    process = child()
    assert not [name for name in process.environ() if name.startswith(("MEMASSIST", "DISPLAY"))]
    if hasattr(process, "rlimit"):
        assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert process.rlimit(psutil.RLIMIT_AS)[0] < 8 << 30
    assert process.nice() > os.nice(0)


def test_it_ends_with_the_one_that_started_it(
    recogniser: ProcessRecogniser, pixels: npt.NDArray[np.uint8]
) -> None:
    recogniser.read(pixels)
    process = child()
    recogniser.close()
    assert not process.is_running()
