"""Runs the tests that need llama.cpp, beside the project's own environment.

usage: python tests/llm/run.py [--packages DIRECTORY] [words for pytest]

Run it with the project's interpreter. llama-cpp-python is compiled at the first run, for 5 to 10
minutes with two cores, and kept: in DIRECTORY, else $MEMASSIST_LLM_PACKAGES, else the user's cache
directory. That holds the package and what it needs beyond the project, so that it hides nothing of
the project's own environment; the interpreter finds it by PYTHONPATH. Ends as pytest does.
"""

# ruff: noqa: T201 - a script that says what it does

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

REPOSITORY = Path(__file__).parents[2]
READY_FILE = "llm-ready"
PACKAGES = (
    "llama-cpp-python==0.3.36",
    "diskcache==5.6.3",
    "jinja2==3.1.6",
    "markupsafe==3.0.4",
    # Writes the GGUF files of the tests.
    "gguf==0.19.0",
)
"""What the project's own environment lacks. Without their requirements, which it has."""
BUILD_VARIABLES = {
    # For any processor of this kind, as the directory may be carried to another machine.
    "CMAKE_ARGS": "-DGGML_NATIVE=OFF",
    "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1),
}
REQUIRED = "MEMASSIST_LLM_REQUIRED"
"""Set for the tests: here a missing llama.cpp is a failure and no skip."""


def install(directory: Path) -> None:
    if not any(map(shutil.which, ("c++", "g++", "clang++"))):
        sys.exit("compiling llama.cpp needs a C++ compiler, such as the package g++")
    print("compiling llama.cpp, which takes some minutes", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", str(directory)]
    command += ["--python", sys.executable, *PACKAGES]
    subprocess.run(command, check=True, env=os.environ | BUILD_VARIABLES)
    (directory / READY_FILE).write_text("\n".join(PACKAGES))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path)
    arguments, words = parser.parse_known_args()
    told = arguments.packages or os.environ.get("MEMASSIST_LLM_PACKAGES")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    kept = platformdirs.user_cache_path("memassist", appauthor=False) / f"llm-{version}"
    directory = Path(told).absolute() if told else kept
    ready = directory / READY_FILE
    if not ready.is_file() or ready.read_text() != "\n".join(PACKAGES):
        install(directory)
    environment = os.environ | {"PYTHONPATH": str(directory), REQUIRED: "1"}
    command = [sys.executable, "-m", "pytest", "tests/llm", *words]
    return subprocess.run(command, check=False, cwd=REPOSITORY, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
