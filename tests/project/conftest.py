"""Copies of the tree, so that a test can build or break one without touching the real one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LAYERS = ("assistant", "ingest", "plugins", "store", "ui")


def files_of(tree: Path) -> list[str]:
    """Return the tree's files as git knows them: tracked, or new and not ignored."""
    command = [
        "git",
        "-C",
        str(tree),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted({name for name in listed if name and (tree / name).is_file()})


def make_links(tree: Path) -> None:
    """Make what `just links` makes: a `memassist` package that type checkers can follow."""
    place = tree / ".typecheck" / "memassist"
    place.mkdir(parents=True, exist_ok=True)
    for layer in LAYERS:
        (place / layer).symlink_to(Path("..", "..", layer))


@pytest.fixture(scope="session")
def tree_files() -> Callable[[Path], list[str]]:
    """Return the function that lists a tree's files."""
    return files_of


@pytest.fixture(scope="session")
def copy_tree(repository: Path) -> Callable[[Path], Path]:
    """Return a function that copies the working tree, without what git ignores, to a new place."""

    def copy(target: Path) -> Path:
        for name in files_of(repository):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            # A file of somebody who is just saving it may be gone again.
            if (repository / name).is_file():
                shutil.copy2(repository / name, target / name)
        subprocess.run(["git", "init", "--quiet", target], check=True)
        make_links(target)
        return target

    return copy


@pytest.fixture(scope="session")
def build(
    copy_tree: Callable[[Path], Path],
    outside_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Path]:
    """Return a function that builds a distribution from a copy of the tree, by uv."""
    if shutil.which("uv") is None:
        pytest.skip("uv builds the wheel: pip install uv")

    def build_one(source: Path | None = None, *options: str) -> Path:
        source = source or copy_tree(tmp_path_factory.mktemp("tree"))
        target = tmp_path_factory.mktemp("dist")
        command = ["uv", "build", "--quiet", *options, "--out-dir", str(target), str(source)]
        done = subprocess.run(
            command, env=outside_environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        suffix = ".tar.gz" if "--sdist" in options else ".whl"
        (built,) = target.glob(f"*{suffix}")
        return built

    return build_one
