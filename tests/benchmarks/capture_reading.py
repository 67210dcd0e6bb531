"""How well screens are read, how long it takes, and how many secrets on them are masked.

Run it from the repository's root, with the data beside it:

    uv run python tests/benchmarks/capture_reading.py

Three tables: character error rate on real screenshots (`../shared/data/screens`), the golden set
of secrets (`tests/ingest/test_secrets_golden.py`) drawn on pictures and read back, and processor
seconds for a full screen and for one changed line of it.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from memassist.ingest.capture.reading import WindowText
from memassist.ingest.capture.recogniser import ProcessRecogniser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memassist.ingest.capture.desktop import Pixels
    from memassist.ingest.capture.reading import Reading

ROOT = Path(__file__).parents[2]
SCREENS = ROOT.parent / "shared" / "data" / "screens"
GOLDEN = ROOT / "tests" / "ingest" / "test_secrets_golden.py"
WIDEST_CHARACTERS = 100
CHINESE = re.compile("[\u3000-\u9fff\uac00-\ud7af]")
SENTENCE = """the heat pump of the house in Leeds costs euros and the service in May is part of
the offer that Maria sent for the Kestrel project last week with a plan and two drawings"""
WORDS = SENTENCE.split()


def pixels_of(picture: Image.Image) -> Pixels:
    """Return a picture as a screen gives it."""
    colours = np.asarray(picture.convert("RGB"))
    pixels = np.zeros((*colours.shape[:2], 4), np.uint8)
    pixels[:, :, :3] = colours[:, :, ::-1]
    return pixels


def page(lines: Sequence[str], size: tuple[int, int], points: int = 16) -> Image.Image:
    """Return a white page with lines on it."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype("DejaVuSans.ttf", points)  # apt install fonts-dejavu-core
    for number, line in enumerate(lines):
        pen.text((16, 12 + number * (points + 10)), line, font=font, fill="black")
    return picture


def text_of(reading: Reading) -> str:
    """Return what was read, line by line."""
    return "\n".join(" ".join(line.text for line in row) for row in reading.rows)


def squeezed(text: str) -> str:
    """Return a text with one space where it had any."""
    return " ".join(text.split())


def screens(recogniser: ProcessRecogniser) -> None:
    """Print the character error rate, or the share of key phrases, of each screenshot."""
    print("| screenshot | pixels | error rate | key phrases | seconds of a core |")
    print("|---|---|---|---|---|")
    for truth in json.loads((SCREENS / "truth.json").read_text(encoding="utf-8")):
        with Image.open(SCREENS / truth["image"]) as picture:
            pixels = pixels_of(picture)
        reading = WindowText().read(pixels, recogniser)
        found = squeezed(text_of(reading))
        rate = phrases = ""
        if truth.get("expected_text"):
            wanted = squeezed(truth["expected_text"])
            rate = f"{Levenshtein.distance(wanted, found) / len(wanted):.3f}"
        if truth.get("key_phrases"):
            plain = re.sub(r"\W+", "", found).casefold()
            hits = sum(re.sub(r"\W+", "", one).casefold() in plain for one in truth["key_phrases"])
            phrases = f"{hits} of {len(truth['key_phrases'])}"
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        print(f"| {truth['image']} | {size} | {rate} | {phrases} | {reading.cpu_seconds:.1f} |")


def golden(recogniser: ProcessRecogniser) -> None:
    """Print recall and false positives of masking on pictures, and what was missed."""
    spec = importlib.util.spec_from_file_location("golden", GOLDEN)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    masked = total = 0
    missed: list[str] = []
    for text, secret in module.SECRETS:
        if CHINESE.search(text):
            continue  # no font here has them
        reading = read_text(text, recogniser)
        total += 1
        if reading.secret_lines and not leaks(secret, text_of(reading)):
            masked += 1
        else:
            missed.append(f"{text[:70]!r} read as {text_of(reading)[:90]!r}")
    wrongly = [text for text in module.BENIGN if read_text(text, recogniser).secret_lines]
    print(f"\nsecrets masked: {masked} of {total} ({masked / total:.3f})")
    print(f"ordinary texts masked: {len(wrongly)} of {len(module.BENIGN)}")
    for line in missed:
        print("  missed:", line)
    for text in wrongly:
        print("  wrongly:", repr(text[:90]))


def read_text(text: str, recogniser: ProcessRecogniser) -> Reading:
    """Draw a text, broken at the width of a window, and read it."""
    lines = [
        line[start : start + WIDEST_CHARACTERS]
        for line in text.split("\n")
        for start in range(0, max(1, len(line)), WIDEST_CHARACTERS)
    ]
    picture = page(lines, (1100, 40 + 26 * len(lines)))
    return WindowText().read(pixels_of(picture), recogniser)


def leaks(secret: str, read: str) -> bool:
    """Whether a good part of a secret stands in what was read: eight characters in a row."""
    bare = re.sub(r"\W+", "", secret)
    found = re.sub(r"\W+", "", read)
    width = min(8, len(bare))
    return any(bare[at : at + width] in found for at in range(len(bare) - width + 1))


def times(recogniser: ProcessRecogniser) -> None:
    """Print what a full screen of 1920 x 1080 takes, and one changed line of it."""
    choose = random.Random(7)
    lines = [
        " ".join(choose.choice(WORDS) for _ in range(14)) + f" {choose.randrange(10**5)}"
        for _ in range(40)
    ]
    text = WindowText()
    print("\n| 1920 x 1080, 40 lines of 80 characters | seconds of a core | by the clock |")
    print("|---|---|---|")
    for name, at in (("all of it", None), ("one changed line", 20), ("another", 31)):
        if at is not None:
            lines[at] = f"a changed line {choose.randrange(10**6)}"
        began = time.monotonic()
        reading = text.read(pixels_of(page(lines, (1920, 1080))), recogniser)
        taken = time.monotonic() - began
        print(f"| {name} | {reading.cpu_seconds:.2f} | {taken:.2f} |")
        assert at is None or text_of(reading) == lines[at], text_of(reading)


def main() -> None:
    """Print all three."""
    recogniser = ProcessRecogniser()
    recogniser.read(pixels_of(page(["warm"], (300, 60)))[:, :, :3])
    try:
        times(recogniser)
        if SCREENS.is_dir():
            print()
            screens(recogniser)
        golden(recogniser)
    finally:
        recogniser.close()


if __name__ == "__main__":
    main()
