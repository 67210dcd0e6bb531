"""What a command loads: only what it needs, so that it starts quickly."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "from memassist.ui.cli import main; main()"
HEAVY = {"textual", "torch", "onnxruntime", "llama_cpp", "sentence_transformers"}
NEVER_IN_SEARCH = {"textual", "torch", "llama_cpp"}


def packages_loaded_by(*words: str) -> set[str]:
    """Run the command line in a process of its own and return the top packages it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    lines = done.stderr.splitlines()
    timed = [line for line in lines if line.startswith("import time:")]
    assert done.returncode == 0, "\n".join(line for line in lines if line not in timed)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in timed}
    assert "click" in loaded
    return loaded


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with one thing in it."""
    place = tmp_path_factory.mktemp("imports")
    home = place / "home"
    packages_loaded_by("--home", str(home), "init", "--key-file", str(place / "key"))
    packages_loaded_by("--home", str(home), "add", "The heat pump is serviced in May.")
    return home


def test_help_loads_nothing_heavy() -> None:
    loaded = packages_loaded_by("--help")
    assert not loaded & (HEAVY | {"rich", "dateparser", "PIL"})


@pytest.mark.parametrize(
    "words",
    [("stats", "--json"), ("search", "--lexical", "heat", "pump")],
    ids=["stats", "lexical search"],
)
def test_a_command_without_a_model_loads_nothing_heavy(home: Path, words: tuple[str, ...]) -> None:
    assert not packages_loaded_by("--home", str(home), *words) & HEAVY


@pytest.mark.parametrize(
    "words",
    [("stats",), ("memories", "list"), ("timeline",)],
    ids=["stats", "memories", "timeline"],
)
def test_a_command_that_searches_nothing_loads_no_numbers(
    home: Path, words: tuple[str, ...]
) -> None:
    assert not packages_loaded_by("--home", str(home), *words) & {"numpy", "rich"}


def test_search_loads_the_small_runtime_alone(home: Path) -> None:
    loaded = packages_loaded_by("--home", str(home), "search", "heating")
    if "onnxruntime" not in loaded:
        pytest.skip("no embedding model: uv installs it by its group models")
    assert not loaded & NEVER_IN_SEARCH


def test_the_whole_package_can_be_imported_without_its_extras(repository: Path) -> None:
    paths = [
        path
        for layer in ("assistant", "ingest", "plugins", "store", "ui")
        for path in (repository / layer).rglob("*.py")
    ]
    names = sorted(
        ".".join(("memassist", *path.relative_to(repository).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
        for path in paths
    )
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(*sorted({'torch', 'sentence_transformers', 'llama_cpp'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
